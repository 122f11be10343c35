// The small languages inside AWS's members, headers and files. The first line of an input names
// one, what follows is a text in it.
#include "aws/errors.h"
#include "aws/facts.h"
#include "aws/form.h"
#include "aws/shorthand.h"
#include "aws/sigv4.h"
#include "base/json.h"
#include "base/proxy.h"
#include "base/time.h"
#include "base/wildcard.h"
#include "model/image.h"
#include "model/method_pattern.h"
#include "sim/cluster_query.h"
#include "sim/entities.h"
#include "sim/event_pattern.h"
#include "sim/item_expressions.h"
#include "sim/metric_math.h"
#include "sim/policy.h"
#include "sim/schedule_expression.h"

#include "check.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace slipway::fuzz {
namespace {

constexpr TimePoint kNow{std::chrono::seconds(1'767'225'600)};  // 2026-01-01T00:00:00Z

void read_schedule(std::string_view text) {
  const auto expression = sim::ScheduleExpression::parse(text, true);
  if (!expression) return;
  if (const auto next = expression->next(kNow, kNow))
    must(*next > kNow, "what comes next is later");
}

void read_cluster_query(std::string_view text) {
  const auto query = sim::ClusterQuery::parse(text);
  if (!query) return;
  sim::ContainerInstance instance;
  instance.ec2InstanceId = "i-0123";
  instance.attributes = {{"ecs.instance-type", "t3.large"}, {"stack", "prod"}};
  static_cast<void>(query->holds(instance));
}

void read_metric_math(std::string_view text) {
  const sim::MetricValue number = 3.0;
  const sim::MetricValue series = sim::Points{{kNow, 1.0}, {kNow + sim::kMetricResolution, 0.0}};
  const sim::MetricMath math{.value_of =
                                 [&](std::string_view id) {
                                   return id == "m1" ? &series : id == "n" ? &number : nullptr;
                                 },
                             .from = kNow,
                             .to = kNow + 5 * sim::kMetricResolution};
  static_cast<void>(sim::evaluate(text, math));
}

// The first line is the member that holds the expression.
void read_item_expression(std::string_view text) {
  const std::string member(take_line(text));
  const Json input = JsonObject{
      {member, text},
      {"ExpressionAttributeNames", JsonObject{{"#a", "a"}, {"#l", "l"}}},
      {"ExpressionAttributeValues",
       parse_json(R"({":s": {"S": "x"}, ":n": {"N": "9223372036854775807"}, ":b": {"BOOL": true},
                      ":l": {"L": [{"N": "1"}]}, ":ss": {"SS": ["x", "y"]}, ":m": {"M": {}}})")
           .value()}};
  const JsonObject item =
      parse_json(R"({"id": {"S": "1"}, "a": {"M": {"b": {"L": [{"N": "1.5"}, {"S": "x"}]}}},
                     "n": {"N": "9223372036854775807"}, "l": {"L": []}, "ss": {"SS": ["x"]}})")
          .value()
          .as_object();
  sim::ItemExpressions expressions(input);
  static_cast<void>(expressions.holds("ConditionExpression", item));
  static_cast<void>(expressions.updated(item));
  static_cast<void>(expressions.projected(item));
  static_cast<void>(expressions.unused());
}

void read_policy(std::string_view text) {
  Diagnostics diagnostics;
  const auto source = std::make_shared<SourceText>(SourceText{"policy", std::string(text)});
  const auto document = read_document(source, TextFormat::kJson, diagnostics);
  if (!document) return;
  const sim::Policy policy = sim::read_policy(*document, "", diagnostics);
  static_cast<void>(sim::evaluate(
      {&policy, 1}, {.action = "ecs:RunTask", .resource = "arn:aws:ecs:eu-west-1:1:task/a"}));
}

void read_event_pattern(std::string_view text) {
  if (sim::event_pattern_problem(text)) return;
  const Json event = parse_json(R"({"source": "aws.ecs", "detail-type": "ECS Task State Change",
                     "detail": {"lastStatus": "STOPPED", "attempt": 2, "group": null,
                                "containers": [{"exitCode": 1}, {"exitCode": 0}],
                                "address": "10.0.0.1"}})")
                         .value();
  const Result<Json> pattern = parse_json(text);
  must(pattern && pattern->is_object(), "a pattern is an object");
  static_cast<void>(sim::matches_event(pattern->get_object(), event.get_object()));
}

void read_times(std::string_view text) {
  if (const auto time = parse_iso8601(text))
    must(parse_iso8601(to_iso8601(*time)).has_value(), "a time that was written can be read");
  static_cast<void>(parse_http_date(text));
  static_cast<void>(parse_duration(text));
}

void read_image(std::string_view text) {
  for (const ImageRules& rules : {kAnyImage, ImageRules{false, false, true}})
    if (const auto image = parse_image(text, rules)) {
      static_cast<void>(image->version());
      static_cast<void>(image->repository());
    }
}

void read_method_pattern(std::string_view text) {
  if (const auto pattern = MethodPattern::parse(text))
    static_cast<void>(pattern->matches("log_notification"));
}

void read_shorthand(std::string_view text) {
  Diagnostics diagnostics;
  const auto read = aws::read_structure(
      {"--network-configuration", std::string(text)}, aws::Facts::of(aws::kEcs),
      "NetworkConfiguration",
      [](const std::string&) -> Result<std::string> {
        return Error{ErrorKind::kNotFound, "file.missing", "there is none"};
      },
      diagnostics);
  must(read.has_value() || diagnostics.has_errors(), "a structure, or why there is none");
  for (const Diagnostic& diagnostic : diagnostics.all())
    must(!to_string(diagnostic).empty(), "every problem can be shown");
}

void read_header(std::string_view text) {
  static_cast<void>(aws::parse_authorization(text));
  static_cast<void>(aws::parse_denial(text));
  static_cast<void>(parse_origin(text));
}

void read_query(std::string_view text) {
  const std::string once = aws::canonical_query(text);
  must(aws::canonical_query(once) == once, "what is canonical stays as it is");
  static_cast<void>(aws::read_form(text));
  must(aws::uri_decode(aws::uri_encode(text)) == std::string(text), "what is encoded comes back");
}

void read_wildcard(std::string_view text) {
  const std::string_view pattern = take_line(text);
  static_cast<void>(matches_wildcard(pattern, text));
  static_cast<void>(sim::matches_arn(pattern, text));
}

constexpr std::pair<std::string_view, void (*)(std::string_view)> kReaders[] = {
    {"schedule", read_schedule},
    {"query-of-instances", read_cluster_query},
    {"metric-math", read_metric_math},
    {"item-expression", read_item_expression},
    {"policy", read_policy},
    {"event-pattern", read_event_pattern},
    {"time", read_times},
    {"image", read_image},
    {"method-pattern", read_method_pattern},
    {"shorthand", read_shorthand},
    {"header", read_header},
    {"query", read_query},
    {"wildcard", read_wildcard},
};

}  // namespace
}  // namespace slipway::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace slipway::fuzz;
  const std::string input = text_of(bytes, size);
  std::string_view text = input;
  const std::string_view name = take_line(text);
  for (const auto& [reader, read] : kReaders)
    if (reader == name) read(text);
  return 0;
}
