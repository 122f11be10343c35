#!/usr/bin/env python3
"""Records tests/vectors/endpoints.json from botocore's endpoint rules.

tests/vectors/README.md describes the file. Run it with the versions pinned in
tests/conformance/requirements.txt; `--check` compares and writes nothing.
"""

import argparse
import json
import pathlib
import sys

import botocore
import botocore.session
from botocore.endpoint_provider import EndpointProvider

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "tests" / "vectors" / "endpoints.json"

SERVICES = """ecs elbv2 route53 events sns sts iam application-autoscaling cloudformation cloudwatch
              logs scheduler ssm secretsmanager ecr codedeploy acm dynamodb ec2 kms
              sso sso-oidc signin""".split()

# Services with one endpoint for a partition also answer to the pseudo-regions ("aws-global").
GLOBAL_SERVICES = {"route53", "iam", "sts"}

# Regions that do not exist: the rules go by the pattern, and to "aws" when no pattern matches.
INVENTED_REGIONS = """us-central-7 mx-north-12 cn-east-9 us-gov-north-3 eusc-de-west-2 us-iso-north-4
                      us-isob-south-5 eu-isoe-north-6 us-isof-west-7 moon-base""".split()

VARIANTS = [(False, False), (False, True), (True, False), (True, True)]  # FIPS, dual stack


def settings_key(service_id):
    """As a `[services X]` section spells it, and AWS_ENDPOINT_URL_<KEY> in capitals."""
    return service_id.lower().replace(" ", "_").replace("-", "_")


def resolve(provider, **parameters):
    endpoint = provider.resolve_endpoint(**parameters)
    assert endpoint.url.startswith("https://"), endpoint.url
    schemes = endpoint.properties.get("authSchemes") or [{}]
    return [endpoint.url.removeprefix("https://"),
            schemes[0].get("signingRegion") or parameters["Region"]]


def record():
    loader = botocore.session.get_session().get_component("data_loader")
    partitions = loader.load_data("partitions")
    regions = [r for p in partitions["partitions"] for r in p["regions"]] + INVENTED_REGIONS
    services = {}
    for name in SERVICES:
        provider = EndpointProvider(loader.load_service_model(name, "endpoint-rule-set-1"), partitions)
        key = settings_key(loader.load_service_model(name, "service-2")["metadata"]["serviceId"])
        wanted = [r for r in regions if name in GLOBAL_SERVICES or not r.endswith("-global")]

        def rows(**more):
            return {region: [resolve(provider, Region=region, UseFIPS=fips, UseDualStack=dual, **more)
                             for fips, dual in VARIANTS]
                    for region in wanted}

        if name == "sts":
            services[key] = rows(UseGlobalEndpoint=False)
            services["sts with sts_regional_endpoints = legacy"] = rows(UseGlobalEndpoint=True)
        else:
            services[key] = rows()
    return {
        "source": f"botocore {botocore.__version__}",
        "partitions": {region: [p["outputs"]["name"], p["outputs"]["dnsSuffix"],
                                p["outputs"]["dualStackDnsSuffix"]]
                       for p in partitions["partitions"] for region in p["regions"]},
        "services": services,
    }


def to_text(recorded):
    """One region a line, so that a change reads as one."""
    lines = [f'{{"source": {json.dumps(recorded["source"])},', '"partitions": {']
    lines.append(",\n".join(f"  {json.dumps(region)}: {json.dumps(row)}"
                            for region, row in recorded["partitions"].items()))
    lines.append('},\n"services": {')
    lines.append(",\n".join(
        f"{json.dumps(service)}: {{\n"
        + ",\n".join(f"  {json.dumps(region)}: {json.dumps(row)}" for region, row in rows.items())
        + "\n}" for service, rows in recorded["services"].items()))
    lines.append("}}\n")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="exit 1 if the file is out of date")
    arguments = parser.parse_args()
    text = to_text(record())
    if not arguments.check:
        TARGET.write_text(text)
        return 0
    if TARGET.read_text() == text:
        return 0
    print(f"{TARGET.relative_to(ROOT)} is out of date: run tools/record_endpoints.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
