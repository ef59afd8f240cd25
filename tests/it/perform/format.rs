//! The format of journals: what earlier wharfs wrote is read, what is damaged or newer is shown and never carried out.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use wharf::fleet::Arn;
use wharf::journal::{Journal, OpenError, Unreadable};
use wharf::plan::{
    Entry, Event, Plan, PlanId, Record, RecordState, Reply, Resource, Stabilization, Step, StepOutcome, StepResult,
    Track, Verb, VerbName, record_state, steps, undo,
};

use super::plans::{plan, target};
use super::stage::Stage;
use super::wire::Crash;
use crate::fixture::{after, service_arn, start};

macro_rules! format1 {
    ($name:literal) => {
        ($name, include_str!(concat!("format1/", $name)))
    };
}

/// Journals that wharf wrote before a file named its format, and one that was cut short.
const SCALED: (&str, &str) = format1!("20261128T174857Z-7tdnkyrfq90y.jsonl");
const REDEPLOYED: (&str, &str) = format1!("20261128T174902Z-wjvgvkm84vt7.jsonl");
const CUT_SHORT: (&str, &str) = format1!("20261120T120000Z-hcutshert234.jsonl");

/// The only journal of a directory with this file.
fn read((name, text): (&str, &str)) -> Record {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join(name), text).unwrap();
    let [found] = Journal::in_directory(place.path().to_owned()).records().try_into().unwrap();
    found.map(|found: wharf::journal::StoredRecord| found.record).unwrap()
}

#[test]
fn a_scale_of_format_1_reads_as_it_was_and_can_be_undone() {
    let record = read(SCALED);
    let plan = &record.plan;
    let scale = VerbName::find("scale").unwrap();
    assert_eq!((plan.verb, plan.reason.as_deref(), plan.tracks.len()), (scale, Some("a test"), 1));
    let Track { target, steps, after } = &plan.tracks[0];
    assert_eq!(*steps, [Step::DesiredCount(steps::DesiredCount { from: 2, to: 7 })]);
    assert_eq!((target.environment.as_str(), after.is_empty()), ("ohio/production", true));
    assert_eq!(target.resource.service().map(Arn::name), Some("web"));
    assert_eq!(record_state(&record.lines), RecordState::Finished);
    let settled =
        Event::Stabilization { track: 0, settling: Stabilization::Unstable("not at rest after 3 s".to_owned()) };
    assert_eq!(record.lines.last().map(|line| &line.event), Some(&settled));
    let Event::StepEnded { ending, .. } = &record.lines[3].event else { panic!("{record:?}") };
    let back = undo(plan, &[vec![ending.clone()]], None, PlanId::new(2), start()).unwrap();
    let Verb::Restore(restore) = back.verb else { panic!("{back:?}") };
    let expected = Step::DesiredCount(steps::DesiredCount { from: 7, to: 2 });
    assert_eq!(restore.steps, [(target.resource.clone(), vec![expected])]);
}

#[test]
fn a_redeploy_of_format_1_reads_as_it_was() {
    let record = read(REDEPLOYED);
    let Step::Redeploy(step) = &record.plan.tracks[0].steps[0] else { panic!("{record:?}") };
    assert_eq!((step.definition.name(), step.images.len()), ("ohio-production-web:40", 1));
    assert!(step.images[0].next.is_same());
    assert_eq!(record_state(&record.lines), RecordState::Finished);
}

#[tokio::test(start_paused = true)]
async fn a_plan_of_format_1_that_was_cut_short_is_finished_in_its_own_file() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join(CUT_SHORT.0);
    fs::write(&file, CUT_SHORT.1).unwrap();
    let stage = Stage::new(|region| region.add_service("main", "web", 2));
    let stage = Stage { journal: Journal::in_directory(place.path().to_owned()), ..stage };
    let record = stage.record();
    assert_eq!(stage.journal.unfinished(), std::slice::from_ref(&record));
    let progress = stage.take_up(Crash::Never).await.unwrap();
    assert_eq!(progress.tracks[0].endings.iter().map(|ending| ending.verdict).collect::<Vec<_>>(), [StepOutcome::Done]);
    assert_eq!((stage.service("web").desired, stage.writes().len()), (3, 1));
    // What was there stays byte by byte; what was added is of the present format and reads together with it.
    assert!(fs::read_to_string(&file).unwrap().starts_with(CUT_SHORT.1));
    let lines = stage.record().lines;
    assert_eq!((&lines[..2], record_state(&lines)), (&record.lines[..], RecordState::Finished));
    assert_eq!(stage.journal.unfinished(), []);
}

