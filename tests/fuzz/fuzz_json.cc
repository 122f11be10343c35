// Three readers of the same text: ours with places, Boost.JSON, and YAML, of which JSON is a part.
#include "check_reader.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace slipway;
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  const fuzz::Outcome ours = fuzz::read(text, TextFormat::kJson);
  const Result<Json> boost = parse_json(text);

  if (!ours.diagnostics.has_errors() && !ours.documents.empty()) {
    // Boost takes no byte order mark, and an exponent of ten digits for too large when it is below
    // 0.
    const bool has_mark = text.starts_with("\xef\xbb\xbf");
    fuzz::must(boost || has_mark || boost.error().message.ends_with("the number is too large"),
               "what we read, Boost reads");
    const std::string written = to_text(to_json(ours.documents.front()));
    if (boost) fuzz::must(to_text(*boost) == written, "both read the same");

    // YAML gives up on long keys and has more line breaks and fewer characters than JSON.
    const fuzz::Outcome yaml = fuzz::read(text, TextFormat::kYaml);
    const bool has_yaml_breaks =
        text.find("\xc2\x85") != std::string::npos || text.find("\xe2\x80") != std::string::npos;
    if (!yaml.diagnostics.has_errors() && !has_yaml_breaks)
      fuzz::must(yaml.documents.size() == 1 && to_text(to_json(yaml.documents.front())) == written,
                 "YAML reads the same");
  } else if (boost) {
    // What we refuse and Boost accepts breaks one of our own rules.
    fuzz::must(fuzz::has_problem(ours, "config.duplicate-key") ||
                   fuzz::has_problem(ours, "config.too-deep") ||
                   fuzz::has_problem(ours, "config.too-large"),
               "what Boost reads, we read");
  }
  return 0;
}
