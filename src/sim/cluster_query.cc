#include "sim/cluster_query.h"

#include "base/time.h"
#include "sim/entities.h"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace slipway::sim {

// Recursive descent over:  or := and ("or" and)* ;  and := not ("and" not)* ;
// not := ("not" | "!") not | "(" or ")" | subject operator [argument]
class ClusterQuery::Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) { advance(); }

  Result<Expression> parse() {
    TRY(Expression whole, any_of());
    if (!token_.empty()) return unexpected();
    return whole;
  }

 private:
  static constexpr int kMostNested = 50;

  Error unexpected() const {
    const std::string what = token_.empty() ? "the end" : fmt::format("'{}'", token_);
    return Error{ErrorKind::kInvalid, "query.syntax", "unexpected " + what};
  }

  static bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view(":.-_/*+?^$\\{}|@").find(c) != std::string_view::npos;
  }

  void advance() {
    quoted_ = false;
    token_.clear();
    while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_.front())) != 0)
      rest_.remove_prefix(1);
    if (rest_.empty()) return;
    const char c = rest_.front();
    if (c == '\'' || c == '"') {
      const auto end = rest_.find(c, 1);
      quoted_ = true;
      token_ = rest_.substr(1, end == std::string_view::npos ? end : end - 1);
      rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
      return;
    }
    for (const std::string_view symbol : {"==", "!=", ">=", "<=", "=~", "!~", "&&", "||", ">", "<",
                                          "=", "(", ")", "[", "]", ",", "!"}) {
      if (!rest_.starts_with(symbol)) continue;
      token_ = symbol;
      rest_.remove_prefix(symbol.size());
      return;
    }
    std::size_t length = 0;
    while (length < rest_.size() && is_word(rest_[length])) ++length;
    length = std::max<std::size_t>(1, length);
    token_ = rest_.substr(0, length);
    rest_.remove_prefix(length);
  }

  bool take(std::string_view symbol) {
    if (quoted_ || token_ != symbol) return false;
    advance();
    return true;
  }

  Result<Expression> any_of() {
    TRY(Expression first, all_of());
    if (quoted_ || (token_ != "or" && token_ != "||")) return first;
    Expression either{.kind = Kind::kOr, .parts = {std::move(first)}};
    while (take("or") || take("||")) {
      TRY(Expression next, all_of());
      either.parts.push_back(std::move(next));
    }
    return either;
  }

  Result<Expression> all_of() {
    TRY(Expression first, one());
    if (quoted_ || (token_ != "and" && token_ != "&&")) return first;
    Expression both{.kind = Kind::kAnd, .parts = {std::move(first)}};
    while (take("and") || take("&&")) {
      TRY(Expression next, one());
      both.parts.push_back(std::move(next));
    }
    return both;
  }

  Result<Expression> one() {
    if (++depth_ > kMostNested)
      return Error{ErrorKind::kInvalid, "query.syntax", "nested too deeply"};
    Result<Expression> result = one_inside();
    --depth_;
    return result;
  }

  Result<Expression> one_inside() {
    if (take("not") || take("!")) {
      TRY(Expression inner, one());
      return Expression{.kind = Kind::kNot, .parts = {std::move(inner)}};
    }
    if (take("(")) {
      TRY(Expression inner, any_of());
      if (!take(")")) return unexpected();
      return inner;
    }
    if (token_.empty() || (!quoted_ && !is_word(token_.front()))) return unexpected();
    Expression comparison;
    comparison.subject = token_;
    advance();
    TRY(comparison.op, comparison_operator());
    switch (comparison.op) {
      case Operator::kExists:
      case Operator::kNotExists:
        return comparison;
      case Operator::kIn:
      case Operator::kNotIn:
        if (!take("[")) return unexpected();
        do {
          TRY(std::string value, argument());
          comparison.values.push_back(std::move(value));
        } while (take(","));
        if (!take("]")) return unexpected();
        return comparison;
      default: {
        TRY(std::string value, argument());
        comparison.values.push_back(std::move(value));
        if (comparison.op == Operator::kMatches || comparison.op == Operator::kNotMatches) {
          TRY(comparison.pattern, compile(comparison.values.front()));
        }
        return comparison;
      }
    }
  }

  Result<std::string> argument() {
    if (!quoted_ && (token_.empty() || !is_word(token_.front()))) return unexpected();
    std::string value = token_;
    advance();
    return value;
  }

  Result<Operator> comparison_operator() {
    static constexpr std::pair<std::string_view, Operator> kAll[] = {
        {"==", Operator::kEqual},
        {"=", Operator::kEqual},
        {"equals", Operator::kEqual},
        {"!=", Operator::kNotEqual},
        {"not_equals", Operator::kNotEqual},
        {">", Operator::kGreater},
        {"greater_than", Operator::kGreater},
        {">=", Operator::kGreaterEqual},
        {"greater_than_equal", Operator::kGreaterEqual},
        {"<", Operator::kLess},
        {"less_than", Operator::kLess},
        {"<=", Operator::kLessEqual},
        {"less_than_equal", Operator::kLessEqual},
        {"exists", Operator::kExists},
        {"!exists", Operator::kNotExists},
        {"not_exists", Operator::kNotExists},
        {"in", Operator::kIn},
        {"not_in", Operator::kNotIn},
        {"=~", Operator::kMatches},
        {"matches", Operator::kMatches},
        {"!~", Operator::kNotMatches},
        {"not_matches", Operator::kNotMatches}};
    if (take("!")) {
      if (take("exists")) return Operator::kNotExists;
      if (take("in")) return Operator::kNotIn;
      return unexpected();
    }
    for (const auto& [word, op] : kAll)
      if (take(word)) return op;
    return unexpected();
  }

  // RE2's time and stack do not depend on the pattern; it has no references back, which a query
  // for instances hardly needs.
  static Result<std::shared_ptr<const re2::RE2>> compile(const std::string& pattern) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto compiled = std::make_shared<const re2::RE2>(pattern, options);
    if (!compiled->ok())
      return Error{ErrorKind::kInvalid, "query.syntax",
                   fmt::format("'{}' is not a regular expression", pattern)};
    return compiled;
  }

  std::string_view rest_;
  std::string token_;
  bool quoted_ = false;
  int depth_ = 0;
};

