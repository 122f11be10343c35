#include "plan/derive.h"

#include "base/text.h"
#include "model/image.h"
#include "plan/images.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>

namespace slipway {
namespace {

// Members that DescribeTaskDefinition answers and RegisterTaskDefinition refuses.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html
constexpr std::array<std::string_view, 9> kReadOnly = {
    "taskDefinitionArn", "revision",     "status",         "requiresAttributes", "compatibilities",
    "registeredAt",      "registeredBy", "deregisteredAt", "deleteRequestedAt"};

struct Applied {
  std::vector<EventBody> findings;
  bool changed = false;
};

std::optional<ImageReference> apply(const ImageReference& current, const ImageChange& change) {
  if (const auto* tag = std::get_if<NewTag>(&change.to)) return with_tag(current, tag->tag);
  const std::string& wanted = std::get<NewImage>(change.to).image;
  if (to_string(current) == wanted) return std::nullopt;
  const Result<ImageReference> parsed = parse_image(wanted);
  // The dialect has checked the user's reference already.
  return parsed ? std::optional(*parsed) : std::nullopt;
}

Result<Applied> apply_images(Json& document, const std::vector<ImageChange>& wanted_images,
                             const std::string& where) {
  TRY(const std::vector<ImageChange> images, settle_containers(wanted_images, document, where));
  Applied applied;
  std::vector<std::string> names;
  Json* containers = nullptr;
  if (document.is_object()) containers = document.get_object().if_contains("containerDefinitions");
  if (containers != nullptr && containers->is_array()) {
    for (Json& container : containers->get_array()) {
      const std::string name(string_or_empty(container, "name"));
      names.push_back(name);
      const auto change = std::ranges::find(images, name, &ImageChange::container);
      if (change == images.end()) {
        applied.findings.push_back(ContainerNotListed{name});
        continue;
      }
      const std::string image(string_or_empty(container, "image"));
      TRY(const ImageReference current,
          parse_image(image).context(fmt::format("reading container {} of {}", name, where)));
      const std::optional<ImageReference> wanted = apply(current, *change);
      if (!wanted) {
        applied.findings.push_back(ImageUnchanged{
            .container = name, .image = image, .tag = std::string(current.version())});
        continue;
      }
      applied.findings.push_back(ImageChanged{.container = name,
                                              .old_image = image,
                                              .new_image = to_string(*wanted),
                                              .old_tag = std::string(current.version()),
                                              .new_tag = std::string(wanted->version())});
      container.get_object()["image"] = to_string(*wanted);
      applied.changed = true;
    }
  }
  std::vector<std::string> missing;
  for (const ImageChange& change : images) {
    if (std::ranges::find(names, change.container) != names.end()) continue;
    missing.push_back(change.container);
    const std::optional<std::string> near = nearest(change.container, names);
    applied.findings.push_back(
        ContainerMissing{.container = change.container,
                         .suggestion = near ? "did you mean \"" + *near + "\"?" : std::string()});
  }
  if (!images.empty() && missing.size() == images.size()) {
    return Error{.kind = ErrorKind::kInvalid,
                 .code = "image.no-container",
                 .message = where + " has no container named " + join(missing, ", ") + "; it has " +
                            (names.empty() ? "none" : join(names, ", "))};
  }
  return applied;
}

// AWS refuses a null where it takes nothing at all.
void remove_nulls(Json& json) {
  if (json.is_array())
    for (Json& item : json.get_array()) remove_nulls(item);
  if (!json.is_object()) return;
  std::vector<std::string> nulls;
  for (auto& member : json.get_object()) {
    if (member.value().is_null())
      nulls.emplace_back(member.key());
    else
      remove_nulls(member.value());
  }
  for (const std::string& name : nulls) remove_member(json.get_object(), name);
}

// ---- Comparing ---------------------------------------------------------------------------------

bool is_empty(const Json& json) {
  return json.is_null() || (json.is_array() && json.get_array().empty()) ||
         (json.is_object() && json.get_object().empty());
}

Json without_empty_members(const Json& json) {
  if (json.is_array()) {
    JsonArray array;
    for (const Json& item : json.get_array()) array.push_back(without_empty_members(item));
    return array;
  }
  if (!json.is_object()) return json;
  JsonObject object;
  for (const auto& [name, value] : json.get_object()) {
    Json kept = without_empty_members(value);
    if (!is_empty(kept)) object[name] = std::move(kept);
  }
  return object;
}

void set_default(JsonObject& object, std::string_view member, Json value) {
  if (!object.contains(member)) object[member] = std::move(value);
}

void for_each_object(JsonObject& parent, std::string_view member, auto&& visit) {
  Json* list = parent.if_contains(member);
  if (list == nullptr || !list->is_array()) return;
  for (Json& item : list->get_array())
    if (item.is_object()) visit(item.get_object());
}

std::optional<double> number_in(std::string_view text) {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "1 vCPU" and "1024" name the same amount, and so do 1024 and "1024"; ECS answers the last form.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#task_size
void normalise_size(JsonObject& definition, std::string_view member) {
  Json* value = definition.if_contains(member);
  if (value == nullptr) return;
  if (value->is_int64()) {
    *value = std::to_string(value->get_int64());
    return;
  }
  if (!value->is_string()) return;
  const std::string text = to_lower(std::string_view(value->get_string()));
  const std::size_t unit = text.find_first_not_of("0123456789.");
  if (unit == std::string::npos || unit == 0) return;
  const std::string_view name = trim(std::string_view(text).substr(unit));
  if (name == "vcpu" || name == "gb")
    if (const auto amount = number_in(std::string_view(text).substr(0, unit)))
      *value = std::to_string(std::lround(*amount * 1024));
}

// Named lists whose order means nothing to ECS.
void sort_by(JsonObject& object, std::string_view list_member, std::string_view key) {
  Json* list = object.if_contains(list_member);
  if (list == nullptr || !list->is_array()) return;
  JsonArray& array = list->get_array();
  std::ranges::stable_sort(array, [&](const Json& a, const Json& b) {
    return string_or_empty(a, key) < string_or_empty(b, key);
  });
}

// What ECS would answer for it, as far as that is documented (docs/architecture.md lists the
// rules).
Json normalised(const Json& definition, const Json& tags) {
  Json json = without_empty_members(definition);
  if (!json.is_object()) return json;
  JsonObject& object = json.get_object();
  for (const std::string_view member : kReadOnly) remove_member(object, member);
  remove_member(object, "tags");
  if (Json kept = without_empty_members(tags); !is_empty(kept)) object["tags"] = std::move(kept);
  sort_by(object, "tags", "key");
  normalise_size(object, "cpu");
  normalise_size(object, "memory");
  const std::string_view network_mode = string_or_empty(json, "networkMode");
  const bool ports_are_the_hosts = network_mode == "awsvpc" || network_mode == "host";
  if (network_mode == "bridge") remove_member(object, "networkMode");
  for_each_object(object, "containerDefinitions", [&](JsonObject& container) {
    set_default(container, "cpu", 0);
    set_default(container, "essential", true);
    sort_by(container, "environment", "name");
    sort_by(container, "secrets", "name");
    for_each_object(container, "portMappings", [&](JsonObject& port) {
      set_default(port, "protocol", "tcp");
      if (const Json* container_port = port.if_contains("containerPort"))
        set_default(port, "hostPort", ports_are_the_hosts ? *container_port : Json(0));
    });
    if (Json* check = container.if_contains("healthCheck"); check && check->is_object()) {
      set_default(check->get_object(), "interval", 30);
      set_default(check->get_object(), "timeout", 5);
      set_default(check->get_object(), "retries", 3);
    }
  });
  return json;
}

// Numbers of both signs, and members in any order, compare by value.
bool same(const Json& a, const Json& b) {
  if (a.is_object() && b.is_object()) {
    if (a.get_object().size() != b.get_object().size()) return false;
    return std::ranges::all_of(a.get_object(), [&](const auto& member) {
      const Json* other = b.get_object().if_contains(member.key());
      return other != nullptr && same(member.value(), *other);
    });
  }
  if (a.is_array() && b.is_array()) return std::ranges::equal(a.get_array(), b.get_array(), same);
  if (a.is_number() && b.is_number()) return a.to_number<double>() == b.to_number<double>();
  return a == b;
}

}  // namespace

Result<Derived> derive(const TaskDefinitionSnapshot& base, const std::vector<ImageChange>& images) {
  // Nothing was asked for, so there is nothing to say of what stays.
  if (images.empty())
    return Derived{.findings = {BaseTaskDefinition{base.family_revision()}}, .document = {}};
  Json document = base.document;
  TRY(Applied applied, apply_images(document, images, base.family_revision()));
  Derived derived{.findings = std::move(applied.findings)};
  derived.findings.insert(derived.findings.begin(),
                          BaseTaskDefinition{base.family_revision(), base.arn});
  if (!applied.changed) {
    derived.findings.push_back(NothingToRegister{});
    return derived;
  }
  derived.document = registrable(std::move(document), base.tags);
  return derived;
}

Result<Derived> derive(const TaskDefinitionDocument& source,
                       const std::vector<ImageChange>& images) {
  Json document = source.document;
  TRY(Applied applied, apply_images(document, images, source.origin));
  return Derived{.findings = std::move(applied.findings),
                 .document = registrable(std::move(document))};
}

Json registrable(Json document, const Json& tags) {
  if (!document.is_object()) return document;
  remove_nulls(document);
  JsonObject& object = document.get_object();
  for (const std::string_view member : kReadOnly) remove_member(object, member);
  // An empty list of tags is an error for AWS, an absent one is not.
  if (tags.is_array() && !tags.get_array().empty()) object["tags"] = tags;
  return document;
}

bool describes_same(const Json& document, const TaskDefinitionSnapshot& existing) {
  const Json* tags = document.is_object() ? document.get_object().if_contains("tags") : nullptr;
  return same(normalised(document, tags ? *tags : Json()),
              normalised(existing.document, existing.tags));
}

}  // namespace slipway
