#include "base/utf8.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(Utf8, FindsTheFirstByteThatIsNoCharacter) {
  struct Case {
    std::string_view text;
    std::optional<std::size_t> wanted;
  };
  for (const auto& [text, wanted] : {
           Case{"", std::nullopt}, Case{"plain", std::nullopt}, Case{"é€😀\ufffd", std::nullopt},
           Case{"ab\xff", 2}, Case{"é\xc3", 2},  // cut short
           Case{"\x80", 0},                      // a continuation on its own
           Case{"\xc0\xaf", 0},                  // overlong
           Case{"x\xed\xa0\x80", 1},             // a surrogate
           Case{"\xf4\x90\x80\x80", 0},          // above U+10FFFF
       })
    EXPECT_EQ(find_invalid_utf8(text), wanted) << testing::PrintToString(text);
}

TEST(Utf8, WalksOnPastBrokenBytes) {
  EXPECT_EQ(first_character("\xff\x41").size, 1u);
  EXPECT_EQ(first_character("\xff\x41").code, U'\ufffd');
  EXPECT_EQ(first_character("€!").code, U'€');
  EXPECT_EQ(first_character("€!").size, 3u);
}

TEST(Utf8, WritesWhatItReads) {
  std::string text;
  for (char32_t code : {U'a', U'é', U'€', U'😀'}) append_utf8(text, code);
  EXPECT_EQ(text, "aé€😀");
}

TEST(Utf8, KnowsHowWideATerminalDraws) {
  struct Case {
    std::string_view text;
    std::size_t columns;
  };
  for (const auto& [text, columns] :
       {Case{"", 0}, Case{"web", 3}, Case{"é", 1}, Case{"e\u0301", 1}, Case{"日本", 4},
        Case{"😀", 2}, Case{"\x1b", 0}, Case{"a\xff", 2}})
    EXPECT_EQ(display_width(text), columns) << testing::PrintToString(text);
}

}  // namespace
}  // namespace slipway
