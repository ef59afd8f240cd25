//! Journals as files: what lasts, who holds one, and what becomes of one that is torn or not understood.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use wharf::fleet::ContextId;
use wharf::journal::{Hold, Journal, OpenError, StoredRecord, Unreadable};
use wharf::plan::{Entry, Event, Plan, Record, Reply, Stabilization, Step, StepOutcome, StepResult, Track, steps};

use super::plans::{plan, target};
use crate::fixture::{after, service_arn, start};

fn scale(bits: u64) -> Plan {
    let target = target(&ContextId::new("prod us-east-1"), &service_arn("main/web"), "california/staging");
    plan(
        bits,
        start(),
        vec![Track { target, after: vec![], steps: vec![Step::DesiredCount(steps::DesiredCount { from: 2, to: 3 })] }],
    )
}

/// One line of each kind, as they come.
fn lines(plan: &Plan) -> Vec<Entry> {
    let ending =
        StepResult { verdict: StepOutcome::Done, why: "2 > 3 tasks".to_owned(), request_id: Some("r\n\"1".to_owned()) };
    let entries = [
        Event::Planned(Box::new(plan.clone())),
        Event::Intent { track: 0, step: 0, call: "UpdateService … desiredCount=3".to_owned() },
        Event::Reply { track: 0, step: 0, outcome: Reply::Accepted { request_id: None } },
        Event::Resumed,
        Event::StepEnded { track: 0, step: 0, ending },
        Event::Finished,
        Event::Stabilization { track: 0, settling: Stabilization::Unstable("not at rest".to_owned()) },
        Event::Interrupted { by: "SIGTERM".to_owned(), left: "nothing".to_owned() },
    ];
    (0..).zip(entries).map(|(at, entry)| Entry { at: after(at), event: entry }).collect()
}

/// A journal of plan 1 in `journal`, with the first so many lines.
fn written(journal: &Journal, count: usize) -> Record {
    let plan = scale(1);
    let lines = lines(&plan)[..count].to_vec();
    let mut log = journal.open(&plan, start()).unwrap();
    for line in &lines {
        log.write(line).unwrap();
    }
    Record { plan, lines }
}

fn only_file(directory: &Path) -> PathBuf {
    let [file] =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>().try_into().unwrap();
    file
}

fn free(record: Record) -> Vec<Result<StoredRecord, Unreadable>> {
    vec![Ok(StoredRecord { record, hold: Hold::Free })]
}

fn places() -> (tempfile::TempDir, [Journal; 2]) {
    let directory = tempfile::tempdir().unwrap();
    let journals = [Journal::in_directory(directory.path().join("state/wharf/journal")), Journal::in_memory()];
    (directory, journals)
}

#[test]
fn what_was_written_is_read_back_on_disk_as_in_memory() {
    let (_directory, journals) = places();
    for journal in journals {
        assert_eq!(journal.records(), []);
        let record = written(&journal, 8);
        assert_eq!(journal.records(), free(record));
        assert_eq!(journal.unfinished(), []);
    }
}

#[test]
fn a_file_is_its_owners_alone_and_is_named_by_time_and_plan() {
    let place = tempfile::tempdir().unwrap();
    let directory = place.path().join("wharf/journal");
    let record = written(&Journal::in_directory(directory.clone()), 1);
    let file = only_file(&directory);
    let name = format!("20261120T120000Z-{}.jsonl", record.plan.id);
    assert_eq!(file.file_name().unwrap().to_str(), Some(name.as_str()));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&directory), mode(&file)), (0o700, 0o600));
}

#[test]
fn while_a_log_lives_nobody_else_takes_the_plan_up() {
    let (_directory, journals) = places();
    for journal in journals {
        let record = written(&journal, 2);
        let log = journal.reopen(&record).unwrap();
        assert_eq!(journal.records(), [Ok(StoredRecord { record: record.clone(), hold: Hold::Held })]);
        assert_eq!(journal.unfinished(), []);
        assert!(matches!(journal.reopen(&record), Err(OpenError::Held)));
        drop(log);
        assert_eq!(journal.unfinished(), std::slice::from_ref(&record));
        journal.reopen(&record).unwrap();
    }
}

#[test]
fn what_another_wharf_wrote_meanwhile_is_seen_before_a_plan_is_taken_up() {
    let (_directory, journals) = places();
    for journal in journals {
        let record = written(&journal, 2);
        let lines = lines(&record.plan);
        journal.reopen(&record).unwrap().write(&lines[2]).unwrap();
        assert!(matches!(journal.reopen(&record), Err(OpenError::Changed)));
    }
}

