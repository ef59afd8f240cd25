//! Redeploy: new tasks of the same task definition.

use super::super::build::{PlannedSteps, ResourceView};
use super::super::images;
use super::super::warnings::WarningDetail;
use super::{Argument, BoundsPolicy, Verb, VerbInfo, VerbKind, service};
use crate::fleet::image::{Image, short_digest};
use crate::fleet::{QueryKind, Service};
use crate::plan::model::{ImageChange, NextImage, Reason, WarningKind};
use crate::plan::resource::Resource;
use crate::plan::steps::{self, Step};
use crate::text::clean;

/// Its row in the table of verbs.
pub static INFO: VerbInfo = VerbInfo {
    name: "redeploy",
    help: "Replace services' tasks with new ones of the same task definition",
    examples: "\
New tasks of the same task definition replace the running ones, as many at a time as the service allows.
Shows the plan, asks, changes, and ends once a read shows that AWS took it; --wait watches the tasks, too.

Examples:
  wharf redeploy acme/staging/web
  wharf redeploy acme/staging --yes --wait
  wharf redeploy california texas --confirm '6 services'",
    argument: Argument::None(|| Verb::Redeploy(Redeploy)),
};

/// New tasks of the same task definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redeploy;

impl VerbKind for Redeploy {
    fn info(&self) -> &'static VerbInfo {
        &INFO
    }

    fn queries(&self, _: &Resource) -> Vec<QueryKind> {
        vec![]
    }

    fn follow_up_queries(&self, view: &ResourceView<'_>) -> Vec<QueryKind> {
        view.service().map(|view| images::asks(&view)).unwrap_or_default()
    }

    fn refusal(&self, view: &ResourceView<'_>) -> Option<String> {
        let view = view.service()?;
        let none = || "ECS names no deployment of it that could be replaced; look at it in the AWS console".to_owned();
        service::refusal(view.service).or_else(|| view.service.primary().is_none().then(none))
    }

    fn steps(&self, view: &ResourceView<'_>) -> Result<PlannedSteps, Reason> {
        forced_deployment(view)
    }

    fn with_other_bounds(&self) -> Option<(Verb, BoundsPolicy)> {
        None
    }
}

/// The step that starts a new deployment of the service, and what one should know before.
///
/// # Errors
///
/// It is no service, or has no deployment.
pub(super) fn forced_deployment(view: &ResourceView<'_>) -> Result<PlannedSteps, Reason> {
    let view = service::required(view)?;
    let service = view.service;
    let primary = service.primary().ok_or_else(|| Reason::Refused("it has no deployment".to_owned()))?;
    let images = images::changes(&view);
    let mut notes: Vec<WarningDetail> = images.iter().filter_map(note).collect();
    notes.extend(images::unread(&view).map(|says| (WarningKind::Unread, says)));
    notes.extend(deadlock(service).map(|says| (WarningKind::Deadlock, says)));
    notes.extend(service::in_flight(service).map(|says| (WarningKind::InFlight, says)));
    if service.desired == 0 {
        notes.push((WarningKind::NoTasks, "desired count 0".to_owned()));
    }
    let (definition, replaces) = (service.definition.clone(), primary.id.clone());
    let step = Step::Redeploy(steps::Redeploy { definition, replaces, images });
    Ok(PlannedSteps { steps: vec![step], notes, after: vec![] })
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
    stuck.then(|| format!("desired count {desired}, minimum {minimum} %, maximum {maximum} %"))
}

/// What is to be said of an image that may become another.
fn note(change: &ImageChange) -> Option<WarningDetail> {
    let image = Image::parse(&change.reference);
    let name = image.name.rsplit('/').next().unwrap_or_default();
    let shown = format!("{}:{}", clean(name), image.version());
    match &change.next {
        NextImage::Same | NextImage::Listed(_) => None,
        NextImage::Other(digest) => {
            let runs = change.runs.as_deref().map_or_else(|| "?".to_owned(), short_digest);
            Some((WarningKind::OtherImage, format!("{shown} {runs} > {}", short_digest(digest))))
        }
        NextImage::Unknown(why) => Some((WarningKind::UnknownImage, format!("{shown}, {why}"))),
    }
}
