"""Unmodified boto3 and the AWS CLI drive what stands around a release in the simulator: tables,
roles, networks, certificates, repositories, secrets, parameters, keys and scaling bounds."""

import json
import unittest

import boto3.dynamodb.conditions
import boto3.session

from harness import REGION, client
from test_sim_aws_cli import CliCase
from test_sim_boto3 import SimulatorCase

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"},
    "Action": "sts:AssumeRole"}]})


class Tables(SimulatorCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dynamodb = client("dynamodb", cls.simulator.url)

    def table(self):
        name = f"t-{self.unique}"
        self.dynamodb.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
        self.dynamodb.get_waiter("table_exists").wait(
            TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 20})
        return name

    def test_a_lock_is_taken_once(self):
        table = self.table()
        take = {"TableName": table, "Item": {"id": {"S": "lock"}, "holder": {"S": "a"},
                                             "until": {"N": "100"}},
                "ConditionExpression": "attribute_not_exists(id) OR until < :now",
                "ExpressionAttributeValues": {":now": {"N": "50"}},
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        self.dynamodb.put_item(**take)
        with self.assertRaises(
                self.dynamodb.exceptions.ConditionalCheckFailedException) as refused:
            self.dynamodb.put_item(**take)
        self.assertEqual(refused.exception.response["Error"]["Message"],
                         "The conditional request failed")
        self.assertEqual(refused.exception.response["Item"]["holder"], {"S": "a"})
        answer = self.dynamodb.update_item(
            TableName=table, Key={"id": {"S": "lock"}}, ReturnValues="UPDATED_NEW",
            UpdateExpression="SET until = until + :more ADD beats :one",
            ConditionExpression="holder = :me",
            ExpressionAttributeValues={":more": {"N": "30"}, ":one": {"N": "1"},
                                       ":me": {"S": "a"}})
        self.assertEqual(answer["Attributes"], {"until": {"N": "130"}, "beats": {"N": "1"}})
        self.dynamodb.delete_item(TableName=table, Key={"id": {"S": "lock"}},
                                  ConditionExpression="holder = :me",
                                  ExpressionAttributeValues={":me": {"S": "a"}})
        self.assertNotIn("Item", self.dynamodb.get_item(
            TableName=table, Key={"id": {"S": "lock"}}, ConsistentRead=True))

    def test_the_table_resource_reads_what_it_wrote(self):
        name = self.table()
        table = boto3.session.Session("testing", "testing", region_name=REGION).resource(
            "dynamodb", endpoint_url=self.simulator.url).Table(name)
        item = {"id": "ä", "deep": {"list": [1, None, True, {"x": "y"}]}, "tags": {"a", "b"}}
        table.put_item(Item=item, ConditionExpression=boto3.dynamodb.conditions.Attr(
            "id").not_exists())
        self.assertEqual(table.get_item(Key={"id": "ä"})["Item"], item)
        found = table.query(KeyConditionExpression=boto3.dynamodb.conditions.Key("id").eq("ä"))
        self.assertEqual(found["Items"], [item])
        self.assertEqual(table.scan(FilterExpression=boto3.dynamodb.conditions.Attr(
            "deep.list[0]").gt(1))["Count"], 0)

    def test_what_does_not_exist_is_refused(self):
        with self.refused("ResourceNotFoundException",
                          "Requested resource not found: Table: none not found"):
            self.dynamodb.describe_table(TableName="none")
        with self.refused("ResourceNotFoundException", "Requested resource not found"):
            self.dynamodb.get_item(TableName="none", Key={"id": {"S": "x"}})


class Account(SimulatorCase):
    def client(self, service):
        return client(service, self.simulator.url)

    def test_networks(self):
        ec2 = self.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16", TagSpecifications=[{
            "ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": self.unique}]}])["Vpc"]
        found = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [self.unique]}])["Vpcs"]
        self.assertEqual([each["VpcId"] for each in found], [vpc["VpcId"]])
        with self.refused("InvalidVpcID.NotFound", "The vpc ID 'vpc-none' does not exist"):
            ec2.describe_vpcs(VpcIds=["vpc-none"])

    def test_certificates(self):
        acm = self.client("acm")
        arn = acm.request_certificate(DomainName="*.bakery.test")["CertificateArn"]
        listed = acm.list_certificates()["CertificateSummaryList"]
        self.assertIn(arn, [each["CertificateArn"] for each in listed])
        self.assertEqual(acm.describe_certificate(CertificateArn=arn)["Certificate"]["Status"],
                         "PENDING_VALIDATION")

    def test_images(self):
        ecr = self.client("ecr")
        name = f"shop/{self.unique}"
        ecr.create_repository(repositoryName=name)
        pushed = ecr.put_image(repositoryName=name, imageManifest="{}", imageTag="1.0")
        image = ecr.describe_images(repositoryName=name,
                                    imageIds=[{"imageTag": "1.0"}])["imageDetails"][0]
        self.assertEqual(image["imageDigest"], pushed["image"]["imageId"]["imageDigest"])
        with self.assertRaises(ecr.exceptions.ImageNotFoundException):
            ecr.describe_images(repositoryName=name, imageIds=[{"imageTag": "2.0"}])
        failures = ecr.batch_get_image(repositoryName=name,
                                       imageIds=[{"imageTag": "2.0"}])["failures"]
        self.assertEqual(failures[0]["failureCode"], "ImageNotFound")

    def test_secrets_parameters_and_keys(self):
        secrets = self.client("secretsmanager")
        arn = secrets.create_secret(Name=self.unique, SecretString="s3cret")["ARN"]
        self.assertEqual(secrets.describe_secret(SecretId=self.unique)["ARN"], arn)
        self.assertEqual(secrets.get_secret_value(SecretId=arn)["SecretString"], "s3cret")
        with self.refused("ResourceNotFoundException",
                          "Secrets Manager can't find the specified secret."):
            secrets.describe_secret(SecretId="none")
        ssm = self.client("ssm")
        ssm.put_parameter(Name=f"/{self.unique}", Value="v", Type="String")
        answer = ssm.get_parameters(Names=[f"/{self.unique}", "/none"])
        self.assertEqual([each["Value"] for each in answer["Parameters"]], ["v"])
        self.assertEqual(answer["InvalidParameters"], ["/none"])
        with self.assertRaises(ssm.exceptions.ParameterNotFound):
            ssm.get_parameter(Name="/none")
        kms = self.client("kms")
        key = kms.create_key(Description="d")["KeyMetadata"]
        self.assertEqual(kms.describe_key(KeyId=key["Arn"])["KeyMetadata"], key)

    def test_roles(self):
        iam = self.client("iam")
        role = f"r-{self.unique}"
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=TRUST)
        # boto3 decodes what IAM encodes.
        self.assertEqual(iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"],
                         json.loads(TRUST))
        policy = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
        iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=json.dumps(policy))
        self.assertEqual(iam.get_role_policy(RoleName=role, PolicyName="p")["PolicyDocument"],
                         policy)
        self.assertEqual(iam.list_role_policies(RoleName=role)["PolicyNames"], ["p"])
        with self.assertRaises(iam.exceptions.DeleteConflictException):
            iam.delete_role(RoleName=role)
        iam.delete_role_policy(RoleName=role, PolicyName="p")
        iam.delete_role(RoleName=role)
        with self.refused("NoSuchEntity", f"The role with name {role} cannot be found."):
            iam.get_role(RoleName=role)

    def test_scaling_bounds(self):
        self.create_service(desired=1)
        scaling = self.client("application-autoscaling")
        target = {"ServiceNamespace": "ecs", "ResourceId": f"service/{self.cluster}/web",
                  "ScalableDimension": "ecs:service:DesiredCount"}
        scaling.register_scalable_target(**target, MinCapacity=2, MaxCapacity=4, SuspendedState={
            "DynamicScalingInSuspended": True})
        described = scaling.describe_scalable_targets(
            ServiceNamespace="ecs", ResourceIds=[target["ResourceId"]])["ScalableTargets"][0]
        self.assertEqual(described["SuspendedState"], {
            "DynamicScalingInSuspended": True, "DynamicScalingOutSuspended": False,
            "ScheduledScalingSuspended": False})
        self.assertEqual(self.service()["desiredCount"], 2)
        scaling.put_scaling_policy(**target, PolicyName="out", PolicyType="StepScaling",
                                   StepScalingPolicyConfiguration={
                                       "AdjustmentType": "ChangeInCapacity", "StepAdjustments": [
                                           {"MetricIntervalLowerBound": 0.0,
                                            "ScalingAdjustment": 2}]})
        policies = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
        self.assertIn("out", [each["PolicyName"] for each in policies])
        scaling.deregister_scalable_target(**target)
        with self.assertRaises(scaling.exceptions.ObjectNotFoundException):
            scaling.deregister_scalable_target(**target)


