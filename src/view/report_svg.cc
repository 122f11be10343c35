#include "view/report_svg.h"

#include "base/text.h"
#include "base/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace slipway::report {

using namespace std::chrono_literals;

namespace {

// ---- Heights, in pixels ----

constexpr int kAreaTop = 4;
constexpr int kAreaHeight = 44;
constexpr int kMarksRow = 14;
constexpr int kWeightsTop = 16;
constexpr int kWeightsHeight = 24;
constexpr int kCheckHeight = 30;
constexpr int kStripHeight = 30;
constexpr int kStripBars = 120;
constexpr int kAxisHeight = 22;

// What two marks and two numbers need between them on the narrowest screen.
constexpr double kMarkGapPercent = 3.2;
constexpr double kNumberGapPercent = 13;

bool turns_writing(char32_t code) {
  return (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

// "12.5%"
std::string percents(double value) {
  std::string text = fmt::format("{:.2f}", value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text + "%";
}

std::string since(const Scale& scale, TimePoint at) {
  return tick_text(std::chrono::round<std::chrono::seconds>(at - scale.begin));
}

std::string rect(double from, double to, double y, double height, std::string_view more = "/>") {
  return fmt::format(R"(<rect x="{}" y="{:g}" width="{}" height="{:g}"{})", percents(from), y,
                     percents(to - from), height, more);
}

std::string title(std::string_view text) { return "<title>" + escaped(text) + "</title>"; }

std::string_view name_of(MarkKind kind) {
  switch (kind) {
    case MarkKind::kCall:
      return "call";
    case MarkKind::kEvent:
      return "event";
    case MarkKind::kGood:
      return "good";
    case MarkKind::kFailure:
      return "failure";
    case MarkKind::kRollback:
      return "back";
    case MarkKind::kWaiting:
      return "waiting";
  }
  return "event";
}

std::string_view name_of(CheckVerdict verdict) {
  switch (verdict) {
    case CheckVerdict::kPass:
      return "good";
    case CheckVerdict::kFail:
      return "failure";
    case CheckVerdict::kInconclusive:
      return "unsure";
    case CheckVerdict::kError:
      return "error";
  }
  return "error";
}

// Around the middle of a 10 by 10 field, so that `use` can put them anywhere.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kShapes = {{
    {"call", "M0-5 5 0 0 5-5 0z"},
    {"event", "M0-4.5 5 4H-5z"},
    {"good", "M-5 0-2 4 5-4"},
    {"failure", "M-4-4 4 4M4-4-4 4"},
    {"back", "M4-5-4 0 4 5z"},
    {"waiting", "M-3-5v10M3-5v10"},
    {"unsure", "M0-4.5 4.5 0 0 4.5-4.5 0z"},
    {"error", "M0-5v6M0 3v2"},
}};

std::string open_svg(int height, std::string_view label) {
  return fmt::format(R"(<svg class="chart" width="100%" height="{}" role="img" aria-label="{}">)",
                     height, escaped(label));
}

std::string grid(const Scale& scale, int height) {
  std::string text = R"(<g class="grid">)";
  for (const Duration tick : ticks_of(scale.end - scale.begin)) {
    const std::string x = percents(scale.percent(scale.begin + tick));
    text += fmt::format(R"(<line x1="{0}" x2="{0}" y1="0" y2="{1}"/>)", x, height);
  }
  return text + "</g>";
}

// ---- The area ----

int top_of(const Lane& lane, const std::vector<Slice>& slices) {
  int top = 1;
  for (const Slice& slice : slices) {
    int sum = 0;
    for (const int tasks : slice.tasks) sum += tasks;
    top = std::max({top, sum, slice.wanted.value_or(0)});
  }
  for (const Step& step : lane.wanted) top = std::max(top, step.value);
  return top;
}

// One layer: a rectangle for each stretch in which neither it nor what lies below it changes.
std::string layer_area(const Lane& lane, const std::vector<Slice>& slices, std::size_t layer,
                       double unit, const Scale& scale) {
  std::string text = fmt::format(R"(<g class="{}">)", class_of(lane.layers[layer].kind));
  const auto below = [&](const Slice& slice) {
    int sum = 0;
    for (std::size_t i = 0; i < layer; ++i) sum += slice.tasks[i];
    return sum;
  };
  for (std::size_t i = 0; i < slices.size();) {
    std::size_t last = i;
    while (last + 1 < slices.size() && slices[last + 1].tasks[layer] == slices[i].tasks[layer] &&
           below(slices[last + 1]) == below(slices[i]))
      ++last;
    if (const int tasks = slices[i].tasks[layer]; tasks > 0) {
      const double y = kAreaTop + kAreaHeight - unit * (below(slices[i]) + tasks);
      text += rect(scale.percent(slices[i].from), scale.percent(slices[last].to),
                   std::round(y * 10) / 10, std::round(unit * tasks * 10) / 10);
    }
    i = last + 1;
  }
  return text + "</g>";
}

// A line of steps: level where the value holds, upright where it changes.
std::string step_line(const std::vector<std::pair<TimePoint, double>>& steps, TimePoint end,
                      const Scale& scale) {
  std::string text;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto& [at, y] = steps[i];
    const TimePoint to = i + 1 < steps.size() ? steps[i + 1].first : end;
    text += fmt::format(R"(<line x1="{}" x2="{}" y1="{:g}" y2="{:g}"/>)",
                        percents(scale.percent(at)), percents(scale.percent(to)), y, y);
    if (i + 1 < steps.size() && steps[i + 1].second != y)
      text += fmt::format(R"(<line x1="{0}" x2="{0}" y1="{1:g}" y2="{2:g}"/>)",
                          percents(scale.percent(to)), y, steps[i + 1].second);
  }
  return text;
}

std::string wanted_line(const std::vector<Slice>& slices, double unit, const Scale& scale) {
  std::vector<std::pair<TimePoint, double>> steps;
  for (const Slice& slice : slices) {
    if (!slice.wanted) continue;
    const double y = std::round((kAreaTop + kAreaHeight - unit * *slice.wanted) * 10) / 10;
    if (steps.empty() || steps.back().second != y) steps.emplace_back(slice.from, y);
  }
  if (steps.empty()) return "";
  return R"(<g class="wanted">)" + step_line(steps, slices.back().to, scale) + "</g>";
}

// ---- Marks ----

// A mark, or several of one kind that would lie on each other and are told together.
struct Group {
  double at = 0;
  std::string_view name;
  std::string text;
  int count = 1;
  int row = 0;
};

class Groups {
 public:
  void add(double at, std::string_view name, std::string text) {
    text = cut(text);
    at = std::clamp(at, 1.6, 98.4);
    const auto near = std::ranges::find_if(groups_, [&](const Group& group) {
      return group.name == name && std::abs(at - group.at) < kMarkGapPercent;
    });
    if (near == groups_.end()) {
      groups_.push_back({.at = at, .name = name, .text = std::move(text), .row = row_at(at)});
      return;
    }
    if (++near->count <= kToldTogether) near->text += "\n" + text;
    if (near->count == kToldTogether + 1) near->text += "\n...";
  }
  int rows() const {
    int rows = 0;
    for (const Group& group : groups_) rows = std::max(rows, group.row + 1);
    return rows;
  }
  std::string drawn(int y) const {
    std::string out;
    for (const Group& group : groups_)
      out +=
          fmt::format(R"(<use href="#m-{}" x="{}" y="{}">{}</use>)", group.name, percents(group.at),
                      y + group.row * kMarksRow + kMarksRow / 2, title(group.text));
    return out;
  }

