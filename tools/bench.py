#!/usr/bin/env python3
"""The table of speed and thrift: what a release costs, as counts and ratios.

    ./dev bench                    everything
    ./dev bench one fifty          only these parts
    ./dev bench --peers DIR peers  beside the tools that slipway replaces, where DIR has them:
                                   `ecs-deploy` (the bash script; it wants the AWS CLI and jq) and
                                   `ecs_task.py` or `ecs_task/` (the Python module; it wants boto3)

Everything runs on this machine against `slipway sim serve` on a loopback port, in real time unless
said otherwise. CPU and memory are the kernel's own count of the child (wait4). Wall times are given
for what they are worth on a shared machine; where a time matters it stands beside something else
that was measured in the same run.
"""
import datetime
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

BINARY = os.path.abspath(sys.argv[1])
WANTED = sys.argv[2:]
PEERS = None
if "--peers" in WANTED:
    PEERS = os.path.abspath(WANTED.pop(WANTED.index("--peers") + 1))
    WANTED.remove("--peers")
RESULTS = []


def run(arguments, environment=None, cwd=None, program=(BINARY,)):
    """The child's exit status, output, CPU milliseconds and peak memory in MB.

    Started through time(1): memory is counted from the fork on, and this interpreter is not small.
    CPU is that of the child and of everything it started and waited for.
    """
    with tempfile.NamedTemporaryFile("r") as peak, tempfile.TemporaryFile() as err:
        start = time.monotonic()
        child = subprocess.Popen(["/usr/bin/time", "-q", "-o", peak.name, "-f", "%M", *program, *arguments],
                                 stdout=subprocess.PIPE, stderr=err, env=environment, cwd=cwd)
        out = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        err.seek(0)
        return {"status": child.returncode, "out": out.decode(), "err": err.read().decode(),
                "cpu_ms": (usage.ru_utime + usage.ru_stime) * 1000,
                "peak_mb": int(peak.read().split()[-1]) / 1024, "wall": wall}


def row(what, measured, goal, ok):
    RESULTS.append(ok)
    print(f"{'ok ' if ok else 'NO '} {what:<58} {measured:<34} goal: {goal}", flush=True)


def scenario(services, rollout_seconds, throttling="documented", image="ok", same_family=False):
    """N services of one task each, whose rollout completes so many seconds after the update."""
    lines = ["scenario: 1", "clusters: {prod: {}}", f"throttling: {throttling}",
             # A tick per second and tasks that are healthy at once: what is left is the rollout time.
             "knobs: {t_tick: 1s, t_provision: 1s, t_pending: 0s, t_pull: %ds, t_start: 0s, "
             "t_healthy_no_lb: 0s, t_exit: 0s, t_deprovision: 0s}" % max(1, rollout_seconds - 4),
             "task_definitions:"]
    for i in range(1 if same_family else services):
        lines.append(f"- {{family: s{i}, requiresCompatibilities: [FARGATE], networkMode: awsvpc, cpu: '256', "
                     f"memory: '512', containerDefinitions: [{{name: app, image: 'registry.example/s{i}:1'}}]}}")
    lines.append("services:")
    for i in range(services):
        family = "s0" if same_family else f"s{i}"
        lines.append(f"- {{serviceName: s{i}, cluster: prod, taskDefinition: {family}, desiredCount: 1, "
                     "launchType: FARGATE, deploymentConfiguration: {deploymentCircuitBreaker: {enable: true, "
                     "rollback: true}}, networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1]}}}")
    if image != "ok":
        lines.append(f"images: [{{image: '*:2', pull: {image}}}]")
    return "\n".join(lines) + "\n"


def application(services):
    lines = ["slipway: 1", "cluster: prod", "services:"]
    lines += [f"  s{i}: {{containers: [app]}}" for i in range(services)]
    return "\n".join(lines) + "\n"


