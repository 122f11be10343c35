#include "sim/calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace slipway::sim {
namespace {

std::string to_hex(std::string_view text) {
  std::string hex;
  for (const char c : text)
    fmt::format_to(std::back_inserter(hex), "{:02x}", static_cast<unsigned char>(c));
  return hex;
}

std::optional<std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string text;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    unsigned value = 0;
    const char* end = hex.data() + i + 2;
    if (std::from_chars(hex.data() + i, end, value, 16).ptr != end) return std::nullopt;
    text += static_cast<char>(value);
  }
  return text;
}

// A token names its list and the last item shown.
std::string token_after(std::string_view member, const std::string& key) {
  return to_hex(fmt::format("{}:{}", member, key));
}

// The first item behind that one; nullopt: it is no token of this list.
template <class Item>
std::optional<std::size_t> first_behind(std::string_view token, std::string_view member,
                                        const std::vector<Item>& items) {
  const std::optional<std::string> last = from_hex(token);
  const std::string prefix = fmt::format("{}:", member);
  if (!last || !last->starts_with(prefix)) return std::nullopt;
  const std::string_view key = std::string_view(*last).substr(prefix.size());
  const bool descending = items.size() > 1 && items.front().key > items.back().key;
  std::size_t from = 0;
  while (from < items.size() && (descending ? items[from].key >= key : items[from].key <= key))
    ++from;
  return from;
}

void write_failures(JsonWriter& json, const std::vector<ApiFailure>& failures) {
  json.key("failures").begin_array();
  for (const ApiFailure& failure : failures) {
    json.begin_object();
    if (!failure.arn.empty()) json.member("arn", failure.arn);
    json.member("reason", failure.reason);
    if (!failure.detail.empty()) json.member("detail", failure.detail);
    json.end_object();
  }
  json.end_array();
}

}  // namespace

std::string Call::principal() const {
  if (!context.principal_arn.empty()) return context.principal_arn;
  return fmt::format("arn:{}:iam::{}:root", region.partition, region.account);
}

// ---- Errors -----------------------------------------------------------------------------------

ServiceError client_error(std::string message) {
  return {400, "ClientException", std::move(message), {}};
}
ServiceError invalid_parameter(std::string message) {
  return {400, "InvalidParameterException", std::move(message), {}};
}
ServiceError cluster_not_found(std::string message) {
  return {400, "ClusterNotFoundException", std::move(message), {}};
}
ServiceError service_not_found() {
  return {400, "ServiceNotFoundException", "Service not found.", {}};
}

// ---- Finding what the input names -------------------------------------------------------------

Cluster* find_cluster(Region& region, std::string_view name_or_arn) {
  const auto found = region.clusters.find(last_segment(name_or_arn));
  return found == region.clusters.end() ? nullptr : found->second.get();
}

Answer<Cluster*> find_cluster(const Call& call) {
  const std::string_view name = string_or_empty(call.input, "cluster");
  Cluster* cluster = find_cluster(call.region, name.empty() ? "default" : name);
  if (cluster == nullptr) return cluster_not_found();
  if (!cluster->is_active) return cluster_not_found("The referenced cluster was inactive.");
  return cluster;
}

Service* find_service(Cluster& cluster, std::string_view name_or_arn) {
  const auto found = cluster.services.find(last_segment(name_or_arn));
  return found == cluster.services.end() ? nullptr : found->second.get();
}

Answer<Service*> find_service(const Call& call, Cluster& cluster) {
  Service* service = find_service(cluster, string_or_empty(call.input, "service"));
  if (service == nullptr) return service_not_found();
  return service;
}

Answer<Service*> find_active_service(const Call& call, Cluster& cluster) {
  TRY(Service * service, find_service(call, cluster));
  if (service->status != ServiceStatus::kActive)
    return ServiceError{400, "ServiceNotActiveException", "Service was not ACTIVE.", {}};
  return service;
}

