//! Starts a new deployment of the same task definition: `UpdateService` with `forceNewDeployment` and nothing else.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Check, Effect, Inverse, Observation, Repeat, Request, ServiceChange, Step, StepKind, UndoSummary, service,
};
use crate::fleet::image::{Image, short_digest};
use crate::fleet::operation::Operation;
use crate::fleet::{Arn, CloudError, Fleet, Payload, QueryKind, Response};
use crate::plan::build::PlanInput;
use crate::plan::journal_entry::{Stabilization, StepOutcome};
use crate::plan::model::{ImageChange, NextImage, Reason};
use crate::plan::reading::Reading;
use crate::plan::resource::{Resource, ResourceKind};
use crate::text::clean;

/// Starts a new deployment of a service. Relies on the deployment that it replaces being the primary one, and on tags
/// that point where the plan saw them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redeploy {
    /// The task definition, which stays.
    #[serde(rename = "task_definition")]
    pub definition: Arn,
    /// Id of the primary deployment before.
    pub replaces: String,
    /// What new tasks will run, compared with what runs.
    pub images: Vec<ImageChange>,
}

/// How far our clock may be ahead of AWS's when a deployment is compared with the time of a request.
const SKEW: Duration = Duration::from_mins(1);

impl StepKind for Redeploy {
    fn resources(&self) -> &'static [ResourceKind] {
        service::ONLY
    }

    fn verb(&self) -> &'static str {
        "redeploy"
    }

    fn operation(&self) -> Operation {
        Operation::UpdateService
    }

    fn request(&self, resource: &Resource) -> Option<Request> {
        let (service, cluster) = service::ids(resource)?;
        let change = ServiceChange::ForceNewDeployment;
        Some(Request::UpdateService { cluster: cluster.clone(), service: service.clone(), change })
    }

    fn journal_form(&self) -> String {
        "forceNewDeployment".to_owned()
    }

    fn repeat(&self, resource: &Resource) -> Repeat {
        // It may have been taken, have failed and have been rolled back: then what it replaced is primary again,
        // and only the list of deployments shows it.
        let cluster = resource.cluster().cloned().unwrap_or_else(|| Arn::new(""));
        let query = QueryKind::Deployments { cluster, service: Arn::new(resource.id()) };
        Repeat::Once { query, find: find_deployment }
    }

    fn preconditions(&self, resource: &Resource) -> Vec<QueryKind> {
        let known = self.images.iter().filter(|image| expected(image).is_some());
        let tags = known.map(|image| QueryKind::ImageTag(image.reference.clone()));
        [service::query(resource)].into_iter().chain(tags).collect()
    }

    fn check(&self, resource: &Resource, reading: &Reading) -> Check {
        let skipped = |why: String| Check::Ends(StepOutcome::Skipped, why);
        let service = match service::active(resource, reading) {
            Ok(service) => service,
            Err(why) => return skipped(why),
        };
        if let Some(other) = service.primary().filter(|primary| primary.id != self.replaces) {
            let what = clean(other.definition.name());
            return skipped(format!("{what} was deployed since the plan was made: {}", other.id));
        }
        for image in &self.images {
            let Some(expected) = expected(image) else { continue };
            let now = reading.tag(&image.reference).and_then(|tagged| tagged.digest.as_deref());
            if now != Some(expected) {
                let digest = now.map_or_else(|| "nothing".to_owned(), short_digest);
                let tag = Image::parse(&image.reference).version();
                return skipped(format!("the tag {tag} has moved again: it points to {digest} now"));
            }
        }
        Check::Holds
    }

    fn confirm_query(&self, resource: &Resource) -> QueryKind {
        service::query(resource)
    }

    fn observe(&self, resource: &Resource, reading: &Reading) -> Observation {
        let service = match service::active(resource, reading) {
            Ok(service) => service,
            Err(why) => return Observation::Different(why),
        };
        match service.primary() {
            Some(primary) if primary.id == self.replaces => Observation::NotYet,
            // Emulators name definitions by family and revision only.
            Some(primary) if primary.definition.name() == self.definition.name() => {
                Observation::Taken(format!("new deployment {}", clean(&primary.id)))
            }
            Some(primary) => {
                let (definition, id) = (clean(primary.definition.name()), clean(&primary.id));
                Observation::Different(format!("{definition} was deployed, {id}"))
            }
            None => Observation::NotYet,
        }
    }

    fn stabilization_query(&self, resource: &Resource) -> Option<QueryKind> {
        Some(service::query(resource))
    }

    fn stabilization(&self, resource: &Resource, reading: &Reading, after: Duration) -> Option<Stabilization> {
        service::stabilization(resource, reading, Some(&self.replaces), after)
    }

    fn drift_queries(&self, resource: &Resource) -> Vec<QueryKind> {
        vec![service::query(resource)]
    }

    fn drift(&self, resource: &Resource, fleet: &Fleet) -> Option<String> {
        match service::known(resource, fleet) {
            Ok(service) => {
                let primary = service.primary().map(|primary| primary.id.as_str());
                (primary != Some(self.replaces.as_str())).then(|| "another deployment has begun".to_owned())
            }
            Err(gone) => gone,
        }
    }

    fn inverse(&self) -> Inverse {
        let before: Vec<String> = self.images.iter().filter_map(before).collect();
        Inverse::Nothing(match before.as_slice() {
            [] => "a redeploy leaves nothing to restore: the same task definition and the same images run".to_owned(),
            [first, rest @ ..] => {
                let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
                format!(
                    "the task definition is the same; what ran before was {first}{more}, which would have to be deployed by digest: wharf cannot do that yet"
                )
            }
        })
    }

    fn rebase(&self, _: &Resource, _: &PlanInput<'_>) -> Result<Option<Step>, Reason> {
        Err(Reason::Refused("undo cannot start a deployment again".to_owned()))
    }

    fn sets_the_same(&self, other: &Step) -> bool {
        matches!(other, Step::Redeploy(_))
    }

    fn effect(&self) -> Effect {
        Effect::default()
    }

    fn is_grave(&self) -> bool {
        self.images.iter().any(|image| !image.next.is_same())
    }

    fn cost(&self) -> Vec<(Operation, u32)> {
        let known = self.images.iter().filter(|image| expected(image).is_some());
        let known = u32::try_from(known.count()).unwrap_or(u32::MAX);
        vec![(Operation::DescribeServices, 3), (Operation::DescribeImages, known), (Operation::UpdateService, 1)]
    }

    fn typical_duration(&self) -> Duration {
        Duration::from_secs(2)
    }

    fn summary(&self) -> String {
        format!("new tasks of {}", self.definition.name())
    }

    fn call_summary(&self) -> &'static str {
        "UpdateService, forced deployment"
    }

    fn undo_summary(&self) -> UndoSummary {
        UndoSummary::Nothing(if self.images.iter().any(|image| matches!(image.next, NextImage::Other(_))) {
            "none: the tag no longer points to what runs now, which could only be deployed by its digest"
        } else {
            "nothing to restore: the task definition stays"
        })
    }

    fn images(&self) -> &[ImageChange] {
        &self.images
    }
}

