//! The changes of this session: each from its proposal over its plan to its result.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::reads::Ticket;
use crate::fleet::{Arn, CloudError, Query};
use crate::plan::{
    self, Activity, BoundsPolicy, Event, Phase, Plan, PlanId, Progress, Proposal, Reason, Record, Reply, Resource,
    Stabilization, StepOutcome, StepResult, TrackProgress, VerbName, Warning, WarningKind,
};

/// Every change of this session, and those that an earlier one left unfinished.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// The oldest first.
    list: Vec<Change>,
    /// Journals that cannot be read.
    unreadable: Vec<UnreadableJournal>,
    /// What the next plan's id is made of.
    seed: u64,
}

/// A journal that cannot be read: damaged, or written by a newer wharf. It is shown, and never carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableJournal {
    /// The file, or the directory of journals.
    pub path: String,
    /// The line, counted from one, where a line is at fault.
    pub line: Option<usize>,
    /// What is wrong.
    pub why: String,
}

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its plan's id.
    pub id: PlanId,
    /// Where it comes from.
    pub origin: Origin,
    /// How far it is.
    pub stage: Stage,
}

/// Where a change comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// Somebody proposed it here.
    Proposed(Proposal),
    /// Its plan is unfinished: what its journal says.
    Unfinished(Record),
}

/// How far a change is.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// AWS is asked what its plan needs to know.
    Reading(Preflight),
    /// Its plan is built, and waits for somebody to confirm it.
    Ready(Ready),
    /// Its plan has nothing in it: everything was left out.
    Nothing(Plan),
    /// It was confirmed, and stands like this.
    Confirmed(Plan, Progress),
    /// It is unfinished, and nobody has resumed it.
    Dormant,
}

/// What is read before a plan is built.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preflight {
    /// What was asked so far.
    pub asked: BTreeSet<Query>,
    /// What could not be read, and why.
    pub failed: BTreeMap<Query, CloudError>,
    /// Requests in progress.
    pub flights: BTreeMap<Ticket, Query>,
}

/// A plan that waits for somebody to confirm it. It stays as it is while the fleet moves.
#[derive(Clone, Debug, PartialEq)]
pub struct Ready {
    /// The plan.
    pub plan: Plan,
    /// When it stood on the screen, whole and with nothing typed ahead of it; no key counts before.
    pub drawn: Option<Timestamp>,
}

impl Changes {
    /// None yet; ids are made from `seed`, which is to be chosen at random.
    pub fn new(seed: u64) -> Self {
        Self { list: vec![], unreadable: vec![], seed }
    }

    /// The newest first.
    pub fn iter(&self) -> impl Iterator<Item = &Change> {
        self.list.iter().rev()
    }

    /// Likewise, to change them.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Change> {
        self.list.iter_mut().rev()
    }

    /// The change `id`.
    pub fn get(&self, id: &PlanId) -> Option<&Change> {
        self.list.iter().find(|change| change.id == *id)
    }

    /// Likewise, to change it.
    pub(super) fn get_mut(&mut self, id: &PlanId) -> Option<&mut Change> {
        self.list.iter_mut().find(|change| change.id == *id)
    }

    /// Adds a change, as the newest.
    pub(super) fn push(&mut self, change: Change) {
        self.list.push(change);
    }

    /// Journals that cannot be read, the newest first.
    pub fn unreadable(&self) -> &[UnreadableJournal] {
        &self.unreadable
    }

    /// Takes the place of what was known of journals that cannot be read.
    pub(super) fn set_unreadable(&mut self, unreadable: Vec<UnreadableJournal>) {
        self.unreadable = unreadable;
    }

    /// Forgets a change.
    pub(super) fn forget(&mut self, id: &PlanId) {
        self.list.retain(|change| change.id != *id);
    }

    /// An id that no other plan has (splitmix64, by Sebastiano Vigna: <https://prng.di.unimi.it/splitmix64.c>).
    pub(super) fn next_id(&mut self) -> PlanId {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.seed;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        PlanId::new(bits ^ (bits >> 31))
    }

    /// The change whose steps are being done to `resource`, if there is one.
    pub fn busy_with(&self, resource: &Resource) -> Option<&Change> {
        self.iter().find(|change| match &change.stage {
            Stage::Confirmed(plan, progress) if is_running(&progress.phase) => {
                plan.tracks.iter().any(|track| track.target.resource == *resource)
            }
            _ => false,
        })
    }

    /// Changes whose steps are being done.
    pub fn running(&self) -> usize {
        self.list.iter().filter(|change| change.is_running()).count()
    }

    /// Unfinished changes that nobody has resumed or undone.
    pub fn unfinished(&self) -> usize {
        let under_way = |id: &PlanId| {
            let undoes = |plan: &Plan| plan.undoes.as_ref() == Some(id);
            self.list.iter().any(|other| other.is_running() && other.plan().is_some_and(undoes))
        };
        let open = |change: &&Change| !under_way(&change.id) && !self.is_taken_back(change);
        self.list.iter().filter(|change| change.stage == Stage::Dormant).filter(open).count()
    }

    /// Whether other changes have undone all that `change` did and that can be undone.
    pub fn is_taken_back(&self, change: &Change) -> bool {
        let Some(undo) = change.undo() else { return false };
        let undoing = self.list.iter().filter_map(|other| match &other.stage {
            Stage::Confirmed(plan, progress) if plan.undoes.as_ref() == Some(&change.id) => Some((plan, progress)),
            _ => None,
        });
        let back: BTreeSet<&Resource> = undoing.flat_map(|(plan, progress)| undone(plan, progress)).collect();
        undo.resources.iter().all(|resource| back.contains(resource))
    }
}

