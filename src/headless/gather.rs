//! Reads all there is, once: the same questions as the console's, within one limit.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::Surface;
use crate::aws::{Pressure, Strain};
use crate::fleet::health::Clock;
use crate::fleet::overview::{Overview, overview};
use crate::fleet::target::Target;
use crate::fleet::tenancy::{Home, place};
use crate::fleet::{About, Answer, Arn, Ask, CloudError, ContextId, Extent, Facts, Fleet, LOOK, Lane, Trouble, Which};

/// How long AWS is read, all in all.
pub(super) const LIMIT: Duration = Duration::from_secs(24);
/// Questions of one kind under way in one context; how many requests those make at a time is the
/// connector's business. What waits here can still be overtaken by what matters more.
const AT_ONCE: usize = 16;

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// Which clusters there are.
    Clusters,
    /// What names and tags say.
    Names,
    /// Tasks as well, and why services are in trouble.
    Health,
}

/// What was read, and what was not.
pub(super) struct Gathered {
    /// All that came.
    pub(super) fleet: Fleet,
    /// What did not, and through which context it was asked.
    pub(super) errors: Vec<(ContextId, CloudError)>,
}

/// Reads all there is within [`LIMIT`]; what does not come by then is an error like others.
///
/// What is called like `target` is read first: in an account that is too large for the limit, what
/// was asked for is there all the same.
pub(super) async fn gather(surface: &Surface<'_>, depth: Depth, target: Option<&Target>) -> Gathered {
    let mut reader = Reader::new(surface, depth, target);
    let mut limit = std::pin::pin!(tokio::time::sleep(LIMIT));
    let mut under_way = FuturesUnordered::new();
    loop {
        while let Some(ask) = reader.next() {
            under_way.push(async move { (surface.cloud.read(&ask, Lane::Screen).await, ask) });
        }
        tokio::select! {
            biased;
            Some((answer, ask)) = under_way.next() => reader.take(&ask, answer),
            () = &mut limit, if !under_way.is_empty() => break,
            else => {
                if !reader.ask_further() {
                    break;
                }
            }
        }
    }
    // What waits for its turn must be seen before it is given up.
    let pressure = surface.cloud.pressure();
    drop(under_way);
    reader.finish(&pressure)
}

struct Reader<'a> {
    surface: &'a Surface<'a>,
    depth: Depth,
    fleet: Fleet,
    errors: Vec<(ContextId, CloudError)>,
    /// A word that what is asked for first has in its name.
    near: Option<String>,
    /// To be asked, in order.
    waiting: BTreeMap<(Rank, usize), Ask>,
    /// How many have been noted so far.
    count: usize,
    /// Asked and not answered yet, and what waits to be asked.
    open: BTreeSet<Ask>,
    /// Under way, by context and kind.
    under_way: BTreeMap<(ContextId, Kind), usize>,
    further: Further,
}

/// What is asked first: what is called like the target; what looks at a service before what lists more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank(Nearness, Kind);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Nearness {
    Near,
    Far,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Account,
    Look,
    Roster,
    Tasks,
    Definition,
}

/// Whether what follows from everything else has been asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Further {
    Ahead,
    Asked,
}

impl<'a> Reader<'a> {
    fn new(surface: &'a Surface<'a>, depth: Depth, target: Option<&Target>) -> Self {
        let contexts = surface.cloud.contexts();
        let alone = contexts.len() == 1;
        let ids: Vec<ContextId> = contexts.iter().map(|context| context.id.clone()).collect();
        let mut reader = Self {
            surface,
            depth,
            fleet: Fleet::new(contexts),
            errors: vec![],
            near: target.map(|target| match target {
                Target::Path { tenant, .. } => tenant.to_lowercase(),
                Target::Arn(arn) => arn.name().to_lowercase(),
            }),
            waiting: BTreeMap::new(),
            count: 0,
            open: BTreeSet::new(),
            under_way: BTreeMap::new(),
            further: Further::Ahead,
        };
        for id in ids {
            reader.ask(&id, About::Identity);
            if alone {
                reader.ask(&id, About::Clusters);
            }
        }
        reader
    }

    fn ask(&mut self, context: &ContextId, about: About) {
        let ask = Ask { context: context.clone(), about };
        self.open.insert(ask.clone());
        self.count += 1;
        self.waiting.insert((self.rank(&ask.about), self.count), ask);
    }

