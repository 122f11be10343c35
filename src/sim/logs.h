// The simulated CloudWatch Logs: groups, streams and their events, written by PutLogEvents and by
// containers whose definition has the awslogs driver.
#pragma once

#include "base/json.h"
#include "base/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace slipway::sim {

struct Operation;  // sim/calls.h
struct Region;

struct LogLine {
  std::string message;
  TimePoint ingested_at;
};

struct LogStream {
  std::string name;
  std::string arn;
  TimePoint created_at;
  // By time, then by the order of arrival.
  std::map<std::pair<TimePoint, std::uint64_t>, LogLine> events;
};

struct LogGroup {
  std::string name;
  std::string arn;  // without ":*"
  TimePoint created_at;
  std::optional<std::int64_t> retentionInDays;  // nullopt: for ever
  std::map<std::string, LogStream, std::less<>> streams;
};

LogGroup* find_log_group(Region& region, std::string_view name);
LogGroup& make_log_group(Region& region, std::string_view name);
// Makes the stream when it is missing.
void append_log_line(Region& region, LogGroup& group, std::string_view stream, TimePoint at,
                     std::string message);

std::span<const Operation> logs_operations();

}  // namespace slipway::sim
