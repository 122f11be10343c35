#include "model/looks.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

Event look_at(const std::string& service, int runningCount) {
  ServiceObserved observed;
  observed.service.serviceName = service;
  observed.service.runningCount = runningCount;
  return {.at = {}, .subject = {.kind = ItemKind::kService, .item = service}, .body = observed};
}

TEST(Looks, AreNewsWhenTheyShowSomethingElse) {
  Looks looks;
  EXPECT_TRUE(looks.is_news(look_at("web", 1)));
  EXPECT_FALSE(looks.is_news(look_at("web", 1)));
  EXPECT_TRUE(looks.is_news(look_at("api", 1))) << "another service";
  EXPECT_FALSE(looks.is_news(look_at("web", 1))) << "the other one is not in between";
  EXPECT_TRUE(looks.is_news(look_at("web", 2)));
  EXPECT_TRUE(looks.is_news(look_at("web", 1))) << "back again is news";
}

TEST(Looks, TellTasksOfOneItemApart) {
  Looks looks;
  Event one{.subject = {.item = "migrate"}, .body = TaskObserved{.task_id = "a"}};
  Event two{.subject = {.item = "migrate"}, .body = TaskObserved{.ordinal = 2, .task_id = "b"}};
  EXPECT_TRUE(looks.is_news(one));
  EXPECT_TRUE(looks.is_news(two));
  EXPECT_FALSE(looks.is_news(one));
}

TEST(Looks, NeverHoldBackWhatIsNoLook) {
  Looks looks;
  const Event note{.body = Note{.message = "again"}};
  EXPECT_TRUE(looks.is_news(note));
  EXPECT_TRUE(looks.is_news(note));
}

}  // namespace
}  // namespace slipway
