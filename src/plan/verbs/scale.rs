//! Scale: another desired count, and autoscaling's bounds along with it.

use super::super::build::{PlannedSteps, ResourceView, ServiceView};
use super::super::warnings::WarningDetail;
use super::{Argument, BoundsPolicy, Verb, VerbInfo, VerbKind, service};
use crate::fleet::{QueryKind, Scaling, Scheduling};
use crate::plan::model::{Reason, WarningKind};
use crate::plan::proposal::{Count, Range};
use crate::plan::queries::has_bounds;
use crate::plan::resource::Resource;
use crate::plan::steps::{DesiredCount, ScalingBounds, Step};

/// Its row in the table of verbs.
pub static INFO: VerbInfo = VerbInfo {
    name: "scale",
    help: "Set the desired count of services",
    examples: "\
Shows the plan, asks, changes, and ends once a read shows that AWS took it; --wait watches the tasks, too.
Without a terminal to ask on, --yes or --confirm is needed; nothing is changed where neither fits.

Examples:
  wharf scale acme/staging/web --to 3
  wharf scale acme/staging/web --to -1 --yes
  wharf scale california/production/web --to 2 --confirm california/production --reason 'end of enrolment'
  wharf scale acme/staging --to 0 --dry-run --json",
    argument: Argument::Count(|count, bounds| Verb::Scale(Scale { count, bounds })),
};

/// Another desired count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    /// The desired count, or by how many it changes.
    pub count: Count,
    /// Whether autoscaling's bounds follow.
    pub bounds: BoundsPolicy,
}

impl VerbKind for Scale {
    fn info(&self) -> &'static VerbInfo {
        &INFO
    }

    fn queries(&self, resource: &Resource) -> Vec<QueryKind> {
        bounds_query(resource)
    }

    fn follow_up_queries(&self, _: &ResourceView<'_>) -> Vec<QueryKind> {
        vec![]
    }

    fn refusal(&self, view: &ResourceView<'_>) -> Option<String> {
        refusal(&view.service()?)
    }

    fn steps(&self, view: &ResourceView<'_>) -> Result<PlannedSteps, Reason> {
        let view = service::required(view)?;
        let from = view.service.desired;
        let Some(to) = self.count.of(from) else {
            let says = format!("{from} tasks and {} would be fewer than none; scale to 0", self.count);
            return Err(Reason::Refused(says));
        };
        let (mut steps, mut notes) = (vec![], vec![]);
        if self.bounds == BoundsPolicy::Widen
            && let Ok(Some(known)) = view.input.scaling(&view.service.arn).map(|scaling| scaling.map(range_of))
            && !known.contains(to)
        {
            // Registering a target drags the count into its bounds at once: both counts have to lie within.
            let wide = Range { minimum: known.minimum.min(from).min(to), maximum: known.maximum.max(from).max(to) };
            steps.push(Step::ScalingBounds(ScalingBounds { from: known, to: wide }));
        }
        if to != from {
            steps.push(Step::DesiredCount(DesiredCount { from, to }));
            notes.extend(proportion(from, to));
            notes.extend(service::in_flight(view.service).map(|says| (WarningKind::Rolling, says)));
        }
        if steps.is_empty() {
            return Err(Reason::Already(format!("already {to}")));
        }
        notes.extend(autoscaling(&view, &steps));
        Ok(PlannedSteps { steps, notes, after: vec![] })
    }

    fn with_other_bounds(&self) -> Option<(Verb, BoundsPolicy)> {
        let bounds = match self.bounds {
            BoundsPolicy::Keep => BoundsPolicy::Widen,
            BoundsPolicy::Widen => BoundsPolicy::Keep,
        };
        Some((Verb::Scale(Self { bounds, ..*self }), bounds))
    }
}

/// What reads the autoscaling bounds of a service, if they can be read.
pub(super) fn bounds_query(resource: &Resource) -> Vec<QueryKind> {
    let arn = resource.service().filter(|arn| has_bounds(arn));
    arn.map(|arn| QueryKind::ScalableTargets(vec![arn.clone()])).into_iter().collect()
}

/// Why the desired count of this service cannot be changed, with what to do instead.
pub(super) fn refusal(view: &ServiceView<'_>) -> Option<String> {
    let daemon = view.service.scheduling == Scheduling::Daemon;
    let says = || "a DAEMON service runs one task on each instance; change the number of instances".to_owned();
    service::refusal(view.service).or_else(|| daemon.then(says))
}

/// What autoscaling may do to the desired count that `steps` leave, or why that is not known.
pub(super) fn autoscaling(view: &ServiceView<'_>, steps: &[Step]) -> Option<WarningDetail> {
    let effects = || steps.iter().rev().map(|step| step.kind().effect());
    let count = effects().find_map(|effect| effect.desired_count).unwrap_or(view.service.desired);
    match view.input.scaling(&view.service.arn) {
        Ok(scaling) => {
            let scaling = scaling?;
            let range = effects().find_map(|effect| effect.bounds).unwrap_or_else(|| range_of(scaling));
            note(count, range, scaling)
        }
        Err(says) => Some((WarningKind::Unread, says)),
    }
}

/// What is to be said of a count by itself: a slip of the finger shall be seen.
fn proportion(from: u32, to: u32) -> Option<WarningDetail> {
    const MANY: u32 = 5;
    const FEW: u32 = 10;
    if to == 0 {
        return Some((WarningKind::NothingRuns, format!("{from} > 0")));
    }
    (to > FEW && to / MANY >= from.max(1)).then(|| (WarningKind::ManyMore, format!("{from} > {to}")))
}

/// What autoscaling may do to a count.
fn note(count: u32, range: Range, scaling: &Scaling) -> Option<WarningDetail> {
    if !range.contains(count) {
        return Some((WarningKind::OutOfBounds, format!("{count}, bounds {range}")));
    }
    match scaling.suspended.as_slice() {
        [] => Some((WarningKind::Autoscaled, format!("bounds {range}"))),
        // Scaling in, scaling out and schedules are all there is.
        suspended if suspended.len() >= 3 => None,
        suspended => Some((WarningKind::Autoscaled, format!("bounds {range}, {} suspended", suspended.join(" and ")))),
    }
}

fn range_of(scaling: &Scaling) -> Range {
    Range { minimum: scaling.min, maximum: scaling.max }
}
