//! Snapshots of a service as the API shows it, and checks of one snapshot and of two in a row.

use std::collections::BTreeMap;

use serde_json::Value;

/// The state of a service at one time, as the API shows it.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    pub(super) service: Value,
    pub(super) tasks: BTreeMap<String, Value>,
    pub(super) service_deployments: Vec<Value>,
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

impl Snapshot {
    fn deployments(&self) -> &[Value] {
        self.service["deployments"].as_array().unwrap()
    }

    fn configured(&self, key: &str) -> u64 {
        number(&self.service["deploymentConfiguration"][key])
    }

    fn at_least(&self) -> u64 {
        (number(&self.service["desiredCount"]) * self.configured("minimumHealthyPercent")).div_ceil(100)
    }

    fn at_most(&self) -> u64 {
        let desired = number(&self.service["desiredCount"]);
        (desired * self.configured("maximumPercent") / 100).max(desired)
    }

    /// Checks that its parts are consistent.
    pub(super) fn assert_consistent(&self) {
        let service = &self.service;
        let counted = |key: &str| self.deployments().iter().map(|one| number(&one[key])).sum::<u64>();
        for count in ["runningCount", "pendingCount"] {
            assert_eq!(counted(count), number(&service[count]), "{count}: {service:#}");
        }
        let with = |words: &[&str]| {
            self.tasks.values().filter(|task| words.contains(&task["lastStatus"].as_str().unwrap())).count() as u64
        };
        assert_eq!(with(&["RUNNING"]), number(&service["runningCount"]));
        assert_eq!(with(&["PROVISIONING", "PENDING", "ACTIVATING"]), number(&service["pendingCount"]));
        let primary = self.deployments().iter().filter(|one| one["status"] == "PRIMARY");
        assert_eq!(primary.count(), 1, "{service:#}");
        assert_eq!(service["deployments"][0]["status"], "PRIMARY");
        let alive = number(&service["runningCount"]) + number(&service["pendingCount"]);
        assert!(alive <= self.at_most(), "{alive} are more than {}: {service:#}", self.at_most());
        for task in self.tasks.values() {
            let keys = [
                "createdAt",
                "pullStartedAt",
                "pullStoppedAt",
                "startedAt",
                "stoppingAt",
                "executionStoppedAt",
                "stoppedAt",
            ];
            let times: Vec<f64> = keys.iter().filter_map(|key| task[key].as_f64()).collect();
            assert!(times.is_sorted(), "{task:#}");
            assert_eq!(task["lastStatus"] == "STOPPED", task.get("stoppedAt").is_some(), "{task:#}");
            assert_eq!(task["desiredStatus"] == "STOPPED", task.get("stopCode").is_some(), "{task:#}");
        }
        let in_progress = self.service_deployments.iter().filter(|deployment| deployment.get("finishedAt").is_none());
        let stopping = |deployment: &&Value| deployment["status"] == "STOP_REQUESTED";
        assert!(in_progress.filter(|deployment| !stopping(deployment)).count() <= 1);
        for deployment in &self.service_deployments {
            let times: Vec<f64> =
                ["createdAt", "startedAt", "finishedAt"].iter().filter_map(|key| deployment[key].as_f64()).collect();
            assert!(times.is_sorted(), "{deployment:#}");
        }
    }

    /// Checks that nothing has gone back since `before`.
    pub(super) fn assert_follows(&self, before: &Self) {
        for (arn, task) in &self.tasks {
            let Some(earlier) = before.tasks.get(arn) else { continue };
            assert!(rank(task, &TASK) >= rank(earlier, &TASK), "{earlier:#} became {task:#}");
            for key in
                ["createdAt", "pullStartedAt", "startedAt", "stoppingAt", "stoppedAt", "stopCode", "availabilityZone"]
            {
                let known = earlier.get(key);
                assert!(known.is_none() || known == task.get(key), "{key}: {earlier:#} became {task:#}");
            }
        }
        for one in self.deployments() {
            let Some(earlier) = before.deployments().iter().find(|other| other["id"] == one["id"]) else { continue };
            assert_eq!(earlier["createdAt"], one["createdAt"]);
            assert!(earlier["updatedAt"].as_f64() <= one["updatedAt"].as_f64(), "{earlier:#} became {one:#}");
            // Only a rollback resumes a deployment.
            let reason = one["rolloutStateReason"].as_str().unwrap();
            let back = reason.contains("rolling back to") || self.service_deployments[0].get("rollback").is_some();
            let ended = earlier["rolloutState"] != "IN_PROGRESS";
            assert!(!ended || back || earlier["rolloutState"] == one["rolloutState"], "{earlier:#} became {one:#}");
        }
        for deployment in &self.service_deployments {
            let key = "serviceDeploymentArn";
            let Some(earlier) = before.service_deployments.iter().find(|other| other[key] == deployment[key]) else {
                continue;
            };
            assert!(
                rank(deployment, &SERVICE_DEPLOYMENT) >= rank(earlier, &SERVICE_DEPLOYMENT),
                "{earlier:#} became {deployment:#}"
            );
            assert_eq!(
                earlier.get("finishedAt").is_some(),
                earlier["finishedAt"] == deployment["finishedAt"] && deployment.get("finishedAt").is_some()
            );
        }
        let events = |seen: &Self| seen.service["events"].as_array().unwrap().clone();
        let (old, new) = (events(before), events(self));
        let kept = new.iter().position(|event| Some(event) == old.first());
        assert!(old.is_empty() || new.len() == 100 || kept.is_some_and(|at| new[at..] == old[..new.len() - at]));
        let fresh = &new[..kept.unwrap_or(new.len())];
        let newest = old.first().and_then(|event| event["createdAt"].as_f64());
        assert!(fresh.iter().all(|event| event["createdAt"].as_f64() >= newest));
    }

    /// Checks that the running count fell no lower than the minimum healthy percent since `before`.
    pub(super) fn assert_minimum_kept(&self, before: &Self) {
        let (was, is) = (number(&before.service["runningCount"]), number(&self.service["runningCount"]));
        assert!(is >= was || is >= self.at_least(), "{was} became {is} of {}: {:#}", self.at_least(), self.service);
    }

    pub(super) fn is_stable(&self) -> bool {
        self.deployments().len() == 1
            && self.deployments()[0]["rolloutState"] == "COMPLETED"
            && self.service["runningCount"] == self.service["desiredCount"]
            && self.service_deployments[0].get("finishedAt").is_some()
    }
}

/// The statuses of a task in their order.
const TASK: [&str; 8] =
    ["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"];

/// The statuses of a service deployment in their order.
const SERVICE_DEPLOYMENT: [&str; 9] = [
    "PENDING",
    "IN_PROGRESS",
    "ROLLBACK_REQUESTED",
    "ROLLBACK_IN_PROGRESS",
    "STOP_REQUESTED",
    "STOPPED",
    "SUCCESSFUL",
    "ROLLBACK_SUCCESSFUL",
    "ROLLBACK_FAILED",
];

fn rank(thing: &Value, order: &[&str]) -> usize {
    let status = thing.get("lastStatus").or(thing.get("status")).and_then(Value::as_str).unwrap();
    order.iter().position(|word| *word == status).unwrap()
}
