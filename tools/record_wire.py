#!/usr/bin/env python3
"""Records tests/vectors/<service>/<Operation>/*.json: one exchange per file, through botocore.

A real botocore client makes the call; its bytes are caught before they leave, a prepared answer
goes back, and what the client returns or raises is recorded. tests/vectors/README.md describes the
files. Run it with the versions pinned in tests/conformance/requirements.txt; `--check` compares and
writes nothing.
"""

import argparse
import datetime
import json
import pathlib
import shutil
import sys
import unittest.mock
import uuid
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import botocore.awsrequest
import botocore.config
import botocore.exceptions
import botocore.session

from extract_models import BOTOCORE_NAMES, OPERATIONS

ROOT = pathlib.Path(__file__).resolve().parent.parent
VECTORS = ROOT / "tests" / "vectors"

TOKEN = uuid.UUID("00000000-0000-4000-8000-000000000001")  # in place of every random UUID
REQUEST_ID = "3f0c1f1c-8a3b-4f65-9d7a-0123456789ab"
MOMENT = 1767323045  # 2026-01-02T03:04:05Z
JSON_TYPE = {"Content-Type": "application/x-amz-json-1.1"}
XML_TYPE = {"Content-Type": "text/xml"}
REST_TYPE = {"Content-Type": "application/json"}
HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
# They differ from call to call, or belong to the signature (sigv4/cases.json).
NOT_RECORDED = {"user-agent", "x-amz-date", "authorization", "amz-sdk-invocation-id",
                "amz-sdk-request", "content-length", "accept-encoding"}

session = botocore.session.Session()
session.set_credentials("AKIDEXAMPLE", "secret")


def make_client(service):
    return session.create_client(
        BOTOCORE_NAMES.get(service, service), region_name="eu-west-1", endpoint_url="http://127.0.0.1:1",
        config=botocore.config.Config(retries={"total_max_attempts": 1}))


clients = {service: make_client(service) for service in (*OPERATIONS, "sso", "sso-oidc")}


def plain(value):
    """Python values as JSON: a time is seconds since 1970, whole where it can be."""
    if isinstance(value, datetime.datetime):
        seconds = round(value.timestamp(), 3)
        return int(seconds) if seconds == int(seconds) else seconds
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


# ---- Values made from a shape -----------------------------------------------------------------

def is_binary(shape):
    return shape.type_name == "blob" or (
        shape.type_name == "list" and shape.member.type_name == "blob")


class Maker:
    """Makes a value for every member of a shape, the same ones in every run."""

    def __init__(self, spice=""):
        self.spice = spice  # appended to free strings, to try the encoding
        self.count = 0

    def value(self, shape, name, inside=()):
        self.count += 1
        return getattr(self, shape.type_name)(shape, name, inside)

    def structure(self, shape, _, inside):
        if shape.name in inside:
            return {}
        return {name: self.value(member, name, (*inside, shape.name))
                for name, member in shape.members.items() if not is_binary(member)}

    def list(self, shape, name, inside):
        return [self.value(shape.member, name, inside) for _ in
                range(max(1 if shape.member.type_name == "structure" else 2,
                          shape.metadata.get("min", 0)))]

    def map(self, shape, name, inside):
        return {key + self.spice: self.value(shape.value, name, inside) for key in ("one", "two")}

    def string(self, shape, name, _):
        if shape.enum:
            return shape.enum[self.count % len(shape.enum)]
        text = f"{name}-{self.count}{self.spice}"
        text = text.ljust(shape.metadata.get("min", 0), "x")
        return text[-shape.metadata["max"]:] if "max" in shape.metadata else text

    def integer(self, shape, *_):
        return shape.metadata.get("min", 0) + self.count

    def long(self, *_):
        return 2**40 + self.count

    def double(self, *_):
        return self.count + 0.25

    float = double

    def boolean(self, *_):
        return self.count % 2 == 0

    def timestamp(self, *_):
        return MOMENT + self.count


def smallest(shape):
    """Only what is required, all the way down."""
    def required(part):
        if part.type_name == "structure":
            return {name: required(part.members[name]) for name in part.required_members}
        if part.type_name == "list":
            return [required(part.member)] if part.metadata.get("min", 0) else []
        return Maker().value(part, "x")
    return required(shape) if shape else {}


def everything(shape, spice=""):
    return Maker(spice).value(shape, "") if shape else {}


def wire_name(shape, name):
    return shape.serialization.get("name", name)


def to_xml(shape, value):
    """The inside of an element, as the protocols with XML answers write it."""
    if shape.type_name == "structure":
        return "".join(f"<{wire_name(shape.members[name], name)}>{to_xml(shape.members[name], item)}"
                       f"</{wire_name(shape.members[name], name)}>"
                       for name, item in value.items())
    if shape.type_name == "list":
        item_name = wire_name(shape.member, "member")
        return "".join(f"<{item_name}>{to_xml(shape.member, item)}</{item_name}>" for item in value)
    if shape.type_name == "map":
        return "".join(f"<entry><key>{escape(key)}</key><value>{to_xml(shape.value, item)}</value>"
                       "</entry>" for key, item in value.items())
    if shape.type_name == "boolean":
        return "true" if value else "false"
    if shape.type_name == "timestamp":
        moment = datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return escape(str(value))


