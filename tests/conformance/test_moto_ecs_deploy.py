"""The ecs-deploy command line against moto: what it sent and what moto kept of it. botocore judges
every request, as in test_moto."""

import json

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