 private:
  static constexpr int kToldTogether = 4;
  static constexpr std::size_t kLongest = 100;

  // A hint, not the whole story: that is in the list of events.
  static std::string cut(const std::string& text) {
    std::size_t end = 0;
    for (std::size_t count = 0; end < text.size() && count < kLongest; ++count)
      end += first_character(std::string_view(text).substr(end)).size;
    return end < text.size() ? text.substr(0, end) + "\u2026" : text;
  }

  // The first row in which nothing is near.
  int row_at(double at) const {
    for (int row = 0;; ++row) {
      const bool is_taken = std::ranges::any_of(groups_, [&](const Group& group) {
        return group.row == row && std::abs(at - group.at) < kMarkGapPercent;
      });
      if (!is_taken) return row;
    }
  }

  std::vector<Group> groups_;
};

Groups groups_of(const std::vector<Mark>& marks, const Scale& scale) {
  Groups groups;
  for (const Mark& mark : marks)
    groups.add(scale.percent(mark.at), name_of(mark.kind),
               since(scale, mark.at) + ": " + mark.text);
  return groups;
}

// A number at its place, within the drawing.
std::string number_over(double at, double y, std::string_view text) {
  const std::string_view anchor = at < 6 ? "start" : at > 94 ? "end" : "middle";
  return fmt::format(R"(<text x="{}" y="{:g}" text-anchor="{}">{}</text>)", percents(at), y, anchor,
                     escaped(text));
}

// A number beside its place: left of it where the drawing ends.
std::string number_beside(double at, double y, std::string_view text) {
  const bool is_late = at > 88;
  return fmt::format(R"(<text x="{}" dx="{}" y="{:g}" text-anchor="{}">{}</text>)", percents(at),
                     is_late ? -3 : 3, y, is_late ? "end" : "start", escaped(text));
}

// Lanes are told apart by their words where there is nothing to see.
std::string label_of(const Lane& lane, const std::vector<Slice>& slices) {
  std::string text = "Tasks of " + name_of(lane) + " over time.";
  if (!slices.empty())
    text += fmt::format(" At first {}; in the end {}.", in_words(lane, slices.front()),
                        in_words(lane, slices.back()));
  if (!lane.marks.empty())
    text +=
        fmt::format(" {} marks; the table below the chart has every number.", lane.marks.size());
  return text;
}

}  // namespace

