#include "sim/stack_values.h"

#include "base/text.h"
#include "sim/stack_template.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace slipway::sim {
namespace {

ServiceError template_error(std::string_view what) {
  return validation_error(fmt::format("Template error: {}", what));
}

std::string text_of(const Json& value) {
  return value.is_string() ? std::string(value.get_string()) : to_text(value);
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0);
    for (std::size_t k = 0; k < 4; ++k)
      text += i + k > bytes.size() ? '=' : kDigits[group >> (18 - 6 * k) & 63];
  }
  return text;
}

class Evaluator {
 public:
  explicit Evaluator(const Scope& scope) : scope_(scope) {}

  using Value = std::optional<Json>;

  Answer<Value> value(const Json& expression) {
    if (const JsonArray* items = expression.if_array()) return list(*items);
    const JsonObject* object = expression.if_object();
    if (object == nullptr) return Value(expression);
    if (object->size() == 1) {
      const std::string_view name = object->begin()->key();
      if (name == "Ref" || name.starts_with("Fn::"))
        return function(name, object->begin()->value());
    }
    JsonObject all;
    for (const auto& [name, member] : *object) {
      TRY(Value found, value(member));
      if (found) all[name] = *std::move(found);
    }
    return Value(Json(std::move(all)));
  }

  Answer<bool> condition(const Json& expression) {
    const JsonObject* object = expression.if_object();
    if (object == nullptr || object->size() != 1) return no_condition();
    const std::string_view name = object->begin()->key();
    const Json& argument = object->begin()->value();
    if (name == "Condition" && argument.is_string()) return named(argument.get_string());
    const JsonArray* parts = argument.if_array();
    if (parts == nullptr) return no_condition();
    if (name == "Fn::Equals" && parts->size() == 2) {
      TRY(Json left, whole((*parts)[0]));
      TRY(Json right, whole((*parts)[1]));
      return text_of(left) == text_of(right);
    }
    if (name == "Fn::Not" && parts->size() == 1) {
      TRY(bool is_so, condition((*parts)[0]));
      return !is_so;
    }
    if (name == "Fn::And" || name == "Fn::Or") {
      const bool decides = name == "Fn::Or";
      for (const Json& part : *parts) {
        TRY(bool is_so, condition(part));
        if (is_so == decides) return decides;
      }
      return !decides;
    }
    return no_condition();
  }

  Answer<Json> whole(const Json& expression) {
    TRY(Value found, value(expression));
    return found ? *std::move(found) : Json();
  }

 private:
  static ServiceError no_condition() {
    return template_error(
        "Conditions can only be boolean operations on parameters and other conditions");
  }

  // Conditions may be asked for before all of them are judged.
  Answer<bool> named(std::string_view name) {
    const auto known = scope_.source.conditions.find(std::string(name));
    if (known != scope_.source.conditions.end()) return known->second;
    const Json* conditions = find(scope_.source.document, "Conditions");
    const Json* expression = conditions == nullptr ? nullptr : find(*conditions, name);
    constexpr int kDeepest = 50;
    if (expression == nullptr || ++depth_ > kDeepest)
      return template_error(fmt::format("Circular or unknown condition {}", name));
    Answer<bool> judged = condition(*expression);
    --depth_;
    return judged;
  }

  Answer<Value> list(const JsonArray& items) {
    JsonArray all;
    for (const Json& item : items) {
      TRY(Value found, value(item));
      if (found) all.push_back(*std::move(found));
    }
    return Value(Json(std::move(all)));
  }

  Answer<Value> function(std::string_view name, const Json& argument) {
    if (name == "Ref") return ref(text_of(argument));
    if (name == "Fn::GetAtt") return get_att(argument);
    if (name == "Fn::If") return choose(argument);
    Answer<Json> made = name == "Fn::Sub"           ? sub(argument)
                        : name == "Fn::Join"        ? join_texts(argument)
                        : name == "Fn::Select"      ? select(argument)
                        : name == "Fn::Split"       ? split_text(argument)
                        : name == "Fn::ImportValue" ? import(argument)
                        : name == "Fn::FindInMap"   ? find_in_map(argument)
                        : name == "Fn::Base64"      ? encode(argument)
                        : name == "Fn::GetAZs"      ? zones(argument)
                                                    : unknown(name);
    if (!made) return made.error();
    return Value(std::move(made).value());
  }

  static Answer<Json> unknown(std::string_view name) {
    return template_error(fmt::format("the function {} is not simulated here", name));
  }

  // ---- What is named ----

