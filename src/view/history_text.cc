#include "view/history_text.h"

#include "base/utf8.h"
#include "view/width.h"

#include <algorithm>
#include <array>
#include <utility>

namespace slipway {

std::string to_string(const std::vector<HistoryEntry>& entries) {
  if (entries.empty()) return "";
  // WHY is the last, and as long as it is. RUN is what `history RUN --report FILE` takes.
  using Row = std::array<std::string, 7>;
  std::vector<Row> rows = {{"WHEN", "ITEM", "REVISION", "RESULT", "BY", "RUN", "WHY"}};
  for (const HistoryEntry& entry : entries) {
    std::string by = entry.by;
    if (!entry.command.empty()) by += (by.empty() ? "slipway " : ", slipway ") + entry.command;
    rows.push_back({to_iso8601(entry.when), (entry.kind == "task" ? "task " : "") + entry.item,
                    entry.task_definition, entry.result, std::move(by), entry.run_id, entry.why});
  }
  constexpr int kWholeLine = 100'000;
  std::array<int, 7> widths{};
  for (const Row& row : rows)
    for (std::size_t i = 0; i + 1 < row.size(); ++i)
      widths[i] = std::max(widths[i], static_cast<int>(display_width(row[i])));
  std::string text;
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i + 1 < row.size(); ++i) line += padded(row[i], widths[i]) + "  ";
    line += fitted(row.back(), kWholeLine);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

Json to_json(const std::vector<HistoryEntry>& entries) {
  JsonArray array;
  for (const HistoryEntry& entry : entries) {
    JsonObject object{{"when", to_iso8601(entry.when)}};
    if (entry.ended) object["ended"] = to_iso8601(*entry.ended);
    object["kind"] = entry.kind;
    object["item"] = entry.item;
    const auto add = [&](std::string_view name, const std::string& text) {
      if (!text.empty()) object[name] = text;
    };
    add("task_definition", entry.task_definition);
    if (!entry.images.empty()) object["images"] = boost::json::value_from(entry.images);
    add("result", entry.result);
    add("by", entry.by);
    add("why", entry.why);
    add("command", entry.command);
    add("run_id", entry.run_id);
    add("service_deployment", entry.service_deployment);
    array.push_back(std::move(object));
  }
  return array;
}

}  // namespace slipway
