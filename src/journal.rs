//! Journals of plans: one file each, of lines that last once they are written, held while the plan is under way.

use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use etcetera::BaseStrategy;
use jiff::Timestamp;
use thiserror::Error;

use crate::plan::{Entry, Line, Plan, PlanId, Record, Standing, standing};

/// Where journals are kept. Clones share one place.
#[derive(Clone, Debug)]
pub struct Journal {
    shelf: Shelf,
}

/// The journal of one plan, held: nobody else carries the plan out until it is dropped.
#[derive(Debug)]
pub struct Log {
    pages: Pages,
}

/// A journal as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The plan and its lines.
    pub record: Record,
    /// Whether somebody is at it.
    pub hold: Hold,
}

/// Whether a journal is held by an execution, here or in another process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// It is: its plan is under way.
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
pub enum Closed {
    /// Its plan is under way.
    #[error("the plan is being carried out by another wharf")]
    Held,
    /// More has been written since it was read.
    #[error("the plan was taken up by another wharf meanwhile; look again")]
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
enum Shelf {
    Directory(PathBuf),
    Memory(Books),
}

/// Journals in memory, the oldest first.
type Books = Arc<Mutex<Vec<Book>>>;

#[derive(Debug)]
struct Book {
    id: PlanId,
    lines: Vec<Line>,
    hold: Hold,
}

#[derive(Debug)]
enum Pages {
    /// What stands in `file` up to `end` lasts; there may be rubbish behind it after a failure.
    File {
        file: File,
        path: PathBuf,
        end: u64,
    },
    Memory {
        books: Books,
        id: PlanId,
    },
}

impl Journal {
    /// Journals as files in `directory`, which is made when it is first needed.
    pub fn in_directory(directory: PathBuf) -> Self {
        Self { shelf: Shelf::Directory(directory) }
    }

    /// Journals that are gone with the process: the demo's.
    pub fn in_memory() -> Self {
        Self { shelf: Shelf::Memory(Books::default()) }
    }

    /// Begins the journal of `plan`, with nothing in it yet.
    ///
    /// # Errors
    ///
    /// The directory or the file cannot be made; the path is part of the error.
    pub fn open(&self, plan: &Plan, now: Timestamp) -> io::Result<Log> {
        let pages = match &self.shelf {
            Shelf::Directory(directory) => {
                let path = directory.join(format!("{}-{}.jsonl", now.strftime("%Y%m%dT%H%M%SZ"), plan.id));
                let file = create(directory, &path).map_err(|error| named(&path, &error))?;
                Pages::File { file, path, end: 0 }
            }
            Shelf::Memory(books) => {
                lock(books).push(Book { id: plan.id.clone(), lines: vec![], hold: Hold::Held });
                Pages::Memory { books: Arc::clone(books), id: plan.id.clone() }
            }
        };
        Ok(Log { pages })
    }

    /// Takes up the journal that `record` was read from, behind its last line.
    ///
    /// # Errors
    ///
    /// Why not; nothing is done to the journal then.
    pub fn reopen(&self, record: &Record) -> Result<Log, Closed> {
        let id = &record.plan.id;
        let pages = match &self.shelf {
            Shelf::Directory(directory) => {
                let path = find(directory, id)?;
                let file = OpenOptions::new().read(true).append(true).open(&path);
                let file = file.map_err(|error| named(&path, &error))?;
                if !take(&file).map_err(|error| named(&path, &error))? {
                    return Err(Closed::Held);
                }
                let text = fs::read(&path).map_err(|error| named(&path, &error))?;
                if parse(&path, &text).ok().flatten().as_ref() != Some(record) {
                    return Err(Closed::Changed);
                }
                let end = whole(&text).len() as u64;
                file.set_len(end).map_err(|error| named(&path, &error))?;
                Pages::File { file, path, end }
            }
            Shelf::Memory(books) => {
                let mut all = lock(books);
                let book = all.iter_mut().find(|book| book.id == *id).ok_or_else(|| gone(id))?;
                match book.hold {
                    Hold::Held => return Err(Closed::Held),
                    Hold::Free if book.lines != record.lines => return Err(Closed::Changed),
                    Hold::Free => book.hold = Hold::Held,
                }
                Pages::Memory { books: Arc::clone(books), id: id.clone() }
            }
        };
        Ok(Log { pages })
    }