  Answer<Value> ref(std::string_view name) {
    if (name == "AWS::NoValue") return Value();
    if (name == "AWS::StackName") return Value(scope_.stack.name);
    if (name == "AWS::StackId") return Value(scope_.stack.id);
    if (name == "AWS::Region") return Value(scope_.region);
    if (name == "AWS::AccountId") return Value(scope_.account);
    if (name == "AWS::Partition") return Value(scope_.partition);
    if (name == "AWS::NotificationARNs") return Value(Json(scope_.stack.notification_arns));
    if (name == "AWS::URLSuffix")
      return Value(scope_.partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com");
    for (const StackParameter& parameter : scope_.source.parameters)
      if (parameter.key == name) return Value(parameter.used);
    const StackResource* resource = find_resource(scope_.stack, name);
    if (resource == nullptr || resource->physical_id.empty()) return unresolved(name);
    return Value(resource->physical_id);
  }

  static ServiceError unresolved(std::string_view name) {
    return validation_error(
        fmt::format("Template format error: Unresolved resource dependencies [{}] in the Resources "
                    "block of the template",
                    name));
  }

  Answer<Value> get_att(const Json& argument) {
    std::string id;
    std::string attribute;
    if (const JsonArray* parts = argument.if_array(); parts != nullptr && parts->size() == 2) {
      id = text_of((*parts)[0]);
      TRY(Json name, whole((*parts)[1]));
      attribute = text_of(name);
    } else if (argument.is_string()) {
      const std::string_view both = argument.get_string();
      const auto dot = std::min(both.find('.'), both.size());
      id = both.substr(0, dot);
      attribute = both.substr(std::min(dot + 1, both.size()));
    } else {
      return template_error(
          "Fn::GetAtt object requires two non-empty parameters, the resource name and the resource "
          "attribute");
    }
    return attribute_of(id, attribute);
  }

  Answer<Value> attribute_of(std::string_view id, std::string_view attribute) {
    const StackResource* resource = find_resource(scope_.stack, id);
    if (resource == nullptr) return unresolved(id);
    const Json* found = resource->attributes.if_contains(attribute);
    if (found == nullptr)
      return template_error(fmt::format(
          "resource {} does not support attribute type {} in Fn::GetAtt", id, attribute));
    return Value(*found);
  }

  // ---- Functions ----

  Answer<Value> choose(const Json& argument) {
    const JsonArray* parts = argument.if_array();
    if (parts == nullptr || parts->size() != 3 || !(*parts)[0].is_string())
      return template_error("Fn::If requires a list argument with three parameters");
    TRY(bool is_so, named((*parts)[0].get_string()));
    return value((*parts)[is_so ? 1 : 2]);
  }

  Answer<Json> sub(const Json& argument) {
    const Json* text = &argument;
    JsonObject own;
    if (const JsonArray* parts = argument.if_array(); parts != nullptr && parts->size() == 2) {
      text = &(*parts)[0];
      TRY(Json values, whole((*parts)[1]));
      if (values.is_object()) own = values.get_object();
    }
    if (!text->is_string())
      return template_error(
          "One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a "
          "string as first argument, and an optional second argument to specify a mapping of "
          "values to replace in the string");
    return substituted(text->get_string(), own);
  }

  Answer<Json> substituted(std::string_view text, const JsonObject& own) {
    std::string made;
    while (!text.empty()) {
      const auto begin = std::min(text.find("${"), text.size());
      made += text.substr(0, begin);
      text.remove_prefix(begin);
      const auto end = text.find('}');
      if (text.empty() || end == std::string_view::npos) break;
      const std::string_view name = trim(text.substr(2, end - 2));
      if (name.starts_with('!')) {
        made += fmt::format("${{{}}}", name.substr(1));
      } else if (const Json* mine = own.if_contains(name)) {
        made += text_of(*mine);
      } else {
        const auto dot = name.find('.');
        TRY(Value found, dot == std::string_view::npos
                             ? ref(name)
                             : attribute_of(name.substr(0, dot), name.substr(dot + 1)));
        if (found) made += text_of(*found);
      }
      text.remove_prefix(end + 1);
    }
    made += text;
    return Json(made);
  }

  Answer<Json> join_texts(const Json& argument) {
    constexpr std::string_view kWrong =
        "every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of "
        "strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to "
        "be joined.";
    const JsonArray* parts = argument.if_array();
    if (parts == nullptr || parts->size() != 2 || !(*parts)[0].is_string())
      return template_error(kWrong);
    TRY(Json items, whole((*parts)[1]));
    if (!items.is_array()) return template_error(kWrong);
    std::vector<std::string> all;
    for (const Json& item : items.get_array()) all.push_back(text_of(item));
    return Json(join(all, std::string_view((*parts)[0].get_string())));
  }

  Answer<Json> select(const Json& argument) {
    const JsonArray* parts = argument.if_array();
    if (parts == nullptr || parts->size() != 2)
      return template_error(
          "Fn::Select requires a list argument with two elements: an integer index and a list");
    TRY(Json index, whole((*parts)[0]));
    TRY(Json items, whole((*parts)[1]));
    const std::string digits = text_of(index);
    std::size_t at = 0;
    const char* end = digits.data() + digits.size();
    const bool is_number = std::from_chars(digits.data(), end, at).ptr == end && !digits.empty();
    if (!is_number || !items.is_array())
      return template_error(
          "Fn::Select requires a list argument with two elements: an integer index and a list");
    if (at >= items.get_array().size())
      return template_error(
          fmt::format("Fn::Select  cannot select nonexistent value at index {}", at));
    return items.get_array()[at];
  }

  Answer<Json> split_text(const Json& argument) {
    constexpr std::string_view kWrong =
        "every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string "
        "to be split or a function that returns a string to be split.";
    const JsonArray* parts = argument.if_array();
    if (parts == nullptr || parts->size() != 2 || !(*parts)[0].is_string())
      return template_error(kWrong);
    TRY(Json text, whole((*parts)[1]));
    const std::string_view delimiter = (*parts)[0].get_string();
    if (!text.is_string() || delimiter.empty()) return template_error(kWrong);
    JsonArray pieces;
    std::string_view rest = text.get_string();
    for (auto at = rest.find(delimiter); at != std::string_view::npos; at = rest.find(delimiter)) {
      pieces.emplace_back(rest.substr(0, at));
      rest.remove_prefix(at + delimiter.size());
    }
    pieces.emplace_back(rest);
    return Json(std::move(pieces));
  }

  Answer<Json> import(const Json& argument) {
    TRY(Json name, whole(argument));
    const auto found = scope_.import_value(text_of(name));
    if (!found) return validation_error(fmt::format("No export named {} found", text_of(name)));
    return Json(*found);
  }

  Answer<Json> find_in_map(const Json& argument) {
    const JsonArray* parts = argument.if_array();
    if (parts == nullptr || parts->size() != 3)
      return template_error(
          "every Fn::FindInMap object requires three parameters, the map name, map key and the "
          "attribute for return value");
    std::vector<std::string> keys;
    const Json* at = find(scope_.source.document, "Mappings");
    for (const Json& part : *parts) {
      TRY(Json key, whole(part));
      keys.push_back(text_of(key));
      if (at != nullptr) at = find(*at, keys.back());
    }
    if (at == nullptr)
      return template_error(fmt::format("Unable to get mapping for {}", join(keys, "::")));
    return *at;
  }

  Answer<Json> encode(const Json& argument) {
    TRY(Json text, whole(argument));
    return Json(base64(text_of(text)));
  }

  Answer<Json> zones(const Json& argument) {
    TRY(Json region, whole(argument));
    const std::string name = text_of(region).empty() ? scope_.region : text_of(region);
    JsonArray all;
    for (const char* letter : {"a", "b", "c"}) all.emplace_back(name + letter);
    return Json(std::move(all));
  }

  const Scope& scope_;
  int depth_ = 0;
};

// ---- Parameters -------------------------------------------------------------------------------

class ParameterReader {
 public:
  ParameterReader(const std::string& name, const Json& facts) : name_(name), facts_(facts) {}

