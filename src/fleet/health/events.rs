//! What a service's events mean, read from ECS's sentences.

use jiff::Timestamp;

use super::Evidence;
use crate::fleet::{Event, Service};

/// What one event says.
///
/// Sentences: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum EventKind {
    /// So many tasks were started.
    Started(u32),
    /// So many tasks were stopped, to deploy or to scale in.
    Stopped(u32),
    /// ECS is satisfied; repeated every six hours.
    Steady,
    /// A deployment has ended well.
    Completed,
    /// A deployment was given up: this one.
    Failed(Option<String>),
    /// The one before is being brought back: by this deployment.
    RollingBack(Option<String>),
    /// Tasks fail to start again and again; tried ever more rarely, up to every 27 minutes.
    Inconsistent,
    /// No room.
    Unplaced,
    /// The minimum and maximum percent allow no task to be started or stopped.
    Stuck,
    /// Health checks failed.
    Unhealthy,
    /// Tasks could not be launched for want of a permission or the like.
    Unlaunched,
    /// Anything else.
    Other,
}

/// What `message` says.
pub(super) fn event_kind(message: &str) -> EventKind {
    let has = |words: &str| message.contains(words);
    let after = |words: &str| message.split_once(words).map(|(_, rest)| rest);
    let count = |words: &str| after(words)?.split_whitespace().next()?.parse::<u32>().ok();
    // By far the most frequent comes first.
    if has("has reached a steady state") {
        EventKind::Steady
    } else if let Some(count) = count("has started ") {
        EventKind::Started(count)
    } else if let Some(count) = count("has stopped ") {
        EventKind::Stopped(count)
    } else if has("deployment completed") {
        EventKind::Completed
    } else if has("rolling back to") {
        EventKind::RollingBack(after("rolling back to").and_then(deployment))
    } else if has("deployment failed") {
        EventKind::Failed(deployment(message))
    } else if has("unable to consistently start tasks") {
        EventKind::Inconsistent
    } else if has("unable to stop or start tasks during a deployment") {
        EventKind::Stuck
    } else if has("unable to place") {
        EventKind::Unplaced
    } else if has("health checks") || has("is unhealthy in") || has("unhealthy status") {
        EventKind::Unhealthy
    } else if has("failed to launch") || has("unable to assume") {
        EventKind::Unlaunched
    } else {
        EventKind::Other
    }
}

/// The first deployment's id (`ecs-svc/…`) in `text`.
fn deployment(text: &str) -> Option<String> {
    let at = text.find("ecs-svc/")?;
    let id: String = text[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-')).collect();
    Some(id.trim_end_matches('-').to_owned())
}

/// Events of `service`, read, the newest first whatever order they came in.
pub(super) fn events(service: &Service) -> Vec<(EventKind, &Event)> {
    let mut events: Vec<(EventKind, &Event)> =
        service.events.iter().map(|event| (event_kind(&event.message), event)).collect();
    events.sort_by_key(|(_, event)| std::cmp::Reverse(event.at));
    events
}

/// The newest of those about progress, if that one says that there is none.
pub(super) fn obstacle<'a>(
    events: &'a [(EventKind, &'a Event)],
    since: Option<Timestamp>,
) -> Option<(&'a EventKind, &'a Event)> {
    let telling = events.iter().filter(|(said, event)| {
        let said =
            !matches!(said, EventKind::Other | EventKind::Stopped(_) | EventKind::Unhealthy | EventKind::Started(_));
        said && since.is_none_or(|since| event.at >= since)
    });
    let (said, event) = telling.max_by_key(|(_, event)| event.at)?;
    let stops =
        matches!(said, EventKind::Inconsistent | EventKind::Unplaced | EventKind::Stuck | EventKind::Unlaunched);
    // Tasks that were started after there was no room have found some.
    let resolved = matches!(said, EventKind::Unplaced | EventKind::Unlaunched)
        && events.iter().any(|(said, other)| matches!(said, EventKind::Started(_)) && other.at > event.at);
    (stops && !resolved).then_some((said, event))
}

/// Events that speak of trouble since `since`, as evidence.
pub(super) fn troubles(events: &[(EventKind, &Event)], since: Option<Timestamp>) -> Vec<Evidence> {
    let bad = events.iter().filter(|(said, event)| {
        let good = matches!(
            said,
            EventKind::Started(_) | EventKind::Stopped(_) | EventKind::Steady | EventKind::Completed | EventKind::Other
        );
        !good && since.is_none_or(|since| event.at >= since)
    });
    bad.map(|(_, event)| Evidence::new(Some(event.at), &event.message)).collect()
}
