//! What AWS says of one thing, word for word but for its secrets.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_ecs::Client as Ecs;
use aws_sdk_ecs::types::{ServiceField, TaskDefinitionField, TaskField};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::Value;

use super::client::{ContextClient, RequestInfo};
use super::error::{failure, protocol_error};
use super::redact::redact;
use crate::fleet::{CloudError, Operation, Payload, Priority, Response, Subject, Trouble};

/// AWS's answer on `subject` as indented JSON: one describing request.
///
/// Taken from the body itself, because the SDK's types drop members that they do not know.
pub(super) async fn raw(client: &ContextClient, lane: Priority, subject: &Subject) -> Response {
    let body = Body::default();
    let (info, list) = match subject {
        Subject::Service { service, .. } => {
            (RequestInfo::new(Operation::DescribeServices, format!("service {}", service.name())), Some("services"))
        }
        Subject::Task { task, .. } => {
            (RequestInfo::new(Operation::DescribeTasks, format!("task {}", task.name())), Some("tasks"))
        }
        Subject::Definition(arn) => {
            (RequestInfo::new(Operation::DescribeTaskDefinition, format!("task definition {}", arn.name())), None)
        }
    };
    let asked = match subject {
        Subject::Service { service, cluster } => {
            let request = client.sdk::<Ecs>().describe_services().cluster(cluster.as_str()).services(service.as_str());
            let request = request.include(ServiceField::Tags).customize().interceptor(body.clone());
            client.send(lane, &info, request.send()).await.map(drop)
        }
        Subject::Task { task, cluster } => {
            let request = client.sdk::<Ecs>().describe_tasks().cluster(cluster.as_str()).tasks(task.as_str());
            let request = request.include(TaskField::Tags).customize().interceptor(body.clone());
            client.send(lane, &info, request.send()).await.map(drop)
        }
        Subject::Definition(arn) => {
            let request = client.sdk::<Ecs>().describe_task_definition().task_definition(arn.as_str());
            let request = request.include(TaskDefinitionField::Tags).customize().interceptor(body.clone());
            client.send(lane, &info, request.send()).await.map(drop)
        }
    };
    match asked {
        Ok(()) => shown(client, &info, &body, list),
        Err(error) => Response::Failed(error),
    }
}

/// The first of `list` in the body, or all of it.
fn shown(client: &ContextClient, info: &RequestInfo, body: &Body, list: Option<&str>) -> Response {
    let unreadable = |error: &dyn Error| {
        let message = format!("the answer is not JSON: {error}");
        Response::Failed(protocol_error(info, Trouble::Unreadable, &message, "An emulator may answer like this."))
    };
    let mut answer: Value = match serde_json::from_slice(&body.take()) {
        Ok(answer) => answer,
        Err(error) => return unreadable(&error),
    };
    let mut subject = match list {
        None => answer,
        Some(list) => match answer.get_mut(list).and_then(|list| list.get_mut(0)).map(Value::take) {
            Some(subject) => subject,
            None => return Response::Failed(missing(client, info, &answer)),
        },
    };
    redact(&mut subject);
    match serde_json::to_string_pretty(&subject) {
        Ok(text) => Response::Complete(Payload::RawJson(text)),
        Err(error) => unreadable(&error),
    }
}

fn missing(client: &ContextClient, info: &RequestInfo, answer: &Value) -> CloudError {
    let said = |name: &str| answer.pointer(&format!("/failures/0/{name}")).and_then(Value::as_str).unwrap_or_default();
    let reason = if said("reason").is_empty() { "MISSING" } else { said("reason") };
    failure(&client.principal, info, said("arn"), reason, said("detail"))
}

/// Catches the body of an answer on its way through the SDK.
///
/// Only after deserialisation is the whole of it there to be read.
#[derive(Clone, Debug, Default)]
struct Body(Arc<Mutex<Vec<u8>>>);

impl Body {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Intercept for Body {
    fn name(&self) -> &'static str {
        "body"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().unwrap_or_default();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = body.to_vec();
        Ok(())
    }
}
