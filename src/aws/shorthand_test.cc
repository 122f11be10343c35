#include "aws/shorthand.h"

#include <gtest/gtest.h>

#include <map>

namespace slipway::aws {
namespace {

TEST(Shorthand, MeansWhatTheAwsCliReadsInIt) {
  struct Case {
    std::string text, wanted;
  };
  for (const auto& [text, wanted] : std::vector<Case>{
           {"a=b", R"({"a":"b"})"},
           {"a=b,c=d", R"({"a":"b","c":"d"})"},
           {"a=b,c,d=e", R"({"a":["b","c"],"d":"e"})"},
           {"a=[b,c],d=e", R"({"a":["b","c"],"d":"e"})"},
           {"a=[b]", R"({"a":["b"]})"},
           {"a=[]", R"({"a":[]})"},
           {"a={}", R"({"a":{}})"},
           {"a=", R"({"a":""})"},
           {"a=,b=c", R"({"a":"","b":"c"})"},
           {"a={b=c,d=e},f=g", R"({"a":{"b":"c","d":"e"},"f":"g"})"},
           {"a={b=[{c=d},{e=f}]}", R"({"a":{"b":[{"c":"d"},{"e":"f"}]}})"},
           {"a={b=1,2,c=3}", R"({"a":{"b":["1","2"],"c":"3"}})"},
           {" a = b , c = [ d , e ] ", R"({"a":"b","c":["d","e"]})"},
           {"a='b,c=d'", R"({"a":"b,c=d"})"},
           {R"(a="it's, here")", R"({"a":"it's, here"})"},
           {R"(a="say \"no\"")", R"({"a":"say \"no\""})"},
           {R"(a=b\,c,d=e)", R"({"a":"b,c","d":"e"})"},
           {"a=b=c", R"({"a":"b=c"})"},
           {"a=two words", R"({"a":"two words"})"},
           {"awsvpcConfiguration={subnets=[a,b],securityGroups=[c],assignPublicIp=ENABLED}",
            R"({"awsvpcConfiguration":{"subnets":["a","b"],"securityGroups":["c"],)"
            R"("assignPublicIp":"ENABLED"}})"},
       }) {
    SCOPED_TRACE(text);
    Diagnostics diagnostics;
    const std::optional<Json> read = parse_shorthand({"--flag", text}, diagnostics);
    ASSERT_TRUE(read) << diagnostics.all().front().message;
    EXPECT_EQ(to_text(*read), wanted);
  }
}

TEST(Shorthand, PointsAtWhatIsWrong) {
  struct Case {
    std::string text, wanted;
    int column;
  };
  for (const auto& [text, wanted, column] : std::vector<Case>{
           {"", "expected a member's name and '=', found nothing more", 1},
           {"a", "expected '=' after a, found nothing more", 2},
           {"a={b=c", "expected ',' or '}', found nothing more", 7},
           {"a=[b", "expected ',' or ']', found nothing more", 5},
           {"a={b}", "expected '=' after b, found \"}\"", 5},
           {"a=b,a=c", "a is given twice", 5},
           {"a='b", "a quotation that does not end", 3},
           {"a=[b]c", "expected ',' or the end, found \"c\"", 6},
           {"a=b,", "expected a member's name and '=', found nothing more", 5},
       }) {
    SCOPED_TRACE(text);
    Diagnostics diagnostics;
    EXPECT_FALSE(parse_shorthand({"--flag", text}, diagnostics));
    ASSERT_EQ(diagnostics.all().size(), 1u);
    EXPECT_EQ(diagnostics.all().front().message, wanted);
    EXPECT_EQ(diagnostics.all().front().span.column, column);
  }
}

TEST(Shorthand, ThatIsNestedWithoutEndIsRefused) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "a={";
  Diagnostics diagnostics;
  EXPECT_FALSE(parse_shorthand({"--flag", text}, diagnostics));
  EXPECT_EQ(diagnostics.all().front().message, "nested too deeply");
}

struct Reading {
  std::optional<Json> read(const std::string& text, const std::string& shape) {
    diagnostics = {};
    return read_structure(
        {"--flag", text}, Facts::of(kEcs), shape,
        [this](const std::string& path) -> Result<std::string> {
          const auto found = files.find(path);
          if (found == files.end())
            return Error{ErrorKind::kNotFound, "file.missing", path + " does not exist"};
          return found->second;
        },
        diagnostics);
  }
  std::map<std::string, std::string> files;
  Diagnostics diagnostics;
};

TEST(Structure, IsTheSameInShorthandJsonAndAFile) {
  const std::string shorthand =
      "awsvpcConfiguration={subnets=subnet-1,securityGroups=[sg-1],assignPublicIp=ENABLED}";
  const std::string json =
      R"({"awsvpcConfiguration":{"subnets":["subnet-1"],"securityGroups":["sg-1"],)"
      R"("assignPublicIp":"ENABLED"}})";
  Reading reading;
  reading.files = {{"network.json", "\n" + json + "\n"}, {"/etc/network", shorthand}};
  for (const std::string& text :
       {shorthand, json, std::string("file://network.json"), std::string("file:///etc/network")}) {
    SCOPED_TRACE(text);
    const std::optional<Json> read = reading.read(text, "NetworkConfiguration");
    ASSERT_TRUE(read);
    EXPECT_EQ(to_text(*read), json);
  }
}

TEST(Structure, HasNumbersAndBooleansWhereTheModelWantsThem) {
  Reading reading;
  EXPECT_EQ(
      to_text(
          reading.read("capacityProvider=FARGATE,base=1,weight=3", "CapacityProviderStrategyItem")
              .value()),
      R"({"capacityProvider":"FARGATE","base":1,"weight":3})");
  EXPECT_EQ(to_text(reading
                        .read("deploymentCircuitBreaker={enable=true,rollback=False}",
                              "DeploymentConfiguration")
                        .value()),
            R"({"deploymentCircuitBreaker":{"enable":true,"rollback":false}})");
}

TEST(Structure, IsRefusedWithThePathOfWhatIsWrong) {
  struct Case {
    std::string text, wanted;
  };
  Reading reading;
  for (const auto& [text, wanted] : std::vector<Case>{
           {"awsvpcConfiguration={subnet=[a]}", "awsvpcConfiguration.subnet"},
           {"awsvpcConfiguration={securityGroups=[a]}", "awsvpcConfiguration"},
           {R"({"awsvpcConfiguration": )", ""},
           {"file://gone.json", ""},
       }) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(reading.read(text, "NetworkConfiguration"));
    ASSERT_TRUE(reading.diagnostics.has_errors());
    EXPECT_EQ(reading.diagnostics.all().front().path, wanted)
        << reading.diagnostics.all().front().message;
  }
}

}  // namespace
}  // namespace slipway::aws