/// The newest deployment in `answer` that a request sent at `since` may have started.
fn find_deployment(answer: &Response, since: Timestamp) -> Result<Option<String>, &CloudError> {
    let (found, error) = match answer {
        Response::Complete(Payload::Deployments(found)) => (found, None),
        Response::Partial(Payload::Deployments(found), error) => (found, Some(error)),
        Response::Failed(error) | Response::Partial(_, error) => return Err(error),
        Response::Complete(_) => return Ok(None),
    };
    let earliest = since.checked_sub(SKEW).unwrap_or(since);
    let newer = found.iter().find(|past| past.created_at.is_some_and(|at| at >= earliest));
    match (newer, error) {
        (None, Some(error)) => Err(error),
        (None, None) => Ok(None),
        (Some(past), _) => {
            let reason = past.reason.as_deref().map(|reason| format!(": {}", clean(reason))).unwrap_or_default();
            Ok(Some(format!("there was a deployment, {}{reason}", clean(&past.status))))
        }
    }
}

/// The digest that a tag pointed to when the plan was made, where that is known.
fn expected(image: &ImageChange) -> Option<&str> {
    match &image.next {
        NextImage::Same => image.runs.as_deref(),
        NextImage::Listed(digest) | NextImage::Other(digest) => Some(digest),
        NextImage::Unknown(_) => None,
    }
}

/// What ran before of an image that is, or may be, another now.
fn before(change: &ImageChange) -> Option<String> {
    let image = Image::parse(&change.reference);
    let runs = change.runs.as_deref().filter(|_| !change.next.is_same())?;
    Some(format!("{}:{} {}", clean(&image.name), image.version(), short_digest(runs)))
}
