"""What the conformance tests share: servers on loopback, clients that check every answer, the
unmodified AWS CLI, and a proxy that records what slipway sends.

Everything is bounded in time, listens on 127.0.0.1 only, and writes below build/conformance.
"""

import atexit
import contextlib
import datetime
import http.client
import http.server
import json
import os
import pathlib
import re
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import unittest.mock
import xml.etree.ElementTree

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.exceptions
import botocore.session
import botocore.validate

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SLIPWAY = pathlib.Path(os.environ.get("SLIPWAY", ROOT / "build" / "slipway"))  # set by run.py
PYTHON_BIN = pathlib.Path(sys.executable).parent
REGION = "eu-west-1"

_scratch_root = ROOT / "build" / "conformance"


def scratch():
    """A fresh directory that goes away with this process."""
    _scratch_root.mkdir(parents=True, exist_ok=True)
    path = pathlib.Path(tempfile.mkdtemp(dir=_scratch_root))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


HOME = scratch()


def environment(endpoint=None, access_key="testing", secret_key="testing", **more):
    """The variables a child gets: none of the caller's AWS settings, no file of the caller's."""
    result = {name: value for name, value in os.environ.items()
              if not name.startswith("AWS_") and "PROXY" not in name.upper()}
    result.update(
        HOME=str(HOME), AWS_EC2_METADATA_DISABLED="true", AWS_REGION=REGION,
        AWS_DEFAULT_REGION=REGION, AWS_PAGER="", NO_COLOR="1", LC_ALL="C.UTF-8")
    if access_key:
        result.update(AWS_ACCESS_KEY_ID=access_key, AWS_SECRET_ACCESS_KEY=secret_key)
    if endpoint:
        result["AWS_ENDPOINT_URL"] = endpoint
    result.update(more)
    return result


class TestCase(unittest.TestCase):
    """A test that ends: an alarm interrupts it, and its error text is shown in full."""

    maxDiff = None
    seconds = 60

    def setUp(self):
        def late(*_):
            raise TimeoutError(f"not finished after {self.seconds} s")

        signal.signal(signal.SIGALRM, late)
        signal.alarm(self.seconds)
        self.addCleanup(signal.alarm, 0)

    @contextlib.contextmanager
    def refused(self, code, message=None):
        """The call inside is refused by AWS with this code and exactly this message."""
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            yield caught
        error = caught.exception.response["Error"]
        self.assertEqual(error["Code"], code, error["Message"])
        if isinstance(message, re.Pattern):
            self.assertRegex(error["Message"], message)
        elif message is not None:
            self.assertEqual(error["Message"], message)

    def eventually(self, question, what, seconds=30):
        """Asks until the answer is true, and returns it."""
        deadline = time.monotonic() + seconds
        while True:
            answer = question()
            if answer:
                return answer
            if time.monotonic() > deadline:
                self.fail(f"still not so after {seconds} s: {what}")
            time.sleep(0.05)


# ---- Servers ----------------------------------------------------------------------------------

