#include "sim/item_expressions.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>
#include <variant>

namespace slipway::sim {
namespace {

// One step of a document path: an attribute's name or a list's index.
using PathStep = std::variant<std::string, std::size_t>;
using Path = std::vector<PathStep>;

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
constexpr std::size_t kLongestExpression = 4096;
constexpr int kMostOperators = 300;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view type_of(const Json& value) {
  const JsonObject* object = value.if_object();
  return object == nullptr || object->empty() ? std::string_view()
                                              : std::string_view(object->begin()->key());
}

// What is inside {"M": ...} or {"L": ...}.
const Json* inside(const Json& value, std::string_view type) { return find(value, type); }

std::optional<std::int64_t> whole(std::string_view digits) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

double real(std::string_view digits) {
  double number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

Json number_value(std::string digits) { return JsonObject{{"N", std::move(digits)}}; }

// Whole numbers stay whole; others have a double's precision, which is less than AWS's.
Json sum(std::string_view a, std::string_view b, int sign) {
  const auto left = whole(a);
  const auto right = whole(b);
  std::int64_t result = 0;
  if (left && right &&
      !(sign > 0 ? __builtin_add_overflow(*left, *right, &result)
                 : __builtin_sub_overflow(*left, *right, &result)))
    return number_value(std::to_string(result));
  return number_value(fmt::format("{}", real(a) + sign * real(b)));
}

const Json* at_path(const JsonObject& item, const Path& path) {
  const Json* value = item.if_contains(std::get<std::string>(path.front()));
  for (std::size_t i = 1; i < path.size() && value != nullptr; ++i) {
    if (const auto* name = std::get_if<std::string>(&path[i])) {
      const Json* map = inside(*value, "M");
      value = map == nullptr ? nullptr : find(*map, *name);
    } else {
      const Json* list = inside(*value, "L");
      const std::size_t index = std::get<std::size_t>(path[i]);
      value = list == nullptr || index >= list->as_array().size() ? nullptr : &list->at(index);
    }
  }
  return value;
}

// The container of the path's last step, made along the way only where `makes` says so.
Json* container_of(JsonObject& item, const Path& path, bool makes) {
  Json* value = nullptr;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    if (i == 0) {
      const std::string& name = std::get<std::string>(path[0]);
      if (makes && !item.contains(name)) item[name] = JsonObject{{"M", JsonObject{}}};
      value = item.if_contains(name);
    } else if (const auto* name = std::get_if<std::string>(&path[i])) {
      JsonObject* map = value->as_object().contains("M") ? value->at("M").if_object() : nullptr;
      if (map == nullptr) return nullptr;
      if (makes && !map->contains(*name)) (*map)[*name] = JsonObject{{"M", JsonObject{}}};
      value = map->if_contains(*name);
    } else {
      JsonArray* list = value->as_object().contains("L") ? value->at("L").if_array() : nullptr;
      const std::size_t index = std::get<std::size_t>(path[i]);
      value = list == nullptr || index >= list->size() ? nullptr : &(*list)[index];
    }
    if (value == nullptr) return nullptr;
  }
  return value;
}

bool set_at(JsonObject& item, const Path& path, Json value, bool makes) {
  if (path.size() == 1) {
    item[std::get<std::string>(path[0])] = std::move(value);
    return true;
  }
  Json* container = container_of(item, path, makes);
  if (container == nullptr) return false;
  if (const auto* name = std::get_if<std::string>(&path.back())) {
    if (!container->as_object().contains("M")) return false;
    container->at("M").as_object()[*name] = std::move(value);
    return true;
  }
  if (!container->as_object().contains("L")) return false;
  JsonArray& list = container->at("L").as_array();
  const std::size_t index = std::get<std::size_t>(path.back());
  if (index < list.size())
    list[index] = std::move(value);
  else
    list.push_back(std::move(value));  // beyond the end is at the end
  return true;
}

void remove_at(JsonObject& item, const Path& path) {
  if (path.size() == 1) {
    remove_member(item, std::get<std::string>(path[0]));
    return;
  }
  Json* container = container_of(item, path, false);
  if (container == nullptr) return;
  if (const auto* name = std::get_if<std::string>(&path.back())) {
    if (container->as_object().contains("M")) remove_member(container->at("M").as_object(), *name);
  } else if (container->as_object().contains("L")) {
    JsonArray& list = container->at("L").as_array();
    const std::size_t index = std::get<std::size_t>(path.back());
    if (index < list.size()) list.erase(list.begin() + static_cast<std::ptrdiff_t>(index));
  }
}

bool contains(const Json& container, const Json& value) {
  const std::string_view type = type_of(container);
  if (type == "S" && type_of(value) == "S")
    return container.at("S").as_string().find(value.at("S").as_string()) != std::string::npos;
  if (type == "L") {
    const JsonArray& items = container.at("L").as_array();
    return std::find(items.begin(), items.end(), value) != items.end();
  }
  for (const auto& [set, element] : {std::pair{"SS", "S"}, std::pair{"NS", "N"}})
    if (type == set && type_of(value) == element) {
      const JsonArray& items = container.at(set).as_array();
      return std::find(items.begin(), items.end(), value.at(element)) != items.end();
    }
  return false;
}

std::optional<std::int64_t> size_of(const Json& value) {
  const std::string_view type = type_of(value);
  if (type.empty()) return std::nullopt;
  const Json& content = value.as_object().begin()->value();
  if (content.is_string() && type != "N")
    return static_cast<std::int64_t>(content.get_string().size());
  if (const JsonArray* items = content.if_array()) return static_cast<std::int64_t>(items->size());
  if (const JsonObject* map = content.if_object()) return static_cast<std::int64_t>(map->size());
  return std::nullopt;
}

}  // namespace

ServiceError invalid_item_request(std::string message) {
  return {400, "ValidationException", std::move(message), {}};
}

std::optional<std::strong_ordering> compare_values(const Json& a, const Json& b) {
  const std::string_view type = type_of(a);
  if (type != type_of(b)) return std::nullopt;
  if (type == "N") {
    const std::string_view left = a.at("N").as_string();
    const std::string_view right = b.at("N").as_string();
    if (whole(left) && whole(right)) return *whole(left) <=> *whole(right);
    return real(left) < real(right)   ? std::strong_ordering::less
           : real(left) > real(right) ? std::strong_ordering::greater
                                      : std::strong_ordering::equal;
  }
  if (type == "S" || type == "B")
    return std::string_view(a.at(type).as_string()) <=> std::string_view(b.at(type).as_string());
  if (a == b) return std::strong_ordering::equal;
  return std::nullopt;
}

// One expression, from left to right.
class ExpressionReader {
 public:
  ExpressionReader(ItemExpressions& expressions, std::string_view kind, std::string_view text,
                   const JsonObject& item)
      : expressions_(expressions), kind_(kind), text_(text), item_(item) {
    advance();
  }