def xml_answer(model, value):
    """Root, headers and all, as each of the protocols has it."""
    operation = model.name
    protocol = model.service_model.resolved_protocol
    namespace = model.service_model.metadata.get("xmlNamespace")
    output = model.output_shape
    if protocol == "rest-xml":
        inside = {name: item for name, item in value.items()
                  if "location" not in output.members[name].serialization}
        headers = {wire_name(output.members[name], name): item for name, item in value.items()
                   if output.members[name].serialization.get("location") == "header"}
        body = (f'<{output.name} xmlns="https://route53.amazonaws.com/doc/2013-04-01/">'
                f"{to_xml(output, inside)}</{output.name}>")
        return {**XML_TYPE, "x-amzn-RequestId": REQUEST_ID, **headers}, body
    inner = to_xml(output, value) if output else ""
    if protocol == "ec2":
        return XML_TYPE, (f'<{operation}Response xmlns="{namespace}"><requestId>{REQUEST_ID}'
                          f"</requestId>{inner}</{operation}Response>")
    result = f"<{operation}Result>{inner}</{operation}Result>" if output else ""
    return {**XML_TYPE, "x-amzn-RequestId": REQUEST_ID}, (
        f'<{operation}Response xmlns="{namespace}">{result}<ResponseMetadata><RequestId>'
        f"{REQUEST_ID}</RequestId></ResponseMetadata></{operation}Response>")


def answer(service, operation, value):
    """A prepared success for `value`."""
    model = clients[service].meta.service_model.operation_model(operation)
    protocol = model.service_model.resolved_protocol
    if protocol in ("query", "ec2", "rest-xml"):
        headers, body = xml_answer(model, value)
        return {"status": model.http.get("responseCode", 200), "headers": headers, "body": body}
    json_type = REST_TYPE if protocol == "rest-json" else JSON_TYPE
    return {"status": 200, "headers": {**json_type, "x-amzn-RequestId": REQUEST_ID},
            "body": json.dumps(value, separators=(",", ":"), ensure_ascii=False)}


# ---- One exchange -----------------------------------------------------------------------------

files = {}


def exchange(service, operation, name, given, response):
    client = clients[service]
    model = client.meta.service_model.operation_model(operation)
    caught = {}

    def before_send(request, **_):
        url = urlsplit(request.url)
        body = request.body or b""
        caught.update(
            method=request.method, path=url.path + (f"?{url.query}" if url.query else ""),
            headers=[[key, value if isinstance(value, str) else value.decode()]
                     for key, value in request.headers.items()
                     if key.lower() not in NOT_RECORDED],
            body=body if isinstance(body, str) else body.decode())
        reply = botocore.awsrequest.AWSResponse(
            request.url, response["status"],
            botocore.awsrequest.HeadersDict(response["headers"]), None)
        reply._content = response["body"].encode()
        return reply

    row = {"operation": operation, "input": given, "http": caught, "response": response}
    client.meta.events.register("before-send", before_send, unique_id="record")
    try:
        with unittest.mock.patch("uuid.uuid4", return_value=TOKEN):
            parsed = client._make_api_call(operation, typed(model.input_shape, given))
        metadata = parsed.pop("ResponseMetadata")
        row["request_id"] = metadata.get("RequestId")
        row["parsed"] = plain(parsed)
    except botocore.exceptions.ClientError as raised:
        body = dict(raised.response)
        metadata = body.pop("ResponseMetadata")
        error = body.pop("Error")
        row["request_id"] = metadata.get("RequestId")
        row["error"] = {"code": error["Code"], "message": error["Message"],
                        "status": metadata["HTTPStatusCode"]}
        extra = {key: value for key, value in body.items() if key not in ("message", "Message")}
        if extra:
            row["error"]["members"] = plain(extra)
    finally:
        client.meta.events.unregister("before-send", unique_id="record")
    path = VECTORS / service / operation / f"{name}.json"
    assert path not in files, path
    files[path] = json.dumps(row, indent=1, ensure_ascii=False) + "\n"


