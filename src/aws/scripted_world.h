// For tests: a world whose answers are written down beforehand, with its own clock, environment and
// home directory.
#pragma once

#include "aws/config_file.h"
#include "aws/settings.h"
#include "base/diagnostic.h"
#include "base/runtime.h"
#include "base/transport.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <vector>

namespace slipway::aws {

// Answers requests in the order in which `expect` announced them. What was not announced is a
// failure of the test, and so is an announced request that never comes.
class ScriptedTransport final : public Transport {
 public:
  explicit ScriptedTransport(Fibers& fibers) : fibers_(fibers) {}
  ~ScriptedTransport() override {
    for (const Expected& left : expected_)
      ADD_FAILURE() << "was never sent: " << left.method << " " << left.url;
  }

  void expect(std::string method, std::string url, Result<HttpResponse> answer,
              Duration takes = {}) {
    expected_.push_back({std::move(method), std::move(url), std::move(answer), takes});
  }
  void expect(std::string method, std::string url, int status, std::string body = {},
              HttpHeaders headers = {}) {
    expect(std::move(method), std::move(url),
           HttpResponse{status, std::move(headers), std::move(body)});
  }

  Result<HttpResponse> send(const HttpRequest& request) override {
    sent.push_back(request);
    if (expected_.empty()) {
      ADD_FAILURE() << "nobody expected " << request.method << " " << request.url;
      return Error{ErrorKind::kUnavailable, "http.connect", "connection refused"};
    }
    Expected next = std::move(expected_.front());
    expected_.pop_front();
    EXPECT_EQ(request.method + " " + request.url, next.method + " " + next.url);
    TRY_VOID(fibers_.sleep_for(next.takes));
    return std::move(next.answer);
  }

  std::vector<HttpRequest> sent;

 private:
  struct Expected {
    std::string method, url;
    Result<HttpResponse> answer;
    Duration takes;
  };

  Fibers& fibers_;
  std::deque<Expected> expected_;
};

inline Error no_connection() {
  return Error{ErrorKind::kUnavailable, "http.connect", "connection refused"};
}
inline Error no_answer() {
  return Error{ErrorKind::kTimeout, "http.read-timeout", "no answer within 1s"};
}
inline Error no_route() {
  return Error{ErrorKind::kTimeout, "http.connect-timeout", "no connection within 1s"};
}

class ScriptedWorld {
 public:
  ScriptedWorld()
      : home(std::filesystem::path(::testing::TempDir()) /
             fmt::format("slipway-home-{}-{}", getpid(), ++made_)) {
    std::filesystem::create_directories(home / ".aws");
    environment.set("HOME", home.string());
  }
  ~ScriptedWorld() { std::filesystem::remove_all(home); }
  ScriptedWorld(const ScriptedWorld&) = delete;
  ScriptedWorld& operator=(const ScriptedWorld&) = delete;

  // Runs the function as a fiber; it may wait.
  void run(std::function<void()> body) { fibers.run(std::move(body)); }
  template <class T>
  T run_for(std::function<T()> body) {
    std::optional<T> result;
    fibers.run([&] { result.emplace(body()); });
    return std::move(*result);
  }

  TimePoint now() const { return fibers.now(); }

  std::string path(std::string_view below_home) const { return (home / below_home).string(); }
  void write(std::string_view below_home, std::string_view text) {
    std::filesystem::create_directories((home / below_home).parent_path());
    auto written = write_file(home / below_home, text);
    ASSERT_TRUE(written) << written.error().message;
  }
  std::string read(std::string_view below_home) const {
    return read_file(home / below_home).value_or("");
  }

  // The files and variables as they are now.
  void load(GivenSettings given = {}) {
    config = SharedConfig::load(environment, diagnostics);
    settings = load_settings(given, environment, config, diagnostics);
    for (const Diagnostic& each : diagnostics.all()) ADD_FAILURE() << to_string(each);
  }

  static constexpr TimePoint kStart{std::chrono::sys_days{std::chrono::January / 1 / 2026}};

  std::filesystem::path home;
  VirtualDriver driver{kStart};
  Fibers fibers{driver};
  ScriptedTransport transport{fibers};
  Random random{1};
  Environment environment;
  Runtime runtime{fibers, transport, random, environment};
  Diagnostics diagnostics;
  SharedConfig config;
  ResolvedSettings settings;

 private:
  static inline int made_ = 0;
};

}  // namespace slipway::aws
