#include "sim/metric_math.h"

#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace slipway::sim {
namespace {

Error invalid(std::string message) {
  return Error{ErrorKind::kInvalid, "metric-math", std::move(message)};
}

// Where both are series, only periods that both have count.
template <class Operation>
MetricValue combine(const MetricValue& left, const MetricValue& right, Operation operation) {
  const double* a = std::get_if<double>(&left);
  const double* b = std::get_if<double>(&right);
  if (a != nullptr && b != nullptr) return operation(*a, *b);
  Points points;
  const auto add = [&](TimePoint time, double value) {
    if (std::isfinite(value)) points[time] = value;
  };
  if (a != nullptr) {
    for (const auto& [time, value] : std::get<Points>(right)) add(time, operation(*a, value));
  } else if (b != nullptr) {
    for (const auto& [time, value] : std::get<Points>(left)) add(time, operation(value, *b));
  } else {
    const Points& others = std::get<Points>(right);
    for (const auto& [time, value] : std::get<Points>(left))
      if (const auto other = others.find(time); other != others.end())
        add(time, operation(value, other->second));
  }
  return points;
}

template <class Operation>
MetricValue each(const MetricValue& value, Operation operation) {
  return combine(value, MetricValue(0.0), [&](double number, double) { return operation(number); });
}

std::optional<double> value_at(const MetricValue& value, TimePoint time) {
  if (const double* number = std::get_if<double>(&value)) return *number;
  const Points& points = std::get<Points>(value);
  const auto found = points.find(time);
  return found == points.end() ? std::nullopt : std::optional(found->second);
}

class Parser {
 public:
  Parser(std::string_view text, const MetricMath& math) : rest_(text), math_(math) {}

  Result<MetricValue> parse() {
    TRY(MetricValue value, any_of_them());
    skip_space();
    if (!rest_.empty()) return invalid(fmt::format("unexpected {}", quote(rest_)));
    return value;
  }

 private:
  // A client's own text must not end the stack.
  static constexpr int kMostNested = 50;

  // What is called here calls it again for what stands in brackets.
  Result<MetricValue> any_of_them() {
    if (++depth_ > kMostNested) return invalid("nested too deeply");
    Result<MetricValue> value = either_of_them();
    --depth_;
    return value;
  }

  Result<MetricValue> either_of_them() {
    TRY(MetricValue left, all_of_them());
    while (take_word("OR") || take("||")) {
      TRY(const MetricValue right, all_of_them());
      left = combine(left, right, [](double a, double b) { return a != 0 || b != 0 ? 1.0 : 0.0; });
    }
    return left;
  }

  Result<MetricValue> all_of_them() {
    TRY(MetricValue left, comparison());
    while (take_word("AND") || take("&&")) {
      TRY(const MetricValue right, comparison());
      left = combine(left, right, [](double a, double b) { return a != 0 && b != 0 ? 1.0 : 0.0; });
    }
    return left;
  }

  Result<MetricValue> comparison() {
    TRY(MetricValue left, sum());
    struct Sign {
      const char* text;
      bool (*holds)(double, double);
    };
    constexpr Sign kSigns[] = {{"<=", [](double a, double b) { return a <= b; }},
                               {">=", [](double a, double b) { return a >= b; }},
                               {"==", [](double a, double b) { return a == b; }},
                               {"!=", [](double a, double b) { return a != b; }},
                               {"<", [](double a, double b) { return a < b; }},
                               {">", [](double a, double b) { return a > b; }}};
    for (const Sign& sign : kSigns) {
      if (!take(sign.text)) continue;
      TRY(const MetricValue right, sum());
      return combine(left, right, [&](double a, double b) { return sign.holds(a, b) ? 1.0 : 0.0; });
    }
    return left;
  }

  Result<MetricValue> sum() {
    TRY(MetricValue left, product());
    while (true) {
      const bool adds = take("+");
      if (!adds && !take("-")) return left;
      TRY(const MetricValue right, product());
      left = combine(left, right, [&](double a, double b) { return adds ? a + b : a - b; });
    }
  }

  Result<MetricValue> product() {
    TRY(MetricValue left, power());
    while (true) {
      const bool multiplies = take("*");
      if (!multiplies && !take("/")) return left;
      TRY(const MetricValue right, power());
      left = combine(left, right, [&](double a, double b) { return multiplies ? a * b : a / b; });
    }
  }

  Result<MetricValue> power() {
    bool is_negative = false;
    while (take("-")) is_negative = !is_negative;
    TRY(MetricValue value, positive_power());
    return is_negative ? each(value, [](double number) { return -number; }) : value;
  }

  Result<MetricValue> positive_power() {
    TRY(MetricValue left, operand());
    if (!take("^")) return left;
    if (++depth_ > kMostNested) return invalid("nested too deeply");
    TRY(const MetricValue right, power());
    --depth_;
    return combine(left, right, [](double a, double b) { return std::pow(a, b); });
  }

  Result<MetricValue> operand() {
    if (take("(")) {
      TRY(MetricValue value, any_of_them());
      if (!take(")")) return invalid("a closing parenthesis is missing");
      return value;
    }
    skip_space();
    double number = 0;
    const auto end = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (end.ec == std::errc()) {
      rest_.remove_prefix(static_cast<std::size_t>(end.ptr - rest_.data()));
      return MetricValue(number);
    }
    const std::string name(word());
    if (name.empty()) return invalid(fmt::format("expected a value, found {}", quote(rest_)));
    if (take("(")) return function(to_upper(name));
    const MetricValue* known = math_.value_of(name);
    if (known == nullptr) return invalid(fmt::format("there is no metric with the id {}", name));
    return *known;
  }

