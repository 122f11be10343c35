#!/usr/bin/env python3
"""Writes models/<service>.json from the service models inside the botocore package.

Only facts are taken: names, types, constraints, wire locations, error codes, paginators and
waiters. Documentation text stays behind. models/README.md describes the format.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install -r tests/conformance/requirements.txt
    /tmp/venv/bin/python tools/extract_models.py            # rewrites models/
    /tmp/venv/bin/python tools/extract_models.py --check    # exit 1 if models/ is out of date
"""

import argparse
import json
import pathlib
import sys

import botocore
import botocore.exceptions
import botocore.loaders

ROOT = pathlib.Path(__file__).resolve().parent.parent

# The operations slipway calls or its simulator answers. Shapes follow from them.
OPERATIONS = {
    "acm": "RequestCertificate ListCertificates DescribeCertificate",
    "application-autoscaling": """
        RegisterScalableTarget DescribeScalableTargets DeregisterScalableTarget
        PutScalingPolicy DescribeScalingPolicies DeleteScalingPolicy DescribeScalingActivities
    """,
    "cloudformation": """
        CreateStack UpdateStack DeleteStack DescribeStacks ListStacks DescribeStackEvents
        ListStackResources DescribeStackResources DescribeStackResource GetTemplate ValidateTemplate
        GetTemplateSummary ListExports UpdateTerminationProtection
        CreateChangeSet DescribeChangeSet ExecuteChangeSet DeleteChangeSet ListChangeSets
    """,
    "cloudwatch": """
        DescribeAlarms PutMetricAlarm SetAlarmState DeleteAlarms
        GetMetricData GetMetricStatistics PutMetricData ListMetrics
    """,
    "codedeploy": """
        CreateApplication GetApplication ListApplications DeleteApplication GetApplicationRevision
        CreateDeploymentGroup GetDeploymentGroup ListDeploymentGroups BatchGetDeploymentGroups
        DeleteDeploymentGroup
        CreateDeploymentConfig GetDeploymentConfig ListDeploymentConfigs DeleteDeploymentConfig
        CreateDeployment GetDeployment BatchGetDeployments StopDeployment ContinueDeployment
        ListDeployments GetDeploymentTarget ListDeploymentTargets BatchGetDeploymentTargets
    """,
    "dynamodb": """
        CreateTable DescribeTable ListTables DeleteTable
        GetItem PutItem UpdateItem DeleteItem Query Scan
    """,
    "ec2": "CreateVpc DescribeVpcs",
    "ecr": "CreateRepository DescribeRepositories PutImage DescribeImages BatchGetImage",
    "ecs": """
        CreateCluster DescribeClusters ListClusters UpdateCluster UpdateClusterSettings
        DeleteCluster PutClusterCapacityProviders
        CreateCapacityProvider UpdateCapacityProvider DescribeCapacityProviders
        DeleteCapacityProvider
        RegisterContainerInstance DeregisterContainerInstance DescribeContainerInstances
        ListContainerInstances UpdateContainerInstancesState
        ListAttributes PutAttributes DeleteAttributes
        ListAccountSettings PutAccountSetting PutAccountSettingDefault DeleteAccountSetting
        TagResource UntagResource ListTagsForResource
        RegisterTaskDefinition DescribeTaskDefinition DeregisterTaskDefinition
        DeleteTaskDefinitions ListTaskDefinitions ListTaskDefinitionFamilies
        CreateService UpdateService DeleteService DescribeServices ListServices
        ListServicesByNamespace
        ListServiceDeployments DescribeServiceDeployments DescribeServiceRevisions
        StopServiceDeployment ContinueServiceDeployment
        CreateTaskSet UpdateTaskSet UpdateServicePrimaryTaskSet DeleteTaskSet DescribeTaskSets
        RunTask StartTask StopTask DescribeTasks ListTasks ExecuteCommand
        GetTaskProtection UpdateTaskProtection
    """,
    "elasticloadbalancing": """
        CreateLoadBalancer DeleteLoadBalancer DescribeLoadBalancers DescribeLoadBalancerAttributes
        ModifyLoadBalancerAttributes
        CreateTargetGroup ModifyTargetGroup DeleteTargetGroup DescribeTargetGroups
        DescribeTargetGroupAttributes ModifyTargetGroupAttributes
        RegisterTargets DeregisterTargets DescribeTargetHealth
        CreateListener ModifyListener DeleteListener DescribeListeners
        AddListenerCertificates RemoveListenerCertificates DescribeListenerCertificates
        CreateRule ModifyRule DeleteRule DescribeRules SetRulePriorities
        AddTags RemoveTags DescribeTags
    """,
    "events": """
        PutRule DescribeRule ListRules EnableRule DisableRule DeleteRule
        PutTargets RemoveTargets ListTargetsByRule ListRuleNamesByTarget
        CreateEventBus DescribeEventBus DeleteEventBus ListEventBuses
        PutEvents TestEventPattern
        TagResource UntagResource ListTagsForResource
    """,
    "iam": """
        CreateRole GetRole DeleteRole PutRolePolicy GetRolePolicy DeleteRolePolicy ListRolePolicies
        AttachRolePolicy DetachRolePolicy ListAttachedRolePolicies
        SimulatePrincipalPolicy CreateServiceLinkedRole
    """,
    "kms": "CreateKey DescribeKey",
    "logs": """
        CreateLogGroup DeleteLogGroup DescribeLogGroups PutRetentionPolicy DeleteRetentionPolicy
        CreateLogStream DeleteLogStream DescribeLogStreams
        PutLogEvents GetLogEvents FilterLogEvents
    """,
    "route53": """
        CreateHostedZone DeleteHostedZone GetHostedZone ListHostedZones ListHostedZonesByName
        ListHostedZonesByVPC AssociateVPCWithHostedZone
        ListResourceRecordSets ChangeResourceRecordSets GetChange
        CreateHealthCheck GetHealthCheck GetHealthCheckStatus ListTagsForResource TestDNSAnswer
    """,
    "scheduler": """
        CreateSchedule GetSchedule UpdateSchedule DeleteSchedule ListSchedules
        CreateScheduleGroup GetScheduleGroup DeleteScheduleGroup ListScheduleGroups
    """,
    "secretsmanager": "DescribeSecret GetSecretValue CreateSecret ListSecrets",
    "sns": """
        CreateTopic DeleteTopic GetTopicAttributes ListTopics Publish
        Subscribe Unsubscribe ListSubscriptionsByTopic
    """,
    "ssm": "GetParameter GetParameters PutParameter",
    "sts": "GetCallerIdentity AssumeRole AssumeRoleWithWebIdentity",
}

