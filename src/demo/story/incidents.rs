//! The story's incidents, each in the same state that ECS would show.

use super::super::world::{
    DeploymentStatus, ImageFault, RegionBuilder, Rollback, RolloutState, ServiceDeploymentStatus, messages,
};
use super::scenario::Environment;
use super::timeline::{
    AffectedService, FREEZE, add_event, add_failed_tasks, add_to_deployment, delay_task, make_version_crash, minutes,
    primary, remove_tasks, running, seconds, set_updated_at, start_rollout, stop_old_tasks, stop_task, task,
};
use super::{Size, names};

/// Something that fails, or is in progress, in one service.
type Incident = fn(&mut RegionBuilder<'_>, &AffectedService<'_>);

/// Adds all incidents whose environment exists in a world of this size.
pub(super) fn add(builder: &mut RegionBuilder<'_>, environments: &[Environment], size: Size) {
    let find_service = |tenant: &str, name: &str, index: u32| {
        let environment = environments.iter().find(|one| one.tenant == tenant && one.name == name)?;
        let index = index.min(size.services - 1);
        let service = environment.service(&names::service(index));
        Some(AffectedService { environment, index, cluster: environment.cluster(), service })
    };
    let incidents: [(&str, &str, u32, Incident); 6] = [
        ("california", "production", 0, cannot_pull),
        ("california", "staging", 1, rollout_failed),
        ("north-carolina", "production", 0, rollout_in_progress),
        ("georgia", "production", 2, out_of_memory),
        ("ohio", "production", 1, rolled_back),
        ("virginia", "production", 0, sidecar_exited),
    ];
    for (tenant, name, index, add_incident) in incidents {
        if let Some(affected) = find_service(tenant, name, index) {
            add_incident(builder, &affected);
        }
    }
    for index in 0..size.services {
        if let Some(affected) = find_service("texas", "production", index) {
            zones_lost(builder, &affected);
        }
    }
}

/// The new image is not in the registry: half of the old tasks still run, five new ones failed, and the sixth will.
fn cannot_pull(builder: &mut RegionBuilder<'_>, affected: &AffectedService<'_>) {
    let began = builder.ago(minutes(12));
    let Some(rollout) = start_rollout(builder, affected, began, "v2.15.0") else { return };
    if let Some(service) = builder.service_mut(&affected.cluster, &affected.service) {
        (service.minimum_percent, service.maximum_percent, service.breaker.threshold) = (50, 100, Some(9));
        service.deployments[0].failed = 5;
        service.deployments[1].desired = 3;
        service.service_deployments[0].failures = 5;
        service.service_deployments[0].threshold = 9;
        for image in &mut service.revisions[0].images {
            image.digest = None;
        }
    }
    builder.region.delete_image(&affected.environment.repository(&names::service(affected.index)), "v2.15.0");
    stop_old_tasks(builder, affected, &rollout, 3, began + seconds(25));
    for failure in 0..5 {
        let requested_at = began + seconds(40) + minutes(2 * failure);
        let zone = usize::try_from(failure).unwrap_or(0) % 3;
        let mut task = builder.new_task(&rollout.definition, zone, requested_at);
        let image = task.containers.first().map(|container| container.image.clone()).unwrap_or_default();
        let reason = messages::cannot_pull(&image);
        (task.pull_stopped_at, task.started_at) = (None, None);
        for container in &mut task.containers {
            (container.status, container.digest, container.runtime_id) = ("PENDING", None, None);
            container.reason = Some(reason.clone());
        }
        stop_task(&mut task, requested_at + seconds(75), "TaskFailedToStart", &reason, 0);
        let id = add_to_deployment(builder, affected, &rollout.new, task);
        add_event(builder, affected, requested_at + seconds(5), messages::started(&affected.service, &[id]));
    }
    add_event(builder, affected, began + minutes(10), messages::inconsistent(&affected.service));
    let requested_at = builder.ago(seconds(20));
    let id = builder.add_task(&affected.cluster, &affected.service, &rollout.new, &rollout.definition, 2, requested_at);
    delay_task(builder, affected, &id);
    add_event(builder, affected, requested_at + seconds(5), messages::started(&affected.service, &[id]));
    set_updated_at(builder, affected, requested_at);
    if let Some(service) = builder.service_mut(&affected.cluster, &affected.service) {
        (service.scheduler.failed_starts, service.scheduler.steady) = (5, false);
    }
}

