//! Taking back what a plan has done.

use super::entry::{Ending, Verdict};
use super::proposal::{Bounds, PlanId, Proposal, Range, Verb, Wanted, Wish};
use super::step::{ImageChange, Plan, Step, Track};
use crate::fleet::Arn;
use crate::fleet::image::{Image, short_digest};
use crate::text::clean;
use jiff::Timestamp;

/// What takes back those steps of `plan` that were done: of all its services, or of `only` one.
///
/// `endings` are those of its tracks, in order; a track that has none, and steps after the last of
/// them, were not done. What comes of it is compared with what there is by then, as for any
/// proposal.
///
/// # Errors
///
/// Nothing was done, or what was done leaves nothing to be restored; in words.
pub fn undo(
    plan: &Plan,
    endings: &[Vec<Ending>],
    only: Option<&Arn>,
    id: PlanId,
    now: Timestamp,
) -> Result<Proposal, String> {
    let meant = |track: &&Track| only.is_none_or(|only| track.target.service == *only);
    if let Some(only) = only.filter(|_| !plan.tracks.iter().any(|track| meant(&track))) {
        return Err(format!("{} is not among what plan {} changes", clean(only.name()), plan.id));
    }
    let with_endings =
        plan.tracks.iter().enumerate().map(|(at, track)| (track, endings.get(at).map_or(&[][..], Vec::as_slice)));
    let done: Vec<(&Track, Vec<&Step>)> = with_endings
        .filter(|(track, _)| meant(track))
        .map(|(track, endings)| (track, done(track, endings)))
        .filter(|(_, steps)| !steps.is_empty())
        .collect();
    if done.is_empty() {
        return Err("nothing was done that could be taken back".to_owned());
    }
    let wishes: Vec<Wish> = done.iter().filter_map(|(track, steps)| back(track, steps)).collect();
    if wishes.is_empty() {
        return Err(nothing_to_restore(&done));
    }
    Ok(Proposal {
        id,
        verb: Verb::Scale,
        wishes,
        bounds: Bounds::Stay,
        undoes: Some(plan.id.clone()),
        reason: None,
        made_at: now,
    })
}

/// The steps that were done.
fn done<'a>(track: &'a Track, endings: &[Ending]) -> Vec<&'a Step> {
    let ended = track.steps.iter().zip(endings);
    ended.filter(|(_, ending)| ending.verdict == Verdict::Done).map(|(step, _)| step).collect()
}

/// The wish for what there was before the first step of each kind.
fn back(track: &Track, steps: &[&Step]) -> Option<Wish> {
    let count: Option<u32> = steps.iter().find_map(|step| match step {
        Step::Count { from, .. } => Some(*from),
        _ => None,
    });
    let bounds: Option<Range> = steps.iter().find_map(|step| match step {
        Step::Bounds { from, .. } => Some(*from),
        _ => None,
    });
    let wanted = Wanted::Back { count, bounds };
    (count.is_some() || bounds.is_some()).then(|| Wish { service: track.target.service.clone(), wanted })
}

/// Why redeploys cannot be taken back, in words.
fn nothing_to_restore(done: &[(&Track, Vec<&Step>)]) -> String {
    let changes = done.iter().flat_map(|(_, steps)| steps).flat_map(|step| match step {
        Step::Redeploy { images, .. } => images.as_slice(),
        _ => &[],
    });
    let moved: Vec<String> = changes.filter_map(before).collect();
    match moved.as_slice() {
        [] => "a redeploy leaves nothing to restore: the same task definition and the same images run".to_owned(),
        [first, rest @ ..] => {
            let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
            format!(
                "the task definition is the same; what ran before was {first}{more}, which would have to be deployed by digest: wharf cannot do that yet"
            )
        }
    }
}

/// What ran before of an image that is, or may be, another now.
fn before(change: &ImageChange) -> Option<String> {
    let image = Image::parse(&change.reference);
    let runs = change.runs.as_deref().filter(|_| !change.next.is_same())?;
    Some(format!("{}:{} {}", clean(&image.name), image.version(), short_digest(runs)))
}
