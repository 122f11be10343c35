"""Unmodified boto3 and the AWS CLI drive the simulated CloudFormation and CodeDeploy: waiters,
paginators, change sets (`aws cloudformation deploy`). botocore's models judge every answer."""

import json
import math
import textwrap
import time
import unittest

from botocore.exceptions import WaiterError

from harness import REGION, MotoServer, client, scratch
from test_sim_aws_cli import CliCase
from test_sim_boto3 import SimulatorCase

TEMPLATE = textwrap.dedent("""
    AWSTemplateFormatVersion: 2010-09-09
    Description: a release
    Parameters:
      Cluster: {Type: String}
      Family: {Type: String, Default: released}
      Memory: {Type: Number, Default: 512}
    Resources:
      Logs:
        Type: AWS::Logs::LogGroup
        Properties: {LogGroupName: !Sub "/${Cluster}/${Family}", RetentionInDays: 7}
      Task:
        Type: AWS::ECS::TaskDefinition
        Properties:
          Family: !Ref Family
          Cpu: 256
          Memory: !Ref Memory
          NetworkMode: awsvpc
          RequiresCompatibilities: [FARGATE]
          ExecutionRoleArn: !Sub "arn:aws:iam::${AWS::AccountId}:role/execution"
          ContainerDefinitions:
          - Name: app
            Image: registry.example/shop:1
            LogConfiguration:
              LogDriver: awslogs
              Options: {awslogs-group: !Ref Logs, awslogs-region: !Ref AWS::Region}
      Service:
        Type: AWS::ECS::Service
        Properties:
          Cluster: !Ref Cluster
          DesiredCount: 0
          LaunchType: FARGATE
          TaskDefinition: !Ref Task
          NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-0a1]}}
    Outputs:
      ServiceArn: {Value: !Ref Service}
      Task: {Value: !Ref Task, Export: {Name: !Sub "${AWS::StackName}-task"}}
    """)


