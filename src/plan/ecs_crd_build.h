// What the parts of an ecs-crd template share. Nothing outside plan/ecs_crd*.cc includes this.
#pragma once

#include "base/json.h"
#include "plan/ecs_crd_template.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::crd {

// One release being written down; the parts add to it in turn.
struct Build {
  const CrdFile& file;
  const CrdFacts& facts;
  const CrdPair& pair;
  const CrdDecision& decision;
  const CrdNames& names;
  CrdFindings& findings;

  std::vector<CrdContainerPort> bindings = {};
  std::vector<std::string> ids = {};  // of the bindings, see crd_logical_ids

  JsonObject resources = {};
  JsonObject outputs = {};
  JsonArray forwarding = {};  // logical ids of what sends requests to the target groups
  std::vector<CrdSharedListener> shared_listeners = {};

  const CrdSide& green() const { return decision.green; }
  std::string ecs_service() const { return names.ecs_service(green().label_value); }
};

Json ref_to(std::string_view name);
Json get_att(std::string_view resource, std::string_view attribute);
Json texts(const std::vector<std::string>& texts);
Json number(double value);  // without decimals when it has none
JsonArray tags(std::initializer_list<std::pair<std::string_view, Json>> pairs);
JsonObject resource(std::string_view type, JsonObject properties);
// A parameter whose value is its default, as the Python tool writes them.
JsonObject parameter(std::string_view value);

// The secrets as the execution role and the containers need them. What could not be found is a
// finding, and has no ARN.
class Secrets {
 public:
  explicit Secrets(Build& build);

  // For `ValueFrom`: the whole ARN with what is meant of it.
  std::string value_from(const CrdSecret& secret) const;
  // AllowReadSecrets, with exactly what is read; nullopt when nothing is.
  std::optional<JsonObject> policy() const;

 private:
  void look_up(Build& build, const CrdSecret& secret);

  std::map<std::string, std::string> values_;          // by CrdSecret::value_from
  std::set<std::string> secrets_, parameters_, keys_;  // ARNs
};

void check_images(Build& build);
void check_nodes(Build& build);
void add_roles(Build& build, const Secrets& secrets);
void add_task_definition(Build& build, const Secrets& secrets);
void add_target_groups(Build& build);
void add_listeners(Build& build);
void add_service(Build& build);
void add_auto_scaling(Build& build);

}  // namespace slipway::crd