class Server:
    def __init__(self, text, speed=1):
        self.directory = tempfile.TemporaryDirectory()
        path = os.path.join(self.directory.name, "scenario.yml")
        with open(path, "w") as file:
            file.write(text)
        self.process = subprocess.Popen(
            [BINARY, "sim", "serve", "--port", "0", "--speed", str(speed), "--scenario", path,
             "--for", "20m"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        line = self.process.stdout.readline().decode()
        self.url = re.search(r"http://\S+", line).group(0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.directory.cleanup()

    def calls(self):
        with urllib.request.urlopen(self.url + "/_slipway/calls", timeout=10) as answer:
            return json.load(answer)

    def deploy(self, services, arguments=()):
        directory = self.directory.name
        with open(os.path.join(directory, "slipway.yml"), "w") as file:
            file.write(application(services))
        environment = {"PATH": os.environ["PATH"], "HOME": directory, "AWS_ENDPOINT_URL": self.url,
                       "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
                       "AWS_REGION": "eu-west-1"}
        return run(["deploy", "--tag", "2", "--output", "json", *arguments], environment, directory)


def events(result, type_name):
    found = []
    for line in result["out"].splitlines():
        event = json.loads(line)
        if event["type"] == type_name:
            found.append(event)
    return found


def seconds(at):
    return datetime.datetime.fromisoformat(at.replace("Z", "+00:00")).timestamp()


def total_calls(result):
    return events(result, "run_ended")[0]["data"]["api_calls"]


def throttled_calls(result):
    return events(result, "run_ended")[0]["data"]["throttled_calls"]


def bench_start():
    runs = [run(["version"]) for _ in range(20)]
    best = min(r["wall"] for r in runs) * 1000
    peak = max(r["peak_mb"] for r in runs)
    # For scale: what starting any process costs here and now.
    start = time.monotonic()
    for _ in range(20):
        subprocess.run(["/bin/true"], check=True)
    true_ms = (time.monotonic() - start) / 20 * 1000
    row("slipway version, best wall of 20", f"{best:.1f} ms ({best / true_ms:.1f} x /bin/true)", "7 ms", best <= 7)
    row("slipway version, peak memory", f"{peak:.1f} MB", "10 MB", peak <= 10)


def bench_one():
    with Server(scenario(1, 20)) as server:
        result = server.deploy(1)
    calls = total_calls(result)
    row("1 service, 20 s rollout, real time: CPU", f"{result['cpu_ms']:.0f} ms", "10 ms",
        result["status"] == 0 and result["cpu_ms"] <= 10)
    row("  peak memory", f"{result['peak_mb']:.1f} MB", "12 MB", result["peak_mb"] <= 12)
    row("  API calls", f"{calls}", "16", calls <= 16)


def bench_fifty():
    with Server(scenario(50, 20)) as server:
        result = server.deploy(50)
    calls = total_calls(result)
    throttled = throttled_calls(result)
    row("50 services, 20 s rollout, real time: CPU", f"{result['cpu_ms']:.0f} ms", "150 ms",
        result["status"] == 0 and result["cpu_ms"] <= 150)
    row("  peak memory", f"{result['peak_mb']:.1f} MB", "20 MB", result["peak_mb"] <= 20)
    row("  API calls", f"{calls}", "200", calls <= 200)
    row("  throttled calls", f"{throttled} ({100 * throttled / calls:.1f} %)", "2 %", throttled <= 0.02 * calls)
    row("  total time (the buckets allow 50 s)", f"{result['wall']:.1f} s", "55 s", result["wall"] <= 55)


def simulated(services, rollout_seconds, **more):
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "world.yml"), "w") as file:
            file.write(scenario(services, rollout_seconds, **more))
        with open(os.path.join(directory, "slipway.yml"), "w") as file:
            file.write(application(services))
        return run(["deploy", "--tag", "2", "--output", "json", "--sim", "world.yml"],
                   {"PATH": os.environ["PATH"], "HOME": directory}, directory)


def bench_many():
    for services in (1, 10, 50, 200, 500):
        result = simulated(services, 20)
        calls, throttled = total_calls(result), throttled_calls(result)
        elapsed = events(result, "run_ended")[0]["data"]["elapsed"]
        registers = services
        allowed = max(0, registers - 20) + 20
        if services == 1:
            allowed = 20
        # One family each: 20 registrations at once, then one a second; the last rolls out for 20 s.
        row(f"{services} services, documented buckets, virtual time",
            f"{calls} calls, {throttled} throttled, {elapsed:.0f} s", f"{allowed * 1.1 + 2:.0f} s, 2 %",
            result["status"] == 0 and throttled <= max(0.02 * calls, 0) and elapsed <= allowed * 1.1 + 2)


def bench_notice():
    """From stable on the server to said by the tool, in virtual time over many rollout lengths."""
    late = []
    calls = []
    for tenth in range(0, 40):
        result = simulated(1, 18 + tenth / 10 if tenth % 10 == 0 else 18 + tenth // 10)
        ended = events(result, "item_ended")[0]["at"]
        completed = [e for e in events(result, "service_event") if "steady state" in e["data"]["message"]]
        late.append(seconds(ended) - completed[-1]["data"]["createdAt"] / 1e6)
        calls.append(total_calls(result))
    row("stable on the server until said, mean and worst",
        f"{sum(late) / len(late):.2f} s, {max(late):.2f} s", "0.6 s, 1.5 s",
        sum(late) / len(late) <= 0.6 and max(late) <= 1.5)
    row("  most calls of those rollouts", f"{max(calls)}", "16 for one of 20 s", max(calls) <= 17)
    result = simulated(1, 300)
    looks = len([e for e in events(result, "call_made") if e["data"]["operation"] == "ecs:DescribeServices"])
    elapsed = events(result, "run_ended")[0]["data"]["elapsed"]
    row("five-minute rollout: seconds per look", f"{elapsed / looks:.1f} s ({looks} looks)", "3 s", elapsed / looks >= 3)


def bench_virtual():
    runs = [simulated(10, 600) for _ in range(5)]
    best = min(r["cpu_ms"] for r in runs)
    row("10 services, 10-minute release, simulated: CPU", f"{best:.0f} ms", "20 ms", best <= 20)


STORIES = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests", "golden")
FIVE_STEPS = ("steps: [{weight: 20, bake: 6m}, {weight: 40, bake: 6m}, {weight: 60, bake: 6m}, "
              "{weight: 80, bake: 6m}, {weight: 100, bake: 6m}]")


def simulated_story(story):
    """The canary of a golden folder, with five steps over thirty minutes in the place of its own."""
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(STORIES, story, "scenario.yml")) as file:
            world = file.read()
        with open(os.path.join(STORIES, story, "slipway.yml")) as file:
            release = re.sub(r"steps: \[[^\]]*\]", FIVE_STEPS, file.read())
        with open(os.path.join(directory, "world.yml"), "w") as file:
            file.write(world)
        with open(os.path.join(directory, "slipway.yml"), "w") as file:
            file.write(release)
        return run(["deploy", "--tag", "2", "--output", "json", "--sim", "world.yml"],
                   {"PATH": os.environ["PATH"], "HOME": directory}, directory)


def looks_of(result, operation):
    """Virtual seconds at which the calls of an operation ended."""
    return [seconds(event["at"]) for event in events(result, "call_made")
            if event["data"]["operation"] == operation]


def usual_gap(times, asked_at_once=1):
    """Seconds from one look to the next, where each look is so many calls."""
    gaps = sorted(later - earlier for earlier, later in zip(times, times[asked_at_once:]))
    return gaps[len(gaps) // 2]


def bench_canary():
    """Five steps over thirty minutes in virtual time, for each way to move traffic."""
    for mover, story in (("dns", "canary-dns-succeeds"), ("alb", "canary-alb-succeeds"),
                         ("ecs", "ecs-canary-succeeds")):
        runs = [simulated_story(story) for _ in range(5)]
        steps = len(events(runs[0], "step_started"))
        best = min(r["cpu_ms"] for r in runs)
        peak = max(r["peak_mb"] for r in runs)
        row(f"canary by {mover}, {steps} steps over 30 minutes, simulated: CPU", f"{best:.0f} ms", "50 ms",
            runs[0]["status"] == 0 and steps == 5 and best <= 50)
        row("  peak memory", f"{peak:.1f} MB", "40 MB", peak < 40)
        # What is computed between the waits, the simulated AWS included.
        row("  CPU per step", f"{best / steps:.1f} ms", "100 ms", best / steps < 100)
    result = simulated_story("canary-alb-succeeds")
    gap = usual_gap(looks_of(result, "elasticloadbalancing:DescribeTargetHealth"))
    row("canary by alb: seconds per look at one target group", f"{gap:.1f} s", "5 s", gap >= 5)


def bench_crd():
    """The looks of a release of ecs-crd at its stacks and at the targets of its two groups."""
    example = os.path.join(os.path.dirname(os.path.dirname(STORIES)), "examples", "canary", "stage.deploy.yml")
    with tempfile.TemporaryDirectory() as directory:
        result = run(["ecs-crd", "deploy", "-f", example, "--output", "json", "--sim"],
                     {"PATH": os.environ["PATH"], "HOME": directory}, directory)
    gap = usual_gap(looks_of(result, "cloudformation:DescribeStackEvents"))
    row("ecs-crd: seconds per look at a stack that is made", f"{gap:.1f} s", "5 s",
        result["status"] == 0 and gap >= 5)
    gap = usual_gap(looks_of(result, "elasticloadbalancing:DescribeTargetHealth"), asked_at_once=2)
    row("  seconds per look at each of two target groups", f"{gap:.1f} s", "5 s", gap >= 5)
    row("  CPU, simulated", f"{result['cpu_ms']:.0f} ms", "50 ms", result["cpu_ms"] <= 50)
    row("  peak memory", f"{result['peak_mb']:.1f} MB", "40 MB", result["peak_mb"] < 40)


def bench_prune():
    """The first pruning of a family that nobody has pruned for years, in virtual time."""
    lines = ["scenario: 1", "clusters: {prod: {}}", "throttling: documented", "task_definitions:"]
    lines += [f"- {{family: s0, containerDefinitions: [{{name: app, memory: 64, image: 'r/s0:{i}'}}]}}"
              for i in range(250)]
    lines.append("services: [{serviceName: s0, cluster: prod, taskDefinition: s0, desiredCount: 0}]")
    with tempfile.TemporaryDirectory() as directory:
        with open(os.path.join(directory, "world.yml"), "w") as file:
            file.write("\n".join(lines) + "\n")
        result = run(["ecs-deploy", "-c", "prod", "-n", "s0", "-i", "r/s0:new", "--max-definitions", "2", "-v",
                      "--sim=world.yml"], {"PATH": os.environ["PATH"], "HOME": directory}, directory)
    gone = result["out"].count("Deregistered: ")
    repeated = len(re.findall(r"\d+ attempts", result["err"]))
    row("pruning 249 of 251 revisions, documented buckets, virtual time",
        f"{gone} deregistered, {repeated} throttled, {result['cpu_ms']:.0f} ms CPU", "249, 0 throttled",
        result["status"] == 0 and gone == 249 and repeated == 0)


def bench_peers():
    """One service, one image, 20 s rollout, in real time against the same server: CPU side by side."""
    peers = {"ecs-deploy": ("the bash script", 25), "ecs_task": ("the Python module", 10)}
    for name, (what, factor) in peers.items():
        found = PEERS and next((path for path in (os.path.join(PEERS, name), os.path.join(PEERS, name + ".py"))
                                if os.path.exists(path)), None)
        if not found:
            print(f"-   {name}, {what}: not measured, because "
                  + (f"{PEERS} has no {name}" if PEERS else "no --peers DIR was given"), flush=True)
            continue
        with Server(scenario(1, 20)) as server:
            directory = server.directory.name
            environment = {"PATH": os.environ["PATH"], "HOME": directory, "AWS_ENDPOINT_URL": server.url,
                           "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
                           "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1", "PYTHONPATH": PEERS}
            deploy = ["-c", "prod", "-n", "s0", "-t", "120", "-i"]
            if name == "ecs-deploy":
                program, arguments = (found,), [*deploy, "registry.example/s0:peer"]
            else:
                program, arguments = (sys.executable, "task.py"), ["deploy", "peer"]
                with open(os.path.join(directory, "task.py"), "w") as file:
                    file.write(PEER_TASK)
            peer = run(arguments, environment, directory, program)
            ours = run(["ecs-deploy", *deploy, "registry.example/s0:ours"], environment, directory)
        if peer["status"] != 0:
            print(peer["out"][-500:] + peer["err"][-500:], file=sys.stderr)
        row(f"1 service: CPU of slipway ecs-deploy and of {name}, {what}",
            f"{ours['cpu_ms']:.0f} ms, {peer['cpu_ms']:.0f} ms ({peer['cpu_ms'] / ours['cpu_ms']:.0f} x)",
            f"{factor} x", ours["status"] == 0 and peer["status"] == 0 and peer["cpu_ms"] >= factor * ours["cpu_ms"])


PEER_TASK = """
from ecs_task import ECSTask


class S0(ECSTask):
    task_definition = {
        'family': 's0', 'requiresCompatibilities': ['FARGATE'], 'networkMode': 'awsvpc', 'cpu': '256',
        'memory': '512', 'containerDefinitions': [{'name': 'app', 'image': 'registry.example/s0:{image_tag}'}]}
    update_services = [{'service': 's0', 'cluster': 'prod'}]


if __name__ == '__main__':
    S0().main()
"""


PARTS = {"start": bench_start, "one": bench_one, "fifty": bench_fifty, "many": bench_many,
         "notice": bench_notice, "virtual": bench_virtual, "canary": bench_canary, "crd": bench_crd,
         "prune": bench_prune, "peers": bench_peers}

if __name__ == "__main__":
    if os.environ.get("SLIPWAY_BENCH_LIST"):
        print(" ".join(PARTS))
        sys.exit(0)
    for name, part in PARTS.items():
        if not WANTED or name in WANTED:
            part()
    print(f"{sum(RESULTS)} passed, {len(RESULTS) - sum(RESULTS)} failed")
    sys.exit(0 if all(RESULTS) else 1)
