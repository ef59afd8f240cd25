//! Reads of tasks: those that run, and those that stopped lately.

use aws_sdk_ecs::Client as Ecs;
use aws_sdk_ecs::types as sdk;
use futures_util::StreamExt;

use super::answer;
use super::client::{ContextClient, RequestInfo};
use super::convert::{self, text, time};
use super::list::PAGE;
use super::pages::pages;
use crate::fleet::{
    Arn, Container, ContextId, Operation, Payload, Priority, Response, Task, TaskFilter, TaskHealth, TaskStatus,
};

/// Tasks that `DescribeTasks` takes (API model).
const TASKS: usize = 100;
/// Batches in progress at a time.
const AT_ONCE: usize = 4;

/// Tasks of `cluster`: one `ListTasks` and one `DescribeTasks` for each 100.
///
/// A task that ends between the two calls is simply not there any more.
pub(super) async fn tasks(client: &ContextClient, lane: Priority, cluster: &Arn, which: TaskFilter) -> Response {
    let info = RequestInfo::on_cluster(Operation::ListTasks, cluster);
    let desired = match which {
        TaskFilter::Running => sdk::DesiredStatus::Running,
        TaskFilter::Stopped => sdk::DesiredStatus::Stopped,
    };
    let listed = pages(&info, usize::MAX, |token| async {
        let request = client.sdk::<Ecs>().list_tasks().cluster(cluster.as_str()).desired_status(desired.clone());
        let page = client.send(lane, &info, request.max_results(PAGE).set_next_token(token).send()).await?;
        Ok((page.task_arns.unwrap_or_default(), page.next_token))
    })
    .await;
    if let (0, Some(error)) = (listed.pages, listed.error.clone()) {
        return Response::Failed(error);
    }
    let info = RequestInfo::on_cluster(Operation::DescribeTasks, cluster);
    let batches: Vec<Vec<String>> = listed.items.chunks(TASKS).map(<[String]>::to_vec).collect();
    let described = futures_util::stream::iter(batches)
        .map(|arns| {
            let request = client.sdk::<Ecs>().describe_tasks().cluster(cluster.as_str()).set_tasks(Some(arns));
            client.send(lane, &info, request.send())
        })
        .buffered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    let (mut tasks, mut trouble, mut heard) = (vec![], listed.error, described.is_empty());
    for batch in described {
        match batch {
            Ok(batch) => {
                heard = true;
                for failure in batch.failures().iter().filter(|failure| failure.reason() != Some("MISSING")) {
                    trouble.get_or_insert(convert::failure(client, &info, failure));
                }
                tasks.extend(batch.tasks().iter().filter_map(|found| task(&client.context.id, cluster, found)));
            }
            Err(error) => {
                trouble.get_or_insert(error);
            }
        }
    }
    match trouble {
        Some(error) if !heard => Response::Failed(error),
        trouble => answer(Payload::Tasks(tasks), trouble),
    }
}

/// A task of `cluster`; nothing where the answer does not even name it.
fn task(context: &ContextId, cluster: &Arn, task: &sdk::Task) -> Option<Task> {
    let launch = text(task.capacity_provider_name());
    Some(Task {
        arn: Arn::new(text(task.task_arn())?),
        cluster: cluster.clone(),
        context: context.clone(),
        group: text(task.group()).unwrap_or_default(),
        started_by: text(task.started_by()),
        definition: Arn::new(task.task_definition_arn().unwrap_or_default()),
        zone: text(task.availability_zone()),
        status: status(task.last_status().unwrap_or_default()),
        desired: text(task.desired_status()).unwrap_or_default(),
        health: health(task.health_status()),
        launch: launch.or_else(|| text(task.launch_type().map(sdk::LaunchType::as_str))).unwrap_or_default(),
        cpu: text(task.cpu()),
        memory: text(task.memory()),
        address: address(task),
        created_at: time(task.created_at()),
        started_at: time(task.started_at()),
        stopping_at: time(task.stopping_at()),
        stopped_at: time(task.stopped_at()),
        stop_code: text(task.stop_code().map(sdk::TaskStopCode::as_str)),
        stopped_reason: text(task.stopped_reason()),
        containers: task.containers().iter().map(container).collect(),
    })
}

fn container(container: &sdk::Container) -> Container {
    Container {
        name: text(container.name()).unwrap_or_default(),
        image: text(container.image()),
        digest: text(container.image_digest()),
        status: text(container.last_status()).unwrap_or_default(),
        exit_code: container.exit_code(),
        reason: text(container.reason()),
        health: health(container.health_status()),
        runtime_id: text(container.runtime_id()),
    }
}

fn health(health: Option<&sdk::HealthStatus>) -> TaskHealth {
    match health {
        Some(sdk::HealthStatus::Healthy) => TaskHealth::Healthy,
        Some(sdk::HealthStatus::Unhealthy) => TaskHealth::Unhealthy,
        _ => TaskHealth::Unknown,
    }
}

fn status(word: &str) -> TaskStatus {
    match word {
        "PROVISIONING" => TaskStatus::Provisioning,
        "PENDING" => TaskStatus::Pending,
        "ACTIVATING" => TaskStatus::Activating,
        "RUNNING" => TaskStatus::Running,
        "DEACTIVATING" => TaskStatus::Deactivating,
        "STOPPING" => TaskStatus::Stopping,
        "DEPROVISIONING" => TaskStatus::Deprovisioning,
        "STOPPED" => TaskStatus::Stopped,
        "DELETED" => TaskStatus::Deleted,
        other => TaskStatus::Other(other.to_owned()),
    }
}

/// The first private address: of a container's interface, or of the task's own attachment.
fn address(task: &sdk::Task) -> Option<String> {
    let mut interfaces = task.containers().iter().flat_map(sdk::Container::network_interfaces);
    let of_container = interfaces.find_map(|interface| text(interface.private_ipv4_address()));
    of_container.or_else(|| {
        let details = task.attachments().iter().flat_map(sdk::Attachment::details);
        let mut address = details.filter(|detail| detail.name() == Some("privateIPv4Address"));
        address.find_map(|detail| text(detail.value()))
    })
}