def typed(shape, value):
    """Seconds become times where the model has a timestamp, as botocore's callers pass them."""
    if shape is None:
        return value
    if shape.type_name == "structure":
        return {name: typed(shape.members[name], item) for name, item in value.items()}
    if shape.type_name == "list":
        return [typed(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {key: typed(shape.value, item) for key, item in value.items()}
    if shape.type_name == "timestamp":
        return datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
    return value


# ---- The cases --------------------------------------------------------------------------------

def every_operation():
    """Each operation twice: only what is required, and each member there is."""
    for service, names in OPERATIONS.items():
        # What is not JSON has more ways to encode wrongly.
        is_json = clients[service].meta.service_model.resolved_protocol == "json"
        spice = "" if is_json else " ä&=+%/~*<\U0001f680>"
        if service == "route53":
            spice = spice.replace("/", "")  # of an id, botocore sends what is behind a slash
        for operation in names.split():
            model = clients[service].meta.service_model.operation_model(operation)
            exchange(service, operation, "smallest", smallest(model.input_shape),
                     answer(service, operation, {}))
            given = everything(model.input_shape, spice)
            # Names an endpoint of many regions, for whose signature botocore wants another library.
            given.pop("EndpointId", None)
            exchange(service, operation, "everything", given,
                     answer(service, operation, everything(model.output_shape, spice)))


def reply(body, status=200, headers=None, **more):
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, **more)
    if headers is None:
        headers = {**JSON_TYPE, "x-amzn-RequestId": REQUEST_ID}
    return {"status": status, "headers": headers, "body": text}


CLUSTER = "arn:aws:ecs:eu-west-1:111111111111:cluster/prod"
SERVICE = "arn:aws:ecs:eu-west-1:111111111111:service/prod/web"
FAMILY = "arn:aws:ecs:eu-west-1:111111111111:task-definition/web"
VPC = {"awsvpcConfiguration": {"subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"],
                               "assignPublicIp": "DISABLED"}}


