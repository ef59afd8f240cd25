//! Scale: another number of tasks, and autoscaling's bounds along with it.

use super::draft::{Seen, Spelt};
use super::notes::Note;
use super::proposal::{Bounds, Count, Range};
use super::reads::has_bounds;
use super::redeploy::in_flight;
use super::step::{Caution, Step, Why};
use crate::fleet::{About, CloudError, Scaling, Scheduling, Service};

/// Why this service cannot be scaled, beyond what no verb can be done to.
pub(super) fn refusal(service: &Service) -> Option<String> {
    let daemon = service.scheduling == Scheduling::Daemon;
    daemon.then(|| "a DAEMON service runs one task on each instance; change the number of instances".to_owned())
}

/// The steps to `count` tasks, and what one should know before.
///
/// # Errors
///
/// Why it is not done.
pub(super) fn spell(seen: &Seen<'_>, count: Count, bounds: Bounds) -> Result<Spelt, Why> {
    let from = seen.service.desired;
    let Some(to) = count.of(from) else {
        let says = format!("{from} tasks and {count} would be fewer than none; scale to 0");
        return Err(Why::Refused(says));
    };
    let (mut steps, mut notes) = (vec![], vec![]);
    let mut range = None;
    match scaling(seen) {
        Ok(scaling) => range = scaling.map(|scaling| (range_of(scaling), scaling)),
        Err(says) => notes.push((Caution::Unread, says)),
    }
    if let Some((known, _)) = &mut range
        && bounds == Bounds::Follow
        && !known.contains(to)
    {
        // Registering a target drags the count into its bounds at once: both counts have to lie within.
        let wide = Range { minimum: known.minimum.min(from).min(to), maximum: known.maximum.max(from).max(to) };
        steps.push(Step::Bounds { from: *known, to: wide });
        *known = wide;
    }
    if to != from {
        steps.push(Step::Count { from, to });
        notes.extend(proportion(from, to));
        notes.extend(in_flight(seen.service).map(|says| (Caution::Rolling, says)));
    }
    if steps.is_empty() {
        return Err(Why::Already(format!("already {to}")));
    }
    notes.extend(range.and_then(|(range, scaling)| note(to, range, scaling)));
    Ok(Spelt { steps, notes })
}

/// What is to be said of a count by itself: a slip of the finger shall be seen.
fn proportion(from: u32, to: u32) -> Option<Note> {
    const MANY: u32 = 5;
    const FEW: u32 = 10;
    if to == 0 {
        return Some((Caution::NothingRuns, format!("{from} > 0")));
    }
    (to > FEW && to / MANY >= from.max(1)).then(|| (Caution::ManyMore, format!("{from} > {to}")))
}

/// The steps back to what there was before: the count first, because registering bounds would drag
/// the present count into them.
///
/// # Errors
///
/// Why it is not done.
pub(super) fn spell_back(seen: &Seen<'_>, count: Option<u32>, bounds: Option<Range>) -> Result<Spelt, Why> {
    let from = seen.service.desired;
    let (mut steps, mut notes) = (vec![], vec![]);
    let mut range = None;
    match (scaling(seen), bounds) {
        (Ok(Some(scaling)), _) => range = Some((range_of(scaling), scaling)),
        (Ok(None), None) => {}
        (Ok(None), Some(bounds)) => {
            let says = format!(
                "autoscaling does not know it any more, so that its bounds cannot be {bounds} again; scale it instead"
            );
            return Err(Why::Refused(says));
        }
        (Err(says), None) => notes.push((Caution::Unread, says)),
        (Err(says), Some(_)) => return Err(Why::Unread(says)),
    }
    if let Some(to) = count.filter(|to| *to != from) {
        steps.push(Step::Count { from, to });
    }
    if let Some((known, _)) = &mut range
        && let Some(to) = bounds.filter(|to| to != known)
    {
        steps.push(Step::Bounds { from: *known, to });
        *known = to;
    }
    if steps.is_empty() {
        return Err(Why::Already("already as it was before".to_owned()));
    }
    notes.extend(range.and_then(|(range, scaling)| note(count.unwrap_or(from), range, scaling)));
    Ok(Spelt { steps, notes })
}

/// What autoscaling may do to a count.
fn note(count: u32, range: Range, scaling: &Scaling) -> Option<Note> {
    if !range.contains(count) {
        return Some((Caution::OutOfBounds, format!("{count}, bounds {range}")));
    }
    match scaling.suspended.as_slice() {
        [] => Some((Caution::Autoscaled, format!("bounds {range}"))),
        // Scaling in, scaling out and schedules are all there is.
        suspended if suspended.len() >= 3 => None,
        suspended => Some((Caution::Autoscaled, format!("bounds {range}, {} suspended", suspended.join(" and ")))),
    }
}

/// The service's bounds, where it has some; or why they could not be read.
fn scaling<'a>(seen: &Seen<'a>) -> Result<Option<&'a Scaling>, String> {
    let arn = &seen.service.arn;
    if !has_bounds(arn) {
        return Err("autoscaling's bounds, because the service's ARN is of the old format".to_owned());
    }
    let asks = |about: &About| matches!(about, About::Scaling(services) if services.contains(arn));
    if let Some(error) = seen.known.error(asks) {
        return Err(CloudError::what(error));
    }
    let known = seen.known.fleet.scaling.get(arn).map(Option::as_ref);
    known.ok_or_else(|| "autoscaling's bounds, of which nothing was said".to_owned())
}

fn range_of(scaling: &Scaling) -> Range {
    Range { minimum: scaling.min, maximum: scaling.max }
}
