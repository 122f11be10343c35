// Diagnostics: bad news about the user's own file or flags. A reader gathers all of them in one
// `Diagnostics` and stops once, so that a file is repaired in one go.
//
//   deploy.yml:14:17: error: services.web.desiredCount: expected a whole number, found "three"
//      14 |   desiredCount: three
//         |                 ^^^^^
//         = did you mean ...
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

// The text a position points into; shared by every node read from it.
struct SourceText {
  std::string name;  // as the user gave it: "deploy.yml", "--image"
  std::string text;
};

struct SourceSpan {
  std::shared_ptr<const SourceText> source;  // null: no place to point at
  int line = 0;                              // 1-based; 0: the source as a whole
  int column = 0;                            // 1-based, in bytes, a byte order mark not counted
  int length = 0;                            // bytes on that line, at least 1 when line > 0
};

enum class Severity { kWarning, kError };

struct Diagnostic {
  Severity severity = Severity::kError;
  std::string code;        // "config.unknown-key"
  std::string path;        // "services[0].max_wait", empty for the file as a whole
  std::string message;     // one sentence without a full stop
  std::string suggestion;  // "did you mean max_wait?", or empty
  SourceSpan span;
};

class Diagnostics {
 public:
  // A file that is wrong in a million places is not repaired one by one: after so many the others
  // are only counted.
  static constexpr std::size_t kMost = 1'000;

  void add(Diagnostic diagnostic);
  void error(SourceSpan span, std::string code, std::string path, std::string message,
             std::string suggestion = {});
  void warning(SourceSpan span, std::string code, std::string path, std::string message,
               std::string suggestion = {});

  const std::vector<Diagnostic>& all() const { return all_; }
  bool has_errors() const { return error_count_ > 0; }
  // Of all, kept or not.
  std::size_t error_count() const { return error_count_; }
  std::size_t left_out() const { return left_out_; }
  // Puts them in the order of the text, whatever order they were found in. Those about a source as
  // a whole come before those inside it; sources keep the order in which they first appear.
  void sort();
  bool empty() const { return all_.empty(); }

 private:
  std::vector<Diagnostic> all_;
  std::size_t error_count_ = 0;
  std::size_t left_out_ = 0;
};

// `color` adds ANSI colours. Tabs in the quoted line are kept and the caret line copies them; other
// control characters are drawn as U+FFFD. A long line is shown from a little before the span.
// No newline at the end.
std::string to_string(const Diagnostic& diagnostic, bool color = false);

}  // namespace slipway
