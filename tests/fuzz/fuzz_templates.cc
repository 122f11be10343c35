// CloudFormation templates: read, checked, and made into stacks. An hour passes, so that what the
// template makes has come or failed.
#include "base/json.h"
#include "sim/stack_template.h"
#include "sim/world.h"

#include "check.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace slipway;
  const std::string text = fuzz::text_of(bytes, size);
  const sim::Answer<Json> document = sim::read_template(text);
  if (!document || sim::template_problem(*document)) return 0;

  constexpr TimePoint kNow{std::chrono::seconds(1'767'225'600)};
  sim::World world({.start = kNow});
  const auto call = [&](std::string_view operation, Json input) {
    return world.call({}, "cloudformation", operation, input);
  };
  static_cast<void>(call("ValidateTemplate", JsonObject{{"TemplateBody", text}}));
  const JsonArray capabilities{"CAPABILITY_NAMED_IAM"};
  const auto created =
      call("CreateStack",
           JsonObject{{"StackName", "s"}, {"TemplateBody", text}, {"Capabilities", capabilities}});
  if (!created) return 0;
  world.advance(kNow + std::chrono::hours(1));
  const auto described = call("DescribeStacks", JsonObject{{"StackName", "s"}});
  fuzz::must(described.has_value(), "a stack that was made is there");
  static_cast<void>(
      call("UpdateStack",
           JsonObject{{"StackName", "s"}, {"TemplateBody", text}, {"Capabilities", capabilities}}));
  world.advance(kNow + std::chrono::hours(2));
  static_cast<void>(call("DeleteStack", JsonObject{{"StackName", "s"}}));
  world.advance(kNow + std::chrono::hours(4));
  return 0;
}
