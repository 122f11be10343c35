"""The same calls to the simulator and to moto, an AWS that is not ours: what AWS documents of both
answers is the same. Only what moto is good at is asked (docs say elsewhere what it is not)."""

import json
import unittest
import uuid

from harness import MotoServer, Simulator, TestCase, client


def code_of(call, **arguments):
    """The code of the error that the call must end with."""
    try:
        call(**arguments)
    except Exception as refused:  # botocore makes a class for each
        return refused.response["Error"]["Code"]
    return "no error"


def only(document, *names):
    return {name: document[name] for name in names if name in document}


class SameAnswers(TestCase):
    seconds = 90

    @classmethod
    def setUpClass(cls):
        cls.moto = MotoServer()
        cls.addClassCleanup(cls.moto.stop)
        cls.simulator = Simulator()
        cls.addClassCleanup(cls.simulator.stop)

    def both(self, service, story):
        name = f"n-{uuid.uuid4().hex[:8]}"
        told = [story(client(service, server.url, checked=False), name)
                for server in (self.simulator, self.moto)]
        self.assertEqual(told[0], told[1])

    def test_dynamodb(self):
        def story(dynamodb, name):
            dynamodb.create_table(
                TableName=name, BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}])
            dynamodb.get_waiter("table_exists").wait(
                TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
            item = {"id": {"S": "a"}, "n": {"N": "1"}, "tags": {"SS": ["x"]}}
            key = {"id": {"S": "a"}}
            dynamodb.put_item(TableName=name, Item=item)
            return [
                code_of(dynamodb.put_item, TableName=name, Item=item,
                        ConditionExpression="attribute_not_exists(id)"),
                dynamodb.update_item(
                    TableName=name, Key=key, ReturnValues="ALL_NEW",
                    UpdateExpression="SET n = n + :one, fresh = if_not_exists(fresh, :one) "
                                     "REMOVE tags",
                    ConditionExpression="n = :one AND (attribute_exists(tags) OR n > :one)",
                    ExpressionAttributeValues={":one": {"N": "1"}})["Attributes"],
                dynamodb.get_item(TableName=name, Key=key)["Item"],
                only(dynamodb.scan(TableName=name, FilterExpression="n < :n",
                                   ExpressionAttributeValues={":n": {"N": "2"}}),
                     "Count", "ScannedCount"),
                code_of(dynamodb.get_item, TableName="none", Key=key),
            ]

        self.both("dynamodb", story)

    def test_iam(self):
        def story(iam, name):
            trust = {"Version": "2012-10-17", "Statement": []}
            made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}))
            return [
                made["Role"]["Arn"].replace(name, "NAME"),
                iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"],
                iam.list_role_policies(RoleName=name)["PolicyNames"],
                iam.get_role_policy(RoleName=name, PolicyName="p")["PolicyDocument"],
                code_of(iam.create_role, RoleName=name, AssumeRolePolicyDocument="{}"),
                code_of(iam.get_role, RoleName="none"),
                code_of(iam.delete_role, RoleName=name),
            ]

        self.both("iam", story)

    def test_ssm(self):
        def story(ssm, name):
            ssm.put_parameter(Name=f"/{name}", Value="a", Type="String")
            ssm.put_parameter(Name=f"/{name}", Value="b", Type="String", Overwrite=True)
            parameter = ssm.get_parameter(Name=f"/{name}")["Parameter"]
            several = ssm.get_parameters(Names=[f"/{name}", "/none"])
            return [only(parameter, "Type", "Value", "Version"), several["InvalidParameters"],
                    code_of(ssm.get_parameter, Name="/none"),
                    code_of(ssm.put_parameter, Name=f"/{name}", Value="c", Type="String")]

        self.both("ssm", story)

    def test_secrets(self):
        def story(secrets, name):
            arn = secrets.create_secret(Name=name, SecretString="s")["ARN"]
            value = secrets.get_secret_value(SecretId=arn)
            return [only(value, "SecretString", "VersionStages"),
                    secrets.describe_secret(SecretId=name)["ARN"] == arn,
                    code_of(secrets.describe_secret, SecretId="none"),
                    code_of(secrets.create_secret, Name=name, SecretString="s")]

        self.both("secretsmanager", story)

    def test_ecr(self):
        def story(ecr, name):
            ecr.create_repository(repositoryName=name)
            return [code_of(ecr.describe_images, repositoryName=name,
                            imageIds=[{"imageTag": "none"}]),
                    code_of(ecr.describe_images, repositoryName="none"),
                    code_of(ecr.create_repository, repositoryName=name)]

        self.both("ecr", story)


if __name__ == "__main__":
    unittest.main()
