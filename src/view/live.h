// The view for a person at a terminal: a table of the items of the stage, redrawn in place, with
// the latest events below. Lines that must not be lost (warnings, errors, how each item ended) are
// written above it and scroll away like any output.
#pragma once

#include "view/line.h"
#include "view/view.h"

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace slipway {

struct TerminalSize {
  int columns = 80;
  int rows = 24;
  bool operator==(const TerminalSize&) const = default;
};

struct LiveSettings {
  bool color = true;
  bool unicode = true;
  LogLevel level = LogLevel::kInfo;  // for the events below the table
  TimePoint start{};
  std::function<TerminalSize()> size;  // asked at every redraw, so that a resize is noticed
};

class LiveView final : public View {
 public:
  LiveView(LiveSettings settings, Writer writer);
  ~LiveView() override;  // gives the cursor back whatever happened

  void on(const Event& event) override;
  void tick(TimePoint now) override;
  Duration tick_interval() const override { return std::chrono::milliseconds(200); }
  void finish(TimePoint now) override;

  // The table and the events as plain lines of at most `size.columns`, for tests.
  std::vector<std::string> picture(TimePoint now, TerminalSize size) const;

 private:
  struct Row {
    Subject subject;
    std::string old_revision, new_revision;
    std::string state = "waiting";
    std::string step;  // of traffic, once it is being moved
    std::string health;
    int running = 0, desired = 0, pending = 0, failed = 0;
    int old_running = 0;
    std::optional<TimePoint> began, ended;
    std::optional<Outcome> outcome;
    bool known_counts = false;

    double progress() const;  // 0 to 1
    int rank() const;         // what is shown first where there is not room for all
  };

  Row& row_of(const Subject& subject);
  std::string in_words(const std::vector<const Row*>& hidden) const;
  void take(const Event& event);
  void erase(std::string& out);
  void redraw(TimePoint now, const std::string& above = {});
  std::string bar(const Row& row, TimePoint now, int width) const;

  LiveSettings settings_;
  Writer writer_;
  std::string title_;
  std::vector<Row> rows_;
  StageKind stage_ = StageKind::kServices;
  int stage_items_ = 0;
  std::deque<std::string> recent_;
  int drawn_lines_ = 0;
  TerminalSize drawn_size_;
  bool cursor_hidden_ = false;
  std::optional<TimePoint> last_drawn_;
};

}  // namespace slipway