/// The resources of `plan` all of whose steps were done, or were not needed.
fn undone<'a>(plan: &'a Plan, progress: &Progress) -> Vec<&'a Resource> {
    let good = |ending: &StepResult| matches!(ending.verdict, StepOutcome::Done | StepOutcome::AlreadyDone);
    let tracks = plan.tracks.iter().zip(&progress.tracks);
    let whole =
        tracks.filter(|(track, stands)| stands.endings.len() == track.steps.len() && stands.endings.iter().all(good));
    let already =
        plan.left_out.iter().filter(|left| matches!(left.reason, Reason::Already(_))).map(|left| &left.resource);
    whole.map(|(track, _)| &track.target.resource).chain(already).collect()
}

impl UnreadableJournal {
    /// What is wrong and where, in one line.
    pub fn message(&self) -> String {
        match self.line {
            Some(line) => format!("line {line}: {}", self.why),
            None => self.why.clone(),
        }
    }
}

impl Change {
    /// Whether any of its steps was done and can be undone.
    pub fn can_be_undone(&self) -> bool {
        self.undo().is_some()
    }

    /// What would undo it; nothing as long as it is in progress.
    fn undo(&self) -> Option<Proposal> {
        let plan = self.plan().filter(|_| !self.is_running())?;
        plan::undo(plan, &self.endings(), None, plan.id.clone(), plan.made_at).ok()
    }

    /// Its plan, as it stands; nothing while AWS is still asked about it.
    pub fn plan(&self) -> Option<&Plan> {
        match (&self.stage, &self.origin) {
            (Stage::Ready(Ready { plan, .. }) | Stage::Nothing(plan) | Stage::Confirmed(plan, _), _) => Some(plan),
            (_, Origin::Unfinished(record)) => Some(&record.plan),
            (_, Origin::Proposed(_)) => None,
        }
    }

    /// Its verb.
    pub fn verb(&self) -> VerbName {
        match &self.origin {
            Origin::Proposed(proposal) => proposal.verb.name(),
            Origin::Unfinished(record) => record.plan.verb,
        }
    }

    /// Resources that it is about.
    pub fn resources(&self) -> Vec<&Resource> {
        match (self.plan(), &self.origin) {
            (Some(plan), _) if !plan.is_empty() => plan.tracks.iter().map(|track| &track.target.resource).collect(),
            (_, Origin::Proposed(proposal)) => proposal.resources.iter().collect(),
            (_, Origin::Unfinished(_)) => vec![],
        }
    }

    /// Services among them.
    pub fn services(&self) -> Vec<&Arn> {
        self.resources().into_iter().filter_map(Resource::service).collect()
    }

    /// Whether AWS is to be asked something, or nothing more, before its plan is built.
    pub(super) fn is_idle(&self) -> bool {
        matches!(&self.stage, Stage::Reading(asking) if asking.flights.is_empty())
    }

