#include "base/text.h"

#include "base/transport.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(Text, ChangesTheCaseOfAsciiOnly) {
  EXPECT_EQ(to_lower("FarGate-Ä9"), "fargate-Ä9");
  EXPECT_EQ(to_upper("fargate-ä9"), "FARGATE-ä9");
  EXPECT_TRUE(equals_ignoring_case("Content-Type", "content-TYPE"));
  EXPECT_FALSE(equals_ignoring_case("Content-Type", "Content-Typ"));
  EXPECT_FALSE(equals_ignoring_case("k[", "k{"));
}

TEST(Text, TrimsWhiteSpaceAtBothEnds) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n "), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Text, SplitsIntoOnePartMoreThanThereAreSeparators) {
  using Parts = std::vector<std::string_view>;
  EXPECT_EQ(split("a,b", ','), (Parts{"a", "b"}));
  EXPECT_EQ(split("", ','), (Parts{""}));
  EXPECT_EQ(split(",a,,", ','), (Parts{"", "a", "", ""}));
}

TEST(Text, JoinsWithASeparatorBetween) {
  const std::vector<std::string> parts = {"a", "", "c"};
  EXPECT_EQ(join(parts, ", "), "a, , c");
  EXPECT_EQ(join({}, ", "), "");
}

TEST(Text, QuotesForAMessageWithoutHarmToTheTerminal) {
  struct Case {
    std::string_view text, wanted;
  };
  for (const auto& [text, wanted] :
       {Case{"three", R"("three")"}, Case{"", R"("")"}, Case{"a\tb\n", R"("a\tb\n")"},
        Case{"say \"\\\"", R"("say \"\\\"")"}, Case{"\x1b[31m", R"("\x1b[31m")"},
        Case{"\xff\x7f", R"("\xff\x7f")"}, Case{"\u0085é日", R"("\u0085é日")"}})
    EXPECT_EQ(quote(text), wanted);
  EXPECT_EQ(quote("ééééé", 5), "\"ééééé\"");
  EXPECT_EQ(quote("éééééé", 5), "\"ééééé...\"");
}

TEST(Text, ListsAlternatives) {
  using Parts = std::vector<std::string_view>;
  EXPECT_EQ(join_with_or(Parts{}), "");
  EXPECT_EQ(join_with_or(Parts{"ec2"}), "ec2");
  EXPECT_EQ(join_with_or(Parts{"ec2", "fargate"}), "ec2 or fargate");
  EXPECT_EQ(join_with_or(Parts{"ec2", "fargate", "external"}), "ec2, fargate or external");
}

TEST(Text, CountsInEnglish) {
  struct Case {
    std::size_t count;
    std::string_view singular, wanted;
  };
  for (const auto& [count, singular, wanted] :
       {Case{1, "task", "1 task"}, Case{0, "task", "0 tasks"}, Case{2, "service", "2 services"},
        Case{3, "policy", "3 policies"}, Case{2, "day", "2 days"},
        Case{2, "address", "2 addresses"}, Case{2, "match", "2 matches"},
        Case{1, "policy", "1 policy"}})
    EXPECT_EQ(counted(count, singular), wanted);
}

TEST(Nearest, FindsTheWordThatWasMeant) {
  struct Case {
    std::string_view wanted;
    std::optional<std::string> found;
  };
  const std::vector<std::string> keys = {"max_wait", "name", "containers", "force", "id", "x"};
  for (const auto& [wanted, found] : {
           Case{"maxwait", "max_wait"},       // one left out
           Case{"max_wiat", "max_wait"},      // two swapped
           Case{"MAX_WAIT", "max_wait"},      // case only
           Case{"conatinres", "containers"},  // two swaps in ten letters
           Case{"nmae", "name"},              // a swap in a short word
           Case{"fource", "force"},           //
           Case{"im", "id"},                  //
           Case{"foo", std::nullopt},         // two changes in three letters
           Case{"y", std::nullopt},           // a different word altogether
           Case{"", std::nullopt},            //
           Case{"strategy", std::nullopt},    //
       }) {
    SCOPED_TRACE(wanted);
    EXPECT_EQ(nearest(wanted, keys), found);
  }
}

TEST(Nearest, PrefersTheNearestAndThenTheFirst) {
  EXPECT_EQ(nearest("web", {"webs", "wet", "web"}), "web");
  EXPECT_EQ(nearest("wex", {"wet", "web"}), "wet");
}

TEST(Nearest, DoesNotCompareWhatNobodyTyped) {
  EXPECT_EQ(nearest(std::string(1'000'000, 'a'), {std::string_view("a")}), std::nullopt);
  const std::vector<std::string> candidates = {std::string(1'000'000, 'a')};
  EXPECT_EQ(nearest("aaaa", candidates), std::nullopt);
}

TEST(Secret, PrintsAsStars) {
  EXPECT_EQ(to_string(Secret("wJalrXUtnFEMI")), "****");
  EXPECT_EQ(to_string(Secret()), "");
  EXPECT_EQ(Secret("k").reveal(), "k");
}

TEST(HttpHeaders, AreFoundWhateverTheirCase) {
  const HttpHeaders headers = {{"Date", "first"}, {"X-Amzn-RequestId", "6d1f"}, {"date", "second"}};
  EXPECT_EQ(find_header(headers, "x-amzn-requestid"), "6d1f");
  EXPECT_EQ(find_header(headers, "DATE"), "first");
  EXPECT_EQ(find_header(headers, "Server"), "");
}

}  // namespace
}  // namespace slipway
