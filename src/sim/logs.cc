#include "sim/logs.h"

#include "base/text.h"
#include "sim/calls.h"
#include "sim/times.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

namespace slipway::sim {
namespace {

using Place = std::pair<TimePoint, std::uint64_t>;  // of an event in its stream

constexpr std::size_t kMostEvents = 10'000;
constexpr std::size_t kMostBytes = 1024UL * 1024;  // of one answer
constexpr std::size_t kBytesBesideMessage = 26;    // that each event counts for

ServiceError refused(std::string_view code, std::string message) {
  return {400, std::string(code), std::move(message), {}};
}
ServiceError invalid(std::string message) {
  return refused("InvalidParameterException", std::move(message));
}

std::int64_t milliseconds_of(TimePoint time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

// A group goes by its name or, in logGroupIdentifier, by its ARN.
std::string_view group_name(const Json& input) {
  std::string_view name = string_or_empty(input, "logGroupName");
  if (name.empty()) name = string_or_empty(input, "logGroupIdentifier");
  constexpr std::string_view kKind = ":log-group:";
  if (const auto kind = name.find(kKind); kind != std::string_view::npos) {
    name = name.substr(kind + kKind.size());
    if (name.ends_with(":*")) name.remove_suffix(2);
  }
  return name;
}

Answer<LogGroup*> known_group(const Call& call) {
  LogGroup* group = find_log_group(call.region, group_name(call.input));
  if (group == nullptr)
    return refused("ResourceNotFoundException", "The specified log group does not exist.");
  return group;
}

Answer<LogStream*> known_stream(const Call& call) {
  TRY(LogGroup * group, known_group(call));
  const auto found = group->streams.find(string_or_empty(call.input, "logStreamName"));
  if (found == group->streams.end())
    return refused("ResourceNotFoundException", "The specified log stream does not exist.");
  return &found->second;
}

bool is_group_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view(".-_/#").find(c) != std::string_view::npos;
  });
}

LogStream& make_stream(Region& region, LogGroup& group, std::string_view name) {
  const auto found = group.streams.find(name);
  if (found != group.streams.end()) return found->second;
  LogStream& stream = group.streams[std::string(name)];
  stream.name = name;
  stream.arn = fmt::format("{}:log-stream:{}", group.arn, name);
  stream.created_at = region.now;
  return stream;
}

// ---- Groups and streams -----------------------------------------------------------------------

Reply CreateLogGroup(const Call& call) {
  const std::string_view name = string_or_empty(call.input, "logGroupName");
  if (!is_group_name(name))
    return invalid(
        fmt::format("1 validation error detected: Value '{}' at 'logGroupName' failed to satisfy "
                    "constraint: Member must satisfy regular expression pattern: "
                    "[\\.\\-_/#A-Za-z0-9]+",
                    name));
  if (find_log_group(call.region, name) != nullptr)
    return refused("ResourceAlreadyExistsException", "The specified log group already exists");
  make_log_group(call.region, name);
  return JsonText{};
}

Reply DeleteLogGroup(const Call& call) {
  TRY(LogGroup * group, known_group(call));
  call.region.log_groups.erase(group->name);
  return JsonText{};
}

// The only values AWS takes.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
Reply PutRetentionPolicy(const Call& call) {
  constexpr std::array<std::int64_t, 22> kDays = {1,    3,    5,    7,    14,   30,  60,  90,
                                                  120,  150,  180,  365,  400,  545, 731, 1096,
                                                  1827, 2192, 2557, 2922, 3288, 3653};
  TRY(LogGroup * group, known_group(call));
  const std::int64_t days = find_int(call.input, "retentionInDays").value_or(0);
  if (std::find(kDays.begin(), kDays.end(), days) == kDays.end())
    return invalid(
        fmt::format("Invalid retention value. Valid values are: {}", fmt::join(kDays, ", ")));
  group->retentionInDays = days;
  return JsonText{};
}

Reply DeleteRetentionPolicy(const Call& call) {
  TRY(LogGroup * group, known_group(call));
  group->retentionInDays.reset();
  return JsonText{};
}

