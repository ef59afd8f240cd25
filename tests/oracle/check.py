#!/usr/bin/env python3
"""Drives every operation of the embedded AWS with boto3, and holds each raw answer against botocore's models.

    check.py --endpoint http://127.0.0.1:4599     check what `wharf demo-server` serves there
    check.py --endpoint … --fault denied          check that every operation meets a fault (throttled, denied, expired)
    check.py --self-test                          check that the check notices what it should

Prints what it checked and a closing line `N passed, M failed`. The exit code is 0 only if nothing failed.
"""

import argparse
import sys

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

import changes
import invariants
import logs
import refusals
import self_test
from report import Report
from wire import Wire

# What the embedded AWS answers of ECS, and besides: the check fails if one of them is never asked for.
OPERATIONS = {
    "ListClusters",
    "DescribeClusters",
    "ListServices",
    "DescribeServices",
    "ListTasks",
    "DescribeTasks",
    "DescribeTaskDefinition",
    "ListTaskDefinitions",
    "ListServiceDeployments",
    "DescribeServiceDeployments",
    "DescribeServiceRevisions",
    "ListTagsForResource",
    "UpdateService",
    "StopServiceDeployment",
    "RegisterTaskDefinition",
    "TagResource",
    "UntagResource",
}
BESIDES = {
    "DescribeScalableTargets",
    "DescribeScalingPolicies",
    "RegisterScalableTarget",
    "BatchGetImage",
    "DescribeImages",
    "DescribeRepositories",
    "GetCallerIdentity",
    "DescribeLogGroups",
    "DescribeLogStreams",
    "FilterLogEvents",
    "GetLogEvents",
    "CreateLogGroup",
    "CreateLogStream",
    "PutLogEvents",
}

# Definitions and tagged things that are looked at one by one; AWS allows 20 such reads a second.
SAMPLE = 40


def batches(items, size):
    return [items[at : at + size] for at in range(0, len(items), size)]


def paged(client, operation, key, size, **arguments):
    """Everything that botocore's own paginator lists, in pages of `size`."""
    pages = client.get_paginator(operation).paginate(PaginationConfig={"PageSize": size}, **arguments)
    return [item for page in pages for item in page[key]]


def looped(call, key, size, **arguments):
    """The same by hand, for what has no paginator."""
    items, token = [], {}
    while True:
        page = call(maxResults=size, **token, **arguments)
        items += page[key]
        if not page.get("nextToken"):
            return items
        token = {"nextToken": page["nextToken"]}


