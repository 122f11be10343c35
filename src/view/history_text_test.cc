// The table of `slipway history`.
#include "view/history_text.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

using namespace std::chrono_literals;

TEST(HistoryText, HasTheRunThatItsPageIsDrawnOf) {
  const TimePoint noon(1767960000s);
  EXPECT_EQ(
      to_string({HistoryEntry{.when = noon,
                              .item = "web",
                              .task_definition = "web:7",
                              .result = "successful",
                              .by = "ann@laptop",
                              .command = "deploy",
                              .run_id = "20260109T120000Z-10c5"},
                 HistoryEntry{.when = noon - 1h,
                              .kind = "task",
                              .item = "migrate",
                              .task_definition = "migrate:2",
                              .result = "failed",
                              .why = "it exited with 3"}}),
      "WHEN                  ITEM          REVISION   RESULT      BY                          "
      "RUN                    WHY\n"
      "2026-01-09T12:00:00Z  web           web:7      successful  ann@laptop, slipway deploy  "
      "20260109T120000Z-10c5\n"
      "2026-01-09T11:00:00Z  task migrate  migrate:2  failed                                  "
      "                       it exited with 3\n");
}

}  // namespace
}  // namespace slipway