Reply CreateLogStream(const Call& call) {
  TRY(LogGroup * group, known_group(call));
  const std::string_view name = string_or_empty(call.input, "logStreamName");
  if (name.find_first_of(":*") != std::string_view::npos)
    return invalid(
        fmt::format("1 validation error detected: Value '{}' at 'logStreamName' failed to satisfy "
                    "constraint: Member must satisfy regular expression pattern: [^:*]*",
                    name));
  if (group->streams.contains(name))
    return refused("ResourceAlreadyExistsException", "The specified log stream already exists");
  make_stream(call.region, *group, name);
  return JsonText{};
}

Reply DeleteLogStream(const Call& call) {
  TRY(LogStream * stream, known_stream(call));
  TRY(LogGroup * group, known_group(call));
  group->streams.erase(stream->name);
  return JsonText{};
}

Reply list(const Call& call, std::string_view member, const std::vector<PageItem>& items) {
  return answer_with_page(call.input, items,
                          {.member = member,
                           .token = "nextToken",
                           .limit = "limit",
                           .most = 50,
                           .bad_token = invalid("The specified nextToken is invalid.")});
}

Reply DescribeLogGroups(const Call& call) {
  const std::string_view prefix = string_or_empty(call.input, "logGroupNamePrefix");
  std::vector<PageItem> items;
  for (const auto& [name, group] : call.region.log_groups) {
    if (!name.starts_with(prefix)) continue;
    JsonObject json{{"logGroupName", name}, {"creationTime", milliseconds_of(group.created_at)}};
    if (group.retentionInDays) json["retentionInDays"] = *group.retentionInDays;
    for (const auto& [member, value] : JsonObject{{"metricFilterCount", 0},
                                                  {"arn", group.arn + ":*"},
                                                  {"storedBytes", 0},
                                                  {"logGroupClass", "STANDARD"},
                                                  {"logGroupArn", group.arn}})
      json[member] = value;
    items.push_back({name, std::move(json)});
  }
  return list(call, "logGroups", items);
}

Json shown(const LogStream& stream) {
  JsonObject json{{"logStreamName", stream.name},
                  {"creationTime", milliseconds_of(stream.created_at)}};
  if (!stream.events.empty()) {
    TimePoint last_ingestion{};
    for (const auto& [place, line] : stream.events)
      last_ingestion = std::max(last_ingestion, line.ingested_at);
    json["firstEventTimestamp"] = milliseconds_of(stream.events.begin()->first.first);
    json["lastEventTimestamp"] = milliseconds_of(stream.events.rbegin()->first.first);
    json["lastIngestionTime"] = milliseconds_of(last_ingestion);
  }
  json["arn"] = stream.arn;
  json["storedBytes"] = 0;
  return json;
}

Reply DescribeLogStreams(const Call& call) {
  TRY(LogGroup * group, known_group(call));
  const std::string_view prefix = string_or_empty(call.input, "logStreamNamePrefix");
  const bool by_time = string_or_empty(call.input, "orderBy") == "LastEventTime";
  if (by_time && !prefix.empty())
    return invalid("Cannot order by LastEventTime with a logStreamNamePrefix.");
  const bool descending = find_bool(call.input, "descending").value_or(false);
  std::vector<PageItem> items;
  for (const auto& [name, stream] : group->streams) {
    if (!name.starts_with(prefix)) continue;
    const TimePoint last =
        stream.events.empty() ? TimePoint{} : stream.events.rbegin()->first.first;
    items.push_back(
        {by_time ? fmt::format("{:020}{}", milliseconds_of(last), name) : name, shown(stream)});
  }
  std::sort(items.begin(), items.end(), [&](const PageItem& a, const PageItem& b) {
    return descending ? b.key < a.key : a.key < b.key;
  });
  return list(call, "logStreams", items);
}

// ---- Events -----------------------------------------------------------------------------------

Reply PutLogEvents(const Call& call) {
  TRY(LogStream * stream, known_stream(call));
  const JsonArray none;
  const JsonArray* events = find_array(call.input, "logEvents");
  if (events == nullptr) events = &none;
  std::int64_t previous = 0;
  for (const Json& event : *events) {
    const std::int64_t timestamp = find_int(event, "timestamp").value_or(0);
    if (timestamp < previous)
      return invalid("Log events in a single PutLogEvents request must be in chronological order.");
    previous = timestamp;
  }
  for (const Json& event : *events)
    stream->events[{time_of_milliseconds(find_int(event, "timestamp").value_or(0)),
                    call.region.next_serial()}] = {std::string(string_or_empty(event, "message")),
                                                   call.region.now};
  return answer_with({{"nextSequenceToken", fmt::format("{:056}", call.region.next_serial())}});
}