namespace {

// Numbers by value, everything else by its text (dates in ISO 8601 sort as text).
int three_way(const std::string& a, const std::string& b) {
  double x = 0, y = 0;
  const auto whole = [](const std::string& text, double& number) {
    const char* end = text.data() + text.size();
    return std::from_chars(text.data(), end, number).ptr == end && !text.empty();
  };
  if (whole(a, x) && whole(b, y)) return x < y ? -1 : x > y ? 1 : 0;
  return a.compare(b);
}

}  // namespace

Result<ClusterQuery> ClusterQuery::parse(std::string_view text) {
  constexpr std::size_t kLongest = 2000;
  if (text.size() > kLongest)
    return Error{ErrorKind::kInvalid, "query.syntax", "longer than 2000 characters"};
  ClusterQuery query;
  TRY(query.root_, Parser(text).parse());
  return query;
}

bool ClusterQuery::holds(const ContainerInstance& instance) const { return holds(root_, instance); }

bool ClusterQuery::compare(const Expression& expression, const std::string* value) {
  const auto equals = [&](const std::string& each) { return value != nullptr && *value == each; };
  const auto is_any = [&] {
    return std::any_of(expression.values.begin(), expression.values.end(), equals);
  };
  if (expression.op == Operator::kExists) return value != nullptr;
  if (expression.op == Operator::kNotExists) return value == nullptr;
  if (expression.op == Operator::kNotEqual || expression.op == Operator::kNotIn) return !is_any();
  if (expression.op == Operator::kEqual || expression.op == Operator::kIn) return is_any();
  if (expression.op == Operator::kNotMatches)
    return value == nullptr || !re2::RE2::FullMatch(*value, *expression.pattern);
  if (value == nullptr) return false;
  if (expression.op == Operator::kMatches) return re2::RE2::FullMatch(*value, *expression.pattern);
  const int order = three_way(*value, expression.values.front());
  switch (expression.op) {
    case Operator::kGreater:
      return order > 0;
    case Operator::kGreaterEqual:
      return order >= 0;
    case Operator::kLess:
      return order < 0;
    default:
      return order <= 0;
  }
}

bool ClusterQuery::holds(const Expression& expression, const ContainerInstance& instance) {
  const auto part_holds = [&](const Expression& part) { return holds(part, instance); };
  switch (expression.kind) {
    case Kind::kAnd:
      return std::all_of(expression.parts.begin(), expression.parts.end(), part_holds);
    case Kind::kOr:
      return std::any_of(expression.parts.begin(), expression.parts.end(), part_holds);
    case Kind::kNot:
      return !holds(expression.parts.front(), instance);
    case Kind::kCompare:
      break;
  }
  const std::string& subject = expression.subject;
  if (subject.starts_with("attribute:")) {
    const auto found = instance.attributes.find(subject.substr(10));
    return compare(expression, found == instance.attributes.end() ? nullptr : &found->second);
  }
  if (subject == "task:group") {
    // True when a task there satisfies it; of none, when its negation would.
    const auto satisfies = [&](const Task* task) { return compare(expression, &task->group); };
    const bool negative = expression.op == Operator::kNotEqual ||
                          expression.op == Operator::kNotIn ||
                          expression.op == Operator::kNotMatches;
    return negative ? std::all_of(instance.tasks.begin(), instance.tasks.end(), satisfies)
                    : std::any_of(instance.tasks.begin(), instance.tasks.end(), satisfies);
  }
  const std::optional<std::string> value = [&]() -> std::optional<std::string> {
    const auto tasks_in = [&](auto is_wanted) {
      return std::to_string(std::count_if(instance.tasks.begin(), instance.tasks.end(), is_wanted));
    };
    if (subject == "ec2InstanceId") return instance.ec2InstanceId;
    if (subject == "agentConnected") return instance.agentConnected ? "true" : "false";
    if (subject == "registeredAt") return to_iso8601(instance.registeredAt);
    if (subject == "runningTasksCount")
      return tasks_in([](const Task* task) { return task->state == TaskState::kRunning; });
    if (subject == "pendingTasksCount")
      return tasks_in([](const Task* task) { return task->state < TaskState::kRunning; });
    if (subject == "agentVersion") return "1.89.2";
    return std::nullopt;
  }();
  return compare(expression, value ? &*value : nullptr);
}

}  // namespace slipway::sim