// ---- Letters -----------------------------------------------------------------------------------

std::string escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Character character = first_character(text);
    const std::string_view bytes = text.substr(0, character.size);
    text.remove_prefix(character.size);
    switch (character.code) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default: {
        const bool is_control =
            (character.code < 0x20 && character.code != '\n' && character.code != '\t') ||
            (character.code >= 0x7F && character.code < 0xA0);
        if (is_control || character.code == 0xFFFD || turns_writing(character.code))
          append_utf8(out, 0xFFFD);
        else
          out += bytes;
      }
    }
  }
  return out;
}

// ---- Time --------------------------------------------------------------------------------------

double Scale::percent(TimePoint at) const {
  if (end <= begin) return 0;
  const double whole = static_cast<double>((end - begin).count());
  return std::clamp(100.0 * static_cast<double>((at - begin).count()) / whole, 0.0, 100.0);
}

std::string tick_text(Duration since_begin) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_begin).count();
  if (seconds <= 0) return "0s";
  std::string text;
  if (seconds >= 3600) text += fmt::format("{}h", seconds / 3600);
  if (seconds % 3600 >= 60) text += fmt::format("{}m", seconds % 3600 / 60);
  if (seconds % 60 > 0) text += fmt::format("{}s", seconds % 60);
  return text;
}

std::vector<Duration> ticks_of(Duration whole) {
  constexpr std::array<std::chrono::seconds, 20> kSteps = {
      1s,    2s,    5s,    10s, 15s, 30s, 1min, 2min, 3min, 5min,
      10min, 15min, 30min, 1h,  2h,  3h,  6h,   12h,  24h,  7 * 24h};
  constexpr int kMost = 5;  // besides the one at the beginning
  const auto step = std::ranges::find_if(
      kSteps, [&](std::chrono::seconds length) { return whole / length <= kMost; });
  const Duration chosen = step == kSteps.end() ? whole / kMost : Duration(*step);
  std::vector<Duration> ticks;
  for (Duration tick{}; tick <= whole && ticks.size() <= kMost;
       tick += std::max(chosen, Duration(1s)))
    ticks.push_back(tick);
  return ticks;
}

std::string axis(const Scale& scale) {
  const Duration whole = scale.end - scale.begin;
  std::string text =
      fmt::format(R"(<svg class="axis" width="100%" height="{}" role="img" aria-label="{}">)",
                  kAxisHeight, "Time since the beginning, " + tick_text(whole) + " in all");
  for (const Duration tick : ticks_of(whole)) {
    const double at = scale.percent(scale.begin + tick);
    const std::string_view anchor = at < 4 ? "start" : at > 94 ? "end" : "middle";
    text += fmt::format(
        R"(<line x1="{0}" x2="{0}" y1="17" y2="{1}"/><text x="{0}" y="13" text-anchor="{2}">{3}</text>)",
        percents(at), kAxisHeight, anchor, tick_text(tick));
  }
  return text + "</svg>";
}

// ---- Patterns and samples ----------------------------------------------------------------------

