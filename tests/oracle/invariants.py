"""What models cannot see: whether the parts of an answer, and the answers among themselves, agree."""

import math

from wire import now

TASK_STATES = {
    "PROVISIONING",
    "PENDING",
    "ACTIVATING",
    "RUNNING",
    "DEACTIVATING",
    "STOPPING",
    "DEPROVISIONING",
    "STOPPED",
    "DELETED",
}
PENDING = {"PROVISIONING", "PENDING", "ACTIVATING"}
TASK_ORDER = [
    "PROVISIONING",
    "PENDING",
    "ACTIVATING",
    "RUNNING",
    "DEACTIVATING",
    "STOPPING",
    "DEPROVISIONING",
    "STOPPED",
]
TASK_TIMES = [
    "createdAt",
    "pullStartedAt",
    "pullStoppedAt",
    "startedAt",
    "stoppingAt",
    "executionStoppedAt",
    "stoppedAt",
]


def ordered(report, thing, keys, what):
    """The times of `thing` that are there do not run backwards, and none lies in the future."""
    times = [thing[key] for key in keys if key in thing]
    report.check(times == sorted(times), f"{what}: times run backwards: {times}")
    report.check(all(time <= now() for time in times), f"{what}: a time lies in the future: {times}")


def service(report, found):
    """One service of DescribeServices in itself."""
    name = found["serviceArn"].split(":", 5)[5]
    deployments = found["deployments"]
    report.check(found["status"] in {"ACTIVE", "DRAINING", "INACTIVE"}, f"{name}: status {found['status']}")
    for count in ("runningCount", "pendingCount"):
        report.equal(sum(one[count] for one in deployments), found[count], f"{name}: {count} of its deployments")
    primary = [one for one in deployments if one["status"] == "PRIMARY"]
    report.equal(len(primary), 1, f"{name}: primary deployments")
    if primary:
        report.equal(primary[0]["taskDefinition"], found["taskDefinition"], f"{name}: definition of the primary one")
    most = math.floor(found["desiredCount"] * found["deploymentConfiguration"]["maximumPercent"] / 100)
    there = found["runningCount"] + found["pendingCount"]
    report.check(there <= most, f"{name}: {there} tasks where {most} may be")
    for one in deployments:
        report.check(one["status"] in {"PRIMARY", "ACTIVE", "INACTIVE"}, f"{name}: deployment {one['status']}")
        ordered(report, one, ["createdAt", "updatedAt"], f"{name} {one['id']}")
        report.check(one["createdAt"] >= found["createdAt"], f"{name}: a deployment older than its service")
        if one["rolloutState"] == "COMPLETED":
            report.equal(one["failedTasks"], 0, f"{name}: failures of a completed rollout")
    events = found["events"]
    report.check(len(events) <= 100, f"{name}: {len(events)} events")
    report.equal(len({event["id"] for event in events}), len(events), f"{name}: ids of events")
    times = [event["createdAt"] for event in events]
    report.check(times == sorted(times, reverse=True), f"{name}: events are not newest first")
    report.check(all(f"service {found['serviceName']}" in one["message"] for one in events), f"{name}: foreign events")
    for one in found.get("currentServiceRevisions", []):
        report.check("/".join(name.split("/")[1:]) in one["arn"], f"{name}: revision {one['arn']}")


def task(report, found):
    """One task of DescribeTasks in itself."""
    name = found["taskArn"].split(":", 5)[5]
    report.check(found["lastStatus"] in TASK_STATES, f"{name}: lastStatus {found['lastStatus']}")
    ordered(report, found, TASK_TIMES, name)
    over = found["desiredStatus"] == "STOPPED"
    for key in ("stopCode", "stoppedReason"):
        report.equal(bool(found.get(key)), over, f"{name}: has {key}")
    report.equal("stoppedAt" in found, found["lastStatus"] == "STOPPED", f"{name}: has stoppedAt")
    zone = found.get("availabilityZone", "")
    # Nobody knows yet where it will be.
    placed = found["lastStatus"] != "PROVISIONING"
    report.check(not placed or zone.startswith(found["taskArn"].split(":")[3]), f"{name}: zone {zone!r}")
    report.check(found["containers"], f"{name}: no containers")
    for container in found["containers"]:
        ran = container["lastStatus"] == "RUNNING"
        gone = found["lastStatus"] in {"DEPROVISIONING", "STOPPED"}
        report.check(not (ran and gone), f"{name}: {container['name']} outlives its task")
        report.check(not (ran and "exitCode" in container), f"{name}: {container['name']} runs and has ended")
        report.check(not ran or container["imageDigest"].startswith("sha256:"), f"{name}: runs without a digest")


def later(report, before, after):
    """One task against itself as it was seen before."""
    if before is None:
        return
    name = after["taskArn"].split(":", 5)[5]
    was, now_is = (TASK_ORDER.index(one["lastStatus"]) for one in (before, after))
    report.check(was <= now_is, f"{name}: {before['lastStatus']} became {after['lastStatus']}")
    report.check(before["version"] <= after["version"], f"{name}: its version went down")
    for key in TASK_TIMES:
        report.check(key not in before or before[key] == after.get(key), f"{name}: {key} has changed")


def tasks_of(report, found, tasks):
    """The tasks of a service against the service."""
    name = found["serviceArn"].split(":", 5)[5]
    running = [one for one in tasks if one["lastStatus"] == "RUNNING"]
    pending = [one for one in tasks if one["lastStatus"] in PENDING]
    report.equal(len(running), found["runningCount"], f"{name}: tasks that run")
    report.equal(len(pending), found["pendingCount"], f"{name}: tasks on their way")
    deployments = {one["id"]: one for one in found["deployments"]}
    for one in running + pending:
        deployment = deployments.get(one["startedBy"])
        report.check(deployment is not None, f"{name}: {one['taskArn']} was started by {one['startedBy']}")
        if deployment:
            report.equal(one["taskDefinitionArn"], deployment["taskDefinition"], f"{name}: definition of a task")


def history(report, found):
    """One service deployment of DescribeServiceDeployments in itself."""
    name = found["serviceDeploymentArn"].split(":", 5)[5]
    ordered(report, found, ["createdAt", "startedAt", "updatedAt"], name)
    ordered(report, found, ["startedAt", "finishedAt"], name)
    requested = {"PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED"}
    under_way = found["status"] in requested | {"ROLLBACK_IN_PROGRESS"}
    report.equal("finishedAt" not in found, under_way, f"{name}: under way")
    breaker = found["deploymentCircuitBreaker"]
    triggered = breaker["status"] == "TRIGGERED"
    report.equal(breaker["failureCount"] >= breaker["threshold"], triggered, f"{name}: breaker triggered")
    back = found["status"].startswith("ROLLBACK") and found["status"] not in requested
    report.equal(back, "rollback" in found, f"{name}: rolled back")
