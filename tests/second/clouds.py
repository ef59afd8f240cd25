"""The AWSs that wharf is held against: what stands in each, and what each lacks.

The embedded one brings its own story. moto and MiniStack, which nobody here wrote, begin empty and are filled with
one small platform. What one of them cannot do stands in its list, by name and with how that shows; journeys ask
there first, and look for exactly that.
"""

from dataclasses import dataclass, field

import boto3

import engine

REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
STAGING = {"tenant": "acme", "environment": "staging"}


@dataclass(frozen=True)
class Cloud:
    """One AWS, and in it a service that is well, in an environment that nothing protects."""

    name: str
    environment: str
    service: str
    cluster: str
    lacks: dict = field(default_factory=dict)

    @property
    def target(self):
        return f"{self.environment}/{self.service}"

    def described(self, name=None):
        """The service as boto3 sees it now."""
        answer = boto3.client("ecs").describe_services(cluster=self.cluster, services=[name or self.service])
        assert answer["failures"] == [], answer["failures"]
        return answer["services"][0]

    def tasks(self):
        """The ids of the service's tasks that are to run, as boto3 sees them now."""
        arns = boto3.client("ecs").list_tasks(cluster=self.cluster, serviceName=self.service)["taskArns"]
        return [arn.rsplit("/", 1)[-1] for arn in arns]

    def settled(self, *names):
        """Waits until boto3 calls these services stable."""
        names = list(names) or [self.service]
        often = {"Delay": 1, "MaxAttempts": 90}
        boto3.client("ecs").get_waiter("services_stable").wait(
            cluster=self.cluster, services=names, WaiterConfig=often
        )


# How a cloud shows what it lacks; of an operation, what wharf says of it under `!`.
CLOUDS = {
    "demo": Cloud("demo", "florida/sandbox", "web", "florida-sandbox"),
    "moto": Cloud(
        name="moto",
        environment="acme/staging",
        service="web",
        cluster="platform",
        lacks={
            "tasks": "CreateService starts none",
            "ListServiceDeployments": "HTTP 500 with a body (a web page) that is not AWS's",
        },
    ),
    "ministack": Cloud(
        name="ministack",
        environment="acme/staging",
        service="web",
        cluster="platform",
        lacks={
            "zones": "every task is in the region's first",
            "DescribeScalableTargets": "HTTP 400 with a body that is not AWS's",
        },
    ),
}


def fill(cloud):
    """A small platform: one environment that is well, one that is production, one whose rollout failed."""
    push("web", "v1")
    ecs = boto3.client("ecs")
    ecs.create_cluster(clusterName=cloud.cluster)
    for family in ("web", "crash"):
        image = f"{REGISTRY}/{family}:v1"
        app = {"name": "app", "image": image, "memory": 128, "essential": True}
        ecs.register_task_definition(family=family, containerDefinitions=[app])
    services = {"web": (2, STAGING), "api": (1, STAGING), "globex-production-web": (1, {}), "initech-qa-web": (1, {})}
    for name, (desired, tags) in services.items():
        ecs.create_service(
            cluster=cloud.cluster,
            serviceName=name,
            taskDefinition="web",
            desiredCount=desired,
            tags=[{"key": key, "value": value} for key, value in tags.items()],
            deploymentConfiguration={
                "minimumHealthyPercent": 100,
                "maximumPercent": 200,
                "deploymentCircuitBreaker": {"enable": True, "rollback": False},
            },
        )
    if "tasks" not in cloud.lacks:
        cloud.settled(*services)
        ecs.update_service(cluster=cloud.cluster, service="initech-qa-web", taskDefinition="crash")


def push(repository, tag):
    """Pushes an image whose digest is the one that the make-believe Docker Engine will tell of it."""
    ecr = boto3.client("ecr")
    ecr.create_repository(repositoryName=repository)
    manifest = engine.manifest(f"{REGISTRY}/{repository}:{tag}")
    ecr.put_image(repositoryName=repository, imageTag=tag, imageManifest=manifest)