/// A rollout that succeeds: four of six new tasks run, the fifth starts, and two old ones are still to be replaced.
fn rollout_in_progress(builder: &mut RegionBuilder<'_>, affected: &AffectedService<'_>) {
    let began = builder.ago(seconds(170));
    let Some(rollout) = start_rollout(builder, affected, began, "v2.15.0") else { return };
    if let Some(service) = builder.service_mut(&affected.cluster, &affected.service) {
        service.maximum_percent = 150;
        service.deployments[1].desired = 2;
    }
    let mut started = vec![];
    for at in 0..4_i64 {
        let requested_at = began + seconds(6 + 25 * at);
        let zone = usize::try_from(at).unwrap_or(0) % 3;
        started.push(builder.add_task(
            &affected.cluster,
            &affected.service,
            &rollout.new,
            &rollout.definition,
            zone,
            requested_at,
        ));
    }
    add_event(builder, affected, began + seconds(32), messages::started(&affected.service, &started[..2]));
    add_event(builder, affected, began + seconds(82), messages::started(&affected.service, &started[2..]));
    stop_old_tasks(builder, affected, &rollout, 4, began + seconds(140));
    let requested_at = builder.ago(seconds(18));
    let id = builder.add_task(&affected.cluster, &affected.service, &rollout.new, &rollout.definition, 1, requested_at);
    delay_task(builder, affected, &id);
    add_event(builder, affected, requested_at + seconds(4), messages::started(&affected.service, &[id]));
    set_updated_at(builder, affected, requested_at);
    let resumed = builder.now + FREEZE;
    if let Some(service) = builder.service_mut(&affected.cluster, &affected.service) {
        (service.scheduler.due, service.scheduler.steady) = (Some(resumed), false);
    }
}

/// The circuit breaker failed a rollout and rolled back to the last completed deployment.
fn rolled_back(builder: &mut RegionBuilder<'_>, affected: &AffectedService<'_>) {
    let (began, failed_at, back) = (builder.ago(minutes(40)), builder.ago(minutes(31)), builder.ago(minutes(29)));
    let Some(rollout) = start_rollout(builder, affected, began, "v2.15.0") else { return };
    make_version_crash(builder, affected, "v2.15.0");
    add_failed_tasks(builder, affected, &rollout, began);
    add_event(builder, affected, failed_at, messages::failed(&affected.service, &rollout.new));
    add_event(builder, affected, failed_at + seconds(1), messages::rolling_back(&affected.service, &rollout.old));
    add_event(builder, affected, back, messages::completed(&affected.service, &rollout.old));
    add_event(builder, affected, back + seconds(1), messages::steady(&affected.service));
    let Some(service) = builder.service_mut(&affected.cluster, &affected.service) else { return };
    service.deployments.remove(0);
    let Some(old) = service.deployments.first_mut() else { return };
    (old.status, old.updated_at) = (DeploymentStatus::Primary, back);
    let revision = old.revision.clone();
    if let Some(record) = service.service_deployments.first_mut() {
        record.status = ServiceDeploymentStatus::RollbackSuccessful;
        record.status_reason = Some(messages::rolled_back(&rollout.new));
        record.rollback = Some(Rollback {
            reason: messages::rolled_back(&rollout.new),
            started_at: failed_at + seconds(1),
            revision,
        });
        (record.failures, record.updated_at, record.finished_at) = (record.threshold, back, Some(back));
    }
}

/// The circuit breaker failed a rollout, and rollback is not enabled.
fn rollout_failed(builder: &mut RegionBuilder<'_>, affected: &AffectedService<'_>) {
    let began = builder.ago(minutes(26 * 60));
    let Some(rollout) = start_rollout(builder, affected, began, "v2.15.0-rc.3") else { return };
    make_version_crash(builder, affected, "v2.15.0-rc.3");
    let over = began + minutes(9);
    add_event(builder, affected, over, messages::failed(&affected.service, &rollout.new));
    let Some(service) = builder.service_mut(&affected.cluster, &affected.service) else { return };
    service.breaker.rollback = false;
    let Some(new) = service.deployments.first_mut() else { return };
    (new.state, new.reason, new.updated_at) = (RolloutState::Failed, messages::BREAKER_FAILED.to_owned(), over);
    if let Some(record) = service.service_deployments.first_mut() {
        (record.status, record.status_reason) =
            (ServiceDeploymentStatus::Stopped, Some(messages::BREAKER_FAILED.to_owned()));
        (record.failures, record.updated_at, record.finished_at) = (record.threshold, over, Some(over));
        new.failed = record.failures;
    }
}

