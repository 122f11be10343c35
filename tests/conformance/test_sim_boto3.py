"""Unmodified boto3 drives the simulator. botocore's models judge every answer (harness.client);
the texts are AWS's, to the character."""

import datetime
import http.client
import json
import re
import socket
import unittest
import unittest.mock
import uuid

import botocore
import botocore.exceptions

from harness import REGION, Simulator, TestCase, client

SUBNETS = {"awsvpcConfiguration": {"subnets": ["subnet-0a1", "subnet-0b2"],
                                   "securityGroups": ["sg-0c3"], "assignPublicIp": "DISABLED"}}
FARGATE = {"launchType": "FARGATE", "networkConfiguration": SUBNETS}


def target_group(name="web"):
    return (f"arn:aws:elasticloadbalancing:{REGION}:123456789012:"
            f"targetgroup/{name}/0123456789abcdef")


def container(name="app", image="registry.example/shop:1", **more):
    return {"name": name, "image": image, "essential": True, **more}


class SimulatorCase(TestCase):
    """One simulator per class; each test has its own cluster."""

    speed = 120  # a second here is two minutes there
    arguments = ()

    @classmethod
    def setUpClass(cls):
        cls.simulator = Simulator(*cls.arguments, speed=cls.speed)
        cls.addClassCleanup(cls.simulator.stop)
        cls.ecs = client("ecs", cls.simulator.url)
        cls.sts = client("sts", cls.simulator.url)
        cls.account = cls.sts.get_caller_identity()["Account"]

    def setUp(self):
        super().setUp()
        self.unique = uuid.uuid4().hex[:8]
        self.cluster = f"c-{self.unique}"
        self.ecs.create_cluster(clusterName=self.cluster)

    def register(self, family=None, **more):
        more.setdefault("containerDefinitions", [container()])
        return self.ecs.register_task_definition(
            family=family or f"f-{self.unique}", networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"], cpu="256", memory="512",
            executionRoleArn=f"arn:aws:iam::{self.account}:role/execution", **more)["taskDefinition"]

    def create_service(self, name="web", task_definition=None, desired=2, **more):
        if task_definition is None:
            task_definition = self.register()["taskDefinitionArn"]
        return self.ecs.create_service(
            cluster=self.cluster, serviceName=name, taskDefinition=task_definition,
            desiredCount=desired, **{**FARGATE, **more})["service"]

    def service(self, name="web"):
        answer = self.ecs.describe_services(cluster=self.cluster, services=[name])
        self.assertEqual(answer["failures"], [])
        return answer["services"][0]

    def wait(self, waiter, **what):
        self.ecs.get_waiter(waiter).wait(cluster=self.cluster,
                                         WaiterConfig={"Delay": 0.1, "MaxAttempts": 400}, **what)

    def wait_stable(self, *names):
        self.wait("services_stable", services=list(names or ("web",)))

    def wait_completed(self, name="web"):
        """The rollout is over. ServicesStable can hold earlier: as soon as enough tasks run,
        whether or not they are registered with their load balancer."""
        self.eventually(lambda: [d["rolloutState"] for d in self.service(name)["deployments"]]
                        == ["COMPLETED"], "one deployment, COMPLETED")

    def run_task(self, task_definition=None, count=1, **more):
        if task_definition is None:
            task_definition = self.register()["taskDefinitionArn"]
        answer = self.ecs.run_task(cluster=self.cluster, taskDefinition=task_definition,
                                   count=count, **{**FARGATE, **more})
        self.assertEqual(answer["failures"], [])
        self.assertEqual(len(answer["tasks"]), count)
        return answer["tasks"]


class Clusters(SimulatorCase):
    def test_creating_twice_gives_the_same_cluster(self):
        first = self.ecs.create_cluster(clusterName=f"twice-{self.unique}")["cluster"]
        second = self.ecs.create_cluster(clusterName=f"twice-{self.unique}")["cluster"]
        self.assertEqual(first["clusterArn"], second["clusterArn"])
        self.assertRegex(first["clusterArn"],
                         rf"^arn:aws:ecs:{REGION}:\d{{12}}:cluster/twice-{self.unique}$")
        self.assertEqual(first["status"], "ACTIVE")

    def test_describe_answers_what_is_missing_with_failures(self):
        answer = self.ecs.describe_clusters(clusters=[self.cluster, "nowhere"])
        self.assertEqual([c["clusterName"] for c in answer["clusters"]], [self.cluster])
        [failure] = answer["failures"]
        self.assertEqual(failure["reason"], "MISSING")
        self.assertTrue(failure["arn"].endswith(":cluster/nowhere"), failure)

    def test_describe_by_arn_with_everything_included(self):
        made = self.ecs.create_cluster(
            clusterName=f"full-{self.unique}", tags=[{"key": "team", "value": "Größe"}],
            settings=[{"name": "containerInsights", "value": "enabled"}],
            capacityProviders=["FARGATE", "FARGATE_SPOT"],
            defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE", "weight": 1,
                                              "base": 1}])["cluster"]
        [cluster] = self.ecs.describe_clusters(
            clusters=[made["clusterArn"]],
            include=["ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS"])["clusters"]
        self.assertEqual(cluster["tags"], [{"key": "team", "value": "Größe"}])
        self.assertIn({"name": "containerInsights", "value": "enabled"}, cluster["settings"])
        self.assertEqual(cluster["capacityProviders"], ["FARGATE", "FARGATE_SPOT"])
        self.assertEqual(cluster["defaultCapacityProviderStrategy"],
                         [{"capacityProvider": "FARGATE", "weight": 1, "base": 1}])
        for counter in ("runningTasksCount", "pendingTasksCount", "activeServicesCount",
                        "registeredContainerInstancesCount"):
            self.assertEqual(cluster[counter], 0, counter)

    def test_tags_are_shown_only_when_asked_for(self):
        self.ecs.create_cluster(clusterName=f"quiet-{self.unique}",
                                tags=[{"key": "k", "value": "v"}])
        [cluster] = self.ecs.describe_clusters(clusters=[f"quiet-{self.unique}"])["clusters"]
        self.assertFalse(cluster.get("tags"))

    def test_listing_pages(self):
        made = {self.ecs.create_cluster(clusterName=f"page-{n}-{self.unique}")["cluster"]
                ["clusterArn"] for n in range(5)}
        pages = list(self.ecs.get_paginator("list_clusters").paginate(
            PaginationConfig={"PageSize": 2}))
        self.assertTrue(all(len(page["clusterArns"]) <= 2 for page in pages))
        listed = [arn for page in pages for arn in page["clusterArns"]]
        self.assertEqual(len(listed), len(set(listed)))
        self.assertLessEqual(made, set(listed))

    def test_a_foreign_page_token_is_refused(self):
        with self.refused("InvalidParameterException"):
            self.ecs.list_clusters(nextToken="made-up")

    def test_settings_and_configuration_change(self):
        answer = self.ecs.update_cluster_settings(
            cluster=self.cluster, settings=[{"name": "containerInsights", "value": "enhanced"}])
        self.assertEqual(answer["cluster"]["settings"],
                         [{"name": "containerInsights", "value": "enhanced"}])
        answer = self.ecs.update_cluster(cluster=self.cluster, settings=[
            {"name": "containerInsights", "value": "disabled"}])
        self.assertEqual(answer["cluster"]["clusterName"], self.cluster)

    def test_capacity_providers_are_replaced_as_a_whole(self):
        self.ecs.put_cluster_capacity_providers(
            cluster=self.cluster, capacityProviders=["FARGATE", "FARGATE_SPOT"],
            defaultCapacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 3}])
        cluster = self.ecs.put_cluster_capacity_providers(
            cluster=self.cluster, capacityProviders=["FARGATE"],
            defaultCapacityProviderStrategy=[])["cluster"]
        self.assertEqual(cluster["capacityProviders"], ["FARGATE"])
        self.assertEqual(cluster["defaultCapacityProviderStrategy"], [])

    def test_a_capacity_provider_of_ones_own(self):
        name = f"own-{self.unique}"
        group = {"autoScalingGroupArn": f"arn:aws:autoscaling:{REGION}:{self.account}:"
                 "autoScalingGroup:uuid:autoScalingGroupName/ecs",
                 "managedScaling": {"status": "ENABLED", "targetCapacity": 90}}
        made = self.ecs.create_capacity_provider(name=name, autoScalingGroupProvider=group)
        self.assertEqual(made["capacityProvider"]["status"], "ACTIVE")
        self.ecs.update_capacity_provider(name=name, autoScalingGroupProvider={
            "managedScaling": {"status": "DISABLED"}})
        [found] = self.ecs.describe_capacity_providers(capacityProviders=[name])[
            "capacityProviders"]
        self.assertEqual(found["autoScalingGroupProvider"]["managedScaling"]["status"],
                         "DISABLED")
        self.assertEqual(self.ecs.describe_capacity_providers(capacityProviders=["nowhere"])[
            "failures"][0]["reason"], "MISSING")
        self.ecs.delete_capacity_provider(capacityProvider=name)

    def test_the_two_fargate_providers_exist(self):
        found = self.ecs.describe_capacity_providers()["capacityProviders"]
        status = {provider["name"]: provider["status"] for provider in found}
        self.assertEqual(status.get("FARGATE"), "ACTIVE")
        self.assertEqual(status.get("FARGATE_SPOT"), "ACTIVE")

    def test_deleting_leaves_an_inactive_cluster(self):
        deleted = self.ecs.delete_cluster(cluster=self.cluster)["cluster"]
        self.assertEqual(deleted["status"], "INACTIVE")
        [cluster] = self.ecs.describe_clusters(clusters=[self.cluster])["clusters"]
        self.assertEqual(cluster["status"], "INACTIVE")
        listed = [arn for page in self.ecs.get_paginator("list_clusters").paginate()
                  for arn in page["clusterArns"]]
        self.assertNotIn(deleted["clusterArn"], listed)

    def test_a_cluster_with_services_is_not_deleted(self):
        self.create_service(desired=0)
        with self.refused("ClusterContainsServicesException",
                          "The Cluster cannot be deleted while Services are active."):
            self.ecs.delete_cluster(cluster=self.cluster)

    def test_a_cluster_with_tasks_is_not_deleted(self):
        self.run_task()
        with self.refused("ClusterContainsTasksException",
                          "The Cluster cannot be deleted while Tasks are active."):
            self.ecs.delete_cluster(cluster=self.cluster)

    def test_an_unknown_cluster_is_refused(self):
        for call, arguments in (
                (self.ecs.delete_cluster, {}),
                (self.ecs.list_services, {}),
                (self.ecs.list_tasks, {}),
                (self.ecs.describe_services, {"services": ["web"]}),
                (self.ecs.describe_tasks, {"tasks": ["0" * 32]}),
                (self.ecs.update_service, {"service": "web"}),
                (self.ecs.run_task, {"taskDefinition": "f"}),
                (self.ecs.stop_task, {"task": "0" * 32}),
                (self.ecs.list_container_instances, {})):
            with self.subTest(call=call.__name__):
                with self.refused("ClusterNotFoundException", "Cluster not found."):
                    call(cluster="nowhere", **arguments)

    def test_counters_follow_services_and_tasks(self):
        self.create_service(desired=2)
        self.wait_stable()
        [cluster] = self.ecs.describe_clusters(clusters=[self.cluster])["clusters"]
        self.assertEqual(cluster["activeServicesCount"], 1)
        self.assertEqual(cluster["runningTasksCount"], 2)
        self.assertEqual(cluster["pendingTasksCount"], 0)


