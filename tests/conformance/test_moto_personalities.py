"""The ecs-deploy and ecs-task command lines against moto: what they sent and what moto kept of it.
botocore judges every request, as in test_moto."""

import json

from harness import client
from test_moto import MotoCase


class EcsDeploy(MotoCase):
    def test_a_new_image_of_a_service_that_wants_no_tasks(self):
        # moto starts no tasks for a service; with none wanted there is none to wait for.
        self.one_service()
        result = self.slipway("ecs-deploy", "-c", self.cluster, "-n", "web", "-i",
                              "registry.example/shop:2", "-D", "0", "--skip-deployments-check")
        new = self.running("web")
        self.assert_moved_along(self.family, self.old, new, "registry.example/shop:2")
        self.assertIn(new, result.stdout)
        self.assertEqual(self.recorder.operations()[:4], [
            "DescribeServices", "DescribeTaskDefinition", "RegisterTaskDefinition",
            "UpdateService"])
        [update] = self.recorder.of("UpdateService")
        self.assertEqual(update["desiredCount"], 0)
        self.assertNotIn("deploymentConfiguration", update)

    def test_a_definition_without_a_service(self):
        family = f"job-{self.unique}"
        old = self.register(family)
        self.slipway("ecs-deploy", "-d", family, "-i", "registry.example/shop:2")
        self.assertEqual(self.recorder.operations(),
                         ["DescribeTaskDefinition", "RegisterTaskDefinition"])
        self.assert_moved_along(family, old, self.revisions(family)[-1],
                                "registry.example/shop:2")

    def test_a_task_is_run_from_either_form_of_network_configuration(self):
        family = f"job-{self.unique}"
        self.register(family)
        shorthand = (f"awsvpcConfiguration={{subnets=[{self.subnet}],"
                     f"securityGroups=[{self.group}],assignPublicIp=ENABLED}}")
        as_json = json.dumps({"awsvpcConfiguration": {
            "subnets": [self.subnet], "securityGroups": [self.group],
            "assignPublicIp": "ENABLED"}})
        for form in (shorthand, as_json):
            self.slipway("ecs-deploy", "-c", self.cluster, "-d", family, "-i",
                         "registry.example/shop:2", "--run-task", "--launch-type", "FARGATE",
                         "--network-configuration", form)
        first, second = self.recorder.of("RunTask")
        for run in (first, second):
            self.assertTrue(run.pop("clientToken"))
            run.pop("taskDefinition")
        self.assertEqual(first, second)
        self.assertEqual(first["networkConfiguration"], json.loads(as_json))

    def test_old_revisions_are_pruned(self):
        family = f"job-{self.unique}"
        for _ in range(4):
            self.register(family)
        self.slipway("ecs-deploy", "-d", family, "-i", "registry.example/shop:2",
                     "--max-definitions", "2")
        self.assertEqual([arn.rsplit(":")[-1] for arn in self.revisions(family)], ["4", "5"])


class EcsTask(MotoCase):
    def setUp(self):
        super().setUp()
        self.events = client("events", self.moto.url, checked=False)
        self.sns = client("sns", self.moto.url, checked=False)
        self.family = f"web-{self.unique}"
        self.create_service("web", self.register(self.family))
        self.rule = f"nightly-{self.unique}"
        self.events.put_rule(Name=self.rule, ScheduleExpression="rate(1 day)")
        self.topic = self.sns.create_topic(Name=f"deploys-{self.unique}")["TopicArn"]
        self.write("ecs-task.yml", f"""\
            version: v1
            kind: task-classes
            classes:
              - name: Web
                sns_notification_topic_arn: {self.topic}
                active_task_count: 2
                task_definition:
                  family: {self.family}
                  networkMode: awsvpc
                  requiresCompatibilities: [FARGATE]
                  cpu: 256
                  memory: 512
                  executionRoleArn: arn:aws:iam::123456789012:role/execution
                  containerDefinitions:
                    - {{name: app, image: "registry.example/shop:{{image_tag}}", essential: true}}
                run_tasks:
                  - cluster: {self.cluster}
                    launchType: FARGATE
                    networkConfiguration:
                      awsvpcConfiguration: {{subnets: [{self.subnet}]}}
                update_services:
                  - {{service: web, cluster: {self.cluster}}}
                events__put_targets:
                  - Rule: {self.rule}
                    Targets:
                      - Id: web
                        Arn: arn:aws:ecs:eu-west-1:123456789012:cluster/{self.cluster}
                        RoleArn: arn:aws:iam::123456789012:role/events
                        EcsParameters: {{TaskCount: 1}}
            """)

    def target(self):
        [target] = self.events.list_targets_by_rule(Rule=self.rule)["Targets"]
        return target["EcsParameters"]["TaskDefinitionArn"]

    def test_deploy_and_rollback(self):
        self.slipway("ecs-task", "deploy", "2")
        self.assertEqual([name for name in self.recorder.operations() if name != "Publish"], [
            "RegisterTaskDefinition", "RunTask", "UpdateService", "PutTargets",
            "ListTaskDefinitions"])
        [registered] = self.recorder.of("RegisterTaskDefinition")
        self.assertEqual(registered["containerDefinitions"][0]["image"],
                         "registry.example/shop:2")
        self.assertEqual(registered["cpu"], "256")
        second = self.running("web")
        self.assertTrue(second.endswith(f"{self.family}:2"), second)
        self.assertEqual(self.target(), second)

        self.slipway("ecs-task", "deploy", "3")
        self.assertEqual([arn.rsplit(":")[-1] for arn in self.revisions(self.family)], ["2", "3"])

        self.slipway("ecs-task", "rollback")
        self.assertEqual(self.running("web"), second)
        self.assertEqual(self.target(), second)
        self.assertEqual(self.revisions(self.family), [second])

    def test_what_is_announced(self):
        self.slipway("ecs-task", "deploy", "2")
        published = [call for call in self.recorder.calls if call.service == "sns"]
        self.assertEqual(len(published), 3)
        for call in published:
            self.assertIn(b"Action=Publish&", call.body + b"&")