    /// What to send next; nothing while enough of its kind is under way.
    fn next(&mut self) -> Option<Ask> {
        let room = |((rank, _), ask): (&(Rank, usize), &Ask)| {
            let under_way = self.under_way.get(&(ask.context.clone(), rank.1)).copied().unwrap_or_default();
            under_way < AT_ONCE
        };
        let at = *self.waiting.iter().find(|(at, ask)| room((at, ask)))?.0;
        let ask = self.waiting.remove(&at)?;
        *self.under_way.entry((ask.context.clone(), at.0.1)).or_default() += 1;
        Some(ask)
    }

    fn rank(&self, about: &About) -> Rank {
        let (kind, names): (Kind, Vec<&Arn>) = match about {
            About::Identity | About::Clusters => (Kind::Account, vec![]),
            About::Roster(cluster) => (Kind::Roster, vec![cluster]),
            About::Look(cluster, services) => (Kind::Look, [cluster].into_iter().chain(services).collect()),
            About::Tasks(cluster, _) => (Kind::Tasks, vec![cluster]),
            About::Definition(arn) => (Kind::Definition, vec![arn]),
            About::Scaling(_)
            | About::Deployments { .. }
            | About::Tag(_)
            | About::Images(_)
            | About::Indexes(..)
            | About::Logs(..)
            | About::Raw(_) => (Kind::Definition, vec![]),
        };
        let jobs = Home::jobs().path();
        // Jobs may be anywhere.
        let near = self.near.as_ref().is_some_and(|word| {
            *word == jobs || names.iter().any(|arn| arn.name().to_lowercase().contains(word.as_str()))
        });
        Rank(if near { Nearness::Near } else { Nearness::Far }, kind)
    }

    /// Takes an answer in, and asks what follows from it.
    fn take(&mut self, ask: &Ask, answer: Answer) {
        self.open.remove(ask);
        let kind = self.rank(&ask.about).1;
        if let Some(count) = self.under_way.get_mut(&(ask.context.clone(), kind)) {
            *count -= 1;
        }
        let (facts, extent) = match answer {
            Answer::Whole(facts) => (Some(facts), Extent::Whole),
            Answer::Part(facts, error) => {
                self.failed(&ask.context, error);
                (Some(facts), Extent::Part)
            }
            Answer::None(error) => {
                self.failed(&ask.context, error);
                (None, Extent::Part)
            }
        };
        let follows = facts.as_ref().map(|facts| self.follows(ask, facts)).unwrap_or_default();
        if let Some(facts) = facts {
            self.fleet.merge(ask, facts, extent, (self.surface.clock)());
        }
        if ask.about == About::Identity && self.fleet.contexts.len() > 1 {
            // Which of several contexts are one is known only now.
            let first = self.fleet.contexts.get(&ask.context).is_some_and(|context| context.same_as.is_none());
            if first {
                self.ask(&ask.context, About::Clusters);
            }
        }
        for about in follows {
            self.ask(&ask.context, about);
        }
    }

    fn follows(&self, ask: &Ask, facts: &Facts) -> Vec<About> {
        match (&ask.about, facts) {
            (About::Clusters, Facts::Clusters(clusters)) => {
                if self.depth == Depth::Clusters {
                    return vec![];
                }
                let rosters = clusters.iter().map(|cluster| About::Roster(cluster.arn.clone()));
                if self.depth == Depth::Names {
                    return rosters.collect();
                }
                let tasks = clusters.iter().map(|cluster| About::Tasks(cluster.arn.clone(), Which::Running));
                // Why what was asked for is in trouble does not wait until all else is read.
                let over = clusters.iter().map(|cluster| About::Tasks(cluster.arn.clone(), Which::Stopped));
                rosters.chain(tasks).chain(over.filter(|about| self.rank(about).0 == Nearness::Near)).collect()
            }
            (About::Roster(cluster), Facts::Roster(services)) => {
                services.chunks(LOOK).map(|services| About::Look(cluster.clone(), services.to_vec())).collect()
            }
            _ => vec![],
        }
    }

