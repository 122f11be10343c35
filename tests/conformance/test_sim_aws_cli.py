"""The unmodified AWS CLI drives the simulator, as an operator types it."""

import json
import re
import unittest

from harness import HOME, Simulator, TestCase, aws

NETWORK = "awsvpcConfiguration={subnets=[subnet-0a1],securityGroups=[sg-0c3]}"
CONTAINERS = json.dumps([{
    "name": "app", "image": "registry.example/shop:1", "essential": True,
    "environment": [{"name": "GREETING", "value": "„Grüße“ \U0001f680"}],
    "portMappings": [{"containerPort": 8080}]}])


class CliCase(TestCase):
    seconds = 120
    speed = 120
    arguments = ()

    @classmethod
    def setUpClass(cls):
        cls.simulator = Simulator(*cls.arguments, speed=cls.speed)
        cls.addClassCleanup(cls.simulator.stop)

    def aws(self, *arguments, **env):
        """Its output as JSON, or as text where it is none."""
        result = aws(self.simulator.url, *arguments, **env)
        self.assertEqual(result.status, 0, repr(result))
        self.assertEqual(result.stderr, "", repr(result))
        return result.json if result.stdout.startswith(("{", "[")) else result.stdout

    def refused(self, code, message, *arguments, **env):
        """The call ends with exit status 255 and AWS's error in the CLI's words."""
        result = aws(self.simulator.url, *arguments, AWS_MAX_ATTEMPTS="1", **env)
        self.assertEqual(result.status, 255, repr(result))
        self.assertRegex(result.stderr.strip(), rf"An error occurred \({code}\) when calling the "
                         rf"\w+ operation: {re.escape(message)}$", repr(result))

    def register(self, family):
        return self.aws(
            "ecs", "register-task-definition", "--family", family, "--network-mode", "awsvpc",
            "--requires-compatibilities", "FARGATE", "--cpu", "256", "--memory", "512",
            "--execution-role-arn", "arn:aws:iam::123456789012:role/execution",
            "--container-definitions", CONTAINERS)["taskDefinition"]["taskDefinitionArn"]