std::string_view class_of(LayerKind kind) {
  switch (kind) {
    case LayerKind::kOld:
      return "old";
    case LayerKind::kNew:
      return "new";
    case LayerKind::kOther:
      return "other";
    case LayerKind::kStarting:
      return "starting";
    case LayerKind::kStopping:
      return "stopping";
  }
  return "old";
}

std::string definitions() {
  std::string text =
      R"(<svg class="definitions" width="0" height="0" aria-hidden="true" focusable="false"><defs>)"
      R"-(<pattern id="p-new" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">)-"
      R"(<rect class="b" width="7" height="7"/><rect class="f" width="2" height="7"/></pattern>)"
      R"(<pattern id="p-other" width="6" height="6" patternUnits="userSpaceOnUse">)"
      R"(<rect class="b" width="6" height="6"/><path class="f" d="M0 0h6v1H1v5H0z"/></pattern>)"
      R"(<pattern id="p-starting" width="5" height="5" patternUnits="userSpaceOnUse">)"
      R"(<rect class="b" width="5" height="5"/><circle class="f" cx="2.5" cy="2.5" r="1.1"/></pattern>)"
      R"(<pattern id="p-stopping" width="5" height="5" patternUnits="userSpaceOnUse">)"
      R"(<rect class="b" width="5" height="5"/><rect class="f" width="5" height="1.5"/></pattern>)";
  for (const auto& [name, path] : kShapes)
    text += fmt::format(R"(<path id="m-{0}" class="m-{0}" d="{1}"/>)", name, path);
  return text + "</defs></svg>";
}

std::string swatch(LayerKind kind) {
  return fmt::format(
      R"(<svg class="swatch" width="16" height="12" aria-hidden="true"><g class="{}"><rect x="0" y="0" width="16" height="12"/></g></svg>)",
      class_of(kind));
}

std::string swatch(MarkKind kind) {
  return fmt::format(
      R"(<svg class="swatch" width="14" height="14" aria-hidden="true"><use href="#m-{}" x="7" y="7"/></svg>)",
      name_of(kind));
}

std::string swatch(CheckVerdict verdict) {
  return fmt::format(
      R"(<svg class="swatch" width="14" height="14" aria-hidden="true"><use href="#m-{}" x="7" y="7"/></svg>)",
      name_of(verdict));
}

// ---- Drawings ----------------------------------------------------------------------------------

std::string in_words(const Lane& lane, const Slice& slice) {
  std::string text;
  for (std::size_t i = 0; i < lane.layers.size(); ++i) {
    if (slice.tasks[i] == 0) continue;
    if (!text.empty()) text += ", ";
    text += fmt::format("{} {}", lane.layers[i].name, slice.tasks[i]);
  }
  return text.empty() ? "no tasks" : text;
}

std::string drawing_of(const Lane& lane, const std::vector<Slice>& slices, const Scale& scale) {
  if (slices.empty() && lane.marks.empty()) return "";
  const int area = slices.empty() ? 0 : kAreaTop + kAreaHeight;
  const Groups groups = groups_of(lane.marks, scale);
  const int height = area + 4 + groups.rows() * kMarksRow;
  std::string text = open_svg(height, label_of(lane, slices)) + grid(scale, height);
  if (!slices.empty()) {
    const double unit = static_cast<double>(kAreaHeight) / top_of(lane, slices);
    for (std::size_t i = 0; i < lane.layers.size(); ++i)
      text += layer_area(lane, slices, i, unit, scale);
    text += wanted_line(slices, unit, scale);
    text += R"(<g class="hover">)";
    for (const Slice& slice : slices)
      text +=
          rect(scale.percent(slice.from), scale.percent(slice.to), kAreaTop, kAreaHeight,
               ">" + title(since(scale, slice.from) + ": " + in_words(lane, slice)) + "</rect>");
    text += "</g>";
  }
  return text + groups.drawn(area + 2) + "</svg>";
}