    /// Asks what can be known only once all else is: why services are in trouble, and which images
    /// run where tasks do not say so. Whether anything was asked.
    fn ask_further(&mut self) -> bool {
        if self.depth != Depth::Health || self.further == Further::Asked {
            return false;
        }
        self.further = Further::Asked;
        let overview = self.overview();
        for (context, cluster) in overview.stirred(&self.fleet, (self.surface.clock)()) {
            self.ask(&context, About::Tasks(cluster, Which::Stopped));
        }
        let mut definitions = overview.unsettled(&self.fleet);
        definitions.extend(self.silent());
        for (context, definition) in definitions {
            self.ask(&context, About::Definition(definition));
        }
        !self.waiting.is_empty()
    }

    /// How everything is, as far as it has been read.
    fn overview(&self) -> Overview {
        let places = place(&self.fleet, self.surface.rules);
        overview(&self.fleet, &places, Clock { now: (self.surface.clock)(), interval: LIMIT })
    }

    /// Task definitions of running tasks whose containers do not say what they run.
    fn silent(&self) -> BTreeSet<(ContextId, Arn)> {
        let tasks = self.fleet.tasks.values().flat_map(BTreeMap::values);
        let silent =
            tasks.filter(|task| !task.is_over() && task.containers.iter().any(|container| container.image.is_none()));
        silent.map(|task| (task.context.clone(), task.definition.clone())).collect()
    }

    /// Notes an error. What comes again by itself in the console does not come again here.
    fn failed(&mut self, context: &ContextId, mut error: CloudError) {
        if matches!(error.kind, Trouble::Throttled | Trouble::Broken) {
            "Try again in a minute.".clone_into(&mut error.advice);
        }
        self.errors.push((context.clone(), error));
    }

    /// What is still open now has run out of time.
    fn finish(mut self, pressure: &Pressure) -> Gathered {
        for ask in std::mem::take(&mut self.open) {
            let strain = pressure.get(&ask.context).copied().unwrap_or_default();
            let error = unread(&ask, strain, LIMIT);
            self.errors.push((ask.context, error));
        }
        Gathered { fleet: self.fleet, errors: self.errors }
    }
}

/// That `ask` had no answer within `limit`, under such a strain.
pub(super) fn unread(ask: &Ask, strain: Strain, limit: Duration) -> CloudError {
    let advice = match (strain.throttled, strain.waiting) {
        (true, _) => "AWS throttles this account; try again in a minute.",
        (false, 0) => "Check the network and the endpoint; the console would keep trying.",
        (false, _) => {
            "There is more than wharf's share of AWS's rate limit allows to read in that time: name fewer \
             profiles and regions, or let the console read on."
        }
    };
    let (operation, on) = words(ask);
    CloudError {
        kind: Trouble::TimedOut,
        operation: operation.to_owned(),
        on,
        code: None,
        message: format!("not read within {} s", limit.as_secs()),
        request_id: None,
        advice: advice.to_owned(),
    }
}

/// The operation that `ask` begins with, and what it is asked of.
pub(super) fn words(ask: &Ask) -> (&'static str, String) {
    let cluster = |cluster: &Arn| format!("cluster {}", cluster.name());
    match &ask.about {
        About::Identity => ("GetCallerIdentity", "the caller".to_owned()),
        About::Clusters => ("ListClusters", "the region".to_owned()),
        About::Roster(arn) => ("ListServices", cluster(arn)),
        About::Look(arn, _) => ("DescribeServices", cluster(arn)),
        About::Tasks(arn, _) => ("ListTasks", cluster(arn)),
        About::Definition(arn) | About::Raw(crate::fleet::Subject::Definition(arn)) => {
            ("DescribeTaskDefinition", arn.name().to_owned())
        }
        About::Tag(reference) => ("DescribeImages", reference.clone()),
        About::Images(repository) => ("DescribeImages", repository.clone()),
        About::Indexes(repository, _) => ("BatchGetImage", repository.clone()),
        About::Logs(source, _) => ("FilterLogEvents", format!("log group {}", source.group)),
        About::Scaling(_) => ("DescribeScalableTargets", "services".to_owned()),
        About::Deployments { cluster: arn, .. } => ("ListServiceDeployments", cluster(arn)),
        About::Raw(crate::fleet::Subject::Service { service: arn, .. }) => ("DescribeServices", arn.name().to_owned()),
        About::Raw(crate::fleet::Subject::Task { task: arn, .. }) => ("DescribeTasks", arn.name().to_owned()),
    }
}
