"""slipway against moto, an AWS that is not ours. A proxy in between keeps what slipway sends;
botocore's validator and signer judge every request. moto has no service scheduler: a deployment
stays in the state it was created in, so the services here are created COMPLETED
(MOTO_ECS_SERVICE_RUNNING) and what is asserted is what slipway asked for and what moto kept."""

import http.client
import json
import textwrap
import unittest
import uuid

from harness import (HOME, MotoServer, Recorder, TestCase, check_request, check_signature, client,
                     scratch, slipway)

SECRET = "testing"
PLANTED = "inventedTomorrow"  # a member no SDK of today knows


class MotoCase(TestCase):
    seconds = 90

    @classmethod
    def setUpClass(cls):
        cls.moto = MotoServer(MOTO_ECS_SERVICE_RUNNING="2")
        cls.addClassCleanup(cls.moto.stop)
        cls.ecs = client("ecs", cls.moto.url, checked=False)
        ec2 = client("ec2", cls.moto.url, checked=False)
        vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
        cls.subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        cls.group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]

    def setUp(self):
        super().setUp()
        self.unique = uuid.uuid4().hex[:8]
        self.cluster = f"c-{self.unique}"
        self.ecs.create_cluster(clusterName=self.cluster)
        self.recorder = Recorder(self.moto.url)
        self.addCleanup(self.recorder.stop)
        self.directory = scratch()

    def tearDown(self):
        for call in self.recorder.calls:
            with self.subTest(call=repr(call)):
                if call.service == "ecs":
                    self.assertEqual(check_request(call, (PLANTED,)), [])
                if call.headers["authorization"].split("Credential=")[1].startswith("testing/"):
                    self.assertEqual(check_signature(call, SECRET), [])

    def register(self, family, image="registry.example/shop:1"):
        """A definition with a member that no SDK knows, so it is sent by hand."""
        connection = http.client.HTTPConnection("127.0.0.1", self.moto.port, timeout=10)
        self.addCleanup(connection.close)
        connection.request("POST", "/", json.dumps({
            "family": family, "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
            "cpu": "256", "memory": "512", "tags": [{"key": "team", "value": "Größe"}],
            "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
            "containerDefinitions": [
                {"name": "app", "image": image, "essential": True, "memory": 128,
                 "restartPolicy": {"enabled": True}, "versionConsistency": "disabled",
                 "portMappings": [{"containerPort": 80, "name": "http", "appProtocol": "http2"}],
                 "environment": [{"name": "G", "value": "„Grüße“ \U0001f680"}],
                 PLANTED: {"deep": [1, 2.5, None, "x"]}},
                {"name": "sidecar", "image": "registry.example/sidecar:7", "memory": 64,
                 "essential": False}]}), {
            "X-Amz-Target": "AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition",
            "Content-Type": "application/x-amz-json-1.1", "Authorization":
            "AWS4-HMAC-SHA256 Credential=testing/20260101/eu-west-1/ecs/aws4_request, "
            "SignedHeaders=host, Signature=0"})
        answer = connection.getresponse()
        body = answer.read()
        self.assertEqual(answer.status, 200, body)
        return json.loads(body)["taskDefinition"]["taskDefinitionArn"]

    def create_service(self, name, task_definition, desired=2):
        self.ecs.create_service(
            cluster=self.cluster, serviceName=name, taskDefinition=task_definition,
            desiredCount=desired, launchType="FARGATE",
            networkConfiguration={"awsvpcConfiguration": {
                "subnets": [self.subnet], "securityGroups": [self.group]}})

    def running(self, name):
        [service] = self.ecs.describe_services(cluster=self.cluster, services=[name])["services"]
        return service["taskDefinition"]

    def revisions(self, family):
        return self.ecs.list_task_definitions(familyPrefix=family)["taskDefinitionArns"]

    def write(self, name, text):
        (self.directory / name).write_text(textwrap.dedent(text))

    def slipway(self, *arguments, status=0, **env):
        result = slipway(self.recorder.url, *arguments, cwd=self.directory, **env)
        self.assertEqual(result.status, status, repr(result))
        return result

    def one_service(self):
        """web on revision 1 of its family, and a file that wants its image's tag changed."""
        self.family = f"web-{self.unique}"
        self.old = self.register(self.family)
        self.create_service("web", self.old)
        self.write("slipway.yml", f"""\
            slipway: 1
            application: shop
            cluster: {self.cluster}
            services:
              web:
                image: {{app: "registry.example/shop:{{tag}}"}}
            """)

    def assert_moved_along(self, family, old, new, image):
        """The new revision is the old one with another image: nothing lost, nothing invented."""
        self.assertNotEqual(old, new)
        [registered] = [body for body in self.recorder.of("RegisterTaskDefinition")
                        if body["family"] == family]
        self.assertEqual([tag["value"] for tag in registered["tags"]], ["Größe"])
        described = self.raw_definition(old)
        for name in ("taskDefinitionArn", "revision", "status", "compatibilities",
                     "requiresAttributes", "registeredAt", "registeredBy"):
            self.assertNotIn(name, registered)
            described.pop(name, None)
        described["containerDefinitions"][0]["image"] = image
        self.assertEqual({name: value for name, value in registered.items() if name != "tags"},
                         described)
        # Whether moto keeps a member it does not know depends on its version; what it keeps must
        # survive, and that it did is part of the comparison above.

    def raw_definition(self, arn):
        """As moto sends it, before any SDK drops what it does not know."""
        kept = {}

        def keep(response_dict, **_):
            kept.update(json.loads(response_dict["body"]))

        fresh = client("ecs", self.moto.url, checked=False)
        fresh.meta.events.register("before-parse.ecs.DescribeTaskDefinition", keep)
        fresh.describe_task_definition(taskDefinition=arn)
        return kept["taskDefinition"]