# What botocore calls a service where that is not its name in IAM actions, which is ours.
BOTOCORE_NAMES = {"elasticloadbalancing": "elbv2"}

# Those we speak, the one we prefer first.
PROTOCOLS = ("json", "query", "ec2", "rest-json", "rest-xml")

# Traits copied as they are, in this order, when the model has them.
SERVICE_TRAITS = ("serviceId", "apiVersion", "protocol", "jsonVersion", "targetPrefix",
                  "endpointPrefix", "signingName", "xmlNamespace", "globalEndpoint")
SHAPE_TRAITS = ("required", "enum", "min", "max", "pattern", "flattened", "union", "document",
                "sensitive", "payload", "xmlNamespace", "timestampFormat")
MEMBER_TRAITS = ("location", "locationName", "queryName", "flattened", "xmlAttribute",
                 "xmlNamespace", "timestampFormat", "jsonvalue", "idempotencyToken", "streaming",
                 "deprecated")
PAGINATOR_TRAITS = ("input_token", "output_token", "more_results", "limit_key", "result_key",
                    "non_aggregate_keys")


def pick(source, traits):
    return {name: source[name] for name in traits if name in source}


def service_facts(metadata):
    facts = pick(metadata, SERVICE_TRAITS)
    if facts["protocol"] not in PROTOCOLS:  # CloudWatch offers CBOR first; botocore takes JSON
        facts["protocol"] = next(name for name in PROTOCOLS if name in metadata["protocols"])
    facts.setdefault("signingName", facts["endpointPrefix"])
    facts["source"] = f"botocore {botocore.__version__}"
    return facts