def ecs_answers():
    def describe(name, body, **more):
        exchange("ecs", "DescribeServices", name, {"cluster": "prod", "services": ["web"]},
                 reply(body, **more))

    describe("in-the-middle-of-a-rollout", {"services": [{
        "serviceArn": SERVICE, "serviceName": "web", "clusterArn": CLUSTER, "status": "ACTIVE",
        "desiredCount": 2, "runningCount": 3, "pendingCount": 1, "launchType": "FARGATE",
        "taskDefinition": f"{FAMILY}:8",
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
            "maximumPercent": 200, "minimumHealthyPercent": 100, "strategy": "ROLLING"},
        "deployments": [
            {"id": "ecs-svc/8", "status": "PRIMARY", "taskDefinition": f"{FAMILY}:8",
             "desiredCount": 2, "pendingCount": 1, "runningCount": 1, "failedTasks": 0,
             "createdAt": 1767323045.678, "updatedAt": 1767323055.1, "rolloutState": "IN_PROGRESS",
             "rolloutStateReason": "ECS deployment ecs-svc/8 in progress."},
            {"id": "ecs-svc/7", "status": "ACTIVE", "taskDefinition": f"{FAMILY}:7",
             "desiredCount": 2, "pendingCount": 0, "runningCount": 2, "failedTasks": 0,
             "createdAt": 1767300000, "updatedAt": 1767300100.0, "rolloutState": "COMPLETED",
             "rolloutStateReason": "ECS deployment ecs-svc/7 completed."}],
        "events": [{"id": REQUEST_ID, "createdAt": 1767323050.5, "message":
                    "(service web) has started 2 tasks: (task 0123456789abcdef0123456789abcdef)."}],
        "networkConfiguration": VPC, "tags": []}], "failures": []})
    describe("missing-service", {"services": [], "failures": [{"arn": SERVICE,
                                                              "reason": "MISSING"}]})
    describe("unknown-members-are-ignored", {
        "services": [{"serviceName": "web", "inventedTomorrow": {"deep": [1, {"x": None}]}}],
        "alsoNew": "value"})
    describe("null-is-the-same-as-absent", {"services": [{
        "serviceName": "web", "status": None, "deployments": None, "events": [],
        "deploymentConfiguration": {"maximumPercent": None}}], "failures": None})
    describe("whole-seconds-and-fractions", '{"services":[' + ",".join(
        f'{{"createdAt":{moment}}}' for moment in (
            "1767323045", "1767323045.0", "1767323045.678", "1.767323045678E9",
            '"2026-01-02T03:04:05Z"', '"2026-01-02T03:04:05.678Z"', "0")) + "]}")
    describe("text-with-escapes", '{"services":[{"serviceName":"\\u00fc\\ud83d\\ude80\\n\\"\\\\'
                                  '\\/\\t\\u0000","status":"Grüße"}]}')
    describe("spaced-out-json", {"services": [{"serviceName": "web"}]}, indent=4)
    describe("empty-body", "")
    describe("empty-object", {})
    describe("content-type-with-charset", {"services": []}, headers={
        "Content-Type": "application/x-amz-json-1.1; charset=utf-8",
        "x-amzn-RequestId": REQUEST_ID})
    describe("lower-case-header-names", {"services": []}, headers={
        "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": REQUEST_ID})
    describe("no-headers-at-all", {"services": []}, headers={})

    exchange("ecs", "UpdateService", "new-task-definition",
             {"cluster": "prod", "service": "web", "taskDefinition": "web:8"},
             reply({"service": {"serviceArn": SERVICE, "deployments": [
                 {"id": "ecs-svc/8", "status": "PRIMARY"}]}}))
    exchange("ecs", "UpdateService", "force-and-empty-lists",
             {"service": "web", "forceNewDeployment": True, "loadBalancers": [],
              "serviceRegistries": [], "desiredCount": 0,
              "deploymentConfiguration": {"minimumHealthyPercent": 0}},
             reply({"service": {}}))
    exchange("ecs", "CreateService", "fargate-behind-a-load-balancer", {
        "cluster": "prod", "serviceName": "web", "taskDefinition": "web:8", "desiredCount": 2,
        "launchType": "FARGATE", "networkConfiguration": VPC,
        "loadBalancers": [{"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:111111111111:"
                           "targetgroup/web/0123456789abcdef", "containerName": "app",
                           "containerPort": 8080}],
        "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": False},
                                    "alarms": {"alarmNames": ["5xx"], "enable": True,
                                               "rollback": True}},
        "tags": [{"key": "team", "value": "Größe"}], "clientToken": "token-1"},
        reply({"service": {"serviceArn": SERVICE, "events": []}}))
    exchange("ecs", "RegisterTaskDefinition", "one-container", {
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        "cpu": "256", "memory": "512",
        "containerDefinitions": [{
            "name": "app", "image": "registry.example/shop:1.2", "essential": True, "cpu": 0,
            "portMappings": [{"containerPort": 8080, "protocol": "tcp"}],
            "environment": [{"name": "GREETING", "value": "„Grüße“ \U0001f680"}],
            "command": ["sh", "-c", "echo \"$HOME\"\n"], "dockerLabels": {"a.b/c": "1"},
            "healthCheck": {"command": ["CMD", "true"], "interval": 10},
            "linuxParameters": {"initProcessEnabled": False}}],
        "tags": [{"key": "k", "value": ""}]},
        reply({"taskDefinition": {
            "taskDefinitionArn": f"{FAMILY}:8", "family": "web", "revision": 8,
            "status": "ACTIVE", "registeredAt": 1767323045.678,
            "requiresAttributes": [{"name": "ecs.capability.task-eni"}],
            "compatibilities": ["EC2", "FARGATE"]}, "tags": [{"key": "k", "value": ""}]}))
    exchange("ecs", "RunTask", "two-tasks-with-overrides", {
        "cluster": "prod", "taskDefinition": "migrate", "count": 2, "launchType": "FARGATE",
        "networkConfiguration": VPC, "startedBy": "slipway", "clientToken": "given-by-the-caller",
        "overrides": {"containerOverrides": [{"name": "app", "command": ["bin/migrate", "--all"],
                                              "environment": [{"name": "A", "value": "b c"}]}]}},
        reply({"tasks": [{"taskArn": "arn:aws:ecs:eu-west-1:111111111111:task/prod/"
                          "0123456789abcdef0123456789abcdef", "lastStatus": "PROVISIONING",
                          "containers": [], "version": 1}],
               "failures": [{"reason": "RESOURCE:FARGATE", "detail": "try again"}]}))
    exchange("ecs", "RunTask", "places-nothing", {"taskDefinition": "migrate"},
             reply({"tasks": [], "failures": [{"arn": "arn:aws:ecs:eu-west-1:111111111111:"
                    "container-instance/prod/00000000000000000000000000000001",
                    "reason": "RESOURCE:MEMORY"}]}))
    exchange("ecs", "DescribeTasks", "stopped-with-an-exit-code", {
        "cluster": "prod", "tasks": ["0123456789abcdef0123456789abcdef"], "include": ["TAGS"]},
        reply({"tasks": [{
            "lastStatus": "STOPPED", "desiredStatus": "STOPPED", "cpu": "256", "memory": "512",
            "stopCode": "EssentialContainerExited",
            "stoppedReason": "Essential container in task exited",
            "createdAt": 1767323045.001, "stoppedAt": 1767323145.999,
            "containers": [{"name": "app", "exitCode": 137, "lastStatus": "STOPPED",
                            "reason": "OutOfMemoryError: Container killed due to memory usage"},
                           {"name": "sidecar", "lastStatus": "STOPPED"}]}], "failures": []}))
    for name, token in (("first-page", None), ("next-page", "eyJ0b2tlbiI6ICJ4In0=/+")):
        given = {"cluster": "prod", "maxResults": 100}
        if token:
            given["nextToken"] = token
        exchange("ecs", "ListServices", name, given,
                 reply({"serviceArns": [SERVICE], "nextToken": "eyJ0b2tlbiI6ICJ4In0=/+"}
                       if not token else {"serviceArns": []}))
    exchange("ecs", "ListServiceDeployments", "since-a-moment", {
        "service": "web", "cluster": "prod", "status": ["IN_PROGRESS", "ROLLBACK_SUCCESSFUL"],
        "createdAt": {"after": MOMENT, "before": MOMENT + 3600}},
        reply({"serviceDeployments": [{
            "serviceDeploymentArn": "arn:aws:ecs:eu-west-1:111111111111:service-deployment/prod/"
            "web/NCWGC2ZR-taawPAYrIaU5", "status": "IN_PROGRESS", "createdAt": 1767323045.678}]}))
    exchange("ecs", "TagResource", "empty-answer",
             {"resourceArn": SERVICE, "tags": [{"key": "a:b/c", "value": "=+-@ü"}]}, reply({}))


