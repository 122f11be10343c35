"""The ecs-crd command line against moto, as far as moto goes: it makes the stacks, keeps the item
and the records, and takes all of it away again. moto starts no tasks and registers no targets, so
the test registers them where a service would."""

import threading
import unittest

from harness import (REGION, MotoServer, Recorder, TestCase, check_signature, client, scratch,
                     slipway)

FILE = """\
canary:
  group: public
  releases: {blue: "1", green: "2"}
  scale: {desired: 1, wait: 0}
  strategy: [{weight: 100, wait: 40}]
service:
  project: bakery
  name: orders
  version: "1"
  fqdn: ["orders.bakery.test"]
  containers:
    - {name: web, image: "registry.example/web:1", memory: 128,
       port_mappings: [{container_port: 8080}]}
target_groups:
  - container: {name: web, port: 8080}
    target_group_attributes: [{key: deregistration_delay.timeout_seconds, value: 5}]
    health_check: {path: /health}
listeners:
  - {port: 80, target_group: {container: {name: web, port: 8080}}}
"""


class EcsCrd(TestCase):
    seconds = 300

    @classmethod
    def setUpClass(cls):
        cls.moto = MotoServer(MOTO_ECS_SERVICE_RUNNING="1")
        cls.addClassCleanup(cls.moto.stop)

    def setUp(self):
        super().setUp()
        self.ec2, self.elb, self.route53, self.ecs, self.stacks, self.tables = (
            client(service, self.moto.url, checked=False)
            for service in ("ec2", "elbv2", "route53", "ecs", "cloudformation", "dynamodb"))
        vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        self.ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Environment", "Value": "stage"}])
        subnets = [
            self.ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24",
                                   AvailabilityZone=REGION + zone)["Subnet"]["SubnetId"]
            for i, zone in enumerate("ab")]
        for label in "12":
            self.elb.create_load_balancer(
                Name="public-" + label, Subnets=subnets,
                Tags=[{"Key": "CanaryGroup", "Value": "public"},
                      {"Key": "CanaryRelease", "Value": label}])
        self.zone = self.route53.create_hosted_zone(
            Name="bakery.test", CallerReference="one")["HostedZone"]["Id"]
        self.ecs.create_cluster(clusterName="stage-ecs-cluster")
        self.recorder = Recorder(self.moto.url)
        self.addCleanup(self.recorder.stop)
        self.directory = scratch()
        (self.directory / "stage.deploy.yml").write_text(FILE)

    def tearDown(self):
        for call in self.recorder.calls:
            with self.subTest(call=repr(call)):
                self.assertEqual(check_signature(call, "testing"), [])

    def crd(self, *arguments):
        result = slipway(self.recorder.url, "ecs-crd", *arguments, "-r", REGION,
                         cwd=self.directory, seconds=200)
        self.assertEqual(result.status, 0, repr(result))
        return result

    def register_targets(self):
        """What ECS does for a service that has started."""
        image = self.ec2.describe_images()["Images"][0]["ImageId"]
        instance = self.ec2.run_instances(
            ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
        over = threading.Event()
        self.addCleanup(over.set)

        def watch():
            while not over.wait(1):
                for group in self.elb.describe_target_groups()["TargetGroups"]:
                    self.elb.register_targets(TargetGroupArn=group["TargetGroupArn"],
                                              Targets=[{"Id": instance, "Port": 8080}])
                    over.set()

        threading.Thread(target=watch, daemon=True).start()

    def records(self):
        sets = self.route53.list_resource_record_sets(HostedZoneId=self.zone)
        return {record["SetIdentifier"]: record["Weight"]
                for record in sets["ResourceRecordSets"] if "SetIdentifier" in record}

    def stack_names(self):
        return sorted(stack["StackName"] for stack in self.stacks.describe_stacks()["Stacks"])

    def test_a_service_comes_and_goes(self):
        self.crd("dry-run")
        self.assertEqual(self.stack_names(), [])
        self.assertEqual(self.tables.list_tables()["TableNames"], [])

        self.register_targets()
        self.crd("deploy")
        self.assertEqual(self.stack_names(), ["stage-orders-0", "stage-orders-1"])
        self.assertEqual(self.records(), {"1": 100, "2": 0})
        [item] = self.tables.scan(TableName="canary_release")["Items"]
        self.assertEqual(item["stack_name"]["S"], "stage-orders-1")
        self.assertNotIn("lock_owner", item)
        [service] = self.ecs.describe_services(cluster="stage-ecs-cluster",
                                               services=["orders-1"])["services"]
        self.assertEqual(service["desiredCount"], 1)

        self.crd("undeploy", "--yes")
        self.assertEqual(self.stack_names(), [])
        self.assertEqual(self.records(), {})
        self.assertEqual(self.tables.scan(TableName="canary_release")["Items"], [])


if __name__ == "__main__":
    unittest.main()
