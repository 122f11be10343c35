// What was asked of the simulated AWS: how often each operation was called, by whom, and how it
// ended. Tests and benchmarks read it, in process or as GET /_slipway/calls.
#pragma once

#include "base/json.h"
#include "base/time.h"

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace slipway::sim {

struct CallRecord {
  TimePoint at;
  std::string operation;  // "ecs:UpdateService"
  std::string access_key;
  int status = 0;    // 0: no answer was given
  std::string code;  // AWS's error code, empty for success
  std::string request_id;
  std::string invocation_id;  // the client's: equal for all attempts of one call
};

struct CallCounts {
  std::size_t calls = 0;
  std::size_t throttled = 0;
  std::size_t errors = 0;  // throttled ones and lost answers included
  bool operator==(const CallCounts&) const = default;
};

class CallLog {
 public:
  void add(CallRecord record);
  void reset();
  void count_connection() { ++connections_; }

  const CallCounts& total() const { return total_; }
  CallCounts of(std::string_view operation) const;
  const std::map<std::string, CallCounts, std::less<>>& operations() const { return operations_; }
  const std::map<std::string, CallCounts, std::less<>>& access_keys() const { return access_keys_; }
  // The latest ones, oldest first.
  const std::deque<CallRecord>& records() const { return records_; }
  std::size_t connections() const { return connections_; }

  JsonObject to_json(bool with_records) const;

 private:
  static constexpr std::size_t kMostRecords = 10'000;

  CallCounts total_;
  std::map<std::string, CallCounts, std::less<>> operations_;
  std::map<std::string, CallCounts, std::less<>> access_keys_;
  std::deque<CallRecord> records_;
  std::size_t connections_ = 0;
};

bool is_throttling_code(std::string_view code);

}  // namespace slipway::sim
