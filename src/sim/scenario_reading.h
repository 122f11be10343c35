// What the readers of a scenario's parts have in common.
#pragma once

#include "aws/service.h"
#include "base/decode.h"
#include "base/node.h"
#include "sim/scenario.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace slipway::sim {

inline constexpr NumberRange kPercent{.at_least = 0, .at_most = 100};
inline constexpr IntegerRange kCount{.at_least = 1, .at_most = 1000};

// What is not said leaves the default, so that the defaults are those of the structs.
template <class T, class U>
void set(T& target, std::optional<U> value) {
  if (value) target = static_cast<T>(std::move(*value));
}

// The items of the list `key`. Anything else there is an error: "expected a list of WHAT".
std::span<const Node> list_of(Fields& fields, std::string_view key, std::string_view what);

// A member that is ours, taken out of a document of AWS's so that the rest can be held against
// AWS's model.
std::optional<Node> take(Node& document, std::string_view key);

// The input of an operation, held against AWS's facts about it.
Json read_document_of(std::string_view operation, const Node& node, const std::string& path,
                      Diagnostics& diagnostics, const aws::ServiceFacts& service = aws::kEcs);

// Each item of the list `key` becomes a call.
void read_documents(Fields& file, const char* key, const char* operation, Scenario& scenario,
                    Diagnostics& diagnostics, const aws::ServiceFacts& service = aws::kEcs);

// {operation: UpdateService, input: {...}}, or {operation: "events:PutTargets", ...}
std::optional<ForeignCall> read_call(Fields& fields, Diagnostics& diagnostics);

// An error unless the text is CLUSTER/SERVICE.
void check_cluster_and_service(Fields& fields, const char* key, const std::string& text);

// Whether one of the scenario's calls makes a thing of this name.
bool makes(const Scenario& scenario, std::string_view operation, std::string_view name_member,
           std::string_view name, std::string_view cluster = {});

// What is behind the last slash, of anything.
std::string_view plain_name(std::string_view name_or_arn);

// A rule that names an event bus makes it.
void make_event_bus(Scenario& scenario, std::string_view name_or_arn, const SourceSpan& span,
                    const std::string& path);

}  // namespace slipway::sim
