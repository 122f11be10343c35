#include "view/task_class_view.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

TEST(TaskClassView, IsWhatItsUsersKnow) {
  std::string out, err;
  TaskClassView view(
      {.several = true, .verbose = true}, [&](std::string_view text) { out += text; },
      [&](std::string_view text) { err += text; });
  const auto say = [&](std::string item, EventBody body) {
    view.on({.at = {}, .subject = {.item = std::move(item)}, .body = std::move(body)});
  };
  say("Web", ItemStarted{});
  say("", Note{NoteLevel::kInfo, "using image tag 1"});
  say("Web", CallAnnounced{.operation = "ecs:RunTask", .request = {}});
  say("", TaskDefinitionRegistered{.arn = "arn", .family_revision = "web:1"});
  say("web", TasksStarted{.count = 2, .task_arns = {"arn:1", "arn:2"}});
  say("web", ServiceUpdated{});
  say("nightly", Note{NoteLevel::kInfo, "rule nightly, target web"});
  say("", Note{NoteLevel::kWarning, "not announced"});
  say("", Note{NoteLevel::kDebug, "not told"});
  EXPECT_EQ(out,
            "Class Web\nUsing image tag 1\nRegistered web:1\n  task arn:1\n  task arn:2\n"
            "  service web\n  rule nightly, target web\n");
  EXPECT_EQ(err, "calling ecs:RunTask\nwarning: not announced\n");
}

}  // namespace
}  // namespace slipway
