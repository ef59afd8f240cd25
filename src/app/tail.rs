//! What is followed of logs: where is asked next, and the lines that came, each once and in order.

mod backfill;
mod buffer;
mod dedupe;
mod exclude;
mod log_streams;
mod request;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::reads::pause;
use crate::fleet::{CloudError, ContextId, LogLine, Payload, Query, Response, STREAMS, Trouble};
use buffer::Buffer;
pub use buffer::{BYTES, Keep, LINES};
pub use log_streams::{Ends, LogStreams, LogTarget, Unstarted, log_streams, writer};
use request::Request;

/// How far back of the newest line is asked again: lines arrive late.
pub const OVERLAP: Duration = Duration::from_mins(1);
/// How long a task's lines are waited for after it has stopped.
pub const LAST: Duration = Duration::from_secs(15);
/// Between two questions while lines come.
const BUSY: Duration = Duration::from_secs(2);
/// Between two questions while none come, at most.
const IDLE: Duration = Duration::from_secs(10);
/// Where nothing was written for so long, what lies further back is not asked again.
const QUIET: Duration = Duration::from_mins(15);

/// What is followed, what has been read of it, and the lines of it.
///
/// Streams of a log group are asked for together, [`STREAMS`] at a time. Each question goes back
/// [`OVERLAP`] behind what was read, so that lines that arrive late are found; they are told from
/// the others by their id. Where there are more lines than one answer holds, the next question
/// goes on from the last of them, at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Tail {
    since: Timestamp,
    until: Option<Timestamp>,
    buffer: Buffer,
    pulls: BTreeMap<Group, GroupPoller>,
    chains: BTreeMap<u64, Request>,
    flights: BTreeMap<Query, u64>,
    /// Ids of tasks whose lines a prefix must not bring.
    others: BTreeSet<String>,
    next: u64,
}

/// A log group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Group {
    /// Where to ask.
    pub context: ContextId,
    /// Its name.
    pub name: String,
    /// Its region, where that is another than the context's.
    pub region: Option<String>,
}

/// Where lines come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogStream {
    /// The log group.
    pub group: Group,
    /// Where in it.
    pub place: StreamSelector,
}

/// Where in a log group lines come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StreamSelector {
    /// The stream of that name.
    Stream(String),
    /// All streams whose name begins so.
    Prefix(String),
}

/// One log group that is asked again and again.
#[derive(Clone, Debug, PartialEq)]
struct GroupPoller {
    places: BTreeMap<StreamSelector, Cursor>,
    due: Timestamp,
    pace: Duration,
    /// Whether lines came since it was due last.
    fresh: bool,
    error: Option<CloudError>,
}

/// How far a stream, or those of a prefix, have been read.
#[derive(Clone, Debug, PartialEq)]
struct Cursor {
    /// All that was written before has been read, but for what comes late.
    read: Option<Timestamp>,
    ends: Option<Timestamp>,
    /// It is not known, or not yet: it would fail all that are asked for with it.
    absent: bool,
    done: bool,
}

impl Tail {
    /// Follows what is written from `since` on, without end.
    pub fn following(since: Timestamp) -> Self {
        Self::new(since, None)
    }

    /// Reads what was written from `since` until `until`, once.
    pub fn once(since: Timestamp, until: Timestamp) -> Self {
        Self::new(since, Some(until))
    }

    fn new(since: Timestamp, until: Option<Timestamp>) -> Self {
        Self {
            since,
            until,
            buffer: Buffer::default(),
            pulls: BTreeMap::new(),
            chains: BTreeMap::new(),
            flights: BTreeMap::new(),
            others: BTreeSet::new(),
            next: 0,
        }
    }

    /// The lines, in the order of their time; [`LINES`] and [`BYTES`] at most, the newest, unless more are [kept](Keep).
    pub fn lines(&self) -> &VecDeque<Arc<LogLine>> {
        self.buffer.lines()
    }

    /// How many of the oldest lines are kept no more.
    pub fn dropped(&self) -> usize {
        self.buffer.dropped()
    }

    /// Sets what stays of more lines than are kept.
    pub fn keep(&mut self, keep: Keep) {
        self.buffer.keep(keep);
    }

    /// From when on lines are read.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// How far behind the reading is; nothing where every answer held all there was.
    pub fn behind(&self, now: Timestamp) -> Option<Duration> {
        let chains = self.chains.values().filter(|chain| chain.lags && chain.goes_on());
        chains.map(|chain| now.duration_since(chain.from).unsigned_abs()).max()
    }

    /// Log groups that could not be read when they were asked last, and why.
    pub fn errors(&self) -> impl Iterator<Item = (&Group, &CloudError)> {
        self.pulls.iter().filter_map(|(group, pull)| Some((group, pull.error.as_ref()?)))
    }

