#include "base/jsonnet.h"

#include "base/node_places.h"
#include "base/process.h"
#include "base/runtime.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <memory>

namespace slipway {
namespace {

constexpr std::string_view kKinds[] = {"ext-str", "ext-code", "tla-str", "tla-code"};

std::size_t index_of(JsonnetVariables::Kind kind) { return static_cast<std::size_t>(kind); }

// FILE:L:C-C, FILE:L:C or FILE:(L:C)-(L:C), somewhere in a line of Jsonnet's.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
  int length = 1;
};

std::optional<int> take_number(std::string_view& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Place> place_at(std::string_view file, std::string_view rest) {
  const bool spans_lines = take(rest, '(');
  const std::optional<int> line = take_number(rest);
  if (!line || !take(rest, ':')) return std::nullopt;
  const std::optional<int> column = take_number(rest);
  if (!column) return std::nullopt;
  Place place{std::string(file), *line, *column, 1};
  // The range ends behind the last character.
  if (!spans_lines && take(rest, '-'))
    if (const std::optional<int> end = take_number(rest); end && *end > *column)
      place.length = *end - *column;
  return place;
}

// The first place that the line names, and what follows it.
std::optional<Place> find_place(std::string_view line) {
  for (std::size_t colon = line.find(':'); colon != std::string_view::npos;
       colon = line.find(':', colon + 1)) {
    const std::string_view file = trim(line.substr(0, colon));
    if (file.empty()) continue;
    if (std::optional<Place> place = place_at(file, line.substr(colon + 1))) return place;
  }
  return std::nullopt;
}

constexpr std::string_view kStatic = "STATIC ERROR: ";
constexpr std::string_view kRuntime = "RUNTIME ERROR: ";

// "STATIC ERROR: file:1:2-3: Unknown variable: x" without what says the same as our own words.
std::string message_of(std::string_view line) {
  if (line.starts_with(kRuntime)) line.remove_prefix(kRuntime.size());
  if (line.starts_with(kStatic)) {
    line.remove_prefix(kStatic.size());
    const std::size_t end = line.find(": ");
    if (find_place(line) && end != std::string_view::npos) line.remove_prefix(end + 2);
  }
  return std::string(trim(line));
}

class Evaluation {
 public:
  Evaluation(const JsonnetInput& input, Diagnostics& diagnostics, const JsonnetLimits& limits)
      : input_(input), variables_(input.variables), diagnostics_(diagnostics), limits_(limits) {}

  std::optional<std::string> run() {
    if (!find_values()) return std::nullopt;
    const Result<ProcessResult> ended =
        run_process(words(), input_.environment,
                    {.timeout = limits_.timeout, .max_output_bytes = limits_.max_output_bytes});
    if (!ended) {
      complain_of_worker(ended.error());
      return std::nullopt;
    }
    if (ended->exit_status == 0) return ended->output;
    if (ended->exit_status > 128)
      complain_of_end(ended->exit_status - 128);
    else
      complain_of_program(ended->errors);
    return std::nullopt;
  }

 private:
  // False when the environment lacks one.
  bool find_values() {
    for (JsonnetVariables::Variable& variable : variables_.variables) {
      if (variable.value) continue;
      const auto found = input_.environment.find(variable.name);
      if (found == input_.environment.end()) {
        complain(whole(),
                 fmt::format("--{} {}: the environment variable {} is not set",
                             kKinds[index_of(variable.kind)], variable.name, variable.name),
                 "give NAME=VALUE");
        return false;
      }
      variable.value = found->second;
    }
    return true;
  }

  std::vector<std::string> words() const {
    std::vector<std::string> words = {
        input_.worker.string(),
        std::string(kJsonnetWorker),
        input_.directory.string(),
        input_.file,
        std::to_string(std::chrono::ceil<std::chrono::seconds>(limits_.timeout).count()),
        std::to_string(limits_.max_memory_bytes)};
    for (const auto& [kind, name, value] : variables_.variables)
      words.insert(words.end(), {std::string(kKinds[index_of(kind)]), name, value.value_or("")});
    for (const std::string& folder : variables_.jpath)
      words.insert(words.end(), {"jpath", folder, ""});
    return words;
  }

  void complain(SourceSpan span, std::string message, std::string suggestion = {}) {
    diagnostics_.error(std::move(span), "jsonnet.error", "", std::move(message),
                       std::move(suggestion));
  }
  SourceSpan whole() const {
    return {.source = std::make_shared<SourceText>(SourceText{input_.file, ""})};
  }

  void complain_of_worker(const Error& error) {
    if (error.code == "process.timeout")
      complain(whole(), "the evaluation did not end within " + to_string(limits_.timeout),
               "is there a recursion without an end?");
    else if (error.code == "process.too-large")
      complain(whole(), fmt::format("the value is larger than {} bytes", limits_.max_output_bytes));
    else
      complain(whole(), "cannot evaluate it: " + error.message);
  }

  void complain_of_end(int signal) {
    if (signal == SIGXCPU || signal == SIGKILL)
      complain(whole(),
               "the evaluation did not end within " + to_string(limits_.timeout) + " of CPU time",
               "is there a recursion without an end?");
    else
      complain(whole(), fmt::format("the evaluation broke off (signal {}): it may want more than "
                                    "{} MiB of memory",
                                    signal, limits_.max_memory_bytes >> 20));
  }

  // Jsonnet's words, with the line it means.
  void complain_of_program(std::string_view errors) {
    std::string_view text = trim(errors);
    const std::size_t first_end = std::min(text.find('\n'), text.size());
    const std::string_view first = text.substr(0, first_end);
    std::optional<Place> place;
    if (first.starts_with(kStatic)) place = find_place(first.substr(kStatic.size()));
    std::string trace;
    for (const std::string_view line : split(text.substr(first_end), '\n')) {
      if (trim(line).empty()) continue;
      if (!place || !is_readable(*place)) place = find_place(trim(line));
      trace += (trace.empty() ? "" : "\n        ") + std::string(trim(line));
    }
    complain(place ? span_of(*place) : whole(), message_of(first), std::move(trace));
  }

  bool is_readable(const Place& place) const {
    return read_file(input_.directory / place.file, 8u << 20).has_value();
  }

  SourceSpan span_of(const Place& place) const {
    const Result<std::string> text = read_file(input_.directory / place.file, 8u << 20);
    if (!text) return whole();
    return {.source = std::make_shared<SourceText>(SourceText{place.file, *text}),
            .line = place.line,
            .column = place.column,
            .length = place.length};
  }

  const JsonnetInput& input_;
  JsonnetVariables variables_;  // each with its value
  Diagnostics& diagnostics_;
  const JsonnetLimits& limits_;
};

}  // namespace

bool JsonnetVariables::add(std::string_view flag, std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view name = text.substr(0, equals);
  if (name.empty()) return false;
  Variable variable{.kind = Kind::kExtStr, .name = std::string(name), .value = std::nullopt};
  if (equals != std::string_view::npos) variable.value = text.substr(equals + 1);
  for (const Kind kind : {Kind::kExtStr, Kind::kExtCode, Kind::kTlaStr, Kind::kTlaCode})
    if (kKinds[index_of(kind)] == flag) variable.kind = kind;
  variables.push_back(std::move(variable));
  return true;
}

bool is_jsonnet(const std::filesystem::path& file) {
  const std::string extension = to_lower(file.extension().string());
  return extension == ".jsonnet" || extension == ".libsonnet";
}

std::optional<Node> evaluate_jsonnet(const JsonnetInput& input, Diagnostics& diagnostics,
                                     const JsonnetLimits& limits) {
  std::optional<std::string> json = Evaluation(input, diagnostics, limits).run();
  if (!json) return std::nullopt;
  const auto source = std::make_shared<SourceText>(SourceText{input.file, std::move(*json)});
  std::optional<Node> node = read_document(source, TextFormat::kJson, diagnostics);
  if (node) forget_places(*node, std::make_shared<SourceText>(SourceText{input.file, ""}));
  return node;
}

}  // namespace slipway