#[test]
fn a_plan_that_was_cut_short_is_unfinished_until_every_step_is_over() {
    let (_directory, journals) = places();
    for journal in journals {
        let plan = scale(1);
        let mut log = journal.open(&plan, start()).unwrap();
        let mut unfinished = vec![];
        for line in lines(&plan) {
            log.write(&line).unwrap();
            drop(log);
            unfinished.push(journal.unfinished().len());
            let found = journal.records().remove(0).unwrap();
            log = journal.reopen(&found.record).unwrap();
        }
        assert_eq!(unfinished, [1, 1, 1, 1, 1, 0, 0, 0]);
    }
}

#[test]
fn a_plan_that_somebody_left_as_it_is_or_took_back_is_no_longer_unfinished() {
    let (_directory, journals) = places();
    for journal in journals {
        let record = written(&journal, 2);
        assert_eq!(journal.unfinished(), std::slice::from_ref(&record));
        let back = Plan { undoes: Some(record.plan.id.clone()), ..scale(2) };
        let mut log = journal.open(&back, after(100)).unwrap();
        for line in lines(&back).iter().take(2) {
            log.write(line).unwrap();
        }
        assert_eq!(journal.unfinished(), std::slice::from_ref(&record), "it is only being taken back");
        log.write(&Entry { at: after(101), event: Event::Finished }).unwrap();
        drop(log);
        assert_eq!(journal.unfinished(), [], "taken back");

        let other = scale(3);
        let mut log = journal.open(&other, after(200)).unwrap();
        log.write(&lines(&other)[0]).unwrap();
        drop(log);
        assert_eq!(journal.unfinished().len(), 1);
        let found = journal.unfinished().remove(0);
        let mut log = journal.reopen(&found).unwrap();
        log.write(&Entry { at: after(201), event: Event::Dismissed }).unwrap();
        drop(log);
        assert_eq!(journal.unfinished(), [], "left as it is");
    }
}

#[test]
fn journals_come_the_newest_first_and_a_bad_one_hides_no_other() {
    let place = tempfile::tempdir().unwrap();
    let journal = Journal::in_directory(place.path().to_owned());
    for (bits, seconds) in [(3, 0), (1, 60), (2, 3_600)] {
        let plan = scale(bits);
        let line = Entry { at: after(seconds), event: Event::Planned(Box::new(plan.clone())) };
        journal.open(&plan, after(seconds)).unwrap().write(&line).unwrap();
    }
    fs::write(place.path().join("20261120T120030Z-garbage.jsonl"), "garbage\n").unwrap();
    fs::write(place.path().join("README"), "not a journal").unwrap();
    let found: Vec<Option<u64>> = journal
        .records()
        .into_iter()
        .map(|found| {
            let id = found.ok()?.record.plan.id;
            (1..4).find(|bits| scale(*bits).id == id)
        })
        .collect();
    assert_eq!(found, [Some(2), Some(1), None, Some(3)]);
    assert_eq!(journal.unfinished().len(), 3);
}

#[test]
fn a_journal_torn_at_any_byte_is_read_up_to_its_last_whole_line_and_goes_on_from_there() {
    let place = tempfile::tempdir().unwrap();
    let journal = Journal::in_directory(place.path().to_owned());
    let record = written(&journal, 8);
    let file = only_file(place.path());
    let text = fs::read(&file).unwrap();
    for end in 0..text.len() {
        fs::write(&file, &text[..end]).unwrap();
        let whole = text[..end].split(|byte| *byte == b'\n').count() - 1;
        let lines = record.lines[..whole].to_vec();
        let Some(Ok(found)) = journal.records().pop() else {
            assert_eq!((whole, journal.records().len()), (0, 0), "torn at byte {end}");
            continue;
        };
        assert_eq!(found.record.lines, lines, "torn at byte {end}");
        journal.reopen(&found.record).unwrap().write(&record.lines[whole]).unwrap();
        assert_eq!(journal.records().remove(0).unwrap().record.lines, record.lines[..=whole], "torn at byte {end}");
    }
}

