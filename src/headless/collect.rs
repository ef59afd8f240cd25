//! Reads what a command needs, each thing once, within one limit.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};

use super::Session;
use crate::app::reads::{Needs, ReadOnce};
use crate::aws::{Pressure, Strain};
use crate::fleet::{CloudError, Fleet, Priority, Query, Response, Trouble};

/// How long AWS is read, all in all.
pub(super) const LIMIT: Duration = Duration::from_secs(24);

/// What was read, and what was not.
pub(super) struct Collected {
    /// All that came.
    pub(super) fleet: Fleet,
    /// What was not answered completely, and why.
    pub(super) failed: BTreeMap<Query, CloudError>,
    /// What had no answer within the limit.
    pub(super) unanswered: BTreeSet<Query>,
    /// How hard AWS's budgets were pressed in the end.
    pub(super) pressure: Pressure,
}

/// Reads what `needs` names into `fleet`, within [`LIMIT`].
///
/// `needs` is given what was read so far, and how many times everything that it named had been answered: what
/// can be known only then is a need of the next round. When a round adds nothing, it is over.
pub(super) async fn collect(
    surface: &Session<'_>,
    fleet: Fleet,
    lane: Priority,
    mut needs: impl FnMut(&Collected, usize) -> Needs,
) -> Collected {
    let mut collected =
        Collected { fleet, failed: BTreeMap::new(), unanswered: BTreeSet::new(), pressure: Pressure::default() };
    let (mut reads, mut round) = (ReadOnce::default(), 0);
    let mut needed = needs(&collected, round);
    let mut limit = std::pin::pin!(tokio::time::sleep(LIMIT));
    let mut in_progress = FuturesUnordered::new();
    loop {
        for ask in reads.due(&collected.fleet, &needed) {
            in_progress.push(async move { (surface.cloud.read(&ask, lane).await, ask) });
        }
        tokio::select! {
            biased;
            Some((answer, ask)) = in_progress.next() => {
                collected.take(surface, &mut reads, ask, answer);
                // What follows from answers that came together is worked out once.
                while let Some(Some((answer, ask))) = in_progress.next().now_or_never() {
                    collected.take(surface, &mut reads, ask, answer);
                }
                needed = needs(&collected, round);
            }
            () = &mut limit, if !in_progress.is_empty() => break,
            else => {
                round += 1;
                needed = needs(&collected, round);
                if reads.is_done(&collected.fleet, &needed) {
                    break;
                }
            }
        }
    }
    // What waits for its turn must be seen before it is given up.
    collected.pressure = surface.cloud.pressure();
    drop(in_progress);
    collected.unanswered = reads.unanswered(&collected.fleet, &needed);
    collected
}

impl Collected {
    fn take(&mut self, surface: &Session<'_>, reads: &mut ReadOnce, ask: Query, answer: Response) {
        let (facts, extent, error) = answer.into_parts();
        reads.answered(&ask, error.as_ref());
        if let Some(facts) = facts {
            self.fleet.apply(&ask, facts, extent, (surface.clock)());
        }
        self.failed.extend(error.map(|error| (ask, error)));
    }
}

/// That `ask` had no answer within `limit`, under such a strain.
pub(super) fn unread(ask: &Query, strain: Strain, limit: Duration) -> CloudError {
    let advice = match (strain.throttled, strain.waiting) {
        (true, _) => "AWS throttles this account; try again in a minute.",
        (false, 0) => "Check the network and the endpoint; the console would keep trying.",
        (false, _) => {
            "There is more than wharf's share of AWS's rate limit allows to read in that time: name fewer \
             profiles and regions, or let the console read on."
        }
    };
    CloudError {
        kind: Trouble::TimedOut,
        operation: ask.operation().name().to_owned(),
        on: ask.on(),
        code: None,
        message: format!("not read within {} s", limit.as_secs()),
        request_id: None,
        advice: advice.to_owned(),
    }
}