  Answer<bool> condition() {
    TRY_VOID(check_length());
    TRY(const bool result, either());
    if (!token_.empty()) return syntax_error();
    return result;
  }

  Answer<ItemExpressions::Update> update() {
    TRY_VOID(check_length());
    ItemExpressions::Update update{item_, {}};
    if (token_.empty()) return bad("The expression can not be empty;");
    while (!token_.empty()) {
      const std::string clause = to_lower(token_);
      if (clause != "set" && clause != "remove" && clause != "add" && clause != "delete")
        return syntax_error();
      advance();
      for (bool more = true; more;) {
        TRY_VOID(clause_part(clause, update));
        more = token_ == ",";
        if (more) advance();
      }
    }
    return update;
  }

  Answer<JsonObject> projection() {
    TRY_VOID(check_length());
    JsonObject result;
    while (true) {
      TRY(const Path path, read_path());
      if (const Json* value = at_path(item_, path)) set_at(result, path, *value, true);
      if (token_.empty()) return result;
      if (token_ != ",") return syntax_error();
      advance();
    }
  }

 private:
  // ---- conditions ----

  Answer<bool> either() {
    TRY(bool result, both());
    while (is_word("or")) {
      advance();
      TRY(const bool right, both());
      result = result || right;
    }
    return result;
  }