  Result<MetricValue> function(const std::string& name) {
    if (name == "FILL") return fill();
    TRY(const std::vector<MetricValue> arguments, rest_of_arguments());
    if (arguments.empty()) return invalid(fmt::format("{} needs an argument", name));
    const MetricValue& first = arguments.front();
    if (name == "IF") return choose(arguments);
    if (name == "ABS") return each(first, [](double x) { return std::abs(x); });
    if (name == "CEIL") return each(first, [](double x) { return std::ceil(x); });
    if (name == "FLOOR") return each(first, [](double x) { return std::floor(x); });
    if (name == "SUM" || name == "AVG" || name == "MIN" || name == "MAX")
      return aggregate(name, arguments);
    return invalid(fmt::format("the function {} is not simulated", name));
  }

  // Over the arguments period by period, or over the values of a single series.
  static Result<MetricValue> aggregate(const std::string& name,
                                       const std::vector<MetricValue>& arguments) {
    const auto of = [&](const std::vector<double>& values) {
      if (name == "MIN") return *std::min_element(values.begin(), values.end());
      if (name == "MAX") return *std::max_element(values.begin(), values.end());
      double all = 0;
      for (const double value : values) all += value;
      return name == "SUM" ? all : all / static_cast<double>(values.size());
    };
    std::map<TimePoint, std::vector<double>> by_time;
    std::vector<double> numbers;
    for (const MetricValue& argument : arguments) {
      if (const double* number = std::get_if<double>(&argument)) {
        numbers.push_back(*number);
        continue;
      }
      for (const auto& [time, value] : std::get<Points>(argument)) {
        by_time[time].push_back(value);
        if (arguments.size() == 1) numbers.push_back(value);
      }
    }
    if (arguments.size() == 1 || by_time.empty())
      return numbers.empty() ? MetricValue(Points{}) : MetricValue(of(numbers));
    Points points;
    for (const auto& [time, values] : by_time) points[time] = of(values);
    return MetricValue(std::move(points));
  }

  static Result<MetricValue> choose(const std::vector<MetricValue>& arguments) {
    if (arguments.size() < 2 || arguments.size() > 3) return invalid("IF needs 2 or 3 arguments");
    const auto chosen = [&](double condition) {
      return condition != 0 ? &arguments[1] : arguments.size() == 3 ? &arguments[2] : nullptr;
    };
    if (const double* condition = std::get_if<double>(&arguments[0])) {
      const MetricValue* value = chosen(*condition);
      return value == nullptr ? MetricValue(Points{}) : *value;
    }
    Points points;
    for (const auto& [time, condition] : std::get<Points>(arguments[0]))
      if (const MetricValue* value = chosen(condition))
        if (const auto number = value_at(*value, time)) points[time] = *number;
    return MetricValue(std::move(points));
  }

  // FILL(metric, number | REPEAT)
  Result<MetricValue> fill() {
    TRY(const MetricValue value, any_of_them());
    if (!take(",")) return invalid("FILL needs 2 arguments");
    const bool repeats = take_word("REPEAT");
    MetricValue filler = 0.0;
    if (!repeats) {
      TRY(filler, any_of_them());
    }
    if (!take(")")) return invalid("a closing parenthesis is missing");
    const Points* points = std::get_if<Points>(&value);
    if (points == nullptr) return value;
    constexpr std::int64_t kMostPoints = 100'800;  // of GetMetricData
    if ((math_.to - math_.from) / math_.period > kMostPoints)
      return invalid("FILL has more than 100,800 periods to fill");
    Points filled = *points;
    std::optional<double> last;
    for (TimePoint time = math_.from; time < math_.to; time += math_.period) {
      if (const auto found = filled.find(time); found != filled.end())
        last = found->second;
      else if (const auto number = repeats ? last : value_at(filler, time))
        filled[time] = *number;
    }
    return MetricValue(std::move(filled));
  }

  Result<std::vector<MetricValue>> rest_of_arguments() {
    std::vector<MetricValue> arguments;
    if (take(")")) return arguments;
    // SUM([a, b])
    const bool has_list = take("[");
    do {
      TRY(MetricValue argument, any_of_them());
      arguments.push_back(std::move(argument));
    } while (take(","));
    if (has_list && !take("]")) return invalid("a closing bracket is missing");
    if (!take(")")) return invalid("a closing parenthesis is missing");
    return arguments;
  }

  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n"), rest_.size()));
  }

  bool take(std::string_view sign) {
    skip_space();
    if (!rest_.starts_with(sign)) return false;
    rest_.remove_prefix(sign.size());
    return true;
  }

  std::string_view word() {
    skip_space();
    std::size_t length = 0;
    const auto is_part = [&](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
             (length > 0 && c >= '0' && c <= '9');
    };
    while (length < rest_.size() && is_part(rest_[length])) ++length;
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }

  bool take_word(std::string_view wanted) {
    const std::string_view before = rest_;
    if (word() == wanted) return true;
    rest_ = before;
    return false;
  }

  std::string_view rest_;
  const MetricMath& math_;
  int depth_ = 0;
};

}  // namespace

Result<MetricValue> evaluate(std::string_view expression, const MetricMath& math) {
  return Parser(expression, math).parse();
}

}  // namespace slipway::sim