Task* find_task(const Cluster& cluster, Region& region, std::string_view id_or_arn) {
  const auto found = region.tasks_by_id.find(last_segment(id_or_arn));
  if (found == region.tasks_by_id.end() || found->second->cluster != &cluster) return nullptr;
  return found->second;
}

ContainerInstance* find_instance(const Cluster& cluster, std::string_view id_or_arn) {
  const auto found = cluster.instances.find(last_segment(id_or_arn));
  return found == cluster.instances.end() ? nullptr : found->second.get();
}

std::shared_ptr<TaskDefinition> find_definition(Region& region, std::string_view name) {
  name = last_segment(name);
  const auto colon = name.find(':');
  const auto family = region.families.find(name.substr(0, colon));
  if (family == region.families.end()) return nullptr;
  const auto& revisions = family->second.revisions;
  if (colon == std::string_view::npos) {
    for (auto each = revisions.rbegin(); each != revisions.rend(); ++each)
      if (each->second->status == TaskDefinitionStatus::kActive) return each->second;
    return nullptr;
  }
  int revision = 0;
  const std::string_view digits = name.substr(colon + 1);
  const char* end = digits.data() + digits.size();
  if (std::from_chars(digits.data(), end, revision).ptr != end) return nullptr;
  const auto found = revisions.find(revision);
  if (found == revisions.end()) return nullptr;
  // Deletion is done when nothing uses it any more.
  const bool gone = found->second->status == TaskDefinitionStatus::kDeleteInProgress &&
                    found->second->references == 0;
  return gone ? nullptr : found->second;
}

Answer<std::shared_ptr<TaskDefinition>> usable_definition(const Call& call, std::string_view name,
                                                          std::string_view code) {
  std::shared_ptr<TaskDefinition> definition = find_definition(call.region, name);
  if (!definition) return client_error("TaskDefinition not found.");
  const bool inactive = definition->status == TaskDefinitionStatus::kDeleteInProgress ||
                        (definition->status == TaskDefinitionStatus::kInactive &&
                         call.region.now >= *definition->deregisteredAt +
                                                call.region.knobs.inactive_definition_usable);
  if (inactive) return ServiceError{400, std::string(code), "TaskDefinition is inactive", {}};
  return definition;
}

// ---- Reading the input ------------------------------------------------------------------------

std::vector<std::string> strings(const Json& input, std::string_view member) {
  std::vector<std::string> all;
  if (const JsonArray* array = find_array(input, member))
    for (const Json& each : *array)
      if (each.is_string()) all.emplace_back(each.get_string());
  return all;
}

bool includes(const Json& input, std::string_view what) {
  const JsonArray* array = find_array(input, "include");
  return array != nullptr && std::any_of(array->begin(), array->end(), [&](const Json& each) {
           return each.is_string() && each.get_string() == what;
         });
}

Document document(const Json& input, std::string_view member) {
  const Json* found = find(input, member);
  return found == nullptr ? Document() : Document(*found);
}

Answer<Tags> read_tags(const Json& input, std::string_view member) {
  constexpr std::size_t kMostTags = 50, kLongestKey = 128, kLongestValue = 256;
  Tags tags;
  const JsonArray* array = find_array(input, member);
  if (array == nullptr) return tags;
  std::set<std::string_view> keys;
  for (const Json& each : *array) {
    const std::string_view key = string_or_empty(each, "key");
    const std::string_view value = string_or_empty(each, "value");
    if (key.empty() || key.size() > kLongestKey || value.size() > kLongestValue)
      return invalid_parameter(
          "Tag keys must have 1 to 128 characters and tag values at most 256.");
    if (key.starts_with("aws:"))
      return invalid_parameter("Some tags contain invalid characters or the reserved prefix aws:.");
    if (!keys.insert(key).second) return invalid_parameter("Duplicate tag keys found.");
    tags.push_back({std::string(key), std::string(value)});
  }
  if (tags.size() > kMostTags) return invalid_parameter("Tags can have at most 50 items.");
  return tags;
}

