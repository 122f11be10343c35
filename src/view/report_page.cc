#include "view/report_page.h"

#include "base/text.h"
#include "view/report_svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace slipway::report {
namespace {

constexpr std::size_t kSlices = 1000;  // of all lanes together
constexpr std::size_t kFewestSlices = 16;
constexpr std::size_t kMostSlices = 240;
constexpr std::size_t kMostEvents = 700;
constexpr std::size_t kOpenEvents = 60;  // a longer list is shown when asked for
constexpr std::size_t kMostServiceEvents = 20;

std::string element(std::string_view name, std::string_view text) {
  return fmt::format("<{0}>{1}</{0}>", name, escaped(text));
}

std::string in_code(std::string_view text) { return "<code>" + escaped(text) + "</code>"; }

// ---- Outcomes in words and signs ---------------------------------------------------------------

struct Look {
  std::string_view css;
  std::string_view sign;
};

Look look_of(std::optional<Outcome> outcome) {
  if (!outcome) return {"warn", "\u2026"};
  switch (*outcome) {
    case Outcome::kSucceeded:
      return {"good", "\u2714"};
    case Outcome::kSkipped:
      return {"none", "\u2013"};
    case Outcome::kRolledBack:
      return {"bad", "\u21a9"};
    case Outcome::kTimedOut:
    case Outcome::kStopped:
    case Outcome::kSuperseded:
    case Outcome::kPaused:
      return {"warn", "!"};
    case Outcome::kFailedToStart:
    case Outcome::kFailed:
    case Outcome::kRollbackFailed:
      break;
  }
  return {"bad", "\u2716"};
}

std::string words_of(std::optional<Outcome> outcome, RolledBackBy by) {
  if (!outcome) return "not ended";
  std::string words = in_words(*outcome);
  if (by == RolledBackBy::kUs) return words + " by this run";
  if (by != RolledBackBy::kNobody) words += fmt::format(" by the {}", to_string(by));
  return words;
}

std::string badge(std::string_view element_name, std::string_view more,
                  std::optional<Outcome> outcome, RolledBackBy by) {
  const auto [css, sign] = look_of(outcome);
  return fmt::format(R"(<{0} class="{1}{2}"><span aria-hidden="true">{3}</span> {4}</{0}>)",
                     element_name, more, css, sign, escaped(words_of(outcome, by)));
}

bool is_good(const Lane& lane) {
  return lane.outcome == Outcome::kSucceeded || lane.outcome == Outcome::kSkipped;
}

std::string revisions_of(const Lane& lane) {
  if (lane.old_revision == lane.new_revision || lane.new_revision.empty()) return lane.old_revision;
  if (lane.old_revision.empty()) return lane.new_revision;
  return lane.old_revision + " \u2192 " + lane.new_revision;
}

// ---- The head ----------------------------------------------------------------------------------

std::string heading_of(const Run& run) {
  const RunStarted& started = run.started;
  std::string text = started.command.empty() ? "A run of slipway" : started.command;
  if (!started.application.empty()) text += " " + started.application;
  if (!started.cluster.empty()) text += " on cluster " + started.cluster;
  return text + (started.simulated ? " (simulated)" : "");
}

std::optional<Outcome> outcome_of(const Run& run) {
  if (run.ended) return run.ended->outcome;
  return run.interrupted ? std::optional(Outcome::kStopped) : std::nullopt;
}

RolledBackBy rolled_back_by(const Run& run) {
  if (outcome_of(run) != Outcome::kRolledBack) return RolledBackBy::kNobody;
  for (const Lane& lane : run.lanes)
    if (lane.rolled_back_by != RolledBackBy::kNobody) return lane.rolled_back_by;
  return RolledBackBy::kNobody;
}

std::string facts_of(const Run& run) {
  const RunStarted& started = run.started;
  std::string text = "<dl class=\"facts\">";
  const auto fact = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) text += "<div>" + element("dt", name) + element("dd", value) + "</div>";
  };
  fact("Began", to_iso8601(run.begin));
  fact("Took", to_string(run.ended ? run.ended->elapsed : run.end - run.begin));
  fact("Region", started.region);
  fact("File", started.file.empty() ? "" : fmt::format("{} ({})", started.file, started.dialect));
  fact("By", started.by);
  if (run.ended && run.ended->api_calls > 0)
    fact("API calls", fmt::format("{}{}", run.ended->api_calls,
                                  run.ended->throttled_calls > 0
                                      ? fmt::format(", {} throttled", run.ended->throttled_calls)
                                      : std::string()));
  fact("Run", started.run_id);
  return text + "</dl>";
}

