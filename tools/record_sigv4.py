#!/usr/bin/env python3
"""Records tests/vectors/sigv4/cases.json from botocore's SigV4 signer, stage by stage.

tests/vectors/README.md describes the file. Run it with the versions pinned in
tests/conformance/requirements.txt; `--check` compares and writes nothing.
"""

import argparse
import base64
import datetime
import json
import pathlib
import sys
import unittest.mock
from urllib.parse import quote, urlsplit

import botocore
import botocore.auth
import botocore.awsrequest
import botocore.credentials

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "tests" / "vectors" / "sigv4" / "cases.json"

# The keys of AWS's own documentation examples; they open nothing.
ACCESS_KEY = "AKIDEXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = ("AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfI"
         "eoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0"
         "wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypN"
         "C9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==")
JSON_11 = ["Content-Type", "application/x-amz-json-1.1"]
FORM = ["Content-Type", "application/x-www-form-urlencoded; charset=utf-8"]
ECS_TARGET = "AmazonEC2ContainerServiceV20141113."

# Two signatures that AWS publishes: they hold the recorder itself to account.
PUBLISHED = {
    "aws-example-get-vanilla": "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    "aws-example-iam-list-users":
        "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
}

cases = []


def encode(text):
    return quote(text, safe="-_.~")


def case(name, method="GET", host="https://ecs.eu-west-1.amazonaws.com", path="/", query=(),
         headers=(), body="", region="eu-west-1", service="ecs", timestamp="20260102T030405Z",
         access_key=ACCESS_KEY, secret_key=SECRET_KEY, session_token=None, url=None):
    """Without `url` the request is one slipway makes: path and query are plain text, and the wire
    carries the canonical query. With `url` it is as another client may put it on the wire."""
    row = {"name": name, "method": method}
    if url is None:
        query = [list(pair) for pair in query]
        row["path"] = path
        row["query"] = query
        url = host + "/".join(encode(segment) for segment in path.split("/"))
        if query:
            pairs = sorted((encode(key), encode(value)) for key, value in query)
            url += "?" + "&".join(f"{key}={value}" for key, value in pairs)
    row["url"] = url
    row["headers"] = [list(header) for header in headers]
    if isinstance(body, tuple):
        row["body_repeat"] = list(body)
    elif isinstance(body, bytes):
        row["body_base64"] = base64.b64encode(body).decode()
    else:
        row["body"] = body
    row.update(access_key=access_key, secret_key=secret_key, session_token=session_token,
               region=region, service=service, timestamp=timestamp)
    cases.append(row)


def ecs(name, operation, document, **more):
    case(name, method="POST", headers=[JSON_11, ["X-Amz-Target", ECS_TARGET + operation]],
         body=document if isinstance(document, (str, bytes, tuple)) else json.dumps(document),
         **more)


def form(name, body, **more):
    more.setdefault("service", "sts")
    more.setdefault("host", "https://sts.eu-west-1.amazonaws.com")
    case(name, method="POST", headers=[FORM], body=body, **more)