  // "List<Number>" and "CommaDelimitedList" are several, each checked.
  bool is_list() const {
    const std::string_view type = string_or_empty(facts_, "Type");
    return type == "CommaDelimitedList" || type.find("List<") != std::string_view::npos;
  }

  Answer<Json> read(std::string_view value) const {
    if (!is_list()) {
      if (auto error = check(value)) return *error;
      return Json(value);
    }
    JsonArray items;
    for (const std::string_view item : split(value, ',')) {
      if (auto error = check(trim(item))) return *error;
      items.emplace_back(trim(item));
    }
    return Json(std::move(items));
  }

 private:
  std::optional<ServiceError> check(std::string_view value) const {
    const auto refuse = [&](std::string what) {
      if (const auto said = find_string(facts_, "ConstraintDescription"))
        what = fmt::format("failed to satisfy constraint: {}", *said);
      const bool is_said = what.starts_with("failed");
      return validation_error(is_said ? fmt::format("Parameter {} {}", name_, what)
                                      : fmt::format("Parameter '{}' {}", name_, what));
    };
    if (string_or_empty(facts_, "Type").find("Number") != std::string_view::npos) {
      const auto number = number_in(value);
      if (!number) return validation_error(fmt::format("Parameter '{}' must be a number", name_));
      if (const auto least = limit("MinValue"); least && *number < *least)
        return refuse(fmt::format("must be a number not less than {}", *least));
      if (const auto most = limit("MaxValue"); most && *number > *most)
        return refuse(fmt::format("must be a number not greater than {}", *most));
    }
    const auto size = static_cast<double>(value.size());
    if (const auto least = limit("MinLength"); least && size < *least)
      return refuse(fmt::format("must contain at least {} characters", *least));
    if (const auto most = limit("MaxLength"); most && size > *most)
      return refuse(fmt::format("must contain at most {} characters", *most));
    if (const JsonArray* allowed = find_array(facts_, "AllowedValues"))
      if (std::none_of(allowed->begin(), allowed->end(),
                       [&](const Json& each) { return text_of(each) == value; }))
        return refuse("must be one of AllowedValues");
    if (const auto pattern = find_string(facts_, "AllowedPattern")) {
      const RE2 expression(std::string(*pattern), RE2::Quiet);
      if (expression.ok() && !RE2::FullMatch(std::string(value), expression))
        return refuse(fmt::format("must match pattern {}", *pattern));
    }
    return std::nullopt;
  }