Answer<std::vector<StrategyItem>> read_strategy(const Call& call, const Json& input,
                                                std::string_view member) {
  constexpr std::size_t kMostItems = 20;
  std::vector<StrategyItem> strategy;
  const JsonArray* array = find_array(input, member);
  if (array == nullptr || array->empty()) return strategy;
  if (array->size() > kMostItems)
    return invalid_parameter("The capacity provider strategy can have at most 20 items.");
  int bases = 0, weights = 0;
  bool fargate = false, groups = false;
  for (const Json& each : *array) {
    StrategyItem item;
    item.capacityProvider = std::string(last_segment(string_or_empty(each, "capacityProvider")));
    item.weight = static_cast<int>(find_int(each, "weight").value_or(0));
    item.base = static_cast<int>(find_int(each, "base").value_or(0));
    const auto known = call.region.capacity_providers.find(item.capacityProvider);
    if (known == call.region.capacity_providers.end() || known->second.status != "ACTIVE")
      return invalid_parameter(
          "The specified capacity provider does not exist. Specify a valid name or ARN and try "
          "again.");
    if (item.weight < 0 || item.weight > 1000 || item.base < 0 || item.base > 100000)
      return invalid_parameter("The weight must be 0 to 1000 and the base 0 to 100000.");
    (known->second.is_fargate() ? fargate : groups) = true;
    bases += item.base > 0 ? 1 : 0;
    weights += item.weight;
    strategy.push_back(std::move(item));
  }
  if (fargate && groups)
    return invalid_parameter(
        "The specified capacity provider strategy cannot contain both Fargate and Auto Scaling "
        "group capacity providers.");
  if (bases > 1)
    return invalid_parameter("Only one capacity provider in a strategy can have a base defined.");
  if (weights == 0)
    return invalid_parameter(
        "At least one capacity provider in a strategy must have a weight greater than zero.");
  return strategy;
}

Answer<std::vector<PlacementConstraint>> read_placement_constraints(const Json& input) {
  constexpr std::size_t kMost = 10;
  std::vector<PlacementConstraint> constraints;
  const JsonArray* array = find_array(input, "placementConstraints");
  if (array == nullptr) return constraints;
  if (array->size() > kMost)
    return invalid_parameter("Placement constraints can have at most 10 items.");
  for (const Json& each : *array) {
    PlacementConstraint constraint;
    constraint.type = std::string(string_or_empty(each, "type"));
    constraint.expression = std::string(string_or_empty(each, "expression"));
    if (constraint.type == "memberOf") {
      Result<ClusterQuery> query = ClusterQuery::parse(constraint.expression);
      if (!query) return invalid_parameter("Invalid expression: " + query.error().message);
      constraint.query = std::make_shared<ClusterQuery>(*std::move(query));
    }
    constraints.push_back(std::move(constraint));
  }
  return constraints;
}

Answer<std::vector<PlacementStrategy>> read_placement_strategy(const Json& input) {
  constexpr std::size_t kMost = 5;
  std::vector<PlacementStrategy> strategy;
  const JsonArray* array = find_array(input, "placementStrategy");
  if (array == nullptr) return strategy;
  if (array->size() > kMost)
    return invalid_parameter("Placement strategy can have at most 5 items.");
  for (const Json& each : *array) {
    PlacementStrategy item{std::string(string_or_empty(each, "type")),
                           std::string(string_or_empty(each, "field"))};
    if (item.type == "binpack" && item.field != "cpu" && item.field != "memory")
      return invalid_parameter("The placement strategy binpack needs the field cpu or memory.");
    strategy.push_back(std::move(item));
  }
  return strategy;
}

// ---- Writing answers --------------------------------------------------------------------------

