"""Task classes against moto: ECS, EventBridge and SNS that are not ours. What slipway announced is
read back from a queue that listens to the topic."""

import json

from harness import client
from test_moto import MotoCase


class TaskClassesOnMoto(MotoCase):
    def setUp(self):
        super().setUp()
        self.events = client("events", self.moto.url, checked=False)
        self.queues = client("sqs", self.moto.url, checked=False)
        topics = client("sns", self.moto.url, checked=False)
        self.family = f"web-{self.unique}"
        self.rule = f"nightly-{self.unique}"
        self.old = self.register(self.family)
        self.create_service("web", self.old)
        self.events.put_rule(Name=self.rule, ScheduleExpression="rate(1 day)")
        self.topic = topics.create_topic(Name=f"deploys-{self.unique}")["TopicArn"]
        self.queue = self.queues.create_queue(QueueName=f"q-{self.unique}")["QueueUrl"]
        arn = self.queues.get_queue_attributes(
            QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        topics.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn,
                         Attributes={"RawMessageDelivery": "true"})
        cluster = self.ecs.describe_clusters(clusters=[self.cluster])["clusters"][0]["clusterArn"]
        self.write("ecs-task.yml", f"""\
            version: v1
            kind: task-classes
            classes:
            - name: Web
              active_task_count: 2
              sns_notification_topic_arn: {self.topic}
              task_definition:
                family: {self.family}
                networkMode: awsvpc
                requiresCompatibilities: [FARGATE]
                cpu: 256
                memory: 512
                executionRoleArn: arn:aws:iam::123456789012:role/execution
                containerDefinitions: [{{name: app, image: "shop:{{image_tag}}", memory: 128}}]
              run_tasks:
              - cluster: {self.cluster}
                launchType: FARGATE
                networkConfiguration:
                  awsvpcConfiguration: {{subnets: [{self.subnet}], securityGroups: [{self.group}]}}
              update_services: [{{service: web, cluster: {self.cluster}}}]
              events__put_targets:
              - Rule: {self.rule}
                Targets:
                - Id: web
                  Arn: {cluster}
                  RoleArn: arn:aws:iam::123456789012:role/events
                  EcsParameters: {{TaskCount: 1}}
            """)

    def target(self):
        [target] = self.events.list_targets_by_rule(Rule=self.rule)["Targets"]
        return target["EcsParameters"]["TaskDefinitionArn"]

    def messages(self):
        found = []
        while True:
            got = self.queues.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
            if not got.get("Messages"):
                return found
            for message in got["Messages"]:
                found.append(json.loads(message["Body"]))
                self.queues.delete_message(QueueUrl=self.queue,
                                           ReceiptHandle=message["ReceiptHandle"])

    def test_ecs_task_deploys_announces_prunes_and_rolls_back(self):
        self.slipway("ecs-task", "deploy", "2")
        second = self.running("web")
        self.assertTrue(second.endswith(f"/{self.family}:2"), second)
        self.assertEqual(self.target(), second)
        told = self.messages()
        self.assertEqual(sorted(message["method"] for message in told),
                         ["put_targets", "run_task", "update_service"])
        for message in told:
            self.assertEqual(list(message), ["client", "method", "input", "result"])
            self.assertEqual(message["result"]["ResponseMetadata"]["HTTPStatusCode"], 200)
        [started] = [message for message in told if message["method"] == "run_task"]
        self.assertEqual(started["input"]["taskDefinition"], second)
        [updated] = [message for message in told if message["method"] == "update_service"]
        self.assertRegex(updated["result"]["service"]["deployments"][0]["createdAt"],
                         r"^\d{4}-\d\d-\d\dT.*\+00:00$")

        self.slipway("ecs-task", "deploy", "3")
        active = self.ecs.list_task_definitions(familyPrefix=self.family, status="ACTIVE")
        self.assertEqual(len(active["taskDefinitionArns"]), 2)  # the first is gone

        self.slipway("ecs-task", "rollback")
        self.assertEqual(self.running("web"), second)
        self.assertEqual(self.target(), second)
        result = self.slipway("ecs-task", "rollback", status=1)
        self.assertIn("only one revision ACTIVE", result.stderr)
        self.assertEqual(self.running("web"), second)