def define_cases():
    case("aws-example-get-vanilla", host="https://example.amazonaws.com", region="us-east-1",
         service="service", timestamp="20150830T123600Z")
    case("aws-example-iam-list-users", host="https://iam.amazonaws.com", region="us-east-1",
         service="iam", timestamp="20150830T123600Z",
         query=[["Action", "ListUsers"], ["Version", "2010-05-08"]], headers=[FORM])

    # awsJson, as slipway calls ECS.
    update = {"cluster": "prod", "service": "web", "taskDefinition": "web:8"}
    ecs("json-update-service", "UpdateService", update)
    ecs("json-update-service-with-session-token", "UpdateService", update, session_token=TOKEN)
    ecs("json-no-members", "ListClusters", "{}")
    ecs("json-unicode-body", "StopTask",
        '{"task": "t", "reason": "Größe überschritten — 再起動 \U0001f680"}')
    ecs("json-escaped-unicode-body", "StopTask", r'{"task": "t", "reason": "\u00fc\ud83d\ude80"}')
    ecs("json-control-characters-in-body", "StopTask", '{"task":"a\\nb"}\r\n\t ')
    ecs("json-port-in-host", "ListServices", {"cluster": "c"}, host="http://127.0.0.1:5599")
    ecs("json-port-and-session-token", "ListServices", {}, host="http://127.0.0.1:5599",
        session_token=TOKEN)
    ecs("json-default-https-port-is-left-out", "ListTasks", {}, host="https://localhost:443")
    ecs("json-default-http-port-is-left-out", "ListTasks", {}, host="http://localhost:80")
    ecs("json-http-port-over-https-stays", "ListTasks", {}, host="https://localhost:80")
    ecs("json-ipv6-host", "ListTasks", {}, host="http://[::1]:5599")
    ecs("json-china", "ListTasks", {}, host="https://ecs.cn-north-1.amazonaws.com.cn",
        region="cn-north-1")
    ecs("json-gov-cloud-fips", "ListTasks", {}, region="us-gov-west-1",
        host="https://ecs-fips.us-gov-west-1.amazonaws.com")
    ecs("json-body-of-one-megabyte", "RegisterTaskDefinition", ("0123456789abcdef", 65536))
    ecs("json-body-of-64-kibibytes", "RegisterTaskDefinition", ("ü", 32768))
    ecs("json-last-second-of-the-year", "ListTasks", {}, timestamp="20251231T235959Z")
    ecs("json-leap-day", "ListTasks", {}, timestamp="20280229T000000Z")
    ecs("json-access-key-of-a-role", "ListTasks", {}, access_key="ASIAIOSFODNN7EXAMPLE",
        secret_key="secret/with+symbols=and/slashes", session_token=TOKEN)
    ecs("json-secret-with-unicode", "ListTasks", {}, secret_key="schlüssel")
    ecs("json-short-keys", "ListTasks", {}, access_key="testing", secret_key="testing",
        session_token="testing")
    case("json-query-mode-header", method="POST", host="https://monitoring.eu-west-1.amazonaws.com",
         service="monitoring",
         headers=[["Content-Type", "application/x-amz-json-1.0"],
                  ["X-Amz-Target", "GraniteServiceVersion20100801.DescribeAlarms"],
                  ["x-amzn-query-mode", "true"]], body="{}")

    # query, as slipway calls STS.
    form("query-get-caller-identity", "Action=GetCallerIdentity&Version=2011-06-15")
    form("query-get-caller-identity-with-token", "Action=GetCallerIdentity&Version=2011-06-15",
         session_token=TOKEN)
    form("query-assume-role",
         "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111111111111%3Arole"
         "%2Fdeploy&RoleSessionName=slipway%40host&DurationSeconds=3600")
    form("query-spaces-as-plus", "Action=AssumeRole&RoleSessionName=a+b&ExternalId=%2B+%25")
    form("query-empty-list", "Action=RegisterTargets&Version=2015-12-01&Targets=",
         service="elasticloadbalancing",
         host="https://elasticloadbalancing.eu-west-1.amazonaws.com")
    form("query-global-endpoint", "Action=GetCallerIdentity&Version=2011-06-15",
         host="https://sts.amazonaws.com", region="us-east-1")

    # Empty bodies.
    case("empty-body-get")
    case("empty-body-post", method="POST")
    case("empty-body-put", method="PUT", host="http://127.0.0.1:8080")
    case("empty-body-delete", method="DELETE")
    case("empty-body-head", method="HEAD")
    case("no-path-at-all", url="https://ecs.eu-west-1.amazonaws.com")
    case("body-of-zero-bytes-and-high-bytes", method="POST", body=bytes(range(256)))
    case("body-is-one-newline", method="POST", body="\n")

    # Query strings that slipway puts on the wire.
    case("query-string-one", query=[["a", "1"]])
    case("query-string-unsorted", query=[["c", "3"], ["a", "1"], ["b", "2"]])
    case("query-string-repeated-name", query=[["a", "2"], ["a", "10"], ["a", "1"], ["a", ""]])
    case("query-string-empty-value", query=[["marker", ""], ["maxitems", "100"]])
    case("query-string-empty-name", query=[["", "x"], ["a", "1"]])
    case("query-string-case-decides", query=[["b", "1"], ["B", "1"], ["a", "1"], ["A", "1"]])
    case("query-string-prefix-names", query=[["ab", "1"], ["a", "2"], ["a-b", "3"], ["a0", "4"]])
    case("query-string-sorted-after-encoding", query=[["ü", "1"], ["z", "2"], ["~", "3"],
                                                      ["%", "4"], ["A", "5"]])
    case("query-string-reserved", query=[["q", "!*'();:@&=+$,/?#[]"], ["%", "100%"], ["s p", "a b"]])
    case("query-string-unreserved", query=[["k", "AZaz09-_.~"]])
    case("query-string-unicode", query=[["имя", "значение"], ["鍵", "値"], ["e\u0301", "\U0001f680"]])
    case("query-string-already-escaped-text", query=[["k", "%20%2F%25"]])
    case("query-string-backslash-and-quotes", query=[["k", "\\\"`{}|^<>"]])
    case("query-string-control-characters", query=[["k", "a\tb\nc\x7f"]])
    case("query-string-json-value", query=[["filter", '{"a":[1,2]}']])
    case("query-string-and-token", query=[["X", "y"]], session_token=TOKEN)
    case("query-string-route-53", host="https://route53.amazonaws.com", region="us-east-1",
         service="route53", path="/2013-04-01/hostedzone/Z1/rrset",
         query=[["name", "app.example.org."], ["type", "A"], ["identifier", "green"],
                ["maxitems", "1"]])
    case("query-string-sso-portal", host="https://portal.sso.eu-west-1.amazonaws.com",
         service="sso", path="/federation/credentials",
         query=[["role_name", "Deploy"], ["account_id", "111111111111"]])
    case("query-string-post-with-body", method="POST", query=[["b", "2"], ["a", "1"]],
         headers=[FORM], body="c=3&d=4")

    # Query strings as others send them: the simulator must come to the same canonical form.
    base = "https://ecs.eu-west-1.amazonaws.com/"
    case("foreign-query-unsorted", url=base + "?c=3&a=1&b=2")
    case("foreign-query-repeated", url=base + "?a=2&b=1&a=10&a=1")
    case("foreign-query-name-without-equals", url=base + "?acl&delete=&a=1")
    case("foreign-query-two-equals-escaped", url=base + "?a=b%3Dc&a=b%3Da")
    case("foreign-query-only-a-question-mark", url=base + "?")
    case("foreign-query-lonely-name", url=base + "?policy")
    case("foreign-query-same-name-other-order", url=base + "?a=z&a=%C3%BC&a=A")
    case("foreign-query-repeated-with-token", url=base + "?b=2&b=1&b", session_token=TOKEN)

    # Paths.
    case("path-plain", path="/2013-04-01/hostedzone/Z1/rrset/")
    case("path-space", path="/my path/x y")
    case("path-unicode", path="/grüße/日本/\U0001f680")
    case("path-reserved", path="/a:b@c$d&e+f,g;h=i!j*k'l(m)n")
    case("path-brackets-and-quotes", path='/a[b]{c}|"d"^`<e>\\')
    case("path-escaped-text", path="/a%2Fb/%25")
    case("path-hash-and-question-mark", path="/a#b?c")
    case("path-unreserved", path="/AZaz09-_.~")
    case("path-arn", path="/tags/arn:aws:ecs:eu-west-1:111111111111:cluster/prod")
    case("path-and-query", path="/x y/ü", query=[["z", "1 2"], ["a", "ü"]])
    case("path-double-slash", path="//a//b///c//")
    case("path-dot-segments", path="/a/./b/../c")
    case("path-dot-segments-above-the-root", path="/../../a/..")
    case("path-dots-that-are-names", path="/.../..a/b..")
    case("path-foreign-escaped-slash", url=base + "2013-04-01/hostedzone/%2Fhostedzone%2FZ1/rrset")
    case("path-foreign-lower-case-escapes", url=base + "a%2fb%c3%bc")
    case("path-foreign-reserved-raw", url=base + "a:b@c$d&e+f,g;h=i!j*k'l(m)n")

    # Headers.
    def headed(name, headers, **more):
        case("headers-" + name, headers=headers, **more)

    headed("runs-of-spaces", [["X-Amz-Meta", "  a   b    c  "]])
    headed("tabs", [["X-Amz-Meta", "a\t\tb \t c\t"]])
    headed("empty-value", [["X-Empty", ""], ["X-Amz-Meta", "x"]])
    headed("only-spaces", [["X-Blank", "   "]])
    headed("duplicates-keep-their-order", [["X-Two", "b"], ["X-Two", "a"], ["x-two", "c  c"]])
    headed("mixed-case-names", [["ZeBrA", "1"], ["aPPle", "2"], ["X-AMZ-target", "3"]])
    headed("names-that-are-prefixes", [["X-A-B", "1"], ["X-A", "2"], ["X-AB", "3"], ["X-A1", "4"]])
    headed("unicode-value", [["X-Amz-Meta", "Grüße \U0001f680"]])
    headed("quotes-are-plain-text", [["If-Match", '"a   b"']])
    headed("comma-lists", [["X-List", "a,b"], ["X-List", " c , d "]])
    headed("never-signed", [["User-Agent", "slipway/0.1"], ["Expect", "100-continue"],
                            ["X-Amzn-Trace-Id", "Root=1"], ["Transfer-Encoding", "identity"],
                            ["Connection", "keep-alive"], ["X-Amz-Meta", "signed"]])
    headed("accept-is-signed", [["Accept", "application/json"], ["Accept-Encoding", "identity"]])
    headed("content-length-is-signed-when-given", [["Content-Length", "2"], JSON_11],
           method="POST", body="{}")
    headed("host-given", [["Host", "example.org"]])
    headed("host-given-with-port", [["host", "example.org:8443"]], host="http://127.0.0.1:5599")
    headed("many", [[f"X-Amz-Meta-{index:02}", str(index)] for index in range(40)])
    headed("long-value", [["X-Amz-Meta", "v" * 5000]])
    headed("retry-information-is-signed-when-given",
           [["amz-sdk-invocation-id", "3f0c1f1c-8a3b-4f65-9d7a-000000000001"],
            ["amz-sdk-request", "ttl=20260101T000000Z; attempt=2; max=3"]])