class Native(MotoCase):
    def test_deploy_registers_the_new_image_and_updates_the_service(self):
        self.one_service()
        self.slipway("deploy", "--tag", "2", "--no-wait")
        new = self.running("web")
        self.assertEqual(self.revisions(self.family), [self.old, new])
        self.assert_moved_along(self.family, self.old, new, "registry.example/shop:2")
        [update] = self.recorder.of("UpdateService")
        self.assertEqual(update["service"].rsplit("/")[-1], "web")
        self.assertEqual(update["taskDefinition"], new)
        for untouched in ("desiredCount", "loadBalancers", "networkConfiguration",
                          "placementConstraints", "deploymentConfiguration"):
            self.assertNotIn(untouched, update)
        operations = self.recorder.operations()
        for operation in ("DescribeTaskDefinition", "RegisterTaskDefinition", "UpdateService"):
            self.assertEqual(operations.count(operation), 1, operations)
        self.assertLessEqual(len(operations), 8, operations)
        self.assertLessEqual(self.recorder.connections, 3)

    def test_deploying_the_same_again_registers_nothing(self):
        self.one_service()
        self.slipway("deploy", "--tag", "1", "--no-wait")
        self.assertEqual(self.running("web"), self.old)
        self.assertEqual(self.recorder.of("RegisterTaskDefinition"), [])

    def test_a_dry_run_and_a_plan_change_nothing(self):
        self.one_service()
        for arguments in (("plan", "--tag", "2"), ("deploy", "--tag", "2", "--dry-run")):
            with self.subTest(arguments=arguments):
                result = self.slipway(*arguments)
                self.assertIn("RegisterTaskDefinition", result.stdout)
                self.assertIn("UpdateService", result.stdout)
        self.slipway("plan", "--tag", "2", "--exit-code", status=3)
        self.slipway("plan", "--tag", "1", "--exit-code", status=0)
        self.assertEqual(self.running("web"), self.old)
        for operation in self.recorder.operations():
            self.assertTrue(operation.startswith(("Describe", "List", "Get")), operation)

    def test_services_that_share_a_definition_share_the_new_one(self):
        family = f"shared-{self.unique}"
        old = self.register(family)
        for name in ("web", "worker"):
            self.create_service(name, old)
        self.write("slipway.yml", f"""\
            slipway: 1
            application: shop
            cluster: {self.cluster}
            services:
              web: {{image: {{app: "registry.example/shop:{{tag}}"}}}}
              worker: {{image: {{app: "registry.example/shop:{{tag}}"}}}}
            """)
        self.slipway("deploy", "--tag", "2", "--no-wait")
        self.assertEqual(len(self.recorder.of("RegisterTaskDefinition")), 1)
        self.assertEqual(self.running("web"), self.running("worker"))
        self.assertEqual(len(self.revisions(family)), 2)

    def test_only_the_named_service(self):
        for name in ("web", "worker"):
            self.create_service(name, self.register(f"{name}-{self.unique}"))
        self.write("slipway.yml", f"""\
            slipway: 1
            application: shop
            cluster: {self.cluster}
            services:
              web: {{image: {{app: "registry.example/shop:{{tag}}"}}}}
              worker: {{image: {{app: "registry.example/shop:{{tag}}"}}}}
            """)
        before = self.running("worker")
        self.slipway("deploy", "--tag", "2", "--only", "web", "--no-wait")
        self.assertEqual(self.running("worker"), before)
        self.assertEqual(len(self.recorder.of("UpdateService")), 1)

    def test_status_shows_the_service(self):
        self.one_service()
        result = self.slipway("status")
        self.assertIn("web", result.stdout)
        self.assertIn(self.family, result.stdout)

    def test_what_does_not_exist_is_named(self):
        self.one_service()
        self.write("slipway.yml", """\
            slipway: 1
            application: shop
            cluster: nowhere
            services:
              web: {image: {app: "registry.example/shop:{tag}"}}
            """)
        result = slipway(self.recorder.url, "deploy", "--tag", "2", "--no-wait",
                         cwd=self.directory)
        self.assertNotIn(result.status, (0, 1), repr(result))
        self.assertIn("nowhere", result.stderr)
        self.assertEqual(self.recorder.of("RegisterTaskDefinition"), [])

    def test_a_role_from_a_profile_is_assumed_over_the_query_protocol(self):
        self.one_service()
        config = self.directory / "config"
        config.write_text("[profile deploy]\nrole_arn = arn:aws:iam::123456789012:role/deploy\n"
                          "role_session_name = conformance\nsource_profile = base\n"
                          "[profile base]\naws_access_key_id = testing\n"
                          f"aws_secret_access_key = {SECRET}\nregion = eu-west-1\n")
        env = {"AWS_CONFIG_FILE": str(config), "AWS_PROFILE": "deploy", "AWS_ACCESS_KEY_ID": "",
               "AWS_SECRET_ACCESS_KEY": "", "AWS_SHARED_CREDENTIALS_FILE": str(HOME / "none")}
        self.slipway("status", **env)
        [assume] = [call for call in self.recorder.calls if call.service == "sts"]
        self.assertIn(b"Action=AssumeRole&", assume.body + b"&")
        self.assertIn(b"RoleSessionName=conformance", assume.body)
        others = [call for call in self.recorder.calls if call.service == "ecs"]
        self.assertTrue(others)
        for call in others:
            self.assertIn("x-amz-security-token", call.headers)
            self.assertIn("x-amz-security-token", call.headers["authorization"])
            self.assertNotIn("Credential=testing/", call.headers["authorization"])


