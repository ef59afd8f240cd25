//! Journals of plans: one file each, of lines that last once they are written, held while the plan is in progress.

mod format1;
mod lines;

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use etcetera::BaseStrategy;
use jiff::Timestamp;
use thiserror::Error;

use crate::plan::{Entry, Event, Plan, PlanId, Record, RecordState, record_state};
use lines::{Damage, Position};

/// Where journals are kept. Clones share one place.
#[derive(Clone, Debug)]
pub struct Journal {
    store: Store,
}

/// The journal of one plan, held: nobody else carries the plan out until it is dropped.
#[derive(Debug)]
pub struct JournalFile {
    writer: Writer,
}

/// A journal as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// The plan and its lines.
    pub record: Record,
    /// Whether somebody is at it.
    pub hold: Hold,
}

/// What an earlier run has left to look at, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review {
    /// Unfinished plans.
    pub unfinished: Vec<Record>,
    /// Journals that cannot be read: never passed over, never carried out.
    pub unreadable: Vec<Unreadable>,
}

/// Whether a journal is held by an execution, here or in another process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// It is: its plan is in progress.
    Held,
    /// It is not.
    Free,
}

/// A journal that cannot be understood, which is never passed over in silence.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}{}: {why}", path.display(), line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct Unreadable {
    /// The file, or the directory.
    pub path: PathBuf,
    /// The line, counted from one, where a line is at fault.
    pub line: Option<usize>,
    /// What is wrong.
    pub why: String,
}

/// Why a journal is not taken up again.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Its plan is in progress.
    #[error("the plan is being carried out by another wharf")]
    Held,
    /// More has been written since it was read.
    #[error("another wharf has resumed the plan in the meantime; look again")]
    Changed,
    /// It is not there, or cannot be written.
    #[error(transparent)]
    Failed(#[from] io::Error),
}

/// Where journals of real changes are kept: `$XDG_STATE_HOME/wharf/journal`, else `~/.local/state/wharf/journal`.
///
/// Nothing where the machine knows no home directory.
pub fn default_directory() -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.state_dir()?.join("wharf").join("journal"))
}

#[derive(Clone, Debug)]
enum Store {
    Directory(PathBuf),
    Memory(MemoryJournals),
}

/// Journals in memory, the oldest first.
type MemoryJournals = Arc<Mutex<Vec<MemoryJournal>>>;

#[derive(Debug)]
struct MemoryJournal {
    id: PlanId,
    lines: Vec<Entry>,
    hold: Hold,
}

#[derive(Debug)]
enum Writer {
    /// What stands in `file` up to `end` lasts; there may be rubbish behind it after a failure.
    File {
        file: File,
        path: PathBuf,
        end: u64,
        position: Position,
    },
    Memory {
        journals: MemoryJournals,
        id: PlanId,
    },
}

impl Journal {
    /// Journals as files in `directory`, which is made when it is first needed.
    pub fn in_directory(directory: PathBuf) -> Self {
        Self { store: Store::Directory(directory) }
    }

    /// Journals that are gone with the process: the demo's.
    pub fn in_memory() -> Self {
        Self { store: Store::Memory(MemoryJournals::default()) }
    }

    /// Begins the journal of `plan`, with nothing in it yet.
    ///
    /// # Errors
    ///
    /// The directory or the file cannot be made; the path is part of the error.
    pub fn open(&self, plan: &Plan, now: Timestamp) -> io::Result<JournalFile> {
        let writer = match &self.store {
            Store::Directory(directory) => {
                let path = directory.join(format!("{}-{}.jsonl", now.strftime("%Y%m%dT%H%M%SZ"), plan.id));
                let file = create(directory, &path).map_err(|error| named(&path, &error))?;
                Writer::File { file, path, end: 0, position: Position::start() }
            }
            Store::Memory(journals) => {
                lock(journals).push(MemoryJournal { id: plan.id.clone(), lines: vec![], hold: Hold::Held });
                Writer::Memory { journals: Arc::clone(journals), id: plan.id.clone() }
            }
        };
        Ok(JournalFile { writer })
    }

