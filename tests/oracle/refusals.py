"""What must be refused, with which code, and what must be answered although part of it is missing."""

import json

from botocore.exceptions import ClientError

from wire import code

NOWHERE = "arn:aws:ecs:us-east-1:111122223333"

# Operation of ECS, its input, the code it is refused with.
REFUSED = [
    ("list_clusters", {"maxResults": 0}, "InvalidParameterException"),
    ("list_clusters", {"maxResults": 101}, "InvalidParameterException"),
    ("list_clusters", {"nextToken": "made-up"}, "InvalidParameterException"),
    ("list_clusters", {"maxResults": "ten"}, "SerializationException"),
    ("describe_clusters", {"clusters": ["c"] * 101}, "InvalidParameterException"),
    ("describe_clusters", {"clusters": [7]}, "SerializationException"),
    ("list_services", {"cluster": "no-such"}, "ClusterNotFoundException"),
    ("list_services", {"cluster": "not a name"}, "InvalidParameterException"),
    ("list_services", {"cluster": 7}, "SerializationException"),
    ("list_services", {"launchType": "LAMBDA"}, "InvalidParameterException"),
    ("list_services", {"maxResults": 101}, "InvalidParameterException"),
    ("describe_services", {"services": []}, "InvalidParameterException"),
    ("describe_services", {"services": ["s"] * 11}, "InvalidParameterException"),
    ("describe_services", {"services": ["s"], "include": ["EVERYTHING"]}, "InvalidParameterException"),
    ("describe_services", {"services": ["s"], "cluster": "no-such"}, "ClusterNotFoundException"),
    ("list_tasks", {"serviceName": "no-such"}, "ServiceNotFoundException"),
    ("list_tasks", {"desiredStatus": "WISHFUL"}, "InvalidParameterException"),
    ("list_tasks", {"startedBy": "me", "family": "f"}, "InvalidParameterException"),
    ("list_tasks", {"nextToken": "00112233445566778899"}, "InvalidParameterException"),
    ("describe_tasks", {"tasks": []}, "InvalidParameterException"),
    ("describe_tasks", {"tasks": ["0" * 32] * 101}, "InvalidParameterException"),
    ("describe_tasks", {"tasks": ["short"]}, "InvalidParameterException"),
    ("describe_task_definition", {"taskDefinition": "no-such"}, "ClientException"),
    ("describe_task_definition", {"taskDefinition": "no-such:1"}, "ClientException"),
    ("describe_task_definition", {}, "ClientException"),
    ("list_task_definitions", {"sort": "SIDEWAYS"}, "InvalidParameterException"),
    ("list_service_deployments", {"service": "no-such"}, "ServiceNotFoundException"),
    ("list_service_deployments", {}, "InvalidParameterException"),
    ("describe_service_deployments", {"serviceDeploymentArns": []}, "InvalidParameterException"),
    ("describe_service_deployments", {"serviceDeploymentArns": [NOWHERE] * 21}, "InvalidParameterException"),
    ("describe_service_revisions", {"serviceRevisionArns": [NOWHERE] * 21}, "InvalidParameterException"),
    ("list_tags_for_resource", {"resourceArn": f"{NOWHERE}:service/no-such/no-such"}, "InvalidParameterException"),
    ("describe_services", {"services": ["arn:aws:ecs:us-east-1:999999999999:service/a/b"]}, "InvalidParameterException"),
]

SCALING_REFUSED = [
    ({}, "ValidationException"),
    ({"ServiceNamespace": "kitchen"}, "ValidationException"),
    ({"ServiceNamespace": "ecs", "MaxResults": 51}, "ValidationException"),
    ({"ServiceNamespace": "ecs", "ResourceIds": ["service/a/b"] * 51}, "ValidationException"),
    ({"ServiceNamespace": "ecs", "NextToken": "made-up"}, "InvalidNextTokenException"),
]


