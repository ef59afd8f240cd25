//! How a proposal becomes a plan: each wish spelt out as steps, or left out with the reason.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::notes::{Note, Notes};
use super::policy::Policy;
use super::proposal::{Proposal, Verb, Wanted, Wish};
use super::step::{Caution, Guard, LeftOut, Plan, Step, Target, Track, Where, Why};
use super::{redeploy, scale};
use crate::fleet::overview::lost_zones;
use crate::fleet::tenancy::{Home, Places};
use crate::fleet::{
    About, Arn, Ask, CloudError, ContextId, Controller, Entry, Fleet, Management, Service, ServiceStatus, Which,
};
use crate::text::clean;

/// What is known when a plan is made.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// What was read.
    pub fleet: &'a Fleet,
    /// Whose each service is.
    pub places: &'a Places,
    /// What is protected, and what must not be done.
    pub policy: &'a Policy,
    /// Questions whose answer did not come, or not whole, and why.
    pub failed: &'a BTreeMap<Ask, CloudError>,
}

/// A wished service that has been looked at since it was wished for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    pub(super) service: &'a Service,
    /// The context it is asked about through.
    pub(super) context: &'a ContextId,
    pub(super) known: &'a Known<'a>,
    /// When it was wished for: what was read before does not count.
    pub(super) since: Timestamp,
}

/// What a wish comes to.
#[derive(Debug, Default)]
pub(super) struct Spelt {
    /// At least one.
    pub(super) steps: Vec<Step>,
    pub(super) notes: Vec<Note>,
}

/// Spells `proposal` out, by what is known once [`reads`](super::reads()) has nothing left to ask.
///
/// Each wished service is in exactly one of the plan's tracks and of what it leaves out.
pub fn draft(proposal: &Proposal, known: &Known<'_>, now: Timestamp) -> Plan {
    let mut notes = Notes::default();
    let (mut tracks, mut left_out) = (vec![], vec![]);
    for (service, wishes) in by_service(proposal) {
        match spell(proposal, service, &wishes, known) {
            Ok((target, spelt)) => {
                notes.extend(&target.path, spelt.notes);
                tracks.push(Track { target, steps: spelt.steps });
            }
            Err(why) => left_out.push(LeftOut { service: service.clone(), path: path(known, service), why }),
        }
    }
    note_surroundings(&mut notes, &tracks, proposal, known, now);
    Plan {
        id: proposal.id.clone(),
        verb: proposal.verb,
        made_at: now,
        undoes: proposal.undoes.clone(),
        reason: proposal.reason.clone(),
        wheres: wheres(&tracks, known.fleet),
        tracks,
        left_out,
        warnings: notes.into_warnings(),
    }
}

/// Why `verb` cannot be done to `service` at all, with what to do instead.
pub(super) fn refusal(service: &Service, verb: Verb) -> Option<String> {
    let says = match (&service.status, service.management, &service.controller) {
        (ServiceStatus::Draining, ..) => "it was deleted and is draining; make it anew to have it back".to_owned(),
        (ServiceStatus::Inactive, ..) => "it was deleted; make it anew to have it back".to_owned(),
        (ServiceStatus::Other(word), ..) => {
            format!("it is {}, which wharf does not know; look at it in the AWS console", clean(word))
        }
        (_, Management::Ecs, _) => {
            "ECS manages this Express service; change it with UpdateExpressGatewayService".to_owned()
        }
        (.., Controller::CodeDeploy) => "CodeDeploy carries out its deployments; use CodeDeploy".to_owned(),
        (.., Controller::External) => {
            "its deployments are made as task sets by another controller; use that one".to_owned()
        }
        (.., Controller::Other(word)) => {
            format!("its deployment controller {} is not known to wharf; use that one", clean(word))
        }
        (ServiceStatus::Active, Management::Customer, Controller::Ecs) => {
            return match verb {
                Verb::Redeploy => redeploy::refusal(service),
                Verb::Scale => scale::refusal(service),
            };
        }
    };
    Some(says)
}

/// Wishes by service, each service once, in the order of the proposal.
fn by_service(proposal: &Proposal) -> Vec<(&Arn, Vec<&Wanted>)> {
    let mut wishes: Vec<(&Arn, Vec<&Wanted>)> = vec![];
    let mut places: BTreeMap<&Arn, usize> = BTreeMap::new();
    for Wish { service, wanted } in &proposal.wishes {
        let at = *places.entry(service).or_insert(wishes.len());
        match wishes.get_mut(at) {
            Some((_, several)) => several.push(wanted),
            None => wishes.push((service, vec![wanted])),
        }
    }
    wishes
}

