#include "view/log.h"

#include "base/json.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway {
namespace {

// What logfmt readers take bare; everything else is quoted.
bool is_bare(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-._/@^+:,").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20)
          out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else
          out += c;
    }
  }
  return out + "\"";
}

std::string value_of(std::string_view text) {
  return is_bare(text) ? std::string(text) : in_quotes(text);
}

constexpr std::string_view kFourLetters[] = {"TRAC", "DEBU", "INFO", "WARN",
                                             "ERRO", "FATA", "PANI"};

std::string_view color_of(LogLevel level) {
  switch (level) {
    case LogLevel::kTrace:
    case LogLevel::kDebug:
      return "\x1b[37m";
    case LogLevel::kInfo:
      return "\x1b[36m";
    case LogLevel::kWarn:
      return "\x1b[33m";
    default:
      return "\x1b[31m";
  }
}

std::string text_line(const LogSettings& settings, TimePoint at, const Line& line,
                      const std::vector<std::pair<std::string, std::string>>& fields) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(at - settings.start).count();
  const std::string_view on = settings.color ? color_of(line.level) : "";
  const std::string_view off = settings.color ? "\x1b[0m" : "";
  std::string text = fmt::format("{}{}{}[{:04}] {}", on, kFourLetters[static_cast<int>(line.level)],
                                 off, std::max<std::int64_t>(seconds, 0), printable(line.message));
  if (!fields.empty() && line.message.size() < 44) text.append(44 - line.message.size(), ' ');
  for (const auto& [key, value] : fields)
    text += fmt::format(" {}{}{}={}", on, key, off, value_of(value));
  return text + "\n";
}

std::string logfmt_line(TimePoint at, const Line& line,
                        const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string text = fmt::format("time=\"{}\" level={} msg={}", to_iso8601(at),
                                 to_string(line.level), in_quotes(line.message));
  for (const auto& [key, value] : fields) text += " " + key + "=" + value_of(value);
  return text + "\n";
}

std::string json_line(TimePoint at, const Line& line,
                      const std::vector<std::pair<std::string, std::string>>& fields) {
  JsonObject object{
      {"time", to_iso8601(at)}, {"level", to_string(line.level)}, {"msg", line.message}};
  for (const auto& [key, value] : fields) object[key] = value;
  return to_text(Json(std::move(object))) + "\n";
}

// The item's part of the picture, to see whether a look brought anything new.
std::string picture_of(const Event& event) {
  std::string picture;
  for (const Line& line : lines_of(event)) picture += line.message + "\n";
  return picture;
}

}  // namespace

LogView::LogView(LogSettings settings, Writer writer)
    : settings_(std::move(settings)), writer_(std::move(writer)) {}

void LogView::on(const Event& event) {
  const std::string& item = event.subject.item;
  const bool is_service_look = std::holds_alternative<ServiceObserved>(event.body);
  const auto* task_look = std::get_if<TaskObserved>(&event.body);
  const auto* targets = std::get_if<TargetsObserved>(&event.body);
  if (is_service_look || task_look != nullptr || targets != nullptr) {
    const std::string key = task_look != nullptr ? item + "/" + task_look->task_id
                            : targets != nullptr ? item + "/" + targets->target_group
                                                 : item;
    std::string picture = picture_of(event);
    std::string& last = last_looks_[key];
    const bool repeated = last == picture;
    last = std::move(picture);
    const std::size_t end = last.find('\n');
    if (targets == nullptr && !is_in_a_step_.contains(item))
      in_progress_[item] = last.substr(0, end);
    if (repeated && !settings_.every_look) return;
  }
  // A step of traffic says more about what goes on than the tasks under it, which are at rest.
  if (std::holds_alternative<StepStarted>(event.body)) {
    is_in_a_step_.insert(item);
    in_progress_[item] = lines_of(event).front().message;
  }
  if (std::holds_alternative<ItemEnded>(event.body)) {
    in_progress_.erase(item);
    is_in_a_step_.erase(item);
  }
  for (const Line& line : lines_of(event)) write(event.at, line);
}

void LogView::tick(TimePoint now) {
  if (!settings_.heartbeat || !last_line_ || in_progress_.empty()) return;
  if (now - *last_line_ < *settings_.heartbeat) return;
  std::vector<std::string> parts;
  for (const auto& [item, doing] : in_progress_) parts.push_back(fmt::format("{} {}", item, doing));
  write(now, Line{.level = LogLevel::kInfo, .message = "still working: " + join(parts, "; ")});
}

void LogView::write(TimePoint at, const Line& line) {
  if (line.level < settings_.level) return;
  last_line_ = at;
  auto fields = line.fields;
  if (!settings_.cluster.empty()) fields.insert(fields.begin(), {"cluster", settings_.cluster});
  std::ranges::stable_sort(fields, {}, &std::pair<std::string, std::string>::first);
  switch (settings_.format) {
    case LogFormat::kText:
      writer_(text_line(settings_, at, line, fields));
      break;
    case LogFormat::kLogfmt:
      writer_(logfmt_line(at, line, fields));
      break;
    case LogFormat::kJson:
      writer_(json_line(at, line, fields));
      break;
  }
}

}  // namespace slipway