class TaskDefinitions(SimulatorCase):
    def test_what_the_service_fills_in(self):
        made = self.register(containerDefinitions=[
            container(portMappings=[{"containerPort": 8080}],
                      healthCheck={"command": ["CMD", "true"]})])
        self.assertEqual(made["status"], "ACTIVE")
        self.assertEqual(made["revision"], 1)
        self.assertRegex(made["taskDefinitionArn"],
                         rf"^arn:aws:ecs:{REGION}:\d{{12}}:task-definition/f-{self.unique}:1$")
        self.assertEqual(made["volumes"], [])
        self.assertEqual(made["placementConstraints"], [])
        self.assertIn("FARGATE", made["compatibilities"])
        self.assertIsInstance(made["registeredAt"], datetime.datetime)
        self.assertIn(":", made["registeredBy"])
        [app] = made["containerDefinitions"]
        for name, value in (("cpu", 0), ("essential", True), ("environment", []),
                            ("mountPoints", []), ("volumesFrom", []), ("systemControls", [])):
            self.assertEqual(app[name], value, name)
        self.assertEqual(app["portMappings"],
                         [{"containerPort": 8080, "hostPort": 8080, "protocol": "tcp"}])
        self.assertEqual(app["healthCheck"], {"command": ["CMD", "true"], "interval": 30,
                                              "timeout": 5, "retries": 3})

    def test_sizes_are_normalised(self):
        made = self.ecs.register_task_definition(
            family=f"f-{self.unique}", requiresCompatibilities=["FARGATE"], networkMode="awsvpc",
            cpu="1 vCPU", memory="2 GB", containerDefinitions=[container()],
            executionRoleArn=f"arn:aws:iam::{self.account}:role/execution")["taskDefinition"]
        self.assertEqual((made["cpu"], made["memory"]), ("1024", "2048"))

    def test_every_member_survives_the_round_trip(self):
        given = dict(
            family=f"f-{self.unique}", networkMode="awsvpc", cpu="512", memory="1024",
            requiresCompatibilities=["FARGATE"], enableFaultInjection=True,
            taskRoleArn=f"arn:aws:iam::{self.account}:role/task",
            executionRoleArn=f"arn:aws:iam::{self.account}:role/execution",
            runtimePlatform={"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
            ephemeralStorage={"sizeInGiB": 30}, volumes=[{"name": "scratch"}],
            containerDefinitions=[
                container(
                    command=["sh", "-c", "echo „Grüße“ \U0001f680"], user="1000",
                    environment=[{"name": "A", "value": "1"}, {"name": "B", "value": ""}],
                    secrets=[{"name": "S", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/s"}],
                    portMappings=[{"containerPort": 8080, "name": "http", "appProtocol": "http2"}],
                    mountPoints=[{"sourceVolume": "scratch", "containerPath": "/tmp"}],
                    linuxParameters={"initProcessEnabled": True},
                    logConfiguration={"logDriver": "awslogs", "options": {
                        "awslogs-group": "g", "awslogs-region": REGION,
                        "awslogs-stream-prefix": "p"}},
                    dockerLabels={"a.b/c": "d"}, stopTimeout=60, versionConsistency="disabled",
                    restartPolicy={"enabled": True, "ignoredExitCodes": [0],
                                   "restartAttemptPeriod": 60},
                    ulimits=[{"name": "nofile", "softLimit": 1024, "hardLimit": 4096}]),
                {"name": "sidecar", "image": "registry.example/sidecar@sha256:" + "0" * 64,
                 "essential": False, "memoryReservation": 64,
                 "dependsOn": [{"containerName": "app", "condition": "START"}]}])
        made = self.ecs.register_task_definition(**given)["taskDefinition"]
        for name, value in given.items():
            self.assertTrue(self.contains(made[name], value), f"{name}: {made[name]}")
        described = self.ecs.describe_task_definition(
            taskDefinition=made["taskDefinitionArn"])["taskDefinition"]
        self.assertEqual(described, made)

    def contains(self, whole, part):
        """Every member of `part` is in `whole`; the service may have added defaults."""
        if isinstance(part, dict):
            return all(name in whole and self.contains(whole[name], value)
                       for name, value in part.items())
        if isinstance(part, list):
            return len(whole) == len(part) and all(map(self.contains, whole, part))
        return whole == part

    def test_revisions_count_up_even_past_deleted_ones(self):
        self.assertEqual([self.register()["revision"] for _ in range(3)], [1, 2, 3])
        self.ecs.deregister_task_definition(taskDefinition=f"f-{self.unique}:3")
        answer = self.ecs.delete_task_definitions(taskDefinitions=[f"f-{self.unique}:3"])
        self.assertEqual(answer["failures"], [])
        self.assertEqual(answer["taskDefinitions"][0]["status"], "DELETE_IN_PROGRESS")
        self.assertEqual(self.register()["revision"], 4)

    def test_a_family_means_its_newest_active_revision(self):
        self.register()
        self.register()
        self.ecs.deregister_task_definition(taskDefinition=f"f-{self.unique}:2")
        found = self.ecs.describe_task_definition(taskDefinition=f"f-{self.unique}")
        self.assertEqual(found["taskDefinition"]["revision"], 1)
        inactive = self.ecs.describe_task_definition(taskDefinition=f"f-{self.unique}:2")
        self.assertEqual(inactive["taskDefinition"]["status"], "INACTIVE")
        self.assertIn("deregisteredAt", inactive["taskDefinition"])

    def test_tags_are_beside_the_definition_and_only_on_request(self):
        tags = [{"key": "team", "value": "blue"}]
        self.register(tags=tags)
        name = f"f-{self.unique}"
        self.assertEqual(self.ecs.describe_task_definition(taskDefinition=name, include=["TAGS"])
                         ["tags"], tags)
        self.assertFalse(self.ecs.describe_task_definition(taskDefinition=name).get("tags"))

    def test_unknown_ones(self):
        for name in ("nowhere", "nowhere:7", f"f-{self.unique}:1"):
            with self.subTest(name=name):
                with self.refused("ClientException", "Unable to describe task definition."):
                    self.ecs.describe_task_definition(taskDefinition=name)

    def test_active_ones_are_not_deleted(self):
        self.register()
        [failure] = self.ecs.delete_task_definitions(
            taskDefinitions=[f"f-{self.unique}:1"])["failures"]
        self.assertEqual(failure["reason"], "The specified task definition is still in ACTIVE "
                         "status. Please deregister the target and try again.")

    def test_listing_by_family_status_and_order(self):
        for _ in range(3):
            self.register()
        self.register(family=f"f-{self.unique}-other")
        self.ecs.deregister_task_definition(taskDefinition=f"f-{self.unique}:2")

        def revisions(**more):
            pages = self.ecs.get_paginator("list_task_definitions").paginate(
                familyPrefix=f"f-{self.unique}", PaginationConfig={"PageSize": 1}, **more)
            return [arn.rsplit("/", 1)[1] for page in pages for arn in page["taskDefinitionArns"]]

        self.assertEqual(revisions(), [f"f-{self.unique}:1", f"f-{self.unique}:3"])
        self.assertEqual(revisions(sort="DESC"), [f"f-{self.unique}:3", f"f-{self.unique}:1"])
        self.assertEqual(revisions(status="INACTIVE"), [f"f-{self.unique}:2"])

    def test_families_by_prefix_and_status(self):
        self.register()
        self.register(family=f"f-{self.unique}-gone")
        self.ecs.deregister_task_definition(taskDefinition=f"f-{self.unique}-gone:1")

        def families(**more):
            pages = self.ecs.get_paginator("list_task_definition_families").paginate(
                familyPrefix=f"f-{self.unique}", PaginationConfig={"PageSize": 1}, **more)
            return [family for page in pages for family in page["families"]]

        self.assertEqual(families(status="ACTIVE"), [f"f-{self.unique}"])
        self.assertEqual(families(status="INACTIVE"), [f"f-{self.unique}-gone"])
        self.assertEqual(families(status="ALL"), [f"f-{self.unique}", f"f-{self.unique}-gone"])

    def test_wrong_fargate_sizes(self):
        for cpu, memory in (("256", "4096"), ("300", "512"), ("1024", "1024")):
            with self.subTest(cpu=cpu, memory=memory):
                with self.refused("ClientException",
                                  re.compile("No Fargate configuration exists for given values")):
                    self.ecs.register_task_definition(
                        family="f", networkMode="awsvpc", requiresCompatibilities=["FARGATE"],
                        cpu=cpu, memory=memory, containerDefinitions=[container()])

    def test_a_container_needs_memory_on_ec2(self):
        with self.refused("ClientException", "Invalid setting for container 'app'. At least one "
                          "of 'memory' or 'memoryReservation' must be specified."):
            self.ecs.register_task_definition(family="f", containerDefinitions=[container()])

    def test_fargate_wants_awsvpc(self):
        with self.refused("ClientException", "Fargate only supports network mode ‘awsvpc’."):
            self.ecs.register_task_definition(
                family="f", networkMode="bridge", requiresCompatibilities=["FARGATE"], cpu="256",
                memory="512", containerDefinitions=[container()])


class Services(SimulatorCase):
    def test_a_new_service_starts_with_one_primary_deployment(self):
        made = self.create_service()
        self.assertRegex(made["serviceArn"],
                         rf"^arn:aws:ecs:{REGION}:\d{{12}}:service/{self.cluster}/web$")
        self.assertEqual(made["status"], "ACTIVE")
        self.assertEqual((made["desiredCount"], made["runningCount"], made["pendingCount"]),
                         (2, 0, 0))
        self.assertEqual(made["events"], [])
        self.assertEqual(made["schedulingStrategy"], "REPLICA")
        self.assertEqual(made["deploymentConfiguration"]["minimumHealthyPercent"], 100)
        self.assertEqual(made["deploymentConfiguration"]["maximumPercent"], 200)
        [deployment] = made["deployments"]
        self.assertRegex(deployment["id"], r"^ecs-svc/\d{1,19}$")
        self.assertEqual(deployment["status"], "PRIMARY")
        self.assertEqual(deployment["rolloutState"], "IN_PROGRESS")
        self.assertEqual(deployment["rolloutStateReason"],
                         f"ECS deployment {deployment['id']} in progress.")

    def test_it_becomes_stable_and_says_so(self):
        self.create_service()
        self.wait_stable()
        self.wait_completed()
        service = self.service()
        [deployment] = service["deployments"]
        self.assertEqual(deployment["rolloutStateReason"],
                         f"ECS deployment {deployment['id']} completed.")
        self.assertEqual((service["runningCount"], service["pendingCount"]), (2, 0))
        messages = [event["message"] for event in service["events"]]
        self.assertEqual(messages[0], "(service web) has reached a steady state.")
        self.assertIn(f"(service web) (deployment {deployment['id']}) deployment completed.",
                      messages)
        self.assertTrue(any(re.fullmatch(
            r"\(service web\) has started 2 tasks: \(task [0-9a-f]{32}\) \(task [0-9a-f]{32}\)\.",
            message) for message in messages), messages)
        times = [event["createdAt"] for event in service["events"]]
        self.assertEqual(times, sorted(times, reverse=True))

    def test_an_update_rolls_to_the_new_definition(self):
        self.create_service()
        self.wait_stable()
        old = self.service()["deployments"][0]["id"]
        new = self.register()["taskDefinitionArn"]
        updated = self.ecs.update_service(cluster=self.cluster, service="web",
                                          taskDefinition=new)["service"]
        primary, active = updated["deployments"]
        self.assertEqual((primary["status"], active["status"]), ("PRIMARY", "ACTIVE"))
        self.assertEqual(primary["taskDefinition"], new)
        self.assertEqual(active["id"], old)
        self.assertNotEqual(primary["id"], old)
        self.assertEqual(updated["taskDefinition"], new)
        self.wait_stable()
        [deployment] = self.service()["deployments"]
        self.assertEqual(deployment["id"], primary["id"])
        tasks = self.ecs.list_tasks(cluster=self.cluster, serviceName="web")["taskArns"]
        for task in self.ecs.describe_tasks(cluster=self.cluster, tasks=tasks)["tasks"]:
            self.assertEqual(task["taskDefinitionArn"], new)
            self.assertEqual(task["startedBy"], primary["id"])
            self.assertEqual(task["group"], "service:web")

    def test_which_changes_start_a_deployment(self):
        task_definition = self.register()["taskDefinitionArn"]
        self.create_service(task_definition=task_definition, desired=1)
        self.wait_stable()
        before = self.service()["deployments"][0]["id"]
        for change, starts in (
                ({"desiredCount": 2}, False),
                ({"taskDefinition": task_definition}, False),
                ({"deploymentConfiguration": {"maximumPercent": 150}}, False),
                ({"healthCheckGracePeriodSeconds": 5}, False),
                ({"enableExecuteCommand": True}, False),
                ({"forceNewDeployment": True}, True)):
            with self.subTest(change=change):
                answer = self.ecs.update_service(cluster=self.cluster, service="web", **change)
                after = answer["service"]["deployments"][0]["id"]
                self.assertEqual(after != before, starts)
                before = after

    def test_only_given_members_change(self):
        self.create_service(desired=1)
        answer = self.ecs.update_service(
            cluster=self.cluster, service="web",
            deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True,
                                                                  "rollback": True}})["service"]
        self.assertEqual(answer["desiredCount"], 1)
        configuration = answer["deploymentConfiguration"]
        self.assertEqual(configuration["maximumPercent"], 200)
        self.assertEqual(configuration["deploymentCircuitBreaker"],
                         {"enable": True, "rollback": True})
        self.assertEqual(answer["networkConfiguration"], SUBNETS)

    def test_creating_the_same_name_again_is_refused(self):
        self.create_service(desired=1)
        with self.refused("InvalidParameterException",
                          "Creation of service was not idempotent."):
            self.create_service(desired=3)

    def test_the_same_client_token_gives_the_same_service(self):
        task_definition = self.register()["taskDefinitionArn"]
        first = self.create_service(task_definition=task_definition, clientToken="token-1")
        again = self.create_service(task_definition=task_definition, clientToken="token-1")
        self.assertEqual(first["serviceArn"], again["serviceArn"])
        self.assertEqual(first["deployments"][0]["id"], again["deployments"][0]["id"])

    def test_what_creating_refuses(self):
        task_definition = self.register(containerDefinitions=[
            container(portMappings=[{"containerPort": 8080}])])["taskDefinitionArn"]
        self.ecs.deregister_task_definition(
            taskDefinition=self.register(family=f"gone-{self.unique}")["taskDefinitionArn"])
        balancer = {"targetGroupArn": target_group(), "containerPort": 80}
        for what, code, message in (
                ({"taskDefinition": "nowhere"}, "ClientException", "TaskDefinition not found."),
                ({"taskDefinition": f"gone-{self.unique}:1"}, "ClientException",
                 "TaskDefinition is inactive"),
                ({"networkConfiguration": None}, "InvalidParameterException",
                 "Network Configuration must be provided when networkMode 'awsvpc' is specified."),
                ({"loadBalancers": [{**balancer, "containerName": "nobody"}]},
                 "InvalidParameterException",
                 "The container nobody does not exist in the task definition."),
                ({"loadBalancers": [{**balancer, "containerName": "app"}]},
                 "InvalidParameterException",
                 "The container app did not have a container port 80 defined."),
                ({"loadBalancers": [{"targetGroupArn": target_group("loose"),
                                     "containerName": "app", "containerPort": 8080}]},
                 "InvalidParameterException",
                 f"The target group with targetGroupArn {target_group('loose')} does not have an "
                 "associated load balancer."),
                ({"cluster": "nowhere"}, "ClusterNotFoundException", "Cluster not found.")):
            with self.subTest(what=what):
                given = {"cluster": self.cluster, "serviceName": "s", "desiredCount": 1,
                         "taskDefinition": task_definition, **FARGATE, **what}
                given = {name: value for name, value in given.items() if value is not None}
                with self.refused(code, message):
                    self.ecs.create_service(**given)

    def test_what_updating_refuses(self):
        with self.refused("ServiceNotFoundException", "Service not found."):
            self.ecs.update_service(cluster=self.cluster, service="nowhere")
        self.create_service(desired=0)
        with self.refused("ClientException", "TaskDefinition not found."):
            self.ecs.update_service(cluster=self.cluster, service="web", taskDefinition="nowhere")
        old = self.register(family=f"old-{self.unique}")["taskDefinitionArn"]
        self.ecs.deregister_task_definition(taskDefinition=old)
        with self.refused("ClientException", "TaskDefinition is inactive"):
            self.ecs.update_service(cluster=self.cluster, service="web", taskDefinition=old)
        self.ecs.delete_service(cluster=self.cluster, service="web")
        self.wait("services_inactive", services=["web"])
        with self.refused("ServiceNotActiveException", "Service was not ACTIVE."):
            self.ecs.update_service(cluster=self.cluster, service="web", desiredCount=1)

    def test_describing(self):
        with self.refused("InvalidParameterException", "service names can have at most 10 items."):
            self.ecs.describe_services(cluster=self.cluster, services=[f"s{n}" for n in range(11)])
        answer = self.ecs.describe_services(cluster=self.cluster, services=["nowhere"])
        self.assertEqual(answer["services"], [])
        [failure] = answer["failures"]
        self.assertEqual(failure["reason"], "MISSING")
        self.assertTrue(failure["arn"].endswith(f":service/{self.cluster}/nowhere"), failure)

    def test_listing_has_pages_of_ten(self):
        task_definition = self.register()["taskDefinitionArn"]
        names = {f"s{n:02}" for n in range(12)}
        for name in names:
            self.create_service(name, task_definition, desired=0)
        self.assertEqual(len(self.ecs.list_services(cluster=self.cluster)["serviceArns"]), 10)
        for size in (None, 5, 100):
            pages = self.ecs.get_paginator("list_services").paginate(
                cluster=self.cluster, PaginationConfig={"PageSize": size} if size else {})
            listed = [arn.rsplit("/", 1)[1] for page in pages for arn in page["serviceArns"]]
            self.assertEqual(sorted(listed), sorted(names), size)
        with self.refused("InvalidParameterException"):
            self.ecs.list_services(cluster=self.cluster, maxResults=101)

    def test_deleting(self):
        self.create_service(desired=1)
        with self.refused("InvalidParameterException",
                          "The service cannot be stopped while it is scaled above 0."):
            self.ecs.delete_service(cluster=self.cluster, service="web")
        self.wait_stable()
        draining = self.ecs.delete_service(cluster=self.cluster, service="web",
                                           force=True)["service"]
        self.assertEqual(draining["status"], "DRAINING")
        self.wait("services_inactive", services=["web"])
        self.assertEqual(self.ecs.list_services(cluster=self.cluster)["serviceArns"], [])
        self.assertEqual(self.service()["status"], "INACTIVE")
        self.assertEqual(self.create_service(desired=0)["status"], "ACTIVE")  # the name is free

    def test_scaling_to_nothing_and_back(self):
        self.create_service(desired=1)
        self.wait_stable()
        self.ecs.update_service(cluster=self.cluster, service="web", desiredCount=0)
        self.wait_stable()
        self.assertEqual(self.service()["runningCount"], 0)
        self.ecs.update_service(cluster=self.cluster, service="web", desiredCount=3)
        self.wait_stable()
        self.assertEqual(self.service()["runningCount"], 3)

    def test_waiting_for_a_missing_service_fails(self):
        with self.assertRaisesRegex(botocore.exceptions.WaiterError, "MISSING"):
            self.wait_stable("nowhere")

    def test_a_task_that_is_stopped_is_replaced(self):
        self.create_service(desired=1)
        self.wait_stable()
        [task] = self.ecs.list_tasks(cluster=self.cluster, serviceName="web")["taskArns"]
        self.ecs.stop_task(cluster=self.cluster, task=task)

        def replaced():
            arns = self.ecs.list_tasks(cluster=self.cluster, serviceName="web")["taskArns"]
            return len(arns) == 1 and arns != [task] and self.service()["runningCount"] == 1

        self.eventually(replaced, "another task runs in its place")


class Deployments(SimulatorCase):
    def rolled(self):
        """A stable service that has just been given a second revision."""
        self.create_service(desired=2)
        self.wait_stable()
        self.eventually(lambda: self.deployments()[0]["status"] == "SUCCESSFUL", "first done")
        new = self.register()["taskDefinitionArn"]
        return self.ecs.update_service(cluster=self.cluster, service="web",
                                       taskDefinition=new)["service"]

    def deployments(self, **more):
        return self.ecs.list_service_deployments(cluster=self.cluster, service="web",
                                                 **more)["serviceDeployments"]

    def describe(self, arn):
        answer = self.ecs.describe_service_deployments(serviceDeploymentArns=[arn])
        self.assertEqual(answer["failures"], [])
        return answer["serviceDeployments"][0]

    def test_an_update_leaves_a_record_that_ends_successful(self):
        service = self.rolled()
        newest = self.deployments()[0]
        self.assertRegex(newest["serviceDeploymentArn"],
                         rf":service-deployment/{self.cluster}/web/[A-Za-z0-9_-]{{21}}$")
        self.assertEqual(service.get("currentServiceDeployment", newest["serviceDeploymentArn"]),
                         newest["serviceDeploymentArn"])
        self.assertIn(newest["status"], ("PENDING", "IN_PROGRESS"))
        done = self.eventually(
            lambda: (lambda d: d if d["status"] == "SUCCESSFUL" else None)(
                self.describe(newest["serviceDeploymentArn"])), "SUCCESSFUL")
        self.assertEqual(done["targetServiceRevision"]["requestedTaskCount"], 2)
        self.assertEqual(done["targetServiceRevision"]["runningTaskCount"], 2)
        self.assertEqual(len(done["sourceServiceRevisions"]), 1)
        self.assertLessEqual(done["createdAt"], done["startedAt"])
        self.assertLessEqual(done["startedAt"], done["finishedAt"])
        self.assertEqual(len(self.deployments()), 2)

    def test_filters_of_the_list(self):
        self.rolled()
        self.assertEqual(self.deployments(status=["STOPPED"]), [])
        old = self.deployments(status=["SUCCESSFUL"])
        self.assertGreaterEqual(len(old), 1)
        moment = old[-1]["createdAt"] + datetime.timedelta(seconds=1)
        later = self.deployments(createdAt={"after": moment})
        self.assertNotIn(old[-1]["serviceDeploymentArn"],
                         [d["serviceDeploymentArn"] for d in later])

    def test_revisions_say_what_was_rolled_out(self):
        service = self.rolled()
        revision = self.describe(self.deployments()[0]["serviceDeploymentArn"])[
            "targetServiceRevision"]["arn"]
        self.assertRegex(revision, rf":service-revision/{self.cluster}/web/\d{{1,19}}$")
        answer = self.ecs.describe_service_revisions(serviceRevisionArns=[revision])
        [found] = answer["serviceRevisions"]
        self.assertEqual(found["taskDefinition"], service["taskDefinition"])
        self.assertEqual(found["launchType"], "FARGATE")
        self.assertEqual(found["networkConfiguration"], SUBNETS)

    def test_stopping_rolls_back(self):
        old = self.register()["taskDefinitionArn"]
        self.create_service(task_definition=old, desired=1)
        self.wait_stable()
        self.eventually(lambda: self.deployments()[0]["status"] == "SUCCESSFUL", "first done")
        self.ecs.update_service(cluster=self.cluster, service="web",
                                taskDefinition=self.register()["taskDefinitionArn"])
        arn = self.deployments()[0]["serviceDeploymentArn"]
        answer = self.ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
        self.assertEqual(answer["serviceDeploymentArn"], arn)
        self.eventually(lambda: self.describe(arn)["status"] == "ROLLBACK_SUCCESSFUL",
                        "ROLLBACK_SUCCESSFUL")
        self.wait_stable()
        [deployment] = self.service()["deployments"]
        self.assertEqual(deployment["taskDefinition"], old)
        with self.refused("ConflictException"):
            self.ecs.stop_service_deployment(serviceDeploymentArn=arn)

    def test_a_newer_deployment_stops_the_older_one(self):
        self.rolled()
        ours = self.deployments()[0]["serviceDeploymentArn"]
        self.ecs.update_service(cluster=self.cluster, service="web", forceNewDeployment=True)
        self.eventually(lambda: self.describe(ours)["status"] == "STOPPED", "STOPPED")
        self.assertNotEqual(self.deployments()[0]["serviceDeploymentArn"], ours)

    def test_unknown_ones(self):
        arn = (f"arn:aws:ecs:{REGION}:{self.account}:service-deployment/{self.cluster}/web/"
               "AAAAAAAAAAAAAAAAAAAAA")
        answer = self.ecs.describe_service_deployments(serviceDeploymentArns=[arn])
        self.assertEqual(answer["serviceDeployments"], [])
        self.assertEqual([f["reason"] for f in answer["failures"]], ["MISSING"])
        with self.refused("ServiceDeploymentNotFoundException"):
            self.ecs.stop_service_deployment(serviceDeploymentArn=arn)
        with self.refused("ServiceNotFoundException"):
            self.ecs.list_service_deployments(cluster=self.cluster, service="nowhere")


class Tasks(SimulatorCase):
    def describe(self, *tasks, **more):
        answer = self.ecs.describe_tasks(cluster=self.cluster, tasks=list(tasks), **more)
        self.assertEqual(answer["failures"], [])
        return answer["tasks"]

    def test_from_provisioning_to_stopped(self):
        [task] = self.run_task(startedBy="me", group="family:batch",
                               tags=[{"key": "k", "value": "v"}])
        self.assertRegex(task["taskArn"],
                         rf"^arn:aws:ecs:{REGION}:\d{{12}}:task/{self.cluster}/[0-9a-f]{{32}}$")
        self.assertEqual(task["lastStatus"], "PROVISIONING")
        self.assertEqual(task["desiredStatus"], "RUNNING")
        self.assertEqual((task["cpu"], task["memory"]), ("256", "512"))
        self.assertEqual(task["startedBy"], "me")
        self.wait("tasks_running", tasks=[task["taskArn"]])
        [running] = self.describe(task["taskArn"], include=["TAGS"])
        self.assertEqual(running["tags"], [{"key": "k", "value": "v"}])
        self.assertLessEqual(running["createdAt"], running["startedAt"])
        self.assertEqual([c["lastStatus"] for c in running["containers"]], ["RUNNING"])
        self.assertEqual([a["type"] for a in running["attachments"]],
                         ["ElasticNetworkInterface"])
        stopping = self.ecs.stop_task(cluster=self.cluster, task=task["taskArn"],
                                      reason="enough")["task"]
        self.assertEqual(stopping["desiredStatus"], "STOPPED")
        self.wait("tasks_stopped", tasks=[task["taskArn"]])
        [stopped] = self.describe(task["taskArn"])
        self.assertEqual(stopped["stopCode"], "UserInitiated")
        self.assertEqual(stopped["stoppedReason"], "enough")
        self.assertGreater(stopped["version"], running["version"])
        self.assertIsInstance(stopped["containers"][0]["exitCode"], int)
        again = self.ecs.stop_task(cluster=self.cluster, task=task["taskArn"])["task"]
        self.assertEqual(again["lastStatus"], "STOPPED")

    def test_stopping_without_a_reason(self):
        [task] = self.run_task()
        self.ecs.stop_task(cluster=self.cluster, task=task["taskArn"])
        self.wait("tasks_stopped", tasks=[task["taskArn"]])
        [stopped] = self.describe(task["taskArn"])
        self.assertEqual(stopped["stoppedReason"], "Task stopped by user")

    def test_waiting_for_a_stopped_task_to_run_fails(self):
        [task] = self.run_task()
        self.ecs.stop_task(cluster=self.cluster, task=task["taskArn"])
        with self.assertRaisesRegex(botocore.exceptions.WaiterError, "STOPPED"):
            self.wait("tasks_running", tasks=[task["taskArn"]])

    def test_overrides_are_shown(self):
        overrides = {"containerOverrides": [{"name": "app", "command": ["migrate", "--all"],
                                             "environment": [{"name": "A", "value": "1"}]}]}
        [task] = self.run_task(overrides=overrides)
        [shown] = task["overrides"]["containerOverrides"]
        self.assertEqual(shown["command"], ["migrate", "--all"])
        self.assertEqual(shown["environment"], [{"name": "A", "value": "1"}])

    def test_what_running_refuses(self):
        task_definition = self.register()["taskDefinitionArn"]
        gone = self.register(family=f"gone-{self.unique}")["taskDefinitionArn"]
        self.ecs.deregister_task_definition(taskDefinition=gone)
        self.ecs.register_task_definition(family=f"ec2-{self.unique}",
                                          containerDefinitions=[container(memory=128)])
        for what, code, message in (
                ({"taskDefinition": "nowhere"}, "ClientException", "TaskDefinition not found."),
                ({"taskDefinition": gone}, "InvalidParameterException",
                 "TaskDefinition is inactive"),
                ({"overrides": {"containerOverrides": [{"name": "nobody"}]}},
                 "InvalidParameterException", "Override for container named nobody is not a "
                 "container in the TaskDefinition."),
                ({"taskDefinition": f"ec2-{self.unique}", "launchType": "EC2",
                  "networkConfiguration": None}, "InvalidParameterException",
                 "No Container Instances were found in your cluster.")):
            with self.subTest(what=what):
                given = {"cluster": self.cluster, "taskDefinition": task_definition, **FARGATE,
                         **what}
                given = {name: value for name, value in given.items() if value is not None}
                with self.refused(code, message):
                    self.ecs.run_task(**given)
        for count in (0, 11):
            with self.subTest(count=count), self.refused("InvalidParameterException"):
                self.ecs.run_task(cluster=self.cluster, taskDefinition=task_definition,
                                  count=count, **FARGATE)

    def test_the_same_client_token_runs_once(self):
        task_definition = self.register()["taskDefinitionArn"]
        first = self.run_task(task_definition, clientToken="token-1")
        again = self.run_task(task_definition, clientToken="token-1")
        self.assertEqual([t["taskArn"] for t in first], [t["taskArn"] for t in again])
        with self.refused("ConflictException") as caught:
            self.run_task(task_definition, clientToken="token-1", count=2)
        self.assertEqual(len(caught.exception.response["resourceIds"]), 1)

    def test_describing(self):
        with self.refused("InvalidParameterException", "Tasks cannot be empty."):
            self.ecs.describe_tasks(cluster=self.cluster, tasks=[])
        answer = self.ecs.describe_tasks(cluster=self.cluster, tasks=["0" * 32])
        self.assertEqual(answer["tasks"], [])
        [failure] = answer["failures"]
        self.assertEqual(failure["reason"], "MISSING")
        self.assertTrue(failure["arn"].endswith(f":task/{self.cluster}/{'0' * 32}"), failure)
        with self.refused("InvalidParameterException"):
            self.ecs.describe_tasks(cluster=self.cluster, tasks=["0" * 32] * 101)

    def test_stopping_an_unknown_task(self):
        with self.refused("InvalidParameterException", "The referenced task was not found."):
            self.ecs.stop_task(cluster=self.cluster, task="0" * 32)

    def test_listing_filters(self):
        family = f"f-{self.unique}"
        mine = {t["taskArn"] for t in self.run_task(count=2, startedBy="me")}
        other = {t["taskArn"] for t in
                 self.run_task(self.register(family=f"o-{self.unique}")["taskDefinitionArn"])}

        def listed(**more):
            pages = self.ecs.get_paginator("list_tasks").paginate(
                cluster=self.cluster, PaginationConfig={"PageSize": 1}, **more)
            return {arn for page in pages for arn in page["taskArns"]}

        self.assertEqual(listed(), mine | other)
        self.assertEqual(listed(family=family), mine)
        self.assertEqual(listed(startedBy="me"), mine)
        self.assertEqual(listed(launchType="FARGATE"), mine | other)
        self.assertEqual(listed(launchType="EC2"), set())
        self.assertEqual(listed(desiredStatus="STOPPED"), set())
        [gone] = other
        self.ecs.stop_task(cluster=self.cluster, task=gone)
        self.assertEqual(listed(desiredStatus="STOPPED"), other)
        self.assertEqual(listed(), mine)
        with self.refused("ServiceNotFoundException", "Service not found."):
            listed(serviceName="nowhere")

    def test_protection(self):
        self.create_service(desired=1)
        self.wait_stable()
        tasks = self.ecs.list_tasks(cluster=self.cluster, serviceName="web")["taskArns"]
        answer = self.ecs.update_task_protection(cluster=self.cluster, tasks=tasks,
                                                 protectionEnabled=True, expiresInMinutes=10)
        [protected] = answer["protectedTasks"]
        self.assertTrue(protected["protectionEnabled"])
        [seen] = self.ecs.get_task_protection(cluster=self.cluster, tasks=tasks)["protectedTasks"]
        self.assertEqual(seen["expirationDate"], protected["expirationDate"])
        [loner] = self.run_task()
        answer = self.ecs.update_task_protection(cluster=self.cluster, tasks=[loner["taskArn"]],
                                                 protectionEnabled=True)
        self.assertEqual([f["reason"] for f in answer["failures"]], ["TASK_NOT_VALID"])

    def test_execute_command_needs_to_be_enabled(self):
        [task] = self.run_task()
        self.wait("tasks_running", tasks=[task["taskArn"]])
        with self.refused(
                "InvalidParameterException",
                "The execute command failed because execute command was not enabled when the task "
                "was run or the execute command agent isn’t running. Wait and try again or run a "
                "new task with execute command enabled and try again."):
            self.ecs.execute_command(cluster=self.cluster, task=task["taskArn"], command="ls",
                                     interactive=True)


class TagsAndSettings(SimulatorCase):
    def test_tags_of_each_kind_of_resource(self):
        service = self.create_service(desired=0)
        [cluster] = self.ecs.describe_clusters(clusters=[self.cluster])["clusters"]
        [task] = self.run_task()
        for arn in (cluster["clusterArn"], service["serviceArn"], service["taskDefinition"],
                    task["taskArn"]):
            with self.subTest(arn=arn):
                self.ecs.tag_resource(resourceArn=arn, tags=[
                    {"key": "a", "value": "1"}, {"key": "ü:/=+-@", "value": ""}])
                self.ecs.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "2"}])
                tags = self.ecs.list_tags_for_resource(resourceArn=arn)["tags"]
                self.assertEqual({t["key"]: t.get("value") for t in tags},
                                 {"a": "2", "ü:/=+-@": ""})
                self.ecs.untag_resource(resourceArn=arn, tagKeys=["a", "never-there"])
                tags = self.ecs.list_tags_for_resource(resourceArn=arn)["tags"]
                self.assertEqual([t["key"] for t in tags], ["ü:/=+-@"])

    def test_what_tags_refuse(self):
        [cluster] = self.ecs.describe_clusters(clusters=[self.cluster])["clusters"]
        for tags in ([{"key": "aws:x", "value": "1"}], [{"key": "k" * 129, "value": "1"}],
                     [{"key": "k", "value": "v" * 257}]):
            with self.subTest(tags=tags), self.refused("InvalidParameterException"):
                self.ecs.tag_resource(resourceArn=cluster["clusterArn"], tags=tags)

    def test_account_settings(self):
        changed = self.ecs.put_account_setting(name="containerInsights", value="enabled")
        self.assertEqual(changed["setting"]["value"], "enabled")
        pages = self.ecs.get_paginator("list_account_settings").paginate(
            name="containerInsights", effectiveSettings=True)
        [setting] = [s for page in pages for s in page["settings"]]
        self.assertEqual((setting["name"], setting["value"]), ("containerInsights", "enabled"))
        self.ecs.put_account_setting_default(name="containerInsights", value="disabled")
        names = {s["name"] for page in self.ecs.get_paginator("list_account_settings").paginate(
            effectiveSettings=True) for s in page["settings"]}
        self.assertLessEqual({"serviceLongArnFormat", "taskLongArnFormat", "awsvpcTrunking",
                              "containerInsights", "tagResourceAuthorization"}, names)


