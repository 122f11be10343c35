// The nouns of the simulated ECS, as plain state. What changes them is beside them, one file per
// idea: tasks.cc runs tasks, scheduler.cc runs services, deployments.cc rolls them out and back,
// placement.cc finds room, target_groups.cc stands for the load balancer; the API's own calls are
// in the files named after what they are about.
#pragma once

#include "base/json.h"
#include "base/time.h"
#include "sim/cluster_query.h"
#include "sim/happening.h"
#include "sim/lifecycle.h"
#include "sim/timeline.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

struct Cluster;
struct Deployment;
struct Service;
struct Task;
struct TargetGroup;

struct Tag {
  std::string key;
  std::string value;
  bool operator==(const Tag&) const = default;
};
using Tags = std::vector<Tag>;

// A document carried as it came, with its text ready for answers.
class Document {
 public:
  Document() = default;
  explicit Document(Json json) : json_(std::move(json)), text_(to_text(json_)) {}

  bool empty() const { return json_.is_null(); }
  const Json& json() const { return json_; }
  const std::string& text() const { return text_; }
  bool operator==(const Document& other) const { return text_ == other.text_; }

 private:
  Json json_;
  std::string text_ = "null";
};

// ---- Task definitions -------------------------------------------------------------------------

struct HealthCheck {
  Duration interval = std::chrono::seconds(30);
  int retries = 3;
  Duration startPeriod{0};
};

struct PortMapping {
  int containerPort = 0;
  int hostPort = 0;  // 0: any free one
  std::string protocol = "tcp";
};

struct ContainerDependency {
  std::string containerName;
  std::string condition;  // START | COMPLETE | SUCCESS | HEALTHY
};

struct RestartPolicy {
  std::vector<int> ignoredExitCodes;
  Duration restartAttemptPeriod = std::chrono::seconds(60);
};

// The awslogs driver: where the container's lines go.
struct AwsLogs {
  std::string group;
  std::string stream_prefix;  // empty: the stream is named after the container's runtimeId
  bool creates_group = false;
  bool elsewhere = false;  // in another region
};

struct ContainerDefinition {
  std::string name;
  std::string image;
  bool essential = true;
  int cpu = 0;
  int memory = 0;             // MiB, 0: not given
  int memoryReservation = 0;  // MiB, 0: not given
  int gpus = 0;
  std::vector<PortMapping> portMappings;
  std::optional<HealthCheck> healthCheck;
  std::vector<ContainerDependency> dependsOn;
  std::optional<Duration> startTimeout;
  std::optional<Duration> stopTimeout;
  std::optional<RestartPolicy> restartPolicy;  // only when enabled
  std::optional<AwsLogs> awslogs;
};

struct PlacementConstraint {
  std::string type;  // distinctInstance | memberOf
  std::string expression;
  std::shared_ptr<const ClusterQuery> query;  // of memberOf
};

struct PlacementStrategy {
  std::string type;  // spread | binpack | random
  std::string field;
};

enum class TaskDefinitionStatus { kActive, kInactive, kDeleteInProgress };

struct TaskDefinition {
  std::string arn;
  std::string family;
  int revision = 0;
  TaskDefinitionStatus status = TaskDefinitionStatus::kActive;
  std::string networkMode;  // empty: not given, which behaves as bridge
  int cpu = 0;              // CPU units, 0: not given
  int memory = 0;           // MiB, 0: not given
  std::string operatingSystemFamily;
  std::string cpuArchitecture;
  std::vector<std::string> compatibilities;
  std::vector<std::string> requiresAttributes;
  std::vector<PlacementConstraint> placementConstraints;
  std::vector<ContainerDefinition> containers;
  std::string text;  // every member that never changes, written, without the braces
  Json document;     // the same as a value
  Tags tags;
  TimePoint registeredAt;
  std::string registeredBy;
  std::optional<TimePoint> deregisteredAt;
  std::optional<TimePoint> deleteRequestedAt;
  int references = 0;  // services' deployments and tasks that are not yet STOPPED