std::string head_of(const Run& run) {
  std::string text = "<header>" + badge("p", "badge ", outcome_of(run), rolled_back_by(run)) +
                     element("h1", heading_of(run));
  if (run.ended && !run.ended->reason.empty())
    text += "<p class=\"reason\">" + escaped(run.ended->reason) + "</p>";
  // The first one is the reason already.
  if (run.problems.size() > 1) {
    text += "<p>Planning found:</p><ul>";
    for (const std::string& problem : run.problems) text += element("li", problem);
    text += "</ul>";
  }
  return text + facts_of(run) + "</header>";
}

// ---- The timeline ------------------------------------------------------------------------------

std::string legend_of(const Run& run) {
  constexpr std::array<std::pair<LayerKind, std::string_view>, 5> kLayers = {
      {{LayerKind::kOld, "old revision"},
       {LayerKind::kNew, "new revision, running"},
       {LayerKind::kOther, "another revision"},
       {LayerKind::kStarting, "not running yet"},
       {LayerKind::kStopping, "stopping"}}};
  constexpr std::array<std::pair<MarkKind, std::string_view>, 6> kMarks = {
      {{MarkKind::kCall, "changed by this run"},
       {MarkKind::kEvent, "event of the service"},
       {MarkKind::kGood, "went well"},
       {MarkKind::kFailure, "failed"},
       {MarkKind::kRollback, "moved back"},
       {MarkKind::kWaiting, "waits for somebody"}}};
  const auto any_layer = [&](LayerKind kind) {
    return std::ranges::any_of(run.lanes, [&](const Lane& lane) {
      return std::ranges::find(lane.layers, kind, &Layer::kind) != lane.layers.end();
    });
  };
  const auto any_mark = [&](MarkKind kind) {
    return std::ranges::any_of(run.lanes, [&](const Lane& lane) {
      return std::ranges::find(lane.marks, kind, &Mark::kind) != lane.marks.end();
    });
  };
  const auto any_verdict = [&](CheckVerdict verdict) {
    return std::ranges::any_of(run.lanes, [&](const Lane& lane) {
      return std::ranges::any_of(lane.checks, [&](const CheckSeries& check) {
        return std::ranges::find(check.evaluations, verdict, &Evaluation::verdict) !=
               check.evaluations.end();
      });
    });
  };
  std::string text = "<ul class=\"legend\" aria-label=\"Legend\">";
  for (const auto& [kind, name] : kLayers)
    if (any_layer(kind)) text += "<li>" + swatch(kind) + escaped(name) + "</li>";
  if (std::ranges::any_of(run.lanes, [](const Lane& lane) { return !lane.wanted.empty(); }))
    text +=
        R"(<li><svg class="swatch" width="20" height="4" aria-hidden="true"><g class="wanted"><line x1="0" x2="20" y1="2" y2="2"/></g></svg>how many are wanted</li>)";
  for (const auto& [kind, name] : kMarks)
    if (any_mark(kind)) text += "<li>" + swatch(kind) + escaped(name) + "</li>";
  constexpr std::array<std::pair<CheckVerdict, std::string_view>, 4> kVerdicts = {
      {{CheckVerdict::kPass, "check passed"},
       {CheckVerdict::kFail, "check failed"},
       {CheckVerdict::kInconclusive, "check undecided"},
       {CheckVerdict::kError, "check could not be made"}}};
  for (const auto& [verdict, name] : kVerdicts)
    if (any_verdict(verdict)) text += "<li>" + swatch(verdict) + escaped(name) + "</li>";
  return text + "</ul>";
}

// Every number of the drawing, for whoever cannot see it.
std::string numbers_of(const Lane& lane, const std::vector<Slice>& slices, const Scale& scale) {
  if (slices.empty()) return "";
  std::string text = "<details><summary>" + escaped(name_of(lane)) +
                     " as a table</summary><div class=\"scroll\"><table class=\"numbers\"><thead>"
                     "<tr><th scope=\"col\">Since</th>";
  for (const Layer& layer : lane.layers)
    text += "<th scope=\"col\">" + swatch(layer.kind) + " " + escaped(layer.name) + "</th>";
  text += "<th scope=\"col\">Wanted</th></tr></thead><tbody>";
  for (const Slice& slice : slices) {
    text += "<tr>" +
            element("td",
                    tick_text(std::chrono::round<std::chrono::seconds>(slice.from - scale.begin)));
    for (const int tasks : slice.tasks) text += fmt::format("<td>{}</td>", tasks);
    text += "<td>" + (slice.wanted ? fmt::to_string(*slice.wanted) : std::string()) + "</td></tr>";
  }
  return text + "</tbody></table></div></details>";
}

