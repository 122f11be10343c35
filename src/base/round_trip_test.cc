// Random documents through every door: what was written is what is read, whichever reader reads it.
#include "base/node_test_support.h"
#include "base/runtime.h"
#include "base/utf8.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>

namespace slipway {
namespace {

// Characters that both JSON and YAML let stand for themselves, or that the writer escapes.
std::string random_string(Random& random) {
  static constexpr std::array<char32_t, 24> kCharacters = {
      U'a',  U'Z',  U'0',  U'-',  U':',    U' ', U'#', U'{', U']', U',',  U'"',  U'\\',
      U'\'', U'\n', U'\t', U'\0', U'\x1f', U'/', U'*', U'&', U'é', U'日', U'😀', U'\u00a0'};
  std::string text;
  for (std::uint64_t left = random.below(12); left > 0; --left)
    append_utf8(text, kCharacters[random.below(kCharacters.size())]);
  return text;
}

double random_double(Random& random) {
  // Any bit pattern is a number, but people write short ones.
  if (random.below(2) == 0) return static_cast<double>(random.below(100'000)) / 1000.0;
  const double value = std::bit_cast<double>(random.next());
  return std::isfinite(value) ? value : 0.0;
}

Json random_json(Random& random, int depth) {
  switch (random.below(depth > 0 ? 8 : 6)) {
    case 0:
      return nullptr;
    case 1:
      return random.below(2) == 0;
    case 2:
      return static_cast<std::int64_t>(random.next()) >> random.below(64);
    case 3:
      return random.next();
    case 4:
      return random_double(random);
    case 5:
      return Json(random_string(random));
    case 6: {
      JsonArray items;
      for (std::uint64_t left = random.below(5); left > 0; --left)
        items.push_back(random_json(random, depth - 1));
      return items;
    }
    default: {
      JsonObject members;
      for (std::uint64_t left = random.below(5); left > 0; --left)
        members.insert_or_assign(random_string(random), random_json(random, depth - 1));
      return members;
    }
  }
}

TEST(RandomDocuments, AreReadAsTheyWereWritten) {
  for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const Json json = random_json(random, 5);
    const std::string text = to_text(json);
    SCOPED_TRACE(text);

    for (const std::string& written : {text, to_pretty_text(json)}) {
      const Result<Json> parsed = parse_json(written);
      ASSERT_TRUE(parsed.has_value()) << to_string(parsed.error());
      // The text again, not only the value: order counts, and 1.0 is not 1.
      ASSERT_EQ(to_text(*parsed), text);
      for (const TextFormat format : {TextFormat::kJson, TextFormat::kYaml})
        ASSERT_EQ(outcome(written, format), text);
    }
  }
}

}  // namespace
}  // namespace slipway