class Identity(SimulatorCase):
    def test_who_am_i(self):
        answer = self.sts.get_caller_identity()
        self.assertRegex(answer["Account"], r"^\d{12}$")
        self.assertRegex(answer["Arn"], rf"^arn:aws:(iam|sts)::{answer['Account']}:")
        self.assertTrue(answer["UserId"])

    def test_an_assumed_role_works_and_shows_who_it_is(self):
        answer = self.sts.assume_role(RoleArn=f"arn:aws:iam::{self.account}:role/deploy",
                                      RoleSessionName="it-is@me", DurationSeconds=900)
        credentials = answer["Credentials"]
        self.assertTrue(credentials["AccessKeyId"].startswith("ASIA"))
        self.assertIsInstance(credentials["Expiration"], datetime.datetime)
        arn = f"arn:aws:sts::{self.account}:assumed-role/deploy/it-is@me"
        self.assertEqual(answer["AssumedRoleUser"]["Arn"], arn)
        self.assertRegex(answer["AssumedRoleUser"]["AssumedRoleId"], r"^AROA\w+:it-is@me$")
        as_role = client("sts", self.simulator.url, credentials["AccessKeyId"],
                         credentials["SecretAccessKey"], credentials["SessionToken"])
        self.assertEqual(as_role.get_caller_identity()["Arn"], arn)

    def test_web_identity_needs_no_signature(self):
        given = {"RoleArn": f"arn:aws:iam::{self.account}:role/deploy", "RoleSessionName": "run-1"}
        answer = self.sts.assume_role_with_web_identity(WebIdentityToken="ci-token-7", **given)
        self.assertEqual(answer["AssumedRoleUser"]["Arn"],
                         f"arn:aws:sts::{self.account}:assumed-role/deploy/run-1")
        with self.refused("AccessDenied",
                          "Not authorized to perform sts:AssumeRoleWithWebIdentity"):
            self.sts.assume_role_with_web_identity(WebIdentityToken="another", **given)

    def test_a_role_that_trusts_others_is_refused(self):
        me = self.sts.get_caller_identity()["Arn"]
        role = f"arn:aws:iam::{self.account}:role/closed"
        with self.refused("AccessDenied", f"User: {me} is not authorized to perform: "
                          f"sts:AssumeRole on resource: {role}"):
            self.sts.assume_role(RoleArn=role, RoleSessionName="session")

    def test_credentials_end(self):
        credentials = self.sts.assume_role(RoleArn=f"arn:aws:iam::{self.account}:role/brief",
                                           RoleSessionName="session")["Credentials"]
        keys = (credentials["AccessKeyId"], credentials["SecretAccessKey"],
                credentials["SessionToken"])

        def refusal(service, call):
            try:
                getattr(client(service, self.simulator.url, *keys), call)()
            except botocore.exceptions.ClientError as error:
                return error.response["Error"]
            return None

        for service, call, code in (("sts", "get_caller_identity", "ExpiredToken"),
                                    ("ecs", "list_clusters", "ExpiredTokenException")):
            self.assertEqual(
                self.eventually(lambda s=service, c=call: refusal(s, c), "they have expired"),
                {"Type": "Sender", "Code": code, "Message":
                 "The security token included in the request is expired"} if service == "sts" else
                {"Code": code, "Message": "The security token included in the request is expired"})

    def test_what_a_policy_does_not_allow_is_refused(self):
        reader = client("ecs", self.simulator.url, "AKIAREADER", "readers-secret")
        reader.list_clusters()
        with self.refused(
                "AccessDeniedException",
                f"User: arn:aws:iam::{self.account}:user/reader is not authorized to perform: "
                f"ecs:UpdateService on resource: arn:aws:ecs:{REGION}:{self.account}:service/"
                f"{self.cluster}/web because no identity-based policy allows the "
                "ecs:UpdateService action"):
            reader.update_service(cluster=self.cluster, service="web", desiredCount=1)

    def test_a_duration_out_of_range_is_refused(self):
        careless = client("sts", self.simulator.url, parameter_validation=False)
        with self.refused("ValidationError"):
            careless.assume_role(RoleArn=f"arn:aws:iam::{self.account}:role/deploy",
                                 RoleSessionName="session", DurationSeconds=60)