class Server:
    """A child process that serves HTTP on loopback until it is stopped."""

    def __init__(self, command, env):
        self.log = tempfile.TemporaryFile(dir=HOME)
        self.process = subprocess.Popen([str(word) for word in command], env=env, cwd=HOME,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=self.log)
        atexit.register(self.stop)

    def first_line(self, seconds=20):
        """Its first line on stdout; how it failed, if it wrote none."""
        deadline = time.monotonic() + seconds
        line = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while not line.endswith(b"\n"):
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    break
                byte = os.read(self.process.stdout.fileno(), 1)
                if not byte:
                    break
                line += byte
        if not line.endswith(b"\n"):
            self.stop()
            raise RuntimeError(f"{self.process.args} said {line!r} and this: {self.stderr()}")
        return line.decode().rstrip("\n")

    def stderr(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def stop(self):
        """Asks it to end, and makes it end."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
        if self.process.stdout:
            self.process.stdout.close()
        atexit.unregister(self.stop)
        return self.process.returncode


class Simulator(Server):
    """`slipway sim serve` with world.yml on a free port."""

    def __init__(self, *arguments, speed=1):
        super().__init__([SLIPWAY, "sim", "serve", "--port", 0, "--scenario", HERE / "world.yml",
                          "--speed", speed, *arguments], environment())
        said = self.first_line()
        found = re.search(r"listening on (http://127\.0\.0\.1:(\d+))", said)
        if not found:
            self.stop()
            raise RuntimeError(f"the simulator's first line was {said!r}")
        self.url, self.port = found.group(1), int(found.group(2))


class MotoServer(Server):
    def __init__(self, **env):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        super().__init__([PYTHON_BIN / "moto_server", "-H", "127.0.0.1", "-p", self.port],
                         environment(**env))
        deadline = time.monotonic() + 40
        while True:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"moto_server did not start: {self.stderr()}")
            time.sleep(0.1)


# ---- A client that trusts nothing -------------------------------------------------------------

# Codes that every signed service can give (spec: errors every signed service can give).
COMMON_CODES = {
    "MissingAuthenticationTokenException", "UnrecognizedClientException", "ExpiredTokenException",
    "InvalidSignatureException", "AccessDeniedException", "UnknownOperationException",
    "SerializationException", "ThrottlingException", "ValidationException", "InternalFailure",
    "MissingAuthenticationToken", "InvalidClientTokenId", "ExpiredToken", "SignatureDoesNotMatch",
    "AccessDenied", "InvalidAction", "MalformedInput", "ValidationError", "Throttling",
    "ServiceUnavailable",
}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")


class AnswerProblems(AssertionError):
    pass


def check_shape(shape, value, path):
    """What is wrong with a JSON value where the model wants `shape`."""
    kinds = {"structure": dict, "map": dict, "list": list, "string": str, "boolean": bool,
             "integer": int, "long": int, "double": (int, float), "float": (int, float),
             "timestamp": (int, float)}
    if getattr(shape, "is_document_type", False):
        return
    wanted = kinds[shape.type_name]
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        yield f"{path}: {shape.type_name} expected, got {json.dumps(value)[:80]}"
    elif shape.type_name == "structure":
        for name, item in value.items():
            if name not in shape.members:
                yield f"{path}.{name}: no member of {shape.name}"
            else:
                yield from check_shape(shape.members[name], item, f"{path}.{name}")
    elif shape.type_name == "list":
        for index, item in enumerate(value):
            yield from check_shape(shape.member, item, f"{path}[{index}]")
    elif shape.type_name == "map":
        for key, item in value.items():
            yield from check_shape(shape.value, item, f"{path}.{key}")
    elif shape.type_name == "string" and shape.enum and value not in shape.enum:
        yield f"{path}: {value!r} is not one of {shape.enum}"
    elif shape.type_name == "timestamp":
        if not 946684800 < value < 4102444800:
            yield f"{path}: {value!r} is not a time of this century in seconds"
        elif abs(value * 1000 - round(value * 1000)) > 1e-3:
            yield f"{path}: {value!r} has more than three decimals"


def local(tag):
    return tag.rsplit("}", 1)[-1]


def check_element(shape, element, path):
    """The same for an element of the protocols with XML."""
    if shape.type_name == "structure":
        members = {member.serialization.get("name", name): member
                   for name, member in shape.members.items()}
        for child in element:
            name = local(child.tag)
            if name not in members:
                yield f"{path}.{name}: no member of {shape.name}"
            else:
                yield from check_element(members[name], child, f"{path}.{name}")
    elif shape.type_name == "list":
        item = shape.member.serialization.get("name", "member")
        for child in element:
            if local(child.tag) != item:
                yield f"{path}: <{local(child.tag)}> where <{item}> belongs"
            yield from check_element(shape.member, child, f"{path}.{item}")
    elif shape.type_name == "map":
        for child in element:
            if [local(part.tag) for part in child] != ["key", "value"]:
                yield f"{path}: an entry is not made of key and value"
            else:
                yield from check_element(shape.value, child[1], f"{path}.{child[0].text}")
    elif len(element):
        yield f"{path}: elements inside a {shape.type_name}"
    elif shape.type_name in ("integer", "long") and not re.fullmatch(r"-?\d+", element.text or ""):
        yield f"{path}: {element.text!r} is no number"
    elif shape.type_name == "boolean" and element.text not in ("true", "false"):
        yield f"{path}: {element.text!r} is no boolean"
    elif shape.type_name == "timestamp" and not re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z", element.text or ""):
        yield f"{path}: {element.text!r} is no time"


def expected_status(shape, code, is_rest):
    if shape is not None:
        error = shape.metadata.get("error", {})
        return error.get("httpStatusCode", 500 if shape.metadata.get("fault") else 400)
    if is_rest:
        return {"ThrottlingException": 429, "ValidationException": 400,
                "UnknownOperationException": 404, "InternalFailure": 500}.get(code, 403)
    return 500 if code == "InternalFailure" else 400


def check_json_answer(model, status, headers, body):
    document = json.loads(body)
    if status < 300:
        if model.output_shape is None:
            if document != {}:
                yield f"{model.name} answers nothing, got {body[:80]!r}"
        else:
            yield from check_shape(model.output_shape, document, model.name)
        return
    is_rest = model.service_model.resolved_protocol == "rest-json"
    code = headers.get("x-amzn-errortype", "") if is_rest else document.get("__type", "")
    shapes = {shape.name: shape for shape in model.error_shapes}
    if code not in shapes and code not in COMMON_CODES:
        yield f"{model.name} does not answer {code!r}"
    if headers.get("x-amzn-errortype", "").split(":")[0] != code:
        yield f"x-amzn-ErrorType is {headers.get('x-amzn-errortype')!r}, __type {code!r}"
    if status != expected_status(shapes.get(code), code, is_rest):
        yield f"status {status} with {code}"
    if code in shapes:
        document.pop("__type", None)
        # Many models leave out that an exception has a message.
        if "message" not in shapes[code].members:
            document.pop("message", None)
        yield from check_shape(shapes[code], document, code)


def check_rest_xml_answer(model, status, headers, body):
    """The root is the output itself; errors are those of the query protocol."""
    root = xml.etree.ElementTree.fromstring(body)
    if status >= 300:
        if local(root.tag) != "ErrorResponse":
            yield f"the root is {root.tag}, not ErrorResponse"
        code = root.findtext("{*}Error/{*}Code")
        if code not in COMMON_CODES | {shape.error_code or shape.name
                                       for shape in model.error_shapes}:
            yield f"{model.name} does not answer {code!r}"
        if root.findtext("{*}RequestId") != headers.get("x-amzn-requestid"):
            yield f"request id {root.findtext('{*}RequestId')} in the body"
        return
    if local(root.tag) != model.output_shape.name:
        yield f"the root is {root.tag}, not {model.output_shape.name}"
    if status != model.http.get("responseCode", 200):
        yield f"status {status}"
    yield from check_element(model.output_shape, root, model.name)


def check_ec2_answer(model, status, headers, body):
    root = xml.etree.ElementTree.fromstring(body)
    if status >= 300:
        if local(root.tag) != "Response" or root.find("{*}Errors/{*}Error/{*}Code") is None:
            yield "an error of another form"
        return
    namespace = "{" + model.service_model.metadata["xmlNamespace"] + "}"
    if root.tag != f"{namespace}{model.name}Response":
        yield f"the root is {root.tag}"
    if root.findtext("{*}requestId") != headers.get("x-amzn-requestid"):
        yield f"request id {root.findtext('{*}requestId')} in the body"
    for child in list(root):
        if local(child.tag) == "requestId":
            root.remove(child)
    yield from check_element(model.output_shape, root, model.name)


def check_xml_answer(model, status, headers, body):
    root = xml.etree.ElementTree.fromstring(body)
    namespace = "{" + model.service_model.metadata["xmlNamespace"] + "}"
    wanted = f"{model.name}Response" if status < 300 else "ErrorResponse"
    if root.tag != namespace + wanted:
        yield f"the root is {root.tag}, not {namespace + wanted}"
        return
    if status < 300:
        result = root.find(f"{namespace}{model.name}Result")
        if model.output_shape is None:
            if result is not None and len(result):
                yield f"{model.name} answers nothing"
        elif result is None:
            yield f"no {model.name}Result"
        else:
            yield from check_element(model.output_shape, result, model.name)
        request_id = root.findtext(f"{namespace}ResponseMetadata/{namespace}RequestId")
    else:
        code = root.findtext(f"{namespace}Error/{namespace}Code")
        known = COMMON_CODES | {shape.error_code or shape.name for shape in model.error_shapes}
        if code not in known:
            yield f"{model.name} does not answer {code!r}"
        kind = root.findtext(f"{namespace}Error/{namespace}Type")
        if kind != ("Receiver" if status >= 500 else "Sender"):
            yield f"{kind} with status {status}"
        request_id = root.findtext(f"{namespace}RequestId")
    if request_id != headers.get("x-amzn-requestid"):
        yield f"request id {request_id} in the body, {headers.get('x-amzn-requestid')} outside"


def check_answer(operation_model, response_dict, **_):
    """Before botocore reads an answer: is it one AWS could have sent?"""
    status, body = response_dict["status_code"], response_dict["body"]
    headers = {name.lower(): value for name, value in response_dict["headers"].items()}
    protocol = operation_model.service_model.resolved_protocol
    problems = []
    if not UUID.match(headers.get("x-amzn-requestid", "")):
        problems.append(f"x-amzn-RequestId is {headers.get('x-amzn-requestid')!r}")
    if "date" not in headers:
        problems.append("no Date header")
    version = operation_model.service_model.metadata.get("jsonVersion", "1.1")
    wanted = {"json": f"application/x-amz-json-{version}",
              "rest-json": "application/json"}.get(protocol, "text/xml")
    if not headers.get("content-type", "").startswith(wanted):
        problems.append(f"Content-Type is {headers.get('content-type')!r}")
    check = {"query": check_xml_answer, "ec2": check_ec2_answer,
             "rest-xml": check_rest_xml_answer}.get(protocol, check_json_answer)
    problems += check(operation_model, status, headers, body)
    if problems:
        raise AnswerProblems(f"{operation_model.name}, status {status}:\n  "
                             + "\n  ".join(problems) + f"\n{body.decode(errors='replace')[:2000]}")


def client(service, endpoint, access_key="testing", secret_key="testing", session_token=None,
           checked=True, **config):
    """A boto3 client that tries once and checks each answer against the AWS model."""
    config.setdefault("retries", {"total_max_attempts": 1})
    session = boto3.session.Session(access_key, secret_key, session_token, REGION)
    made = session.client(service, endpoint_url=endpoint, config=botocore.config.Config(
        connect_timeout=5, read_timeout=20, proxies={}, **config))
    if checked:
        made.meta.events.register("before-parse", check_answer)
    return made


# ---- The AWS CLI ------------------------------------------------------------------------------

class CliResult:
    def __init__(self, arguments, finished):
        self.arguments = arguments
        self.status = finished.returncode
        self.stdout = finished.stdout.decode()
        self.stderr = finished.stderr.decode()

    @property
    def json(self):
        return json.loads(self.stdout)

    def __repr__(self):
        return (f"{' '.join(map(str, self.arguments))}: exit {self.status}\n"
                f"--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}")


def run(arguments, env, seconds=50, stdin=None, cwd=None):
    arguments = [str(word) for word in arguments]
    return CliResult(arguments, subprocess.run(
        arguments, env=env, capture_output=True, timeout=seconds, input=stdin or b"",
        cwd=cwd or HOME, check=False))


def aws(endpoint, *arguments, seconds=50, **env):
    """`aws ARGUMENTS` of the pinned CLI, as anyone would run it."""
    return run([PYTHON_BIN / "aws", *arguments], environment(endpoint, **env), seconds)


def slipway(endpoint, *arguments, seconds=50, cwd=None, **env):
    return run([SLIPWAY, *arguments], environment(endpoint, **env), seconds, cwd=cwd)


# ---- A proxy that writes down what passes -----------------------------------------------------

class Call:
    """One request that slipway made."""

    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body
        self.service, self.operation = "", ""
        if "x-amz-target" in headers:
            self.operation = headers["x-amz-target"].rsplit(".", 1)[1]
        scope = re.search(r"Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request",
                          headers.get("authorization", ""))
        if scope:
            self.service = scope.group(1)

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.service}:{self.operation} {self.body.decode(errors='replace')[:300]}"


class Recorder:
    """An HTTP server in front of another one. It hands requests on as they are and keeps them."""

    def __init__(self, target):
        self.calls = []
        self.connections = 0
        recorder = self
        host, port = target.removeprefix("http://").split(":")

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def setup(self):
                super().setup()
                recorder.connections += 1
                self.upstream = http.client.HTTPConnection(host, int(port), timeout=30)

            def finish(self):
                self.upstream.close()
                super().finish()

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                lower = {name.lower(): value for name, value in self.headers.items()}
                recorder.calls.append(Call(self.command, self.path, lower, body))
                self.upstream.request(self.command, self.path, body, dict(self.headers.items()))
                answer = self.upstream.getresponse()
                content = answer.read()
                self.send_response_only(answer.status, answer.reason)
                for name, value in answer.getheaders():
                    if name.lower() not in ("connection", "transfer-encoding", "content-length"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_PUT = do_POST

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def operations(self):
        return [call.operation for call in self.calls]

    def of(self, operation):
        return [call.json for call in self.calls if call.operation == operation]


_models = botocore.session.Session()


def check_request(call, allowed_unknown=()):
    """What botocore would refuse about an awsJson request: unknown members, wrong types, missing
    required members, headers that do not belong. `allowed_unknown` are members we planted."""
    model = _models.get_service_model(call.service).operation_model(call.operation)
    document = without(call.json, allowed_unknown)
    report = botocore.validate.ParamValidator().validate(document, model.input_shape)
    problems = [report.generate_report()] if report.has_errors() else []
    metadata = model.service_model.metadata
    for name, wanted in (
            ("content-type", f"application/x-amz-json-{metadata['jsonVersion']}"),
            ("x-amz-target", f"{metadata['targetPrefix']}.{call.operation}"),
            ("content-length", str(len(call.body)))):
        if call.headers.get(name) != wanted:
            problems.append(f"{name}: {call.headers.get(name)!r} instead of {wanted!r}")
    return problems


def without(value, names):
    if isinstance(value, dict):
        return {key: without(item, names) for key, item in value.items() if key not in names}
    if isinstance(value, list):
        return [without(item, names) for item in value]
    return value


def check_signature(call, secret_key):
    """Signs the recorded request again, with botocore, and compares."""
    authorization = call.headers.get("authorization", "")
    found = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request"
                         r", ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})", authorization)
    if not found:
        return [f"Authorization is {authorization!r}"]
    access_key, _, region, service, names, _ = found.groups()
    signed = names.split(";")
    problems = [f"{name} is not signed" for name in call.headers
                if (name.startswith("x-amz-") or name in ("host", "content-type"))
                and name not in signed]
    request = botocore.awsrequest.AWSRequest(
        method=call.method, url=f"http://{call.headers['host']}{call.path}", data=call.body,
        headers={name: call.headers[name] for name in signed if name != "x-amz-security-token"})
    moment = datetime.datetime.strptime(call.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
    signer = botocore.auth.SigV4Auth(
        botocore.credentials.Credentials(access_key, secret_key,
                                         call.headers.get("x-amz-security-token")),
        service, region)
    with unittest.mock.patch("botocore.auth.get_current_datetime", return_value=moment):
        signer.add_auth(request)
    ours = authorization.replace(" ", "").rsplit("Signature=", 1)[1]
    theirs = request.headers["Authorization"].rsplit("Signature=", 1)[1]
    if ours != theirs:
        problems.append(f"signature {ours}, botocore's is {theirs}")
    return problems
