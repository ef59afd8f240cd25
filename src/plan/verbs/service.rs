//! What the verbs that change services share.

use super::super::build::{ResourceView, ServiceView};
use crate::fleet::{Controller, Management, Rollout, Service, ServiceStatus};
use crate::plan::model::Reason;
use crate::text::clean;

/// The service that `view` shows.
///
/// # Errors
///
/// It is no service.
pub(super) fn required<'a>(view: &ResourceView<'a>) -> Result<ServiceView<'a>, Reason> {
    view.service().ok_or_else(|| Reason::Refused(format!("it is a {}, not a service", view.resource.kind().noun())))
}

/// Why no change can be made to `service` by its deployments, with what to do instead.
pub(super) fn refusal(service: &Service) -> Option<String> {
    let says = match (&service.status, service.management, &service.controller) {
        (ServiceStatus::Draining, ..) => "it was deleted and is draining; create it again to have it back".to_owned(),
        (ServiceStatus::Inactive, ..) => "it was deleted; create it again to have it back".to_owned(),
        (ServiceStatus::Other(word), ..) => {
            format!("its status is {}, which wharf does not know; look at it in the AWS console", clean(word))
        }
        (_, Management::Ecs, _) => {
            "ECS manages this Express service; change it with UpdateExpressGatewayService".to_owned()
        }
        (.., Controller::CodeDeploy) => "CodeDeploy carries out its deployments; use CodeDeploy".to_owned(),
        (.., Controller::External) => {
            "an external controller makes its deployments as task sets; use that controller".to_owned()
        }
        (.., Controller::Other(word)) => {
            format!("its deployment controller {} is not known to wharf; use that controller", clean(word))
        }
        (ServiceStatus::Active, Management::Customer, Controller::Ecs) => return None,
    };
    Some(says)
}

/// The deployment of `service` that is in progress.
pub(super) fn in_flight(service: &Service) -> Option<String> {
    let primary = service.primary()?;
    let rolling = primary.rollout == Some(Rollout::InProgress);
    let failed = if primary.failed > 0 { format!(", {} failed", primary.failed) } else { String::new() };
    let what = format!("{} {} of {}{failed}", clean(primary.definition.name()), primary.running, primary.desired);
    (rolling || service.deployments.len() > 1).then_some(what)
}
