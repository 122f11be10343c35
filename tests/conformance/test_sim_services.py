"""Unmodified boto3 and the AWS CLI drive what the simulator has beside ECS: EventBridge rules,
schedules, topics and logs. botocore's models judge every answer (harness.client)."""

import datetime
import json
import unittest
import urllib.request

from harness import REGION, client
from test_sim_boto3 import SUBNETS, SimulatorCase, container
from test_sim_aws_cli import CliCase

NETWORK = {"awsvpcConfiguration": {"Subnets": ["subnet-0a1"], "AssignPublicIp": "DISABLED"}}


class ServicesCase(SimulatorCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.events = client("events", cls.simulator.url)
        cls.scheduler = client("scheduler", cls.simulator.url)
        cls.sns = client("sns", cls.simulator.url)
        cls.logs = client("logs", cls.simulator.url)

    def target(self, definition, ident="job"):
        cluster = f"arn:aws:ecs:{REGION}:{self.account}:cluster/{self.cluster}"
        return {"Id": ident, "Arn": cluster,
                "RoleArn": f"arn:aws:iam::{self.account}:role/events",
                "EcsParameters": {"TaskDefinitionArn": definition, "TaskCount": 1,
                                  "LaunchType": "FARGATE", "NetworkConfiguration": NETWORK},
                "Input": '{"containerOverrides":[{"name":"app","command":["nightly"]}]}'}

    def messages(self):
        with urllib.request.urlopen(self.simulator.url + "/_slipway/messages") as answer:
            return json.load(answer)["messages"]


class Rules(ServicesCase):
    def test_an_image_moves_along_and_nothing_else_changes(self):
        rule = f"nightly-{self.unique}"
        first = self.register()["taskDefinitionArn"]
        arn = self.events.put_rule(Name=rule, ScheduleExpression="cron(0 3 * * ? *)",
                                   Description="d", State="DISABLED")["RuleArn"]
        self.assertEqual(arn, f"arn:aws:events:{REGION}:{self.account}:rule/{rule}")
        put = self.events.put_targets(Rule=rule, Targets=[self.target(first), {
            "Id": "queue", "Arn": f"arn:aws:sqs:{REGION}:{self.account}:q"}])
        self.assertEqual(put["FailedEntryCount"], 0)

        second = self.register()["taskDefinitionArn"]
        targets = self.events.list_targets_by_rule(Rule=rule)["Targets"]
        self.assertEqual([target["Id"] for target in targets], ["job", "queue"])
        targets[0]["EcsParameters"]["TaskDefinitionArn"] = second
        self.events.put_targets(Rule=rule, Targets=[targets[0]])
        self.assertEqual(self.events.list_targets_by_rule(Rule=rule)["Targets"],
                         [self.target(second), targets[1]])
        described = self.events.describe_rule(Name=rule)
        self.assertEqual((described["State"], described["Description"]), ("DISABLED", "d"))

        with self.refused("ValidationException", "Rule can't be deleted since it has targets."):
            self.events.delete_rule(Name=rule)
        self.events.remove_targets(Rule=rule, Ids=["job", "queue"])
        self.events.delete_rule(Name=rule)
        with self.refused("ResourceNotFoundException",
                          f"Rule {rule} does not exist on EventBus default."):
            self.events.describe_rule(Name=rule)

    def test_rules_are_found_by_prefix_and_target_in_pages(self):
        definition = self.register()["taskDefinitionArn"]
        for number in range(3):
            name = f"p{self.unique}-{number}"
            self.events.put_rule(Name=name, ScheduleExpression="rate(1 day)")
            self.events.put_targets(Rule=name, Targets=[self.target(definition)])
        pages = self.events.get_paginator("list_rules").paginate(
            NamePrefix=f"p{self.unique}", PaginationConfig={"PageSize": 2})
        self.assertEqual([[rule["Name"][-1] for rule in page["Rules"]] for page in pages],
                         [["0", "1"], ["2"]])
        named = self.events.list_rule_names_by_target(TargetArn=self.target(definition)["Arn"])
        self.assertEqual(len(named["RuleNames"]), 3)

    def test_a_rule_starts_its_task(self):
        rule = f"often-{self.unique}"
        self.events.put_rule(Name=rule, ScheduleExpression="rate(1 minute)")
        self.events.put_targets(Rule=rule, Targets=[self.target(self.register()["family"])])
        tasks = self.eventually(lambda: self.ecs.list_tasks(cluster=self.cluster)["taskArns"],
                                "the rule fired")
        self.events.disable_rule(Name=rule)
        [task] = self.ecs.describe_tasks(cluster=self.cluster, tasks=tasks[:1])["tasks"]
        self.assertEqual(task["startedBy"], f"events-rule/{rule}")
        self.assertEqual(task["overrides"]["containerOverrides"][0]["command"], ["nightly"])

    def test_what_aws_refuses(self):
        with self.refused("ValidationException", "Parameter ScheduleExpression is not valid."):
            self.events.put_rule(Name="x", ScheduleExpression="rate(5 minute)")
        with self.refused("ResourceNotFoundException",
                          "Rule gone does not exist on EventBus default."):
            self.events.put_targets(Rule="gone", Targets=[self.target("x")])

    def test_tags(self):
        arn = self.events.put_rule(Name=f"t{self.unique}", ScheduleExpression="rate(1 day)",
                                   Tags=[{"Key": "a", "Value": "1"}])["RuleArn"]
        self.events.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
        self.events.untag_resource(ResourceARN=arn, TagKeys=["a"])
        self.assertEqual(self.events.list_tags_for_resource(ResourceARN=arn)["Tags"],
                         [{"Key": "b", "Value": "2"}])


class Schedules(ServicesCase):
    def put(self, call, name, expression="cron(0 3 * * ? *)", **more):
        target = self.target("shop:1")
        del target["Id"]
        return call(Name=name, ScheduleExpression=expression, FlexibleTimeWindow={"Mode": "OFF"},
                    Target=target, **more)

    def test_a_schedule_is_replaced_whole(self):
        group = f"g{self.unique}"
        self.scheduler.create_schedule_group(Name=group)
        start = datetime.datetime(2030, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
        made = self.put(self.scheduler.create_schedule, "nightly", GroupName=group,
                        StartDate=start, Description="d")
        self.assertEqual(made["ScheduleArn"],
                         f"arn:aws:scheduler:{REGION}:{self.account}:schedule/{group}/nightly")
        got = self.scheduler.get_schedule(GroupName=group, Name="nightly")
        self.assertEqual(got["StartDate"], start)
        self.assertEqual(got["Target"]["RetryPolicy"],
                         {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185})
        self.put(self.scheduler.update_schedule, "nightly", "rate(2 hours)", GroupName=group)
        got = self.scheduler.get_schedule(GroupName=group, Name="nightly")
        self.assertEqual(got["ScheduleExpression"], "rate(2 hours)")
        self.assertNotIn("StartDate", got)
        self.assertNotIn("Description", got)
        self.scheduler.delete_schedule(GroupName=group, Name="nightly")
        with self.refused("ResourceNotFoundException", "Schedule nightly does not exist."):
            self.scheduler.get_schedule(GroupName=group, Name="nightly")

    def test_schedules_are_listed_in_pages(self):
        group = f"l{self.unique}"
        self.scheduler.create_schedule_group(Name=group)
        for number in range(3):
            self.put(self.scheduler.create_schedule, f"s{number}", GroupName=group)
        pages = self.scheduler.get_paginator("list_schedules").paginate(
            GroupName=group, PaginationConfig={"PageSize": 2})
        self.assertEqual([[s["Name"] for s in page["Schedules"]] for page in pages],
                         [["s0", "s1"], ["s2"]])
        groups = self.scheduler.list_schedule_groups(NamePrefix=group)["ScheduleGroups"]
        self.assertEqual([g["State"] for g in groups], ["ACTIVE"])
        self.assertEqual(self.scheduler.get_schedule_group(Name=group)["Name"], group)
        self.scheduler.delete_schedule_group(Name=group)

    def test_what_aws_refuses(self):
        name = f"n{self.unique}"
        self.put(self.scheduler.create_schedule, name)
        with self.refused("ConflictException", f"Schedule {name} already exists."):
            self.put(self.scheduler.create_schedule, name)
        with self.refused("ValidationException", "Invalid Schedule Expression every(1 day)."):
            self.put(self.scheduler.create_schedule, "x", "every(1 day)")
        with self.refused("ResourceNotFoundException", "Schedule group none does not exist."):
            self.put(self.scheduler.create_schedule, "x", GroupName="none")
        reader = client("scheduler", self.simulator.url, access_key="AKIAREADER",
                        secret_key="readers-secret")
        with self.refused("AccessDeniedException",
                          f"User: arn:aws:iam::{self.account}:user/reader is not authorized to "
                          "perform: scheduler:GetSchedule on resource: arn:aws:scheduler:"
                          f"{REGION}:{self.account}:schedule/default/{name} because no "
                          "identity-based policy allows the scheduler:GetSchedule action"):
            reader.get_schedule(Name=name)


class Topics(ServicesCase):
    def test_messages_can_be_read(self):
        topic = self.sns.create_topic(Name=f"t-{self.unique}")["TopicArn"]
        sent = self.sns.publish(TopicArn=topic, Message="Grüße & <x>", Subject="s",
                                MessageAttributes={"k": {"DataType": "String",
                                                         "StringValue": "v"}})
        [message] = [m for m in self.messages() if m["MessageId"] == sent["MessageId"]]
        self.assertEqual(message["Message"], "Grüße & <x>")
        self.assertEqual(message["MessageAttributes"],
                         {"k": {"DataType": "String", "StringValue": "v"}})
        self.assertIn({"TopicArn": topic}, self.sns.list_topics()["Topics"])
        self.sns.delete_topic(TopicArn=topic)
        with self.refused("NotFound", "Topic does not exist"):
            self.sns.publish(TopicArn=topic, Message="m")

    def test_subscriptions(self):
        topic = self.sns.create_topic(Name=f"s-{self.unique}")["TopicArn"]
        arn = self.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:x:1:q",
                                 ReturnSubscriptionArn=True)["SubscriptionArn"]
        [listed] = self.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        self.assertEqual(listed["SubscriptionArn"], arn)
        attributes = self.sns.get_topic_attributes(TopicArn=topic)["Attributes"]
        self.assertEqual(attributes["SubscriptionsConfirmed"], "1")
        self.sns.unsubscribe(SubscriptionArn=arn)
        self.assertEqual(self.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"], [])

    def test_what_aws_refuses(self):
        topic = self.sns.create_topic(Name=f"r-{self.unique}.fifo",
                                      Attributes={"FifoTopic": "true"})["TopicArn"]
        with self.refused("InvalidParameter", "Invalid parameter: The MessageGroupId parameter is "
                          "required for FIFO topics"):
            self.sns.publish(TopicArn=topic, Message="m")
        with self.refused("InvalidParameter", "Invalid parameter: Message too long"):
            self.sns.publish(TopicArn=topic, Message="x" * 262145, MessageGroupId="g")
        reader = client("sns", self.simulator.url, access_key="AKIAREADER",
                        secret_key="readers-secret")
        with self.refused("AuthorizationError",
                          f"User: arn:aws:iam::{self.account}:user/reader is not authorized to "
                          f"perform: SNS:Publish on resource: {topic} because no identity-based "
                          "policy allows the SNS:Publish action"):
            reader.publish(TopicArn=topic, Message="m")


class Logs(ServicesCase):
    def test_events_are_read_until_the_token_comes_back(self):
        where = {"logGroupName": f"/c/{self.unique}", "logStreamName": "s"}
        self.logs.create_log_group(logGroupName=where["logGroupName"])
        self.logs.create_log_stream(**where)
        self.logs.put_log_events(logEvents=[{"timestamp": 1767323045000 + i, "message": f"m{i}"}
                                            for i in range(5)], **where)
        seen, token = [], None
        while True:
            page = self.logs.get_log_events(startFromHead=True, limit=2, **where,
                                            **({"nextToken": token} if token else {}))
            seen += [event["message"] for event in page["events"]]
            if page["nextForwardToken"] == token:
                break
            token = page["nextForwardToken"]
        self.assertEqual(seen, [f"m{i}" for i in range(5)])
        found = self.logs.get_paginator("filter_log_events").paginate(
            logGroupName=where["logGroupName"], filterPattern="?m1 ?m3",
            PaginationConfig={"PageSize": 1})
        self.assertEqual([event["message"] for page in found for event in page["events"]],
                         ["m1", "m3"])
        [stream] = self.logs.describe_log_streams(
            logGroupName=where["logGroupName"], orderBy="LastEventTime",
            descending=True)["logStreams"]
        self.assertEqual(stream["lastEventTimestamp"], 1767323045004)
        self.logs.delete_log_stream(**where)
        with self.refused("ResourceNotFoundException",
                          "The specified log stream does not exist."):
            self.logs.get_log_events(**where)
        self.logs.delete_log_group(logGroupName=where["logGroupName"])
        with self.refused("ResourceNotFoundException", "The specified log group does not exist."):
            self.logs.describe_log_streams(logGroupName=where["logGroupName"])

    def run_logged(self, **options):
        log = {"logDriver": "awslogs", "options": {
            "awslogs-group": f"/t/{self.unique}", "awslogs-region": REGION,
            "awslogs-stream-prefix": "job", **options}}
        definition = self.register(containerDefinitions=[
            container(image="registry.example/shop:talks", logConfiguration=log)])
        [task] = self.run_task(definition["taskDefinitionArn"])
        return task["taskArn"].rsplit("/", 1)[1]

    def test_a_container_writes_to_its_stream(self):
        ident = self.run_logged(**{"awslogs-create-group": "true"})
        self.wait("tasks_stopped", tasks=[ident])
        page = self.logs.get_log_events(logGroupName=f"/t/{self.unique}", startFromHead=True,
                                        logStreamName=f"job/app/{ident}")
        self.assertEqual([event["message"] for event in page["events"]],
                         [f"app of {ident} begins", "done"])

    def test_without_its_group_it_does_not_start(self):
        ident = self.run_logged()
        self.wait("tasks_stopped", tasks=[ident])
        [task] = self.ecs.describe_tasks(cluster=self.cluster, tasks=[ident])["tasks"]
        self.assertEqual(task["stopCode"], "TaskFailedToStart")
        self.assertIn("The specified log group does not exist.", task["stoppedReason"])


class Operator(CliCase):
    def test_rules_and_schedules(self):
        self.aws("events", "put-rule", "--name", "cli", "--schedule-expression", "rate(1 day)")
        target = {"Id": "1", "Arn": f"arn:aws:sqs:{REGION}:123456789012:q", "Input": '"x"'}
        put = self.aws("events", "put-targets", "--rule", "cli", "--targets", json.dumps([target]))
        self.assertEqual(put, {"FailedEntryCount": 0, "FailedEntries": []})
        listed = self.aws("events", "list-targets-by-rule", "--rule", "cli")
        self.assertEqual(listed["Targets"], [target])
        self.assertEqual(self.aws("events", "disable-rule", "--name", "cli"), "")
        self.refused("ValidationException", "Rule can't be deleted since it has targets.",
                     "events", "delete-rule", "--name", "cli")

        self.aws("scheduler", "create-schedule", "--name", "cli", "--schedule-expression",
                 "rate(1 day)", "--flexible-time-window", "Mode=OFF", "--target",
                 json.dumps({"Arn": target["Arn"], "RoleArn": "arn:aws:iam::123456789012:role/s"}))
        got = self.aws("scheduler", "get-schedule", "--name", "cli")
        self.assertEqual(got["State"], "ENABLED")
        self.refused("ResourceNotFoundException", "Schedule none does not exist.",
                     "scheduler", "get-schedule", "--name", "none")

    def test_topics_and_logs(self):
        topic = self.aws("sns", "create-topic", "--name", "cli")["TopicArn"]
        sent = self.aws("sns", "publish", "--topic-arn", topic, "--message", "hello")
        self.assertRegex(sent["MessageId"], r"^[0-9a-f-]{36}$")
        self.refused("NotFound", "Topic does not exist", "sns", "publish", "--topic-arn",
                     topic + "x", "--message", "hello")

        self.aws("logs", "create-log-group", "--log-group-name", "/cli")
        self.aws("logs", "create-log-stream", "--log-group-name", "/cli", "--log-stream-name", "s")
        self.aws("logs", "put-log-events", "--log-group-name", "/cli", "--log-stream-name", "s",
                 "--log-events", "timestamp=1767323045000,message=hello")
        found = self.aws("logs", "filter-log-events", "--log-group-name", "/cli")
        self.assertEqual([event["message"] for event in found["events"]], ["hello"])


# Base classes are not to be run again from here.
del SimulatorCase, CliCase, ServicesCase

if __name__ == "__main__":
    unittest.main()