class Signatures(TestCase):
    """With --check-signatures, in real time: dates count."""

    @classmethod
    def setUpClass(cls):
        cls.simulator = Simulator("--check-signatures")
        cls.addClassCleanup(cls.simulator.stop)

    def ecs(self, *keys, **config):
        return client("ecs", self.simulator.url, *keys, **config)

    def sts(self, *keys, **config):
        return client("sts", self.simulator.url, *keys, **config)

    def test_a_right_signature_is_accepted_whatever_the_body(self):
        ecs = self.ecs("testing", "testing")
        ecs.create_cluster(clusterName="signed", tags=[
            {"key": "ü \U0001f680", "value": "a b+c/d=é"}])
        self.assertEqual(self.sts("testing", "testing").get_caller_identity()["Arn"],
                         "arn:aws:iam::123456789012:user/testing")

    def test_a_wrong_secret_is_noticed(self):
        text = ("The request signature we calculated does not match the signature you provided. "
                "Check your AWS Secret Access Key and signing method. Consult the service "
                "documentation for details.")
        with self.refused("InvalidSignatureException", text):
            self.ecs("testing", "wrong").list_clusters()
        with self.refused("SignatureDoesNotMatch", text):
            self.sts("testing", "wrong").get_caller_identity()

    def test_an_unknown_key_is_noticed(self):
        text = "The security token included in the request is invalid."
        with self.refused("UnrecognizedClientException", text):
            self.ecs("nobody", "testing").list_clusters()
        with self.refused("InvalidClientTokenId", text):
            self.sts("nobody", "testing").get_caller_identity()

    def test_no_signature_is_noticed(self):
        unsigned = botocore.UNSIGNED
        with self.refused("MissingAuthenticationTokenException"):
            self.ecs("testing", "testing", signature_version=unsigned).list_clusters()
        with self.refused("MissingAuthenticationToken"):
            self.sts("testing", "testing", signature_version=unsigned).get_caller_identity()

    def test_a_role_session_needs_its_token(self):
        credentials = self.sts("testing", "testing").assume_role(
            RoleArn="arn:aws:iam::123456789012:role/deploy", RoleSessionName="s-1")["Credentials"]
        keys = credentials["AccessKeyId"], credentials["SecretAccessKey"]
        self.ecs(*keys, credentials["SessionToken"]).list_clusters()
        for token in (None, "another"):
            with self.subTest(token=token), self.refused("UnrecognizedClientException"):
                self.ecs(*keys, token).list_clusters()

    def test_an_old_signature_is_noticed(self):
        now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
        for minutes, text in ((-10, "Signature expired: "), (10, "Signature not yet current: ")):
            moment = now + datetime.timedelta(minutes=minutes)
            with self.subTest(minutes=minutes), unittest.mock.patch(
                    "botocore.auth.get_current_datetime", return_value=moment):
                with self.refused("InvalidSignatureException", re.compile(
                        rf"^{text}{moment:%Y%m%dT%H%M%SZ} is (now earlier|still later) than "
                        r"\d{8}T\d{6}Z \(\d{8}T\d{6}Z [-+] 5 min\.\)$")):
                    self.ecs("testing", "testing").list_clusters()


