// Plain structs to JSON and back, by their MEMBERS. Absent optionals, empty texts, empty lists and
// null documents are left out and read back as such; times are microseconds since the epoch (the
// readable time of an event is its `at`); durations are seconds; enumerations are their words.
#pragma once

#include "base/json.h"
#include "base/time.h"
#include "model/members.h"

#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <type_traits>

namespace slipway::codec {

inline constexpr std::array kOutcomes = {
    Outcome::kSucceeded,      Outcome::kRolledBack,    Outcome::kStopped, Outcome::kSuperseded,
    Outcome::kTimedOut,       Outcome::kFailedToStart, Outcome::kFailed,  Outcome::kSkipped,
    Outcome::kRollbackFailed, Outcome::kPaused};
inline constexpr std::array kRolledBackBys = {
    RolledBackBy::kNobody, RolledBackBy::kCircuitBreaker, RolledBackBy::kAlarm,
    RolledBackBy::kHook,   RolledBackBy::kOperator,       RolledBackBy::kPlatform,
    RolledBackBy::kUs};
inline constexpr std::array kNoteLevels = {NoteLevel::kDebug, NoteLevel::kInfo, NoteLevel::kWarning,
                                           NoteLevel::kError};
inline constexpr std::array kStageKinds = {StageKind::kTasksBefore, StageKind::kServices,
                                           StageKind::kSchedules,   StageKind::kTasksAfter,
                                           StageKind::kRollback,    StageKind::kTasks};
inline constexpr std::array kCheckVerdicts = {CheckVerdict::kPass, CheckVerdict::kFail,
                                              CheckVerdict::kInconclusive, CheckVerdict::kError};
inline constexpr std::array kItemKinds = {ItemKind::kNone, ItemKind::kTask, ItemKind::kService,
                                          ItemKind::kSchedule};
inline constexpr std::array kErrorKinds = {
    ErrorKind::kInvalid,   ErrorKind::kNotFound,    ErrorKind::kConflict, ErrorKind::kDenied,
    ErrorKind::kThrottled, ErrorKind::kUnavailable, ErrorKind::kTimeout,  ErrorKind::kCancelled,
    ErrorKind::kFailed,    ErrorKind::kInternal};

std::string_view to_string(NoteLevel level);

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

template <class T>
constexpr const auto& words_of() {
  if constexpr (std::is_same_v<T, Outcome>)
    return kOutcomes;
  else if constexpr (std::is_same_v<T, RolledBackBy>)
    return kRolledBackBys;
  else if constexpr (std::is_same_v<T, NoteLevel>)
    return kNoteLevels;
  else if constexpr (std::is_same_v<T, StageKind>)
    return kStageKinds;
  else if constexpr (std::is_same_v<T, ErrorKind>)
    return kErrorKinds;
  else if constexpr (std::is_same_v<T, CheckVerdict>)
    return kCheckVerdicts;
  else
    return kItemKinds;
}

template <class T>
bool is_default(const T& value) {
  if constexpr (IsOptional<T>::value)
    return !value.has_value();
  else if constexpr (IsVector<T>::value || std::is_same_v<T, std::string>)
    return value.empty();
  else if constexpr (std::is_same_v<T, Json>)
    return value.is_null();
  else
    return false;
}

template <class T>
Json write(const T& value);

template <class T>
void write_members(const T& value, JsonObject& into) {
  for_each_member(value, [&](std::string_view name, const auto& member) {
    if (!is_default(member)) into[name] = write(member);
  });
}

template <class T>
Json write(const T& value) {
  if constexpr (std::is_same_v<T, Json>)
    return value;
  else if constexpr (IsOptional<T>::value)
    return value ? write(*value) : Json(nullptr);
  else if constexpr (IsVector<T>::value) {
    JsonArray array;
    for (const auto& item : value) array.push_back(write(item));
    return array;
  } else if constexpr (std::is_same_v<T, TimePoint>) {
    return value.time_since_epoch().count();
  } else if constexpr (std::is_same_v<T, Duration>) {
    return static_cast<double>(value.count()) / 1e6;
  } else if constexpr (std::is_enum_v<T> || std::is_same_v<T, Condition>) {
    return Json(to_string(value));
  } else if constexpr (std::is_same_v<T, TaskDefinitionTarget>) {
    if (const auto* text = std::get_if<std::string>(&value)) return Json(*text);
    const auto& registered = std::get<RegisteredBy>(value);
    Json json{{"registered_by_step", registered.step}};
    if (registered.stage) json.get_object()["of_stage"] = to_string(*registered.stage);
    return json;
  } else if constexpr (std::is_same_v<T, Check>) {
    return std::visit([](const auto& check) { return write(check); }, value);
  } else if constexpr (std::is_same_v<T, Mover>) {
    Json json = std::visit([](const auto& mover) { return write(mover); }, value);
    json.get_object()["mover"] = to_string(value);
    return json;
  } else if constexpr (HasMembers<T>) {
    JsonObject object;
    write_members(value, object);
    if constexpr (std::is_same_v<T, Error>) object["kind"] = to_string(value.kind);
    return object;
  } else {
    return Json(value);
  }
}

// False when the JSON is not of T's form.
template <class T>
bool read(const Json& json, T& value);

template <class T>
bool read_members(const JsonObject& object, T& value) {
  bool ok = true;
  for_each_member(value, [&](std::string_view name, auto& member) {
    if (const Json* found = object.if_contains(name)) ok = read(*found, member) && ok;
  });
  return ok;
}

template <class T>
bool read(const Json& json, T& value) {
  if constexpr (std::is_same_v<T, Json>) {
    value = json;
    return true;
  } else if constexpr (IsOptional<T>::value) {
    if (json.is_null()) return value.reset(), true;
    return read(json, value.emplace());
  } else if constexpr (IsVector<T>::value) {
    if (!json.is_array()) return false;
    for (const Json& item : json.get_array())
      if (!read(item, value.emplace_back())) return false;
    return true;
  } else if constexpr (std::is_same_v<T, TimePoint>) {
    if (!json.is_int64()) return false;
    value = TimePoint(Duration(json.get_int64()));
    return true;
  } else if constexpr (std::is_same_v<T, Duration>) {
    if (!json.is_number()) return false;
    value = Duration(std::llround(json.to_number<double>() * 1e6));
    return true;
  } else if constexpr (std::is_enum_v<T>) {
    if (!json.is_string()) return false;
    for (const T word : words_of<T>())
      if (to_string(word) == std::string_view(json.get_string())) return value = word, true;
    return false;
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!json.is_bool()) return false;
    value = json.get_bool();
    return true;
  } else if constexpr (std::is_integral_v<T>) {
    if (!json.is_int64()) return false;
    value = static_cast<T>(json.get_int64());
    return true;
  } else if constexpr (std::is_floating_point_v<T>) {
    if (!json.is_number()) return false;
    value = json.to_number<T>();
    return true;
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!json.is_string()) return false;
    value = json.get_string();
    return true;
  } else {
    if (!json.is_object()) return false;
    bool ok = read_members(json.get_object(), value);
    if constexpr (std::is_same_v<T, Error>)
      if (const Json* kind = json.get_object().if_contains("kind"))
        ok = read(*kind, value.kind) && ok;
    return ok;
  }
}

}  // namespace slipway::codec
