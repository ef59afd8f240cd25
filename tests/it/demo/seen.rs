//! What is there to be seen of a service: whether its parts agree, and whether it follows from what was seen before.

use std::collections::BTreeMap;

use serde_json::Value;

/// What was there to be seen at one moment.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) service: Value,
    pub(super) tasks: BTreeMap<String, Value>,
    pub(super) past: Vec<Value>,
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

impl Seen {
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

    /// Whether its parts agree.
    pub(super) fn agrees(&self) {
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
        let there = number(&service["runningCount"]) + number(&service["pendingCount"]);
        assert!(there <= self.at_most(), "{there} are more than {}: {service:#}", self.at_most());
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
        let under_way = self.past.iter().filter(|past| past.get("finishedAt").is_none());
        let stopping = |past: &&Value| past["status"] == "STOP_REQUESTED";
        assert!(under_way.filter(|past| !stopping(past)).count() <= 1);
        for past in &self.past {
            let times: Vec<f64> =
                ["createdAt", "startedAt", "finishedAt"].iter().filter_map(|key| past[key].as_f64()).collect();
            assert!(times.is_sorted(), "{past:#}");
        }
    }

    /// Whether nothing has run backwards since `before`.
    pub(super) fn follows(&self, before: &Self) {
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
            // Only a rollback takes a deployment up again.
            let reason = one["rolloutStateReason"].as_str().unwrap();
            let back = reason.contains("rolling back to") || self.past[0].get("rollback").is_some();
            let ended = earlier["rolloutState"] != "IN_PROGRESS";
            assert!(!ended || back || earlier["rolloutState"] == one["rolloutState"], "{earlier:#} became {one:#}");
        }
        for past in &self.past {
            let key = "serviceDeploymentArn";
            let Some(earlier) = before.past.iter().find(|other| other[key] == past[key]) else { continue };
            assert!(rank(past, &PAST) >= rank(earlier, &PAST), "{earlier:#} became {past:#}");
            assert_eq!(
                earlier.get("finishedAt").is_some(),
                earlier["finishedAt"] == past["finishedAt"] && past.get("finishedAt").is_some()
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

    /// Whether only tasks that may be missed were stopped since `before`.
    pub(super) fn spares(&self, before: &Self) {
        let (was, is) = (number(&before.service["runningCount"]), number(&self.service["runningCount"]));
        assert!(is >= was || is >= self.at_least(), "{was} became {is} of {}: {:#}", self.at_least(), self.service);
    }

    pub(super) fn settled(&self) -> bool {
        self.deployments().len() == 1
            && self.deployments()[0]["rolloutState"] == "COMPLETED"
            && self.service["runningCount"] == self.service["desiredCount"]
            && self.past[0].get("finishedAt").is_some()
    }
}

/// In the order a task goes through them.
const TASK: [&str; 8] =
    ["PROVISIONING", "PENDING", "ACTIVATING", "RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING", "STOPPED"];

/// In an order that no service deployment goes back in.
const PAST: [&str; 9] = [
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