def ecs_errors():
    def refused(name, body, status=400, headers=None, operation="DescribeClusters", given=None):
        exchange("ecs", operation, "error-" + name, given or {},
                 reply(body, status=status, headers=headers))

    refused("with-type", {"__type": "ClusterNotFoundException", "message": "Cluster not found."})
    refused("type-with-namespace", {"__type": "com.amazonaws.ecs#InvalidParameterException",
                                    "message": "Invalid parameter."})
    refused("type-with-uri", {"__type": "com.amazon.coral.service#ClientException:"
                              "http://internal.amazon.com/coral/com.amazonaws.ecs/",
                              "message": "No."})
    refused("type-with-colon", {"__type": "ClientException:x", "message": "No."})
    refused("capital-message", {"__type": "ThrottlingException", "Message": "Rate exceeded"})
    refused("both-messages", {"__type": "ClientException", "message": "small", "Message": "big"})
    refused("no-message", {"__type": "UnknownOperationException"})
    refused("null-message", {"__type": "ClientException", "message": None})
    refused("unicode-message", {"__type": "ClientException",
                                "message": "Fargate only supports network mode ‘awsvpc’."})
    refused("throttled", {"__type": "ThrottlingException", "message": "Rate exceeded"})
    refused("expired-token", {"__type": "ExpiredTokenException", "message":
                              "The security token included in the request is expired"})
    refused("access-denied", {"__type": "AccessDeniedException", "message":
            "User: arn:aws:sts::111111111111:assumed-role/ci/s is not authorized to perform: "
            "ecs:DescribeClusters on resource: * because no identity-based policy allows the "
            "ecs:DescribeClusters action"})
    refused("signature-expired", {"__type": "InvalidSignatureException", "message":
            "Signature expired: 20260101T000000Z is now earlier than 20260101T000501Z "
            "(20260101T001001Z - 5 min.)"})
    refused("server-exception", {"__type": "ServerException", "message": "Internal"}, status=500)
    refused("no-request-id", {"__type": "ClientException", "message": "m"}, headers=JSON_TYPE)
    refused("both-places", {"__type": "ClientException", "message": "m"}, headers={
        **JSON_TYPE, "x-amzn-RequestId": REQUEST_ID, "x-amzn-ErrorType": "ClientException"})
    refused("503-empty", "", status=503, headers={})
    refused("500-empty", "", status=500, headers={"x-amzn-RequestId": REQUEST_ID})
    refused("502-html", HTML, status=502, headers={"Content-Type": "text/html"})
    refused("503-xml-declaration-and-html", "<?xml version='1.0'?>" + HTML, status=503,
            headers={"Content-Type": "text/html"})
    refused("504-plain-text", "upstream timed out", status=504,
            headers={"Content-Type": "text/plain"})
    refused("500-truncated-json", '{"__type":"ServerExc', status=500)
    refused("empty-object", {}, status=400)
    refused("conflict-with-members",
            {"__type": "ConflictException", "message": "The clientToken was used before.",
             "resourceIds": ["0123456789abcdef0123456789abcdef", "t2"]},
            operation="RunTask", given={"taskDefinition": "migrate"})
    refused("service-not-active",
            {"__type": "ServiceNotActiveException", "message": "Service was not ACTIVE."},
            operation="UpdateService", given={"service": "web"})


IDENTITY = "Action=GetCallerIdentity&Version=2011-06-15"
STS_NS = "https://sts.amazonaws.com/doc/2011-06-15/"


