#include "execute/optional_calls.h"

namespace slipway {

void OptionalCalls::failed(std::string_view operation, const Error& error,
                           std::string_view consequence) {
  if (!aws::is_access_denied(error)) {
    events_.say({}, Note{NoteLevel::kDebug, error.operation + ": " + error.message});
    return;
  }
  // Several fibers may have asked before the first answer came.
  if (!denied_.emplace(operation).second) return;
  events_.say({},
              CallDenied{.operation = error.operation, .consequence = std::string(consequence)});
}

}  // namespace slipway
