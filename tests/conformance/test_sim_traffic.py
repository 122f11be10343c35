"""Unmodified boto3 and the AWS CLI drive what shifts traffic in the simulator: Elastic Load
Balancing, Route 53 and CloudWatch, with botocore's own waiters and paginators. botocore's models
judge every answer (harness.client)."""

import datetime
import json
import unittest
import urllib.request

from harness import client
from test_sim_boto3 import SimulatorCase
from test_sim_aws_cli import CliCase

QUICK = {"Delay": 0.1, "MaxAttempts": 300}


class TrafficCase(SimulatorCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elb = client("elbv2", cls.simulator.url)
        cls.route53 = client("route53", cls.simulator.url)
        cls.cloudwatch = client("cloudwatch", cls.simulator.url)

    def load_balancer(self):
        made = self.elb.create_load_balancer(
            Name=f"b-{self.unique}", Subnets=["subnet-1", "subnet-2"],
            Tags=[{"Key": "CanaryGroup", "Value": "public"}])["LoadBalancers"][0]
        self.elb.get_waiter("load_balancer_available").wait(
            LoadBalancerArns=[made["LoadBalancerArn"]], WaiterConfig=QUICK)
        return made

    def group(self, name):
        return self.elb.create_target_group(
            Name=f"{name}-{self.unique}", Protocol="HTTP", Port=80, VpcId="vpc-1", TargetType="ip",
            HealthCheckIntervalSeconds=10)["TargetGroups"][0]["TargetGroupArn"]


class LoadBalancers(TrafficCase):
    def test_weights_of_a_rule(self):
        balancer = self.load_balancer()
        blue, green = self.group("blue"), self.group("green")
        listener = self.elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Port=80, Protocol="HTTP",
            DefaultActions=[{"Type": "fixed-response",
                             "FixedResponseConfig": {"StatusCode": "404"}}])["Listeners"][0]

        def forward(weight):
            return [{"Type": "forward", "ForwardConfig": {"TargetGroups": [
                {"TargetGroupArn": blue, "Weight": 100 - weight},
                {"TargetGroupArn": green, "Weight": weight}]}}]
        conditions = [{"Field": "path-pattern", "Values": ["/*"]}]
        rule = self.elb.create_rule(ListenerArn=listener["ListenerArn"], Priority=10,
                                    Conditions=conditions, Actions=forward(0))["Rules"][0]
        changed = self.elb.modify_rule(RuleArn=rule["RuleArn"], Actions=forward(10))["Rules"][0]
        weights = [g["Weight"] for g in changed["Actions"][0]["ForwardConfig"]["TargetGroups"]]
        self.assertEqual(weights, [90, 10])
        self.assertEqual(changed["Priority"], "10")
        with self.refused("PriorityInUse", "Priority '10' is currently in use"):
            self.elb.create_rule(ListenerArn=listener["ListenerArn"], Priority=10,
                                 Conditions=conditions, Actions=forward(0))
        with self.refused("ResourceInUse", f"Target group '{green}' is currently in use by a "
                          "listener or a rule"):
            self.elb.delete_target_group(TargetGroupArn=green)
        described = self.elb.describe_target_groups(TargetGroupArns=[green])["TargetGroups"][0]
        self.assertEqual(described["LoadBalancerArns"], [balancer["LoadBalancerArn"]])
        pages = self.elb.get_paginator("describe_rules").paginate(
            ListenerArn=listener["ListenerArn"], PaginationConfig={"PageSize": 1})
        self.assertEqual([r["Priority"] for page in pages for r in page["Rules"]],
                         ["10", "default"])
        [tags] = self.elb.describe_tags(
            ResourceArns=[balancer["LoadBalancerArn"]])["TagDescriptions"]
        self.assertEqual(tags["Tags"], [{"Key": "CanaryGroup", "Value": "public"}])

        self.elb.register_targets(TargetGroupArn=blue, Targets=[{"Id": "10.0.0.1", "Port": 80}])
        self.elb.get_waiter("target_in_service").wait(TargetGroupArn=blue, WaiterConfig=QUICK)
        self.elb.deregister_targets(TargetGroupArn=blue, Targets=[{"Id": "10.0.0.1", "Port": 80}])
        self.elb.get_waiter("target_deregistered").wait(
            TargetGroupArn=blue, Targets=[{"Id": "10.0.0.1", "Port": 80}], WaiterConfig=QUICK)

        self.elb.delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
        self.elb.delete_target_group(TargetGroupArn=green)
        with self.refused("TargetGroupNotFound", "One or more target groups not found"):
            self.elb.describe_target_groups(TargetGroupArns=[green])


