//! The sentences ECS writes into a service's journal, its deployments and its stopped tasks.
//!
//! Sources: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html>,
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html> and
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html>.

/// A container that took more memory than it may.
pub(crate) const OUT_OF_MEMORY: &str = "OutOfMemoryError: Container killed due to memory usage";

/// A task whose essential container ended.
pub(crate) const ESSENTIAL_EXITED: &str = "Essential container in task exited";

/// A deployment that the circuit breaker gave up.
pub(crate) const BREAKER_FAILED: &str = "ECS deployment circuit breaker: tasks failed to start.";

/// Tasks were started.
pub(crate) fn started(service: &str, tasks: &[String]) -> String {
    format!("(service {service}) has started {} tasks: {}.", tasks.len(), listed(tasks))
}

/// Tasks were stopped by the scheduler.
pub(crate) fn stopped(service: &str, tasks: &[String]) -> String {
    format!("(service {service}) has stopped {} running tasks: {}.", tasks.len(), listed(tasks))
}

/// Tasks behind a load balancer get no new connections.
pub(crate) fn draining(service: &str, count: usize) -> String {
    format!("(service {service}) has begun draining connections on {count} tasks.")
}

/// Tasks left a target group.
pub(crate) fn deregistered(service: &str, count: usize, target_group: &str) -> String {
    format!("(service {service}) deregistered {count} targets in (target-group {target_group})")
}

/// The percentages let nothing move.
pub(crate) fn stuck(service: &str) -> String {
    format!(
        "(service {service}) was unable to stop or start tasks during a deployment because of the service deployment \
         configuration. Update the minimumHealthyPercent or maximumPercent value and try again."
    )
}

/// Tasks joined a target group.
pub(crate) fn registered(service: &str, count: usize, target_group: &str) -> String {
    format!("(service {service}) registered {count} targets in (target-group {target_group})")
}

/// Nothing is left to do.
pub(crate) fn steady(service: &str) -> String {
    format!("(service {service}) has reached a steady state.")
}

/// A rollout is over.
pub(crate) fn completed(service: &str, deployment: &str) -> String {
    format!("(service {service}) (deployment {deployment}) deployment completed.")
}

/// A rollout was given up.
pub(crate) fn failed(service: &str, deployment: &str) -> String {
    format!("(service {service}) (deployment {deployment}) deployment failed: tasks failed to start.")
}

/// A rollout was given up, and the last good one comes back.
pub(crate) fn rolling_back(service: &str, deployment: &str) -> String {
    format!("(service {service}) rolling back to deployment {deployment}.")
}

/// Tasks keep failing before they run, so that the scheduler waits longer and longer.
pub(crate) fn inconsistent(service: &str) -> String {
    format!("(service {service}) is unable to consistently start tasks successfully.")
}

/// A rollout that goes on.
pub(crate) fn in_progress(deployment: &str) -> String {
    format!("ECS deployment {deployment} in progress.")
}

/// A rollout that is over.
pub(crate) fn rollout_completed(deployment: &str) -> String {
    format!("ECS deployment {deployment} completed.")
}

/// A rollout that brings the last good one back after the breaker gave `deployment` up.
pub(crate) fn rolling_back_to(deployment: &str) -> String {
    format!("ECS deployment circuit breaker: rolling back to deploymentId {deployment}.")
}

/// A rollout that brings the last good one back because somebody asked for it.
pub(crate) fn rollback_requested(deployment: &str) -> String {
    format!("ECS deployment rollback was requested: rolling back to deploymentId {deployment}.")
}

/// A rollout that somebody stopped.
pub(crate) const STOPPED_BY_REQUEST: &str = "ECS deployment was stopped: a rollback was requested.";

/// A rollback that has nowhere to go.
pub(crate) const NOTHING_TO_GO_BACK_TO: &str = "Service deployment rollback failed: there is no completed deployment.";

/// Why a service deployment was rolled back at somebody's request.
pub(crate) fn rolled_back_by_request(deployment: &str) -> String {
    format!("Service deployment rolled back because a rollback of {deployment} was requested.")
}

/// There is no zone in which a task could be placed.
pub(crate) fn unplaced(service: &str) -> String {
    format!(
        "(service {service}) was unable to place a task. Reason: Capacity is unavailable at this time. Please try \
         again later or in a different availability zone."
    )
}

/// Why a service deployment was stopped.
pub(crate) const SUPERSEDED: &str = "Service deployment was stopped because a new service deployment was started.";

/// Why a service deployment was rolled back.
pub(crate) fn rolled_back(deployment: &str) -> String {
    format!("Service deployment rolled back because the circuit breaker threshold was exceeded by {deployment}.")
}

/// Why a task that the scheduler stopped is over.
pub(crate) fn scaling_activity(deployment: &str) -> String {
    format!("Scaling activity initiated by (deployment {deployment})")
}

/// An image that is not there.
pub(crate) fn cannot_pull(image: &str) -> String {
    format!(
        "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {image}: \
         {image}: not found"
    )
}

fn listed(tasks: &[String]) -> String {
    tasks.iter().map(|task| format!("(task {task})")).collect::<Vec<_>>().join(" ")
}