def operation_facts(operation):
    facts = {}
    http = operation.get("http", {})
    if (http.get("method"), http.get("requestUri")) != ("POST", "/"):
        facts["http"] = pick(http, ("method", "requestUri", "responseCode"))
    if "input" in operation:
        facts["input"] = operation["input"]["shape"]
        facts.update(pick(operation["input"], ("locationName", "xmlNamespace")))
    if "output" in operation:
        facts["output"] = operation["output"]["shape"]
        facts.update(pick(operation["output"], ("resultWrapper",)))
    facts["errors"] = [error["shape"] for error in operation.get("errors", [])]
    facts.update(pick(operation, ("authtype", "idempotent", "readonly")))
    return facts


def exception_facts(name, shape):
    """The code on the wire and the HTTP status.

    Without an explicit trait the code is the shape's name, the status 400, or 500 when AWS is to
    blame: the rule of the awsJson protocols.
    """
    error = shape.get("error", {})
    server = bool(shape.get("fault")) or error.get("httpStatusCode", 400) >= 500
    return {
        "code": error.get("code", name),
        "status": error.get("httpStatusCode", 500 if server else 400),
        "fault": "server" if server else "client",
    }


def member_facts(member):
    return {"shape": member["shape"], **pick(member, MEMBER_TRAITS)}


def shape_facts(name, shape):
    facts = {"type": shape["type"]}
    if shape.get("exception"):
        facts["exception"] = exception_facts(name, shape)
    facts.update(pick(shape, SHAPE_TRAITS))
    if shape["type"] == "structure":
        facts["members"] = {key: member_facts(value) for key, value in shape["members"].items()}
    for part in ("member", "key", "value"):
        if part in shape:
            facts[part] = member_facts(shape[part])
    return facts


def reachable(model, operations):
    """Names of the shapes that the operations and their errors use, however deep."""
    found = set()
    waiting = []
    for name in operations:
        operation = model["operations"][name]
        waiting += [operation[part]["shape"] for part in ("input", "output") if part in operation]
        waiting += [error["shape"] for error in operation.get("errors", [])]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        shape = model["shapes"][name]
        parts = list(shape.get("members", {}).values())
        parts += [shape[part] for part in ("member", "key", "value") if part in shape]
        waiting += [part["shape"] for part in parts]
    return found


def waiter_facts(waiter):
    facts = pick(waiter, ("operation", "delay", "maxAttempts"))
    facts["acceptors"] = [pick(acceptor, ("state", "matcher", "argument", "expected"))
                          for acceptor in waiter["acceptors"]]
    return facts


def optional(loader, service, kind, key):
    """STS has no waiters, for instance: then there are none."""
    try:
        return loader.load_service_model(service, kind)[key]
    except botocore.exceptions.DataNotFoundError:
        return {}


def extract(service, operations):
    loader = botocore.loaders.Loader()
    service = BOTOCORE_NAMES.get(service, service)
    model = loader.load_service_model(service, "service-2")
    paginators = optional(loader, service, "paginators-1", "pagination")
    waiters = optional(loader, service, "waiters-2", "waiters")
    return {
        "metadata": service_facts(model["metadata"]),
        "operations": {name: operation_facts(model["operations"][name])
                       for name in sorted(operations)},
        "shapes": {name: shape_facts(name, model["shapes"][name])
                   for name in sorted(reachable(model, operations))},
        "paginators": {name: pick(paginators[name], PAGINATOR_TRAITS)
                       for name in sorted(paginators) if name in operations},
        "waiters": {name: waiter_facts(waiters[name])
                    for name in sorted(waiters) if waiters[name]["operation"] in operations},
    }


def render(facts):
    """One operation, shape, paginator or waiter per line: small, and a change is a short diff."""
    def compact(value):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=True)

    sections = [f'"metadata":{compact(facts["metadata"])}']
    for section in ("operations", "shapes", "paginators", "waiters"):
        rows = ",\n".join(f"{compact(name)}:{compact(value)}"
                          for name, value in facts[section].items())
        sections.append(f'"{section}":{{\n{rows}\n}}' if rows else f'"{section}":{{}}')
    return "{" + ",\n".join(sections) + "}\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="compare with models/, write nothing")
    arguments = parser.parse_args()

    stale = []
    for service, names in OPERATIONS.items():
        target = ROOT / "models" / f"{service}.json"
        text = render(extract(service, names.split()))
        if arguments.check:
            if not target.exists() or target.read_text() != text:
                stale.append(target.name)
        else:
            target.write_text(text)
            print(f"{target.relative_to(ROOT)}: {len(text)} bytes")
    if stale:
        print("out of date:", ", ".join(stale), file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