    /// Whether autoscaling's bounds are in the way of its count, or are being moved out of it.
    pub fn could_move_bounds(&self) -> bool {
        let (Origin::Proposed(proposal), Stage::Ready(ready)) = (&self.origin, &self.stage) else { return false };
        let outside = |warning: &Warning| warning.about == WarningKind::OutOfBounds;
        match proposal.verb.kind().with_other_bounds() {
            Some((_, BoundsPolicy::Keep)) => true,
            Some((_, BoundsPolicy::Widen)) => ready.plan.warnings.iter().any(outside),
            None => false,
        }
    }

    /// Whether its steps are being done.
    pub fn is_running(&self) -> bool {
        matches!(&self.stage, Stage::Confirmed(_, progress) if is_running(&progress.phase))
    }

    /// Whether anything of it was done.
    pub fn has_done(&self) -> bool {
        self.endings().iter().flatten().any(|ending| ending.verdict == StepOutcome::Done)
    }

    /// How the steps of each track ended, as far as they did: by its progress, or by its journal.
    ///
    /// Where the journal of an unfinished plan ends with a call, that step counts as done: what
    /// would take it back is compared with what there is, and has nothing to do if it was not.
    pub fn endings(&self) -> Vec<Vec<StepResult>> {
        match (&self.stage, &self.origin) {
            (Stage::Confirmed(_, progress), _) => progress.tracks.iter().map(|track| track.endings.clone()).collect(),
            (_, Origin::Unfinished(record)) => recorded_progress(record).tracks.into_iter().map(called).collect(),
            (_, Origin::Proposed(_)) => vec![],
        }
    }
}

/// The ends of a track's steps, and that of a step which was called and not seen to have an effect.
fn called(track: TrackProgress) -> Vec<StepResult> {
    let mut endings = track.endings;
    if matches!(track.activity, Activity::Calling | Activity::Looking) {
        endings.push(StepResult { verdict: StepOutcome::Done, why: "it was called".to_owned(), request_id: None });
    }
    endings
}

/// How the plan of `record` stood when it was interrupted.
pub fn recorded_progress(record: &Record) -> Progress {
    let mut progress = untouched(&record.plan);
    for line in &record.lines {
        match &line.event {
            Event::Intent { track, .. } => doing(&mut progress, *track, Activity::Calling),
            Event::Reply { track, outcome: Reply::Refused { .. }, .. } => {
                doing(&mut progress, *track, Activity::Waiting);
            }
            Event::Reply { track, .. } => doing(&mut progress, *track, Activity::Looking),
            Event::StepEnded { track, ending, .. } => {
                if let Some(track) = progress.tracks.get_mut(*track) {
                    track.endings.push(ending.clone());
                    track.activity = Activity::Waiting;
                }
            }
            Event::Stabilization { track, settling } => settled(&mut progress, *track, settling),
            Event::Interrupted { by, .. } => progress.phase = Phase::Interrupted(by.clone()),
            Event::Planned(_) | Event::Resumed | Event::Finished | Event::Dismissed => {}
        }
    }
    progress
}

/// How `plan` stands before anything was done.
pub(super) fn untouched(plan: &Plan) -> Progress {
    let track = || TrackProgress { activity: Activity::Waiting, endings: vec![], settled: None };
    Progress { phase: Phase::Running, tracks: plan.tracks.iter().map(|_| track()).collect(), journal: None }
}

fn doing(progress: &mut Progress, track: usize, doing: Activity) {
    if let Some(track) = progress.tracks.get_mut(track) {
        track.activity = doing;
    }
}

fn settled(progress: &mut Progress, track: usize, settled: &Stabilization) {
    if let Some(track) = progress.tracks.get_mut(track) {
        (track.activity, track.settled) = (Activity::Over, Some(settled.clone()));
    }
}

fn is_running(phase: &Phase) -> bool {
    matches!(phase, Phase::Running | Phase::Paused | Phase::Stopping(_))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_follow_from_the_seed_and_never_repeat() {
        let ids = |seed: u64| {
            let mut changes = Changes::new(seed);
            (0..1_000).map(|_| changes.next_id()).collect::<Vec<_>>()
        };
        assert_eq!(ids(7), ids(7));
        assert_eq!([ids(7), ids(8)].concat().into_iter().collect::<BTreeSet<_>>().len(), 2_000);
    }
}