    /// Before when every line has come that was there: of what was never read, and is in no log group that
    /// fails, nothing is missing. Nothing where that is so of all lines.
    pub fn complete_to(&self) -> Option<Timestamp> {
        let mut asked: BTreeMap<(&Group, &StreamSelector), Timestamp> = BTreeMap::new();
        let mut failing: BTreeSet<&Group> = BTreeSet::new();
        for chain in self.chains.values().filter(|chain| chain.goes_on()) {
            asked.extend(chain.places.iter().map(|place| ((&chain.group, place), chain.from)));
            // What comes new to such a group is asked for only once the others have been read.
            failing.extend((chain.failures > 0).then_some(&chain.group));
        }
        let pulls = self.pulls.iter().filter(|(group, _)| !failing.contains(group));
        let places = pulls.flat_map(|(group, pull)| pull.places.iter().map(move |of| (group, of)));
        let unread = places.filter(|(_, (_, reach))| reach.read.is_none() && !reach.absent && !reach.done);
        unread.map(|(group, (place, _))| asked.get(&(group, place)).copied().unwrap_or(self.since)).min()
    }

    /// Whether any outlet has been read to its end at least once, or is known not to be there.
    pub fn has_read(&self) -> bool {
        self.reaches().any(|reach| reach.read.is_some() || reach.absent)
    }

    /// Whether everything has been read that can be, and nothing will be asked any more.
    pub fn is_done(&self) -> bool {
        self.chains.is_empty() && self.reaches().all(|reach| reach.done)
    }

    /// Follows these outlets from now on. New ones are read from the beginning; those that are gone, or
    /// whose task has stopped, are asked for once more [`LAST`] after that.
    pub fn follow(&mut self, found: &BTreeMap<LogStream, Ends>, now: Timestamp) {
        let later = |at: Timestamp| at.checked_add(LAST).unwrap_or(at);
        for (outlet, ends) in found {
            let pull = self.pulls.entry(outlet.group.clone()).or_insert_with(|| GroupPoller::new(now));
            let reach = pull.places.entry(outlet.place.clone()).or_insert_with(|| {
                pull.due = pull.due.min(now);
                Cursor { read: None, ends: None, absent: false, done: false }
            });
            match ends {
                Ends::At(at) => reach.ends = Some(later(*at)),
                Ends::Open => (reach.ends, reach.done) = (None, reach.done && self.until.is_some()),
            }
        }
        for (group, pull) in &mut self.pulls {
            let outlet = |place: &StreamSelector| LogStream { group: group.clone(), place: place.clone() };
            for (place, reach) in &mut pull.places {
                if reach.ends.is_none() && !found.contains_key(&outlet(place)) {
                    reach.ends = Some(later(now));
                }
            }
            pull.places.retain(|place, reach| !reach.done || found.contains_key(&outlet(place)));
        }
    }

    /// What is to be asked at `now`: as long as lines come every two seconds, at last every ten.
    ///
    /// Each question is taken for asked: what comes back goes to [`Tail::take`], after which more may
    /// be due at once.
    pub fn due(&mut self, now: Timestamp) -> Vec<Query> {
        let going_on = self.chains.values().filter(|chain| chain.goes_on());
        let busy: Vec<Group> = going_on.map(|chain| chain.group.clone()).collect();
        let idle = self.pulls.iter_mut().filter(|(group, pull)| pull.due <= now && !busy.contains(group));
        for (group, pull) in idle {
            pull.fresh = false;
            for (places, from) in pull.batches(self.since) {
                self.chains.insert(self.next, Request::new(group.clone(), places, from));
                self.next += 1;
            }
        }
        let mut asks = vec![];
        for (id, chain) in &mut self.chains {
            let flying = self.flights.values().any(|flying| flying == id);
            if flying || chain.rests_until.is_some_and(|until| now < until) {
                continue;
            }
            chain.begun.get_or_insert(now);
            let ask = chain.ask(self.until);
            self.flights.insert(ask.clone(), *id);
            asks.push(ask);
        }
        asks
    }

    /// Takes in what came back for `ask` at `now`, and gives the lines that are new.
    ///
    /// An answer that nobody waits for changes nothing; a part that holds no line is asked for again at once.
    pub fn take(&mut self, ask: &Query, answer: Response, now: Timestamp) -> Vec<Arc<LogLine>> {
        let Some(id) = self.flights.remove(ask) else { return vec![] };
        let Some(mut chain) = self.chains.remove(&id) else { return vec![] };
        let found_none = matches!(&answer, Response::Partial(Payload::LogEvents(lines), _) if lines.is_empty());
        let (facts, _, error) = answer.into_parts();
        // An answer of another kind than its question says nothing.
        let lines = if let Some(Payload::LogEvents(lines)) = facts { lines } else { vec![] };
        let (group, goes_on) = (chain.group.clone(), chain.goes_on());
        let last = lines.iter().map(|line| line.at).max();
        chain.newest = chain.newest.max(last);
        let own: Vec<LogLine> = lines.into_iter().filter(|line| !self.excludes(line, &chain)).collect();
        let fresh: Vec<_> = own.into_iter().filter_map(|line| self.buffer.insert(line)).collect();
        match error {
            None => self.finish(&chain),
            Some(_) if !fresh.is_empty() || last > Some(chain.from) => {
                chain.from = last.map_or(chain.from, |last| last.max(chain.from));
                // What is only read again, for those that come late, is nothing to be behind of.
                chain.lags = !fresh.is_empty();
                (chain.failures, chain.rests_until) = (0, None);
                self.chains.insert(id, chain);
            }
            // It was searched, and whoever asks again goes on where that ended.
            Some(_) if found_none => {
                (chain.failures, chain.rests_until) = (0, None);
                self.pulls.entry(group.clone()).and_modify(|pull| pull.error = None);
                self.chains.insert(id, chain);
            }
            Some(error) => self.failed(id, chain, error, now),
        }
        if let Some(pull) = self.pulls.get_mut(&group).filter(|_| goes_on) {
            pull.fresh |= !fresh.is_empty();
            if !self.chains.values().any(|chain| chain.group == group && chain.goes_on()) {
                pull.rest(now);
            }
        }
        fresh
    }

