"""Holds a raw answer against botocore's model of the operation: what a lenient parser would let pass is a fault here."""

import json
import re
import xml.etree.ElementTree as ElementTree

import botocore.awsrequest
import botocore.parsers
import botocore.session
import botocore.validate

SESSION = botocore.session.get_session()

# Codes that any operation may answer with.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html
COMMON = {
    "AccessDenied",
    "AccessDeniedException",
    "ExpiredToken",
    "ExpiredTokenException",
    "InternalFailure",
    "InvalidAction",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "SerializationException",
    "SignatureDoesNotMatch",
    "Throttling",
    "ThrottlingException",
    "UnknownOperationException",
    "ValidationException",
}

NUMBERS = {"integer": int, "long": int, "float": (int, float), "double": (int, float)}


def model(service):
    """The model of a service, under botocore's name for it."""
    return SESSION.get_service_model(service)


def faults(shape, value, path="$"):
    """Each way in which `value`, as it stands in the JSON, is not of `shape`."""
    if value is None:
        yield f"{path}: null, where AWS leaves a member out"
        return
    kind = shape.type_name
    if kind == "structure":
        yield from structure(shape, value, path)
    elif kind == "list":
        if not isinstance(value, list):
            yield f"{path}: {value!r} is no list"
            return
        for at, item in enumerate(value):
            yield from faults(shape.member, item, f"{path}[{at}]")
    elif kind == "map":
        if not isinstance(value, dict):
            yield f"{path}: {value!r} is no map"
            return
        for key, item in value.items():
            yield from faults(shape.value, item, f"{path}.{key}")
    elif kind == "boolean":
        if not isinstance(value, bool):
            yield f"{path}: {value!r} is no boolean"
    elif kind == "timestamp":
        yield from timestamp(value, path)
    elif kind in NUMBERS:
        if isinstance(value, bool) or not isinstance(value, NUMBERS[kind]):
            yield f"{path}: {value!r} is no {kind}"
    else:
        yield from text(shape, value, path)


def structure(shape, value, path):
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no object"
        return
    members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
    for key, item in value.items():
        if key in members:
            yield from faults(members[key], item, f"{path}.{key}")
        else:
            yield f"{path}.{key}: the model knows no such member"
    for name in shape.required_members:
        key = shape.members[name].serialization.get("name", name)
        if key not in value:
            yield f"{path}.{key}: required, and missing"


def timestamp(value, path):
    # AWS JSON writes times as seconds since 1970; anything beyond 2100 must have been milliseconds.
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        yield f"{path}: {value!r} is no time in seconds"
    elif not 1e9 < value < 4.2e9:
        yield f"{path}: {value!r} cannot be a time in seconds"


def text(shape, value, path):
    if not isinstance(value, str):
        yield f"{path}: {value!r} is no string"
        return
    words = getattr(shape, "enum", None)
    if words and value not in words:
        yield f"{path}: {value!r} is none of {', '.join(words)}"
    pattern = shape.metadata.get("pattern")
    # Patterns are Java's; those that Python reads differently (\u escapes, \p classes) are left out.
    if pattern and "\\" not in pattern and not re.search(pattern, value):
        yield f"{path}: {value!r} does not match {pattern}"
    if len(value) > shape.metadata.get("max", len(value)):
        yield f"{path}: longer than {shape.metadata['max']}"


def answer_faults(service, operation, status, headers, body):
    """Each way in which a raw answer is not what the model of the operation says."""
    service_model = model(service)
    operation_model = service_model.operation_model(operation)
    headers = {name.lower(): value for name, value in dict(headers).items()}
    if not headers.get("x-amzn-requestid"):
        yield "no x-amzn-requestid"
    if service_model.metadata["protocol"] == "query":
        yield from query_faults(operation_model, status, headers, body)
    else:
        yield from json_faults(service_model, operation_model, status, headers, body)


def json_faults(service_model, operation_model, status, headers, body):
    expected = f"application/x-amz-json-{service_model.metadata['jsonVersion']}"
    if headers.get("content-type") != expected:
        yield f"content-type is {headers.get('content-type')!r}, not {expected}"
    try:
        value = json.loads(body)
    except ValueError as error:
        yield f"not JSON: {error}: {body[:80]!r}"
        return
    if status >= 400:
        yield from error_faults(operation_model, status, headers, value)
        return
    if operation_model.output_shape is None:
        if value != {}:
            yield f"$: {value!r}, where nothing is answered"
        return
    yield from faults(operation_model.output_shape, value)
    yield from parser_faults("json", operation_model, status, headers, body)


def query_faults(operation_model, status, headers, body):
    if headers.get("content-type") != "text/xml":
        yield f"content-type is {headers.get('content-type')!r}, not text/xml"
    try:
        ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        yield f"not XML: {error}: {body[:80]!r}"
        return
    yield from parser_faults("query", operation_model, status, headers, body)


def parser_faults(protocol, operation_model, status, headers, body):
    answer = {"status_code": status, "headers": botocore.awsrequest.HeadersDict(headers), "body": body}
    try:
        parsed = botocore.parsers.create_parser(protocol).parse(answer, operation_model.output_shape)
    except Exception as error:  # Whatever the parser raises is a fault of the answer.
        yield f"botocore cannot parse it: {type(error).__name__}: {error}"
        return
    parsed.pop("ResponseMetadata", None)
    if status >= 400:
        code = parsed.get("Error", {}).get("Code")
        if code not in COMMON:
            yield f"error {code!r} is not a common one"
        return
    report = botocore.validate.ParamValidator().validate(parsed, operation_model.output_shape)
    if report.has_errors():
        yield f"botocore's validator: {report.generate_report()}"


def error_faults(operation_model, status, headers, value):
    if not isinstance(value, dict):
        yield f"an error's body is an object, not {value!r}"
        return
    code = value.get("__type")
    if headers.get("x-amzn-errortype") != code:
        yield f"x-amzn-errortype {headers.get('x-amzn-errortype')!r} and __type {code!r} differ"
    known = {shape.name for shape in operation_model.error_shapes} | COMMON
    if code not in known:
        yield f"error {code!r} is neither modelled for {operation_model.name} nor common"
    if not value.get("message"):
        yield "an error without a message"
    if status != 400:
        yield f"error {code} with status {status}"
