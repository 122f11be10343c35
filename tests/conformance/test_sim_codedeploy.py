"""Unmodified boto3 hands a service over to the simulated CodeDeploy: a canary, the waiter, and a
deployment that is stopped. botocore's models judge every answer."""

import json
import unittest

from harness import client
from test_sim_boto3 import SUBNETS, SimulatorCase, container


class CodeDeployCase(SimulatorCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.codedeploy = client("codedeploy", cls.simulator.url)
        cls.elb = client("elbv2", cls.simulator.url)

    def setUp(self):
        super().setUp()
        self.groups = {}
        for color in ("blue", "green"):
            self.groups[color] = self.elb.create_target_group(
                Name=f"{color}-{self.unique}", Protocol="HTTP", Port=80, TargetType="ip",
                VpcId="vpc-1")["TargetGroups"][0]["TargetGroupArn"]
        balancer = self.elb.create_load_balancer(
            Name=f"b-{self.unique}", Subnets=SUBNETS["awsvpcConfiguration"]["subnets"])
        self.listener = self.elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"], Port=80,
            Protocol="HTTP", DefaultActions=[{"Type": "forward",
                                              "TargetGroupArn": self.groups["blue"]}],
        )["Listeners"][0]["ListenerArn"]
        self.web = container(portMappings=[{"containerPort": 80}])
        first = self.register(containerDefinitions=[self.web])["taskDefinitionArn"]
        self.create_service(task_definition=first, desired=1, loadBalancers=[{
            "targetGroupArn": self.groups["blue"], "containerName": self.web["name"],
            "containerPort": 80}], deploymentController={"type": "CODE_DEPLOY"})
        self.codedeploy.create_application(applicationName=self.unique, computePlatform="ECS")
        self.codedeploy.create_deployment_group(
            applicationName=self.unique, deploymentGroupName="web",
            serviceRoleArn=f"arn:aws:iam::{self.account}:role/deploys",
            deploymentStyle={"deploymentType": "BLUE_GREEN",
                             "deploymentOption": "WITH_TRAFFIC_CONTROL"},
            ecsServices=[{"clusterName": self.cluster, "serviceName": "web"}],
            blueGreenDeploymentConfiguration={
                "terminateBlueInstancesOnDeploymentSuccess": {
                    "action": "TERMINATE", "terminationWaitTimeInMinutes": 1},
                "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT",
                                          "waitTimeInMinutes": 0}},
            loadBalancerInfo={"targetGroupPairInfoList": [{
                "targetGroups": [{"name": f"{color}-{self.unique}"} for color in self.groups],
                "prodTrafficRoute": {"listenerArns": [self.listener]}}]})

    def deploy(self, config):
        second = self.register(containerDefinitions=[self.web])["taskDefinitionArn"]
        spec = {"version": "0.0", "Resources": [{"TargetService": {
            "Type": "AWS::ECS::Service", "Properties": {
                "TaskDefinition": second, "LoadBalancerInfo": {
                    "ContainerName": self.web["name"], "ContainerPort": 80}}}}]}
        return second, self.codedeploy.create_deployment(
            applicationName=self.unique, deploymentGroupName="web", deploymentConfigName=config,
            revision={"revisionType": "AppSpecContent",
                      "appSpecContent": {"content": json.dumps(spec)}})["deploymentId"]

    def weights(self):
        action = self.elb.describe_listeners(ListenerArns=[self.listener])[
            "Listeners"][0]["DefaultActions"][0]
        return {group["TargetGroupArn"]: group["Weight"]
                for group in action["ForwardConfig"]["TargetGroups"]}


class BlueGreen(CodeDeployCase):
    def test_a_canary_takes_over(self):
        second, deployment = self.deploy("CodeDeployDefault.ECSCanary10Percent5Minutes")
        self.eventually(lambda: self.weights() == {self.groups["blue"]: 90,
                                                   self.groups["green"]: 10}, "a tenth")
        targets = self.codedeploy.list_deployment_targets(deploymentId=deployment)["targetIds"]
        target = self.codedeploy.batch_get_deployment_targets(
            deploymentId=deployment, targetIds=targets)["deploymentTargets"][0]["ecsTarget"]
        self.assertEqual({each["taskSetLabel"]: each["trafficWeight"]
                          for each in target["taskSetsInfo"]}, {"Blue": 90, "Green": 10})
        self.codedeploy.get_waiter("deployment_successful").wait(
            deploymentId=deployment, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        sets = self.service()["taskSets"]
        self.assertEqual([each["taskDefinition"] for each in sets if each["status"] == "PRIMARY"],
                         [second])

    def test_a_deployment_that_is_stopped_gives_the_traffic_back(self):
        _, deployment = self.deploy("CodeDeployDefault.ECSLinear10PercentEvery3Minutes")
        self.eventually(lambda: self.weights().get(self.groups["green"], 0) >= 10, "some traffic")
        with self.refused("DeploymentLimitExceededException"):
            self.deploy("CodeDeployDefault.ECSAllAtOnce")
        self.codedeploy.stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
        self.eventually(lambda: list(self.weights()) == [self.groups["blue"]], "all to blue")
        info = self.codedeploy.get_deployment(deploymentId=deployment)["deploymentInfo"]
        self.assertEqual((info["status"], info["errorInformation"]["code"]),
                         ("Stopped", "MANUAL_STOP"))


if __name__ == "__main__":
    unittest.main()
