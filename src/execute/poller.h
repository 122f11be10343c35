// One poller watches everything a stage waits for. Whoever wants to look says what at and when, and
// sleeps; the poller puts looks that are due at about the same time into one call, ten services or
// a hundred tasks, and wakes whoever it concerns. So looking at fifty services costs five calls.
#pragma once

#include "base/fiber.h"
#include "base/gate.h"
#include "execute/context.h"
#include "execute/look.h"
#include "execute/observe.h"

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace slipway {

// Looks of one kind. `Look` is what one name's look gives.
template <class Look>
class Batches {
 public:
  struct Settings {
    std::string name;          // of the fibers, for debuggers
    std::size_t per_call = 1;  // names
    std::function<std::vector<Result<Look>>(std::span<const std::string>)> call;
    // Between the starts of two calls, when so many names are watched.
    std::function<Duration(std::size_t watched)> between_calls;
  };

  // Its fibers belong to the fiber that makes it.
  Batches(Fibers& fibers, Settings settings);
  ~Batches();
  Batches(const Batches&) = delete;
  Batches& operator=(const Batches&) = delete;

  // One look at each name at `when` or, when a call goes out anyway and has room, up to a quarter
  // of the wait earlier. The outer error says that the waiting fiber was called off.
  Result<std::vector<Result<Look>>> look(std::vector<std::string> names, TimePoint when);

 private:
  struct Request;
  struct Entry {
    std::shared_ptr<Request> request;
    std::size_t index = 0;  // in the request
    TimePoint when;
    TimePoint not_before;
  };

  void run();
  std::optional<TimePoint> next_call() const;
  std::vector<Entry> take_due();
  void make_call(const std::vector<Entry>& entries);

  Fibers& fibers_;
  Settings settings_;
  std::list<Entry> waiting_;
  std::size_t in_flight_ = 0;  // names
  std::optional<TimePoint> last_call_;
  bool is_running_ = false;
  Bell changed_;
  Group group_;
};

class Poller {
 public:
  explicit Poller(Context& context);

  Result<Result<ServiceLook>> look_at_service(const std::string& name, TimePoint when);
  Result<Result<aws::ServiceDeployment>> look_at_service_deployment(const std::string& arn,
                                                                    TimePoint when);
  // Answered in the order of the ARNs.
  Result<std::vector<Result<TaskLook>>> look_at_tasks(std::vector<std::string> arns,
                                                      TimePoint when);

 private:
  RepeatedLooks looks_;
  Batches<ServiceLook> services_;
  Batches<TaskLook> tasks_;
  Batches<aws::ServiceDeployment> service_deployments_;
};

}  // namespace slipway