    /// Takes up the journal that `record` was read from, behind its last line.
    ///
    /// # Errors
    ///
    /// Why not; nothing is done to the journal then.
    pub fn reopen(&self, record: &Record) -> Result<JournalFile, OpenError> {
        let id = &record.plan.id;
        let writer = match &self.store {
            Store::Directory(directory) => {
                let path = find(directory, id)?;
                let file = OpenOptions::new().read(true).append(true).open(&path);
                let file = file.map_err(|error| named(&path, &error))?;
                if !acquire(&file).map_err(|error| named(&path, &error))? {
                    return Err(OpenError::Held);
                }
                let text = fs::read(&path).map_err(|error| named(&path, &error))?;
                let Ok((lines, position)) = lines::decode(&text) else { return Err(OpenError::Changed) };
                if lines != record.lines {
                    return Err(OpenError::Changed);
                }
                let end = lines::whole(&text) as u64;
                file.set_len(end).map_err(|error| named(&path, &error))?;
                Writer::File { file, path, end, position }
            }
            Store::Memory(journals) => {
                let mut all = lock(journals);
                let journal = all.iter_mut().find(|journal| journal.id == *id).ok_or_else(|| gone(id))?;
                match journal.hold {
                    Hold::Held => return Err(OpenError::Held),
                    Hold::Free if journal.lines != record.lines => return Err(OpenError::Changed),
                    Hold::Free => journal.hold = Hold::Held,
                }
                Writer::Memory { journals: Arc::clone(journals), id: id.clone() }
            }
        };
        Ok(JournalFile { writer })
    }

    /// All journals with at least the line that names their plan, the newest first.
    pub fn records(&self) -> Vec<Result<StoredRecord, Unreadable>> {
        match &self.store {
            Store::Directory(directory) => match files(directory) {
                Ok(paths) => paths.iter().rev().filter_map(|path| read(path).transpose()).collect(),
                Err(error) => vec![Err(Unreadable { path: directory.clone(), line: None, why: error.to_string() })],
            },
            Store::Memory(journals) => {
                let found = |journal: &MemoryJournal| {
                    Some(Ok(StoredRecord { record: record(&journal.lines)?, hold: journal.hold }))
                };
                lock(journals).iter().rev().filter_map(found).collect()
            }
        }
    }

    /// Unfinished plans, after a crash or because wharf was asked to end: no wharf carries them out, and steps
    /// of them are not over. The newest first. What another plan has undone is not among them.
    pub fn unfinished(&self) -> Vec<Record> {
        self.review().unfinished
    }

    /// What is left to look at: unfinished plans, and journals that cannot be read.
    pub fn review(&self) -> Review {
        let mut review = Review::default();
        let mut found = vec![];
        for each in self.records() {
            match each {
                Ok(one) => found.push(one),
                Err(unreadable) => review.unreadable.push(unreadable),
            }
        }
        let over = |record: &Record| record_state(&record.lines) == RecordState::Finished;
        let undone: BTreeSet<PlanId> = found
            .iter()
            .filter(|found| over(&found.record))
            .filter_map(|found| found.record.plan.undoes.clone())
            .collect();
        let left = |found: &StoredRecord| {
            found.hold == Hold::Free && !over(&found.record) && !undone.contains(&found.record.plan.id)
        };
        review.unfinished = found.into_iter().filter(left).map(|found| found.record).collect();
        review
    }
}

impl JournalFile {
    /// Writes `line`, whole, and waits until it lasts.
    ///
    /// # Errors
    ///
    /// The line does not count, and whatever there is of it is taken back; the path is part of the error.
    pub fn write(&mut self, line: &Entry) -> io::Result<()> {
        match &mut self.writer {
            Writer::File { file, path, end, position } => {
                let (text, behind) = position.encode(line)?;
                append(file, &text, *end).map_err(|error| named(path, &error))?;
                *end += text.len() as u64;
                *position = behind;
            }
            Writer::Memory { journals, id } => {
                if let Some(journal) = lock(journals).iter_mut().rev().find(|journal| journal.id == *id) {
                    journal.lines.push(line.clone());
                }
            }
        }
        Ok(())
    }
}

