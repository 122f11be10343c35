#!/usr/bin/env python3
"""Writes models/resource-types.json from the resource provider schemas inside the cfn-lint package.

Only facts are taken: property names, types, what is required, enumerations, and which properties
are read-only or force a replacement. Descriptions stay behind. models/README.md has the format.

    python3 -m venv /tmp/venv && /tmp/venv/bin/pip install cfn-lint==1.51.0
    /tmp/venv/bin/python tools/extract_resource_types.py            # rewrites the file
    /tmp/venv/bin/python tools/extract_resource_types.py --check    # exit 1 if it is out of date
"""

import argparse
import importlib
import json
import pathlib
import sys

import cfnlint

FILE = pathlib.Path(__file__).resolve().parent.parent / "models" / "resource-types.json"

# What the simulated CloudFormation can create (src/sim/resource_types.cc).
TYPES = """
    AWS::ApplicationAutoScaling::ScalableTarget AWS::ApplicationAutoScaling::ScalingPolicy
    AWS::CloudWatch::Alarm
    AWS::ECS::Service AWS::ECS::TaskDefinition
    AWS::ElasticLoadBalancingV2::Listener AWS::ElasticLoadBalancingV2::ListenerCertificate
    AWS::ElasticLoadBalancingV2::ListenerRule AWS::ElasticLoadBalancingV2::TargetGroup
    AWS::IAM::Role
    AWS::Logs::LogGroup
    AWS::Route53::RecordSet AWS::Route53::RecordSetGroup
"""


def type_facts(node, schema):
    """The part of a schema below one property, with its references resolved."""
    while "$ref" in node:
        node = schema["definitions"][node["$ref"].rsplit("/", 1)[1]]
    kind = node.get("type", "json")
    if isinstance(kind, list):
        kind = "json" if "object" in kind else kind[0]
    if kind == "object" and "patternProperties" in node:
        values = next(iter(node["patternProperties"].values()))
        return {"type": "map", "items": type_facts(values, schema)}
    if kind == "object" and "properties" not in node:
        kind = "json"
    facts = {"type": kind}
    if kind == "object":
        facts["properties"] = {
            name: type_facts(node["properties"][name], schema) for name in node["properties"]}
        if node.get("required"):
            facts["required"] = sorted(node["required"])
    if kind == "array":
        facts["items"] = type_facts(node.get("items", {}), schema)
    if "enum" in node and kind == "string":
        facts["enum"] = node["enum"]
    return facts


def resource_facts(schema):
    facts = type_facts({"type": "object", **schema}, schema)
    for name in ("readOnlyProperties", "createOnlyProperties", "primaryIdentifier"):
        paths = schema.get(name, [])
        if name == "createOnlyProperties":  # under some condition is under any, here
            paths = paths + schema.get("conditionalCreateOnlyProperties", [])
        paths = [path.removeprefix("/properties/") for path in paths]
        if paths:
            facts[name] = paths
    return facts


def render():
    schemas = pathlib.Path(cfnlint.__file__).parent / "data" / "schemas"
    hashes = importlib.import_module("cfnlint.data.schemas.providers.us_east_1").types
    lines = []
    for name in sorted(TYPES.split()):
        schema = json.loads((schemas / "resources" / f"{hashes[name]}.json").read_text())
        line = json.dumps(resource_facts(schema), separators=(",", ":"))
        lines.append(f"{json.dumps(name)}: {line}")
    source = json.dumps(f"cfn-lint {cfnlint.version.__version__}")
    return '{"source": %s,\n"types": {\n%s\n}}\n' % (source, ",\n".join(lines))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    text = render()
    if parser.parse_args().check:
        return 0 if FILE.exists() and FILE.read_text() == text else 1
    FILE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
