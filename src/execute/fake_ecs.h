// For tests: an ECS of a few rules on virtual time. A service moves to a new revision as its fate
// says, faults are arranged per operation, and every request is kept with its time. It has no
// scheduler; how slipway fares with a real one is tested against the simulator.
#pragma once

#include "aws/ecs.h"
#include "base/fiber.h"
#include "execute/deploy.h"
#include "execute/fake_events.h"
#include "execute/world_for_test.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

inline std::string definition_arn(const std::string& family_revision) {
  return kArn + "task-definition/" + family_revision;
}

enum class Fate {
  kCompletes,
  kNeverEnds,
  kFails,       // breaker without rollback
  kRollsBack,   // breaker with rollback, seen on the way
  kRolledBack,  // the same, seen only when all is over
  kSuperseded,  // somebody else deploys
  kDeleted,
};

struct FakeService {
  std::string name;
  std::string definition;  // "web:1"
  int desiredCount = 2;
  std::string deploymentController;

  // Of its deployments; those of the definition it began with always complete.
  Fate fate = Fate::kCompletes;
  Duration takes = 20s;        // until the fate is fulfilled
  Duration shows_it_before{};  // the counts say for so long that only the last step is missing

  // How it stands.
  std::string status = "ACTIVE";
  int number = 1;        // of the PRIMARY deployment
  std::string first;     // the definition it began with
  std::string previous;  // of the deployment before, while there is one
  std::optional<TimePoint> updated;
  std::vector<aws::ServiceEvent> events{};  // newest first
};

struct FakeTask {
  std::string arn;
  std::string definition;
  std::string startedBy;
  TimePoint created;
  Duration takes = 10s;
  std::optional<int> exitCode = 0;
  std::string stopCode = "EssentialContainerExited";
  std::string stoppedReason = "Essential container in task exited";
};

// What happens to the next calls of an operation, first come first served.
struct FakeFault {
  enum class Kind {
    kRefused,       // 400 `code`: it did not happen
    kServerError,   // 503: it did not happen
    kReplyLost,     // connection reset: it happened
    kNeverArrived,  // connection reset: it did not happen
  } kind = Kind::kRefused;
  int times = 1;
  std::string code = "AccessDeniedException";
  std::string message = "not allowed";
};

class FakeEcs final : public Transport {
 public:
  struct Call {
    TimePoint at;
    std::string operation;
    Json request;
  };

  explicit FakeEcs(Fibers& fibers) : fibers_(fibers) {}

  FakeService& add_service(std::string name, std::string definition = "");
  void add_definition(const std::string& family_revision, const std::string& image = "app:1");
  void arrange(std::string operation, FakeFault fault);

  Result<HttpResponse> send(const HttpRequest& request) override;

  std::vector<const Call*> calls_of(std::string_view operation) const;
  int count(std::string_view operation) const;

  std::map<std::string, FakeService> services;
  std::map<std::string, std::map<int, Json>> definitions;  // family, revision
  std::map<std::string, FakeTask> tasks;                   // by id
  FakeEvents events;
  std::vector<Call> calls;
  Duration latency{};
  Duration stale_for{};  // how long DescribeServices shows the world from before an update
  std::function<void(FakeTask&)> on_run_task;
  std::vector<aws::Failure> run_task_failures;  // each takes the place of one task
  std::function<void(const Call&)> before_call;
  bool names_service_deployment = false;  // in currentServiceDeployment

 private:
  static HttpResponse refusal(const std::string& code, const std::string& message);
  template <class T>
  static HttpResponse reply(const T& shape);

  std::optional<FakeFault> next_fault(const std::string& operation);

  HttpResponse answer(const std::string& operation, const HttpRequest& request);

  HttpResponse describe_services(const aws::DescribeServicesRequest& request);

  HttpResponse update_service(const aws::UpdateServiceRequest& request);

  static std::string deployment_id(int number);

  aws::Deployment deployment(const FakeService& service, int number, const std::string& definition,
                             std::string status) const;

  static void complete(aws::Deployment& deployment);

  aws::Service view(FakeService& service, bool may_be_stale);

  std::vector<aws::Deployment> deployments(const FakeService& service, bool may_be_stale) const;

  HttpResponse describe_definition(const std::string& reference);

  HttpResponse list_definitions(const std::string& body);

  HttpResponse register_definition(const std::string& body);

  HttpResponse run_task(const aws::RunTaskRequest& request);

  aws::Task view(const FakeTask& task) const;

  HttpResponse describe_tasks(const aws::DescribeTasksRequest& request);

 public:
  Duration tasks_visible_after{};
  std::optional<aws::ServiceDeployment> service_deployment;
  // Of every service. A revision's ARN ends in the task definition: ".../web:1".
  aws::ListServiceDeploymentsResponse successful_deployments;
  void add_success(const std::string& family_revision, TimePoint at);
  void deregister(const std::string& family, int revision);

 private:
  Fibers& fibers_;
  std::map<std::string, std::vector<FakeFault>> faults_;
  std::map<std::string, std::vector<std::string>> by_token_;
};

struct FakeWorld : TestWorld<FakeEcs> {
  FakeEcs& ecs = aws;

  // What `body` makes of an engine in this world.
  RunReport with_engine(RunOptions options, const std::function<RunReport(Engine&)>& body);
  RunReport deploy(const Release& release, RunOptions options = {}) {
    return with_engine(std::move(options), [&](Engine& engine) { return engine.deploy(release); });
  }
};

}  // namespace slipway