  Answer<bool> both() {
    TRY(bool result, negation());
    while (is_word("and")) {
      advance();
      TRY(const bool right, negation());
      result = result && right;
    }
    return result;
  }

  Answer<bool> negation() {
    if (!is_word("not")) return comparison();
    TRY_VOID(count_operator());
    TRY(const bool result, negation());
    return !result;
  }

  Answer<bool> comparison() {
    if (token_ == "(") {
      TRY_VOID(count_operator());
      TRY(const bool result, either());
      TRY_VOID(take(")"));
      return result;
    }
    const std::string function = token_;
    for (const std::string_view known :
         {"attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains"})
      if (function == known && next_is_bracket()) return call(known);

    TRY(const std::optional<Json> left, operand());
    if (is_word("between")) {
      advance();
      TRY(const std::optional<Json> low, operand());
      if (!is_word("and")) return syntax_error();
      advance();
      TRY(const std::optional<Json> high, operand());
      return compared(left, ">=", low) && compared(left, "<=", high);
    }
    if (is_word("in")) {
      advance();
      TRY_VOID(take("("));
      bool found = false;
      while (true) {
        TRY(const std::optional<Json> candidate, operand());
        found = found || compared(left, "=", candidate);
        if (token_ != ",") break;
        advance();
      }
      TRY_VOID(take(")"));
      return found;
    }
    const std::string comparator = token_;
    constexpr std::string_view kComparators[] = {"=", "<>", "<", "<=", ">", ">="};
    if (std::find(std::begin(kComparators), std::end(kComparators), comparator) ==
        std::end(kComparators))
      return syntax_error();
    advance();
    TRY(const std::optional<Json> right, operand());
    return compared(left, comparator, right);
  }

  // An attribute that is not there is different from everything, and neither less nor more.
  static bool compared(const std::optional<Json>& left, std::string_view comparator,
                       const std::optional<Json>& right) {
    if (!left || !right) return comparator == "<>";
    const auto order = compare_values(*left, *right);
    if (comparator == "=") return order == std::strong_ordering::equal;
    if (comparator == "<>") return order != std::strong_ordering::equal;
    if (!order) return false;
    if (comparator == "<") return *order < 0;
    if (comparator == "<=") return *order <= 0;
    if (comparator == ">") return *order > 0;
    return *order >= 0;
  }

  Answer<bool> call(std::string_view function) {
    advance();
    advance();  // the bracket
    TRY(const Path path, read_path());
    const Json* value = at_path(item_, path);
    bool result = false;
    if (function == "attribute_exists" || function == "attribute_not_exists") {
      result = (value != nullptr) == (function == "attribute_exists");
    } else {
      TRY_VOID(take(","));
      TRY(const std::optional<Json> argument, operand());
      if (value != nullptr && argument) {
        if (function == "attribute_type")
          result = type_of(*value) == string_or_empty(*argument, "S");
        else if (function == "begins_with")
          result = type_of(*value) == "S" && type_of(*argument) == "S" &&
                   std::string_view(value->at("S").as_string())
                       .starts_with(std::string_view(argument->at("S").as_string()));
        else
          result = contains(*value, *argument);
      }
    }
    TRY_VOID(take(")"));
    return result;
  }

  // ---- operands ----