  bool is_compatible_with(std::string_view launch_type) const;
  bool uses_awsvpc() const { return networkMode == "awsvpc"; }
  const ContainerDefinition* container(std::string_view name) const;
};

struct Family {
  int last_revision = 0;  // ever used: numbers do not come back
  std::map<int, std::shared_ptr<TaskDefinition>> revisions;
};

// ---- Capacity ---------------------------------------------------------------------------------

struct ContainerInstance {
  Cluster* cluster = nullptr;
  std::string id;
  std::string arn;
  std::string ec2InstanceId;
  std::string availability_zone;
  std::string status = "ACTIVE";  // ACTIVE | DRAINING | INACTIVE
  std::string capacity_provider;
  bool agentConnected = true;
  std::int64_t version = 1;
  int cpu = 0, memory = 0, gpus = 0, network_interfaces = 0;  // registered
  int cpu_used = 0, memory_used = 0, gpus_used = 0, network_interfaces_used = 0;
  std::set<std::pair<int, std::string>> ports;    // in use, with the reserved ones
  std::map<std::string, std::string> attributes;  // an empty value: the attribute has none
  std::set<std::string> built_in_attributes;
  std::vector<Task*> tasks;  // placed and not yet gone
  Tags tags;
  TimePoint registeredAt;
  std::uint64_t serial = 0;
};

struct StrategyItem {
  std::string capacityProvider;
  int weight = 0;
  int base = 0;
  bool operator==(const StrategyItem&) const = default;
};

struct CapacityProvider {
  std::string name;
  std::string arn;
  std::string status = "ACTIVE";
  std::string updateStatus;
  Document autoScalingGroupProvider;  // empty: one of Fargate's two
  Tags tags;
  int maximum_instances = 0;
  AddInstances instance;  // what its group is made of
  int instances_under_way = 0;
  std::uint64_t serial = 0;

  bool is_fargate() const { return autoScalingGroupProvider.empty(); }
};

struct Cluster {
  std::string name;
  std::string arn;
  bool is_active = true;
  std::optional<TimePoint> inactive_since;
  Tags tags;
  std::map<std::string, std::string> settings = {{"containerInsights", "disabled"}};
  Document configuration;
  Document serviceConnectDefaults;
  std::vector<std::string> capacityProviders;
  std::vector<StrategyItem> defaultCapacityProviderStrategy;
  std::map<std::string, std::unique_ptr<Service>, std::less<>> services;
  std::map<std::string, std::unique_ptr<ContainerInstance>, std::less<>> instances;  // by id
  std::map<std::uint64_t, std::unique_ptr<Task>> tasks;                              // by serial
  std::uint64_t serial = 0;
};

// ---- Traffic ----------------------------------------------------------------------------------

enum class TargetState { kUnused, kInitial, kHealthy, kUnhealthy, kDraining };
std::string_view to_string(TargetState state);

struct Target {
  TargetGroup* group = nullptr;
  Task* task = nullptr;  // null of one registered by hand, or once the task is gone
  std::string id;        // an IP address or an instance id
  int port = 0;
  std::string container;  // the task's that listens on the port
  std::string AvailabilityZone;
  TargetState state = TargetState::kInitial;
  std::string reason;
  std::string description;
  TimePoint registered_at;  // the checks count from here
  TimePoint healthy_since;
  Timer timer;
};

