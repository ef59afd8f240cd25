//! The story's incidents, each in the same state that ECS would show.

use super::super::world::{DeploymentStatus, Flaw, Grown, PastStatus, Rollback, RolloutState, words};
use super::acts::{
    HELD, Scene, adopt, begin, crashes, drain, end, fail, forget, hold, minutes, primary, running, seconds, task, tell,
    touch,
};
use super::scene::Environment;
use super::{Size, names};

/// Something that fails, or is in progress, in one service.
type Trouble = fn(&mut Grown<'_>, &Scene<'_>);

/// Adds all incidents whose environment exists in a world of this size.
pub(super) fn happen(grown: &mut Grown<'_>, environments: &[Environment], size: Size) {
    let scene = |tenant: &str, name: &str, index: u32| {
        let environment = environments.iter().find(|one| one.tenant == tenant && one.name == name)?;
        let index = index.min(size.services - 1);
        let service = environment.service(&names::service(index));
        Some(Scene { environment, index, cluster: environment.cluster(), service })
    };
    let troubles: [(&str, &str, u32, Trouble); 6] = [
        ("california", "production", 0, cannot_pull),
        ("california", "staging", 1, given_up),
        ("north-carolina", "production", 0, rolling),
        ("georgia", "production", 2, out_of_memory),
        ("ohio", "production", 1, rolled_back),
        ("virginia", "production", 0, dead_sidecar),
    ];
    for (tenant, name, index, happens) in troubles {
        if let Some(scene) = scene(tenant, name, index) {
            happens(grown, &scene);
        }
    }
    for index in 0..size.services {
        if let Some(scene) = scene("texas", "production", index) {
            zones_lost(grown, &scene);
        }
    }
}

/// The new image is not in the registry: half of the old tasks still run, five new ones failed, and the sixth will.
fn cannot_pull(grown: &mut Grown<'_>, scene: &Scene<'_>) {
    let began = grown.ago(minutes(12));
    let Some(rollout) = begin(grown, scene, began, "v2.15.0") else { return };
    if let Some(service) = grown.found(&scene.cluster, &scene.service) {
        (service.minimum_percent, service.maximum_percent, service.breaker.threshold) = (50, 100, Some(9));
        service.deployments[0].failed = 5;
        service.deployments[1].desired = 3;
        service.past[0].failures = 5;
        service.past[0].threshold = 9;
        for image in &mut service.revisions[0].images {
            image.digest = None;
        }
    }
    grown.region.unpush(&scene.environment.repository(&names::service(scene.index)), "v2.15.0");
    drain(grown, scene, &rollout, 3, began + seconds(25));
    for failure in 0..5 {
        let asked = began + seconds(40) + minutes(2 * failure);
        let zone = usize::try_from(failure).unwrap_or(0) % 3;
        let mut task = grown.task(&rollout.definition, zone, asked);
        let image = task.containers.first().map(|container| container.image.clone()).unwrap_or_default();
        let reason = words::cannot_pull(&image);
        (task.pull_stopped_at, task.started_at) = (None, None);
        for container in &mut task.containers {
            (container.status, container.digest, container.runtime_id) = ("PENDING", None, None);
            container.reason = Some(reason.clone());
        }
        end(&mut task, asked + seconds(75), "TaskFailedToStart", &reason, 0);
        let id = adopt(grown, scene, &rollout.new, task);
        tell(grown, scene, asked + seconds(5), words::started(&scene.service, &[id]));
    }
    tell(grown, scene, began + minutes(10), words::inconsistent(&scene.service));
    let asked = grown.ago(seconds(20));
    let id = grown.run(&scene.cluster, &scene.service, &rollout.new, &rollout.definition, 2, asked);
    hold(grown, scene, &id);
    tell(grown, scene, asked + seconds(5), words::started(&scene.service, &[id]));
    touch(grown, scene, asked);
    if let Some(service) = grown.found(&scene.cluster, &scene.service) {
        (service.life.misses, service.life.steady) = (5, false);
    }
}

