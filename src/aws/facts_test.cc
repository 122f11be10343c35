#include "aws/facts.h"

#include "base/text.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace slipway::aws {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Facts, HoldEveryShapeThatIsSpokenOf) {
  for (const ServiceFacts* service : kServices) {
    const Facts& facts = Facts::of(*service);
    EXPECT_FALSE(facts.operation_names().empty());
    for (const std::string_view name : facts.operation_names()) {
      SCOPED_TRACE(name);
      const OperationFacts& operation = *facts.operation(name);
      EXPECT_TRUE(operation.input.empty() || facts.shape(operation.input) != nullptr);
      EXPECT_TRUE(operation.output.empty() || facts.shape(operation.output) != nullptr);
      for (const std::string& error : operation.errors) {
        ASSERT_NE(facts.shape(error), nullptr) << error;
        EXPECT_FALSE(facts.shape(error)->error_code.empty()) << error;
        EXPECT_GE(facts.shape(error)->error_status, 400) << error;
      }
    }
    for (const std::string_view name : facts.shape_names()) {
      SCOPED_TRACE(name);
      const ShapeFacts& shape = *facts.shape(name);
      for (const MemberFacts& member : shape.members)
        EXPECT_NE(facts.shape(member.shape), nullptr) << member.name;
      if (shape.kind == FactKind::kList || shape.kind == FactKind::kMap) {
        EXPECT_NE(facts.shape(shape.element), nullptr);
      }
    }
  }
}

TEST(Facts, KnowAShapeAsTheModelDescribesIt) {
  const Facts& facts = Facts::of(kEcs);
  const ShapeFacts& request = *facts.shape("RunTaskRequest");
  EXPECT_EQ(request.kind, FactKind::kStructure);
  EXPECT_TRUE(request.find("taskDefinition")->is_required);
  EXPECT_FALSE(request.find("cluster")->is_required);
  EXPECT_TRUE(request.find("clientToken")->is_idempotency_token);
  EXPECT_EQ(request.find("nonsense"), nullptr);
  EXPECT_THAT(facts.shape("DeploymentRolloutState")->values,
              ElementsAre("COMPLETED", "FAILED", "IN_PROGRESS"));
  EXPECT_EQ(facts.shape("PortNumber")->max, 65535);
  EXPECT_EQ(facts.shape("Nonsense"), nullptr);
  EXPECT_EQ(facts.operation("Nonsense"), nullptr);
  EXPECT_FALSE(Facts::of(kSts).operation("AssumeRoleWithWebIdentity")->is_signed);
}

std::string one_line(const Violation& violation) {
  return fmt::format("{}: {}{}{}", violation.path, violation.message,
                     violation.suggestion.empty() ? "" : "; ", violation.suggestion);
}

std::vector<std::string> found(std::string_view shape, std::string_view json) {
  std::vector<std::string> lines;
  for (const Violation& each : check_document(Facts::of(kEcs), shape, parse_json(json).value()))
    lines.push_back(one_line(each));
  return lines;
}

constexpr std::string_view kTaskDefinition = "RegisterTaskDefinitionRequest";

TEST(ADocument, ThatAwsTakesHasNoViolations) {
  EXPECT_THAT(found(kTaskDefinition,
                    R"({"family":"web","cpu":"256","memory":"512","networkMode":"awsvpc",
                "requiresCompatibilities":["FARGATE"],"taskRoleArn":null,
                "containerDefinitions":[{"name":"app","image":"a:1","essential":true,"memory":128,
                  "portMappings":[{"containerPort":80}],"dockerLabels":{"a":"b"},
                  "environment":[{"name":"A","value":""}]}],
                "tags":[{"key":"k","value":"v"}]})"),
              IsEmpty());
}