def body_bytes(row):
    if "body_base64" in row:
        return base64.b64decode(row["body_base64"])
    if "body_repeat" in row:
        text, count = row["body_repeat"]
        return text.encode() * count
    return row["body"].encode()


def record(row):
    request = botocore.awsrequest.AWSRequest(method=row["method"], url=row["url"],
                                             data=body_bytes(row) or None)
    for name, value in row["headers"]:
        request.headers.add_header(name, value)
    signer = botocore.auth.SigV4Auth(
        botocore.credentials.Credentials(row["access_key"], row["secret_key"],
                                         row["session_token"]),
        row["service"], row["region"])
    moment = datetime.datetime.strptime(row["timestamp"], "%Y%m%dT%H%M%SZ")
    stages = {}
    original = signer.string_to_sign

    def watch(request, canonical_request):
        stages["canonical_request"] = canonical_request
        stages["string_to_sign"] = original(request, canonical_request)
        return stages["string_to_sign"]

    signer.string_to_sign = watch
    with unittest.mock.patch("botocore.auth.get_current_datetime", return_value=moment):
        signer.add_auth(request)
    authorization = request.headers["Authorization"]
    parts = dict(part.split("=", 1) for part in
                 authorization.removeprefix("AWS4-HMAC-SHA256 ").split(", "))
    row.update(stages, signed_headers=parts["SignedHeaders"], signature=parts["Signature"],
               authorization=authorization)
    if "query" in row:  # what slipway sends is canonical already
        canonical_query = row["canonical_request"].split("\n")[2]
        assert urlsplit(row["url"]).query == canonical_query, row["name"]
    if row["name"] in PUBLISHED and row["access_key"] == ACCESS_KEY:
        assert row["signature"] == PUBLISHED[row["name"]], row["name"]


def render():
    rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in cases)
    return f'{{"source": "botocore {botocore.__version__}",\n"cases": [\n{rows}\n]}}\n'


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    arguments = parser.parse_args()
    define_cases()
    assert len({row["name"] for row in cases}) == len(cases), "case names must differ"
    for row in cases:
        record(row)
    text = render()
    if arguments.check:
        fresh = TARGET.exists() and TARGET.read_text() == text
        if not fresh:
            print(f"{TARGET.relative_to(ROOT)} is out of date", file=sys.stderr)
        return 0 if fresh else 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(text)
    print(f"{TARGET.relative_to(ROOT)}: {len(cases)} cases")
    return 0


if __name__ == "__main__":
    sys.exit(main())