  static std::optional<double> number_in(std::string_view text) {
    double number = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (text.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return number;
  }
  std::optional<double> limit(std::string_view member) const {
    const Json* given = find(facts_, member);
    return given == nullptr ? std::nullopt : number_in(text_of(*given));
  }

  const std::string& name_;
  const Json& facts_;
};

const StackParameter* find_parameter(const std::vector<StackParameter>* all, std::string_view key) {
  if (all == nullptr) return nullptr;
  for (const StackParameter& each : *all)
    if (each.key == key) return &each;
  return nullptr;
}

std::string in_brackets(const std::vector<std::string>& names) {
  return fmt::format("[{}]", join(names, ", "));
}

}  // namespace

Answer<std::optional<Json>> evaluate(const Json& expression, const Scope& scope) {
  return Evaluator(scope).value(expression);
}

Answer<Json> evaluate_whole(const Json& expression, const Scope& scope) {
  return Evaluator(scope).whole(expression);
}

Answer<std::vector<StackParameter>> read_parameters(const Json& document, const JsonArray& given,
                                                    const std::vector<StackParameter>* before,
                                                    const Scope& scope) {
  static const JsonObject kNone;
  const JsonObject* declared = find_object(document, "Parameters");
  if (declared == nullptr) declared = &kNone;

  std::map<std::string, std::string> values;
  std::vector<std::string> unknown;
  for (const Json& each : given) {
    const std::string key(string_or_empty(each, "ParameterKey"));
    if (!declared->contains(key)) unknown.push_back(key);
    if (find_bool(each, "UsePreviousValue").value_or(false)) {
      const StackParameter* known = find_parameter(before, key);
      if (known == nullptr)
        return validation_error(
            fmt::format("Invalid input for parameter key {}. Cannot specify usePreviousValue as "
                        "true for a parameter key not in the previous template",
                        key));
      values[key] = known->value;
    } else {
      values[key] = string_or_empty(each, "ParameterValue");
    }
  }
  if (!unknown.empty())
    return validation_error(
        fmt::format("Parameters: {} do not exist in the template", in_brackets(unknown)));

  std::vector<std::string> missing;
  for (const auto& [name, facts] : *declared) {
    if (values.contains(name)) continue;
    const Json* usual = find(facts, "Default");
    if (usual == nullptr)
      missing.emplace_back(name);
    else
      values[name] = text_of(*usual);
  }
  if (!missing.empty())
    return validation_error(fmt::format("Parameters: {} must have values", in_brackets(missing)));

  std::vector<StackParameter> parameters;
  for (const auto& [key, facts] : *declared) {
    StackParameter parameter;
    parameter.key = key;
    parameter.value = values[parameter.key];
    parameter.is_hidden = find_bool(facts, "NoEcho").value_or(false);
    TRY(parameter.used, ParameterReader(parameter.key, facts).read(parameter.value));
    if (string_or_empty(facts, "Type").starts_with("AWS::SSM::Parameter::Value")) {
      auto stored = scope.parameter_store(parameter.value);
      if (!stored)
        return validation_error(
            fmt::format("Unable to fetch parameters [{}] from parameter store for this account.",
                        parameter.value));
      parameter.used = *std::move(stored);
    }
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

Answer<std::map<std::string, bool>> judge_conditions(const Scope& scope) {
  std::map<std::string, bool> judged;
  const JsonObject* conditions = find_object(scope.source.document, "Conditions");
  if (conditions == nullptr) return judged;
  for (const auto& [name, expression] : *conditions) {
    TRY(judged[name], Evaluator(scope).condition(expression));
  }
  return judged;
}

}  // namespace slipway::sim
