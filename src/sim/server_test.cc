// The server over real sockets of the loopback interface: it runs in a child process, the test is
// its client.

#include "sim/server.h"

#include "sim/api_test_support.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace slipway::sim {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

constexpr int kClientTimeoutSeconds = 20;  // a test that hangs fails

class ServedAws {
 public:
  explicit ServedAws(std::string_view more_keys = "", ServeOptions options = {}) {
    int pipe[2];
    EXPECT_EQ(::pipe(pipe), 0);
    child_ = fork();
    if (child_ == 0) {
      close(pipe[0]);
      alarm(60);  // should the test die, so does this
      auto aws = shop_with(more_keys);
      options.on_listening = [&](const std::string& url) {
        const std::string line = url + "\n";
        if (write(pipe[1], line.data(), line.size()) < 0) _exit(3);
      };
      const auto served = aws ? serve(*aws, options) : Result<void>(Error{});
      _exit(served ? 0 : 2);
    }
    close(pipe[1]);
    char c = 0;
    while (read(pipe[0], &c, 1) == 1 && c != '\n') url_ += c;
    close(pipe[0]);
    port_ = std::atoi(url_.substr(url_.rfind(':') + 1).c_str());
  }
  ~ServedAws() {
    if (child_ > 0) stop(SIGTERM);
  }
  ServedAws(const ServedAws&) = delete;
  ServedAws& operator=(const ServedAws&) = delete;

  const std::string& url() const { return url_; }
  int port() const { return port_; }