struct TargetGroup {
  std::string TargetGroupArn;
  std::string TargetGroupName;
  std::string TargetType = "ip";  // ip | instance | lambda | alb
  std::string Protocol = "HTTP";
  std::string ProtocolVersion = "HTTP1";
  std::string IpAddressType = "ipv4";
  std::string VpcId;
  int Port = 80;
  std::string HealthCheckProtocol = "HTTP";
  std::string HealthCheckPort = "traffic-port";
  std::string HealthCheckPath = "/";
  Duration HealthCheckInterval = std::chrono::seconds(30);
  Duration HealthCheckTimeout = std::chrono::seconds(5);
  int HealthyThresholdCount = 5;
  int UnhealthyThresholdCount = 2;
  std::string Matcher = "200";
  bool HealthCheckEnabled = true;
  std::map<std::string, std::string> attributes;  // those that were set
  std::vector<std::string> LoadBalancerArns;      // whose listeners or rules name it
  bool used_elsewhere = false;  // hangs on a load balancer that the scenario does not describe
  Tags tags;
  std::uint64_t serial = 0;
  std::vector<std::unique_ptr<Target>> targets;

  bool is_used() const { return used_elsewhere || !LoadBalancerArns.empty(); }
  std::string_view attribute(std::string_view name) const;  // as set, or AWS's default
  Duration deregistration_delay() const;
  Duration slow_start() const;
};

struct LoadBalancer {
  std::string targetGroupArn;
  std::string containerName;
  int containerPort = 0;
  std::optional<AdvancedConfiguration> advancedConfiguration{};
};

// ---- Tasks ------------------------------------------------------------------------------------

enum class TaskState {
  kProvisioning,
  kPending,
  kActivating,
  kRunning,
  kDeactivating,
  kStopping,
  kDeprovisioning,
  kStopped,
};
std::string_view to_string(TaskState state);

enum class Health { kUnknown, kHealthy, kUnhealthy };
std::string_view to_string(Health health);

struct Container {
  const ContainerDefinition* definition = nullptr;
  std::string arn;
  std::string runtimeId;
  TaskState state = TaskState::kPending;  // PENDING, RUNNING or STOPPED
  std::optional<int> exitCode;
  std::string reason;
  Health health = Health::kUnknown;
  std::shared_ptr<const ImageBehaviour> fate;
  std::vector<int> host_ports;  // one for each port mapping, once placed on an instance
  std::optional<TimePoint> started_at;
  bool is_starting = false;
  Timer step;  // its start, then its exit
  Timer health_change;
};

struct NetworkInterface {
  std::string attachment_id;
  std::string id;
  std::string macAddress;
  std::string privateIPv4Address;
  std::string subnetId;
};

struct Task {
  Cluster* cluster = nullptr;
  Service* service = nullptr;        // null once the service no longer knows it
  Deployment* deployment = nullptr;  // likewise
  std::shared_ptr<TaskDefinition> definition;
  ContainerInstance* instance = nullptr;  // while it holds a place there
  std::string containerInstanceArn;
  std::string ec2InstanceId;
  std::uint64_t serial = 0;  // order of creation
  std::string id;
  std::string arn;
  std::string group;
  std::string startedBy;
  std::string launchType;
  std::string capacityProviderName;
  std::string platformVersion;
  std::string platformFamily;
  std::string availability_zone;
  std::string referenceId;
  Document overrides;
  int cpu = 0, memory = 0;  // after overrides; 0: not given at the task's level
  bool enableExecuteCommand = false;
  Tags tags;
  std::optional<NetworkInterface> network_interface;
  std::deque<Container> containers;

  TaskState state = TaskState::kProvisioning;
  bool stopping = false;  // desiredStatus is STOPPED
  Health health = Health::kUnknown;
  std::int64_t version = 1;
  std::string stopCode;
  std::string stoppedReason;
  TimePoint createdAt;
  std::optional<TimePoint> connectivityAt, pullStartedAt, pullStoppedAt, startedAt, stoppingAt,
      executionStoppedAt, stoppedAt;
  std::optional<TimePoint> protected_until;  // protection that is over is no protection
  double pace = 1;                           // stretches its durations
  bool waits_for_capacity = false;           // PROVISIONING until an instance joins
  double vcpus_held = 0;                     // of the account's Fargate quota
  std::string pool_held;                     // the Fargate pool it takes a place of
  bool failure_counted = false;              // by the scheduler
  bool seen_healthy = false;                 // likewise
  bool health_reported = false;              // its present ill health has had its event
  std::vector<Target*> targets;
  Timer life;

