"""The AWSs that wharf is held against: what stands in each, and what each lacks.

The embedded one brings its own story. moto and MiniStack, which nobody here wrote, begin empty and are filled with
one small platform. What one of them cannot do stands in its list, by name and with how that shows; journeys ask
there first, and look for exactly that.
"""

from dataclasses import dataclass, field

import boto3

import engine
from console import until

REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
# Where the tasks of the small platform write to.
LOG_GROUP = "/platform"


@dataclass(frozen=True)
class Service:
    """A service by its path, and what boto3 sees of it."""

    path: str
    cluster: str

    @property
    def environment(self):
        return self.path.rpartition("/")[0]

    @property
    def name(self):
        return self.path.rpartition("/")[2]

    def now(self):
        answer = boto3.client("ecs").describe_services(cluster=self.cluster, services=[self.name])
        assert answer["failures"] == [], answer["failures"]
        return answer["services"][0]

    def primary(self):
        """Its primary deployment."""
        return next(deployment for deployment in self.now()["deployments"] if deployment["status"] == "PRIMARY")

    def tasks(self, wanted="RUNNING"):
        """The ids of its tasks that are to run, or of those that are to have stopped."""
        ecs = boto3.client("ecs")
        arns = ecs.list_tasks(cluster=self.cluster, serviceName=self.name, desiredStatus=wanted)["taskArns"]
        return [arn.rpartition("/")[2] for arn in arns]

    def lines(self):
        """What its tasks that are to run have written until now, in the small platform: (stream, message), each once."""
        streams = [f"ecs/app/{task}" for task in self.tasks()]
        pages = boto3.client("logs").get_paginator("filter_log_events").paginate(
            logGroupName=LOG_GROUP, logStreamNames=streams
        )
        return [(event["logStreamName"], event["message"]) for page in pages for event in page["events"]]

    def wants(self, count):
        """Waits until so many tasks are wanted: a read may be a second or two behind."""
        until(f"{count} tasks to be wanted of {self.path}", lambda now: now["desiredCount"] == count, self.now)

    def deploys(self, after):
        """Waits until another deployment than `after` is the primary one, and gives it."""
        return until(f"a new deployment of {self.path}", lambda now: now["id"] != after["id"], self.primary)


# Its rollout fails, wherever tasks run at all.
BROKEN = Service("initech/qa/broken", "platform")


@dataclass(frozen=True)
class Cloud:
    """One AWS, and in it services that are well: one to look at and to change, two more beside it, and one in
    production, which is protected."""

    name: str
    service: Service
    beside: tuple
    protected: Service
    lacks: dict = field(default_factory=dict)


def platform(name, lacks):
    """An AWS with the small platform that `fill` puts there."""
    staging = [Service(f"acme/staging/{name}", "platform") for name in ("web", "api", "worker")]
    production = Service("globex/production/globex-production-web", "platform")
    return Cloud(name, staging[0], tuple(staging[1:]), production, lacks)


# How a cloud shows what it lacks; of an operation, what wharf says of it under `!`.
CLOUDS = {
    "demo": Cloud(
        name="demo",
        service=Service("florida/sandbox/web", "florida-sandbox"),
        beside=tuple(Service(f"florida/sandbox/{name}", "florida-sandbox") for name in ("api", "worker")),
        protected=Service("florida/production/worker", "florida-production"),
    ),
    "moto": platform(
        "moto",
        {
            "tasks": "CreateService starts none",
            "settling": "the counts and the rollout of a deployment never change",
            "ListServiceDeployments": "HTTP 500 with a body (a web page) that is not AWS's",
        },
    ),
    "ministack": platform(
        "ministack",
        {
            "zones": "every task is in the region's first",
            "DescribeScalableTargets": "HTTP 400 with a body that is not AWS's",
        },
    ),
}


def fill(cloud):
    """The small platform: a staging environment that is well, a production, and one whose rollout fails."""
    boto3.client("ecr").create_repository(repositoryName="web")
    push("web", "v1")
    boto3.client("logs").create_log_group(logGroupName=LOG_GROUP)
    ecs = boto3.client("ecs")
    ecs.create_cluster(clusterName="platform")
    options = {"awslogs-group": LOG_GROUP, "awslogs-region": "us-east-1", "awslogs-stream-prefix": "ecs"}
    log = {"logDriver": "awslogs", "options": options}
    for family in ("web", "crash"):
        image = f"{REGISTRY}/{family}:v1"
        app = {"name": "app", "image": image, "memory": 128, "essential": True, "logConfiguration": log}
        ecs.register_task_definition(family=family, containerDefinitions=[app])
    services = {service.name: (2, service.environment) for service in (cloud.service, *cloud.beside, cloud.protected)}
    for name, (desired, environment) in {**services, BROKEN.name: (1, BROKEN.environment)}.items():
        tags = dict(zip(("tenant", "environment"), environment.split("/"), strict=True))
        ecs.create_service(
            cluster="platform",
            serviceName=name,
            taskDefinition="web",
            desiredCount=desired,
            # The protected one is named by its name alone.
            tags=[{"key": key, "value": value} for key, value in tags.items() if tags["tenant"] not in name],
            deploymentConfiguration={
                "minimumHealthyPercent": 100,
                "maximumPercent": 200,
                "deploymentCircuitBreaker": {"enable": True, "rollback": False},
            },
        )
    if "tasks" not in cloud.lacks:
        stable("platform", *services, BROKEN.name)
        ecs.update_service(cluster="platform", service=BROKEN.name, taskDefinition="crash")


def push(repository, tag, content=""):
    """Pushes an image, and gives its digest: without `content`, the one that our Docker Engine tells of this name."""
    manifest = engine.manifest(f"{REGISTRY}/{repository}:{tag}{content}")
    pushed = boto3.client("ecr").put_image(repositoryName=repository, imageTag=tag, imageManifest=manifest)
    return pushed["image"]["imageId"]["imageDigest"]


def stable(cluster, *names):
    """Waits until boto3 calls these services stable."""
    often = {"Delay": 1, "MaxAttempts": 90}
    boto3.client("ecs").get_waiter("services_stable").wait(cluster=cluster, services=names, WaiterConfig=often)
