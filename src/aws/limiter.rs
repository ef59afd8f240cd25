//! Paces requests: the budget of an account, and how many requests a context sends at a time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use super::budget::{Budget, Place, RegionBucket, Turn};
use super::client::ContextClient;
use super::{Clock, Strain};
use crate::fleet::{Operation, Priority};

/// The longest that a request waits for its turn.
pub(super) const PATIENCE: Duration = Duration::from_mins(5);

/// Requests of one context in progress at a time, and how many of those each lane leaves to the higher.
const AT_ONCE: usize = 8;
const FOR_CHANGES: usize = 1;
const FOR_SCREEN: usize = 2;

/// Decides when a request of one context may be sent.
pub(super) struct Limiter {
    clock: Clock,
    account: Mutex<Arc<AccountBudget>>,
    all: Semaphore,
    reads: Semaphore,
    rest: Semaphore,
    answers: AtomicU64,
}

/// The budget of one account in one region, whichever contexts lead there.
#[derive(Default)]
pub(super) struct AccountBudget {
    budget: Mutex<Budget>,
    left: Notify,
}

/// The budgets by endpoint, account and region, as far as accounts are known.
#[derive(Default)]
pub(super) struct AccountBudgets(Mutex<HashMap<(String, String, String), Arc<AccountBudget>>>);

/// The right to have one request in progress.
pub(super) struct Permit<'a> {
    _permits: Vec<SemaphorePermit<'a>>,
}

/// A place in the queue, given up when dropped.
struct Queued<'a> {
    account: &'a AccountBudget,
    place: Place,
    served: bool,
}

impl Limiter {
    pub(super) fn new(clock: Clock) -> Self {
        let (reads, rest) = (AT_ONCE - FOR_CHANGES, AT_ONCE - FOR_CHANGES - FOR_SCREEN);
        Self {
            clock,
            account: Mutex::default(),
            all: Semaphore::new(AT_ONCE),
            reads: Semaphore::new(reads),
            rest: Semaphore::new(rest),
            answers: AtomicU64::new(0),
        }
    }

    /// The time by the clock that budgets go by.
    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Counts an answer that says what was asked for.
    pub(super) fn answered(&self) {
        self.answers.fetch_add(1, Ordering::Relaxed);
    }

    /// How many of those there were.
    pub(super) fn answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }

    /// Waits until `operation` may be sent to `region`; nothing once [`PATIENCE`] has run out.
    pub(super) async fn acquire(&self, operation: Operation, region: &str, lane: Priority) -> Option<Permit<'_>> {
        let permit = async {
            self.token(RegionBucket::of(operation, region), lane).await;
            self.permit(lane).await
        };
        tokio::time::timeout(PATIENCE, permit).await.ok().flatten()
    }

    /// Counts a retry, which the SDK sends without asking.
    pub(super) fn retried(&self, operation: Operation, region: &str) {
        lock(&self.account().budget).debit(RegionBucket::of(operation, region), (self.clock)());
    }

    /// Slows down after AWS said that a bucket is empty.
    pub(super) fn throttled(&self, operation: Operation, region: &str) {
        lock(&self.account().budget).throttled(RegionBucket::of(operation, region), (self.clock)());
    }

    pub(super) fn strain(&self) -> Strain {
        let now = (self.clock)();
        let account = self.account();
        let mut budget = lock(&account.budget);
        let wait = budget.next_turn(now).unwrap_or_default();
        let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX);
        Strain { waiting: budget.waiting(), throttled: budget.strained(now), seconds }
    }

    async fn token(&self, bucket: RegionBucket, lane: Priority) {
        let account = self.account();
        let mut queued = Queued { account: &account, place: lock(&account.budget).join(bucket, lane), served: false };
        loop {
            let mut left = std::pin::pin!(account.left.notified());
            left.as_mut().enable();
            let turn = lock(&account.budget).take(&queued.place, (self.clock)());
            match turn {
                Turn::Now => {
                    queued.served = true;
                    return;
                }
                Turn::In(wait) => tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = left => {}
                },
            }
        }
    }

    /// A lane takes its place among its own before it competes with the higher ones.
    async fn permit(&self, lane: Priority) -> Option<Permit<'_>> {
        let gates: &[&Semaphore] = match lane {
            Priority::Change => &[&self.all],
            Priority::Screen => &[&self.reads, &self.all],
            Priority::Rest => &[&self.rest, &self.reads, &self.all],
        };
        let mut permits = Vec::with_capacity(gates.len());
        for gate in gates {
            permits.push(gate.acquire().await.ok()?);
        }
        Some(Permit { _permits: permits })
    }

    fn account(&self) -> Arc<AccountBudget> {
        Arc::clone(&lock(&self.account))
    }
}

impl AccountBudgets {
    /// From now on `client` shares its budget with whatever else leads to `account` in its region.
    pub(super) fn identified(&self, client: &ContextClient, account: &str) {
        let endpoint = client.context.endpoint.clone().unwrap_or_default();
        let key = (endpoint, account.to_owned(), client.context.region.clone());
        let own = client.limiter.account();
        let shared = Arc::clone(lock(&self.0).entry(key).or_insert(own));
        *lock(&client.limiter.account) = shared;
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        if !self.served {
            lock(&self.account.budget).leave(&self.place);
            self.account.left.notify_waiters();
        }
    }
}

/// What is guarded is valid whatever its last holder did.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;

    fn limiter() -> Limiter {
        let start = tokio::time::Instant::now();
        let since = move || SignedDuration::try_from(start.elapsed()).unwrap_or(SignedDuration::MAX);
        Limiter::new(Arc::new(move || Timestamp::UNIX_EPOCH + since()))
    }

    fn services() -> RegionBucket {
        RegionBucket::of(Operation::DescribeServices, "us-east-1")
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_moves_up_at_once_when_one_before_gives_up() {
        let limiter = limiter();
        for _ in 0..90 {
            limiter.token(services(), Priority::Screen).await;
        }
        let start = tokio::time::Instant::now();
        let first = async {
            let token = limiter.token(services(), Priority::Screen);
            let _ = tokio::time::timeout(Duration::from_millis(50), token).await;
        };
        let second = limiter.token(services(), Priority::Screen);
        tokio::join!(first, second);
        assert!(start.elapsed() < Duration::from_millis(250), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_lane_leaves_permits_to_the_higher_ones() {
        let limiter = limiter();
        for (lane, free) in [(Priority::Rest, 5), (Priority::Screen, 7), (Priority::Change, 8)] {
            let mut held = vec![];
            let patience = Duration::from_secs(1);
            while let Ok(permit) = tokio::time::timeout(patience, limiter.permit(lane)).await {
                held.push(permit);
            }
            assert_eq!(held.len(), free, "{lane:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn patience_ends_though_the_clock_stands_still() {
        let limiter = Limiter::new(Arc::new(|| Timestamp::UNIX_EPOCH));
        let identity = RegionBucket::of(Operation::GetCallerIdentity, "us-east-1");
        for _ in 0..9 {
            limiter.token(identity, Priority::Screen).await;
        }
        let start = tokio::time::Instant::now();
        assert!(limiter.acquire(Operation::GetCallerIdentity, "us-east-1", Priority::Screen).await.is_none());
        assert!(start.elapsed() < PATIENCE + Duration::from_secs(1));
        assert_eq!(limiter.strain().waiting, 0);
    }
}