  // The exit status, -1 when it did not end by itself.
  int stop(int signal) {
    kill(child_, signal);
    return wait_for_end();
  }
  int wait_for_end() {
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t child_ = -1;
  std::string url_;
  int port_ = 0;
};

class Connection {
 public:
  explicit Connection(const ServedAws& server) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval limit{.tv_sec = kClientTimeoutSeconds, .tv_usec = 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(server.port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Connection() { close(socket_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // False once the server has hung up.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // One whole answer, header and body; what there is when the connection ends first.
  std::string receive() {
    for (;;) {
      const auto end = received_.find("\r\n\r\n");
      if (end != std::string::npos) {
        const auto at = received_.find("Content-Length: ");
        const std::size_t length =
            at < end ? std::strtoul(received_.c_str() + at + 16, nullptr, 10) : 0;
        if (received_.size() >= end + 4 + length) {
          std::string answer = received_.substr(0, end + 4 + length);
          received_.erase(0, end + 4 + length);
          return answer;
        }
      }
      char buffer[4096];
      const auto count = recv(socket_, buffer, sizeof buffer, 0);
      if (count <= 0) {
        end_ = count == 0 ? "closed" : errno == ECONNRESET ? "reset" : "timeout";
        return std::exchange(received_, "");
      }
      received_.append(buffer, static_cast<std::size_t>(count));
    }
  }
  std::string exchange(std::string_view bytes) {
    send(bytes);
    return receive();
  }
  // "closed", "reset" or "timeout" once receive() met the end.
  const std::string& end() const { return end_; }

 private:
  int socket_;
  std::string received_;
  std::string end_;
};

std::string text_of(const HttpRequest& request, std::string_view more_headers = "") {
  std::string text = request.method + " / HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\r\n";
  text += more_headers;
  return text + fmt::format("Content-Length: {}\r\n\r\n{}", request.body.size(), request.body);
}

std::string list_clusters() { return text_of(json_request("ListClusters", "{}")); }
constexpr std::string_view kGetCalls = "GET /_slipway/calls HTTP/1.1\r\nHost: x\r\n\r\n";

TEST(Server, TellsItsAddressAndAnswersManyRequestsOnOneConnection) {
  ServedAws server;
  EXPECT_THAT(server.url(), StartsWith("http://127.0.0.1:"));
  Connection connection(server);
  for (int i = 0; i < 3; ++i) {
    const std::string answer = connection.exchange(list_clusters());
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, HasSubstr("Connection: keep-alive\r\n"));
    EXPECT_THAT(answer, HasSubstr("cluster/prod"));
  }
  EXPECT_THAT(connection.exchange(kGetCalls), HasSubstr("\"connections\": 1"));
}

TEST(Server, AnswersPipelinedRequestsInTheirOrder) {
  ServedAws server;
  Connection connection(server);
  connection.send(list_clusters() + text_of(json_request("Nothing", "{}")) + list_clusters());
  EXPECT_THAT(connection.receive(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(connection.receive(), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(connection.receive(), StartsWith("HTTP/1.1 200"));
}

TEST(Server, ClosesWhenTheClientWantsIt) {
  ServedAws server;
  Connection connection(server);
  EXPECT_THAT(
      connection.exchange(text_of(json_request("ListClusters", "{}"), "Connection: close\r\n")),
      HasSubstr("Connection: close\r\n"));
  EXPECT_EQ(connection.receive(), "");
  EXPECT_EQ(connection.end(), "closed");
}

TEST(Server, InvitesTheBodyOfACautiousClient) {
  ServedAws server;
  Connection connection(server);
  const std::string request =
      text_of(json_request("ListClusters", "{}"), "Expect: 100-continue\r\n");
  connection.send(request.substr(0, request.size() - 2));
  EXPECT_EQ(connection.receive(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_THAT(connection.exchange("{}"), StartsWith("HTTP/1.1 200"));
}

TEST(Server, RefusesWhatIsMalformedOrTooLargeAndGoesOn) {
  ServedAws server;
  struct Case {
    const char* what;
    std::string bytes;
    const char* wanted;
  };
  for (const auto& [what, bytes, wanted] : std::vector<Case>{
           {"not HTTP", "hello\r\n\r\n", "HTTP/1.1 400"},
           {"binary", std::string("\x16\x03\x01\x02\0\x01\0\x01", 8) + "\r\n\r\n", "HTTP/1.1 400"},
           {"a broken header", "GET / HTTP/1.1\r\nNo colon here\r\n\r\n", "HTTP/1.1 400"},
           {"two lengths", "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 7\r\n\r\nabc",
            "HTTP/1.1 400"},
           {"a large header", "GET / HTTP/1.1\r\nX: " + std::string(40'000, 'x') + "\r\n\r\n",
            "HTTP/1.1 431"},
           {"a large body announced",
            "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n", "HTTP/1.1 413"},
           {"a large body sent",
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n900000\r\n" +
                std::string(0x900000, 'x'),
            "HTTP/1.1 413"},
           {"an unknown path", "GET /etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400"},
           {"deeply nested JSON", text_of(json_request("ListClusters", std::string(100'000, '['))),
            "HTTP/1.1 400"},
       }) {
    SCOPED_TRACE(what);
    EXPECT_THAT(Connection(server).exchange(bytes), StartsWith(wanted));
    EXPECT_THAT(Connection(server).exchange(list_clusters()), StartsWith("HTTP/1.1 200"));
  }
}

TEST(Server, DoesNotWaitForASlowRequestForEver) {
  ServeOptions options;
  options.request_timeout = 100ms;
  ServedAws server("", options);
  Connection connection(server);
  connection.send("POST / HTTP/1.1\r\nHost: ");
  EXPECT_THAT(connection.receive(), testing::AnyOf("", StartsWith("HTTP/1.1 408")));
  connection.receive();
  EXPECT_NE(connection.end(), "timeout");
}

TEST(Server, ClosesAnIdleConnection) {
  ServeOptions options;
  options.idle_timeout = 100ms;
  ServedAws server("", options);
  Connection connection(server);
  EXPECT_EQ(connection.receive(), "");
  EXPECT_EQ(connection.end(), "closed");
}

TEST(Server, TellsFurtherConnectionsThatItIsFull) {
  ServeOptions options;
  options.max_connections = 2;
  ServedAws server("", options);
  Connection first(server), second(server);
  EXPECT_THAT(first.exchange(list_clusters()), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(second.exchange(list_clusters()), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(Connection(server).receive(), StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(first.exchange(list_clusters()), StartsWith("HTTP/1.1 200"));
}

TEST(Server, HoldsHundredsOfConnections) {
  ServedAws server;
  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < 300; ++i) connections.push_back(std::make_unique<Connection>(server));
  for (auto& connection : connections)
    EXPECT_THAT(connection->exchange(kGetCalls), StartsWith("HTTP/1.1 200"));
}

TEST(Server, MakesInjectedFaultsReal) {
  struct Case {
    const char* fault;
    const char* wanted;  // start of what arrives
    const char* end;     // empty: the connection stays
  };
  for (const auto& [fault, wanted, end] :
       {Case{"reset", "", "reset"}, Case{"refused", "", "reset"},
        Case{"truncated, bytes: 5", "HTTP/1.1 200", "closed"},
        Case{"html, status: 502", "HTTP/1.1 502 Bad Gateway", ""},
        Case{"slow, delay: 50ms", "HTTP/1.1 200", ""},
        Case{"slow-bytes, bytes_per_second: 4000", "HTTP/1.1 200", ""},
        Case{"unavailable", "HTTP/1.1 503 Service Unavailable", ""}}) {
    SCOPED_TRACE(fault);
    ServedAws server(fmt::format("faults: [{{fault: {}}}]\n", fault));
    Connection connection(server);
    EXPECT_THAT(connection.exchange(list_clusters()), StartsWith(wanted));
    EXPECT_EQ(connection.end(), end);
  }
}

TEST(Server, IsSilentWithoutForgettingOthers) {
  ServedAws server("faults: [{fault: no-answer, on: \"ecs:ListServices\"}]\n");
  Connection silent(server);
  silent.send(text_of(json_request("ListServices", "{}")));
  EXPECT_THAT(Connection(server).exchange(list_clusters()), StartsWith("HTTP/1.1 200"));
}

TEST(Server, LetsVirtualTimeRunAhead) {
  ServeOptions options;
  options.speed = 1e6;
  ServedAws server("", options);
  Connection connection(server);
  const auto virtual_now = [&] {
    const std::string answer = connection.exchange(kGetCalls);
    const auto at = answer.find("\"now\": \"");
    return parse_iso8601(answer.substr(at + 8, 24)).value();
  };
  const TimePoint first = virtual_now();
  EXPECT_GT(first, kUsualStart);
  EXPECT_GT(virtual_now() - first, 1s);
}

TEST(Server, RefusesAScenarioThatAwsWouldRefuse) {
  Diagnostics diagnostics;
  Scenario scenario = find_scenario("shop", diagnostics).value().value();
  ServeOptions options;
  options.run_for = 0s;
  EXPECT_TRUE(serve(scenario, options, diagnostics));
  scenario.calls.push_back({"CreateService", JsonObject{{"serviceName", "x"}}, {}, "services[9]"});
  const auto served = serve(scenario, options, diagnostics);
  ASSERT_FALSE(served);
  EXPECT_EQ(served.error().code, "sim.scenario");
  EXPECT_TRUE(diagnostics.has_errors());
}

TEST(Server, EndsCleanlyWhenToldToOrAfterItsTime) {
  for (const int signal : {SIGINT, SIGTERM}) {
    ServedAws server;
    Connection connection(server);
    connection.exchange(list_clusters());
    EXPECT_EQ(server.stop(signal), 0);
    connection.receive();
    EXPECT_EQ(connection.end(), "closed");
  }
  ServeOptions options;
  options.run_for = 50ms;
  ServedAws brief("", options);
  EXPECT_EQ(brief.wait_for_end(), 0);
}

TEST(Server, SaysWhyItCannotListen) {
  ServedAws server;
  auto aws = shop_with("");
  ServeOptions options;
  options.port = static_cast<std::uint16_t>(server.port());
  const auto served = serve(*aws, options);
  ASSERT_FALSE(served);
  EXPECT_EQ(served.error().code, "sim.listen");
  EXPECT_EQ(served.error().message, fmt::format("cannot listen on 127.0.0.1:{}: Address already "
                                                "in use",
                                                server.port()));
  options.address = "localhost";
  EXPECT_EQ(serve(*aws, options).error().message,
            fmt::format("cannot listen on localhost:{}: this is not an IP address", server.port()));
}

}  // namespace
}  // namespace slipway::sim