class World:
    """What one region holds, as read through its API."""

    def __init__(self, wire, region="us-east-1"):
        self.wire = wire
        self.report = wire.report
        self.region = region
        self.ecs = wire.client("ecs", region)
        self.services = {}
        self.tasks = {}

    def read(self):
        """Lists and describes all there is."""
        self.report.begin(f"{self.region} clusters")
        self.clusters = paged(self.ecs, "list_clusters", "clusterArns", 100)
        self.report.check(self.clusters, "there is no cluster")
        described = []
        for batch in batches(self.clusters, 100):
            answer = self.ecs.describe_clusters(clusters=batch, include=["TAGS", "STATISTICS", "SETTINGS"])
            self.report.equal(answer["failures"], [], "failures of clusters that were listed")
            described += answer["clusters"]
        self.report.equal([one["clusterArn"] for one in described], self.clusters, "clusters described")
        self.report.begin(f"{self.region} services and tasks")
        for cluster in described:
            self.read_cluster(cluster["clusterArn"])
        self.report.check(self.services, "there is no service")
        self.report.check(self.tasks, "there is no task")

    def read_cluster(self, arn):
        """One cluster, read anew if something happened in it meanwhile."""
        for _ in range(8):
            cluster = self.ecs.describe_clusters(clusters=[arn])["clusters"][0]
            listed = paged(self.ecs, "list_services", "serviceArns", 100, cluster=arn)
            services = self.described(arn, listed)
            tasks = self.tasks_in(arn)
            if services == self.described(arn, listed):
                break
        else:
            self.report.check(False, f"{arn}: it never stands still")
        self.report.equal(len(listed), cluster["activeServicesCount"], f"{arn}: activeServicesCount")
        running = [one for one in tasks if one["lastStatus"] == "RUNNING"]
        self.report.equal(len(running), cluster["runningTasksCount"], f"{arn}: runningTasksCount")
        for one in tasks:
            invariants.task(self.report, one)
            self.tasks[one["taskArn"]] = one
        for one in services:
            invariants.service(self.report, one)
            group = f"service:{one['serviceName']}"
            invariants.tasks_of(self.report, one, [task for task in tasks if task["group"] == group])
            self.services[one["serviceArn"]] = one

    def described(self, cluster, listed):
        services = []
        for batch in batches(listed, 10):
            answer = self.ecs.describe_services(cluster=cluster, services=batch, include=["TAGS"])
            self.report.equal([one["serviceArn"] for one in answer["services"]], batch, "services described")
            self.report.equal(answer["failures"], [], "failures of services that were listed")
            services += answer["services"]
        return services

    def tasks_in(self, cluster):
        statuses = ("RUNNING", "STOPPED")
        pages = [paged(self.ecs, "list_tasks", "taskArns", 100, cluster=cluster, desiredStatus=one) for one in statuses]
        tasks = []
        for batch in batches(sum(pages, []), 100):
            answer = self.ecs.describe_tasks(cluster=cluster, tasks=batch, include=["TAGS"])
            # A task may be forgotten between the two.
            reasons = [failure["reason"] for failure in answer["failures"]]
            self.report.equal(reasons, ["MISSING"] * (len(batch) - len(answer["tasks"])), "failures of tasks")
            tasks += answer["tasks"]
        return tasks

    def definitions(self):
        """The definitions that tasks were made from, and lists of them."""
        self.report.begin("task definitions")
        by_definition = {}
        for task in self.tasks.values():
            by_definition.setdefault(task["taskDefinitionArn"], task)
        for arn, task in list(by_definition.items())[:SAMPLE]:
            answer = self.ecs.describe_task_definition(taskDefinition=arn, include=["TAGS"])
            found = answer["taskDefinition"]
            self.report.equal(found["taskDefinitionArn"], arn, "definition by ARN")
            images = [(one["name"], one["image"]) for one in found["containerDefinitions"]]
            # Newer agents show the digest that was pulled beside the tag.
            shown = [(one["name"], one["image"].removesuffix(f"@{one.get('imageDigest')}")) for one in task["containers"]]
            self.report.equal(shown, images, f"{arn}: images")
        family = found["family"]
        listed = paged(self.ecs, "list_task_definitions", "taskDefinitionArns", 100, familyPrefix=family)
        one_by_one = paged(self.ecs, "list_task_definitions", "taskDefinitionArns", 1, familyPrefix=family)
        self.report.equal(one_by_one, listed, f"{family} in pages of 1")
        newest = self.ecs.describe_task_definition(taskDefinition=family)["taskDefinition"]["taskDefinitionArn"]
        self.report.equal(newest, listed[-1], f"{family}: its newest active revision")
        all_up = paged(self.ecs, "list_task_definitions", "taskDefinitionArns", 100)
        all_down = paged(self.ecs, "list_task_definitions", "taskDefinitionArns", 37, sort="DESC")
        self.report.equal(list(reversed(all_down)), all_up, "all definitions, the other way round")
        self.report.check(set(by_definition) <= set(all_up), "a task's definition is not listed")

    def history(self):
        """Service deployments and revisions, of every service that is not steady and of some that are."""
        self.report.begin("service deployments and revisions")
        busy = [one for one in self.services.values() if len(one["deployments"]) > 1]
        calm = [one for one in self.services.values() if len(one["deployments"]) == 1]
        for one in busy + calm[:20]:
            # What was under way may have ended since.
            one = self.described(one["clusterArn"], [one["serviceArn"]])[0]
            arguments = {"cluster": one["clusterArn"], "service": one["serviceName"]}
            briefs = looped(self.ecs.list_service_deployments, "serviceDeployments", 100, **arguments)
            single = looped(self.ecs.list_service_deployments, "serviceDeployments", 1, **arguments)
            self.report.equal(single, briefs, f"{one['serviceArn']} in pages of 1")
            self.report.check(briefs, f"{one['serviceArn']} has no service deployment")
            arns = [brief["serviceDeploymentArn"] for brief in briefs]
            answer = self.ecs.describe_service_deployments(serviceDeploymentArns=arns)
            self.report.equal(answer["failures"], [], "failures of deployments that were listed")
            for brief, full in zip(briefs, answer["serviceDeployments"], strict=True):
                invariants.history(self.report, full)
                same = ("serviceDeploymentArn", "status", "createdAt", "startedAt")
                self.report.equal([full[key] for key in same], [brief[key] for key in same], "brief and full")
            if "currentServiceDeployment" in one:
                self.report.equal(one["currentServiceDeployment"], arns[0], "the deployment under way")
            revisions = {brief["targetServiceRevisionArn"] for brief in briefs}
            revisions |= {revision["arn"] for revision in one["currentServiceRevisions"]}
            answer = self.ecs.describe_service_revisions(serviceRevisionArns=sorted(revisions))
            self.report.equal({found["serviceRevisionArn"] for found in answer["serviceRevisions"]}, revisions, "revisions")
            self.report.equal(answer["failures"], [], "failures of revisions that are named")
            past = self.ecs.list_service_deployments(**arguments, createdAt={"before": 1500000000})
            self.report.equal(past["serviceDeployments"], [], "deployments before 2017")

    def tags(self):
        """Tags come only when asked for, and are the same from everywhere."""
        self.report.begin("tags")
        tagged = [one for one in self.services.values() if one["tags"]]
        self.report.check(tagged, "no service has tags")
        for one in tagged[:SAMPLE]:
            listed = self.ecs.list_tags_for_resource(resourceArn=one["serviceArn"])["tags"]
            self.report.equal(listed, one["tags"], f"{one['serviceArn']}: tags")
        for one in tagged[:5]:
            bare = self.ecs.describe_services(cluster=one["clusterArn"], services=[one["serviceName"]])
            self.report.check("tags" not in bare["services"][0], "tags that nobody asked for")

    def pages(self):
        """Botocore's paginators: pages of one make the same list as pages of a hundred."""
        self.report.begin("pages")
        self.report.equal(paged(self.ecs, "list_clusters", "clusterArns", 1), self.clusters, "clusters in pages of 1")
        largest = max(self.clusters, key=lambda arn: sum(one["clusterArn"] == arn for one in self.services.values()))
        for operation, key in (("list_services", "serviceArns"), ("list_tasks", "taskArns")):
            hundred = paged(self.ecs, operation, key, 100, cluster=largest)
            self.report.equal(paged(self.ecs, operation, key, 1, cluster=largest), hundred, f"{operation} in pages of 1")
            self.report.equal(len(set(hundred)), len(hundred), f"{operation}: each but once")
        first = self.ecs.list_services(cluster=largest)
        self.report.check(len(first["serviceArns"]) <= 10, "a page of services is 10 unless more are asked for")
        if "nextToken" in first:
            arguments = {"cluster": self.clusters[0], "nextToken": first["nextToken"]}
            if self.clusters[0] != largest:
                wanted = "InvalidParameterException"
                refusals.refused(self.report, self.ecs.list_services, arguments, wanted, "another cluster's token")

    def failures(self):
        """What is missing is said beside what is there."""
        self.report.begin("failures")
        one = next(iter(self.services.values()))
        cluster, name = one["clusterArn"], one["serviceName"]
        missing = one["serviceArn"].rsplit("/", 1)[0] + "/no-such"
        answer = self.ecs.describe_services(cluster=cluster, services=[name, "no-such", one["serviceArn"]])
        self.report.equal([found["serviceName"] for found in answer["services"]], [name, name], "hits")
        self.report.equal(answer["failures"], [{"arn": missing, "reason": "MISSING"}], "failures")
        gone = cluster.replace("cluster/", "task/") + "/" + "0" * 32
        answer = self.ecs.describe_tasks(cluster=cluster, tasks=["0" * 32])
        self.report.equal(answer["failures"], [{"arn": gone, "reason": "MISSING"}], "failures of tasks")
        answer = self.ecs.describe_clusters(clusters=[cluster, "no-such"])
        self.report.equal([found["clusterArn"] for found in answer["clusters"]], [cluster], "clusters that are there")
        self.report.equal([failure["reason"] for failure in answer["failures"]], ["MISSING"], "failures of clusters")
        arns = [f"{missing.replace(':service/', kind)}/1" for kind in (":service-deployment/", ":service-revision/")]
        answer = self.ecs.describe_service_deployments(serviceDeploymentArns=arns[:1])
        self.report.equal(answer["failures"], [{"arn": arns[0], "reason": "MISSING"}], "failures of deployments")
        answer = self.ecs.describe_service_revisions(serviceRevisionArns=arns[1:])
        self.report.equal(answer["failures"], [{"arn": arns[1], "reason": "MISSING"}], "failures of revisions")

    def scaling(self):
        """Scalable targets, and that they are of services that are there."""
        self.report.begin("scalable targets")
        scaling = self.wire.client("application-autoscaling", self.region)
        operation, key = "describe_scalable_targets", "ScalableTargets"
        targets = paged(scaling, operation, key, 50, ServiceNamespace="ecs")
        self.report.check(targets, "there is no scalable target")
        self.report.equal(paged(scaling, operation, key, 1, ServiceNamespace="ecs"), targets, "targets in pages of 1")
        names = {arn.split(":", 5)[5] for arn in self.services}
        for target in targets:
            self.report.check(target["ResourceId"] in names, f"{target['ResourceId']} is of no service")
            self.report.check(target["MinCapacity"] <= target["MaxCapacity"], f"{target['ResourceId']}: bounds")
        one = targets[0]["ResourceId"]
        asked = scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[one, "service/no/such"])
        self.report.equal([target["ResourceId"] for target in asked[key]], [one], "targets by id")
        self.report.equal(scaling.describe_scalable_targets(ServiceNamespace="rds")[key], [], "another namespace")