    /// All journals with at least the line that names their plan, the newest first.
    pub fn records(&self) -> Vec<Result<Found, Unreadable>> {
        match &self.shelf {
            Shelf::Directory(directory) => match files(directory) {
                Ok(paths) => paths.iter().rev().filter_map(|path| read(path).transpose()).collect(),
                Err(error) => vec![Err(Unreadable { path: directory.clone(), line: None, why: error.to_string() })],
            },
            Shelf::Memory(books) => {
                let found = |book: &Book| Some(Ok(Found { record: record(&book.lines)?, hold: book.hold }));
                lock(books).iter().rev().filter_map(found).collect()
            }
        }
    }

    /// Plans that were cut short, by a crash or because wharf was told to end: nobody is at them, and steps
    /// of them are not over. The newest first. What another plan has taken back is not among them.
    pub fn unfinished(&self) -> Vec<Record> {
        let records = self.records();
        let over = |record: &Record| standing(&record.lines) == Standing::Finished;
        let undone: BTreeSet<PlanId> = records
            .iter()
            .filter_map(|found| Some(&found.as_ref().ok()?.record).filter(|record| over(record)))
            .filter_map(|record| record.plan.undoes.clone())
            .collect();
        let left = |found: Result<Found, Unreadable>| {
            let found = found.ok().filter(|found| found.hold == Hold::Free)?;
            let left = !over(&found.record) && !undone.contains(&found.record.plan.id);
            left.then_some(found.record)
        };
        records.into_iter().filter_map(left).collect()
    }
}

impl Log {
    /// Writes `line`, whole, and waits until it lasts.
    ///
    /// # Errors
    ///
    /// The line does not count, and whatever there is of it is taken back; the path is part of the error.
    pub fn write(&mut self, line: &Line) -> io::Result<()> {
        match &mut self.pages {
            Pages::File { file, path, end } => {
                let mut text = serde_json::to_vec(line)?;
                text.push(b'\n');
                append(file, &text, *end).map_err(|error| named(path, &error))?;
                *end += text.len() as u64;
            }
            Pages::Memory { books, id } => {
                if let Some(book) = lock(books).iter_mut().rev().find(|book| book.id == *id) {
                    book.lines.push(line.clone());
                }
            }
        }
        Ok(())
    }
}

impl Drop for Log {
    /// A file gives its lock up as it is closed.
    fn drop(&mut self) {
        if let Pages::Memory { books, id } = &self.pages {
            lock(books).iter_mut().filter(|book| book.id == *id).for_each(|book| book.hold = Hold::Free);
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
fn take(file: &File) -> io::Result<bool> {
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
fn read(path: &Path) -> Result<Option<Found>, Unreadable> {
    let failed = |error: io::Error| Unreadable { path: path.to_owned(), line: None, why: error.to_string() };
    let file = File::open(path).map_err(failed)?;
    let hold = if is_held(&file).map_err(failed)? { Hold::Held } else { Hold::Free };
    let record = parse(path, &fs::read(path).map_err(failed)?)?;
    Ok(record.map(|record| Found { record, hold }))
}

/// The lines of a journal. Half a line at its end was never written as far as anybody knows.
fn parse(path: &Path, text: &[u8]) -> Result<Option<Record>, Unreadable> {
    let wrong = |line: usize, why: String| Unreadable { path: path.to_owned(), line: Some(line), why };
    let mut lines = vec![];
    for (at, line) in whole(text).split_inclusive(|byte| *byte == b'\n').enumerate() {
        let line: Line = serde_json::from_slice(line)
            .map_err(|error| wrong(at + 1, format!("it is no line of a journal that this wharf knows: {error}")))?;
        if matches!(line.entry, Entry::Plan(_)) != (at == 0) {
            return Err(wrong(at + 1, "a plan stands on the first line, and nowhere else".to_owned()));
        }
        lines.push(line);
    }
    let Some(record) = record(&lines) else { return Ok(None) };
    if names(path, &record.plan.id) {
        Ok(Some(record))
    } else {
        Err(wrong(1, format!("it is the journal of plan {}, which is not its name", record.plan.id)))
    }
}

/// The part of `text` that ends with a line's end.
fn whole(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    &text[..end]
}

fn record(lines: &[Line]) -> Option<Record> {
    match &lines.first()?.entry {
        Entry::Plan(plan) => Some(Record { plan: (**plan).clone(), lines: lines.to_vec() }),
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
fn lock(books: &Books) -> MutexGuard<'_, Vec<Book>> {
    books.lock().unwrap_or_else(PoisonError::into_inner)
}
