// What the API's handlers have in common: the call, its errors, reading the input, finding what it
// names, paging. AWS's texts are kept to the byte: people's scripts match on them.
#pragma once

#include "base/json.h"
#include "sim/answer.h"
#include "sim/entities.h"
#include "sim/json_writer.h"
#include "sim/region.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::sim {

struct Call {
  Region& region;
  const CallContext& context;
  const Json& input;

  // The caller, as createdBy and registeredBy show it.
  std::string principal() const;
};

// One row for each operation, sorted by name.
struct Operation {
  std::string_view name;
  Reply (*answer)(const Call&);
  bool reads = false;  // may be answered from the past
};
// By the service's id, "ecs"; nullptr when it is not simulated.
const Operation* find_operation(std::string_view service, std::string_view name);

// ---- Errors -----------------------------------------------------------------------------------

ServiceError client_error(std::string message);
ServiceError invalid_parameter(std::string message);
ServiceError cluster_not_found(std::string message = "Cluster not found.");
ServiceError service_not_found();

// ---- Finding what the input names -------------------------------------------------------------

// The member `cluster`, or the cluster named `default`.
Answer<Cluster*> find_cluster(const Call& call);
Cluster* find_cluster(Region& region, std::string_view name_or_arn);
// Any status; nullptr when there is none.
Service* find_service(Cluster& cluster, std::string_view name_or_arn);
// The member `service`, ACTIVE or not.
Answer<Service*> find_service(const Call& call, Cluster& cluster);
Answer<Service*> find_active_service(const Call& call, Cluster& cluster);
Task* find_task(const Cluster& cluster, Region& region, std::string_view id_or_arn);
ContainerInstance* find_instance(const Cluster& cluster, std::string_view id_or_arn);
// "family" (its latest ACTIVE revision), "family:revision" or an ARN; nullptr when there is none.
std::shared_ptr<TaskDefinition> find_definition(Region& region, std::string_view name);
// For new use: unknown ones and those INACTIVE for longer than the knob allows are refused, as
// `ClientException` or `InvalidParameterException`.
Answer<std::shared_ptr<TaskDefinition>> usable_definition(const Call& call, std::string_view name,
                                                          std::string_view code);

// ---- Reading the input ------------------------------------------------------------------------

// The strings of a list member; those that are not strings are skipped.
std::vector<std::string> strings(const Json& input, std::string_view member);
bool includes(const Json& input, std::string_view what);  // in the member `include`
// The member as a document, or an empty one.
Document document(const Json& input, std::string_view member);
Answer<Tags> read_tags(const Json& input, std::string_view member = "tags");
Answer<std::vector<StrategyItem>> read_strategy(const Call& call, const Json& input,
                                                std::string_view member);
Answer<std::vector<PlacementConstraint>> read_placement_constraints(const Json& input);
Answer<std::vector<PlacementStrategy>> read_placement_strategy(const Json& input);

// ---- Writing answers --------------------------------------------------------------------------

void write_tags(JsonWriter& json, const Tags& tags);
void write_strategy(JsonWriter& json, const std::vector<StrategyItem>& strategy);
void write_placement(JsonWriter& json, const std::vector<PlacementConstraint>& constraints,
                     const std::vector<PlacementStrategy>& strategy);
struct ApiFailure {
  std::string arn;
  std::string reason;
  std::string detail;
};
// The answer whose list of what was found is still open.
Reply list_with_failures(JsonWriter json, const std::vector<ApiFailure>& failures);

// ---- Paging -----------------------------------------------------------------------------------

// A page of a list that is sorted by `key`. The token names the last item shown, so that a list
// that changes between two pages neither repeats nor drops what did not change.
struct ListItem {
  std::string key;
  std::string_view shown;  // an ARN or a name
};
struct ListOptions {
  std::string_view member;  // "taskArns"
  int default_results = 100;
  int max_results = 100;
  bool shown_is_json = false;  // the items are documents, not strings
  const std::vector<ApiFailure>* failures = nullptr;
};
Reply list_page(const Json& input, const std::vector<ListItem>& sorted, const ListOptions& options);
std::string serial_key(std::uint64_t serial);

// The same for services that answer documents: `items` are sorted by key, either way.
struct PageItem {
  std::string key;
  Json shown;
};
struct PageOptions {
  std::string_view member;               // "Rules"
  std::string_view token = "NextToken";  // in the input and in the answer
  std::string_view limit = "";           // the input's member, if it has one
  std::size_t most = 100;                // items of a page, and the default
  ServiceError bad_token;
};
Answer<JsonObject> page_of(const Json& input, const std::vector<PageItem>& items,
                           const PageOptions& options);
Reply answer_with_page(const Json& input, const std::vector<PageItem>& items,
                       const PageOptions& options);

Reply answer_with(JsonObject document);
// Since 1970, with up to three decimals, as AWS writes times.
double seconds_of(TimePoint time);

}  // namespace slipway::sim