impl Drop for JournalFile {
    /// A file gives its lock up as it is closed.
    fn drop(&mut self) {
        if let Writer::Memory { journals, id } = &self.writer {
            lock(journals).iter_mut().filter(|journal| journal.id == *id).for_each(|journal| journal.hold = Hold::Free);
        }
    }
}

/// Makes the file, takes it, and makes sure that its name lasts too.
fn create(directory: &Path, path: &Path) -> io::Result<File> {
    DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    let file = OpenOptions::new().read(true).append(true).create_new(true).mode(0o600).open(path)?;
    // Nobody else can want it for longer than it takes to see whether it is free.
    file.lock()?;
    File::open(directory)?.sync_all()?;
    Ok(file)
}

/// Takes the lock of `file`, unless an execution holds it.
fn acquire(file: &File) -> io::Result<bool> {
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::Error(error)) => return Err(error),
            // One who only looks whether it is free shares it, for a moment.
            Err(TryLockError::WouldBlock) if is_held(file)? => return Ok(false),
            Err(TryLockError::WouldBlock) => std::thread::yield_now(),
        }
    }
}

/// Whether an execution holds the lock of `file`.
fn is_held(file: &File) -> io::Result<bool> {
    match file.try_lock_shared() {
        Ok(()) => file.unlock().map(|()| false),
        Err(TryLockError::WouldBlock) => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Writes `text` behind the first `end` bytes of `file`; if that fails, they are all that is left of it.
fn append(file: &mut File, text: &[u8], end: u64) -> io::Result<()> {
    if file.metadata()?.len() != end {
        file.set_len(end)?;
    }
    file.write_all(text).and_then(|()| file.sync_data()).inspect_err(|_| {
        // If this fails too, it is tried again before the next line, and a reader drops half a line.
        let _ = file.set_len(end);
    })
}

/// Journals in `directory`, the oldest first: their names begin with when they were begun.
fn files(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(error),
    };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>()?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "jsonl"));
    paths.sort();
    Ok(paths)
}

/// The file of the plan `id`.
fn find(directory: &Path, id: &PlanId) -> io::Result<PathBuf> {
    let paths = files(directory).map_err(|error| named(directory, &error))?;
    paths.into_iter().find(|path| names(path, id)).ok_or_else(|| gone(id))
}

fn names(path: &Path, id: &PlanId) -> bool {
    let name = path.file_stem().and_then(|name| name.to_str());
    name.and_then(|name| name.rsplit('-').next()) == Some(id.as_str())
}

/// What the file at `path` holds; nothing where it holds no line yet.
fn read(path: &Path) -> Result<Option<StoredRecord>, Unreadable> {
    let failed = |error: io::Error| Unreadable { path: path.to_owned(), line: None, why: error.to_string() };
    let file = File::open(path).map_err(failed)?;
    let hold = if is_held(&file).map_err(failed)? { Hold::Held } else { Hold::Free };
    let record = parse(path, &fs::read(path).map_err(failed)?)?;
    Ok(record.map(|record| StoredRecord { record, hold }))
}

/// The record of a journal's text; nothing where it holds no line yet.
fn parse(path: &Path, text: &[u8]) -> Result<Option<Record>, Unreadable> {
    let wrong = |Damage { line, why }| Unreadable { path: path.to_owned(), line: Some(line), why };
    let (lines, _) = lines::decode(text).map_err(wrong)?;
    let Some(record) = record(&lines) else { return Ok(None) };
    if names(path, &record.plan.id) {
        Ok(Some(record))
    } else {
        let why = format!("it is the journal of plan {}, which is not its name", record.plan.id);
        Err(wrong(Damage { line: 1, why }))
    }
}

fn record(lines: &[Entry]) -> Option<Record> {
    match &lines.first()?.event {
        Event::Planned(plan) => Some(Record { plan: (**plan).clone(), lines: lines.to_vec() }),
        _ => None,
    }
}

fn gone(id: &PlanId) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("there is no journal of plan {id}"))
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// What is guarded is valid whatever its last holder did.
fn lock(journals: &MemoryJournals) -> MutexGuard<'_, Vec<MemoryJournal>> {
    journals.lock().unwrap_or_else(PoisonError::into_inner)
}