TEST(ADocument, IsToldEverythingThatIsWrongAtOnce) {
  struct Case {
    std::string_view json;
    std::vector<std::string> wanted;
  };
  for (const auto& [json, wanted] : {
           Case{"[]", {": expected a mapping, found a list"}},
           Case{"{}", {": family is missing", ": containerDefinitions is missing"}},
           Case{R"({"family":null,"containerDefinitions":[]})", {": family is missing"}},
           Case{
               R"({"family":"f","containerDefinitions":[{"nme":"a","cpu":"1","essential":"yes"}]})",
               {"containerDefinitions[0].nme: unknown key; did you mean name?",
                R"(containerDefinitions[0].cpu: expected a whole number, found "1")",
                R"(containerDefinitions[0].essential: expected true or false, found "yes")"}},
           Case{R"({"family":"f","containerDefinitions":{}})",
                {"containerDefinitions: expected a list, found an object"}},
           Case{R"({"family":"f","containerDefinitions":[1.5]})",
                {"containerDefinitions[0]: expected a mapping, found 1.5"}},
           Case{R"({"family":"f","containerDefinitions":[],"cpu":256})",
                {R"(cpu: expected text, found 256; write "256")"}},
           Case{R"({"family":"f","containerDefinitions":[],"networkMode":"aws-vpc"})",
                {R"(networkMode: "aws-vpc" is not one of bridge, host, awsvpc, none; )"
                 "did you mean awsvpc?"}},
           Case{R"({"family":"f","containerDefinitions":[{"portMappings":[{"containerPort":1.5},
                    {"hostPort":99999999999}]}]})",
                {"containerDefinitions[0].portMappings[0].containerPort: "
                 "expected a whole number, found 1.5",
                 "containerDefinitions[0].portMappings[1].hostPort: "
                 "expected a whole number, found 99999999999"}},
           Case{R"({"family":"f","containerDefinitions":[{"dockerLabels":{"a":true}}]})",
                {"containerDefinitions[0].dockerLabels.a: expected text, found true; "
                 R"(write "true")"}},
           Case{R"({"family":"f","containerDefinitions":[],"tags":[{"key":"","value":"v"}]})",
                {"tags[0].key: expected at least 1 characters, found 0"}},
           Case{R"({"family":"f","containerDefinitions":[null]})",
                {"containerDefinitions[0]: expected a mapping, found null"}},
       }) {
    SCOPED_TRACE(json);
    EXPECT_EQ(found(kTaskDefinition, json), wanted);
  }
}

TEST(ADocument, MayNotExceedTheLimitsOfTheModel) {
  EXPECT_THAT(found("CapacityProviderStrategyItem", R"({"capacityProvider":"c","weight":1001})"),
              ElementsAre("weight: expected at most 1000, found 1001"));
  std::string tags;
  for (int i = 0; i < 51; ++i) tags += fmt::format(R"({}{{"key":"k{}"}})", i ? "," : "", i);
  EXPECT_THAT(
      found("TagResourceRequest", fmt::format(R"({{"resourceArn":"a","tags":[{}]}})", tags)),
      ElementsAre("tags: expected at most 50 items, found 51"));
  // Length is counted in characters.
  std::string umlauts;
  for (int i = 0; i < 128; ++i) umlauts += "ü";
  EXPECT_THAT(found("Tag", fmt::format(R"({{"key":"{}"}})", umlauts)), IsEmpty());
}

TEST(AFile, IsCheckedWithPlacesAndSeverities) {
  const auto source = std::make_shared<SourceText>(SourceText{"task.yml",
                                                              "family: web\n"
                                                              "cpu: 256\n"
                                                              "networkMode: awsvpcs\n"
                                                              "containerDefinitions:\n"
                                                              "  - name: app\n"
                                                              "    essental: true\n"
                                                              "    memory: \"128\"\n"
                                                              "    environment:\n"
                                                              "      - {name: A, value: yes}\n"
                                                              "      - {name: B, value: 1.10}\n"
                                                              "    secrets:\n"
                                                              "      - name: S\n"});
  Diagnostics diagnostics;
  const auto document = read_document(source, TextFormat::kYaml, diagnostics);
  ASSERT_TRUE(document);
  report(check_document(Facts::of(kEcs), kTaskDefinition, *document), "services.web", diagnostics);
  std::vector<std::string> lines;
  for (const Diagnostic& each : diagnostics.all())
    lines.push_back(fmt::format("{}:{} {} {} {}: {} ({})", each.span.line, each.span.column,
                                each.severity == Severity::kError ? "error" : "warning", each.code,
                                each.path, each.message, each.suggestion));
  EXPECT_THAT(
      lines,
      ElementsAre(
          R"(2:6 error document.wrong-type services.web.cpu: expected text, found 256 (write "256"))",
          "3:14 warning document.unknown-value services.web.networkMode: \"awsvpcs\" is not one of "
          "bridge, host, awsvpc, none (did you mean awsvpc?)",
          "6:5 warning document.unknown-key services.web.containerDefinitions[0].essental: unknown "
          "key (did you mean essential?)",
          "7:13 error document.wrong-type services.web.containerDefinitions[0].memory: expected a "
          "whole number, found the text \"128\" ()",
          "10:26 error document.wrong-type services.web.containerDefinitions[0].environment[1]"
          ".value: expected text, found 1.10 (write \"1.10\")",
          "12:9 error document.missing-key services.web.containerDefinitions[0].secrets[0]: "
          "valueFrom is missing ()"));
}

}  // namespace
}  // namespace slipway::aws