/// A rollout that succeeds: four of six new tasks run, the fifth starts, and two old ones are still to be replaced.
fn rolling(grown: &mut Grown<'_>, scene: &Scene<'_>) {
    let began = grown.ago(seconds(170));
    let Some(rollout) = begin(grown, scene, began, "v2.15.0") else { return };
    if let Some(service) = grown.found(&scene.cluster, &scene.service) {
        service.maximum_percent = 150;
        service.deployments[1].desired = 2;
    }
    let mut started = vec![];
    for at in 0..4_i64 {
        let asked = began + seconds(6 + 25 * at);
        let zone = usize::try_from(at).unwrap_or(0) % 3;
        started.push(grown.run(&scene.cluster, &scene.service, &rollout.new, &rollout.definition, zone, asked));
    }
    tell(grown, scene, began + seconds(32), words::started(&scene.service, &started[..2]));
    tell(grown, scene, began + seconds(82), words::started(&scene.service, &started[2..]));
    drain(grown, scene, &rollout, 4, began + seconds(140));
    let asked = grown.ago(seconds(18));
    let id = grown.run(&scene.cluster, &scene.service, &rollout.new, &rollout.definition, 1, asked);
    hold(grown, scene, &id);
    tell(grown, scene, asked + seconds(4), words::started(&scene.service, &[id]));
    touch(grown, scene, asked);
    let resumed = grown.now + HELD;
    if let Some(service) = grown.found(&scene.cluster, &scene.service) {
        (service.life.due, service.life.steady) = (Some(resumed), false);
    }
}

/// The circuit breaker failed a rollout and rolled back to the last completed deployment.
fn rolled_back(grown: &mut Grown<'_>, scene: &Scene<'_>) {
    let (began, given_up, back) = (grown.ago(minutes(40)), grown.ago(minutes(31)), grown.ago(minutes(29)));
    let Some(rollout) = begin(grown, scene, began, "v2.15.0") else { return };
    crashes(grown, scene, "v2.15.0");
    fail(grown, scene, &rollout, began);
    tell(grown, scene, given_up, words::failed(&scene.service, &rollout.new));
    tell(grown, scene, given_up + seconds(1), words::rolling_back(&scene.service, &rollout.old));
    tell(grown, scene, back, words::completed(&scene.service, &rollout.old));
    tell(grown, scene, back + seconds(1), words::steady(&scene.service));
    let Some(service) = grown.found(&scene.cluster, &scene.service) else { return };
    service.deployments.remove(0);
    let Some(old) = service.deployments.first_mut() else { return };
    (old.status, old.updated_at) = (DeploymentStatus::Primary, back);
    let revision = old.revision.clone();
    if let Some(past) = service.past.first_mut() {
        past.status = PastStatus::RollbackSuccessful;
        past.status_reason = Some(words::rolled_back(&rollout.new));
        past.rollback =
            Some(Rollback { reason: words::rolled_back(&rollout.new), started_at: given_up + seconds(1), revision });
        (past.failures, past.updated_at, past.finished_at) = (past.threshold, back, Some(back));
    }
}

/// The circuit breaker failed a rollout, and rollback is not enabled.
fn given_up(grown: &mut Grown<'_>, scene: &Scene<'_>) {
    let began = grown.ago(minutes(26 * 60));
    let Some(rollout) = begin(grown, scene, began, "v2.15.0-rc.3") else { return };
    crashes(grown, scene, "v2.15.0-rc.3");
    let over = began + minutes(9);
    tell(grown, scene, over, words::failed(&scene.service, &rollout.new));
    let Some(service) = grown.found(&scene.cluster, &scene.service) else { return };
    service.breaker.rollback = false;
    let Some(new) = service.deployments.first_mut() else { return };
    (new.state, new.reason, new.updated_at) = (RolloutState::Failed, words::BREAKER_FAILED.to_owned(), over);
    if let Some(past) = service.past.first_mut() {
        (past.status, past.status_reason) = (PastStatus::Stopped, Some(words::BREAKER_FAILED.to_owned()));
        (past.failures, past.updated_at, past.finished_at) = (past.threshold, over, Some(over));
        new.failed = past.failures;
    }
}

