//! Journals of format 1, as wharf wrote them before a file named its format: read, never written.

use jiff::Timestamp;
use serde::Deserialize;

use crate::fleet::{Arn, ContextId};
use crate::plan::{
    self, Event, LeftOut, Location, NextImage, Plan, PlanId, Protection, Range, Reason, Resource, Stabilization, Step,
    StepOutcome, StepResult, Target, Track, VerbName, Warning, WarningKind, steps, verbs,
};

/// Reads a line.
///
/// # Errors
///
/// It is no line of a journal of format 1.
pub(super) fn line(text: &[u8]) -> serde_json::Result<plan::Entry> {
    let old: OldLine = serde_json::from_slice(text)?;
    Ok(plan::Entry { at: old.at, event: old.entry.into() })
}

#[derive(Deserialize)]
struct OldLine {
    at: Timestamp,
    #[serde(flatten)]
    entry: OldEntry,
}

#[derive(Deserialize)]
#[serde(tag = "entry", rename_all = "kebab-case")]
enum OldEntry {
    Plan(Box<OldPlan>),
    Resumed,
    Dismissed,
    Intent { track: usize, step: usize, call: String },
    Outcome { track: usize, step: usize, outcome: OldOutcome },
    End { track: usize, step: usize, ending: OldEnding },
    Finished,
    Settled { track: usize, settling: OldSettled },
    Interrupted { by: String, left: String },
}

