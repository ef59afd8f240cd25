"""CloudWatch Logs: the lines of tasks, lines that are put, and refusals; and the rest of ECR."""

import json
import time

import refusals


def millis():
    return int(time.time() * 1000)


# What an index may be.
INDEXES = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
]


class Logs:
    """What one region's tasks write, as read through its API."""

    def __init__(self, world):
        self.world = world
        self.report = world.report
        self.logs = world.wire.client("logs", world.region)

    def run(self):
        self.groups()
        self.lines()
        self.put()
        self.refusals()
        self.manifests()

    def groups(self):
        """Groups, some of which are kept for ever, page by page."""
        self.report.begin("log groups")
        paginator = self.logs.get_paginator("describe_log_groups")
        found = [group for page in paginator.paginate() for group in page["logGroups"]]
        names = [group["logGroupName"] for group in found]
        self.report.check(found and len(set(names)) == len(names), "groups are there, each but once")
        self.report.check(any("retentionInDays" not in group for group in found), "none is kept for ever")
        self.report.check(any("retentionInDays" in group for group in found), "all are kept for ever")
        prefix = names[0][: len(names[0]) // 2]
        some = self.logs.describe_log_groups(logGroupNamePrefix=prefix, limit=1)["logGroups"]
        self.report.equal([group["logGroupName"] for group in some], names[:1], "groups by prefix")
        brief = self.logs.describe_log_groups(logGroupNamePattern=names[0])["logGroups"][0]
        self.report.equal(set(brief), {"logGroupName", "creationTime", "arn"}, "a pattern's results")
        self.by_name = {group["logGroupName"]: group for group in found}

    def lines(self):
        """Each running task writes into the stream that its definition names, and all reads agree."""
        self.report.begin("log lines")
        running = [one for one in self.world.tasks.values() if one["lastStatus"] == "RUNNING" and "startedAt" in one]
        until = millis() - 30_000
        for task in running[:12]:
            if task["startedAt"].timestamp() * 1000 > until - 60_000:
                continue
            definition = self.world.ecs.describe_task_definition(taskDefinition=task["taskDefinitionArn"])
            container = definition["taskDefinition"]["containerDefinitions"][0]
            options = container["logConfiguration"]["options"]
            group, id = options["awslogs-group"], task["taskArn"].rsplit("/", 1)[1]
            stream = f"{options['awslogs-stream-prefix']}/{container['name']}/{id}"
            window = {"startTime": until - 120_000, "endTime": until}
            events = self.events(logGroupName=group, logStreamNames=[stream], **window)
            self.report.check(len(events) > 20, f"{stream}: {len(events)} lines in two minutes")
            keys = [(event["timestamp"], event["ingestionTime"], event["eventId"]) for event in events]
            self.report.check(keys == sorted(set(keys)), f"{stream}: in order, each but once")
            narrow = {"logGroupIdentifier": self.by_name[group]["logGroupArn"], "logStreamNamePrefix": stream, "limit": 7}
            paged = self.events(**narrow, **window)
            self.report.equal(paged, events, f"{stream} in pages of 7")
            self.report.equal(self.got(group, stream, window), [strip(event) for event in events], f"{stream} by GetLogEvents")
            streams = self.logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=stream)["logStreams"]
            self.report.equal([one["logStreamName"] for one in streams], [stream], "streams by prefix")
            self.report.check(streams[0]["lastEventTimestamp"] >= until - 20_000, f"{stream}: its last line is old")

    def events(self, **arguments):
        pages = self.logs.get_paginator("filter_log_events").paginate(**arguments)
        return [event for page in pages for event in page["events"]]

    def got(self, group, stream, window):
        """All of a stream's lines, forward, until the token stays the same."""
        arguments = {"logGroupName": group, "logStreamName": stream, "startFromHead": True, "limit": 25}
        # endTime itself does not count here.
        arguments |= {"startTime": window["startTime"], "endTime": window["endTime"] + 1}
        events, token = [], None
        while True:
            page = self.logs.get_log_events(**arguments, **({"nextToken": token} if token else {}))
            events += page["events"]
            if page["nextForwardToken"] == token:
                return events
            token = page["nextForwardToken"]

    def put(self):
        """What is put is read after a moment; what is too old is named."""
        self.report.begin("put lines")
        group, stream = f"/oracle/{millis()}", "by-hand"
        self.logs.create_log_group(logGroupName=group)
        self.logs.create_log_stream(logGroupName=group, logStreamName=stream)
        now = millis()
        lines = [{"timestamp": now - 20_000 + at // 10, "message": f"line {at}"} for at in range(1_001)]
        answer = self.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=lines)
        self.report.check("rejectedLogEventsInfo" not in answer, "nothing was rejected")
        old = [{"timestamp": now - 15 * 86_400_000, "message": "old"}]
        answer = self.logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=old)
        self.report.equal(answer["rejectedLogEventsInfo"], {"tooOldLogEventEndIndex": 1}, "a line of a fortnight ago")
        for _ in range(20):
            events = self.events(logGroupName=group, limit=400)
            if len(events) == len(lines):
                break
            time.sleep(0.5)
        found = sorted(int(event["message"].split()[1]) for event in events)
        self.report.equal(found, list(range(1_001)), "what was put")
        some = self.events(logGroupName=group, filterPattern='"line 77"')
        wanted = {f"line {number}" for number in [77, *range(770, 780)]}
        self.report.equal({event["message"] for event in some}, wanted, "lines with a term")

    def refusals(self):
        self.report.begin("refused logs")
        logs, group = self.world.wire.client("logs", self.world.region, retry=False), next(iter(self.by_name))
        invalid, missing, exists = "InvalidParameterException", "ResourceNotFoundException", "ResourceAlreadyExistsException"
        for call, arguments, wanted in [
            (logs.filter_log_events, {"logGroupName": "gone"}, missing),
            (logs.filter_log_events, {"logGroupName": group, "logStreamNames": ["gone"]}, missing),
            (logs.filter_log_events, {"logGroupName": group, "limit": 10_001}, invalid),
            (logs.filter_log_events, {"logGroupName": group, "nextToken": "made-up"}, invalid),
            (logs.filter_log_events, {"logGroupName": group, "filterPattern": "{ $.a = 1 }"}, invalid),
            (logs.get_log_events, {"logGroupName": group, "logStreamName": "gone"}, missing),
            (logs.describe_log_groups, {"limit": 51}, invalid),
            (logs.describe_log_streams, {"logGroupName": "gone"}, missing),
            (logs.create_log_group, {"logGroupName": group}, exists),
            (logs.create_log_stream, {"logGroupName": "gone", "logStreamName": "s"}, missing),
            (logs.put_log_events, {"logGroupName": group, "logStreamName": "s", "logEvents": []}, invalid),
        ]:
            refusals.refused(self.report, call, arguments, wanted, f"{call.__name__} {str(arguments)[:70]}")

    def manifests(self):
        """Every status, and the children of indexes."""
        self.report.begin("images of every kind")
        ecr = self.world.wire.client("ecr", self.world.region)
        indexes, archived = 0, 0
        for repository in ecr.describe_repositories(maxResults=1000)["repositories"]:
            name = repository["repositoryName"]
            images = ecr.describe_images(repositoryName=name, maxResults=1000, filter={"imageStatus": "ANY"})["imageDetails"]
            digests = {image["imageDigest"] for image in images}
            self.report.equal(len(digests), len(images), f"{name}: each image but once")
            archived += sum(image["imageStatus"] == "ARCHIVED" for image in images)
            for image in images:
                if "list" not in image["imageManifestMediaType"]:
                    continue
                indexes += 1
                ids = [{"imageDigest": image["imageDigest"]}, {"imageTag": "no-such"}, {"imageDigest": "sha256:"}]
                answer = ecr.batch_get_image(repositoryName=name, imageIds=ids, acceptedMediaTypes=INDEXES)
                codes = [one["failureCode"] for one in answer["failures"]]
                self.report.equal(codes, ["ImageNotFound", "InvalidImageDigest"], "failures")
                known = ecr.meta.service_model.shape_for("ImageFailureCode").enum
                self.report.check(set(codes) <= set(known), f"{name}: ECR has these failure codes: {codes}")
                media = answer["images"][0]["imageManifestMediaType"]
                manifest = json.loads(answer["images"][0]["imageManifest"])
                self.report.equal([media, manifest["mediaType"]], [image["imageManifestMediaType"]] * 2, "media types")
                children = {child["digest"]: child["platform"] for child in manifest["manifests"]}
                self.report.check(children and set(children) <= digests, f"{name}: an index's children are there")
                platforms = sorted((one["os"], one["architecture"]) for one in children.values())
                self.report.equal(platforms, [("linux", "amd64"), ("linux", "arm64")], f"{name}: platforms")
        self.report.check(indexes and archived, f"{indexes} indexes, {archived} archived images")


def strip(event):
    return {key: event[key] for key in ("timestamp", "message", "ingestionTime")}