fn scale(bits: u64) -> Plan {
    let target = target(&crate::fixture::context().id, &service_arn("main/web"), "california/staging");
    let step = Step::DesiredCount(steps::DesiredCount { from: 2, to: 3 });
    plan(bits, start(), vec![Track { target, after: vec![], steps: vec![step] }])
}

/// A journal of `plan` that was cut short after its call, and its file.
fn written(directory: &Path, plan: &Plan) -> (Journal, Record, PathBuf) {
    let journal = Journal::in_directory(directory.to_owned());
    let entries = [
        Event::Planned(Box::new(plan.clone())),
        Event::Intent { track: 0, step: 0, call: "UpdateService … desiredCount=3".to_owned() },
        Event::Reply { track: 0, step: 0, outcome: Reply::Accepted { request_id: Some("r-1".to_owned()) } },
    ];
    let lines: Vec<Entry> = (0..).zip(entries).map(|(at, entry)| Entry { at: after(at), event: entry }).collect();
    let mut log = journal.open(plan, start()).unwrap();
    for line in &lines {
        log.write(line).unwrap();
    }
    let name = format!("20261120T120000Z-{}.jsonl", plan.id);
    (journal, Record { plan: plan.clone(), lines }, directory.join(name))
}

/// The records of `journal`, which has one good file beside the one that was tampered with.
fn beside(journal: &Journal, good: &Plan) -> Option<Result<Record, Unreadable>> {
    let mut records = journal.records();
    let at = records.iter().position(|found| found.as_ref().is_ok_and(|found| found.record.plan.id == good.id));
    assert!(at.is_some_and(|at| records.remove(at).is_ok()), "a damaged journal hides no other");
    assert!(journal.unfinished().iter().any(|record| record.plan.id == good.id));
    records.pop().map(|found| found.map(|found| found.record))
}

#[test]
fn a_byte_that_has_changed_is_shown_or_changes_nothing_and_nothing_is_taken_up() {
    let place = tempfile::tempdir().unwrap();
    let good = scale(2);
    written(place.path(), &good);
    let (journal, record, file) = written(place.path(), &scale(1));
    let text = fs::read(&file).unwrap();
    for at in 0..text.len() {
        for byte in [text[at] ^ 1, b'\n', b'}'].into_iter().filter(|b| *b != text[at]) {
            let mut damaged = text.clone();
            damaged[at] = byte;
            fs::write(&file, &damaged).unwrap();
            let Some(Err(unreadable)) = beside(&journal, &good) else { panic!("byte {at} as {byte} is not noticed") };
            assert_eq!(unreadable.path, file);
            assert!(unreadable.line.is_some() && !unreadable.why.is_empty());
            assert!(matches!(journal.reopen(&record), Err(OpenError::Changed)));
            assert_eq!(journal.review().unreadable, [unreadable]);
            assert_eq!(fs::read(&file).unwrap(), damaged, "what is damaged is left as it is");
        }
    }
}

#[test]
fn a_file_that_ends_anywhere_has_no_more_than_what_was_written() {
    let place = tempfile::tempdir().unwrap();
    let good = scale(2);
    written(place.path(), &good);
    let (journal, record, file) = written(place.path(), &scale(1));
    let text = fs::read(&file).unwrap();
    for end in 0..text.len() {
        fs::write(&file, &text[..end]).unwrap();
        let whole = text[..end].split(|byte| *byte == b'\n').count() - 1;
        match beside(&journal, &good) {
            None => assert_eq!(whole, 0, "{end}"),
            Some(found) => assert_eq!(found.unwrap().lines, record.lines[..whole], "{end}"),
        }
    }
}

#[test]
fn a_line_that_is_missing_is_noticed() {
    let place = tempfile::tempdir().unwrap();
    let (journal, _, file) = written(place.path(), &scale(1));
    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    fs::write(&file, format!("{}\n{}\n", lines[0], lines[2])).unwrap();
    let Some(Err(unreadable)) = journal.records().pop() else { panic!("it was read") };
    assert!(unreadable.to_string().contains("line 2: its checksum does not fit"), "{unreadable}");
}