fn spell(proposal: &Proposal, arn: &Arn, wishes: &[&Wanted], known: &Known<'_>) -> Result<(Target, Spelt), Why> {
    let refused = |says: &str| Why::Refused(says.to_owned());
    let verb = proposal.verb;
    let wanted = match wishes {
        [first, rest @ ..] if rest.iter().all(|other| other == first) => *first,
        _ => return Err(refused("different things are wished of it; ask for one at a time")),
    };
    // What a rule of the config denies goes by the verb, which must be what is really done.
    if (verb == Verb::Redeploy) != (*wanted == Wanted::NewTasks) {
        return Err(Why::Refused(format!("that is no {}; ask for it by its own verb", verb.word())));
    }
    let looks = |about: &About| matches!(about, About::Look(_, services) if services.contains(arn));
    let unread = || known.error(looks).map(|error| Why::Unread(error.what()));
    let Some(entry) = known.fleet.services.get(arn) else {
        return Err(unread().unwrap_or_else(|| refused("ECS does not know it; it may have been deleted just now")));
    };
    let target = target(arn, entry, known);
    if let Some(rule) = known.policy.denies_path(&target.home, verb.word()) {
        return Err(Why::Refused(format!("a rule of the config refuses it: {}", clean(&rule.reason))));
    }
    let Some(service) = known.seen(arn, proposal.made_at) else {
        return Err(unread().unwrap_or_else(|| Why::Unread("AWS has not said how it is".to_owned())));
    };
    if let Some(why) = refusal(service, verb) {
        return Err(Why::Refused(why));
    }
    let seen = Seen { service, context: &entry.context, known, since: proposal.made_at };
    let spelt = match wanted {
        Wanted::NewTasks => redeploy::spell(&seen)?,
        Wanted::Count(count) => scale::spell(&seen, *count, proposal.bounds)?,
        Wanted::Back { count, bounds } => scale::spell_back(&seen, *count, *bounds)?,
    };
    Ok((target, spelt))
}

fn target(arn: &Arn, entry: &Entry, known: &Known<'_>) -> Target {
    let home = known.places.of_service(arn).map_or_else(Home::unassigned, |place| place.home.clone());
    let guard = if known.policy.is_protected(&home) { Guard::Protected } else { Guard::Open };
    Target {
        service: arn.clone(),
        cluster: entry.cluster.clone(),
        context: entry.context.clone(),
        path: path(known, arn),
        home: home.path(),
        tenant: home.tenant.to_string(),
        guard,
    }
}

fn path(known: &Known<'_>, arn: &Arn) -> String {
    known.places.path(arn).unwrap_or_else(|| format!("{}/{}", Home::unassigned(), clean(arn.name())))
}

fn wheres(tracks: &[Track], fleet: &Fleet) -> Vec<Where> {
    let contexts: BTreeSet<&ContextId> = tracks.iter().map(|track| &track.target.context).collect();
    let contexts = contexts.into_iter().map(|id| {
        let context = fleet.contexts.get(id);
        let identity = context.and_then(|context| context.identity.as_ref());
        Where {
            context: id.clone(),
            account: identity.map(|identity| identity.account.clone()),
            region: context.map(|context| context.region.clone()).unwrap_or_default(),
            caller: identity.map(|identity| identity.arn.clone()),
        }
    });
    contexts.collect()
}

/// What is to be said of what lies around the services: who owns them, where their tasks are, and
/// what could not be read.
fn note_surroundings(notes: &mut Notes, tracks: &[Track], proposal: &Proposal, known: &Known<'_>, now: Timestamp) {
    let services: BTreeSet<&Arn> = tracks.iter().map(|track| &track.target.service).collect();
    let lost = lost_zones(known.fleet, &services, now);
    for Track { target, steps } in tracks {
        let mut add = |about: Caution, detail: String| notes.add(&target.path, (about, detail));
        if let Some(owner) = known.fleet.service(&target.service).and_then(|service| super::owner::owner(&service.tags))
        {
            add(Caution::Owned, owner);
        }
        // One task cannot be in two zones.
        let few = steps.iter().any(|step| matches!(step, Step::Count { to: 0 | 1, .. }));
        if let Some(text) = lost.get(&target.service).filter(|_| !few) {
            add(Caution::ZoneLost, text.clone());
        }
        let lacks = |about: &About| match about {
            About::Tasks(cluster, Which::Running) => *cluster == target.cluster,
            _ => false,
        };
        if !known.tasks_read(&target.cluster, proposal.made_at) {
            let says = known.error(lacks).map_or_else(|| "its tasks".to_owned(), CloudError::what);
            add(Caution::Unread, says);
        }
        let who = Ask { context: target.context.clone(), about: About::Identity };
        if let Some(error) = known.failed.get(&who) {
            add(Caution::Unread, error.what());
        }
    }
}

impl<'a> Known<'a> {
    /// What a look at `since` or later saw of the service `arn`.
    pub(super) fn seen(&self, arn: &Arn, since: Timestamp) -> Option<&'a Service> {
        let look = self.fleet.services.get(arn)?.look.as_ref()?;
        (look.at >= since).then_some(look.service.as_ref())
    }

    /// Whether all running tasks of `cluster` were read at `since` or later.
    pub(super) fn tasks_read(&self, cluster: &Arn, since: Timestamp) -> bool {
        self.fleet.tasks_read.get(cluster).is_some_and(|at| *at >= since)
    }

    /// Why the first question that is about this has no whole answer.
    pub(super) fn error(&self, is: impl Fn(&About) -> bool) -> Option<&'a CloudError> {
        self.failed.iter().find(|(ask, _)| is(&ask.about)).map(|(_, error)| error)
    }
}