class Throttling(TestCase):
    """AWS's documented token buckets, in real time."""

    def test_too_many_calls_are_refused_and_retries_get_through(self):
        simulator = Simulator()
        self.addCleanup(simulator.stop)
        ecs = client("ecs", simulator.url)
        with self.refused("ThrottlingException", "Rate exceeded"):
            for number in range(40):  # a burst of 20 is allowed, then 1 in a second
                ecs.create_cluster(clusterName=f"c-{number}")
        patient = client("ecs", simulator.url, retries={"mode": "standard", "max_attempts": 8})
        patient.create_cluster(clusterName="patience")


class Troubles(SimulatorCase):
    """Images that do not work (world.yml), and what the service says about them."""

    BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}

    def break_it(self, image, definition=None, **more):
        good = self.register()["taskDefinitionArn"]
        self.create_service(task_definition=good, deploymentConfiguration=self.BREAKER, **more)
        self.wait_completed()
        bad = self.register(containerDefinitions=[
            container(image=f"registry.example/shop:{image}", **(definition or {}))])
        updated = self.ecs.update_service(cluster=self.cluster, service="web",
                                          taskDefinition=bad["taskDefinitionArn"])["service"]
        return good, updated["deployments"][0]["id"]

    def assert_rolled_back(self, good, ours):
        def rolled_back():
            service = self.service()
            first = service["deployments"][0]
            return (len(service["deployments"]) == 1 and first["taskDefinition"] == good
                    and first["rolloutState"] == "COMPLETED" and service)

        service = self.eventually(rolled_back, "the old revision is back", seconds=50)
        messages = [event["message"] for event in service["events"]]
        self.assertIn(f"(service web) (deployment {ours}) deployment failed: tasks failed to "
                      "start.", messages)
        self.assertIn("(service web) rolling back to deployment "
                      f"{service['deployments'][0]['id']}.", messages)
        [newest, *_] = self.ecs.list_service_deployments(
            cluster=self.cluster, service="web")["serviceDeployments"]
        self.assertEqual(newest["status"], "ROLLBACK_SUCCESSFUL")
        [record] = self.ecs.describe_service_deployments(
            serviceDeploymentArns=[newest["serviceDeploymentArn"]])["serviceDeployments"]
        self.assertEqual(record["statusReason"], "Service deployment rolled back because the "
                         "circuit breaker threshold was exceeded.")
        self.assertEqual(record["deploymentCircuitBreaker"]["status"], "TRIGGERED")
        self.assertIn("rollback", record)

    def test_an_image_that_is_missing(self):
        good, ours = self.break_it("missing")
        self.eventually(lambda: any(d["id"] == ours and d.get("failedTasks", 0) > 0
                                    for d in self.service()["deployments"]), "failedTasks counts")
        stopped = self.eventually(
            lambda: self.ecs.list_tasks(cluster=self.cluster, serviceName="web",
                                        desiredStatus="STOPPED")["taskArns"], "a stopped task")
        [task] = self.ecs.describe_tasks(cluster=self.cluster, tasks=stopped[:1])["tasks"]
        self.assertEqual(task["stopCode"], "TaskFailedToStart")
        self.assertRegex(task["stoppedReason"], "^CannotPullContainerError: .*not found$")
        self.assertEqual(task["startedBy"], ours)
        self.assertNotIn("startedAt", task)
        self.assertNotIn("exitCode", task["containers"][0])
        self.assertEqual(task["containers"][0]["reason"], task["stoppedReason"])
        self.assert_rolled_back(good, ours)

    def test_a_container_health_check_that_fails(self):
        good, ours = self.break_it("sick", {"healthCheck": {
            "command": ["CMD", "true"], "interval": 5, "retries": 1}})
        self.assert_rolled_back(good, ours)
        messages = [event["message"] for event in self.service()["events"]]
        self.assertTrue(any(re.fullmatch(r"\(service web\) \(task [0-9a-f]{32}\) failed container "
                                         r"health checks\.", m) for m in messages), messages)

    def test_how_one_off_tasks_end(self):
        for image, exit_code, reason in (
                ("once", 0, None), ("fails", 3, None),
                ("greedy", 137, "OutOfMemoryError: Container killed due to memory usage")):
            with self.subTest(image=image):
                definition = self.register(family=f"{image}-{self.unique}", containerDefinitions=[
                    container(image=f"registry.example/shop:{image}")])
                [task] = self.run_task(definition["taskDefinitionArn"])
                self.wait("tasks_stopped", tasks=[task["taskArn"]])
                [ended] = self.ecs.describe_tasks(cluster=self.cluster,
                                                  tasks=[task["taskArn"]])["tasks"]
                self.assertEqual(ended["stopCode"], "EssentialContainerExited")
                self.assertEqual(ended["stoppedReason"], "Essential container in task exited")
                self.assertEqual(ended["containers"][0]["exitCode"], exit_code)
                self.assertEqual(ended["containers"][0].get("reason"), reason)

    def test_a_rollout_behind_a_load_balancer(self):
        ports = {"containerDefinitions": [container(portMappings=[{"containerPort": 8080}])]}
        self.create_service(
            task_definition=self.register(**ports)["taskDefinitionArn"],
            loadBalancers=[{"targetGroupArn": target_group(), "containerName": "app",
                            "containerPort": 8080}])
        self.wait_completed()
        old = self.service()["deployments"][0]["id"]
        self.ecs.update_service(cluster=self.cluster, service="web",
                                taskDefinition=self.register(**ports)["taskDefinitionArn"])
        self.wait_completed()
        messages = [event["message"] for event in self.service()["events"]]
        group = f"(target-group {target_group()})"
        for message in (f"(service web) registered 2 targets in {group}",
                        f"(service web) deregistered 2 targets in {group}",
                        f"(service web, taskSet {old}) has begun draining connections on 2 tasks."):
            self.assertIn(message, messages)


