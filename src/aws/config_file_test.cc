#include "aws/config_file.h"

#include "base/json.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <unistd.h>

namespace slipway::aws {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Kind = ConfigSection::Kind;

// A home directory that the test fills.
class AHome : public ::testing::Test {
 protected:
  AHome() : home_(std::filesystem::path(::testing::TempDir()) / fmt::format("home-{}", getpid())) {
    std::filesystem::create_directories(home_ / ".aws");
    environment_.set("HOME", home_.string());
  }
  ~AHome() override { std::filesystem::remove_all(home_); }

  void write(std::string_view name, std::string_view text) {
    ASSERT_TRUE(write_file(home_ / ".aws" / name, text));
  }
  SharedConfig load() { return SharedConfig::load(environment_, diagnostics_); }
  std::string path(std::string_view name) const { return (home_ / ".aws" / name).string(); }

  std::filesystem::path home_;
  Environment environment_;
  Diagnostics diagnostics_;
};

std::vector<ConfigSection> parse(std::string_view text, Diagnostics& diagnostics,
                                 ConfigFileKind kind = ConfigFileKind::kConfig) {
  return parse_config_file("config", text, kind, diagnostics);
}

// "LINE:COLUMN+LENGTH CODE: MESSAGE (SUGGESTION)" of each.
std::vector<std::string> said(const Diagnostics& diagnostics) {
  std::vector<std::string> lines;
  for (const Diagnostic& each : diagnostics.all())
    lines.push_back(fmt::format("{}:{}+{} {}: {}{}", each.span.line, each.span.column,
                                each.span.length, each.code, each.message,
                                each.suggestion.empty() ? "" : " (" + each.suggestion + ")"));
  return lines;
}

Json to_json(const std::vector<ConfigEntry>& entries) {
  JsonObject object;
  for (const ConfigEntry& entry : entries) {
    if (!entry.block.empty()) {
      object[entry.key] = to_json(entry.block);
    } else if (!entry.value.empty()) {
      object[entry.key] = entry.value;
    }
  }
  return object;
}

TEST(ConfigFile, IsReadAsBotocoreReadsIt) {
  auto text =
      read_file(std::filesystem::path(SLIPWAY_SOURCE_DIR) / "tests/vectors/config_files.json");
  auto recorded = parse_json(text.value());
  const JsonArray& cases = *find_array(recorded.value(), "cases");
  ASSERT_GT(cases.size(), 30u);
  for (const Json& recorded_case : cases) {
    SCOPED_TRACE(string_or_empty(recorded_case, "name"));
    const bool is_config = string_or_empty(recorded_case, "kind") == "config";
    Diagnostics diagnostics;
    std::map<Kind, JsonObject> sections;
    for (const ConfigSection& section :
         parse(string_or_empty(recorded_case, "text"), diagnostics,
               is_config ? ConfigFileKind::kConfig : ConfigFileKind::kCredentials))
      sections[section.kind][section.name] = to_json(section.entries);
    EXPECT_EQ(Json(sections[Kind::kProfile]), *find(recorded_case, "profiles"));
    if (is_config) {
      EXPECT_EQ(Json(sections[Kind::kSsoSession]), *find(recorded_case, "sso_sessions"));
      EXPECT_EQ(Json(sections[Kind::kServiceUrls]), *find(recorded_case, "services"));
    }
    EXPECT_FALSE(diagnostics.has_errors());
  }
}

TEST(ConfigFile, PointsAtTheLineThatCannotBeRead) {
  struct Case {
    std::string_view text;
    std::vector<std::string> wanted;
  };
  for (const auto& [text, wanted] : {
           Case{"region = a\n", {"1:1+1 config.syntax: a key before the first [section]"}},
           Case{"[default]\nregion\n", {"2:1+1 config.syntax: expected [section] or key = value"}},
           Case{"[default]\n  = x\n", {"2:3+1 config.syntax: the key before the \"=\" is missing"}},
           Case{"[default\nregion = a\n", {"1:1+1 config.syntax: the section's \"]\" is missing"}},
           Case{"[]\n", {"1:1+1 config.syntax: the section has no name"}},
           Case{"[ ]\n", {"1:1+1 config.syntax: the section has no name"}},
           Case{"[default] region = a\n",
                {"1:1+1 config.syntax: something follows the section's \"]\""}},
           Case{"[default]\ns3 =\n  fast\n",
                {"3:3+1 config.syntax: expected key = value in the block of s3"}},
           // All of them at once.
           Case{"x\n[default\ny\n[profile a]\nz\n",
                {"1:1+1 config.syntax: expected [section] or key = value",
                 "2:1+1 config.syntax: the section's \"]\" is missing",
                 "5:1+1 config.syntax: expected [section] or key = value"}},
       }) {
    SCOPED_TRACE(text);
    Diagnostics diagnostics;
    parse(text, diagnostics);
    EXPECT_EQ(said(diagnostics), wanted);
    EXPECT_TRUE(diagnostics.has_errors());
  }
}

TEST(ConfigFile, WarnsAboutWhatIsSaidTwiceAndTakesTheLaterOne) {
  Diagnostics diagnostics;
  auto sections = parse(
      "[profile a]\nregion = one\noutput = json\n"
      "[profile b]\n"
      "[profile \"a\"]\nregion = two\nregion = three\n",
      diagnostics);
  ASSERT_EQ(sections.size(), 2u);
  EXPECT_EQ(sections[0].find("region")->value, "three");
  EXPECT_EQ(sections[0].find("output")->value, "json");
  EXPECT_THAT(
      said(diagnostics),
      ElementsAre("5:1+13 config.duplicate: [profile \"a\"] begins a second time; the first is in "
                  "line 1 (what both say counts as the later one says)",
                  "6:1+6 config.duplicate: region is set a second time; the first is in line 2 "
                  "(this one counts)",
                  "7:1+6 config.duplicate: region is set a second time; the first is in line 6 "
                  "(this one counts)"));
  EXPECT_FALSE(diagnostics.has_errors());
}

TEST(ConfigFile, LetsTheLongSpellingOfDefaultWin) {
  for (std::string_view text :
       {"[default]\nregion = short\noutput = x\n[profile default]\nregion = long\n",
        "[profile default]\nregion = long\n[default]\nregion = short\noutput = x\n"}) {
    SCOPED_TRACE(text);
    Diagnostics diagnostics;
    auto sections = parse(text, diagnostics);
    ASSERT_EQ(sections.size(), 1u);
    EXPECT_EQ(sections[0].find("region")->value, "long");
    EXPECT_EQ(sections[0].find("output"), nullptr);
  }
}

TEST(ConfigFile, EndsAValueAtACommentButNotACommand) {
  Diagnostics diagnostics;
  auto sections = parse(
      "[default] ; mine\n"
      "region = eu-west-1 # Ireland\n"
      "output = json\t; always\n"
      "ca_bundle = # none\n"
      "sso_start_url = https://x/start#/\n"
      "credential_process = get ' # ' ; x\n",
      diagnostics);
  ASSERT_EQ(sections.size(), 1u);
  EXPECT_EQ(sections[0].find("region")->value, "eu-west-1");
  EXPECT_EQ(sections[0].find("output")->value, "json");
  EXPECT_EQ(sections[0].find("ca_bundle"), nullptr);
  EXPECT_EQ(sections[0].find("sso_start_url")->value, "https://x/start#/");
  EXPECT_EQ(sections[0].find("credential_process")->value, "get ' # ' ; x");
  EXPECT_TRUE(diagnostics.empty());
}

TEST(ConfigFile, SaysWhenAKeyIsSwallowedByTheOneAbove) {
  Diagnostics diagnostics;
  auto sections = parse("[default]\nregion = eu-west-1\n  output = json\n", diagnostics);
  EXPECT_EQ(sections[0].find("region")->value, "eu-west-1\noutput = json");
  EXPECT_THAT(said(diagnostics),
              ElementsAre("3:3+6 config.indent: the indentation makes this a part of region, which "
                          "is in line 2 (begin the line where that one begins)"));
}

TEST(ConfigFile, IgnoresASectionWhoseNameIsNotOneWord) {
  Diagnostics diagnostics;
  auto sections =
      parse("[profile my prod]\nregion = a\n junk\n[sso-session]\nx\n[profile b]\n", diagnostics);
  ASSERT_EQ(sections.size(), 1u);
  EXPECT_EQ(sections[0].name, "b");
  EXPECT_THAT(
      said(diagnostics),
      ElementsAre("1:1+17 config.section: [profile my prod] is ignored: it needs one name "
                  "after \"profile\" (put a name with spaces into quotes)",
                  "4:1+13 config.section: [sso-session] is ignored: it needs one name after "
                  "\"sso-session\""));
}

TEST(ConfigFile, PointsAtTheValue) {
  Diagnostics diagnostics;
  auto sections = parse("[default]\n  region =  eu-west-1 # x\nrole_arn =\n", diagnostics);
  const ConfigEntry* region = sections[0].find("REGION");
  ASSERT_NE(region, nullptr);
  EXPECT_EQ(region->span.line, 2);
  EXPECT_EQ(region->span.column, 13);
  EXPECT_EQ(region->span.length, 9);
  EXPECT_EQ(place_of(region->span), "config:2");
  EXPECT_EQ(place_of({}), "");
}

TEST(ConfigFile, QuotesNoLineThatMayHoldASecret) {
  Diagnostics diagnostics;
  auto sections = parse(
      "[default]\n"
      "aws_access_key_id = AKIDEXAMPLE\n"
      "aws_secret_access_key = s3cret\n"
      "Aws_Session_Token: s3cret\n"
      "aws_security_token=s3cret\n"
      "credential_process = get --password s3cret\n"
      "my_tools_password = s3cret\n"
      "s3cret\n"
      "aws_secret_access_key s3cret\n"
      "# aws_secret_access_key = s3cret\n"
      "vault =\n"
      "  token = s3cret\n"
      "  s3cret\n"
      "region = eu-west-1\n",
      diagnostics);
  ASSERT_FALSE(diagnostics.empty());
  const std::string& shown = diagnostics.all().front().span.source->text;
  EXPECT_THAT(shown, Not(HasSubstr("s3cret")));
  EXPECT_EQ(shown,
            "[default]\n"
            "aws_access_key_id = AKIDEXAMPLE\n"
            "aws_secret_access_key = ****\n"
            "Aws_Session_Token: ****\n"
            "aws_security_token=****\n"
            "credential_process = ****\n"
            "my_tools_password = ****\n"
            "****\n"
            "****\n"
            "\n"
            "vault =\n"
            "  token = ****\n"
            "  ****\n"
            "region = eu-west-1\n"
            "\n");
  for (const std::string& line : said(diagnostics)) EXPECT_THAT(line, Not(HasSubstr("s3cret")));
  EXPECT_EQ(sections[0].find("aws_secret_access_key")->value, "s3cret");
  EXPECT_EQ(sections[0].find("aws_secret_access_key")->span.length, 4);
}

TEST(ConfigFile, SkipsAByteOrderMark) {
  Diagnostics diagnostics;
  auto sections = parse("\xef\xbb\xbf[default]\nregion = a\n", diagnostics);
  ASSERT_EQ(sections.size(), 1u);
  EXPECT_TRUE(diagnostics.empty());
}

TEST_F(AHome, IsWhereTheFilesAreLookedFor) {
  write("config", "[profile a]\nregion = eu-west-1\naws_access_key_id = old\n");
  write("credentials", "[a]\naws_access_key_id = new\n[b]\naws_access_key_id = b\n");
  const SharedConfig shared = load();
  EXPECT_EQ(shared.config_path(), path("config"));
  EXPECT_EQ(shared.credentials_path(), path("credentials"));
  EXPECT_EQ(shared.profile("a").value("region"), "eu-west-1");
  EXPECT_EQ(shared.profile("a").value("aws_access_key_id"), "new");
  EXPECT_EQ(shared.profile("a").in_config->find("aws_access_key_id")->value, "old");
  EXPECT_EQ(shared.profile("b").value("aws_access_key_id"), "b");
  EXPECT_FALSE(shared.profile("c").exists());
  EXPECT_TRUE(diagnostics_.empty());
}

TEST_F(AHome, CanBeReplacedByVariables) {
  write("one", "[default]\nregion = one\n");
  write("two", "[default]\naws_access_key_id = two\n");
  environment_.set("AWS_CONFIG_FILE", path("one"));
  environment_.set("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/two");
  const SharedConfig shared = load();
  EXPECT_EQ(shared.profile("default").value("region"), "one");
  EXPECT_EQ(shared.profile("default").value("aws_access_key_id"), "two");
  EXPECT_EQ(shared.credentials_path(), path("two"));
}

TEST_F(AHome, MayBeEmptyOrMissing) {
  EXPECT_FALSE(load().profile("default").exists());
  environment_.unset("HOME");
  const SharedConfig homeless = load();
  EXPECT_FALSE(homeless.profile("default").exists());
  EXPECT_TRUE(homeless.config_path().empty());
  environment_.set("AWS_CONFIG_FILE", "/dev/null");
  EXPECT_FALSE(load().profile("default").exists());
  EXPECT_TRUE(diagnostics_.empty());
}

TEST_F(AHome, MayHoldAFileThatCannotBeRead) {
  std::filesystem::create_directories(home_ / ".aws" / "config");
  load();
  ASSERT_EQ(diagnostics_.all().size(), 1u);
  EXPECT_EQ(diagnostics_.all()[0].code, "config.unreadable");
  EXPECT_EQ(diagnostics_.all()[0].message,
            fmt::format("cannot read {}: Is a directory", path("config")));
}

TEST_F(AHome, NamesSessionsAndServices) {
  write("config",
        "[sso-session corp]\nsso_region = x\n[services local]\necs =\n  endpoint_url = u\n");
  const SharedConfig shared = load();
  ASSERT_NE(shared.sso_session("corp"), nullptr);
  EXPECT_EQ(shared.sso_session("local"), nullptr);
  ASSERT_NE(shared.services("local"), nullptr);
  EXPECT_EQ(shared.services("local")->find("ecs")->block[0].value, "u");
}

TEST_F(AHome, SaysWhatAMissingProfileMayHaveMeant) {
  const std::string looked = fmt::format("in {} or {}", path("config"), path("credentials"));
  struct Case {
    std::string_view config, credentials, wanted, message;
  };
  for (const auto& [config, credentials, wanted, message] :
       {Case{"", "", "prod", "there is no profile \"prod\" LOOKED; there are none at all"},
        Case{"[profile prod]\n", "", "prdo",
             "there is no profile \"prdo\" LOOKED; did you mean \"prod\"?"},
        Case{"[profile a]\n", "[b]\n[a]\n", "production",
             "there is no profile \"production\" LOOKED; there are a, b"},
        Case{"[default]\n", "", "production",
             "there is no profile \"production\" LOOKED; there is default"},
        Case{"[profile p1]\n[profile p2]\n[profile p3]\n[profile p4]\n[profile p5]\n[profile p6]\n"
             "[profile p7]\n[profile p8]\n[profile p9]\n[profile q1]\n",
             "", "production",
             "there is no profile \"production\" LOOKED; there are p1, p2, p3, p4, p5, p6, p7, p8 "
             "and 2 more"},
        Case{"\n[prod]\n", "", "prod",
             "there is no profile \"prod\" LOOKED; [prod] in CONFIG:2 has to be [profile prod]"},
        Case{"", "[profile prod]\n", "prod",
             "there is no profile \"prod\" LOOKED; [profile prod] in CREDENTIALS:1 has to be "
             "[prod]"}}) {
    SCOPED_TRACE(message);
    write("config", config);
    write("credentials", credentials);
    std::string expected(message);
    for (const auto& [word, text] : std::map<std::string, std::string>{
             {"LOOKED", looked}, {"CONFIG", path("config")}, {"CREDENTIALS", path("credentials")}})
      if (const auto at = expected.find(word); at != std::string::npos)
        expected.replace(at, word.size(), text);
    const Error error = load().no_such_profile(wanted);
    EXPECT_EQ(error.kind, ErrorKind::kInvalid);
    EXPECT_EQ(error.code, "config.profile");
    EXPECT_EQ(error.message, expected);
  }
}

TEST(MissingProfile, SaysWhenThereIsNowhereToLook) {
  EXPECT_EQ(SharedConfig().no_such_profile("prod").message,
            "there is no profile \"prod\": no home directory is known to look for AWS's files in; "
            "set HOME or AWS_CONFIG_FILE");
}

TEST_F(AHome, WarnsAboutAKeyThatIsAlmostRight) {
  write("config",
        "[profile a]\nrole_anr = x\nregion = a\nmy_own_key = z\nx_principal_arn = p\n"
        "cli_history = enabled\ns3 =\n  a = b\n");
  write("credentials", "[a]\naws_secret_acess_key = hush\n");
  load().profile("a").check_keys(diagnostics_);
  EXPECT_THAT(said(diagnostics_),
              ElementsAre("2:24+4 config.unknown-key: aws_secret_acess_key means nothing to AWS's "
                          "tools (did you mean aws_secret_access_key?)",
                          "2:12+4 config.unknown-key: role_anr means nothing to AWS's tools (did "
                          "you mean role_arn?)"));
}

}  // namespace
}  // namespace slipway::aws