std::string checks_of(const Lane& lane, const Scale& scale) {
  if (lane.checks.empty() && lane.weights.empty()) return "";
  std::string text = "<details><summary>traffic and checks of " + escaped(name_of(lane)) +
                     " as a table</summary><div class=\"scroll\"><table class=\"numbers\"><thead>"
                     "<tr><th scope=\"col\">At</th><th scope=\"col\">What</th></tr></thead><tbody>";
  std::vector<std::pair<TimePoint, std::string>> rows;
  for (const auto& [at, weight] : lane.weights)
    rows.emplace_back(at, fmt::format("{}% of traffic to the new side", weight));
  for (const CheckSeries& check : lane.checks)
    for (const Evaluation& evaluation : check.evaluations)
      rows.emplace_back(evaluation.at, evaluation.text);
  std::ranges::stable_sort(rows, {}, &std::pair<TimePoint, std::string>::first);
  for (const auto& [at, what] : rows)
    text += "<tr>" +
            element("td", tick_text(std::chrono::round<std::chrono::seconds>(at - scale.begin))) +
            R"(<td class="words">)" + escaped(what) + "</td></tr>";
  return text + "</tbody></table></div></details>";
}

std::string lane_of(const Lane& lane, std::size_t most_slices, const Run& run, const Scale& scale) {
  const std::vector<Slice> slices = slices_of(lane, run.end, most_slices);
  std::string text = R"(<article class="lane"><div class="what">)";
  if (lane.subject.kind == ItemKind::kNone)
    text += element("h3", name_of(lane));
  else
    text += fmt::format("<h3><span class=\"soft\">{}</span> {}</h3>", to_string(lane.subject.kind),
                        escaped(lane.subject.item));
  if (const std::string revisions = revisions_of(lane); !revisions.empty())
    text += element("p", revisions);
  text += "<p>" + badge("span", "", lane.outcome, lane.rolled_back_by);
  if (lane.elapsed) text += " after " + escaped(to_string(*lane.elapsed));
  text += "</p></div>";
  const std::string drawing = drawing_of(lane, slices, scale);
  text += drawing.empty() ? std::string("<p class=\"soft nothing\">nothing was seen of it</p>")
                          : drawing;
  if (!lane.weights.empty())
    text += R"(<p class="what">traffic to the new side)" +
            (lane.new_side.empty() ? std::string() : ", " + escaped(lane.new_side)) + "</p>" +
            weights_of(lane, scale);
  for (const CheckSeries& check : lane.checks)
    text += R"(<p class="what">)" + escaped(check.name) +
            (check.condition.empty()
                 ? std::string()
                 : " <span class=\"soft\">" + escaped(check.condition) + "</span>") +
            "</p>" + evaluations_of(check, scale);
  return text + numbers_of(lane, slices, scale) + checks_of(lane, scale) + "</article>";
}

// "287, 41 throttled"
std::string counts_of(const std::vector<Call>& calls) {
  int attempts = 0;
  int throttled = 0;
  for (const Call& call : calls) {
    attempts += call.attempts;
    throttled += call.throttled;
  }
  return fmt::format("{}{}", attempts,
                     throttled > 0 ? fmt::format(", {} throttled", throttled) : std::string());
}

std::string timeline_of(const Run& run) {
  if (run.lanes.empty()) return "";
  const Scale scale{run.begin, std::max(run.end, run.begin + std::chrono::seconds(1))};
  const std::size_t most = std::clamp(kSlices / run.lanes.size(), kFewestSlices, kMostSlices);
  std::string text =
      R"(<section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>)" + legend_of(run) +
      R"(<div class="lane times"><div class="what soft">time since the beginning</div>)" +
      axis(scale) + "</div>";
  for (const Lane& lane : run.lanes) text += lane_of(lane, most, run, scale);
  if (const std::string strip = calls_strip(run, scale); !strip.empty()) {
    text += R"(<article class="lane"><div class="what"><h3>)" +
            std::string(run.calls.empty() ? "Changing API calls" : "API calls") + "</h3>";
    if (!run.calls.empty()) text += element("p", counts_of(run.calls));
    text += "</div>" + strip + "</article>";
  }
  return text + "</section>";
}

// ---- Items -------------------------------------------------------------------------------------