class Dns(TrafficCase):
    def test_weighted_records_come_into_sync(self):
        name = f"z{self.unique}.test"
        zone = self.route53.create_hosted_zone(Name=name, CallerReference=self.unique)
        ident = zone["HostedZone"]["Id"]

        def change(action, identifier, weight):
            return {"Action": action, "ResourceRecordSet": {
                "Name": f"app.{name}", "Type": "CNAME", "SetIdentifier": identifier,
                "Weight": weight, "TTL": 60, "ResourceRecords": [{"Value": "x.test"}]}}
        changed = self.route53.change_resource_record_sets(
            HostedZoneId=ident, ChangeBatch={"Comment": "c", "Changes": [
                change("UPSERT", "blue", 90), change("UPSERT", "green", 10)]})["ChangeInfo"]
        self.assertEqual((changed["Status"], changed["Comment"]), ("PENDING", "c"))
        self.route53.get_waiter("resource_record_sets_changed").wait(Id=changed["Id"],
                                                                     WaiterConfig=QUICK)
        pages = self.route53.get_paginator("list_resource_record_sets").paginate(
            HostedZoneId=ident, PaginationConfig={"PageSize": 1})
        records = [r for page in pages for r in page["ResourceRecordSets"]]
        self.assertEqual([(r["Type"], r.get("SetIdentifier"), r.get("Weight")) for r in records],
                         [("NS", None, None), ("SOA", None, None), ("CNAME", "blue", 90),
                          ("CNAME", "green", 10)])
        with self.refused("InvalidChangeBatch",
                          f"[Tried to create resource record set [name='app.{name}.', "
                          "type='CNAME', set-identifier='blue'] but it already exists]"):
            self.route53.change_resource_record_sets(
                HostedZoneId=ident, ChangeBatch={"Changes": [change("CREATE", "blue", 1)]})
        found = self.route53.list_hosted_zones_by_name(DNSName=name, MaxItems="1")
        self.assertEqual(found["HostedZones"][0]["Id"], ident)
        with self.refused("HostedZoneNotEmpty"):
            self.route53.delete_hosted_zone(Id=ident)
        with self.refused("NoSuchHostedZone", "No hosted zone found with ID: Z0"):
            self.route53.get_hosted_zone(Id="Z0")