  bool is_protected(TimePoint now) const { return protected_until && *protected_until > now; }
  bool never_ran() const { return !startedAt; }
};

// ---- Services ---------------------------------------------------------------------------------

// What a deployment puts in place; a service revision is one of these for good.
struct Workload {
  std::shared_ptr<TaskDefinition> definition;
  std::string launchType;  // empty when there is a strategy
  std::vector<StrategyItem> capacityProviderStrategy;
  std::string platformVersion;
  std::string platformFamily;
  Document networkConfiguration;
  std::vector<std::string> subnets;
  Document loadBalancers;
  std::vector<LoadBalancer> load_balancers;
  Document serviceRegistries;
  Document serviceConnectConfiguration;
  Document volumeConfigurations;
  Document vpcLatticeConfigurations;

  // What LATEST stands for; empty off Fargate.
  std::string_view resolved_platform_version() const;
};

struct ServiceRevision {
  std::string arn;
  std::string number;
  Workload workload;
  TimePoint createdAt;
};

enum class ServiceDeploymentStatus {
  kPending,
  kInProgress,
  kStopRequested,
  kStopped,
  kSuccessful,
  kRollbackRequested,
  kRollbackInProgress,
  kRollbackSuccessful,
  kRollbackFailed,
};
std::string_view to_string(ServiceDeploymentStatus status);
bool is_over(ServiceDeploymentStatus status);

enum class Monitor { kDisabled, kMonitoring, kTriggered, kComplete };
std::string_view to_string(Monitor monitor);

// The 90-day record of one change of a service.
struct ServiceDeployment {
  std::uint64_t serial = 0;
  std::string arn;
  Service* service = nullptr;
  TimePoint createdAt;
  TimePoint updatedAt;
  std::optional<TimePoint> startedAt, finishedAt, stoppedAt;
  std::vector<std::shared_ptr<const ServiceRevision>> sources;
  std::shared_ptr<const ServiceRevision> target;
  ServiceDeploymentStatus status = ServiceDeploymentStatus::kPending;
  std::string statusReason;
  Document deploymentConfiguration;
  struct Rollback {
    std::string reason;
    TimePoint startedAt;
    std::shared_ptr<const ServiceRevision> to;
  };
  std::optional<Rollback> rollback;
  Monitor breaker = Monitor::kDisabled;
  int failureCount = 0;
  int threshold = 0;
  Monitor alarms = Monitor::kDisabled;
  std::vector<std::string> triggeredAlarmNames;

  // Of a BLUE_GREEN, LINEAR or CANARY one; the percents are the target revision's.
  std::optional<LifecycleStage> lifecycleStage;
  std::vector<HookRun> hooks;  // oldest first
  double requestedTestTrafficWeight = 0;
  double requestedProductionTrafficWeight = 0;
};

enum class DeploymentStatus { kPrimary, kActive, kInactive };
enum class RolloutState { kInProgress, kCompleted, kFailed };

// How a deployment's monitored end was reached, where that is not "it worked".
enum class Failure { kBreaker, kAlarm, kStoppedByUser, kHook, kNetworking };

struct TrafficShift;  // blue_green.h

struct TaskSet {
  std::string arn;
  std::string externalId;
  std::string startedBy;
  double scale_percent = 100;
  bool draining = false;
  bool steady = false;
  TimePoint stabilityStatusAt;
  std::string clientToken;
  Tags tags;
};