class EcsToolkit(MotoCase):
    def test_a_whole_application(self):
        migrate = f"migrate-{self.unique}"
        family = f"web-{self.unique}"
        self.register(migrate)
        old = self.register(family)
        self.create_service("web", old)
        self.write(".ecs-toolkit.yml", f"""\
            version: v1
            cluster: {self.cluster}
            tasks:
              pre:
                - family: {migrate}
                  count: 1
                  containers: [app]
                  launch_type: fargate
                  network_configuration:
                    vpc_configuration:
                      assign_public_ip: false
                      security_groups: [{self.group}]
                      subnets: [{self.subnet}]
            services:
              - name: web
                containers: [app]
                force: true
            """)
        # moto's deployment keeps the old definition for ever, so the rollout must not be believed;
        # what is compared here is what was sent up to there.
        result = self.slipway("ecs-toolkit", "deploy", "-t", "2", status=1)
        self.assertEqual(result.stdout, "")
        self.assertIn("total: 1, successful: 1, skipped: 0, failed: 0", result.stderr)
        self.assertIn("superseded", result.stderr)
        [run] = self.recorder.of("RunTask")
        self.assertEqual(run["count"], 1)
        self.assertEqual(run["launchType"], "FARGATE")
        self.assertIs(run["enableECSManagedTags"], True)
        self.assertEqual(run["propagateTags"], "TASK_DEFINITION")
        self.assertEqual(run["networkConfiguration"]["awsvpcConfiguration"], {
            "assignPublicIp": "DISABLED", "securityGroups": [self.group],
            "subnets": [self.subnet]})
        self.assertTrue(run["clientToken"])
        self.assertTrue(run["taskDefinition"].endswith(f"{migrate}:2"), run)
        new = self.running("web")
        self.assert_moved_along(family, old, new, "registry.example/shop:2")
        [update] = self.recorder.of("UpdateService")
        self.assertLessEqual(set(update), {"cluster", "service", "taskDefinition",
                                           "forceNewDeployment"})
        operations = self.recorder.operations()
        self.assertLess(operations.index("RunTask"), operations.index("UpdateService"))

    def test_a_missing_service_is_skipped(self):
        self.write(".ecs-toolkit.yml", f"""\
            version: v1
            cluster: {self.cluster}
            services:
              - {{name: nowhere, containers: [app]}}
            """)
        result = self.slipway("ecs-toolkit", "deploy", "-t", "2")
        self.assertIn("total: 1, successful: 0, skipped: 1, failed: 0", result.stderr)
        self.assertEqual(self.recorder.of("UpdateService"), [])

    def test_a_family_that_does_not_exist_ends_the_run(self):
        self.write(".ecs-toolkit.yml", f"""\
            version: v1
            cluster: {self.cluster}
            tasks:
              pre:
                - {{family: nowhere, count: 1, containers: [app]}}
            services:
              - {{name: web, containers: [app]}}
            """)
        result = self.slipway("ecs-toolkit", "deploy", "-t", "2", status=1)
        self.assertIn("total: 1, successful: 0, skipped: 0, failed: 1", result.stderr)
        self.assertEqual(self.recorder.of("RunTask"), [])
        self.assertEqual(self.recorder.of("UpdateService"), [])


if __name__ == "__main__":
    unittest.main()
