//! Reads of task definitions, of which only names of variables leave this room.

use aws_sdk_ecs::Client as Ecs;
use aws_sdk_ecs::types as sdk;

use super::client::{ContextClient, RequestInfo};
use super::convert::{count, text, time};
use super::error::protocol_error;
use crate::fleet::{
    Arn, ContainerDefinition, Definition, Essential, LogRoute, Operation, Payload, Priority, Response, Trouble,
};

/// What is in the task definition `arn`: one `DescribeTaskDefinition`.
pub(super) async fn definition(client: &ContextClient, lane: Priority, arn: &Arn) -> Response {
    let info = RequestInfo::new(Operation::DescribeTaskDefinition, format!("task definition {}", arn.name()));
    let request = client.sdk::<Ecs>().describe_task_definition().task_definition(arn.as_str());
    match client.send(lane, &info, request.send()).await {
        Ok(described) => match described.task_definition() {
            Some(found) => Response::Complete(Payload::TaskDefinition(convert(arn, found))),
            None => Response::Failed(protocol_error(
                &info,
                Trouble::Unreadable,
                "the answer holds no task definition",
                "An emulator may answer like this.",
            )),
        },
        Err(error) => Response::Failed(error),
    }
}

/// Kept under the ARN that was asked for, so that whoever asked finds it again.
fn convert(arn: &Arn, found: &sdk::TaskDefinition) -> Definition {
    let platform = found.runtime_platform();
    let architecture = platform.and_then(|platform| platform.cpu_architecture());
    Definition {
        arn: arn.clone(),
        status: text(found.status().map(sdk::TaskDefinitionStatus::as_str)).unwrap_or_default(),
        cpu: text(found.cpu()),
        memory: text(found.memory()),
        architecture: text(architecture.map(sdk::CpuArchitecture::as_str)),
        network: text(found.network_mode().map(sdk::NetworkMode::as_str)),
        registered_at: time(found.registered_at()),
        registered_by: text(found.registered_by()),
        containers: found.container_definitions().iter().map(container).collect(),
    }
}

fn container(container: &sdk::ContainerDefinition) -> ContainerDefinition {
    let port = |mapping: &sdk::PortMapping| u16::try_from(mapping.container_port()?).ok();
    ContainerDefinition {
        name: text(container.name()).unwrap_or_default(),
        image: text(container.image()).unwrap_or_default(),
        // Essential unless it says otherwise (API model).
        essential: if container.essential() == Some(false) { Essential::No } else { Essential::Yes },
        cpu: count(container.cpu()),
        memory: container.memory().map(count),
        environment: container.environment().iter().filter_map(|pair| text(pair.name())).collect(),
        secrets: container.secrets().iter().filter_map(|secret| text(Some(secret.name()))).collect(),
        ports: container.port_mappings().iter().filter_map(port).collect(),
        log: container.log_configuration().map(log),
    }
}

fn log(log: &sdk::LogConfiguration) -> LogRoute {
    let option = |name: &str| text(log.options().and_then(|options| options.get(name)).map(String::as_str));
    LogRoute {
        driver: log.log_driver().as_str().to_owned(),
        group: option("awslogs-group"),
        region: option("awslogs-region"),
        prefix: option("awslogs-stream-prefix"),
    }
}
