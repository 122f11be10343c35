#include "model/event.h"

#include "model/json_codec.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

// Fills every member with something that is not its default, so that a forgotten one shows.
template <class T>
void fill(T& value);

template <class T>
void fill_members(T& value) {
  for_each_member(value, [](std::string_view, auto& member) { fill(member); });
}

template <class T>
void fill(T& value) {
  if constexpr (std::is_same_v<T, Json>)
    value = Json{{"a", 1}, {"b", {true, nullptr, "x"}}};
  else if constexpr (codec::IsOptional<T>::value)
    fill(value.emplace());
  else if constexpr (codec::IsVector<T>::value)
    fill(value.emplace_back());
  else if constexpr (std::is_same_v<T, TimePoint>)
    value = TimePoint(Duration(1'767'225'600'123'456));
  else if constexpr (std::is_same_v<T, Duration>)
    value = Duration(12'345'678);
  else if constexpr (std::is_same_v<T, Outcome>)
    value = Outcome::kSuperseded;
  else if constexpr (std::is_same_v<T, RolledBackBy>)
    value = RolledBackBy::kAlarm;
  else if constexpr (std::is_same_v<T, NoteLevel>)
    value = NoteLevel::kError;
  else if constexpr (std::is_same_v<T, bool>)
    value = !value;
  else if constexpr (std::is_same_v<T, CheckVerdict>)
    value = CheckVerdict::kInconclusive;
  else if constexpr (std::is_floating_point_v<T>)
    value = 0.25;
  else if constexpr (std::is_integral_v<T>)
    value = 7;
  else if constexpr (std::is_same_v<T, std::string>)
    value = "grün \"quoted\"\n";
  else {
    fill_members(value);
    if constexpr (std::is_same_v<T, Error>) value.kind = ErrorKind::kThrottled;
  }
}

template <std::size_t I>
void expect_round_trip() {
  Event event{.at = TimePoint(std::chrono::seconds(1'767'225'600)),
              .subject = {StageKind::kTasksAfter, ItemKind::kTask, "clean-up"}};
  fill_members(event.body.template emplace<I>());
  SCOPED_TRACE(type_of(event.body));
  const Result<Json> written = parse_json(to_text(to_json(event)));
  ASSERT_TRUE(written);
  const Result<Event> read = event_from_json(*written);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(*read == event) << to_text(*written);
}

template <std::size_t... I>
void expect_round_trips(std::index_sequence<I...>) {
  (expect_round_trip<I>(), ...);
}

TEST(Event, OfEveryTypeReadsBackAsItWasWritten) {
  expect_round_trips(std::make_index_sequence<std::variant_size_v<EventBody>>{});
}

TEST(Event, IsOneLineOfJsonWithASchemaVersion) {
  const Event event{.at = TimePoint(std::chrono::seconds(1'767'225'600)),
                    .subject = {StageKind::kServices, ItemKind::kService, "web"},
                    .body = ImageUnchanged{.container = "app", .image = "shop:1", .tag = "1"}};
  EXPECT_EQ(to_text(to_json(event)),
            R"({"schema":1,"at":"2026-01-01T00:00:00.000Z","type":"image_unchanged",)"
            R"("stage":"services","kind":"service","item":"web",)"
            R"("data":{"container":"app","image":"shop:1","tag":"1"}})");
}

TEST(Event, OfAnotherSchemaOrAnUnknownTypeIsRefused) {
  struct Case {
    std::string text, why;
  };
  for (const auto& [text, why] : std::vector<Case>{
           {R"({"schema":2,"at":"2026-01-01T00:00:00Z","type":"note"})",
            "not an event of schema 1"},
           {R"({"schema":1,"type":"note"})", "an event without a time"},
           {R"({"schema":1,"at":"2026-01-01T00:00:00Z","type":"x"})", "unknown event type \"x\""},
           {R"({"schema":1,"at":"2026-01-01T00:00:00Z","type":"note","data":{"level":"loud"}})",
            "an event of type note with a wrong member"},
       }) {
    SCOPED_TRACE(text);
    const Result<Event> event = event_from_json(parse_json(text).value());
    ASSERT_FALSE(event);
    EXPECT_EQ(event.error().message, why);
  }
}

TEST(Outcome, OfARunIsTheWorstOfItsItems) {
  EXPECT_EQ(worse(Outcome::kSucceeded, Outcome::kSkipped), Outcome::kSucceeded);
  EXPECT_EQ(worse(Outcome::kSkipped, Outcome::kSkipped), Outcome::kSkipped);
  EXPECT_EQ(worse(Outcome::kTimedOut, Outcome::kFailed), Outcome::kFailed);
  EXPECT_EQ(worse(Outcome::kRollbackFailed, Outcome::kStopped), Outcome::kRollbackFailed);
}

TEST(TaskDefinitionNames, AreReadFromArnsAndShortForms) {
  constexpr const char* kArn = "arn:aws-cn:ecs:cn-north-1:123456789012:task-definition/web:42";
  EXPECT_EQ(family_revision_of(kArn), "web:42");
  EXPECT_EQ(family_revision_of("web:42"), "web:42");
  EXPECT_EQ(family_revision_of("web"), "web");
  EXPECT_EQ(family_of(kArn), "web");
  EXPECT_EQ(family_of("web"), "web");
  EXPECT_EQ(last_segment("arn:aws:ecs:eu-west-1:1:task/prod/0123abcd"), "0123abcd");
}

}  // namespace
}  // namespace slipway
