#include "base/diagnostic.h"

#include <algorithm>
#include <utility>

namespace slipway {

void Diagnostics::add(Diagnostic diagnostic) { all_.push_back(std::move(diagnostic)); }

void Diagnostics::error(SourceSpan span, std::string code, std::string path, std::string message,
                        std::string suggestion) {
  add({Severity::kError, std::move(code), std::move(path), std::move(message),
       std::move(suggestion), std::move(span)});
}

void Diagnostics::warning(SourceSpan span, std::string code, std::string path, std::string message,
                          std::string suggestion) {
  add({Severity::kWarning, std::move(code), std::move(path), std::move(message),
       std::move(suggestion), std::move(span)});
}

bool Diagnostics::has_errors() const { return error_count() > 0; }

std::size_t Diagnostics::error_count() const {
  return static_cast<std::size_t>(
      std::ranges::count(all_, Severity::kError, &Diagnostic::severity));
}

}  // namespace slipway