class Metrics(TrafficCase):
    def test_metrics_and_alarms(self):
        space = f"Shop-{self.unique}"
        now = self.simulated_now()
        self.cloudwatch.put_metric_data(Namespace=space, MetricData=[
            {"MetricName": "Errors", "Value": 5, "Unit": "Count",
             "Timestamp": now - datetime.timedelta(minutes=10)}])
        stat = {"Metric": {"Namespace": space, "MetricName": "Errors"}, "Period": 60, "Stat": "Sum"}
        data = self.cloudwatch.get_metric_data(
            StartTime=now - datetime.timedelta(minutes=20), EndTime=now,
            MetricDataQueries=[{"Id": "e", "MetricStat": stat},
                               {"Id": "twice", "Expression": "e * 2"}])
        self.assertEqual([(r["Id"], r["Values"], r["StatusCode"])
                          for r in data["MetricDataResults"]],
                         [("e", [5.0], "Complete"), ("twice", [10.0], "Complete")])
        statistics = self.cloudwatch.get_metric_statistics(
            Namespace=space, MetricName="Errors", Period=300, Statistics=["Sum", "SampleCount"],
            StartTime=now - datetime.timedelta(minutes=20), EndTime=now)
        [point] = statistics["Datapoints"]
        self.assertEqual((point["Sum"], point["SampleCount"], point["Unit"]), (5.0, 1.0, "Count"))

        alarm = f"errors-{self.unique}"
        self.cloudwatch.put_metric_alarm(
            AlarmName=alarm, Namespace=space, MetricName="Errors", Statistic="Sum", Period=60,
            EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="ignore")
        self.cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="test")
        [described] = self.cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
        self.assertEqual((described["StateValue"], described["StateReason"]), ("ALARM", "test"))
        self.cloudwatch.get_waiter("alarm_exists").wait(AlarmNames=[alarm], WaiterConfig=QUICK)
        self.cloudwatch.delete_alarms(AlarmNames=[alarm])
        self.assertEqual(self.cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"], [])

    def simulated_now(self):
        with urllib.request.urlopen(self.simulator.url + "/_slipway/calls") as answer:
            return datetime.datetime.fromisoformat(json.load(answer)["now"].replace("Z", "+00:00"))


class Operator(CliCase):
    def test_load_balancers_zones_and_alarms(self):
        made = self.aws("elbv2", "create-load-balancer", "--name", "cli", "--subnets", "subnet-1",
                        "subnet-2", "--tags", "Key=CanaryRelease,Value=1")["LoadBalancers"][0]
        self.aws("elbv2", "wait", "load-balancer-available", "--load-balancer-arns",
                 made["LoadBalancerArn"])
        group = self.aws("elbv2", "create-target-group", "--name", "cli", "--protocol", "HTTP",
                         "--port", "80", "--vpc-id", "vpc-1")["TargetGroups"][0]
        self.assertEqual(group["Matcher"], {"HttpCode": "200"})
        listener = self.aws(
            "elbv2", "create-listener", "--load-balancer-arn", made["LoadBalancerArn"],
            "--protocol", "HTTP", "--port", "80", "--default-actions",
            f"Type=forward,TargetGroupArn={group['TargetGroupArn']}")["Listeners"][0]
        [action] = listener["DefaultActions"]
        self.assertEqual(action["ForwardConfig"]["TargetGroups"],
                         [{"TargetGroupArn": group["TargetGroupArn"], "Weight": 1}])
        self.assertEqual(self.aws("elbv2", "describe-target-health", "--target-group-arn",
                                  group["TargetGroupArn"])["TargetHealthDescriptions"], [])
        self.refused("LoadBalancerNotFound", "One or more load balancers not found",
                     "elbv2", "describe-load-balancers", "--names", "none")

        zone = self.aws("route53", "create-hosted-zone", "--name", "cli.test",
                        "--caller-reference", "1")["HostedZone"]["Id"]
        batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {
            "Name": "www.cli.test", "Type": "A", "AliasTarget": {
                "HostedZoneId": made["CanonicalHostedZoneId"], "DNSName": made["DNSName"],
                "EvaluateTargetHealth": True}}}]}
        change = self.aws("route53", "change-resource-record-sets", "--hosted-zone-id", zone,
                          "--change-batch", json.dumps(batch))["ChangeInfo"]
        self.aws("route53", "wait", "resource-record-sets-changed", "--id", change["Id"])
        records = self.aws("route53", "list-resource-record-sets", "--hosted-zone-id", zone)
        self.assertEqual([r["Type"] for r in records["ResourceRecordSets"]], ["NS", "SOA", "A"])

        self.aws("cloudwatch", "put-metric-alarm", "--alarm-name", "cli", "--namespace", "Shop",
                 "--metric-name", "Errors", "--statistic", "Sum", "--period", "60",
                 "--evaluation-periods", "1", "--threshold", "1", "--comparison-operator",
                 "GreaterThanThreshold")
        [alarm] = self.aws("cloudwatch", "describe-alarms", "--alarm-names", "cli")["MetricAlarms"]
        self.assertEqual(alarm["StateValue"], "INSUFFICIENT_DATA")


# Base classes are not to be run again from here.
del SimulatorCase, CliCase, TrafficCase

if __name__ == "__main__":
    unittest.main()
