// Amazon CloudWatch Logs: what containers wrote. Times are milliseconds since 1970, as plain
// numbers. shapes_test.cc holds the shapes against models/logs.json.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::aws {

namespace OrderBy {  // of DescribeLogStreams
inline constexpr std::string_view kLogStreamName = "LogStreamName";
inline constexpr std::string_view kLastEventTime = "LastEventTime";
}  // namespace OrderBy

struct OutputLogEvent {
  std::optional<std::int64_t> timestamp;
  std::string message;
  std::optional<std::int64_t> ingestionTime;
  bool operator==(const OutputLogEvent&) const = default;
};
SHAPE(OutputLogEvent, timestamp, message, ingestionTime);

// Pages do not end with an empty token: nextForwardToken comes back unchanged when there is nothing
// more yet, and the next call with it may find more. A page may be empty before the end.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
struct GetLogEventsRequest {
  std::string logGroupName;
  std::string logGroupIdentifier;
  std::string logStreamName;
  std::optional<std::int64_t> startTime;  // from this moment on
  std::optional<std::int64_t> endTime;    // before this moment
  std::string nextToken;
  std::optional<int> limit;           // 1 to 10000
  std::optional<bool> startFromHead;  // unset: the newest events come first
};
SHAPE(GetLogEventsRequest, logGroupName, logGroupIdentifier, logStreamName, startTime, endTime,
      nextToken, limit, startFromHead);
struct GetLogEventsResponse {
  std::vector<OutputLogEvent> events;
  std::string nextForwardToken;
  std::string nextBackwardToken;
};
SHAPE(GetLogEventsResponse, events, nextForwardToken, nextBackwardToken);
inline constexpr Operation<GetLogEventsRequest, GetLogEventsResponse> GetLogEvents{
    kLogs, "GetLogEvents", Repeat::kRead};

struct FilteredLogEvent {
  std::string logStreamName;
  std::optional<std::int64_t> timestamp;
  std::string message;
  std::optional<std::int64_t> ingestionTime;
  std::string eventId;
  bool operator==(const FilteredLogEvent&) const = default;
};
SHAPE(FilteredLogEvent, logStreamName, timestamp, message, ingestionTime, eventId);

// A page may be empty before the last one; the last one has no token.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
struct FilterLogEventsRequest {
  std::string logGroupName;
  std::string logGroupIdentifier;
  std::vector<std::string> logStreamNames;
  std::string logStreamNamePrefix;
  std::optional<std::int64_t> startTime;
  std::optional<std::int64_t> endTime;
  std::string filterPattern;
  std::string nextToken;
  std::optional<int> limit;  // 1 to 10000
};
SHAPE(FilterLogEventsRequest, logGroupName, logGroupIdentifier, logStreamNames, logStreamNamePrefix,
      startTime, endTime, filterPattern, nextToken, limit);
struct FilterLogEventsResponse {
  std::vector<FilteredLogEvent> events;
  std::string nextToken;
};
SHAPE(FilterLogEventsResponse, events, nextToken);
inline constexpr Operation<FilterLogEventsRequest, FilterLogEventsResponse> FilterLogEvents{
    .service = kLogs,
    .name = "FilterLogEvents",
    .repeat = Repeat::kRead,
    .page_request = &FilterLogEventsRequest::nextToken,
    .page_response = &FilterLogEventsResponse::nextToken};

struct LogGroup {
  std::string logGroupName;
  std::optional<std::int64_t> creationTime;
  std::optional<int> retentionInDays;
  std::string arn;          // ends in ":*"
  std::string logGroupArn;  // does not
  bool operator==(const LogGroup&) const = default;
};
SHAPE(LogGroup, logGroupName, creationTime, retentionInDays, arn, logGroupArn);

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
struct DescribeLogGroupsRequest {
  std::string logGroupNamePrefix;
  std::string nextToken;
  std::optional<int> limit;  // 1 to 50
};
SHAPE(DescribeLogGroupsRequest, logGroupNamePrefix, nextToken, limit);
struct DescribeLogGroupsResponse {
  std::vector<LogGroup> logGroups;
  std::string nextToken;
};
SHAPE(DescribeLogGroupsResponse, logGroups, nextToken);
inline constexpr Operation<DescribeLogGroupsRequest, DescribeLogGroupsResponse> DescribeLogGroups{
    .service = kLogs,
    .name = "DescribeLogGroups",
    .repeat = Repeat::kRead,
    .page_request = &DescribeLogGroupsRequest::nextToken,
    .page_response = &DescribeLogGroupsResponse::nextToken};

