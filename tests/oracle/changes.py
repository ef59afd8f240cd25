"""What is changed by boto3, and what becomes of it: botocore's waiters pass, and nothing breaks on the way."""

import math
import time

import invariants
import refusals

# Botocore's waiters look every 6 to 15 seconds; here things happen faster.
PATIENCE = {"Delay": 1, "MaxAttempts": 90}

# Longer than reads may show what was before a write.
LAG = 2.5


class Changes:
    """A service that is steady, and that nobody scales but us."""

    def __init__(self, world):
        self.wire = world.wire
        self.report = world.report
        self.ecs = world.ecs
        self.scaling = self.wire.client("application-autoscaling")
        self.ecr = self.wire.client("ecr")
        targets = self.scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
        scaled = {target["ResourceId"] for target in targets}
        calm = [
            one
            for arn, one in sorted(world.services.items())
            if arn.split(":", 5)[5] not in scaled
            and one["desiredCount"] == 2
            and len(one["deployments"]) == 1
            and not any("tasks:" in event["message"] for event in one["events"][:3])
        ]
        self.found = calm[0]
        self.cluster, self.name = self.found["clusterArn"], self.found["serviceName"]
        self.arn = self.found["serviceArn"]
        self.which = {"cluster": self.cluster, "services": [self.name]}

    def run(self):
        for part in (self.scaled, self.redeployed, self.taken_back, self.given_up, self.tagged, self.bounded, self.images):
            self.report.begin(part.__doc__)
            part()
        self.report.begin("refused writes")
        self.refused()

    def look(self):
        return self.ecs.describe_services(**self.which)["services"][0]

    def update(self, **change):
        return self.ecs.update_service(cluster=self.cluster, service=self.name, **change)["service"]

    def wait(self, waiter, **arguments):
        self.ecs.get_waiter(waiter).wait(WaiterConfig=PATIENCE, **arguments)
        self.report.check(True, waiter)

    def tasks(self, status="RUNNING"):
        return self.ecs.list_tasks(cluster=self.cluster, serviceName=self.name, desiredStatus=status)["taskArns"]

    def watch(self, over):
        """Looks again and again until `over` says so: parts agree, counts stay in bounds, nothing runs backwards."""
        known, deadline = {}, time.monotonic() + 120
        while True:
            found, tasks, again = self.look(), [], None
            arns = self.tasks() + self.tasks("STOPPED")
            if arns:
                tasks = self.ecs.describe_tasks(cluster=self.cluster, tasks=arns[:100])["tasks"]
            again = self.look()
            invariants.service(self.report, found)
            if found == again:
                invariants.tasks_of(self.report, found, tasks)
            for task in tasks:
                invariants.task(self.report, task)
                invariants.later(self.report, known.get(task["taskArn"]), task)
                known[task["taskArn"]] = task
            least = math.ceil(found["desiredCount"] * found["deploymentConfiguration"]["minimumHealthyPercent"] / 100)
            if over(found):
                return found, least
            if time.monotonic() > deadline:
                self.report.check(False, f"{self.name} is not over: {found['deployments']}")
                return found, least
            time.sleep(0.5)

    def settled(self, found):
        return len(found["deployments"]) == 1 and found["deployments"][0]["rolloutState"] == "COMPLETED"

    def scaled(self):
        """a service that is scaled"""
        before = self.look()
        answer = self.update(desiredCount=3)
        self.report.equal(answer["desiredCount"], 3, "desiredCount of the answer")
        time.sleep(LAG)
        self.report.equal(self.look()["desiredCount"], 3, "desiredCount a while later")
        self.wait("services_stable", **self.which)
        tasks = self.tasks()
        self.report.equal(len(tasks), 3, "tasks")
        self.wait("tasks_running", cluster=self.cluster, tasks=tasks)
        self.update(desiredCount=2)
        time.sleep(LAG)
        self.wait("services_stable", **self.which)
        gone = sorted(set(tasks) - set(self.tasks()))
        self.report.equal(len(gone), 1, "tasks that went")
        self.wait("tasks_stopped", cluster=self.cluster, tasks=gone)
        self.report.equal(self.look()["deployments"][0]["id"], before["deployments"][0]["id"], "scaling is no deployment")

    def redeployed(self):
        """a service that is deployed anew"""
        before, tasks = self.look(), self.tasks()
        answer = self.update(forceNewDeployment=True)
        self.report.equal(answer["deployments"][1]["id"], before["deployments"][0]["id"], "the deployment before")
        time.sleep(LAG)
        self.report.equal(self.look()["deployments"][0]["rolloutState"], "IN_PROGRESS", "rolloutState")
        self.report.check("currentServiceDeployment" in self.look(), "there is no current service deployment")
        running = []

        def over(found):
            running.append(found["runningCount"])
            return self.settled(found)

        after, least = self.watch(over)
        self.report.check(min(running) >= least, f"{min(running)} ran where {least} must")
        self.wait("services_stable", **self.which)
        self.wait("tasks_running", cluster=self.cluster, tasks=self.tasks())
        self.wait("tasks_stopped", cluster=self.cluster, tasks=tasks)
        self.report.check(not set(tasks) & set(self.tasks()), "a task has outlived a new deployment")
        past = self.ecs.list_service_deployments(cluster=self.cluster, service=self.name)["serviceDeployments"]
        self.report.equal(past[0]["status"], "SUCCESSFUL", "the service deployment")
        self.report.check(after["deployments"][0]["id"] != before["deployments"][0]["id"], "no new deployment")

    def registered(self, image):
        """Registers the service's definition with another image."""
        answer = self.ecs.describe_task_definition(taskDefinition=self.look()["taskDefinition"], include=["TAGS"])
        given = dict(answer["taskDefinition"])
        for key in ("taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities"):
            given.pop(key)
        given.pop("registeredAt"), given.pop("registeredBy")
        containers = [dict(given["containerDefinitions"][0], image=image)] + given["containerDefinitions"][1:]
        given["containerDefinitions"] = containers
        new = self.ecs.register_task_definition(**given, tags=[{"key": "wharf:plan", "value": "check"}])
        for key, value in given.items():
            self.report.equal(new["taskDefinition"][key], value, f"{key} of the new definition")
        arn = new["taskDefinition"]["taskDefinitionArn"]
        described = self.ecs.describe_task_definition(taskDefinition=arn, include=["TAGS"])
        described.pop("ResponseMetadata"), new.pop("ResponseMetadata")
        self.report.equal(described, new, "the definition as it is given back")
        return arn

    def image(self):
        definition = self.ecs.describe_task_definition(taskDefinition=self.look()["taskDefinition"])
        return definition["taskDefinition"]["containerDefinitions"][0]["image"]

    def taken_back(self):
        """a rollout that is taken back"""
        good = self.look()
        arn = self.registered(self.image())
        self.update(taskDefinition=arn)
        time.sleep(LAG)
        current = self.look()["currentServiceDeployment"]
        self.ecs.stop_service_deployment(serviceDeploymentArn=current, stopType="ROLLBACK")
        time.sleep(LAG)
        after, _ = self.watch(self.settled)
        self.report.equal(after["taskDefinition"], good["taskDefinition"], "the definition it went back to")
        full = self.ecs.describe_service_deployments(serviceDeploymentArns=[current])["serviceDeployments"][0]
        invariants.history(self.report, full)
        self.report.equal(full["status"], "ROLLBACK_SUCCESSFUL", "the service deployment")

    def given_up(self):
        """a rollout that is given up"""
        good = self.look()
        arn = self.registered(self.image().rsplit(":", 1)[0] + ":no-such-tag")
        self.update(taskDefinition=arn)
        time.sleep(LAG)
        current = self.look()["currentServiceDeployment"]
        after, _ = self.watch(self.settled)
        self.report.equal(after["taskDefinition"], good["taskDefinition"], "the definition it went back to")
        full = self.ecs.describe_service_deployments(serviceDeploymentArns=[current])["serviceDeployments"][0]
        invariants.history(self.report, full)
        self.report.equal(full["deploymentCircuitBreaker"]["status"], "TRIGGERED", "its breaker")
        stopped = self.ecs.describe_tasks(cluster=self.cluster, tasks=self.tasks("STOPPED"))["tasks"]
        reasons = [one["stoppedReason"] for one in stopped if one["stopCode"] == "TaskFailedToStart"]
        self.report.check(reasons and all("not found" in reason for reason in reasons), f"reasons: {reasons}")
        self.wait("services_stable", **self.which)

    def tagged(self):
        """a service that is tagged"""
        before = self.ecs.list_tags_for_resource(resourceArn=self.arn)["tags"]
        tag = {"key": "wharf:parked", "value": "v1:d=2:at=2026-11-20T08.39Z"}
        self.ecs.tag_resource(resourceArn=self.arn, tags=[tag])
        time.sleep(LAG)
        tags = self.ecs.list_tags_for_resource(resourceArn=self.arn)["tags"]
        self.report.equal([one for one in tags if one not in before], [tag], "tags")
        self.ecs.untag_resource(resourceArn=self.arn, tagKeys=[tag["key"]])
        time.sleep(LAG)
        self.report.equal(self.ecs.list_tags_for_resource(resourceArn=self.arn)["tags"], before, "tags afterwards")

    def bounded(self):
        """bounds that draw a count in"""
        target = {
            "ServiceNamespace": "ecs",
            "ResourceId": self.arn.split(":", 5)[5],
            "ScalableDimension": "ecs:service:DesiredCount",
        }
        self.scaling.register_scalable_target(**target, MinCapacity=3, MaxCapacity=4)
        time.sleep(LAG)
        self.wait("services_stable", **self.which)
        self.report.equal(self.look()["runningCount"], 3, "tasks at the minimum")
        self.scaling.register_scalable_target(**target, MinCapacity=0, SuspendedState={"ScheduledScalingSuspended": True})
        found = self.scaling.describe_scalable_targets(
            ServiceNamespace="ecs", ResourceIds=[target["ResourceId"]]
        )["ScalableTargets"][0]
        self.report.equal((found["MinCapacity"], found["MaxCapacity"]), (0, 4), "bounds of which one was changed")
        policies = self.scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
        one = [
            page["ScalingPolicies"][0]
            for page in self.scaling.get_paginator("describe_scaling_policies").paginate(
                ServiceNamespace="ecs", PaginationConfig={"PageSize": 1}
            )
        ]
        self.report.equal(one, policies, "policies in pages of 1")
        self.report.check(policies, "there is no policy")
        self.update(desiredCount=2)
        time.sleep(LAG)
        self.wait("services_stable", **self.which)

    def images(self):
        """images behind tags"""
        pages = self.ecr.get_paginator("describe_repositories").paginate(PaginationConfig={"PageSize": 1})
        repositories = [one for page in pages for one in page["repositories"]]
        self.report.equal(self.ecr.describe_repositories()["repositories"], repositories, "repositories in pages of 1")
        running = {}
        tasks = self.ecs.describe_tasks(cluster=self.cluster, tasks=self.tasks())["tasks"]
        for container in (container for task in tasks for container in task["containers"]):
            running[container["image"].partition("@")[0]] = container["imageDigest"]
        for image, digest in running.items():
            path, tag = image.split("/", 1)[1].rsplit(":", 1)
            ids = [{"imageTag": tag}]
            found = self.ecr.describe_images(repositoryName=path, imageIds=ids)["imageDetails"]
            self.report.equal([one["imageDigest"] for one in found], [digest], f"{image}: the digest behind its tag")
        for repository in repositories[:5]:
            name = repository["repositoryName"]
            whole = self.ecr.describe_images(repositoryName=name)["imageDetails"]
            pages = self.ecr.get_paginator("describe_images").paginate(
                repositoryName=name, PaginationConfig={"PageSize": 1}
            )
            self.report.equal([one for page in pages for one in page["imageDetails"]], whole, f"{name} in pages of 1")
            tags = [tag for one in whole for tag in one.get("imageTags", [])]
            self.report.equal(len(tags), len(set(tags)), f"{name}: each tag leads to one image")

    def refused(self):
        """Writes with the code that each is refused with."""
        # Botocore takes some of these for throttling, and would try again for minutes.
        clients = ("ecs", "application-autoscaling", "ecr")
        ecs, scaling, ecr = (self.wire.client(name, retry=False) for name in clients)
        which = {"cluster": self.cluster, "service": self.name}
        elsewhere = "arn:aws:ecs:us-east-1:999999999999:service/a/b"
        invalid = "InvalidParameterException"
        past = ecs.list_service_deployments(**which)["serviceDeployments"][-1]["serviceDeploymentArn"]
        target = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount"}
        cases = [
            (ecs.update_service, {"service": "no-such"}, "ServiceNotFoundException"),
            (ecs.update_service, {"cluster": "no-such", "service": "x"}, "ClusterNotFoundException"),
            (ecs.update_service, {**which, "desiredCount": -1}, invalid),
            (ecs.update_service, {**which, "desiredCount": "3"}, "SerializationException"),
            (ecs.update_service, {**which, "taskDefinition": "no-such"}, "ClientException"),
            (ecs.update_service, {**which, "networkConfiguration": {}}, "UnsupportedFeatureException"),
            (ecs.update_service, {"cluster": "humangov-shared", "service": "pilot-sandbox-web"}, "ServiceNotActiveException"),
            (ecs.register_task_definition, {"family": "x", "containerDefinitions": []}, "ClientException"),
            (ecs.register_task_definition, {"containerDefinitions": [{}]}, "ClientException"),
            (ecs.tag_resource, {"resourceArn": elsewhere, "tags": [{"key": "a"}]}, invalid),
            (ecs.tag_resource, {"resourceArn": self.arn, "tags": [{"key": "a|b"}]}, invalid),
            (ecs.tag_resource, {"resourceArn": self.arn, "tags": [{"key": "aws:a"}]}, invalid),
            (
                ecs.tag_resource,
                {"resourceArn": self.arn, "tags": [{"key": f"k{at}"} for at in range(51)]},
                "LimitExceededException",
            ),
            (ecs.untag_resource, {"resourceArn": self.arn, "tagKeys": []}, invalid),
            (ecs.stop_service_deployment, {"serviceDeploymentArn": past}, "ConflictException"),
            (ecs.stop_service_deployment, {"serviceDeploymentArn": past + "x"}, "ServiceDeploymentNotFoundException"),
            (ecs.stop_service_deployment, {"serviceDeploymentArn": past, "stopType": "NOW"}, invalid),
            (scaling.register_scalable_target, {**target, "ResourceId": "service/a/b"}, "ValidationException"),
            (scaling.register_scalable_target, {}, "ValidationException"),
            (scaling.describe_scaling_policies, {"ServiceNamespace": "ecs", "MaxResults": 0}, "ValidationException"),
            (ecr.describe_images, {"repositoryName": "no-such"}, "RepositoryNotFoundException"),
            (ecr.describe_repositories, {"repositoryNames": ["no-such"]}, "RepositoryNotFoundException"),
            (ecr.describe_repositories, {"nextToken": "made-up"}, invalid),
        ]
        name = ecr.describe_repositories()["repositories"][0]["repositoryName"]
        ids = [{"imageTag": "no-such"}]
        cases.append((ecr.describe_images, {"repositoryName": name, "imageIds": ids}, "ImageNotFoundException"))
        for call, arguments, wanted in cases:
            refusals.refused(self.report, call, arguments, wanted, f"{call.__name__} {str(arguments)[:90]}")