def sts_exchanges():
    headers = {**XML_TYPE, "x-amzn-RequestId": REQUEST_ID}

    def identity(name, body, status=200, given_headers=None):
        exchange("sts", "GetCallerIdentity", name, {},
                 reply(body, status=status,
                       headers=headers if given_headers is None else given_headers))

    result = ("<GetCallerIdentityResult>{}</GetCallerIdentityResult>"
              f"<ResponseMetadata><RequestId>{REQUEST_ID}</RequestId></ResponseMetadata>")
    members = ("<Arn>arn:aws:sts::111111111111:assumed-role/ci/s</Arn><UserId>AROAX:s</UserId>"
               "<Account>111111111111</Account>")
    root = f'<GetCallerIdentityResponse xmlns="{STS_NS}">{{}}</GetCallerIdentityResponse>'
    identity("role-session", root.format(result.format(members)))
    identity("pretty-printed-with-declaration",
             '<?xml version="1.0" encoding="UTF-8"?>\n'
             + root.format("\n  " + result.format("\n    " + members.replace("><", ">\n    <")
                                                  + "\n  ") + "\n"))
    identity("entities-and-unicode",
             root.format(result.format("<Arn>a&amp;b&lt;c&gt;&quot;&apos;&#252;&#x1F680;ü</Arn>")))
    identity("cdata", root.format(result.format("<Arn><![CDATA[a<b&c]]></Arn>")))
    identity("namespace-prefix",
             f'<s:GetCallerIdentityResponse xmlns:s="{STS_NS}"><s:GetCallerIdentityResult>'
             "<s:Arn>arn:x</s:Arn></s:GetCallerIdentityResult></s:GetCallerIdentityResponse>")
    identity("unknown-elements-are-ignored",
             root.format(result.format(members + "<New><Deep>1</Deep></New>")))
    identity("empty-elements", root.format(result.format("<Arn/><UserId></UserId>")))
    identity("request-id-only-in-the-header",
             root.format(f"<GetCallerIdentityResult>{members}</GetCallerIdentityResult>"))
    identity("request-id-only-in-the-body", root.format(result.format(members)),
             given_headers=XML_TYPE)

    def error(code, message, kind="Sender"):
        return (f'<ErrorResponse xmlns="{STS_NS}"><Error><Type>{kind}</Type><Code>{code}</Code>'
                f"<Message>{escape(message)}</Message></Error><RequestId>{REQUEST_ID}</RequestId>"
                "</ErrorResponse>")

    identity("error-expired-token",
             error("ExpiredToken", "The security token included in the request is expired"), 403)
    identity("error-unknown-key", error(
        "InvalidClientTokenId", "The security token included in the request is invalid."), 403)
    identity("error-throttled", error("Throttling", "Rate exceeded"), 400)
    identity("error-receiver", error("InternalFailure", "a < b & c", "Receiver"), 500)
    identity("error-pretty-printed", error("SignatureDoesNotMatch", "Nö.")
             .replace("><", ">\n  <"), 403)
    identity("error-without-namespace", error("AccessDenied", "No.")
             .replace(f' xmlns="{STS_NS}"', ""), 403)
    identity("error-request-id-only-in-the-body", error("AccessDenied", "No."), 403, XML_TYPE)
    identity("error-empty-message", error("AccessDenied", ""), 403)
    identity("error-503-empty", "", 503, {})
    identity("error-502-html", HTML, 502, {"Content-Type": "text/html"})

    exchange("sts", "AssumeRole", "session-of-an-hour", {
        "RoleArn": "arn:aws:iam::111111111111:role/deploy", "RoleSessionName": "slipway-1",
        "DurationSeconds": 3600, "ExternalId": "a+b=c/d:e@f, g"},
        reply(f'<AssumeRoleResponse xmlns="{STS_NS}"><AssumeRoleResult><AssumedRoleUser>'
              "<AssumedRoleId>AROAX:slipway-1</AssumedRoleId><Arn>arn:aws:sts::111111111111:"
              "assumed-role/deploy/slipway-1</Arn></AssumedRoleUser><Credentials><AccessKeyId>"
              "ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>wJalr/XUtn+FEMI=</SecretAccessKey>"
              "<SessionToken>FwoGZXIvYXdzEJr//////////wEaDA==</SessionToken><Expiration>"
              "2026-01-02T04:04:05.678Z</Expiration></Credentials><PackedPolicySize>6"
              f"</PackedPolicySize></AssumeRoleResult><ResponseMetadata><RequestId>{REQUEST_ID}"
              "</RequestId></ResponseMetadata></AssumeRoleResponse>", headers=headers))
    exchange("sts", "AssumeRole", "lists-and-no-items", {
        "RoleArn": "arn:aws:iam::111111111111:role/deploy", "RoleSessionName": "s2",
        "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
                       {"arn": "arn:aws:iam::aws:policy/ViewOnlyAccess"}],
        "Tags": [{"Key": "team", "Value": "a b"}, {"Key": "ü", "Value": ""}],
        "TransitiveTagKeys": []},
        reply(f'<AssumeRoleResponse xmlns="{STS_NS}"><AssumeRoleResult/></AssumeRoleResponse>',
              headers=headers))
    exchange("sts", "AssumeRole", "error-access-denied", {
        "RoleArn": "arn:aws:iam::111111111111:role/deploy", "RoleSessionName": "s2"},
        reply(error("AccessDenied", "User: arn:aws:iam::111111111111:user/ci is not authorized to "
                    "perform: sts:AssumeRole on resource: arn:aws:iam::111111111111:role/deploy"),
              status=403, headers=headers))
    web = {"RoleArn": "arn:aws:iam::111111111111:role/deploy", "RoleSessionName": "s2",
           "WebIdentityToken": "eyJhbGciOiJSUzI1NiJ9.e30.c2ln_-"}
    exchange("sts", "AssumeRoleWithWebIdentity", "unsigned", web,
             reply(f'<AssumeRoleWithWebIdentityResponse xmlns="{STS_NS}">'
                   "<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE"
                   "</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t"
                   "</SessionToken><Expiration>2026-01-02T04:04:05Z</Expiration></Credentials>"
                   "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>",
                   headers=headers))
    exchange("sts", "AssumeRoleWithWebIdentity", "error-identity-provider-unreachable", web,
             reply(error("IDPCommunicationError", "try again"), status=400, headers=headers))


BUS = "arn:aws:events:eu-west-1:111111111111"
ECS_TARGET = {"Id": "1", "Arn": CLUSTER, "RoleArn": "arn:aws:iam::111111111111:role/events",
              "EcsParameters": {"TaskDefinitionArn": f"{FAMILY}:7", "TaskCount": 1,
                                "LaunchType": "FARGATE", "NetworkConfiguration": {
                                    "awsvpcConfiguration": {"Subnets": ["subnet-1"],
                                                            "AssignPublicIp": "DISABLED"}}},
              "Input": '{"containerOverrides":[{"name":"app","command":["nightly"]}]}'}