// "f/<time><serial>/s": after the event of that place, "b/.../s": before it.
std::string token_of(char direction, const Place& place) {
  return fmt::format("{}/{:020}{:020}/s", direction, place.first.time_since_epoch().count(),
                     place.second);
}

struct ReadFrom {
  bool forward = true;
  Place place;
};
std::optional<ReadFrom> read_token(std::string_view token) {
  constexpr std::size_t kDigits = 20;
  if (token.size() != 2 * kDigits + 4 || token[1] != '/' || !token.ends_with("/s") ||
      (token[0] != 'f' && token[0] != 'b'))
    return std::nullopt;
  std::int64_t time = 0;
  std::uint64_t serial = 0;
  const char* const middle = token.data() + 2 + kDigits;
  if (std::from_chars(token.data() + 2, middle, time).ptr != middle ||
      std::from_chars(middle, middle + kDigits, serial).ptr != middle + kDigits)
    return std::nullopt;
  return ReadFrom{token[0] == 'f', {TimePoint(Duration(time)), serial}};
}

struct Window {
  TimePoint from = TimePoint::min();
  TimePoint until = TimePoint::max();
  std::size_t limit = kMostEvents;

  explicit Window(const Json& input) {
    if (const auto start = find_int(input, "startTime")) from = time_of_milliseconds(*start);
    if (const auto end = find_int(input, "endTime")) until = time_of_milliseconds(*end);
    limit = static_cast<std::size_t>(find_int(input, "limit").value_or(kMostEvents));
  }
  bool has(TimePoint time) const { return time >= from && time < until; }
};

Reply GetLogEvents(const Call& call) {
  TRY(LogStream * stream, known_stream(call));
  const Window window(call.input);
  const auto token = find_string(call.input, "nextToken");
  std::optional<ReadFrom> from;
  if (token) {
    from = read_token(*token);
    if (!from) return invalid("The specified nextToken is invalid.");
  }
  const bool forward =
      from ? from->forward : find_bool(call.input, "startFromHead").value_or(false);

  std::vector<const std::pair<const Place, LogLine>*> page;
  std::size_t bytes = 0;
  const auto take = [&](const std::pair<const Place, LogLine>& event) {
    bytes += event.second.message.size() + kBytesBesideMessage;
    if (page.size() == window.limit || (bytes > kMostBytes && !page.empty())) return false;
    page.push_back(&event);
    return true;
  };
  if (forward) {
    auto event = from ? stream->events.upper_bound(from->place) : stream->events.begin();
    for (; event != stream->events.end(); ++event)
      if (window.has(event->first.first) && !take(*event)) break;
  } else {
    auto event = from ? stream->events.lower_bound(from->place) : stream->events.end();
    while (event != stream->events.begin())
      if (--event; window.has(event->first.first) && !take(*event)) break;
    std::reverse(page.begin(), page.end());
  }

  JsonArray events;
  for (const auto* event : page)
    events.push_back(JsonObject{{"timestamp", milliseconds_of(event->first.first)},
                                {"message", event->second.message},
                                {"ingestionTime", milliseconds_of(event->second.ingested_at)}});
  // At either end the same token comes back: that is how a reader knows.
  const Place here = from ? from->place : Place{};
  return answer_with(
      {{"events", std::move(events)},
       {"nextForwardToken", token_of('f', page.empty() ? here : page.back()->first)},
       {"nextBackwardToken", token_of('b', page.empty() ? here : page.front()->first)}});
}

// ---- Search -----------------------------------------------------------------------------------

// The unstructured patterns: all words, any ?word, no -word, "phrases".
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
class FilterPattern {
 public:
  static std::optional<FilterPattern> parse(std::string_view text) {
    FilterPattern pattern;
    while (!(text = trim(text)).empty()) {
      if (text.front() == '{' || text.front() == '[' || text.front() == '%') return std::nullopt;
      std::vector<std::string>* kind = &pattern.all_;
      if (text.front() == '?' || text.front() == '-') {
        kind = text.front() == '?' ? &pattern.any_ : &pattern.none_;
        text.remove_prefix(1);
      }
      const bool is_quoted = text.starts_with('"');
      if (is_quoted) text.remove_prefix(1);
      const std::size_t end = text.find(is_quoted ? '"' : ' ');
      if (is_quoted && end == std::string_view::npos) return std::nullopt;
      kind->emplace_back(text.substr(0, end));
      text.remove_prefix(std::min(text.size(), end == std::string_view::npos ? end : end + 1));
    }
    return pattern;
  }