    fn reaches(&self) -> impl Iterator<Item = &Cursor> {
        self.pulls.values().flat_map(|pull| pull.places.values())
    }

    /// All that `chain` asked for was read.
    fn finish(&mut self, chain: &Request) {
        let Some((pull, begun)) = self.pulls.get_mut(&chain.group).zip(chain.begun) else { return };
        pull.error = None;
        if !chain.goes_on() {
            return;
        }
        // A line of a writer whose clock is ahead must not hide those of others.
        let quiet = begun.checked_sub(QUIET).unwrap_or(begun);
        let read = chain.newest.map_or(quiet, |newest| newest.clamp(quiet, begun));
        for place in &chain.places {
            let Some(reach) = pull.places.get_mut(place) else { continue };
            reach.read = reach.read.max(Some(read));
            reach.absent = false;
            reach.done = self.until.is_some() || reach.ends.is_some_and(|ends| ends <= begun);
        }
    }

    /// Nothing of what `chain` asked for came.
    fn failed(&mut self, id: u64, mut chain: Request, error: CloudError, now: Timestamp) {
        let Some(pull) = self.pulls.get_mut(&chain.group) else { return };
        if is_stream_gone(&error) {
            if chain.places.len() > 1 {
                // One of them fails all: which one is found by halves.
                let half = chain.places.split_off(chain.places.len() / 2);
                let other = Request { places: half, ..chain.clone() };
                self.chains.insert(id, chain);
                self.chains.insert(self.next, other);
                self.next += 1;
                return;
            }
            pull.error = None;
            if !chain.goes_on() {
                return;
            }
            if let Some(reach) = chain.places.first().and_then(|place| pull.places.get_mut(place)) {
                let over = reach.ends.zip(chain.begun).is_some_and(|(ends, begun)| ends <= begun);
                (reach.absent, reach.done) = (true, over || self.until.is_some());
            }
            return;
        }
        chain.failures += 1;
        chain.rests_until = now.checked_add(pause(chain.failures, error.kind)).ok();
        let is_transient = error.is_transient();
        pull.error = Some(error);
        if self.until.is_some() && !is_transient {
            for place in &chain.places {
                if let Some(reach) = pull.places.get_mut(place) {
                    reach.done = true;
                }
            }
            return;
        }
        self.chains.insert(id, chain);
    }
}

impl GroupPoller {
    fn new(now: Timestamp) -> Self {
        Self { places: BTreeMap::new(), due: now, pace: BUSY, fresh: false, error: None }
    }

    /// What is asked together, and from when on: what was never read apart from what was, and alone
    /// what would fail the others.
    fn batches(&self, since: Timestamp) -> Vec<(Vec<StreamSelector>, Timestamp)> {
        let mut batches = vec![];
        let (mut new, mut old) = (vec![], vec![]);
        for (place, reach) in self.places.iter().filter(|(_, reach)| !reach.done) {
            let from = reach.read.and_then(|read| read.checked_sub(OVERLAP).ok()).unwrap_or(since).max(since);
            match place {
                StreamSelector::Stream(_) if reach.absent => batches.push((vec![place.clone()], from)),
                StreamSelector::Prefix(_) => batches.push((vec![place.clone()], from)),
                StreamSelector::Stream(_) if reach.read.is_none() => new.push((place.clone(), from)),
                StreamSelector::Stream(_) => old.push((place.clone(), from)),
            }
        }
        for group in [new, old] {
            for batch in group.chunks(STREAMS) {
                let from = batch.iter().map(|(_, from)| *from).min().unwrap_or(since);
                batches.push((batch.iter().map(|(place, _)| place.clone()).collect(), from));
            }
        }
        batches
    }

    /// Sets when it is due next.
    fn rest(&mut self, now: Timestamp) {
        self.pace = if self.fresh { BUSY } else { (self.pace * 3 / 2).min(IDLE) };
        self.due = now.checked_add(self.pace).unwrap_or(now);
    }
}

impl StreamSelector {
    /// The stream's name, or what it begins with.
    pub fn text(&self) -> &str {
        match self {
            Self::Stream(text) | Self::Prefix(text) => text,
        }
    }
}

/// Whether a stream is missing, and not its group: one that has not been written to is not there yet.
fn is_stream_gone(error: &CloudError) -> bool {
    error.kind == Trouble::Gone && error.message.contains("stream")
}