/// A container is killed for its memory again and again, and replaced each time. The service always seems healthy.
fn out_of_memory(builder: &mut RegionBuilder<'_>, affected: &AffectedService<'_>) {
    let Some(deployment) = primary(builder, affected) else { return };
    let count = remove_tasks(builder, affected);
    let (family, needed) = deployment.definition.rsplit_once(':').map_or((String::new(), 0), |(family, _)| {
        let memory = builder.region.definition(&deployment.definition).map_or(0, |found| found.memory);
        (family.to_owned(), memory + memory / 4)
    });
    builder.region.inject(&family, ImageFault::NeedsMemory { memory: needed, after: 240 });
    for index in 0..count {
        let mut requested_at = builder.ago(seconds(57 * 60 - 140 * i64::try_from(index).unwrap_or(0)));
        loop {
            let mut task = builder.new_task(&deployment.definition, index % 3, requested_at);
            let exits_at = requested_at + seconds(builder.random.between(240, 420));
            // The next replacement needs time to start.
            let over = exits_at < builder.ago(seconds(60));
            if over {
                stop_task(&mut task, exits_at, "EssentialContainerExited", messages::ESSENTIAL_EXITED, 137);
                if let Some(container) = task.containers.first_mut() {
                    container.reason = Some(messages::OUT_OF_MEMORY.to_owned());
                }
            }
            if !over {
                task.due = Some(exits_at.max(builder.now + FREEZE));
            }
            let id = add_to_deployment(builder, affected, &deployment.id, task);
            add_event(builder, affected, requested_at + seconds(5), messages::started(&affected.service, &[id]));
            if !over {
                break;
            }
            requested_at = exits_at + seconds(16);
        }
    }
}

/// Two of three zones lost their tasks. The scheduler has replaced them all in the third zone.
fn zones_lost(builder: &mut RegionBuilder<'_>, affected: &AffectedService<'_>) {
    let lost = builder.ago(seconds(17 * 60 + i64::from(affected.index)));
    if let Some(service) = builder.service_mut(&affected.cluster, &affected.service) {
        service.lost_zones = vec![1, 2];
    }
    let Some(deployment) = primary(builder, affected) else { return };
    let lost_tasks = running(builder, affected, &deployment.id, |task| task.zone != Some(0));
    for id in &lost_tasks {
        if let Some(task) = task(builder, affected, id) {
            stop_task(task, lost, "ServiceSchedulerInitiated", "Task failed container health checks", 137);
        }
    }
    let requested_at = lost + seconds(9);
    let replacements: Vec<String> = lost_tasks
        .iter()
        .map(|_| {
            builder.add_task(
                &affected.cluster,
                &affected.service,
                &deployment.id,
                &deployment.definition,
                0,
                requested_at,
            )
        })
        .collect();
    if !replacements.is_empty() {
        add_event(builder, affected, lost - seconds(22), messages::stopped(&affected.service, &lost_tasks));
        add_event(builder, affected, requested_at + seconds(6), messages::started(&affected.service, &replacements));
        add_event(builder, affected, requested_at + seconds(70), messages::steady(&affected.service));
    }
}

/// The log router of one task has exited. The task still runs, as the log router is not essential.
fn sidecar_exited(builder: &mut RegionBuilder<'_>, affected: &AffectedService<'_>) {
    let Some(deployment) = primary(builder, affected) else { return };
    let Some(first) = running(builder, affected, &deployment.id, |_| true).into_iter().next() else { return };
    let Some(task) = task(builder, affected, &first) else { return };
    if let Some(sidecar) = task.containers.get_mut(1) {
        (sidecar.status, sidecar.exit_code) = ("STOPPED", Some(1));
        sidecar.reason = Some("Error: config file not found".to_owned());
    }
}
