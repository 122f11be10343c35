#include "sim/call_log.h"

#include <utility>

namespace slipway::sim {
namespace {

void count(CallCounts& counts, const CallRecord& record) {
  ++counts.calls;
  if (is_throttling_code(record.code)) ++counts.throttled;
  if (record.status == 0 || record.status >= 300) ++counts.errors;
}

JsonObject to_json_object(const CallCounts& counts) {
  return {{"calls", counts.calls}, {"throttled", counts.throttled}, {"errors", counts.errors}};
}

}  // namespace

bool is_throttling_code(std::string_view code) {
  return code == "ThrottlingException" || code == "Throttling";
}

void CallLog::add(CallRecord record) {
  count(total_, record);
  count(operations_[record.operation], record);
  if (!record.access_key.empty()) count(access_keys_[record.access_key], record);
  if (records_.size() == kMostRecords) records_.pop_front();
  records_.push_back(std::move(record));
}

void CallLog::reset() { *this = CallLog(); }

CallCounts CallLog::of(std::string_view operation) const {
  const auto found = operations_.find(operation);
  return found == operations_.end() ? CallCounts{} : found->second;
}

JsonObject CallLog::to_json(bool with_records) const {
  JsonObject document = to_json_object(total_);
  document["connections"] = connections_;
  JsonObject operations;
  for (const auto& [name, counts] : operations_) operations[name] = to_json_object(counts);
  document["operations"] = std::move(operations);
  JsonObject access_keys;
  for (const auto& [key, counts] : access_keys_) access_keys[key] = to_json_object(counts);
  document["access_keys"] = std::move(access_keys);
  if (!with_records) return document;
  JsonArray records;
  for (const CallRecord& record : records_)
    records.push_back(JsonObject{{"at", to_iso8601(record.at, true)},
                                 {"operation", record.operation},
                                 {"access_key", record.access_key},
                                 {"status", record.status},
                                 {"code", record.code},
                                 {"request_id", record.request_id},
                                 {"invocation_id", record.invocation_id}});
  document["records"] = std::move(records);
  return document;
}

}  // namespace slipway::sim
