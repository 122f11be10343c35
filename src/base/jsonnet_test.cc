#include "base/jsonnet.h"

#include "base/runtime.h"

#include <gmock/gmock.h>

#include <unistd.h>

namespace slipway {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::StartsWith;

class Jsonnet : public testing::Test {
 protected:
  Jsonnet()
      : directory_(fs::path(testing::TempDir()) /
                   ("slipway-jsonnet-" + std::to_string(::getpid()))) {
    fs::create_directories(directory_ / "app");
  }
  ~Jsonnet() override { fs::remove_all(directory_); }

  void file(const std::string& name, const std::string& text) {
    fs::create_directories((directory_ / name).parent_path());
    ASSERT_TRUE(write_file(directory_ / name, text));
  }
  // The value of app/x.jsonnet as compact JSON, or all that is wrong.
  std::string evaluate(const std::string& text, JsonnetVariables variables = {},
                       const JsonnetLimits& limits = {}) {
    file("app/x.jsonnet", text);
    Diagnostics diagnostics;
    const std::optional<Node> node = evaluate_jsonnet({.worker = SLIPWAY_BINARY,
                                                       .directory = directory_ / "app",
                                                       .file = "x.jsonnet",
                                                       .variables = std::move(variables),
                                                       .environment = environment_},
                                                      diagnostics, limits);
    std::string result = node ? to_text(to_json(*node)) : "";
    for (const Diagnostic& each : diagnostics.all()) result += to_string(each);
    return result;
  }