  // nullopt: an attribute that is not there.
  Answer<std::optional<Json>> operand() {
    if (token_.starts_with(':')) return value_called(token_);
    if (token_ == "size" && next_is_bracket()) {
      TRY_VOID(count_operator());
      advance();  // the bracket
      TRY(const std::optional<Json> value, operand());
      TRY_VOID(take(")"));
      const auto size = value ? size_of(*value) : std::nullopt;
      return size ? std::optional(number_value(std::to_string(*size))) : std::nullopt;
    }
    TRY(const Path path, read_path());
    const Json* value = at_path(item_, path);
    return value == nullptr ? std::nullopt : std::optional(*value);
  }

  Answer<std::optional<Json>> value_called(const std::string& name) {
    const Json* values = find(expressions_.input_, "ExpressionAttributeValues");
    const Json* value = values == nullptr ? nullptr : find(*values, name);
    if (value == nullptr)
      return bad(
          fmt::format("An expression attribute value used in expression is not defined; "
                      "attribute value: {}",
                      name));
    expressions_.used_.insert(name);
    advance();
    return std::optional(*value);
  }

  Answer<Path> read_path() {
    Path path;
    while (true) {
      TRY(std::string name, attribute_name());
      path.emplace_back(std::move(name));
      while (token_ == "[") {
        advance();
        const auto index = whole(token_);
        if (!index || *index < 0) return syntax_error();
        path.emplace_back(static_cast<std::size_t>(*index));
        advance();
        TRY_VOID(take("]"));
      }
      if (token_ != ".") return path;
      advance();
    }
  }

  Answer<std::string> attribute_name() {
    if (token_.starts_with('#')) {
      const Json* names = find(expressions_.input_, "ExpressionAttributeNames");
      const auto name = names == nullptr ? std::nullopt : find_string(*names, token_);
      if (!name)
        return bad(
            fmt::format("An expression attribute name used in the document path is not "
                        "defined; attribute name: {}",
                        token_));
      expressions_.used_.insert(token_);
      advance();
      return std::string(*name);
    }
    if (token_.empty() || !is_letter(token_.front())) return syntax_error();
    if (is_reserved(token_))
      return bad(fmt::format("Attribute name is a reserved keyword; reserved keyword: {}", token_));
    std::string name = token_;
    advance();
    return name;
  }

  // Those of AWS's five hundred that an attribute is likely to be called.
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
  static bool is_reserved(std::string_view word) {
    static constexpr std::string_view kWords[] = {
        "action",     "add",       "all",        "and",       "any",         "as",       "at",
        "begin",      "between",   "bucket",     "by",        "capacity",    "cluster",  "comment",
        "commit",     "condition", "connection", "count",     "counter",     "create",   "current",
        "data",       "database",  "date",       "delete",    "domain",      "duration", "end",
        "error",      "exists",    "file",       "filter",    "first",       "format",   "from",
        "group",      "hash",      "identity",   "if",        "in",          "index",    "interval",
        "is",         "item",      "items",      "key",       "keys",        "language", "last",
        "level",      "like",      "list",       "location",  "lock",        "locks",    "log",
        "map",        "metrics",   "mode",       "name",      "names",       "new",      "next",
        "no",         "not",       "null",       "number",    "of",          "old",      "on",
        "or",         "order",     "owner",      "parameter", "parameters",  "path",     "percent",
        "permission", "plan",      "position",   "primary",   "processed",   "range",    "read",
        "record",     "reference", "region",     "release",   "replace",     "request",  "resource",
        "response",   "result",    "role",       "roles",     "rollback",    "row",      "rule",
        "rules",      "schema",    "scope",      "section",   "select",      "sequence", "session",
        "set",        "size",      "source",     "space",     "start",       "state",    "status",
        "storage",    "stream",    "string",     "table",     "temporary",   "text",     "time",
        "timestamp",  "timezone",  "to",         "token",     "transaction", "ttl",      "type",
        "undo",       "unique",    "unit",       "update",    "url",         "use",      "user",
        "users",      "value",     "values",     "view",      "wait",        "where",    "window",
        "with",       "work",      "write",      "year",      "zone"};
    const std::string lower = to_lower(word);
    return std::find(std::begin(kWords), std::end(kWords), lower) != std::end(kWords);
  }

