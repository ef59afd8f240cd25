//! What a service's events say, told from ECS's sentences.

use jiff::Timestamp;

use super::Evidence;
use crate::fleet::{Event, Service};

/// What one event says.
///
/// Sentences: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// So many tasks were started.
    Started(u32),
    /// So many tasks were stopped, to deploy or to scale in.
    Stopped(u32),
    /// All is as wished; said again every six hours.
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
pub(super) fn read(message: &str) -> Said {
    let has = |words: &str| message.contains(words);
    let after = |words: &str| message.split_once(words).map(|(_, rest)| rest);
    let count = |words: &str| after(words)?.split_whitespace().next()?.parse::<u32>().ok();
    // By far the most frequent comes first.
    if has("has reached a steady state") {
        Said::Steady
    } else if let Some(count) = count("has started ") {
        Said::Started(count)
    } else if let Some(count) = count("has stopped ") {
        Said::Stopped(count)
    } else if has("deployment completed") {
        Said::Completed
    } else if has("rolling back to") {
        Said::RollingBack(after("rolling back to").and_then(deployment))
    } else if has("deployment failed") {
        Said::Failed(deployment(message))
    } else if has("unable to consistently start tasks") {
        Said::Inconsistent
    } else if has("unable to stop or start tasks during a deployment") {
        Said::Stuck
    } else if has("unable to place") {
        Said::Unplaced
    } else if has("health checks") || has("is unhealthy in") || has("unhealthy status") {
        Said::Unhealthy
    } else if has("failed to launch") || has("unable to assume") {
        Said::Unlaunched
    } else {
        Said::Other
    }
}

/// The first deployment's id (`ecs-svc/…`) in `text`.
fn deployment(text: &str) -> Option<String> {
    let at = text.find("ecs-svc/")?;
    let id: String = text[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-')).collect();
    Some(id.trim_end_matches('-').to_owned())
}

/// Events of `service`, read, the newest first whatever order they came in.
pub(super) fn events(service: &Service) -> Vec<(Said, &Event)> {
    let mut events: Vec<(Said, &Event)> = service.events.iter().map(|event| (read(&event.message), event)).collect();
    events.sort_by_key(|(_, event)| std::cmp::Reverse(event.at));
    events
}

/// The newest of those that tell how it goes on, if that is one that says it does not.
pub(super) fn obstacle<'a>(events: &'a [(Said, &'a Event)], since: Option<Timestamp>) -> Option<(&'a Said, &'a Event)> {
    let telling = events.iter().filter(|(said, event)| {
        let said = !matches!(said, Said::Other | Said::Stopped(_) | Said::Unhealthy | Said::Started(_));
        said && since.is_none_or(|since| event.at >= since)
    });
    let (said, event) = telling.max_by_key(|(_, event)| event.at)?;
    let stops = matches!(said, Said::Inconsistent | Said::Unplaced | Said::Stuck | Said::Unlaunched);
    // Tasks that were started after there was no room have found some.
    let resolved = matches!(said, Said::Unplaced | Said::Unlaunched)
        && events.iter().any(|(said, other)| matches!(said, Said::Started(_)) && other.at > event.at);
    (stops && !resolved).then_some((said, event))
}

/// Events that speak of trouble since `since`, as evidence.
pub(super) fn troubles(events: &[(Said, &Event)], since: Option<Timestamp>) -> Vec<Evidence> {
    let bad = events.iter().filter(|(said, event)| {
        let good = matches!(said, Said::Started(_) | Said::Stopped(_) | Said::Steady | Said::Completed | Said::Other);
        !good && since.is_none_or(|since| event.at >= since)
    });
    bad.map(|(_, event)| Evidence::new(Some(event.at), &event.message)).collect()
}
