"""Unmodified boto3 and the AWS CLI drive what shifts traffic in the simulator: Elastic Load
Balancing, Route 53 and CloudWatch, with botocore's own waiters and paginators. botocore's models
judge every answer (harness.client)."""

import datetime
import json
import unittest
import urllib.request

import botocore.exceptions

from harness import MotoServer, Simulator, TestCase, client
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
        self.refused("LoadBalancerNotFound", "Load balancers '[none]' not found",
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


class BesideMoto(TestCase):
    """The same calls on the simulator and on moto, an AWS by other people: what both know, they
    know alike. Ids and times differ; what moto simplifies is left out (docs of moto, aws-model 6)."""

    seconds = 90

    @classmethod
    def setUpClass(cls):
        cls.simulator = Simulator(speed=120)  # Route 53 answers five calls a second
        cls.addClassCleanup(cls.simulator.stop)
        cls.moto = MotoServer()
        cls.addClassCleanup(cls.moto.stop)

    def both(self, story):
        ec2 = client("ec2", self.moto.url, checked=False)
        subnets = ec2.describe_subnets()["Subnets"][:2]
        ours = story(self.simulator.url, "vpc-1", ["subnet-1", "subnet-2"])
        theirs = story(self.moto.url, subnets[0]["VpcId"], [s["SubnetId"] for s in subnets])
        self.assertEqual(ours, theirs)

    @staticmethod
    def code(call, **arguments):
        try:
            call(**arguments)
        except botocore.exceptions.ClientError as error:
            return error.response["Error"]["Code"]
        return "no error"

    def test_load_balancers(self):
        def story(url, vpc, subnets):
            elb = client("elbv2", url, checked=False)
            balancer = elb.create_load_balancer(Name="beside", Subnets=subnets)["LoadBalancers"][0]
            groups = {}
            for name in ("blue", "green"):
                made = elb.create_target_group(
                    Name=name, Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip",
                    HealthCheckPath="/health", Matcher={"HttpCode": "200-299"})
                groups[made["TargetGroups"][0]["TargetGroupArn"]] = name

            def by_name(value):
                if isinstance(value, dict):
                    return {k: by_name(v) for k, v in value.items() if k != "Order"}
                if isinstance(value, list):
                    return [by_name(v) for v in value]
                return groups.get(value, value)
            blue, green = groups
            listener = elb.create_listener(
                LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80,
                DefaultActions=[{"Type": "forward", "TargetGroupArn": blue}])["Listeners"][0]
            weights = [{"Type": "forward", "ForwardConfig": {"TargetGroups": [
                {"TargetGroupArn": blue, "Weight": 90}, {"TargetGroupArn": green, "Weight": 10}]}}]
            rule = elb.create_rule(
                ListenerArn=listener["ListenerArn"], Priority=5, Actions=weights,
                Conditions=[{"Field": "host-header",
                             "HostHeaderConfig": {"Values": ["a.test"]}}])["Rules"][0]
            weights[0]["ForwardConfig"]["TargetGroups"][1]["Weight"] = 50
            elb.modify_rule(RuleArn=rule["RuleArn"], Actions=weights)
            rules = elb.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
            described = elb.describe_target_groups(TargetGroupArns=[green])["TargetGroups"][0]
            return {
                "rules": [(r["Priority"], r["IsDefault"],
                           [g["Weight"] for a in r["Actions"]
                            for g in a.get("ForwardConfig", {}).get("TargetGroups", [])
                            if len(a["ForwardConfig"]["TargetGroups"]) > 1],
                           [c["Field"] for c in r["Conditions"]]) for r in rules],
                "group": {k: by_name(described[k]) for k in (
                    "TargetGroupName", "Protocol", "Port", "HealthCheckProtocol",
                    "HealthCheckPort", "HealthCheckEnabled", "HealthCheckIntervalSeconds",
                    "HealthCheckTimeoutSeconds", "HealthyThresholdCount",
                    "UnhealthyThresholdCount", "HealthCheckPath", "Matcher", "TargetType",
                    "ProtocolVersion")},
                "used by": described["LoadBalancerArns"] == [balancer["LoadBalancerArn"]],
                "in use": self.code(elb.create_rule, ListenerArn=listener["ListenerArn"],
                                    Priority=5, Actions=weights,
                                    Conditions=[{"Field": "path-pattern", "Values": ["/x"]}]),
                "needed": self.code(elb.delete_target_group, TargetGroupArn=green),
                "none": [self.code(elb.describe_load_balancers, Names=["none"]),
                         self.code(elb.describe_target_groups, Names=["none"]),
                         self.code(elb.describe_listeners,
                                   ListenerArns=[listener["ListenerArn"] + "0"])],
                "delay": [a["Value"] for a in elb.modify_target_group_attributes(
                    TargetGroupArn=green, Attributes=[
                        {"Key": "deregistration_delay.timeout_seconds", "Value": "30"}])[
                            "Attributes"] if a["Key"] == "deregistration_delay.timeout_seconds"],
                "tags": elb.describe_tags(ResourceArns=[green])["TagDescriptions"][0]["Tags"],
            }
        self.both(story)

    def test_dns(self):
        def story(url, _vpc, _subnets):
            route53 = client("route53", url, checked=False)
            zone = route53.create_hosted_zone(Name="beside.test", CallerReference="1")
            ident = zone["HostedZone"]["Id"]

            def change(action, identifier, weight, name="app.beside.test"):
                return {"Action": action, "ResourceRecordSet": {
                    "Name": name, "Type": "CNAME", "SetIdentifier": identifier, "Weight": weight,
                    "TTL": 60, "ResourceRecords": [{"Value": "x.test"}]}}

            def send(*changes, zone_id=ident):
                return route53.change_resource_record_sets(HostedZoneId=zone_id,
                                                           ChangeBatch={"Changes": changes})
            send(change("CREATE", "blue", 100), change("CREATE", "green", 0))
            send(change("UPSERT", "blue", 90), change("UPSERT", "green", 10))
            page = route53.list_resource_record_sets(
                HostedZoneId=ident, StartRecordName="app.beside.test", StartRecordType="CNAME",
                MaxItems="1")
            return {
                "zone": zone["HostedZone"]["Name"],
                "page": [(r["Name"], r["SetIdentifier"], r["Weight"], r["TTL"],
                          r["ResourceRecords"]) for r in page["ResourceRecordSets"]],
                # moto leaves out NextRecordIdentifier.
                "next": [page["IsTruncated"], page["NextRecordName"], page["NextRecordType"]],
                "foreign": self.code(lambda: send(change("CREATE", "x", 1, "app.other.test"))),
                "no zone": self.code(lambda: send(change("CREATE", "x", 1), zone_id="Z0")),
                "not empty": self.code(route53.delete_hosted_zone, Id=ident),
                "by name": [z["Name"] for z in route53.list_hosted_zones_by_name(
                    DNSName="beside.test")["HostedZones"]],
            }
        self.both(story)

    def test_metrics(self):
        def story(url, _vpc, _subnets):
            cloudwatch = client("cloudwatch", url, checked=False)
            now = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
            dimensions = [{"Name": "Service", "Value": "web"}]
            for minutes, value in ((10, 5), (9, 7)):
                cloudwatch.put_metric_data(Namespace="Shop", MetricData=[
                    {"MetricName": "Errors", "Dimensions": dimensions, "Value": value,
                     "Timestamp": now - datetime.timedelta(minutes=minutes)}])
            data = cloudwatch.get_metric_data(
                StartTime=now - datetime.timedelta(minutes=20), EndTime=now,
                ScanBy="TimestampAscending", MetricDataQueries=[{"Id": "e", "MetricStat": {
                    "Metric": {"Namespace": "Shop", "MetricName": "Errors",
                               "Dimensions": dimensions}, "Period": 60, "Stat": "Sum"}}])
            cloudwatch.put_metric_alarm(
                AlarmName="errors", Namespace="Shop", MetricName="Errors", Dimensions=dimensions,
                Statistic="Sum", Period=60, EvaluationPeriods=3, DatapointsToAlarm=2, Threshold=10,
                ComparisonOperator="GreaterThanThreshold", TreatMissingData="ignore")
            cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
            [alarm] = cloudwatch.describe_alarms(AlarmNames=["errors"])["MetricAlarms"]
            [result] = data["MetricDataResults"]
            return {
                "data": (result["Id"], result["Values"], result["StatusCode"],
                         [now - t for t in result["Timestamps"]]),
                "alarm": {k: alarm[k] for k in (
                    "AlarmName", "StateValue", "StateReason", "MetricName", "Namespace",
                    "Statistic", "Dimensions", "Period", "EvaluationPeriods", "DatapointsToAlarm",
                    "Threshold", "ComparisonOperator", "TreatMissingData", "ActionsEnabled")},
                "metrics": [m["MetricName"] for m in cloudwatch.list_metrics(
                    Namespace="Shop")["Metrics"]],
                "unknown": cloudwatch.describe_alarms(AlarmNames=["none"])["MetricAlarms"],
            }
        self.both(story)


# Base classes are not to be run again from here.
del SimulatorCase, CliCase, TestCase, TrafficCase

if __name__ == "__main__":
    unittest.main()
