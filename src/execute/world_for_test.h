// For tests: all that execute/ borrows, on virtual time, around a stand-in for AWS.
#pragma once

#include "aws/clients.h"
#include "base/fiber.h"
#include "base/runtime.h"
#include "execute/call_log.h"
#include "execute/context.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slipway {

using namespace std::chrono_literals;

inline constexpr TimePoint kFakeStart{std::chrono::sys_days{std::chrono::January / 1 / 2026}};
inline const std::string kArn = "arn:aws:ecs:eu-west-1:111111111111:";

struct FixedCredentials final : aws::CredentialsProvider {
  Result<aws::Credentials> get() override {
    return aws::Credentials{.access_key_id = "AKIDEXAMPLE", .secret_access_key = Secret("secret")};
  }
  void invalidate() override {}
};

// An event is one of so many kinds that each file which copies one takes seconds to compile.
struct CollectedEvents final : Sink {
  CollectedEvents();
  ~CollectedEvents();
  void on(const Event& event) override;

  template <class T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const Event& event : events)
      if (const auto* body = std::get_if<T>(&event.body)) found.push_back(*body);
    return found;
  }
  template <class T>
  std::vector<T> of(const std::string& item) const {
    std::vector<T> found;
    for (const Event& event : events)
      if (const auto* body = std::get_if<T>(&event.body); body && event.subject.item == item)
        found.push_back(*body);
    return found;
  }
  template <class T>
  std::optional<TimePoint> time_of() const {
    for (const Event& event : events)
      if (std::holds_alternative<T>(event.body)) return event.at;
    return std::nullopt;
  }

  std::vector<Event> events;
};

// `Aws` is a Transport made from the fibers it may wait on.
template <class Aws>
struct TestWorld {
  // Runs the function as the first fiber; it may wait.
  void run(std::function<void()> body) { fibers.run(std::move(body)); }

  VirtualDriver driver{kFakeStart};
  Fibers fibers{driver};
  Aws aws{fibers};
  Random random{1};
  Environment environment;
  Runtime runtime{fibers, aws, random, environment};
  FixedCredentials credentials;
  aws::Budget budget{fibers};
  CollectedEvents seen;
  CallLog calls{fibers, seen};
  aws::Clients clients{
      runtime,
      "eu-west-1",
      [](const aws::ServiceFacts& service, const std::string& region) {
        return Result<aws::ClientSettings>(aws::ClientSettings{
            .service = service, .endpoint = "http://127.0.0.1:1", .region = region});
      },
      credentials,
      budget,
      &calls};
  aws::Client& client = *clients.of(aws::kEcs).value();
  EventStream events{fibers, seen};
  OptionalCalls optional{fibers, clients, events};
  Context context{runtime, clients, client, events, optional, "prod"};
};

}  // namespace slipway