def events_exchanges():
    exchange("events", "ListTargetsByRule", "an-ecs-task", {"Rule": "nightly"},
             reply({"Targets": [ECS_TARGET]}))
    exchange("events", "PutTargets", "one-of-two-failed",
             {"Rule": "nightly", "Targets": [ECS_TARGET, {**ECS_TARGET, "Id": "2"}]},
             reply({"FailedEntryCount": 1, "FailedEntries": [
                 {"TargetId": "2", "ErrorCode": "ConcurrentModificationException",
                  "ErrorMessage": "Rule nightly is being modified."}]}))
    exchange("events", "DeleteRule", "empty-body", {"Name": "nightly"}, reply(""))
    exchange("events", "DescribeRule", "error-missing", {"Name": "nightly"},
             reply({"__type": "ResourceNotFoundException",
                    "message": "Rule nightly does not exist on EventBus default."}, status=400))
    exchange("events", "PutTargets", "error-pass-role",
             {"Rule": "nightly", "Targets": [ECS_TARGET]},
             reply({"__type": "AccessDeniedException", "Message":
                    "User: arn:aws:iam::111111111111:user/ci is not authorized to perform: "
                    "iam:PassRole on resource: arn:aws:iam::111111111111:role/events because no "
                    "identity-based policy allows the iam:PassRole action"}, status=400))


def scheduler_exchanges():
    headers = {**REST_TYPE, "x-amzn-RequestId": REQUEST_ID}
    target = {key: value for key, value in ECS_TARGET.items() if key != "Id"}
    exchange("scheduler", "GetSchedule", "an-ecs-task-every-night",
             {"GroupName": "shop", "Name": "nightly"},
             reply({"Name": "nightly", "GroupName": "shop", "ScheduleExpression": "cron(0 3 * * ? *)",
                    "ScheduleExpressionTimezone": "Europe/Berlin", "State": "ENABLED",
                    "FlexibleTimeWindow": {"Mode": "OFF"}, "CreationDate": 1767323045.678,
                    "Target": target}, headers=headers))
    exchange("scheduler", "UpdateSchedule", "with-dates-and-a-token", {
        "Name": "nightly", "GroupName": "shop", "ScheduleExpression": "rate(5 minutes)",
        "StartDate": MOMENT, "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target,
        "ClientToken": "given-by-the-caller"},
        reply({"ScheduleArn": "arn:aws:scheduler:eu-west-1:111111111111:schedule/shop/nightly"},
              headers=headers))
    for name, token in (("first-page", None), ("next-page", "eyJ0IjogIngifQ==/+")):
        given = {"MaxResults": 100, "GroupName": "shop"}
        if token:
            given["NextToken"] = token
        exchange("scheduler", "ListSchedules", name, given,
                 reply({"Schedules": [{"Name": "nightly", "GroupName": "shop"}],
                        "NextToken": "eyJ0IjogIngifQ==/+"} if not token else {"Schedules": []},
                       headers=headers))
    exchange("scheduler", "DeleteSchedule", "no-body-at-all", {"Name": "nightly"},
             reply("", headers={"x-amzn-RequestId": REQUEST_ID}))

    def refused(name, body, status, more=None):
        exchange("scheduler", "GetSchedule", "error-" + name, {"Name": "nightly"},
                 reply(body, status=status, headers={**headers, **(more or {})}))

    refused("type-in-the-header", {"Message": "Schedule nightly does not exist."}, 404,
            {"x-amzn-ErrorType": "ResourceNotFoundException"})
    refused("type-in-the-header-with-uri", {"message": "Schedule nightly does not exist."}, 404,
            {"x-amzn-ErrorType": "ResourceNotFoundException:http://internal.amazon.com/coral/"})
    refused("header-before-body", {"__type": "ValidationException", "Message": "m"}, 409,
            {"x-amzn-ErrorType": "ConflictException"})
    refused("type-in-the-body", {"__type": "com.amazonaws.scheduler#ThrottlingException",
                                 "Message": "Rate exceeded"}, 429)
    refused("access-denied", {"Message": "User: arn:aws:iam::111111111111:user/ci is not authorized"
                              " to perform: scheduler:GetSchedule"}, 403,
            {"x-amzn-ErrorType": "AccessDeniedException"})
    exchange("scheduler", "GetSchedule", "error-503-empty", {"Name": "nightly"},
             reply("", status=503, headers={}))


SNS_NS = "http://sns.amazonaws.com/doc/2010-03-31/"