#[derive(Deserialize)]
struct OldPlan {
    id: PlanId,
    verb: OldVerb,
    made_at: Timestamp,
    #[serde(default)]
    undoes: Option<PlanId>,
    #[serde(default)]
    reason: Option<String>,
    wheres: Vec<OldWhere>,
    tracks: Vec<OldTrack>,
    left_out: Vec<OldLeftOut>,
    warnings: Vec<OldWarning>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OldVerb {
    Redeploy,
    Scale,
}

#[derive(Deserialize)]
struct OldWhere {
    context: ContextId,
    account: Option<String>,
    region: String,
    caller: Option<String>,
}

#[derive(Deserialize)]
struct OldTrack {
    target: OldTarget,
    steps: Vec<OldStep>,
}

#[derive(Deserialize)]
struct OldTarget {
    service: Arn,
    cluster: Arn,
    context: ContextId,
    path: String,
    home: String,
    tenant: String,
    guard: OldGuard,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OldGuard {
    Protected,
    Open,
}

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
enum OldStep {
    Count { from: u32, to: u32 },
    Redeploy { definition: Arn, replaces: String, images: Vec<OldImage> },
    Bounds { from: Range, to: Range },
}

#[derive(Deserialize)]
struct OldImage {
    reference: String,
    runs: Option<String>,
    next: OldNext,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OldNext {
    Same,
    Listed(String),
    Other(String),
    Unknown(String),
}

#[derive(Deserialize)]
struct OldLeftOut {
    service: Arn,
    path: String,
    why: OldWhy,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OldWhy {
    Already(String),
    Refused(String),
    Unread(String),
}

#[derive(Deserialize)]
struct OldWarning {
    about: OldCaution,
    paths: Vec<String>,
    says: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OldCaution {
    Deadlock,
    OutOfBounds,
    Autoscaled,
    InFlight,
    Rolling,
    NoTasks,
    NothingRuns,
    ManyMore,
    OtherImage,
    UnknownImage,
    Owned,
    ZoneLost,
    Unread,
}

#[derive(Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
enum OldOutcome {
    Accepted { request_id: Option<String> },
    Refused { says: String, request_id: Option<String> },
    Lost { says: String },
}

#[derive(Deserialize)]
struct OldEnding {
    verdict: OldVerdict,
    why: String,
    #[serde(default)]
    request_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OldVerdict {
    Done,
    Already,
    Skipped,
    Failed,
    Untouched,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum OldSettled {
    Steady,
    Not(String),
}

impl From<OldEntry> for Event {
    fn from(old: OldEntry) -> Self {
        match old {
            OldEntry::Plan(plan) => Self::Planned(Box::new((*plan).into())),
            OldEntry::Resumed => Self::Resumed,
            OldEntry::Dismissed => Self::Dismissed,
            OldEntry::Intent { track, step, call } => Self::Intent { track, step, call },
            OldEntry::Outcome { track, step, outcome } => Self::Reply { track, step, outcome: outcome.into() },
            OldEntry::End { track, step, ending } => Self::StepEnded { track, step, ending: ending.into() },
            OldEntry::Finished => Self::Finished,
            OldEntry::Settled { track, settling } => Self::Stabilization {
                track,
                settling: match settling {
                    OldSettled::Steady => Stabilization::Stable,
                    OldSettled::Not(why) => Stabilization::Unstable(why),
                },
            },
            OldEntry::Interrupted { by, left } => Self::Interrupted { by, left },
        }
    }
}

impl From<OldPlan> for Plan {
    fn from(old: OldPlan) -> Self {
        let verb = match old.verb {
            // An undo went by the verb that it came to.
            _ if old.undoes.is_some() => &verbs::UNDO,
            OldVerb::Redeploy => &verbs::REDEPLOY,
            OldVerb::Scale => &verbs::SCALE,
        };
        let verb: VerbName = verb.verb_name();
        let OldPlan { id, verb: _, made_at, undoes, reason, wheres, tracks, left_out, warnings } = old;
        let place = |OldWhere { context, account, region, caller }| Location { context, account, region, caller };
        let warning = |OldWarning { about, paths, says }| Warning { about: about.into(), paths, says };
        let left_out_service = |old: OldLeftOut| LeftOut {
            resource: Resource::Service { cluster: cluster_of(&old.service), arn: old.service },
            path: old.path,
            reason: match old.why {
                OldWhy::Already(says) => Reason::Already(says),
                OldWhy::Refused(says) => Reason::Refused(says),
                OldWhy::Unread(says) => Reason::Unread(says),
            },
        };
        Self {
            id,
            verb,
            made_at,
            undoes,
            reason,
            locations: wheres.into_iter().map(place).collect(),
            tracks: tracks.into_iter().map(Track::from).collect(),
            left_out: left_out.into_iter().map(left_out_service).collect(),
            warnings: warnings.into_iter().map(warning).collect(),
        }
    }
}

/// The cluster of a service that was left out, which format 1 did not write: part of its ARN, unless that is of the
/// old format.
fn cluster_of(service: &Arn) -> Arn {
    let parts =
        service.as_str().split_once(":service/").and_then(|(before, rest)| Some((before, rest.split_once('/')?)));
    Arn::new(parts.map_or(String::new(), |(before, (cluster, _))| format!("{before}:cluster/{cluster}")))
}

impl From<OldTrack> for Track {
    fn from(OldTrack { target, steps }: OldTrack) -> Self {
        let OldTarget { service, cluster, context, path, home, tenant, guard } = target;
        let protection = match guard {
            OldGuard::Protected => Protection::Protected,
            OldGuard::Open => Protection::Open,
        };
        let resource = Resource::Service { arn: service, cluster };
        let target = Target { resource, context, path, environment: home, tenant, protection };
        Self { target, after: vec![], steps: steps.into_iter().map(Step::from).collect() }
    }
}

impl From<OldStep> for Step {
    fn from(old: OldStep) -> Self {
        match old {
            OldStep::Count { from, to } => Self::DesiredCount(steps::DesiredCount { from, to }),
            OldStep::Bounds { from, to } => Self::ScalingBounds(steps::ScalingBounds { from, to }),
            OldStep::Redeploy { definition, replaces, images } => {
                let images = images.into_iter().map(plan::ImageChange::from).collect();
                Self::Redeploy(steps::Redeploy { definition, replaces, images })
            }
        }
    }
}

impl From<OldImage> for plan::ImageChange {
    fn from(OldImage { reference, runs, next }: OldImage) -> Self {
        let next = match next {
            OldNext::Same => NextImage::Same,
            OldNext::Listed(digest) => NextImage::Listed(digest),
            OldNext::Other(digest) => NextImage::Other(digest),
            OldNext::Unknown(why) => NextImage::Unknown(why),
        };
        Self { reference, runs, next }
    }
}

impl From<OldCaution> for WarningKind {
    fn from(old: OldCaution) -> Self {
        match old {
            OldCaution::Deadlock => Self::Deadlock,
            OldCaution::OutOfBounds => Self::OutOfBounds,
            OldCaution::Autoscaled => Self::Autoscaled,
            OldCaution::InFlight => Self::InFlight,
            OldCaution::Rolling => Self::Rolling,
            OldCaution::NoTasks => Self::NoTasks,
            OldCaution::NothingRuns => Self::NothingRuns,
            OldCaution::ManyMore => Self::ManyMore,
            OldCaution::OtherImage => Self::OtherImage,
            OldCaution::UnknownImage => Self::UnknownImage,
            OldCaution::Owned => Self::Owned,
            OldCaution::ZoneLost => Self::ZoneLost,
            OldCaution::Unread => Self::Unread,
        }
    }
}

impl From<OldOutcome> for plan::Reply {
    fn from(old: OldOutcome) -> Self {
        match old {
            OldOutcome::Accepted { request_id } => Self::Accepted { request_id },
            OldOutcome::Refused { says, request_id } => Self::Refused { says, request_id },
            OldOutcome::Lost { says } => Self::Lost { says },
        }
    }
}

impl From<OldEnding> for StepResult {
    fn from(OldEnding { verdict, why, request_id }: OldEnding) -> Self {
        let verdict = match verdict {
            OldVerdict::Done => StepOutcome::Done,
            OldVerdict::Already => StepOutcome::AlreadyDone,
            OldVerdict::Skipped => StepOutcome::Skipped,
            OldVerdict::Failed => StepOutcome::Failed,
            OldVerdict::Untouched => StepOutcome::NotStarted,
        };
        Self { verdict, why, request_id }
    }
}