#[test]
fn what_is_not_understood_is_named_with_file_and_line() {
    let place = tempfile::tempdir().unwrap();
    let journal = Journal::in_directory(place.path().to_owned());
    written(&journal, 2);
    let file = only_file(place.path());
    let text = fs::read_to_string(&file).unwrap();
    let (first, second) = text.split_once('\n').unwrap();
    let (no_line, no_seal, no_fit) =
        ("it is not a line of a journal: ", "it has no checksum", "its checksum does not fit");
    for (text, line, why) in [
        (format!("{first}\n{}\n", r#"{"at":"2026-11-20T12:00:00Z","event":"finished"}"#), 2, no_seal),
        (format!("{first}\n\n{second}"), 2, no_seal),
        (format!("{first}\n{}{second}", "\0".repeat(64)), 2, no_fit),
        ("[]\n".to_owned(), 1, no_line),
        (second.to_owned(), 1, no_line),
        (format!("{first}\n{first}\n"), 2, no_fit),
        (text.replace(scale(1).id.as_str(), scale(2).id.as_str()), 1, no_fit),
    ] {
        fs::write(&file, &text).unwrap();
        let Some(Err(unreadable)) = journal.records().pop() else { panic!("it was understood: {text}") };
        assert_eq!((&unreadable.path, unreadable.line), (&file, Some(line)), "{text}");
        assert!(unreadable.why.starts_with(why), "{unreadable}");
        assert!(unreadable.to_string().starts_with(&format!("{}, line {line}: ", file.display())), "{unreadable}");
    }
    assert_eq!(journal.unfinished(), []);
}

#[test]
fn a_plan_stands_on_the_first_line_only_and_in_the_file_of_its_name() {
    let place = tempfile::tempdir().unwrap();
    let journal = Journal::in_directory(place.path().to_owned());
    let record = written(&journal, 2);
    let file = only_file(place.path());
    let text = fs::read(&file).unwrap();
    journal.reopen(&record).unwrap().write(&record.lines[0]).unwrap();
    let Some(Err(unreadable)) = journal.records().pop() else { panic!("it was understood") };
    let first_only = "a plan stands on the first line, and nowhere else";
    assert_eq!((unreadable.line, unreadable.why.as_str()), (Some(3), first_only));
    fs::remove_file(&file).unwrap();
    fs::write(place.path().join(format!("20261120T120000Z-{}.jsonl", scale(2).id)), text).unwrap();
    let Some(Err(unreadable)) = journal.records().pop() else { panic!("it was understood") };
    assert!(unreadable.line == Some(1) && unreadable.why.starts_with("it is the journal of plan "), "{unreadable}");
}

#[test]
fn a_place_where_no_file_can_be_made_is_named() {
    let place = tempfile::tempdir().unwrap();
    let blocked = place.path().join("file");
    fs::write(&blocked, "").unwrap();
    let directory = blocked.join("journal");
    let journal = Journal::in_directory(directory.clone());
    let error = journal.open(&scale(1), start()).unwrap_err();
    assert!(error.to_string().contains(directory.to_str().unwrap()), "{error}");
    let Some(Err(unreadable)) = journal.records().pop() else { panic!() };
    assert_eq!((unreadable.path, unreadable.line), (directory, None));
}

#[test]
fn a_journal_that_is_gone_is_not_taken_up() {
    let (directory, journals) = places();
    let records: Vec<Record> = journals.iter().map(|journal| written(journal, 2)).collect();
    fs::remove_dir_all(directory.path().join("state")).unwrap();
    let error = journals[0].reopen(&records[0]).unwrap_err();
    assert_eq!(error.to_string(), format!("there is no journal of plan {}", scale(1).id));
    assert!(matches!(Journal::in_memory().reopen(&records[1]), Err(OpenError::Failed(_))));
}

proptest! {
    #[test]
    fn no_bytes_in_a_journal_make_it_fall_over(
        text in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..300),
            (0_usize..8, 0_usize..4_000, any::<u8>()).prop_map(|(count, at, byte)| {
                let place = tempfile::tempdir().unwrap();
                written(&Journal::in_directory(place.path().to_owned()), count);
                let mut text = fs::read(only_file(place.path())).unwrap();
                if let Some(place) = text.get_mut(at) {
                    *place = byte;
                }
                text
            }),
        ],
    ) {
        let place = tempfile::tempdir().unwrap();
        let id = scale(1).id;
        fs::write(place.path().join(format!("20261120T120000Z-{id}.jsonl")), &text).unwrap();
        let journal = Journal::in_directory(place.path().to_owned());
        for found in journal.records() {
            match found {
                Ok(found) => prop_assert!(journal.reopen(&found.record).is_ok()),
                Err(unreadable) => prop_assert!(unreadable.line.is_some()),
            }
        }
    }
}