std::string items_of(const Run& run) {
  if (run.lanes.empty()) return "";
  std::string text = R"(<section aria-labelledby="items"><h2 id="items">Items</h2>)"
                     R"(<table class="cards" role="table"><thead role="rowgroup"><tr role="row">)";
  for (const std::string_view name : {"Item", "Outcome", "Revision", "Runs now", "Took", "Why"})
    text += fmt::format(R"(<th scope="col" role="columnheader">{}</th>)", name);
  text += R"(</tr></thead><tbody role="rowgroup">)";
  for (const Lane& lane : run.lanes) {
    text +=
        R"(<tr role="row"><th scope="row" role="rowheader">)" + escaped(name_of(lane)) + "</th>";
    const auto cell = [&](std::string_view label, std::string_view html) {
      if (html.empty())
        text += R"(<td role="cell"></td>)";
      else
        text += fmt::format(R"(<td role="cell" data-label="{}">{}</td>)", label, html);
    };
    cell("Outcome", badge("span", "", lane.outcome, lane.rolled_back_by));
    std::string revisions = escaped(revisions_of(lane));
    for (const std::string& image : lane.images)
      revisions += "<br/><span class=\"soft\">" + escaped(image) + "</span>";
    cell("Revision", revisions);
    cell("Runs now", lane.subject.kind == ItemKind::kTask ? "" : escaped(lane.runs));
    cell("Took", lane.elapsed ? escaped(to_string(*lane.elapsed)) : "");
    cell("Why", escaped(lane.reason));
    text += "</tr>";
  }
  return text + "</tbody></table></section>";
}

// ---- Failures ----------------------------------------------------------------------------------

std::string stopped_tasks_of(const Lane& lane) {
  if (lane.stopped_tasks.empty()) return "";
  std::string text =
      R"(<table class="cards" role="table"><caption>Stopped tasks, by reason</caption>)"
      R"(<thead role="rowgroup"><tr role="row">)";
  for (const std::string_view name : {"Tasks", "Reason", "Containers", "For example"})
    text += fmt::format(R"(<th scope="col" role="columnheader">{}</th>)", name);
  text += R"(</tr></thead><tbody role="rowgroup">)";
  for (const StoppedTaskGroup& group : lane.stopped_tasks) {
    std::vector<StoppedContainer> containers = group.containers;
    for (StoppedContainer& container : containers)
      if (container.reason == group.stoppedReason) container.reason.clear();
    text += fmt::format(
        R"(<tr role="row"><td role="cell" data-label="Tasks">{}</td><td role="cell" data-label="Reason">{}</td>)"
        R"(<td role="cell" data-label="Containers">{}</td><td role="cell" data-label="For example">{}</td></tr>)",
        group.count, escaped(group.stoppedReason.empty() ? "no reason given" : group.stoppedReason),
        escaped(ends_of(containers)), in_code(group.example_task_id));
  }
  return text + "</tbody></table>";
}

std::string service_events_of(const Lane& lane, const Scale& scale) {
  const std::size_t count = lane.service_events.size();
  if (count == 0) return "";
  std::string text = "<p class=\"soft\">Events of the service</p><ul>";
  for (std::size_t i = count - std::min(count, kMostServiceEvents); i < count; ++i) {
    const ServiceEvent& event = lane.service_events[i];
    text += fmt::format(
        "<li><span class=\"soft\">{}</span> {}</li>",
        tick_text(std::chrono::round<std::chrono::seconds>(event.createdAt - scale.begin)),
        escaped(event.message));
  }
  return text + "</ul>";
}

std::string failures_of(const Run& run) {
  const Scale scale{run.begin, run.end};
  std::string text;
  for (const Lane& lane : run.lanes) {
    if (is_good(lane) && lane.stopped_tasks.empty()) continue;
    if (lane.reason.empty() && lane.stopped_tasks.empty() && lane.status_reason.empty()) continue;
    text += "<div class=\"failure\">" + element("h3", name_of(lane));
    if (!lane.reason.empty()) text += element("p", lane.reason);
    if (!lane.status_reason.empty()) text += element("p", "ECS says: " + lane.status_reason);
    text += stopped_tasks_of(lane) + service_events_of(lane, scale);
    if (!lane.last_lines.empty())
      text += "<p class=\"soft\">Last lines of the log</p><pre>" +
              escaped(join(lane.last_lines, "\n")) + "</pre>";
    text += "</div>";
  }
  if (text.empty()) return "";
  return R"(<section aria-labelledby="why"><h2 id="why">Why it failed</h2>)" + text + "</section>";
}

// ---- What now ----------------------------------------------------------------------------------