/// A container is killed for its memory again and again, and replaced each time. The service always seems healthy.
fn out_of_memory(grown: &mut Grown<'_>, scene: &Scene<'_>) {
    let Some(deployment) = primary(grown, scene) else { return };
    let lanes = forget(grown, scene);
    let (family, wanted) = deployment.definition.rsplit_once(':').map_or((String::new(), 0), |(family, _)| {
        let memory = grown.region.definition(&deployment.definition).map_or(0, |found| found.memory);
        (family.to_owned(), memory + memory / 4)
    });
    grown.region.spoil(&family, Flaw::Needs { memory: wanted, after: 240 });
    for lane in 0..lanes {
        let mut asked = grown.ago(seconds(57 * 60 - 140 * i64::try_from(lane).unwrap_or(0)));
        loop {
            let mut task = grown.task(&deployment.definition, lane % 3, asked);
            let dead = asked + seconds(grown.random.between(240, 420));
            // The next replacement needs time to start.
            let over = dead < grown.ago(seconds(60));
            if over {
                end(&mut task, dead, "EssentialContainerExited", words::ESSENTIAL_EXITED, 137);
                if let Some(container) = task.containers.first_mut() {
                    container.reason = Some(words::OUT_OF_MEMORY.to_owned());
                }
            }
            if !over {
                task.due = Some(dead.max(grown.now + HELD));
            }
            let id = adopt(grown, scene, &deployment.id, task);
            tell(grown, scene, asked + seconds(5), words::started(&scene.service, &[id]));
            if !over {
                break;
            }
            asked = dead + seconds(16);
        }
    }
}

/// Two of three zones lost their tasks. The scheduler has replaced them all in the third zone.
fn zones_lost(grown: &mut Grown<'_>, scene: &Scene<'_>) {
    let lost = grown.ago(seconds(17 * 60 + i64::from(scene.index)));
    if let Some(service) = grown.found(&scene.cluster, &scene.service) {
        service.lost_zones = vec![1, 2];
    }
    let Some(deployment) = primary(grown, scene) else { return };
    let elsewhere = running(grown, scene, &deployment.id, |task| task.zone != Some(0));
    for id in &elsewhere {
        if let Some(task) = task(grown, scene, id) {
            end(task, lost, "ServiceSchedulerInitiated", "Task failed container health checks", 137);
        }
    }
    let asked = lost + seconds(9);
    let anew: Vec<String> = elsewhere
        .iter()
        .map(|_| grown.run(&scene.cluster, &scene.service, &deployment.id, &deployment.definition, 0, asked))
        .collect();
    if !anew.is_empty() {
        tell(grown, scene, lost - seconds(22), words::stopped(&scene.service, &elsewhere));
        tell(grown, scene, asked + seconds(6), words::started(&scene.service, &anew));
        tell(grown, scene, asked + seconds(70), words::steady(&scene.service));
    }
}

/// The log router of one task has exited. The task still runs, as the log router is not essential.
fn dead_sidecar(grown: &mut Grown<'_>, scene: &Scene<'_>) {
    let Some(deployment) = primary(grown, scene) else { return };
    let Some(first) = running(grown, scene, &deployment.id, |_| true).into_iter().next() else { return };
    let Some(task) = task(grown, scene, &first) else { return };
    if let Some(sidecar) = task.containers.get_mut(1) {
        (sidecar.status, sidecar.exit_code) = ("STOPPED", Some(1));
        sidecar.reason = Some("Error: config file not found".to_owned());
    }
}
