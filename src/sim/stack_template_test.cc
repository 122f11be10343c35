// What CreateStack says to templates, parameters and names.
#include "sim/stack_testing.h"

#include <string>
#include <string_view>

namespace slipway::sim {
namespace {

// One resource, and what else the template says.
std::string with(std::string_view more) {
  return fmt::format("Resources: {{A: {{Type: 'AWS::Logs::LogGroup'}}}}\n{}", more);
}
// The properties of one log group A.
std::string group(std::string_view properties, std::string_view more = "") {
  return fmt::format(
      "Resources: {{A: {{Type: 'AWS::Logs::LogGroup', Properties: {}}}, "
      "B: {{Type: 'AWS::Logs::LogGroup'}}}}\n{}",
      properties, more);
}

TEST(StackTemplate, IsRefusedInCloudFormationsWords) {
  struct Case {
    std::string text;
    std::string_view wanted;
  };
  const std::string format = "Template format error: ";
  for (const auto& [text, wanted] : {
           Case{"{\"Resources\": }",
                "Template format error: JSON not well-formed. (line 1, column "
                "15)"},
           Case{"a: [1", "Template format error: YAML not well-formed. (line 1, column 4)"},
           Case{"- a", "Template format error: unsupported structure."},
           Case{"Resource: {}", "Invalid template property or properties [Resource]"},
           Case{"Description: x",
                "Template format error: At least one Resources member must be "
                "defined."},
           Case{with("AWSTemplateFormatVersion: '2011-01-01'"),
                "Template format error: unsupported value for AWSTemplateFormatVersion."},
           Case{"Resources: {A: {Type: 'AWS::Foo::Bar'}, B: {Type: 'AWS::S3::Bucket'}}",
                "Template format error: Unrecognized resource types: [AWS::Foo::Bar, "
                "AWS::S3::Bucket]"},
           Case{"Resources: {A-b: {Type: 'AWS::Logs::LogGroup'}}",
                "Template format error: Resource name A-b is non alphanumeric."},
           Case{"Resources: {A: {Properties: {}}}",
                "Template format error: [/Resources/A] Every Resources object must contain a Type "
                "member."},
           Case{"Resources: {A: {Type: 'AWS::Logs::LogGroup', Props: {}}}",
                "Invalid template resource property 'Props'"},
           Case{group("{LogGroupName: !Ref Nobody}"),
                "Template format error: Unresolved resource dependencies [Nobody] in the Resources "
                "block of the template"},
           Case{group("{LogGroupName: !Sub '${Nobody.Arn}'}"),
                "Template error: instance of Fn::GetAtt references undefined resource Nobody"},
           Case{group("{LogGroupName: !GetAtt B.Name}"),
                "Template error: resource B does not support attribute type Name in Fn::GetAtt"},
           Case{group("{LogGroupName: ~}"),
                "Template format error: [/Resources/A/Properties/LogGroupName] 'null' values are "
                "not allowed in templates"},
           Case{with("Outputs: {X: {Value: !Ref Nobody}}"),
                "Template format error: Unresolved resource dependencies [Nobody] in the Outputs "
                "block of the template"},
           Case{with("Outputs: {X: {Description: nothing}}"),
                "Template format error: Output X is malformed. The value member is missing."},
           Case{group("{LogGroupName: !If [Nobody, a, b]}"),
                "Template format error: Unresolved condition dependency Nobody in the Resources "
                "block of the template"},
           Case{"Resources:\n  A: {Type: 'AWS::Logs::LogGroup', DependsOn: B}\n"
                "  B: {Type: 'AWS::Logs::LogGroup', Properties: {LogGroupName: !Sub '${A}-b'}}\n"
                "  C: {Type: 'AWS::Logs::LogGroup'}",
                "Circular dependency between resources: [A, B]"},
           Case{with("Parameters: {P: {Default: x}}"),
                "Template format error: Every Parameters object must contain a Type member."},
           Case{with("Parameters: {P: {Type: Text}}"),
                "Template format error: Unrecognized parameter type: Text"},
           Case{with("Parameters: {P: {Type: String}}"), "Parameters: [P] must have values"},
           Case{with("Parameters: {P: {Type: Number, Default: two}}"),
                "Parameter 'P' must be a number"},
           Case{with("Parameters: {P: {Type: Number, Default: 3, MaxValue: 2}}"),
                "Parameter 'P' must be a number not greater than 2"},
           Case{with("Parameters: {P: {Type: String, Default: '', MinLength: 1}}"),
                "Parameter 'P' must contain at least 1 characters"},
           Case{with("Parameters: {P: {Type: String, Default: c, AllowedValues: [a, b]}}"),
                "Parameter 'P' must be one of AllowedValues"},
           Case{with("Parameters: {P: {Type: String, Default: c, AllowedPattern: '[ab]+'}}"),
                "Parameter 'P' must match pattern [ab]+"},
           Case{with("Parameters: {P: {Type: String, Default: c, AllowedPattern: '[ab]+', "
                     "ConstraintDescription: a or b}}"),
                "Parameter P failed to satisfy constraint: a or b"},
       }) {
    SCOPED_TRACE(text);
    StackRehearsal rehearsal;
    EXPECT_EQ(rehearsal.creation_refusal(text), fmt::format("ValidationError: {}", wanted));
  }
}

TEST(StackTemplate, SaysWhichParametersItDoesNotHave) {
  StackRehearsal rehearsal;
  EXPECT_EQ(rehearsal.creation_refusal(
                with(""), R"(, "Parameters": [{"ParameterKey": "X", "ParameterValue": "1"}])"),
            "ValidationError: Parameters: [X] do not exist in the template");
}

TEST(StackTemplate, NeedsCapabilitiesForRoles) {
  StackRehearsal rehearsal;
  const auto ask = [&](std::string_view properties, std::string_view capabilities) {
    const Reply reply = rehearsal.ask(
        "cloudformation:CreateStack",
        fmt::format(R"({{"StackName": "s", "TemplateBody": "{{\"Resources\": {{\"R\": )"
                    R"({{\"Type\": \"AWS::IAM::Role\", \"Properties\": {}}}}}}}")"
                    R"(, "Capabilities": [{}]}})",
                    properties, capabilities));
    return reply ? "created" : reply.error().code + ": " + reply.error().message;
  };
  constexpr std::string_view kNamed = R"({\"RoleName\": \"r\"})";
  EXPECT_EQ(ask("{}", ""),
            "InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_IAM]");
  EXPECT_EQ(ask(kNamed, R"("CAPABILITY_IAM")"),
            "InsufficientCapabilitiesException: Requires capabilities : [CAPABILITY_NAMED_IAM]");
  EXPECT_EQ(ask("{}", R"("CAPABILITY_NAMED_IAM")"), "created");
}

TEST(StackTemplate, HasASizeAndTheStackAName) {
  StackRehearsal rehearsal;
  const std::string large = with("# " + std::string(51'200, 'x'));
  const std::string said = rehearsal.creation_refusal(large);
  EXPECT_TRUE(
      said.ends_with("at 'templateBody' failed to satisfy constraint: Member must have "
                     "length less than or equal to 51200"))
      << said.substr(said.size() - 100);
  EXPECT_EQ(rehearsal.refusal("cloudformation:CreateStack",
                              R"({"StackName": "a_b", "TemplateBody": "{}"})"),
            "ValidationError: 1 validation error detected: Value 'a_b' at 'stackName' failed to "
            "satisfy constraint: Member must satisfy regular expression pattern: "
            "[a-zA-Z][-a-zA-Z0-9]*");
  EXPECT_EQ(rehearsal.refusal("cloudformation:CreateStack", R"({"StackName": "a"})"),
            "ValidationError: Either Template URL or Template Body must be specified.");
  rehearsal.create("s", with(""));
  EXPECT_EQ(rehearsal.creation_refusal(with("")),
            "AlreadyExistsException: Stack [s] already exists");
}

TEST(StackTemplate, ExpressionsComeToValues) {
  StackRehearsal rehearsal;
  rehearsal.create("exporter", with("Outputs: {X: {Value: shared, Export: {Name: common}}}"));
  rehearsal.at(30);
  rehearsal.create("s", R"(
Parameters:
  Stage: {Type: String, Default: prod}
  Zones: {Type: CommaDelimitedList, Default: "a, b,c"}
Mappings: {Sizes: {prod: {cpu: 512}}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsSmall: !And [!Not [!Condition IsProd], !Equals [a, a]]
Resources:
  A: {Type: "AWS::Logs::LogGroup", Properties: {LogGroupName: named}}
  Small: {Type: "AWS::Logs::LogGroup", Condition: IsSmall}
Outputs:
  Join: {Value: !Join ["-", [!Ref Stage, !Select [1, !Ref Zones]]]}
  Split: {Value: !Select [2, !Split [".", "a.b.c"]]}
  Map: {Value: !FindInMap [Sizes, !Ref Stage, cpu]}
  If: {Value: !If [IsProd, big, !Ref Small]}
  Import: {Value: !ImportValue common}
  Sub: {Value: !Sub ["${A}/${Own}/${AWS::StackName}/${A.Arn}", {Own: mine}]}
  Base64: {Value: !Base64 "hello"}
  OnlySmall: {Condition: IsSmall, Value: x}
)");
  rehearsal.at(60);
  for (const auto& [key, wanted] :
       {std::pair{"Join", "prod-b"}, std::pair{"Split", "c"}, std::pair{"Map", "512"},
        std::pair{"If", "big"}, std::pair{"Import", "shared"},
        std::pair{"Sub", "named/mine/s/arn:aws:logs:eu-west-1:123456789012:log-group:named:*"},
        std::pair{"Base64", "aGVsbG8="}, std::pair{"OnlySmall", "(none)"}}) {
    SCOPED_TRACE(key);
    EXPECT_EQ(rehearsal.output("s", key), wanted);
  }
}

TEST(StackTemplate, IsValidatedWithoutAStack) {
  StackRehearsal rehearsal;
  const Json answer = rehearsal.call("cloudformation:ValidateTemplate", R"({"TemplateBody":
    "Description: d\nParameters: {P: {Type: String, Default: x}}\nResources: {R: {Type: 'AWS::IAM::Role'}}"})");
  EXPECT_EQ(to_text(answer),
            R"({"Parameters":[{"ParameterKey":"P","DefaultValue":"x","NoEcho":false}],)"
            R"("Description":"d","Capabilities":["CAPABILITY_IAM"],"CapabilitiesReason":)"
            R"("The following resource(s) require capabilities: [AWS::IAM::Role]"})");
}

}  // namespace
}  // namespace slipway::sim