std::string next_of(const Run& run) {
  std::string text =
      R"(<section aria-labelledby="next"><h2 id="next">What to do next</h2><div class="next">)";
  const std::optional<Outcome> outcome = outcome_of(run);
  if (run.ended)
    for (const std::string& sentence : run.ended->state) text += element("p", sentence);
  if (run.interrupted && !run.interrupted->in_progress.empty())
    text += element("p", "Left in progress: " + join(run.interrupted->in_progress, "; "));
  for (const Lane& lane : run.lanes) {
    if (!lane.paused) continue;
    text += element("p", fmt::format("{} waits at {}%: {}. To go on:", name_of(lane),
                                     lane.paused->weight, lane.paused->reason)) +
            element("pre", lane.paused->go_on) + "<p>To go back:</p>" +
            element("pre", lane.paused->go_back);
  }
  if (run.interrupted && !run.interrupted->reattach.empty())
    text += "<p>To go on watching:</p><pre>" + escaped(run.interrupted->reattach) + "</pre>";
  else if (run.ended && !run.ended->next_step.empty())
    text += element("p", "Next: " + run.ended->next_step);
  else if (!outcome)
    text += "<p>The record stops here: the run goes on, or it was killed.</p><pre>slipway status" +
            (run.started.cluster.empty() ? std::string()
                                         : " --cluster " + escaped(run.started.cluster)) +
            "</pre>";
  else if (outcome == Outcome::kSucceeded || outcome == Outcome::kSkipped)
    text += "<p>Nothing. What was asked for is what runs.</p>";
  else if (outcome != Outcome::kPaused)
    text += "<p>Nothing has to be undone. Mend what is named above and release again.</p>";
  return text + "</div></section>";
}

// ---- The list of events ------------------------------------------------------------------------

std::string_view css_of(LogLevel level) {
  return level >= LogLevel::kError ? "bad" : level == LogLevel::kWarn ? "warn" : "";
}

std::string row_of(const Told& told, const Scale& scale) {
  const std::string_view css = css_of(told.level);
  return fmt::format(R"(<tr{}><td title="{}">{}</td><td>{}</td><td>{}</td></tr>)",
                     css.empty() ? std::string() : fmt::format(" class=\"{}\"", css),
                     to_iso8601(told.at, true),
                     tick_text(std::chrono::floor<std::chrono::seconds>(told.at - scale.begin)),
                     escaped(told.about),
                     (css == "bad"    ? "error: "
                      : css == "warn" ? "warning: "
                                      : "") +
                         escaped(told.message));
}

std::string events_of(const Run& run) {
  if (run.told.empty()) return "";
  const Scale scale{run.begin, run.end};
  const std::size_t count = run.told.size();
  std::string text = fmt::format(
      R"(<section aria-labelledby="events"><h2 id="events">Events</h2><details{}><summary>{}</summary>)"
      R"(<table class="events cards"><thead><tr><th scope="col">Since</th><th scope="col">Item</th><th scope="col">Event</th></tr></thead><tbody>)",
      count <= kOpenEvents ? " open=\"\"" : "", counted(count, "event"));
  const std::size_t kept_at_an_end = kMostEvents / 2;
  for (std::size_t i = 0; i < count; ++i) {
    if (count > kMostEvents && i == kept_at_an_end) {
      const std::size_t left_out = count - kMostEvents;
      text += fmt::format(
          "<tr><td></td><td></td><td>{} in between are left out; the journal has them</td></tr>",
          counted(left_out, "event"));
      i += left_out;
    }
    text += row_of(run.told[i], scale);
  }
  return text + "</tbody></table></details></section>";
}

}  // namespace

std::string page_of(const Run& run) {
  const std::string heading = heading_of(run);
  std::string page =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
      // Nothing of the page may run or reach out, whatever its texts say.
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
      "'unsafe-inline'; img-src data:\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<link rel=\"icon\" href=\"data:,\"/>\n";
  page += "<title>" + escaped(words_of(outcome_of(run), rolled_back_by(run)) + ": " + heading) +
          "</title>\n<style>" + std::string(style()) + "</style></head>\n<body>" + definitions() +
          "<main>\n";
  page += head_of(run) + "\n" + timeline_of(run) + "\n" + items_of(run) + "\n" + failures_of(run) +
          "\n" + next_of(run) + "\n" + events_of(run) + "\n";
  page += "<footer>Drawn by slipway from the run's own events. Times are UTC.</footer>";
  return page + "</main></body></html>\n";
}

}  // namespace slipway::report