def sns_exchanges():
    headers = {**XML_TYPE, "x-amzn-RequestId": REQUEST_ID}
    topic = "arn:aws:sns:eu-west-1:111111111111:deploys"
    exchange("sns", "Publish", "text-with-everything-to-encode",
             {"TargetArn": topic, "Message": "{\n  \"a\": 1 + 1 & 'ü'\n}"},
             reply(f'<PublishResponse xmlns="{SNS_NS}"><PublishResult><MessageId>{REQUEST_ID}'
                   "</MessageId></PublishResult><ResponseMetadata><RequestId>"
                   f"{REQUEST_ID}</RequestId></ResponseMetadata></PublishResponse>",
                   headers=headers))
    exchange("sns", "Publish", "with-attributes",
             {"TopicArn": topic, "Message": "m", "MessageAttributes": {
                 "b": {"DataType": "Number", "StringValue": "1"},
                 "a": {"DataType": "String", "StringValue": "x y"}}},
             reply(f'<PublishResponse xmlns="{SNS_NS}"><PublishResult/></PublishResponse>',
                   headers=headers))

    def refused(name, code, message, status):
        kind = "Receiver" if status >= 500 else "Sender"
        exchange("sns", "Publish", "error-" + name, {"TopicArn": topic, "Message": "m"},
                 reply(f'<ErrorResponse xmlns="{SNS_NS}"><Error><Type>{kind}</Type><Code>{code}'
                       f"</Code><Message>{escape(message)}</Message></Error><RequestId>"
                       f"{REQUEST_ID}</RequestId></ErrorResponse>", status=status, headers=headers))

    refused("missing-topic", "NotFound", "Topic does not exist", 404)
    refused("not-allowed", "AuthorizationError",
            "User: arn:aws:iam::111111111111:user/ci is not authorized to perform: SNS:Publish on "
            f"resource: {topic} because no identity-based policy allows the SNS:Publish action",
            403)
    refused("too-long", "InvalidParameter", "Invalid parameter: Message too long", 400)
    refused("internal", "InternalError", "", 500)


def logs_exchanges():
    group = {"logGroupName": "/shop/web", "logStreamName": "web/app/0123456789abcdef"}
    exchange("logs", "GetLogEvents", "two-lines", {**group, "startFromHead": True, "limit": 100},
             reply({"events": [
                 {"timestamp": MOMENT * 1000 + 5, "message": "started", "ingestionTime":
                  MOMENT * 1000 + 1005},
                 {"timestamp": MOMENT * 1000 + 6, "message": "\tü\u0000 \"x\"", "ingestionTime":
                  MOMENT * 1000 + 1005}],
                 "nextForwardToken": "f/37/s", "nextBackwardToken": "b/37/s"}))
    exchange("logs", "GetLogEvents", "error-no-stream-yet", group,
             reply({"__type": "ResourceNotFoundException",
                    "message": "The specified log stream does not exist."}, status=400))
    exchange("logs", "CreateLogGroup", "empty-body", {"logGroupName": "/shop/web"}, reply(""))


def sso_exchanges():
    rest = {"Content-Type": "application/json", "x-amzn-RequestId": REQUEST_ID}
    given = {"roleName": "Deploy Role/ü", "accountId": "111111111111", "accessToken": "to-ken"}
    exchange("sso", "GetRoleCredentials", "credentials", given,
             reply({"roleCredentials": {
                 "accessKeyId": "ASIAIOSFODNN7EXAMPLE", "secretAccessKey": "s/+=",
                 "sessionToken": "t", "expiration": MOMENT * 1000}}, headers=rest))
    exchange("sso", "GetRoleCredentials", "error-type-in-the-header", given,
             reply({"message": "Session token not found or invalid"}, status=401,
                   headers={**rest, "x-amzn-ErrorType": "UnauthorizedException:"}))
    exchange("sso", "GetRoleCredentials", "error-type-in-the-body", given,
             reply({"__type": "com.amazonaws.switchboard.portal#UnauthorizedException",
                    "message": "Session token not found or invalid"}, status=401, headers=rest))
    exchange("sso", "GetRoleCredentials", "error-429-empty", given,
             reply("", status=429, headers={}))
    refresh = {"clientId": "id", "clientSecret": "secret", "grantType": "refresh_token",
               "refreshToken": "r/+="}
    exchange("sso-oidc", "CreateToken", "refresh", refresh,
             reply({"accessToken": "new", "expiresIn": 3600, "refreshToken": "next",
                    "tokenType": "Bearer"}, headers=rest))
    exchange("sso-oidc", "CreateToken", "error-invalid-grant", refresh,
             reply({"error": "invalid_grant", "error_description": "Invalid refresh token"},
                   status=400, headers={**rest, "x-amzn-ErrorType": "InvalidGrantException"}))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    arguments = parser.parse_args()
    every_operation()
    ecs_answers()
    ecs_errors()
    events_exchanges()
    logs_exchanges()
    scheduler_exchanges()
    sns_exchanges()
    sts_exchanges()
    sso_exchanges()

    present = {path for service in clients for path in (VECTORS / service).glob("*/*.json")}
    stale = sorted({path for path in files if path not in present
                    or path.read_text() != files[path]} | (present - set(files)))
    if arguments.check:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is out of date", file=sys.stderr)
        return 1 if stale else 0
    for service in clients:
        shutil.rmtree(VECTORS / service, ignore_errors=True)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    print(f"{len(files)} exchanges")
    return 0


if __name__ == "__main__":
    sys.exit(main())
