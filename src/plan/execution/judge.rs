//! What a reading says about a step: may it be called, and has AWS taken it?

use std::time::Duration;

use jiff::Timestamp;

use super::seek::SHOWN_WITHIN;
use crate::fleet::{About, Answer, Ask, CloudError, Facts, Rollout, Scaling, Service, ServiceStatus, Tagged, image};
use crate::plan::entry::{Settled, Verdict};
use crate::plan::proposal::Range;
use crate::plan::step::{ImageChange, Next, Step, Target};
use crate::text::clean;

/// How far our clock may be ahead of AWS's when it is told whether a deployment is newer than a call.
const SKEW: Duration = Duration::from_mins(1);

/// What was read of one service.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reading {
    /// The service; nothing where ECS does not know it.
    service: Option<Box<Service>>,
    /// Its bounds; nothing where it has none.
    scaling: Option<Scaling>,
    tags: Vec<Tagged>,
}

/// What a step's re-reading comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Checked {
    /// All is as the plan shows it.
    Holds,
    /// The step ends here, without a call.
    Over(Verdict, String),
}

/// What a reading after a call comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// Nothing has changed yet.
    NotYet,
    /// It is as it was to be.
    Taken(String),
    /// It is neither as it was nor as it was to be.
    Otherwise(String),
}

impl Reading {
    /// Takes an answer in; or says why the reading is not worth anything.
    pub(super) fn take(&mut self, target: &Target, answer: Answer) -> Result<(), Box<CloudError>> {
        match answer {
            Answer::Part(facts @ Facts::Look(..), _) if names(&facts, target) => self.learn(target, facts),
            Answer::Whole(facts) => self.learn(target, facts),
            Answer::None(error) | Answer::Part(_, error) => return Err(Box::new(error)),
        }
        Ok(())
    }

    fn learn(&mut self, target: &Target, facts: Facts) {
        match facts {
            Facts::Look(services, _) => {
                self.service = services.into_iter().find(|service| service.arn == target.service).map(Box::new);
            }
            Facts::Scaling(found) => {
                self.scaling = found.into_iter().find(|scaling| scaling.service == target.service);
            }
            Facts::Tag(tagged) => self.tags.push(tagged),
            _ => {}
        }
    }
}

/// What has to be read before `step` is called.
pub(super) fn relied_on(target: &Target, step: &Step) -> Vec<Ask> {
    let ask = |about| Ask { context: target.context.clone(), about };
    let mut asks = vec![shows(target, step)];
    if let Step::Redeploy { images, .. } = step {
        let told = images.iter().filter(|image| expected(image).is_some());
        asks.extend(told.map(|image| ask(About::Tag(image.reference.clone()))));
    }
    asks
}

/// What shows whether AWS has taken `step`.
pub(super) fn shows(target: &Target, step: &Step) -> Ask {
    match step {
        Step::Count { .. } | Step::Redeploy { .. } => looks(target),
        Step::Bounds { .. } => {
            Ask { context: target.context.clone(), about: About::Scaling(vec![target.service.clone()]) }
        }
    }
}

/// What shows whether tasks have come to rest.
pub(super) fn looks(target: &Target) -> Ask {
    let about = About::Look(target.cluster.clone(), vec![target.service.clone()]);
    Ask { context: target.context.clone(), about }
}

/// What shows which deployments there were, the failed ones too.
pub(super) fn recalls(target: &Target) -> Ask {
    let about = About::Deployments { cluster: target.cluster.clone(), service: target.service.clone() };
    Ask { context: target.context.clone(), about }
}

/// The newest deployment of `answer` that may be one asked for at `since`, in words.
pub(super) fn recall(answer: &Answer, since: Timestamp) -> Result<Option<String>, &CloudError> {
    let (Answer::Whole(Facts::Deployments(found)) | Answer::Part(Facts::Deployments(found), _)) = answer else {
        return match answer {
            Answer::None(error) | Answer::Part(_, error) => Err(error),
            Answer::Whole(_) => Ok(None),
        };
    };
    let earliest = since.checked_sub(SKEW).unwrap_or(since);
    let newer = found.iter().find(|past| past.created_at.is_some_and(|at| at >= earliest));
    if let (None, Answer::Part(_, error)) = (newer, answer) {
        return Err(error);
    }
    Ok(newer.map(|past| {
        let reason = past.reason.as_deref().map(|reason| format!(": {}", clean(reason))).unwrap_or_default();
        format!("there was a deployment, {}{reason}", clean(&past.status))
    }))
}

/// Whether what `step` relies on is still so.
pub(super) fn check(step: &Step, reading: &Reading) -> Checked {
    if let Step::Bounds { from, to } = step {
        return match reading.scaling.as_ref().map(range) {
            Some(now) if now == *to => Checked::Over(Verdict::Already, format!("the bounds are {to} already")),
            Some(now) if now == *from => Checked::Holds,
            Some(now) => Checked::Over(Verdict::Skipped, format!("the bounds are {now} now, not {from}")),
            None => Checked::Over(Verdict::Skipped, "autoscaling does not know the service any more".to_owned()),
        };
    }
    let service = match active(reading) {
        Ok(service) => service,
        Err(why) => return Checked::Over(Verdict::Skipped, why),
    };
    match step {
        Step::Count { to, .. } if service.desired == *to => {
            Checked::Over(Verdict::Already, format!("{to} tasks are wished for already"))
        }
        Step::Count { from, .. } if service.desired != *from => {
            let now = service.desired;
            Checked::Over(Verdict::Skipped, format!("{now} tasks are wished for now, not {from}: somebody changed it"))
        }
        Step::Redeploy { replaces, images, .. } => redeployable(service, replaces, images, reading),
        Step::Count { .. } | Step::Bounds { .. } => Checked::Holds,
    }
}