  bool admits(std::string_view message) const {
    const auto is_in = [&](const std::string& word) {
      return message.find(word) != std::string_view::npos;
    };
    return std::all_of(all_.begin(), all_.end(), is_in) &&
           std::none_of(none_.begin(), none_.end(), is_in) &&
           (any_.empty() || std::any_of(any_.begin(), any_.end(), is_in));
  }

 private:
  std::vector<std::string> all_, any_, none_;
};

Reply FilterLogEvents(const Call& call) {
  TRY(LogGroup * group, known_group(call));
  const Window window(call.input);
  const std::string_view prefix = string_or_empty(call.input, "logStreamNamePrefix");
  const std::vector<std::string> names = strings(call.input, "logStreamNames");
  if (!prefix.empty() && !names.empty())
    return invalid("Cannot specify both logStreamNames and logStreamNamePrefix.");
  const auto pattern = FilterPattern::parse(string_or_empty(call.input, "filterPattern"));
  if (!pattern)
    return invalid("Invalid filter pattern: the simulator knows words and quoted phrases only.");

  // Of all streams together, by time.
  std::map<Place, std::pair<const LogStream*, const LogLine*>> found;
  for (const auto& [name, stream] : group->streams) {
    const bool is_meant = names.empty()
                              ? name.starts_with(prefix)
                              : std::find(names.begin(), names.end(), name) != names.end();
    if (!is_meant) continue;
    for (const auto& [place, line] : stream.events)
      if (window.has(place.first) && pattern->admits(line.message))
        found.emplace(place, std::pair(&stream, &line));
  }
  std::vector<PageItem> items;
  for (const auto& [place, event] : found) {
    const auto& [stream, line] = event;
    items.push_back(
        {fmt::format("{:020}{:020}", place.first.time_since_epoch().count(), place.second),
         JsonObject{{"logStreamName", stream->name},
                    {"timestamp", milliseconds_of(place.first)},
                    {"message", line->message},
                    {"ingestionTime", milliseconds_of(line->ingested_at)},
                    {"eventId", fmt::format("{:056}", place.second)}}});
  }
  TRY(JsonObject page, page_of(call.input, items,
                               {.member = "events",
                                .token = "nextToken",
                                .limit = "limit",
                                .most = kMostEvents,
                                .bad_token = invalid("The specified nextToken is invalid.")}));
  page["searchedLogStreams"] = JsonArray{};
  return answer_with(std::move(page));
}

constexpr bool kReads = true;

constexpr std::array kOperations = {
    Operation{"CreateLogGroup", CreateLogGroup},
    Operation{"CreateLogStream", CreateLogStream},
    Operation{"DeleteLogGroup", DeleteLogGroup},
    Operation{"DeleteLogStream", DeleteLogStream},
    Operation{"DeleteRetentionPolicy", DeleteRetentionPolicy},
    Operation{"DescribeLogGroups", DescribeLogGroups, kReads},
    Operation{"DescribeLogStreams", DescribeLogStreams, kReads},
    Operation{"FilterLogEvents", FilterLogEvents, kReads},
    Operation{"GetLogEvents", GetLogEvents, kReads},
    Operation{"PutLogEvents", PutLogEvents},
    Operation{"PutRetentionPolicy", PutRetentionPolicy},
};

}  // namespace

LogGroup* find_log_group(Region& region, std::string_view name) {
  const auto found = region.log_groups.find(name);
  return found == region.log_groups.end() ? nullptr : &found->second;
}

LogGroup& make_log_group(Region& region, std::string_view name) {
  LogGroup& group = region.log_groups[std::string(name)];
  group.name = name;
  group.arn = fmt::format("arn:{}:logs:{}:{}:log-group:{}", region.partition, region.name,
                          region.account, name);
  group.created_at = region.now;
  return group;
}

void append_log_line(Region& region, LogGroup& group, std::string_view stream, TimePoint at,
                     std::string message) {
  make_stream(region, group, stream).events[{at, region.next_serial()}] = {std::move(message),
                                                                           region.now};
}

std::span<const Operation> logs_operations() { return kOperations; }

}  // namespace slipway::sim