def refused(report, call, arguments, wanted, what):
    try:
        call(**arguments)
    except ClientError as error:
        report.equal(error.response["Error"]["Code"], wanted, what)
    else:
        report.check(False, f"{what}: answered, not refused with {wanted}")


def parameters(wire):
    wire.report.begin("bad parameters")
    ecs = wire.client("ecs")
    for operation, arguments, wanted in REFUSED:
        shown = str(arguments)[:70]
        refused(wire.report, getattr(ecs, operation), arguments, wanted, f"{operation} {shown}")
    scaling = wire.client("application-autoscaling")
    for arguments, wanted in SCALING_REFUSED:
        refused(wire.report, scaling.describe_scalable_targets, arguments, wanted, f"scaling {str(arguments)[:70]}")


def protocol(wire):
    """Bodies and headers that no SDK would send."""
    report = wire.report
    report.begin("bad requests")
    cases = [
        ("not JSON", {"body": "{"}, "SerializationException"),
        ("a list", {"body": "[]"}, "SerializationException"),
        ("no such operation", {"body": "{}", "target": "AmazonEC2ContainerServiceV20141113.Fly"}, "UnknownOperationException"),
        ("no such service", {"body": "{}", "target": "Nobody.ListClusters"}, "UnknownOperationException"),
        ("unsigned", {"body": "{}", "sign": False}, "MissingAuthenticationTokenException"),
        ("signed for another service", {"body": "{}", "scope": "s3"}, "InvalidSignatureException"),
        ("signed for no region", {"body": "{}", "region": "nowhere"}, "InvalidSignatureException"),
    ]
    for what, arguments, wanted in cases:
        status, headers, body = wire.raw("ecs", "ListClusters", **arguments)
        wire.validate("ecs", "ListClusters", status, headers, body)
        report.equal(code(body), wanted, what)
    status, headers, body = wire.raw("ecs", "ListClusters", json.dumps({"noSuchMember": {"a": 1}, "maxResults": None}))
    wire.validate("ecs", "ListClusters", status, headers, body)
    report.equal(status, 200, "unknown and null members are ignored")
    for body in ("Action=Fly&Version=2011-06-15", "Action=GetSessionToken&Version=2011-06-15"):
        status, headers, answer = wire.raw("sts", "GetCallerIdentity", body)
        wire.validate("sts", "GetCallerIdentity", status, headers, answer)
        report.check(status == 400 and b"<Code>InvalidAction</Code>" in answer, f"sts {body}: {status} {answer[:80]}")


# What each fault answers to ECS and to STS; nobody can be denied to ask who they are.
FAULTS = {
    "throttled": ("ThrottlingException", b"<Code>Throttling</Code>"),
    "denied": ("AccessDeniedException", b"<GetCallerIdentityResult>"),
    "expired": ("ExpiredTokenException", b"<Code>ExpiredToken</Code>"),
}


def fault(wire, name, operations):
    """Every operation meets the fault, in AWS's own shape; `operations` are ECS's."""
    report = wire.report
    report.begin(f"fault {name}")
    wanted, in_xml = FAULTS[name]
    for operation in sorted(operations):
        status, headers, body = wire.raw("ecs", operation, "{}")
        wire.validate("ecs", operation, status, headers, body)
        report.equal(code(body), wanted, operation)
    status, headers, body = wire.raw("application-autoscaling", "DescribeScalableTargets", "{}")
    wire.validate("application-autoscaling", "DescribeScalableTargets", status, headers, body)
    report.equal(code(body), wanted, "DescribeScalableTargets")
    for operation in ("FilterLogEvents", "PutLogEvents"):
        status, headers, body = wire.raw("logs", operation, "{}")
        wire.validate("logs", operation, status, headers, body)
        report.equal(code(body), wanted, operation)
    status, headers, body = wire.raw("sts", "GetCallerIdentity", "Action=GetCallerIdentity&Version=2011-06-15")
    wire.validate("sts", "GetCallerIdentity", status, headers, body)
    report.check(in_xml in body, f"GetCallerIdentity: {body[:200]}")
