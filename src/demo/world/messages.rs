//! ECS's messages: the events of services, the reasons of deployments and of stopped tasks.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>,
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html> and
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html>.

/// The reason of a container that was killed because it used too much memory.
pub(crate) const OUT_OF_MEMORY: &str = "OutOfMemoryError: Container killed due to memory usage";

/// The stopped reason of a task whose essential container exited.
pub(crate) const ESSENTIAL_EXITED: &str = "Essential container in task exited";

/// The reason of a deployment that the circuit breaker failed.
pub(crate) const BREAKER_FAILED: &str = "ECS deployment circuit breaker: tasks failed to start.";

/// The event of started tasks.
pub(crate) fn started(service: &str, tasks: &[String]) -> String {
    format!("(service {service}) has started {} tasks: {}.", tasks.len(), listed(tasks))
}

/// The event of tasks that the scheduler stopped.
pub(crate) fn stopped(service: &str, tasks: &[String]) -> String {
    format!("(service {service}) has stopped {} running tasks: {}.", tasks.len(), listed(tasks))
}

/// The event of tasks that are draining their connections.
pub(crate) fn draining(service: &str, count: usize) -> String {
    format!("(service {service}) has begun draining connections on {count} tasks.")
}

/// The event of tasks deregistered from a target group.
pub(crate) fn deregistered(service: &str, count: usize, target_group: &str) -> String {
    format!("(service {service}) deregistered {count} targets in (target-group {target_group})")
}

/// The event of a deployment that its minimum and maximum percent block.
pub(crate) fn stuck(service: &str) -> String {
    format!(
        "(service {service}) was unable to stop or start tasks during a deployment because of the service deployment \
         configuration. Update the minimumHealthyPercent or maximumPercent value and try again."
    )
}

/// The event of tasks registered with a target group.
pub(crate) fn registered(service: &str, count: usize, target_group: &str) -> String {
    format!("(service {service}) registered {count} targets in (target-group {target_group})")
}

/// The steady-state event.
pub(crate) fn steady(service: &str) -> String {
    format!("(service {service}) has reached a steady state.")
}

/// The event of a completed deployment.
pub(crate) fn completed(service: &str, deployment: &str) -> String {
    format!("(service {service}) (deployment {deployment}) deployment completed.")
}

/// The event of a failed deployment.
pub(crate) fn failed(service: &str, deployment: &str) -> String {
    format!("(service {service}) (deployment {deployment}) deployment failed: tasks failed to start.")
}

/// The event of a rollback.
pub(crate) fn rolling_back(service: &str, deployment: &str) -> String {
    format!("(service {service}) rolling back to deployment {deployment}.")
}

/// The event of tasks that fail to start repeatedly.
pub(crate) fn inconsistent(service: &str) -> String {
    format!("(service {service}) is unable to consistently start tasks successfully.")
}

/// The reason of a deployment in progress.
pub(crate) fn in_progress(deployment: &str) -> String {
    format!("ECS deployment {deployment} in progress.")
}

/// The reason of a completed deployment.
pub(crate) fn rollout_completed(deployment: &str) -> String {
    format!("ECS deployment {deployment} completed.")
}

/// The reason of a rollback by the circuit breaker.
pub(crate) fn rolling_back_to(deployment: &str) -> String {
    format!("ECS deployment circuit breaker: rolling back to deploymentId {deployment}.")
}

/// The reason of a rollback that was requested.
pub(crate) fn rollback_requested(deployment: &str) -> String {
    format!("ECS deployment rollback was requested: rolling back to deploymentId {deployment}.")
}

/// The reason of a deployment that was stopped by a request to roll back.
pub(crate) const STOPPED_BY_REQUEST: &str = "ECS deployment was stopped: a rollback was requested.";

/// The reason of a rollback without a completed deployment to go back to.
pub(crate) const NOTHING_TO_GO_BACK_TO: &str = "Service deployment rollback failed: there is no completed deployment.";

/// The reason of a service deployment that was rolled back by request.
pub(crate) fn rolled_back_by_request(deployment: &str) -> String {
    format!("Service deployment rolled back because a rollback of {deployment} was requested.")
}

/// The event of a task that could not be placed.
pub(crate) fn unplaced(service: &str) -> String {
    format!(
        "(service {service}) was unable to place a task. Reason: Capacity is unavailable at this time. Please try \
         again later or in a different availability zone."
    )
}

/// The reason of a service deployment that another one replaced.
pub(crate) const SUPERSEDED: &str = "Service deployment was stopped because a new service deployment was started.";

/// The reason of a service deployment that the circuit breaker rolled back.
pub(crate) fn rolled_back(deployment: &str) -> String {
    format!("Service deployment rolled back because the circuit breaker threshold was exceeded by {deployment}.")
}

/// The stopped reason of a task that the scheduler stopped.
pub(crate) fn scaling_activity(deployment: &str) -> String {
    format!("Scaling activity initiated by (deployment {deployment})")
}

/// The reason of a task whose image does not exist.
pub(crate) fn cannot_pull(image: &str) -> String {
    format!(
        "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {image}: \
         {image}: not found"
    )
}

fn listed(tasks: &[String]) -> String {
    tasks.iter().map(|task| format!("(task {task})")).collect::<Vec<_>>().join(" ")
}
