// A command line run as a user would, in a directory of its own, on a simulated AWS described in
// the test: what it prints, its exit status, and every request it sent.
#pragma once

#include "aws/form.h"
#include "base/json.h"
#include "base/runtime.h"
#include "cli/process.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace slipway::cli {

struct SentCall {
  std::string operation;  // "UpdateService"
  Json input;
  bool operator==(const SentCall&) const = default;
};

class CommandLine {
 public:
  CommandLine() {
    static int number = 0;
    directory_ = std::filesystem::temp_directory_path() /
                 ("slipway-test-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
    std::filesystem::create_directories(directory_);
    environment.set("HOME", directory_.string());
  }
  ~CommandLine() {
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  const std::filesystem::path& directory() const { return directory_; }

  void file(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((directory_ / name).parent_path());
    ASSERT_TRUE(write_file(directory_ / name, text));
  }

  int run(std::vector<std::string> arguments, std::string name = "slipway") {
    out.clear();
    err.clear();
    screen.clear();
    calls.clear();
    Process process{.name = std::move(name),
                    .arguments = std::move(arguments),
                    .environment = environment,
                    .directory = directory_,
                    .out =
                        [this](std::string_view text) {
                          out += text;
                          screen += text;
                        },
                    .err =
                        [this](std::string_view text) {
                          err += text;
                          screen += text;
                        },
                    .out_is_terminal = false,
                    .err_is_terminal = err_is_terminal,
                    .terminal_size = [] { return TerminalSize{.columns = 100, .rows = 30}; },
                    .exit_now = [](int) {},
                    .ask = ask,
                    .on_request = [this](const HttpRequest& request) { record(request); },
                    .answer_request = answer,
                    .intercept_request = intercept,
                    .on_session = on_session,
                    .on_world_left = on_world_left,
                    .simulated_aws = goes_on ? &simulated_aws : nullptr,
                    .simulation_leaves_journal = leaves_journal,
                    .program = SLIPWAY_BINARY};
    status = cli::run(process);
    return status;
  }

  std::vector<Json> inputs_of(const std::string& operation) const {
    std::vector<Json> inputs;
    for (const SentCall& call : calls)
      if (call.operation == operation) inputs.push_back(call.input);
    return inputs;
  }
  // How many lines of stderr contain the text.
  int lines_with(const std::string& text) const {
    int count = 0;
    for (std::size_t at = 0; at < err.size();) {
      const std::size_t end = std::min(err.find('\n', at), err.size());
      if (err.substr(at, end - at).find(text) != std::string::npos) ++count;
      at = end + 1;
    }
    return count;
  }

  Environment environment;
  bool err_is_terminal = false;
  std::function<void(Session&)> on_session;
  std::function<void(const HttpRequest&)> on_request;              // besides being recorded
  std::function<Result<HttpResponse>(const HttpRequest&)> answer;  // in the network's place
  std::function<Result<std::string>(std::string)> ask;             // the person at the terminal
  std::function<std::optional<Result<HttpResponse>>(const HttpRequest&)> intercept;
  std::function<void(sim::World&)> on_world_left;
  bool goes_on = false;  // the next run finds the world as the one before left it
  bool leaves_journal = false;
  std::shared_ptr<sim::SimulatedAws> simulated_aws;
  std::string out, err;
  std::string screen;  // both, as a terminal shows them
  int status = -1;
  std::vector<SentCall> calls;

 private:
  void record(const HttpRequest& request) {
    if (on_request) on_request(request);
    const std::string_view target = find_header(request.headers, "X-Amz-Target");
    if (!target.empty())
      calls.push_back({std::string(target.substr(target.rfind('.') + 1)),
                       parse_json(request.body).value_or(Json())});
    else if (request.url.find("/schedules/") != std::string::npos)  // EventBridge Scheduler
      calls.push_back({request.method == "GET" ? "GetSchedule" : "UpdateSchedule",
                       parse_json(request.body).value_or(Json())});
    else
      record_form(aws::read_form(request.body));
  }
  void record_form(const aws::Form& form) {
    const auto action = form.find("Action");
    if (action == form.end()) return;
    JsonObject input;
    for (const auto& [name, value] : form)
      if (name != "Action" && name != "Version") input[name] = value;
    calls.push_back({action->second, std::move(input)});
  }

  std::filesystem::path directory_;
};

}  // namespace slipway::cli