void write_tags(JsonWriter& json, const Tags& tags) {
  json.key("tags").begin_array();
  for (const Tag& tag : tags)
    json.begin_object().member("key", tag.key).member("value", tag.value).end_object();
  json.end_array();
}

void write_strategy(JsonWriter& json, const std::vector<StrategyItem>& strategy) {
  json.begin_array();
  for (const StrategyItem& item : strategy)
    json.begin_object()
        .member("capacityProvider", item.capacityProvider)
        .member("weight", item.weight)
        .member("base", item.base)
        .end_object();
  json.end_array();
}

void write_placement(JsonWriter& json, const std::vector<PlacementConstraint>& constraints,
                     const std::vector<PlacementStrategy>& strategy) {
  json.key("placementConstraints").begin_array();
  for (const PlacementConstraint& each : constraints) {
    json.begin_object().member("type", each.type);
    if (!each.expression.empty()) json.member("expression", each.expression);
    json.end_object();
  }
  json.end_array().key("placementStrategy").begin_array();
  for (const PlacementStrategy& each : strategy) {
    json.begin_object().member("type", each.type);
    if (!each.field.empty()) json.member("field", each.field);
    json.end_object();
  }
  json.end_array();
}

Reply list_with_failures(JsonWriter json, const std::vector<ApiFailure>& failures) {
  json.end_array();
  write_failures(json, failures);
  json.end_object();
  return JsonText{std::move(json).text()};
}

// ---- Paging -----------------------------------------------------------------------------------

Reply list_page(const Json& input, const std::vector<ListItem>& sorted,
                const ListOptions& options) {
  const auto results = find_int(input, "maxResults").value_or(options.default_results);
  if (results < 1 || results > options.max_results)
    return invalid_parameter(
        fmt::format("maxResults must be between 1 and {}.", options.max_results));
  std::size_t from = 0;
  if (const auto token = find_string(input, "nextToken"); token && !token->empty()) {
    const auto behind = first_behind(*token, options.member, sorted);
    if (!behind) return invalid_parameter("Invalid token");
    from = *behind;
  }
  const std::size_t to = std::min(sorted.size(), from + static_cast<std::size_t>(results));
  JsonWriter json;
  json.begin_object().key(options.member).begin_array();
  for (std::size_t i = from; i < to; ++i)
    options.shown_is_json ? json.raw(sorted[i].shown) : json.value(sorted[i].shown);
  json.end_array();
  if (to < sorted.size()) json.member("nextToken", token_after(options.member, sorted[to - 1].key));
  if (options.failures != nullptr) write_failures(json, *options.failures);
  json.end_object();
  return JsonText{std::move(json).text()};
}

Answer<JsonObject> page_of(const Json& input, const std::vector<PageItem>& items,
                           const PageOptions& options) {
  const std::size_t limit = static_cast<std::size_t>(
      find_int(input, options.limit).value_or(static_cast<std::int64_t>(options.most)));
  std::size_t from = 0;
  if (const auto token = find_string(input, options.token)) {
    const auto behind = first_behind(*token, options.member, items);
    if (!behind) return options.bad_token;
    from = *behind;
  }
  const std::size_t to = std::min(items.size(), from + limit);
  JsonArray page;
  for (std::size_t i = from; i < to; ++i) page.push_back(items[i].shown);
  JsonObject document;
  document[options.member] = std::move(page);
  if (to < items.size()) document[options.token] = token_after(options.member, items[to - 1].key);
  return document;
}

Reply answer_with_page(const Json& input, const std::vector<PageItem>& items,
                       const PageOptions& options) {
  TRY(JsonObject page, page_of(input, items, options));
  return answer_with(std::move(page));
}

Reply answer_with(JsonObject document) { return JsonText{to_text(Json(std::move(document)))}; }

double seconds_of(TimePoint time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
  return static_cast<double>(milliseconds.count()) / 1e3;
}

std::string serial_key(std::uint64_t serial) { return fmt::format("{:020}", serial); }

}  // namespace slipway::sim