class Machines(SimulatorCase):
    """EC2 capacity: the cluster `machines` of world.yml has two instances."""

    def setUp(self):
        super().setUp()
        self.cluster = "machines"
        self.register_ec2()

    def register_ec2(self, **more):
        self.family = f"ec2-{self.unique}"
        self.ecs.register_task_definition(family=self.family, containerDefinitions=[
            container(cpu=512, memory=1024, **more)])

    def instances(self, **more):
        arns = self.ecs.list_container_instances(cluster="machines", **more)[
            "containerInstanceArns"]
        if not arns:
            return []
        return self.ecs.describe_container_instances(
            cluster="machines", containerInstances=arns)["containerInstances"]

    def remaining(self, instance, name):
        [resource] = [r for r in instance["remainingResources"] if r["name"] == name]
        return resource["integerValue"]

    def test_what_an_instance_looks_like(self):
        first, second = self.instances()
        self.assertNotEqual(first["containerInstanceArn"], second["containerInstanceArn"])
        self.assertRegex(first["containerInstanceArn"],
                         r":container-instance/machines/[0-9a-f]{32}$")
        self.assertEqual(first["status"], "ACTIVE")
        self.assertTrue(first["agentConnected"])
        registered = {r["name"]: r for r in first["registeredResources"]}
        self.assertEqual((registered["CPU"]["type"], registered["CPU"]["integerValue"]),
                         ("INTEGER", 2048))
        self.assertEqual(registered["MEMORY"]["integerValue"], 7680)
        self.assertEqual(registered["PORTS"]["type"], "STRINGSET")
        self.assertIn({"name": "stage", "value": "prod"}, first["attributes"])

    def test_a_task_takes_resources_and_gives_them_back(self):
        before = {i["containerInstanceArn"]: self.remaining(i, "MEMORY") for i in self.instances()}
        [task] = self.ecs.run_task(cluster="machines", taskDefinition=self.family,
                                   launchType="EC2")["tasks"]
        [placed] = [i for i in self.instances()
                    if i["containerInstanceArn"] == task["containerInstanceArn"]]
        self.assertEqual(self.remaining(placed, "MEMORY"),
                         before[task["containerInstanceArn"]] - 1024)
        self.wait("tasks_running", tasks=[task["taskArn"]])
        self.assertEqual(self.ecs.list_tasks(
            cluster="machines", containerInstance=task["containerInstanceArn"],
            family=self.family)["taskArns"], [task["taskArn"]])
        self.ecs.stop_task(cluster="machines", task=task["taskArn"])
        self.wait("tasks_stopped", tasks=[task["taskArn"]])
        after = {i["containerInstanceArn"]: self.remaining(i, "MEMORY") for i in self.instances()}
        self.assertEqual(after, before)

    def test_what_does_not_fit_is_a_failure_and_no_error(self):
        self.ecs.register_task_definition(
            family=f"big-{self.unique}", containerDefinitions=[container(memory=100000)])
        answer = self.ecs.run_task(cluster="machines", taskDefinition=f"big-{self.unique}",
                                   launchType="EC2")
        self.assertEqual(answer["tasks"], [])
        self.assertEqual({f["reason"] for f in answer["failures"]}, {"RESOURCE:MEMORY"})
        self.assertTrue(all(":container-instance/" in f["arn"] for f in answer["failures"]))

    def test_a_draining_instance_takes_no_tasks(self):
        one = self.instances()[0]["containerInstanceArn"]
        answer = self.ecs.update_container_instances_state(
            cluster="machines", containerInstances=[one], status="DRAINING")
        self.assertEqual([i["status"] for i in answer["containerInstances"]], ["DRAINING"])
        try:
            self.assertEqual([i["containerInstanceArn"] for i in
                              self.instances(status="DRAINING")], [one])
            tasks = self.ecs.run_task(cluster="machines", taskDefinition=self.family, count=2,
                                      launchType="EC2")["tasks"]
            self.assertNotIn(one, [task["containerInstanceArn"] for task in tasks])
            for task in tasks:
                self.ecs.stop_task(cluster="machines", task=task["taskArn"])
        finally:
            self.ecs.update_container_instances_state(
                cluster="machines", containerInstances=[one], status="ACTIVE")

    def test_attributes(self):
        one = self.instances()[0]["containerInstanceArn"]
        target = {"targetId": one, "targetType": "container-instance"}
        self.ecs.put_attributes(cluster="machines",
                                attributes=[{"name": "rack", "value": "7", **target}])
        found = self.ecs.list_attributes(cluster="machines", targetType="container-instance",
                                         attributeName="rack")["attributes"]
        self.assertEqual([(a["name"], a["value"]) for a in found], [("rack", "7")])
        self.ecs.delete_attributes(cluster="machines", attributes=[{"name": "rack", **target}])
        self.assertEqual(self.ecs.list_attributes(
            cluster="machines", targetType="container-instance",
            attributeName="rack")["attributes"], [])