#[test]
fn what_a_newer_wharf_wrote_is_shown_with_what_is_not_known() {
    let place = tempfile::tempdir().unwrap();
    let (journal, _, file) = written(place.path(), &scale(1));
    let text = fs::read_to_string(&file).unwrap();
    let bare: Vec<String> = text.lines().map(|line| line.split(",\"crc32\":").next().unwrap().to_owned()).collect();
    assert_eq!(sealed(&bare), text, "lines are sealed here as wharf seals them");
    for (line, from, to, why) in [
        (1, "\"step\":\"desired-count\"", "\"step\":\"stop-task\"", "unknown variant `stop-task`"),
        (1, "\"from\":2", "\"from\":2,\"wave\":1", "unknown field `wave`"),
        (1, "\"verb\":\"scale\"", "\"verb\":\"park\"", "unknown verb `park`"),
        (1, "\"kind\":\"service\"", "\"kind\":\"volume\"", "unknown variant `volume`"),
        (1, "\"kind\":\"service\"", "\"kind\":\"task\"", "a step of california/staging/web is not for a task"),
        (1, "\"steps\":[", "\"after\":[0],\"steps\":[", "waits for one that does not come before it"),
        (1, "{\"format\":2,", "{\"format\":3,", "a newer wharf wrote it: format 3"),
        (1, "{\"format\":2,", "{", "it is not a line of a journal"),
        (2, "\"event\":\"intent\"", "\"event\":\"teleported\"", "unknown variant `teleported`"),
        (2, "\"step\":0", "\"step\":1", "its plan has no step 1 in a track 0"),
        (2, "\"track\":0", "\"track\":4", "its plan has no step 0 in a track 4"),
    ] {
        let mut lines = bare.clone();
        assert!(lines[line - 1].contains(from), "{from}: {}", lines[line - 1]);
        lines[line - 1] = lines[line - 1].replacen(from, to, 1);
        fs::write(&file, sealed(&lines)).unwrap();
        let Some(Err(unreadable)) = journal.records().pop() else { panic!("{to} was read") };
        assert_eq!((unreadable.line, unreadable.why.contains(why)), (Some(line), true), "{to}: {unreadable}");
        assert_eq!((journal.unfinished(), journal.review().unreadable.len()), (vec![], 1));
    }
}

/// `lines` without their last brace, each with the checksum that fits.
fn sealed(lines: &[String]) -> String {
    let mut text = String::new();
    for line in lines {
        text += line;
        let sum = crc32(text.as_bytes());
        writeln!(text, ",\"crc32\":\"{sum:08x}\"}}").unwrap();
    }
    text
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

#[test]
fn a_damaged_journal_of_format_1_is_shown_wherever_its_words_are_not_known() {
    for (from, to) in
        [("\"intent\"", "\"intnet\""), ("\"do\":\"count\"", "\"do\":\"stop-task\""), ("\"scale\"", "\"park\"")]
    {
        let place = tempfile::tempdir().unwrap();
        let text = CUT_SHORT.1.replacen(from, to, 1);
        assert_ne!(text, CUT_SHORT.1);
        fs::write(place.path().join(CUT_SHORT.0), &text).unwrap();
        let review = Journal::in_directory(place.path().to_owned()).review();
        assert_eq!((review.unfinished.len(), review.unreadable.len()), (0, 1), "{to}");
    }
}

#[test]
fn the_format_is_as_it_was_published() {
    let place = tempfile::tempdir().unwrap();
    let (.., file) = written(place.path(), &scale(1));
    let ending = StepResult {
        verdict: StepOutcome::AlreadyDone,
        why: "the desired count is 3 already".to_owned(),
        request_id: None,
    };
    let journal = Journal::in_directory(place.path().to_owned());
    let record = journal.unfinished().remove(0);
    let mut log = journal.reopen(&record).unwrap();
    for (at, entry) in [
        (3, Event::StepEnded { track: 0, step: 0, ending }),
        (4, Event::Finished),
        (5, Event::Stabilization { track: 0, settling: Stabilization::Unstable("not stable after 15 min".to_owned()) }),
    ] {
        log.write(&Entry { at: after(at), event: entry }).unwrap();
    }
    insta::assert_snapshot!(fs::read_to_string(file).unwrap());
    assert_eq!(Resource::Environment { path: "a/b".to_owned() }.id(), "a/b");
}