def caller(wire):
    wire.report.begin("caller")
    found = wire.client("sts").get_caller_identity()
    wire.report.check(found["Account"] in found["Arn"], f"{found['Arn']} is not of {found['Account']}")


def elsewhere(wire):
    wire.report.begin("elsewhere")
    empty = wire.client("ecs", region="eu-north-1")
    wire.report.equal(empty.list_clusters()["clusterArns"], [], "clusters of an empty region")
    failures = empty.describe_clusters()["failures"]
    wire.report.equal([failure["reason"] for failure in failures], ["MISSING"], "its default cluster")


def run(endpoint, report):
    wire = Wire(endpoint, report)
    caller(wire)
    world = World(wire)
    world.read()
    for part in (world.pages, world.definitions, world.history, world.tags, world.failures, world.scaling):
        part()
    World(wire, "us-west-2").read()
    elsewhere(wire)
    refusals.parameters(wire)
    refusals.protocol(wire)
    logs.Logs(world).run()
    changes.Changes(world).run()
    report.begin("operations")
    report.equal(set(wire.operations), OPERATIONS | BESIDES, "operations that were asked for")
    report.end()
    answers = sum(wire.operations.values())
    print(f"{answers} answers held against botocore's models; {len(world.services)} services, {len(world.tasks)} tasks")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--endpoint", help="where the embedded AWS is served, as in http://127.0.0.1:4599")
    what.add_argument("--self-test", action="store_true", help="check the check itself")
    parser.add_argument("--fault", choices=sorted(refusals.FAULTS), help="the fault that is switched on there")
    arguments = parser.parse_args()
    report = Report()
    if arguments.self_test:
        self_test.run(report)
        return report.close()
    try:
        endpoint = arguments.endpoint.rstrip("/")
        if arguments.fault:
            refusals.fault(Wire(endpoint, report), arguments.fault, OPERATIONS)
        else:
            run(endpoint, report)
    except (BotoCoreError, HTTPClientError, ClientError, KeyError, IndexError) as error:
        # An endpoint that is not there, or whose answer lacks what everything after it builds on.
        report.check(False, f"could not go on: {type(error).__name__}: {error}")
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