class Wire(SimulatorCase):
    """What no SDK sends: raw requests on the same port."""

    def post(self, body, target="ListClusters", headers=None, path="/"):
        connection = http.client.HTTPConnection("127.0.0.1", self.simulator.port, timeout=10)
        self.addCleanup(connection.close)
        all_headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AmazonEC2ContainerServiceV20141113.{target}",
            "X-Amz-Date": "20260101T000000Z", "Authorization":
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west-1/ecs/aws4_request, "
            "SignedHeaders=host;x-amz-date, Signature=" + "0" * 64, **(headers or {})}
        connection.request("POST", path, body, {name: value for name, value in all_headers.items()
                                                if value is not None})
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, answer.headers, content

    def error(self, *arguments, **named):
        status, _, content = self.post(*arguments, **named)
        return status, json.loads(content).get("__type")

    def test_errors_of_the_protocol(self):
        for what, wanted in (
                (dict(body="{"), (400, "SerializationException")),
                (dict(body="[1]"), (400, "SerializationException")),
                (dict(body='{"maxResults": "many"}'), (400, "SerializationException")),
                (dict(body="{}", target="MakeCoffee"), (400, "UnknownOperationException")),
                (dict(body="\x00\xff" * 10), (400, "SerializationException")),
                (dict(body="[" * 100000), (400, "SerializationException"))):
            with self.subTest(what=str(what)[:60]):
                self.assertEqual(self.error(**what), wanted)

    def test_members_from_the_future_and_nulls_are_ignored(self):
        status, _, content = self.post('{"maxResults": null, "fromTomorrow": {"a": [1]}}')
        self.assertEqual(status, 200, content)

    def test_times_may_be_numbers_or_text(self):
        self.create_service(desired=0)
        for after in ("1767225600", "1767225600.5", '"2026-01-01T00:00:00Z"'):
            with self.subTest(after=after):
                status, _, content = self.post(
                    f'{{"cluster": "{self.cluster}", "service": "web", "createdAt": '
                    f'{{"after": {after}}}}}', target="ListServiceDeployments")
                self.assertEqual(status, 200, content)

    def test_a_huge_body_is_refused_and_the_server_lives(self):
        with socket.create_connection(("127.0.0.1", self.simulator.port), 10) as raw:
            raw.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
            self.assertIn(b" 413 ", raw.recv(4096).split(b"\r\n")[0])
        self.ecs.list_clusters()

    def test_rubbish_is_refused_and_the_server_lives(self):
        for rubbish in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
                        b"GET\r\n\r\n", b"A" * 200000, b"POST / HTTP/9.9\r\n\r\n"):
            with self.subTest(rubbish=rubbish[:20]):
                with socket.create_connection(("127.0.0.1", self.simulator.port), 10) as raw:
                    raw.settimeout(10)
                    try:
                        raw.sendall(rubbish)
                        raw.shutdown(socket.SHUT_WR)
                        while raw.recv(4096):
                            pass
                    except OSError:
                        pass
                self.ecs.list_clusters()

    def test_many_kept_alive_connections(self):
        connections = [http.client.HTTPConnection("127.0.0.1", self.simulator.port, timeout=20)
                       for _ in range(200)]
        headers = {"Content-Type": "application/x-amz-json-1.1",
                   "X-Amz-Target": "AmazonEC2ContainerServiceV20141113.ListClusters"}
        headers["Authorization"] = (
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west-1/ecs/aws4_request, "
            "SignedHeaders=host;x-amz-date, Signature=" + "0" * 64)
        try:
            for _ in range(2):
                for connection in connections:
                    connection.request("POST", "/", "{}", headers)
                for connection in connections:
                    answer = connection.getresponse()
                    answer.read()
                    self.assertIn(answer.status, (200, 400))  # 400: throttled, still an answer
        finally:
            for connection in connections:
                connection.close()


if __name__ == "__main__":
    unittest.main()