class StackCase(SimulatorCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cloudformation = client("cloudformation", cls.simulator.url)
        cls.logs = client("logs", cls.simulator.url)

    def setUp(self):
        super().setUp()
        self.name = f"s-{self.unique}"
        self.parameters = [{"ParameterKey": "Cluster", "ParameterValue": self.cluster}]

    def wait(self, what, name=None):
        self.cloudformation.get_waiter(what).wait(
            StackName=name or self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    def stack(self, name=None):
        return self.cloudformation.describe_stacks(StackName=name or self.name)["Stacks"][0]


class Stacks(StackCase):
    def test_a_stack_from_birth_to_death(self):
        stack_id = self.cloudformation.create_stack(
            StackName=self.name, TemplateBody=TEMPLATE, Parameters=self.parameters,
            Capabilities=["CAPABILITY_NAMED_IAM"], OnFailure="DELETE",
            Tags=[{"Key": "Service", "Value": "shop"}])["StackId"]
        self.assertRegex(stack_id, rf"^arn:aws:cloudformation:{REGION}:{self.account}:"
                         rf"stack/{self.name}/[0-9a-f-]{{36}}$")
        self.wait("stack_create_complete")
        stack = self.stack()
        self.assertEqual(stack["StackStatus"], "CREATE_COMPLETE")
        self.assertEqual(stack["Tags"], [{"Key": "Service", "Value": "shop"}])
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
        service = self.ecs.describe_services(
            cluster=self.cluster, services=[outputs["ServiceArn"]])["services"][0]
        self.assertEqual(service["taskDefinition"], outputs["Task"])

        pages = self.cloudformation.get_paginator("list_stack_resources").paginate(
            StackName=self.name)
        resources = [each for page in pages for each in page["StackResourceSummaries"]]
        self.assertEqual({each["LogicalResourceId"]: each["ResourceStatus"] for each in resources},
                         dict.fromkeys(("Logs", "Service", "Task"), "CREATE_COMPLETE"))
        events = [each for page in self.cloudformation.get_paginator("describe_stack_events")
                  .paginate(StackName=self.name) for each in page["StackEvents"]]
        self.assertEqual(events[0]["ResourceStatus"], "CREATE_COMPLETE")
        self.assertEqual(events[-1]["ResourceStatusReason"], "User Initiated")
        listed = [each["StackName"] for page in
                  self.cloudformation.get_paginator("list_stacks").paginate(
                      StackStatusFilter=["CREATE_COMPLETE"]) for each in page["StackSummaries"]]
        self.assertIn(self.name, listed)
        self.assertEqual(self.cloudformation.get_template(StackName=self.name)["TemplateBody"],
                         TEMPLATE)
        exports = self.cloudformation.list_exports()["Exports"]
        self.assertIn((f"{self.name}-task", outputs["Task"]),
                      [(each["Name"], each["Value"]) for each in exports])

        self.cloudformation.update_stack(
            StackName=self.name, UsePreviousTemplate=True,
            Parameters=[{"ParameterKey": "Cluster", "UsePreviousValue": True},
                        {"ParameterKey": "Memory", "ParameterValue": "1024"}])
        self.wait("stack_update_complete")
        updated = {each["OutputKey"]: each["OutputValue"] for each in self.stack()["Outputs"]}
        self.assertNotEqual(updated["Task"], outputs["Task"])
        with self.refused("ValidationError", "No updates are to be performed."):
            self.cloudformation.update_stack(
                StackName=self.name, UsePreviousTemplate=True,
                Parameters=[{"ParameterKey": each, "UsePreviousValue": True}
                            for each in ("Cluster", "Memory")])

        self.cloudformation.delete_stack(StackName=self.name)
        self.wait("stack_delete_complete", stack_id)
        self.assertEqual(self.stack(stack_id)["StackStatus"], "DELETE_COMPLETE")
        with self.refused("ValidationError", f"Stack with id {self.name} does not exist"):
            self.cloudformation.describe_stacks(StackName=self.name)
        self.cloudformation.delete_stack(StackName=self.name)
        groups = self.logs.describe_log_groups(logGroupNamePrefix=f"/{self.cluster}/")
        self.assertEqual(groups["logGroups"], [])

    def test_a_stack_that_cannot_be_made_is_rolled_back(self):
        self.logs.create_log_group(logGroupName=f"/{self.cluster}/released")
        self.cloudformation.create_stack(StackName=self.name, TemplateBody=TEMPLATE,
                                         Parameters=self.parameters)
        with self.assertRaises(WaiterError):
            self.wait("stack_create_complete")
        self.assertEqual(self.stack()["StackStatus"], "ROLLBACK_COMPLETE")
        reasons = [each.get("ResourceStatusReason", "") for each in
                   self.cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]]
        self.assertTrue(any("already exists." in reason for reason in reasons), reasons)

    def test_templates_are_refused_before_anything_is_made(self):
        with self.refused("ValidationError", "Template format error: Unresolved resource "
                          "dependencies [Nothing] in the Resources block of the template"):
            self.cloudformation.create_stack(
                StackName=self.name, TemplateBody=json.dumps({"Resources": {"Logs": {
                    "Type": "AWS::Logs::LogGroup",
                    "Properties": {"LogGroupName": {"Ref": "Nothing"}}}}}))
        summary = self.cloudformation.get_template_summary(TemplateBody=TEMPLATE)
        self.assertEqual([each["ParameterKey"] for each in summary["Parameters"]],
                         ["Cluster", "Family", "Memory"])
        self.assertEqual(self.cloudformation.validate_template(
            TemplateBody=TEMPLATE)["Description"], "a release")


EXPRESSIONS = textwrap.dedent("""
    Parameters:
      Stage: {Type: String, Default: prod}
    Mappings: {Sizes: {prod: {cpu: "512"}}}
    Conditions:
      IsProd: !Equals [!Ref Stage, prod]
      IsOther: !Not [!Condition IsProd]
    Resources:
      A: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: !Sub "${AWS::StackName}-a"}}
      B: {Type: "AWS::Logs::LogGroup", Condition: IsOther}
    Outputs:
      Ref: {Value: !Ref A}
      Join: {Value: !Join ["-", [!Ref Stage, !Select [1, [a, b]]]]}
      Split: {Value: !Select [2, !Split [".", "a.b.c"]]}
      Map: {Value: !FindInMap [Sizes, !Ref Stage, cpu]}
      If: {Value: !If [IsProd, big, small]}
      Sub: {Value: !Sub ["${A}/${Own}/${AWS::AccountId}/${AWS::Region}/${Stage}", {Own: mine}]}
    """)


class SameAsMoto(StackCase):
    """moto's CloudFormation, which is not ours, comes to the same values. It differs from AWS in
    the ARN of a log group, in lists of parameters and in conditions of outputs: not asked here."""

    def outputs_from(self, cloudformation):
        cloudformation.create_stack(StackName=self.name, TemplateBody=EXPRESSIONS)
        cloudformation.get_waiter("stack_create_complete").wait(
            StackName=self.name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        stack = cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
        return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}

    def test_expressions_come_to_the_same_values(self):
        moto = MotoServer()
        self.addCleanup(moto.stop)
        theirs = self.outputs_from(client("cloudformation", moto.url, checked=False))
        self.assertEqual(self.outputs_from(self.cloudformation), theirs)


class Operator(CliCase):
    def test_deploy_makes_and_changes_a_stack(self):
        self.aws("ecs", "create-cluster", "--cluster-name", "cli")
        template = scratch() / "template.yml"
        template.write_text(TEMPLATE)

        def deploy(*more):
            # The CLI names its change set after the second it is made in, and a name serves once.
            now = time.time()
            time.sleep(math.ceil(now) - now)
            return self.aws("cloudformation", "deploy", "--stack-name", "cli-stack",
                            "--template-file", str(template), "--parameter-overrides",
                            "Cluster=cli", *more)

        self.assertIn("Successfully created/updated stack - cli-stack", deploy())
        self.assertIn("No changes to deploy", deploy("--no-fail-on-empty-changeset"))
        self.assertIn("Successfully created/updated stack", deploy("Memory=1024"))
        self.aws("cloudformation", "delete-stack", "--stack-name", "cli-stack")


if __name__ == "__main__":
    unittest.main()
