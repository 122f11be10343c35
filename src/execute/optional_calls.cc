#include "execute/optional_calls.h"

namespace slipway {

OptionalCalls::Operation& OptionalCalls::find(std::string_view operation) {
  const auto found = operations_.find(operation);
  if (found != operations_.end()) return found->second;
  return operations_.try_emplace(std::string(operation), fibers_).first->second;
}

bool OptionalCalls::may_ask(std::string_view operation) {
  Operation& known = find(operation);
  while (known.permission == Permission::kAsking)
    if (!known.told.wait()) return false;
  if (known.permission == Permission::kUnknown) known.permission = Permission::kAsking;
  return known.permission != Permission::kDenied;
}

bool OptionalCalls::is_denied(std::string_view operation) const {
  const auto known = operations_.find(operation);
  return known != operations_.end() && known->second.permission == Permission::kDenied;
}

void OptionalCalls::answered(std::string_view operation, Permission permission) {
  Operation& known = find(operation);
  if (known.permission == Permission::kAsking) known.permission = permission;
  known.told.ring();
}

void OptionalCalls::failed(std::string_view operation, const Error& error,
                           std::string_view consequence) {
  if (!aws::is_access_denied(error)) {
    answered(operation, Permission::kUnknown);  // it told nothing about permission
    events_.say({}, Note{NoteLevel::kDebug, error.operation + ": " + error.message});
    return;
  }
  const bool is_news = find(operation).permission != Permission::kDenied;
  find(operation).permission = Permission::kDenied;
  answered(operation, Permission::kDenied);
  if (is_news)
    events_.say({},
                CallDenied{.operation = error.operation, .consequence = std::string(consequence)});
}

}  // namespace slipway