class Operator(CliCase):
    def test_types_what_the_others_do(self):
        self.aws("dynamodb", "create-table", "--table-name", "cli", "--billing-mode",
                 "PAY_PER_REQUEST", "--attribute-definitions", "AttributeName=id,AttributeType=S",
                 "--key-schema", "AttributeName=id,KeyType=HASH")
        self.aws("dynamodb", "wait", "table-exists", "--table-name", "cli")
        self.aws("dynamodb", "put-item", "--table-name", "cli", "--item",
                 '{"id": {"S": "a"}, "n": {"N": "1"}}')
        self.assertEqual(self.aws("dynamodb", "get-item", "--table-name", "cli", "--key",
                                  '{"id": {"S": "a"}}')["Item"]["n"], {"N": "1"})
        self.aws("iam", "create-role", "--role-name", "cli", "--assume-role-policy-document", TRUST)
        self.assertEqual(self.aws("iam", "get-role", "--role-name", "cli")["Role"]["RoleName"],
                         "cli")
        self.assertEqual(self.aws("ec2", "describe-vpcs")["Vpcs"], [])
        self.refused("NotFoundException",
                     "Alias arn:aws:kms:eu-west-1:123456789012:alias/x is not found.",
                     "kms", "describe-key", "--key-id", "alias/x")


if __name__ == "__main__":
    unittest.main()