  // ---- updates ----

  // One of the parts between commas. Right sides see the item as it was.
  Answer<bool> clause_part(std::string_view clause, ItemExpressions::Update& update) {
    TRY(const Path path, read_path());
    update.touched.push_back(std::get<std::string>(path.front()));
    if (clause == "remove") {
      remove_at(update.item, path);
      return true;
    }
    if (clause == "set") {
      TRY_VOID(take("="));
      TRY(Json value, new_value());
      if (!set_at(update.item, path, std::move(value), false))
        return invalid_item_request(
            "The document path provided in the update expression is invalid "
            "for update");
      return true;
    }
    if (!token_.starts_with(':')) return syntax_error();
    TRY(const std::optional<Json> value, value_called(token_));
    const Json* old = at_path(item_, path);
    return clause == "add" ? add(path, old, *value, update) : take_out(path, old, *value, update);
  }

  Answer<Json> new_value() {
    TRY(Json value, term());
    while (token_ == "+" || token_ == "-") {
      const int sign = token_ == "+" ? 1 : -1;
      advance();
      TRY(const Json right, term());
      if (type_of(value) != "N" || type_of(right) != "N")
        return invalid_item_request(
            "An operand in the update expression has an incorrect data type");
      value = sum(value.at("N").as_string(), right.at("N").as_string(), sign);
    }
    return value;
  }

  Answer<Json> term() {
    if (token_ == "if_not_exists" && next_is_bracket()) {
      TRY_VOID(count_operator());
      advance();  // the bracket
      TRY(const Path path, read_path());
      TRY_VOID(take(","));
      TRY(Json fallback, term());
      TRY_VOID(take(")"));
      const Json* value = at_path(item_, path);
      if (value != nullptr) return *value;
      return fallback;
    }
    if (token_ == "list_append" && next_is_bracket()) {
      TRY_VOID(count_operator());
      advance();  // the bracket
      TRY(Json first, term());
      TRY_VOID(take(","));
      TRY(const Json second, term());
      TRY_VOID(take(")"));
      if (type_of(first) != "L" || type_of(second) != "L")
        return invalid_item_request(
            "An operand in the update expression has an incorrect data type");
      for (const Json& item : second.at("L").as_array()) first.at("L").as_array().push_back(item);
      return first;
    }
    TRY(std::optional<Json> value, operand());
    if (!value)
      return invalid_item_request(
          "The provided expression refers to an attribute that does not exist in the item");
    return *std::move(value);
  }

  static Answer<bool> add(const Path& path, const Json* old, const Json& value,
                          ItemExpressions::Update& update) {
    const std::string_view type = type_of(value);
    if ((type != "N" && type != "SS" && type != "NS") || (old != nullptr && type_of(*old) != type))
      return invalid_item_request("An operand in the update expression has an incorrect data type");
    Json result = value;
    if (old != nullptr && type == "N")
      result = sum(old->at("N").as_string(), value.at("N").as_string(), 1);
    if (old != nullptr && type != "N") {
      result = *old;
      JsonArray& members = result.at(type).as_array();
      for (const Json& member : value.at(type).as_array())
        if (std::find(members.begin(), members.end(), member) == members.end())
          members.push_back(member);
    }
    set_at(update.item, path, std::move(result), false);
    return true;
  }

  static Answer<bool> take_out(const Path& path, const Json* old, const Json& value,
                               ItemExpressions::Update& update) {
    const std::string_view type = type_of(value);
    if ((type != "SS" && type != "NS") || (old != nullptr && type_of(*old) != type))
      return invalid_item_request("An operand in the update expression has an incorrect data type");
    if (old == nullptr) return true;
    JsonArray left;
    const JsonArray& out = value.at(type).as_array();
    for (const Json& member : old->at(type).as_array())
      if (std::find(out.begin(), out.end(), member) == out.end()) left.push_back(member);
    if (left.empty())
      remove_at(update.item, path);  // there are no empty sets
    else
      set_at(update.item, path, JsonObject{{type, std::move(left)}}, false);
    return true;
  }