struct Deployment {
  std::string id;  // ecs-svc/N
  std::shared_ptr<const ServiceRevision> revision;
  DeploymentStatus status = DeploymentStatus::kPrimary;
  // Those in force for its new tasks: UpdateService can change them without a new deployment.
  std::string launchType;
  std::vector<StrategyItem> capacityProviderStrategy;
  TimePoint createdAt;
  TimePoint updatedAt;
  RolloutState rolloutState = RolloutState::kInProgress;
  std::string rolloutStateReason;
  int failedTasks = 0;
  bool has_run = false;  // a task of it was RUNNING
  bool has_been_healthy = false;
  std::shared_ptr<ServiceDeployment> record;
  std::vector<std::string> ignored_alarms;  // those that were in ALARM before it began
  TimePoint alarms_polled_at;
  std::optional<TimePoint> bakes_until;
  std::optional<Failure> failure;     // it is given up: nothing of it is started any more
  std::unique_ptr<TaskSet> task_set;  // of a service that has them
  // Its targets are in the alternate target groups of the load balancers that have them.
  bool uses_alternate_groups = false;
  std::shared_ptr<TrafficShift> shift;  // while it goes through lifecycle stages

  const Workload& workload() const { return revision->workload; }
};

struct ServiceEvent {
  TimePoint createdAt;
  std::string message;
  std::string text;  // as JSON
};

struct DeploymentSettings {
  Document document;
  int minimumHealthyPercent = 100;
  int maximumPercent = 200;
  bool breaker_enabled = false;
  bool breaker_rolls_back = false;
  bool resetOnHealthyTask = true;
  std::string threshold_type = "BOUNDED_PERCENT";
  int threshold_value = 50;
  bool alarms_enabled = false;
  bool alarms_roll_back = false;
  std::vector<std::string> alarmNames;
  std::optional<Duration> bakeTime;
  DeploymentStrategy strategy = DeploymentStrategy::kRolling;
  TrafficSteps steps;
  std::vector<LifecycleHook> lifecycleHooks;
};

enum class ServiceStatus { kActive, kDraining, kInactive };
std::string_view to_string(ServiceStatus status);

struct Service {
  Cluster* cluster = nullptr;
  std::uint64_t serial = 0;
  std::string name;
  std::string arn;
  ServiceStatus status = ServiceStatus::kActive;
  std::optional<TimePoint> inactive_since;
  int desiredCount = 0;
  bool is_daemon = false;
  std::string controller = "ECS";  // ECS | CODE_DEPLOY | EXTERNAL
  // Its deployments are task sets, and somebody else (CodeDeploy, the user) makes them.
  bool has_task_sets() const { return controller != "ECS"; }
  Workload workload;  // of the next deployment; what the service says of itself
  DeploymentSettings settings;
  std::optional<Duration> healthCheckGracePeriod;
  std::vector<PlacementConstraint> placementConstraints;
  std::vector<PlacementStrategy> placementStrategy;
  std::string availabilityZoneRebalancing = "ENABLED";
  bool enableExecuteCommand = false;
  bool enableECSManagedTags = false;
  std::string propagateTags = "NONE";
  std::string roleArn;
  std::string createdBy;
  TimePoint createdAt;
  Tags tags;
  std::string client_token;
  std::string creation_request;  // what a repetition must say to be the same

  std::deque<ServiceEvent> events;  // newest first
  std::vector<std::unique_ptr<Deployment>>
      deployments;  // PRIMARY first; INACTIVE ones are not shown
  Deployment* last_completed = nullptr;
  std::vector<std::shared_ptr<ServiceDeployment>> history;        // oldest first
  std::vector<std::shared_ptr<const ServiceRevision>> revisions;  // oldest first
  std::vector<Task*> tasks;                                       // not yet reaped, oldest first

  Timer tick;
  int consecutive_failures = 0;                        // of tasks to reach RUNNING
  std::optional<TimePoint> not_before;                 // restart back-off
  bool steady = false;                                 // and its event is out
  bool rebalancing = false;                            // one task more, for a zone that has too few
  std::map<std::string, TimePoint, std::less<>> said;  // conditions that have had their event

  Deployment* primary() const;
};

}  // namespace slipway::sim
