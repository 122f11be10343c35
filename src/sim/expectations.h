// What a scenario says must come of a rehearsal: messages, calls, services. It is held against the
// world once the run has left it (`slipway ... --sim`), or whenever somebody asks a server for
// GET /_slipway/expectations.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace slipway::sim {

class CallLog;
class World;

// Patterns: `*` stands for any text, and an empty one for anything.
struct MessageExpected {
  std::string topic;  // its name
  std::string subject;
  std::string text;
  bool operator==(const MessageExpected&) const = default;
};
struct CallExpected {
  std::string operation;  // "ecs:UpdateService"; only what succeeded counts
  bool operator==(const CallExpected&) const = default;
};
struct ServiceExpected {
  std::string cluster;
  std::string service;
  std::string taskDefinition;  // "web:2", of the PRIMARY deployment; empty: any
  std::optional<int> runningCount;
  bool operator==(const ServiceExpected&) const = default;
};

struct Expectation {
  std::string where;  // "friday.yml:12"
  std::variant<MessageExpected, CallExpected, ServiceExpected> what;
  std::optional<std::size_t> count;  // of messages or calls; none: at least one
  bool operator==(const Expectation&) const = default;
};

// One sentence for each that does not hold, in their order.
std::vector<std::string> unmet(std::span<const Expectation> expectations, World& world,
                               const CallLog& calls);

}  // namespace slipway::sim
