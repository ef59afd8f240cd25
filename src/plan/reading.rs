//! What was read for a step: the answers, and what they say of one resource.

use super::resource::Resource;
use crate::fleet::{CloudError, Payload, Response, Scaling, Service, Tagged, Task};

/// Answers that were read for one step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    facts: Vec<Payload>,
}

impl Reading {
    /// Adds an answer.
    ///
    /// # Errors
    ///
    /// Why it is worth nothing. A part of an answer counts if it has the resource itself.
    pub(super) fn add(&mut self, resource: &Resource, answer: Response) -> Result<(), Box<CloudError>> {
        match answer {
            Response::Complete(facts) => self.facts.push(facts),
            Response::Partial(facts, _) if has(&facts, resource) => self.facts.push(facts),
            Response::Failed(error) | Response::Partial(_, error) => return Err(Box::new(error)),
        }
        Ok(())
    }

    /// The service `arn`; nothing where ECS does not know it.
    pub fn service(&self, arn: &str) -> Option<&Service> {
        self.facts.iter().find_map(|facts| match facts {
            Payload::Services(services, _) => services.iter().find(|service| service.arn.as_str() == arn),
            _ => None,
        })
    }

    /// The scalable target of the service `arn`; nothing where it has none.
    pub fn scaling(&self, arn: &str) -> Option<&Scaling> {
        self.facts.iter().find_map(|facts| match facts {
            Payload::ScalableTargets(found) => found.iter().find(|scaling| scaling.service.as_str() == arn),
            _ => None,
        })
    }

    /// The image that the tag of `reference` points to.
    pub fn tag(&self, reference: &str) -> Option<&Tagged> {
        self.facts.iter().find_map(|facts| match facts {
            Payload::ImageTag(tagged) if tagged.reference == reference => Some(tagged),
            _ => None,
        })
    }

    /// The raw JSON that AWS describes the resource with, where that was asked for.
    pub fn raw(&self) -> Option<&str> {
        self.facts.iter().find_map(|facts| match facts {
            Payload::RawJson(json) => Some(json.as_str()),
            _ => None,
        })
    }

    /// The task `arn`; nothing where it is not among the tasks that were read.
    pub fn task(&self, arn: &str) -> Option<&Task> {
        self.facts.iter().find_map(|facts| match facts {
            Payload::Tasks(tasks) => tasks.iter().find(|task| task.arn.as_str() == arn),
            _ => None,
        })
    }
}

/// Whether `facts` have `resource` itself.
fn has(facts: &Payload, resource: &Resource) -> bool {
    match facts {
        Payload::Services(services, _) => services.iter().any(|service| service.arn.as_str() == resource.id()),
        Payload::Tasks(tasks) => tasks.iter().any(|task| task.arn.as_str() == resource.id()),
        _ => false,
    }
}