struct LogStream {
  std::string logStreamName;
  std::optional<std::int64_t> creationTime;
  std::optional<std::int64_t> firstEventTimestamp;
  std::optional<std::int64_t> lastEventTimestamp;
  std::optional<std::int64_t> lastIngestionTime;
  std::string arn;
  bool operator==(const LogStream&) const = default;
};
SHAPE(LogStream, logStreamName, creationTime, firstEventTimestamp, lastEventTimestamp,
      lastIngestionTime, arn);

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogStreams.html
struct DescribeLogStreamsRequest {
  std::string logGroupName;
  std::string logGroupIdentifier;
  std::string logStreamNamePrefix;  // not with orderBy LastEventTime
  std::string orderBy;
  std::optional<bool> descending;
  std::string nextToken;
  std::optional<int> limit;  // 1 to 50
};
SHAPE(DescribeLogStreamsRequest, logGroupName, logGroupIdentifier, logStreamNamePrefix, orderBy,
      descending, nextToken, limit);
struct DescribeLogStreamsResponse {
  std::vector<LogStream> logStreams;
  std::string nextToken;
};
SHAPE(DescribeLogStreamsResponse, logStreams, nextToken);
inline constexpr Operation<DescribeLogStreamsRequest, DescribeLogStreamsResponse>
    DescribeLogStreams{.service = kLogs,
                       .name = "DescribeLogStreams",
                       .repeat = Repeat::kRead,
                       .page_request = &DescribeLogStreamsRequest::nextToken,
                       .page_response = &DescribeLogStreamsResponse::nextToken};

// A second copy is refused with ResourceAlreadyExistsException, which harms nobody.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
struct CreateLogGroupRequest {
  std::string logGroupName;
};
SHAPE(CreateLogGroupRequest, logGroupName);
inline constexpr Operation<CreateLogGroupRequest, NoAnswer> CreateLogGroup{kLogs, "CreateLogGroup",
                                                                           Repeat::kIdempotent};

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html
struct DeleteLogGroupRequest {
  std::string logGroupName;
};
SHAPE(DeleteLogGroupRequest, logGroupName);
inline constexpr Operation<DeleteLogGroupRequest, NoAnswer> DeleteLogGroup{kLogs, "DeleteLogGroup",
                                                                           Repeat::kIdempotent};

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogStream.html
struct CreateLogStreamRequest {
  std::string logGroupName;
  std::string logStreamName;
};
SHAPE(CreateLogStreamRequest, logGroupName, logStreamName);
inline constexpr Operation<CreateLogStreamRequest, NoAnswer> CreateLogStream{
    kLogs, "CreateLogStream", Repeat::kIdempotent};

struct InputLogEvent {
  std::int64_t timestamp = 0;
  std::string message;
  bool operator==(const InputLogEvent&) const = default;
};
SHAPE(InputLogEvent, timestamp, message);

struct RejectedLogEventsInfo {
  std::optional<int> tooNewLogEventStartIndex;
  std::optional<int> tooOldLogEventEndIndex;
  std::optional<int> expiredLogEventEndIndex;
  bool operator==(const RejectedLogEventsInfo&) const = default;
};
SHAPE(RejectedLogEventsInfo, tooNewLogEventStartIndex, tooOldLogEventEndIndex,
      expiredLogEventEndIndex);

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
struct PutLogEventsRequest {
  std::string logGroupName;
  std::string logStreamName;
  std::vector<InputLogEvent> logEvents;  // in the order of their times
};
SHAPE(PutLogEventsRequest, logGroupName, logStreamName, logEvents);
struct PutLogEventsResponse {
  std::optional<RejectedLogEventsInfo> rejectedLogEventsInfo;
};
SHAPE(PutLogEventsResponse, rejectedLogEventsInfo);
inline constexpr Operation<PutLogEventsRequest, PutLogEventsResponse> PutLogEvents{
    kLogs, "PutLogEvents", Repeat::kOnce};

}  // namespace slipway::aws
