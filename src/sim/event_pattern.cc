#include "sim/event_pattern.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <vector>

namespace slipway::sim {
namespace {

constexpr std::string_view kIgnoringCase = "equals-ignore-case";

// ---- Is it one? -------------------------------------------------------------------------------

using Problem = std::optional<std::string>;

bool is_scalar(const Json& value) { return !value.is_object() && !value.is_array(); }

// {"cidr": "10.0.0.0/8"}: the network's bytes and how many of their bits count.
struct Network {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  int family = 0;
  unsigned bits = 0;
};

std::optional<Network> parse_address(std::string_view text) {
  Network network;
  const std::string address(text);
  for (const int family : {AF_INET, AF_INET6}) {
    if (::inet_pton(family, address.c_str(), network.bytes.data()) != 1) continue;
    network.family = family;
    network.bits = family == AF_INET ? 32 : 128;
    return network;
  }
  return std::nullopt;
}

std::optional<Network> parse_network(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  std::optional<Network> network = parse_address(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (!network || error != std::errc() || end != digits.data() + digits.size() ||
      bits > network->bits)
    return std::nullopt;
  network->bits = bits;
  return network;
}

Problem numeric_problem(const Json& value) {
  const JsonArray* parts = value.if_array();
  if (parts == nullptr) return "Value of numeric must be an array.";
  constexpr std::array<std::string_view, 5> kOperators = {"<", "<=", "=", ">", ">="};
  if (parts->empty() || parts->size() % 2 != 0 || parts->size() > 4)
    return "Too many or too few terms in numeric range expression";
  for (std::size_t i = 0; i < parts->size(); i += 2) {
    const boost::json::string* op = (*parts)[i].if_string();
    if (op == nullptr || std::ranges::find(kOperators, std::string_view(*op)) == kOperators.end())
      return "Unrecognized numeric range operator: " + to_text((*parts)[i]);
    if (!(*parts)[i + 1].is_number())
      return fmt::format("Value of {} must be numeric", std::string_view(*op));
  }
  return std::nullopt;
}

// Of prefix and suffix: a text, or {"equals-ignore-case": text}.
Problem affix_problem(std::string_view name, const Json& value) {
  if (value.is_string()) return std::nullopt;
  const JsonObject* object = value.if_object();
  const Json* text = object == nullptr ? nullptr : object->if_contains(kIgnoringCase);
  if (text != nullptr && text->is_string() && object->size() == 1) return std::nullopt;
  return fmt::format("{} match pattern must be a string", name);
}

Problem anything_but_problem(const Json& value) {
  if (is_scalar(value) && !value.is_null()) return std::nullopt;
  if (const JsonArray* values = value.if_array()) {
    if (values->empty()) return "Empty arrays are not allowed";
    const bool all = std::ranges::all_of(
        *values, [](const Json& each) { return each.is_string() || each.is_number(); });
    return all ? std::nullopt : Problem("Inside anything but list, null|boolean is not supported.");
  }
  const JsonObject* object = value.if_object();
  if (object == nullptr || object->size() != 1) return "Anything-But expression name not found";
  const std::string_view name = object->begin()->key();
  const Json& what = object->begin()->value();
  constexpr std::array<std::string_view, 4> kInside = {"prefix", "suffix", kIgnoringCase,
                                                       "wildcard"};
  if (std::ranges::find(kInside, name) == kInside.end())
    return fmt::format("Unsupported anything-but pattern: {}", name);
  const JsonArray* texts = what.if_array();
  const bool is_text = texts == nullptr
                           ? what.is_string()
                           : !texts->empty() && std::ranges::all_of(*texts, [](const Json& each) {
                               return each.is_string();
                             });
  if (!is_text) return fmt::format("{} match pattern must be a string", name);
  return std::nullopt;
}

Problem match_problem(const JsonObject& match) {
  if (match.size() != 1) return "Only one key allowed in match expression";
  const std::string_view name = match.begin()->key();
  const Json& value = match.begin()->value();
  if (name == "prefix" || name == "suffix") return affix_problem(name, value);
  if (name == kIgnoringCase || name == "wildcard")
    return value.is_string() ? std::nullopt
                             : Problem(fmt::format("{} match pattern must be a string", name));
  if (name == "exists")
    return value.is_bool() ? std::nullopt
                           : Problem("exists match pattern must be either true or false.");
  if (name == "numeric") return numeric_problem(value);
  if (name == "anything-but") return anything_but_problem(value);
  if (name == "cidr")
    return value.is_string() && parse_network(value.get_string())
               ? std::nullopt
               : Problem("Malformed CIDR, one '/' required");
  return fmt::format("Unrecognized match type {}", name);
}

Problem problem_of(const JsonObject& pattern);

Problem values_problem(const JsonArray& values) {
  if (values.empty()) return "Empty arrays are not allowed";
  for (const Json& value : values) {
    if (value.is_array()) return "Match value must be String, number, true, false, or null";
    const JsonObject* match = value.if_object();
    if (match == nullptr) continue;
    if (auto problem = match_problem(*match)) return problem;
  }
  return std::nullopt;
}

// "$or" with a list of at least two patterns; with anything else it is a member like others.
const JsonArray* alternatives(std::string_view name, const Json& value) {
  const JsonArray* all = name == "$or" ? value.if_array() : nullptr;
  if (all == nullptr || all->size() < 2) return nullptr;
  return std::ranges::all_of(*all, [](const Json& each) { return each.is_object(); }) ? all
                                                                                      : nullptr;
}

Problem problem_of(const JsonObject& pattern) {
  if (pattern.empty()) return "Empty objects are not allowed";
  for (const auto& [name, value] : pattern) {
    Problem problem;
    if (const JsonArray* any = alternatives(name, value)) {
      for (const Json& each : *any)
        if (!problem) problem = problem_of(each.get_object());
    } else if (const JsonArray* values = value.if_array()) {
      problem = values_problem(*values);
    } else if (const JsonObject* deeper = value.if_object()) {
      problem = problem_of(*deeper);
    } else {
      problem = fmt::format("\"{}\" must be an object or an array", std::string_view(name));
    }
    if (problem) return problem;
  }
  return std::nullopt;
}

// ---- Does it match? ---------------------------------------------------------------------------

bool is_equal(const Json& wanted, const Json& found) {
  if (wanted.is_number() && found.is_number())
    return wanted.to_number<double>() == found.to_number<double>();
  return wanted == found;
}

bool is_in(const Network& network, std::string_view text) {
  const std::optional<Network> address = parse_address(text);
  if (!address || address->family != network.family) return false;
  for (unsigned bit = 0; bit < network.bits; ++bit) {
    const unsigned mask = 0x80u >> (bit % 8);
    if ((address->bytes[bit / 8] & mask) != (network.bytes[bit / 8] & mask)) return false;
  }
  return true;
}

bool is_within(const JsonArray& range, double number) {
  for (std::size_t i = 0; i < range.size(); i += 2) {
    const std::string_view op = range[i].get_string();
    const double limit = range[i + 1].to_number<double>();
    const bool holds = op == "<"    ? number < limit
                       : op == "<=" ? number <= limit
                       : op == ">"  ? number > limit
                       : op == ">=" ? number >= limit
                                    : number == limit;
    if (!holds) return false;
  }
  return true;
}

// `*` is any text; unlike elsewhere at AWS, `?` is itself.
bool matches_stars(std::string_view pattern, std::string_view text) {
  const std::vector<std::string_view> parts = split(pattern, '*');
  if (parts.size() == 1) return pattern == text;
  if (!text.starts_with(parts.front())) return false;
  text.remove_prefix(parts.front().size());
  for (std::size_t i = 1; i + 1 < parts.size(); ++i) {
    const auto at = text.find(parts[i]);
    if (at == std::string_view::npos) return false;
    text.remove_prefix(at + parts[i].size());
  }
  return text.ends_with(parts.back());
}

// One of the matches about texts. Their value is a text, or {"equals-ignore-case": text}.
bool text_matches(std::string_view name, const Json& value, std::string_view text) {
  const JsonObject* folded = value.if_object();
  const std::string_view wanted =
      folded == nullptr ? value.get_string() : folded->at(kIgnoringCase).get_string();
  if (name == "wildcard") return matches_stars(wanted, text);
  if (name == kIgnoringCase) return equals_ignoring_case(wanted, text);
  if (text.size() < wanted.size()) return false;
  const std::string_view part =
      name == "prefix" ? text.substr(0, wanted.size()) : text.substr(text.size() - wanted.size());
  return folded == nullptr ? part == wanted : equals_ignoring_case(part, wanted);
}

bool is_anything_but(const Json& value, const Json& found) {
  if (is_scalar(value)) return !is_equal(value, found);
  if (const JsonArray* values = value.if_array())
    return std::ranges::none_of(*values, [&](const Json& each) { return is_equal(each, found); });
  const boost::json::string* text = found.if_string();
  if (text == nullptr) return true;
  const auto& inside = *value.get_object().begin();
  const auto is_it = [&](const Json& each) { return text_matches(inside.key(), each, *text); };
  const JsonArray* texts = inside.value().if_array();
  return texts == nullptr ? !is_it(inside.value()) : std::ranges::none_of(*texts, is_it);
}

bool value_matches(const Json& wanted, const Json& found) {
  const JsonObject* match = wanted.if_object();
  if (match == nullptr) return is_equal(wanted, found);
  const std::string_view name = match->begin()->key();
  const Json& value = match->begin()->value();
  if (name == "exists") return value.get_bool();
  if (name == "anything-but") return is_anything_but(value, found);
  if (name == "numeric")
    return found.is_number() && is_within(value.get_array(), found.to_number<double>());
  const boost::json::string* text = found.if_string();
  if (text == nullptr) return false;
  if (name == "cidr") return is_in(*parse_network(value.get_string()), *text);
  return text_matches(name, value, *text);
}

bool leaf_matches(const JsonArray& values, const Json* found) {
  return std::ranges::any_of(values, [&](const Json& wanted) {
    if (found != nullptr && is_scalar(*found)) return value_matches(wanted, *found);
    if (const JsonArray* list = found == nullptr ? nullptr : found->if_array();
        list != nullptr && !list->empty())
      return std::ranges::any_of(
          *list, [&](const Json& item) { return is_scalar(item) && value_matches(wanted, item); });
    // Nothing there, or no leaf.
    const JsonObject* match = wanted.if_object();
    const Json* exists = match == nullptr ? nullptr : match->if_contains("exists");
    return exists != nullptr && !exists->get_bool();
  });
}

bool member_matches(const JsonObject& pattern, const Json* found) {
  if (found == nullptr || is_scalar(*found)) return matches_event(pattern, {});
  if (const JsonObject* object = found->if_object()) return matches_event(pattern, *object);
  return std::ranges::any_of(found->get_array(), [&](const Json& item) {
    return item.is_object() && matches_event(pattern, item.get_object());
  });
}

}  // namespace

std::optional<std::string> event_pattern_problem(std::string_view pattern) {
  const Result<Json> json = parse_json(pattern);
  if (!json) return json.error().message;
  if (!json->is_object()) return "Filter is not an object";
  return problem_of(json->get_object());
}

bool matches_event(const JsonObject& pattern, const JsonObject& event) {
  return std::ranges::all_of(pattern, [&](const auto& member) {
    const std::string_view name = member.key();
    const Json& value = member.value();
    if (const JsonArray* any = alternatives(name, value))
      return std::ranges::any_of(
          *any, [&](const Json& each) { return matches_event(each.get_object(), event); });
    const Json* found = event.if_contains(name);
    if (const JsonArray* values = value.if_array()) return leaf_matches(*values, found);
    return member_matches(value.get_object(), found);
  });
}

}  // namespace slipway::sim