  // ---- limits ----

  Answer<bool> check_length() const {
    if (text_.size() <= kLongestExpression) return true;
    return bad(
        fmt::format("Expression size has exceeded the maximum allowed size; expression "
                    "size: {}",
                    text_.size()));
  }

  // Past the token that another expression stands inside of. AWS counts comparisons and not
  // brackets; to us what matters is that nothing is read deeper than this.
  Answer<bool> count_operator() {
    if (++operators_ > kMostOperators)
      return bad(fmt::format("The expression contains too many operators; operator count: {}",
                             operators_));
    advance();
    return true;
  }

  // ---- tokens ----

  bool is_word(std::string_view word) const { return to_lower(token_) == word; }
  bool next_is_bracket() const {
    const std::size_t next = text_.find_first_not_of(" \t\r\n", at_);
    return next != std::string_view::npos && text_[next] == '(';
  }
  Answer<bool> take(std::string_view wanted) {
    if (token_ != wanted) return syntax_error();
    advance();
    return true;
  }

  void advance() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string::npos)
      ++at_;
    begin_ = at_;
    if (at_ < text_.size()) {
      const char first = text_[at_++];
      const bool is_name = is_letter(first) || first == '#' || first == ':';
      if (is_name || is_digit(first)) {
        while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_]))) ++at_;
      } else if (at_ < text_.size()) {
        const std::string_view two = text_.substr(at_ - 1, 2);
        if (two == "<=" || two == "<>" || two == ">=") ++at_;
      }
    }
    token_ = text_.substr(begin_, at_ - begin_);
  }

  ServiceError bad(std::string_view problem) const {
    return invalid_item_request(fmt::format("Invalid {}: {}", kind_, problem));
  }
  ServiceError syntax_error() const {
    constexpr std::size_t kShownAround = 10;
    const std::size_t from = begin_ < kShownAround ? 0 : begin_ - kShownAround;
    return bad(fmt::format("Syntax error; token: \"{}\", near: \"{}\"",
                           token_.empty() ? "<EOF>" : token_,
                           text_.substr(from, at_ + kShownAround - from)));
  }

  ItemExpressions& expressions_;
  std::string_view kind_;
  std::string_view text_;
  const JsonObject& item_;
  int operators_ = 0;
  std::size_t begin_ = 0;  // of the token
  std::size_t at_ = 0;     // after it
  std::string token_;      // empty at the end
};

Answer<bool> ItemExpressions::holds(std::string_view kind, const JsonObject& item) {
  const auto text = find_string(input_, kind);
  if (!text) return true;
  return ExpressionReader(*this, kind, *text, item).condition();
}

Answer<ItemExpressions::Update> ItemExpressions::updated(const JsonObject& item) {
  const auto text = find_string(input_, "UpdateExpression");
  if (!text) return Update{item, {}};
  return ExpressionReader(*this, "UpdateExpression", *text, item).update();
}

Answer<JsonObject> ItemExpressions::projected(const JsonObject& item) {
  const auto text = find_string(input_, "ProjectionExpression");
  if (!text) return item;
  return ExpressionReader(*this, "ProjectionExpression", *text, item).projection();
}

std::optional<ServiceError> ItemExpressions::unused() const {
  for (const char* member : {"ExpressionAttributeValues", "ExpressionAttributeNames"})
    if (const JsonObject* given = find_object(input_, member))
      for (const auto& entry : *given)
        if (!used_.contains(std::string_view(entry.key())))
          return invalid_item_request(
              fmt::format("Value provided in {} unused in expressions: keys: {{{}}}", member,
                          std::string_view(entry.key())));
  return std::nullopt;
}

}  // namespace slipway::sim
