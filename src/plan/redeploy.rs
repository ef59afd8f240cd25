//! Redeploy: new tasks of the same task definition.

use super::draft::{Seen, Spelt};
use super::images;
use super::notes::Note;
use super::step::{Caution, ImageChange, Next, Step, Why};
use crate::fleet::image::{Image, short_digest};
use crate::fleet::{About, Rollout, Service};
use crate::text::clean;

/// Why this service cannot be redeployed, beyond what no verb can be done to.
pub(super) fn refusal(service: &Service) -> Option<String> {
    let none = service.primary().is_none();
    none.then(|| "ECS names no deployment of it that could be replaced; look at it in the AWS console".to_owned())
}

/// What has to be asked once it is known which tasks run.
pub(super) fn asks(seen: &Seen<'_>) -> Vec<About> {
    images::asks(seen)
}

/// The steps, and what one should know before.
///
/// # Errors
///
/// Why it is not done.
pub(super) fn spell(seen: &Seen<'_>) -> Result<Spelt, Why> {
    let service = seen.service;
    let Some(primary) = service.primary() else {
        return Err(Why::Refused(refusal(service).unwrap_or_default()));
    };
    let images = images::changes(seen);
    let mut notes: Vec<Note> = images.iter().filter_map(note).collect();
    notes.extend(images::unread(seen).map(|says| (Caution::Unread, says)));
    notes.extend(deadlock(service).map(|says| (Caution::Deadlock, says)));
    notes.extend(in_flight(service).map(|says| (Caution::InFlight, says)));
    if service.desired == 0 {
        notes.push((Caution::NoTasks, "desired count 0".to_owned()));
    }
    let (definition, replaces) = (service.definition.clone(), primary.id.clone());
    Ok(Spelt { steps: vec![Step::Redeploy { definition, replaces, images }], notes })
}

/// Whether minimum and maximum percent leave room for neither a stop nor a start.
///
/// ECS keeps at least `ceil(desired * minimum / 100)` tasks and at most `floor(desired * maximum / 100)`
/// (<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html>).
fn deadlock(service: &Service) -> Option<String> {
    let (minimum, maximum) = (service.minimum_percent?, service.maximum_percent?);
    let desired = u64::from(service.desired);
    let lower = (desired * u64::from(minimum)).div_ceil(100);
    let upper = desired * u64::from(maximum) / 100;
    let stuck = desired > 0 && lower >= desired && upper <= desired;
    stuck.then(|| format!("{desired} wished for, minimum {minimum} %, maximum {maximum} %"))
}

/// The deployment of `service` that is under way.
pub(super) fn in_flight(service: &Service) -> Option<String> {
    let primary = service.primary()?;
    let rolling = primary.rollout == Some(Rollout::InProgress);
    let failed = if primary.failed > 0 { format!(", {} failed", primary.failed) } else { String::new() };
    let what = format!("{} {} of {}{failed}", clean(primary.definition.name()), primary.running, primary.desired);
    (rolling || service.deployments.len() > 1).then_some(what)
}

/// What is to be said of an image that may become another.
fn note(change: &ImageChange) -> Option<Note> {
    let image = Image::parse(&change.reference);
    let name = image.name.rsplit('/').next().unwrap_or_default();
    let shown = format!("{}:{}", clean(name), image.version());
    match &change.next {
        Next::Same | Next::Listed(_) => None,
        Next::Other(digest) => {
            let runs = change.runs.as_deref().map_or_else(|| "?".to_owned(), short_digest);
            Some((Caution::OtherImage, format!("{shown} {runs} > {}", short_digest(digest))))
        }
        Next::Unknown(why) => Some((Caution::UnknownImage, format!("{shown}, {why}"))),
    }
}