/// Whether the deployment to be replaced is still there, and tags stand where the plan saw them.
fn redeployable(service: &Service, replaces: &str, images: &[ImageChange], reading: &Reading) -> Checked {
    let primary = service.primary();
    if let Some(other) = primary.filter(|primary| primary.id != replaces) {
        let what = clean(other.definition.name());
        return Checked::Over(Verdict::Skipped, format!("{what} was deployed since the plan was made: {}", other.id));
    }
    for image in images {
        let Some(expected) = expected(image) else { continue };
        let now = reading.tags.iter().find(|tagged| tagged.reference == image.reference);
        let now = now.and_then(|tagged| tagged.digest.as_deref());
        if now != Some(expected) {
            let stands = now.map_or_else(|| "nothing".to_owned(), image::short_digest);
            let tag = image::Image::parse(&image.reference).version();
            return Checked::Over(
                Verdict::Skipped,
                format!("the tag {tag} has moved again: it stands for {stands} now"),
            );
        }
    }
    Checked::Holds
}

/// Whether `reading` shows that AWS has taken `step`.
pub(super) fn shown(step: &Step, reading: &Reading) -> Shown {
    if let Step::Bounds { from, to } = step {
        return match reading.scaling.as_ref().map(range) {
            Some(now) if now == *to => Shown::Taken(format!("bounds {from} > {to}")),
            Some(now) if now == *from => Shown::NotYet,
            Some(now) => Shown::Otherwise(format!("bounds {now}")),
            None => Shown::Otherwise("autoscaling does not know the service any more".to_owned()),
        };
    }
    let service = match active(reading) {
        Ok(service) => service,
        Err(why) => return Shown::Otherwise(why),
    };
    match step {
        Step::Count { from, to } if service.desired == *to => Shown::Taken(format!("{from} > {to} tasks")),
        Step::Count { from, .. } if service.desired == *from => Shown::NotYet,
        Step::Count { .. } => Shown::Otherwise(format!("{} tasks are wished for", service.desired)),
        Step::Redeploy { definition, replaces, .. } => match service.primary() {
            Some(primary) if primary.id == *replaces => Shown::NotYet,
            // Emulators name definitions by family and revision only.
            Some(primary) if primary.definition.name() == definition.name() => {
                Shown::Taken(format!("new deployment {}", clean(&primary.id)))
            }
            Some(primary) => {
                Shown::Otherwise(format!("{} was deployed, {}", clean(primary.definition.name()), clean(&primary.id)))
            }
            None => Shown::NotYet,
        },
        Step::Bounds { .. } => Shown::NotYet,
    }
}

/// How it stands with the tasks so long after `step`; nothing while they are on their way.
pub(super) fn settled(step: &Step, reading: &Reading, after: Duration) -> Option<Settled> {
    let service = match active(reading) {
        Ok(service) => service,
        Err(why) => return Some(Settled::Not(why)),
    };
    let primary = service.primary();
    if let Some(failed) = primary.filter(|primary| primary.rollout == Some(Rollout::Failed)) {
        let reason = failed.reason.as_deref().unwrap_or("the deployment failed");
        return Some(Settled::Not(clean(reason).into_owned()));
    }
    // A deployment that the circuit breaker has taken back gives way to the one before it. Soon after
    // the call that one may also be seen because a read is late.
    if let (Step::Redeploy { replaces, .. }, Some(primary)) = (step, primary)
        && primary.id == *replaces
    {
        return (after >= SHOWN_WITHIN).then(|| Settled::Not(format!("rolled back to {}", clean(&primary.id))));
    }
    let rolling = primary.is_some_and(|primary| primary.rollout == Some(Rollout::InProgress));
    let full = service.running == service.desired && service.pending == 0;
    (full && !rolling && service.deployments.len() <= 1).then_some(Settled::Steady)
}

fn names(facts: &Facts, target: &Target) -> bool {
    matches!(facts, Facts::Look(services, _) if services.iter().any(|service| service.arn == target.service))
}

/// The digest that a tag stood for when the plan was made, where that could be told.
fn expected(image: &ImageChange) -> Option<&str> {
    match &image.next {
        Next::Same => image.runs.as_deref(),
        Next::Listed(digest) | Next::Other(digest) => Some(digest),
        Next::Unknown(_) => None,
    }
}

fn active(reading: &Reading) -> Result<&Service, String> {
    let service = reading.service.as_deref().ok_or_else(|| "ECS does not know the service any more".to_owned())?;
    match service.status {
        ServiceStatus::Active => Ok(service),
        ServiceStatus::Draining => Err("the service was deleted and is draining".to_owned()),
        ServiceStatus::Inactive => Err("the service was deleted".to_owned()),
        ServiceStatus::Other(ref word) => Err(format!("the service is {}", clean(word))),
    }
}

fn range(scaling: &Scaling) -> Range {
    Range { minimum: scaling.min, maximum: scaling.max }
}