  fs::path directory_;
  std::map<std::string, std::string> environment_ = {{"STAGE", "prod"}, {"EMPTY", ""}};
};

TEST_F(Jsonnet, IsEvaluated) {
  EXPECT_EQ(evaluate("{ a: 1 + 1, b: [1.5, null, true], c: 'x' + $.a }"),
            R"({"a":2,"b":[1.5,null,true],"c":"x2"})");
}

// A class, and one that changes a part of it.
TEST_F(Jsonnet, InheritsAsItsUsersDo) {
  file("app/base.libsonnet",
       "{ name:: 'base', def: { family: $.name, cpu: '256', tags: ['a'] }, wait: false }");
  EXPECT_EQ(evaluate("(import 'base.libsonnet') + { name:: 'web', wait: true,\n"
                     "  def+: { cpu: super.cpu + '0', tags+: ['b'] } }"),
            R"({"def":{"cpu":"2560","family":"web","tags":["a","b"]},"wait":true})");
}

TEST_F(Jsonnet, TakesVariables) {
  using Kind = JsonnetVariables::Kind;
  EXPECT_EQ(evaluate("function(a, b) [std.extVar('s'), std.extVar('c') + 1, a, b]",
                     {.variables = {{Kind::kExtStr, "s", "1"},
                                    {Kind::kExtCode, "c", "1"},
                                    {Kind::kTlaStr, "a", "2"},
                                    {Kind::kTlaCode, "b", "{x: 2}"}},
                      .jpath = {}}),
            R"(["1",2,"2",{"x":2}])");
}

TEST_F(Jsonnet, TakesVariablesAsTheirFlagsSay) {
  JsonnetVariables variables;
  EXPECT_TRUE(variables.add("ext-str", "a=b=c"));
  EXPECT_TRUE(variables.add("ext-str", "STAGE"));
  EXPECT_TRUE(variables.add("tla-code", "x=1"));
  EXPECT_FALSE(variables.add("ext-str", "=x"));
  EXPECT_EQ(evaluate("function(x) [std.extVar('a'), std.extVar('STAGE'), x]", variables),
            R"(["b=c","prod",1])");
  variables.add("ext-code", "NOBODY");
  EXPECT_EQ(evaluate("1", variables),
            "x.jsonnet: error: --ext-code NOBODY: the environment variable NOBODY is not set\n"
            "      = give NAME=VALUE");
}

TEST_F(Jsonnet, ReadsTheEnvironment) {
  EXPECT_EQ(evaluate("local env = std.native('env'), must_env = std.native('must_env');\n"
                     "[env('STAGE', 'x'), env('NOBODY', 'x'), env('EMPTY', 3), must_env('STAGE')]"),
            R"(["prod","x",3,"prod"])");
  EXPECT_EQ(evaluate("local s = import 'slipway.libsonnet'; [s.env('STAGE'), s.env('NOBODY'), "
                     "s.env('NOBODY', 'y'), s.must_env('STAGE')]"),
            R"(["prod","","y","prod"])");
  EXPECT_EQ(evaluate("{\n  a: std.native('must_env')('NOBODY'),\n}"),
            "x.jsonnet:2:6: error: must_env: the environment variable \"NOBODY\" is not set\n"
            "    2 |   a: std.native('must_env')('NOBODY'),\n"
            "      |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
            "      = x.jsonnet:2:6-38\tobject <anonymous>\n"
            "        During manifestation");
}

TEST_F(Jsonnet, SaysWhereItWentWrong) {
  EXPECT_EQ(evaluate("{\n  a: nobody,\n}"),
            "x.jsonnet:2:6: error: Unknown variable: nobody\n"
            "    2 |   a: nobody,\n"
            "      |      ^^^^^^");
  file("app/lib.libsonnet", "{ f(x):: error 'no ' + x }");
  EXPECT_THAT(evaluate("(import 'lib.libsonnet').f('cake')"),
              StartsWith("lib.libsonnet:1:10: error: no cake\n"
                         "    1 | { f(x):: error 'no ' + x }\n"
                         "      |          ^^^^^^^^^^^^^^^\n"
                         "      = lib.libsonnet:1:10-25\tfunction <anonymous>\n"
                         "        x.jsonnet:1:1-35"));
}

TEST_F(Jsonnet, ImportsFromItsFolderAndThoseNamed) {
  file("lib/shared.libsonnet", "{ a: 1 }");
  file("app/sub/own.libsonnet", "(import '../near.libsonnet')");
  file("app/near.libsonnet", "{ b: 2 }");
  EXPECT_EQ(evaluate("import 'sub/own.libsonnet'"), R"({"b":2})");
  EXPECT_THAT(evaluate("import '../lib/shared.libsonnet'"),
              HasSubstr("../lib/shared.libsonnet is outside the file's folder; name its folder "
                        "with --jpath"));
  EXPECT_THAT(evaluate("importstr '/etc/passwd'"), HasSubstr("is outside the file's folder"));
  const JsonnetVariables with_lib{.variables = {}, .jpath = {"../lib"}};
  EXPECT_EQ(evaluate("import 'shared.libsonnet'", with_lib), R"({"a":1})");
  EXPECT_EQ(evaluate("import '../lib/shared.libsonnet'", with_lib), R"({"a":1})");
  EXPECT_THAT(evaluate("import 'nobody.libsonnet'"),
              HasSubstr("no such file beside the importing file, nor in a --jpath folder"));
}

TEST_F(Jsonnet, DoesNotRunForEver) {
  EXPECT_THAT(
      evaluate("local f(x) = f(x + 1) tailstrict; f(0)", {}, {.timeout = std::chrono::seconds(1)}),
      HasSubstr("x.jsonnet: error: the evaluation did not end within 1"));
}

TEST_F(Jsonnet, DoesNotEatAllMemory) {
  EXPECT_THAT(evaluate("std.length(std.makeArray(1e9, function(i) 'x' * 1000))", {},
                       {.timeout = std::chrono::seconds(5), .max_memory_bytes = 128u << 20}),
              HasSubstr("x.jsonnet: error: the evaluation "));
}

TEST_F(Jsonnet, DiagnosticsAboutTheValueNameTheFileOnly) {
  file("app/x.jsonnet", "{ a: { b: [1] } }");
  Diagnostics diagnostics;
  const std::optional<Node> node = evaluate_jsonnet({.worker = SLIPWAY_BINARY,
                                                     .directory = directory_ / "app",
                                                     .file = "x.jsonnet",
                                                     .variables = {},
                                                     .environment = environment_},
                                                    diagnostics);
  ASSERT_TRUE(node);
  const SourceSpan& span = node->find("a")->find("b")->items[0].span;
  EXPECT_EQ(span.source->name, "x.jsonnet");
  EXPECT_EQ(span.line, 0);
}

TEST(JsonnetFiles, AreKnownByTheirNames) {
  EXPECT_TRUE(is_jsonnet("a/x.jsonnet"));
  EXPECT_TRUE(is_jsonnet("x.libsonnet"));
  EXPECT_FALSE(is_jsonnet("x.json"));
}

}  // namespace
}  // namespace slipway