std::string weights_of(const Lane& lane, const Scale& scale) {
  if (lane.weights.empty()) return "";
  const TimePoint end = std::max(lane.ended.value_or(scale.end), lane.weights.back().at);
  const auto y_of = [](int weight) {
    return std::round((kWeightsTop + kWeightsHeight * (1 - weight / 100.0)) * 10) / 10;
  };
  std::string words;
  for (const auto& [at, weight] : lane.weights)
    words += fmt::format("{}from {} {}%", words.empty() ? "" : ", ", since(scale, at), weight);
  constexpr int kHeight = kWeightsTop + kWeightsHeight + 2;
  std::string text =
      open_svg(kHeight, "Share of traffic of the new side: " + words + ".") + grid(scale, kHeight);
  std::vector<std::pair<TimePoint, double>> steps;
  std::string areas, numbers;
  for (std::size_t i = 0; i < lane.weights.size(); ++i) {
    const auto& [at, weight] = lane.weights[i];
    const bool is_last = i + 1 == lane.weights.size();
    const double from = scale.percent(at);
    const double to = scale.percent(is_last ? end : lane.weights[i + 1].at);
    const double y = y_of(weight);
    steps.emplace_back(at, y);
    areas +=
        rect(from, to, y, kWeightsTop + kWeightsHeight - y,
             ">" + title(fmt::format("from {}: {}% to the new side", since(scale, at), weight)) +
                 "</rect>");
    // A weight that was soon another one is in the table; where traffic ended stands here.
    if (is_last || to - from >= kNumberGapPercent)
      numbers += number_beside(from, y - 4, fmt::format("{}%", weight));
  }
  return text + R"(<g class="new">)" + areas + R"(</g><g class="weight">)" +
         step_line(steps, end, scale) + "</g>" + numbers + "</svg>";
}

std::string evaluations_of(const CheckSeries& check, const Scale& scale) {
  Groups groups;
  std::string numbers;
  double free_from = 0;
  for (const Evaluation& evaluation : check.evaluations) {
    const double at = scale.percent(evaluation.at);
    groups.add(at, name_of(evaluation.verdict),
               since(scale, evaluation.at) + ": " + evaluation.text);
    if (evaluation.value.empty() || at < free_from) continue;
    numbers += number_over(at, 11, evaluation.value);
    free_from = at + kNumberGapPercent;
  }
  const int height = kCheckHeight - kMarksRow + groups.rows() * kMarksRow;
  return open_svg(height, fmt::format("{}: {}, the last one {}", check.name,
                                      counted(check.evaluations.size(), "evaluation"),
                                      to_string(check.evaluations.back().verdict))) +
         grid(scale, height) + numbers + groups.drawn(kCheckHeight - kMarksRow) + "</svg>";
}

std::string calls_strip(const Run& run, const Scale& scale) {
  // A journal has no calls that only look.
  const bool has_all = !run.calls.empty();
  const std::vector<Call>& calls = has_all ? run.calls : run.changes;
  if (calls.empty()) return "";
  struct Bar {
    int calls = 0;
    int throttled = 0;
  };
  std::array<Bar, kStripBars> bars{};
  for (const Call& call : calls) {
    const auto index = static_cast<std::size_t>(scale.percent(call.at) / 100 * kStripBars);
    Bar& bar = bars[std::min<std::size_t>(index, kStripBars - 1)];
    bar.calls += call.attempts;
    bar.throttled += call.throttled;
  }
  const int top = std::ranges::max(bars, {}, &Bar::calls).calls;
  std::string text =
      open_svg(kStripHeight,
               fmt::format("{} over time, at most {} in one of {} equal parts",
                           has_all ? "API calls" : "Changing API calls", top, kStripBars)) +
      grid(scale, kStripHeight);
  const double unit = static_cast<double>(kStripHeight - 2) / top;
  const Duration width = (scale.end - scale.begin) / kStripBars;
  for (int i = 0; i < kStripBars; ++i) {
    const auto& [count, throttled] = bars[static_cast<std::size_t>(i)];
    if (count == 0) continue;
    const double from = 100.0 * i / kStripBars;
    const double to = 100.0 * (i + 1) / kStripBars;
    std::string words =
        fmt::format("from {}: {} calls", since(scale, scale.begin + width * i), count);
    if (throttled > 0) words += fmt::format(", {} throttled", throttled);
    text +=
        R"(<g class="calls">)" +
        rect(from, to, kStripHeight - unit * count, unit * count, ">" + title(words) + "</rect>") +
        "</g>";
    if (throttled > 0)
      text += R"(<g class="throttled">)" +
              rect(from, to, kStripHeight - unit * throttled, unit * throttled,
                   ">" + title(words) + "</rect>") +
              "</g>";
  }
  return text + "</svg>";
}

}  // namespace slipway::report