class Operator(CliCase):
    def test_a_service_from_birth_to_death(self):
        self.aws("ecs", "create-cluster", "--cluster-name", "cli")
        first = self.register("cli-web")
        made = self.aws(
            "ecs", "create-service", "--cluster", "cli", "--service-name", "web",
            "--task-definition", first, "--desired-count", "1", "--launch-type", "FARGATE",
            "--network-configuration", NETWORK, "--deployment-configuration",
            "deploymentCircuitBreaker={enable=true,rollback=true}",
            "--tags", "key=team,value=blue")
        self.assertEqual(made["service"]["deployments"][0]["rolloutState"], "IN_PROGRESS")
        # The CLI's waiter asks every 15 seconds, half an hour here.
        self.assertEqual(self.aws("ecs", "wait", "services-stable", "--cluster", "cli",
                                  "--services", "web"), "")

        second = self.register("cli-web")
        updated = self.aws("ecs", "update-service", "--cluster", "cli", "--service", "web",
                           "--task-definition", "cli-web")
        self.assertEqual(updated["service"]["taskDefinition"], second)
        self.assertEqual([d["status"] for d in updated["service"]["deployments"]],
                         ["PRIMARY", "ACTIVE"])
        listed = self.eventually(
            lambda: self.aws("ecs", "list-service-deployments", "--cluster", "cli", "--service",
                             "web", "--status", "SUCCESSFUL", "--query",
                             "serviceDeployments[].serviceDeploymentArn"),
            "a successful deployment is listed")
        described = self.aws("ecs", "describe-service-deployments", "--service-deployment-arns",
                             listed[0])
        revision = described["serviceDeployments"][0]["targetServiceRevision"]["arn"]
        revisions = self.aws("ecs", "describe-service-revisions", "--service-revision-arns",
                             revision)
        self.assertIn(revisions["serviceRevisions"][0]["taskDefinition"], (first, second))

        events = self.aws("ecs", "describe-services", "--cluster", "cli", "--services", "web",
                          "--include", "TAGS", "--query", "services[0].[events[].message, tags]")
        self.assertIn("(service web) has reached a steady state.", events[0])
        self.assertEqual(events[1], [{"key": "team", "value": "blue"}])

        self.refused("InvalidParameterException",
                     "The service cannot be stopped while it is scaled above 0.",
                     "ecs", "delete-service", "--cluster", "cli", "--service", "web")
        gone = self.aws("ecs", "delete-service", "--cluster", "cli", "--service", "web", "--force")
        self.assertEqual(gone["service"]["status"], "DRAINING")

    def test_a_one_off_task(self):
        self.aws("ecs", "create-cluster", "--cluster-name", "tasks")
        self.register("cli-task")
        ran = self.aws("ecs", "run-task", "--cluster", "tasks", "--task-definition", "cli-task",
                       "--launch-type", "FARGATE", "--network-configuration", NETWORK,
                       "--started-by", "operator", "--overrides",
                       '{"containerOverrides":[{"name":"app","command":["migrate"]}]}')
        self.assertEqual(ran["failures"], [])
        [task] = [task["taskArn"] for task in ran["tasks"]]
        self.assertEqual(self.aws("ecs", "list-tasks", "--cluster", "tasks", "--started-by",
                                  "operator")["taskArns"], [task])
        self.aws("ecs", "wait", "tasks-running", "--cluster", "tasks", "--tasks", task)
        self.aws("ecs", "stop-task", "--cluster", "tasks", "--task", task, "--reason", "enough")
        self.aws("ecs", "wait", "tasks-stopped", "--cluster", "tasks", "--tasks", task)
        text = self.aws("ecs", "describe-tasks", "--cluster", "tasks", "--tasks", task, "--query",
                        "tasks[0].[lastStatus,stopCode,stoppedReason]", "--output", "text")
        self.assertEqual(text.split("\t"), ["STOPPED", "UserInitiated", "enough\n"])

    def test_definitions_clusters_tags_and_settings(self):
        made = self.aws("ecs", "create-cluster", "--cluster-name", "misc", "--settings",
                        "name=containerInsights,value=enabled")["cluster"]["clusterArn"]
        self.assertIn(made, self.aws("ecs", "list-clusters")["clusterArns"])
        for revision in (1, 2):
            self.assertTrue(self.register("cli-misc").endswith(f":{revision}"))
        shown = self.aws("ecs", "describe-task-definition", "--task-definition", "cli-misc")
        self.assertEqual(shown["taskDefinition"]["containerDefinitions"][0]["environment"],
                         [{"name": "GREETING", "value": "„Grüße“ \U0001f680"}])
        self.aws("ecs", "deregister-task-definition", "--task-definition", "cli-misc:1")
        listed = self.aws("ecs", "list-task-definitions", "--family-prefix", "cli-misc",
                          "--page-size", "1")["taskDefinitionArns"]
        self.assertEqual([arn.rsplit("/")[-1] for arn in listed], ["cli-misc:2"])
        self.aws("ecs", "delete-task-definitions", "--task-definitions", "cli-misc:1")
        self.aws("ecs", "tag-resource", "--resource-arn", made, "--tags", "key=a,value=b")
        self.assertEqual(self.aws("ecs", "list-tags-for-resource", "--resource-arn", made)["tags"],
                         [{"key": "a", "value": "b"}])
        self.aws("ecs", "untag-resource", "--resource-arn", made, "--tag-keys", "a")
        self.aws("ecs", "put-account-setting", "--name", "containerInsights", "--value", "enabled")
        settings = self.aws("ecs", "list-account-settings", "--effective-settings")["settings"]
        self.assertIn("containerInsights", [setting["name"] for setting in settings])
        self.assertEqual(self.aws("ecs", "delete-cluster", "--cluster", "misc")
                         ["cluster"]["status"], "INACTIVE")

    def test_errors_reach_the_operator_word_for_word(self):
        self.refused("ClusterNotFoundException", "Cluster not found.",
                     "ecs", "list-services", "--cluster", "nowhere")
        self.refused("ClientException", "Unable to describe task definition.",
                     "ecs", "describe-task-definition", "--task-definition", "nowhere")
        self.aws("ecs", "create-cluster", "--cluster-name", "errors")
        self.refused("ServiceNotFoundException", "Service not found.", "ecs", "update-service",
                     "--cluster", "errors", "--service", "nowhere")
        missing = self.aws("ecs", "describe-services", "--cluster", "errors", "--services", "x")
        self.assertEqual(missing["failures"][0]["reason"], "MISSING")
        result = aws(self.simulator.url, "ecs", "wait", "services-stable", "--cluster", "errors",
                     "--services", "x")
        self.assertEqual(result.status, 255, repr(result))
        self.assertIn("Waiter ServicesStable failed", result.stderr)

    def test_who_am_i_and_a_profile_with_a_role(self):
        me = self.aws("sts", "get-caller-identity")
        config = HOME / "config"
        config.write_text(
            "[profile deploy]\nrole_arn = arn:aws:iam::%s:role/deploy\nrole_session_name = cli\n"
            "credential_source = Environment\n" % me["Account"])
        as_role = self.aws("sts", "get-caller-identity", "--profile", "deploy",
                           AWS_CONFIG_FILE=str(config))
        self.assertEqual(as_role["Arn"],
                         f"arn:aws:sts::{me['Account']}:assumed-role/deploy/cli")


if __name__ == "__main__":
    unittest.main()
