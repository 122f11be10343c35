#include "base/curl_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <netinet/in.h>
#include <poll.h>
#include <string>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace slipway {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// --- Servers: each a child process on a free port of loopback that ends with the test -----------

struct Counters {
  std::atomic<int> connections{0}, requests{0}, at_once{0}, most_at_once{0};
};

struct Reply {
  std::string bytes = {};
  std::chrono::milliseconds after = 0ms;
  enum Then { kKeep, kClose, kReset } then = kKeep;
};

std::string ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

int listen_on_loopback(int backlog) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (listener < 0 || ::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) ||
      ::listen(listener, backlog))
    std::abort();
  return listener;
}

int port_of(int listener) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size)) std::abort();
  return ntohs(address.sin_port);
}

class Server {
 public:
  // `serve` runs in the child and never has to return.
  using Serve = std::function<void(int listener, Counters&)>;

  explicit Server(const Serve& serve) {
    void* const shared = ::mmap(nullptr, sizeof(Counters), PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) std::abort();
    counters_ = new (shared) Counters;
    const int listener = listen_on_loopback(256);
    port_ = port_of(listener);
    const pid_t parent = ::getpid();
    child_ = ::fork();
    if (child_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(1);
      ::alarm(60);
      serve(listener, *counters_);
      ::_exit(0);
    }
    ::close(listener);
  }
  ~Server() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
    ::munmap(counters_, sizeof(Counters));
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  std::string url(const std::string& path = "/") const { return "http://" + address() + path; }
  const Counters& counters() const { return *counters_; }

 private:
  int port_;
  pid_t child_;
  Counters* counters_;
};

void send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// Whole requests in `received`, by Content-Length.
std::size_t request_bytes(const std::string& received) {
  const std::size_t head = received.find("\r\n\r\n");
  if (head == std::string::npos) return 0;
  const std::size_t length = received.find("Content-Length: ");
  std::size_t body = 0;
  if (length != std::string::npos && length < head)
    body = std::strtoul(received.c_str() + length + 16, nullptr, 10);
  return received.size() >= head + 4 + body ? head + 4 + body : 0;
}

// Many connections on one poll; `script` is asked once for each request, counted from 1.
Server::Serve http(std::function<Reply(const std::string& request, int number)> script) {
  return [script = std::move(script)](int listener, Counters& counters) {
    using Real = std::chrono::steady_clock;
    struct Connection {
      std::string received;
      std::optional<Reply> reply;
      Real::time_point due;
    };
    std::map<int, Connection> connections;
    for (;;) {
      std::vector<pollfd> watched = {{listener, POLLIN, 0}};
      int timeout = -1;
      for (const auto& [socket, connection] : connections) {
        watched.push_back({socket, POLLIN, 0});
        if (!connection.reply) continue;
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(connection.due - Real::now());
        const int wait = static_cast<int>(std::max<std::int64_t>(left.count(), 0));
        timeout = timeout < 0 ? wait : std::min(timeout, wait);
      }
      ::poll(watched.data(), watched.size(), timeout);
      if (watched[0].revents & POLLIN) {
        connections[::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)];
        ++counters.connections;
      }
      for (const pollfd& ready : watched) {
        const auto found = connections.find(ready.fd);
        if (found == connections.end()) continue;
        Connection& connection = found->second;
        const auto forget = [&] {
          if (connection.reply) --counters.at_once;
          ::close(ready.fd);
          connections.erase(found);
        };
        if (ready.revents) {
          char bytes[65536];
          const ssize_t count = ::recv(ready.fd, bytes, sizeof bytes, 0);
          if (count <= 0) {
            forget();
            continue;
          }
          connection.received.append(bytes, static_cast<std::size_t>(count));
        }
        if (const std::size_t size = request_bytes(connection.received);
            size > 0 && !connection.reply) {
          const int number = ++counters.requests;
          const int now_at_once = ++counters.at_once;
          counters.most_at_once = std::max<int>(counters.most_at_once, now_at_once);
          connection.reply = script(connection.received.substr(0, size), number);
          connection.received.erase(0, size);
          connection.due = Real::now() + connection.reply->after;
        }
        if (connection.reply && connection.due <= Real::now()) {
          send_all(ready.fd, connection.reply->bytes);
          const Reply::Then then = connection.reply->then;
          if (then == Reply::kReset) {
            const linger at_once{1, 0};
            ::setsockopt(ready.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
          }
          if (then == Reply::kKeep) {
            connection.reply.reset();
            --counters.at_once;
          } else {
            forget();
          }
        }
      }
    }
  };
}

Server::Serve always(const Reply& reply) {
  return http([reply](const std::string&, int) { return reply; });
}

// A port that nobody listens on: taken once and given back.
int closed_port() {
  const int listener = listen_on_loopback(1);
  const int port = port_of(listener);
  ::close(listener);
  return port;
}

// --- The client ---------------------------------------------------------------------------------

// "200 body", or "code: message" of an error.
std::string describe(const Result<HttpResponse>& answer) {
  if (answer) return std::to_string(answer->status) + " " + answer->body;
  return answer.error().code + ": " + answer.error().message;
}

struct Network : testing::Test {
  Signals signals;
  CurlLoop loop{&signals};
  Fibers fibers{loop};

  // Sends one after the other.
  std::vector<std::string> send_in_turn(const std::vector<HttpRequest>& requests,
                                        NetworkSettings settings = {}) {
    std::vector<std::string> answers;
    CurlTransport transport(loop, fibers, std::move(settings));
    fibers.run([&] {
      for (const HttpRequest& request : requests)
        answers.push_back(describe(transport.send(request)));
    });
    return answers;
  }
  std::string send(const HttpRequest& request, NetworkSettings settings = {}) {
    return send_in_turn({request}, std::move(settings)).front();
  }
};
using RequestOnTheWire = Network;
using AnswerFromTheWire = Network;
using Connections = Network;
using BrokenNetwork = Network;
using ProxiedRequest = Network;
using TlsConnection = Network;
using RealTime = Network;

TEST_F(RequestOnTheWire, IsWhatWasGivenAndNothingElse) {
  const Server server(http([](const std::string& request, int) { return Reply{ok(request)}; }));
  const std::string host = "\r\nHost: " + server.address();
  struct Case {
    HttpRequest request;
    std::string wanted;
  };
  for (const auto& [request, wanted] : {
           Case{{.url = server.url("/a/../b//%7Ec?x=%2F&y"),
                 .headers = {{"X-Amz-Target", "a.B"},
                             {"content-type", "application/x-amz-json-1.1"}},
                 .body = "{}"},
                "POST /a/../b//%7Ec?x=%2F&y HTTP/1.1" + host +
                    "\r\nX-Amz-Target: a.B\r\ncontent-type: application/x-amz-json-1.1"
                    "\r\nContent-Length: 2\r\n\r\n{}"},
           Case{{.url = server.url()}, "POST / HTTP/1.1" + host + "\r\nContent-Length: 0\r\n\r\n"},
           Case{{.method = "GET", .url = server.url("/latest/meta-data/")},
                "GET /latest/meta-data/ HTTP/1.1" + host + "\r\n\r\n"},
           Case{{.method = "PUT",
                 .url = server.url("/latest/api/token"),
                 .headers = {{"x-aws-ec2-metadata-token-ttl-seconds", "21600"}}},
                "PUT /latest/api/token HTTP/1.1" + host +
                    "\r\nx-aws-ec2-metadata-token-ttl-seconds: 21600\r\nContent-Length: 0\r\n\r\n"},
           Case{{.method = "DELETE", .url = server.url("/x")},
                "DELETE /x HTTP/1.1" + host + "\r\n\r\n"},
           Case{{.method = "GET",
                 .url = server.url(),
                 .headers = {{"Host", "other"}, {"Empty", ""}, {"Accept", "text/plain"}}},
                "GET / HTTP/1.1\r\nHost: other\r\nEmpty:\r\nAccept: text/plain\r\n\r\n"},
       }) {
    SCOPED_TRACE(wanted);
    EXPECT_EQ(send(request), "200 " + wanted);
  }
}

TEST_F(RequestOnTheWire, DoesNotAskBeforeItSendsALargeBody) {
  const Server server(http([](const std::string& request, int) {
    const bool asks = request.find("Expect") != std::string::npos;
    return Reply{
        ok((asks ? "asked " : "") + std::to_string(request.size() - request.find("\r\n\r\n") - 4))};
  }));
  EXPECT_EQ(send({.url = server.url(), .body = std::string(3'000'000, 'x')}), "200 3000000");
}

TEST_F(RequestOnTheWire, IsRefusedWhenItsUrlOrHeadersAreBroken) {
  EXPECT_EQ(send({.url = "ecs.eu-west-1.amazonaws.com"}),
            "http.url: \"ecs.eu-west-1.amazonaws.com\" is not an absolute URL");
  EXPECT_EQ(send({.url = "http://127.0.0.1:1/", .headers = {{"A", "b\r\nC: d"}}}),
            "http.header: the value of the header A would break the request");
}

TEST_F(AnswerFromTheWire, IsAnAnswerWhateverItsStatus) {
  struct Case {
    std::string bytes, wanted;
  };
  for (const auto& [bytes, wanted] : {
           Case{"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\nno", "500 no"},
           Case{"HTTP/1.1 301 There\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
                "301 "},
           Case{
               "HTTP/1.1 100 Continue\r\nX: 1\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n.",
               "200 ."},
           Case{"HTTP/1.1 204 Nothing\r\n\r\n", "204 "},
           Case{"HTTP/1.1 200 OK\r\nTransfer-Encoding: "
                "chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
                "200 abc"},
           Case{"HTTP/1.1 407 Odd\r\nContent-Length: 0\r\n\r\n", "407 "},
       }) {
    SCOPED_TRACE(bytes);
    const Server server(always({bytes}));
    EXPECT_EQ(send({.url = server.url()}), wanted);
  }
}

TEST_F(AnswerFromTheWire, KeepsItsHeadersAsTheyCame) {
  const Server server(
      always({"HTTP/1.1 103 Early\r\nLink: x\r\n\r\n"
              "HTTP/1.1 200 OK\r\nx-amzn-RequestId: 6d1f \r\nDate:now\r\n"
              "Content-Length: 0\r\nX: a\r\nX: b:c\r\n\r\n"}));
  CurlTransport transport(loop, fibers, {});
  fibers.run([&] {
    const Result<HttpResponse> answer = transport.send({.url = server.url()});
    ASSERT_TRUE(answer);
    const HttpHeaders wanted = {{"x-amzn-RequestId", "6d1f"},
                                {"Date", "now"},
                                {"Content-Length", "0"},
                                {"X", "a"},
                                {"X", "b:c"}};
    EXPECT_EQ(answer->headers, wanted);
  });
}

TEST_F(Connections, AreReused) {
  const Server server(always({ok("hi")}));
  CurlTransport transport(loop, fibers, {});
  fibers.run([&] {
    for (int i = 0; i < 5; ++i)
      EXPECT_EQ(describe(transport.send({.url = server.url()})), "200 hi");
  });
  EXPECT_EQ(server.counters().connections, 1);
  EXPECT_EQ(transport.connections_opened(), 1u);
}

TEST_F(Connections, AreAtMostEightForTwoHundredFibersAndStayOpenForTheNextBurst) {
  const Server server(always({ok("hi"), 1ms}));
  CurlTransport transport(loop, fibers, {});
  fibers.run([&] {
    const auto burst = [&](int size) {
      int answered = 0;
      Group group(fibers);
      for (int i = 0; i < size; ++i)
        group.spawn("sender",
                    [&] { answered += transport.send({.url = server.url()}).has_value(); });
      group.join();
      EXPECT_EQ(answered, size);
    };
    burst(200);
    burst(1);
    burst(8);
  });
  EXPECT_EQ(server.counters().requests, 209);
  EXPECT_EQ(server.counters().most_at_once, 8);
  EXPECT_EQ(server.counters().connections, 8);
  EXPECT_EQ(transport.connections_opened(), 8u);
}

TEST_F(Connections, AreWaitedForWithoutCountingAgainstTheTimeout) {
  const Server server(http([](const std::string&, int number) {
    return Reply{ok(std::to_string(number)), number == 1 ? 800ms : 0ms};
  }));
  CurlTransport transport(loop, fibers, {.connections_per_endpoint = 1});
  fibers.run([&] {
    Group group(fibers);
    group.spawn("first",
                [&] { EXPECT_EQ(describe(transport.send({.url = server.url()})), "200 1"); });
    group.spawn("second", [&] {
      EXPECT_EQ(describe(transport.send({.url = server.url(), .total_timeout = 700ms})), "200 2");
    });
    group.join();
  });
}

TEST_F(Connections, ThatDiedLetCurlRepeatARequestUnlessItMustGoOutOnce) {
  for (const bool send_once : {false, true}) {
    SCOPED_TRACE(send_once);
    const Server server(http([](const std::string&, int number) {
      return number == 2 ? Reply{.then = Reply::kClose} : Reply{ok(std::to_string(number))};
    }));
    const HttpRequest request{.url = server.url(), .send_once = send_once};
    EXPECT_THAT(send_in_turn({request, request}),
                ElementsAre("200 1", send_once ? "http.reset: " + server.address() +
                                                     " closed the connection before it answered; "
                                                     "the request may have taken effect"
                                               : "200 3"));
    EXPECT_EQ(server.counters().requests, send_once ? 2 : 3);
  }
}

TEST_F(Connections, OfACancelledRequestAreBrokenOffAtOnce) {
  const Server server(http([](const std::string&, int number) {
    return Reply{ok(std::to_string(number)), number == 1 ? 1h : 0ms};
  }));
  CurlTransport transport(loop, fibers, {});
  fibers.run([&] {
    Group group(fibers);
    group.spawn("sender", [&] {
      const Result<HttpResponse> answer =
          transport.send({.url = server.url(), .total_timeout = 2h});
      ASSERT_FALSE(answer);
      EXPECT_EQ(answer.error().kind, ErrorKind::kCancelled);
    });
    while (server.counters().requests == 0) ASSERT_TRUE(fibers.sleep_for(1ms));
    group.cancel();
    group.join();
    EXPECT_EQ(describe(transport.send({.url = server.url()})), "200 2");
  });
  EXPECT_EQ(server.counters().connections, 2);
}

TEST_F(Connections, AnswerADeadline) {
  const Server server(always({ok(""), 1h}));
  CurlTransport transport(loop, fibers, {});
  fibers.run([&] {
    const Deadline limit(fibers, fibers.now() + 20ms);
    const Result<HttpResponse> answer = transport.send({.url = server.url(), .total_timeout = 2h});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::kTimeout);
    EXPECT_EQ(answer.error().code, "deadline");
  });
}

TEST_F(BrokenNetwork, IsExplained) {
  struct Case {
    Reply reply;
    std::string wanted;
  };
  const std::string line = "HTTP/1.1 200 OK\r\n";
  for (const auto& [reply, wanted] : {
           Case{{.then = Reply::kClose},
                "http.reset: SERVER closed the connection without an answer"},
           Case{{.then = Reply::kReset},
                "http.reset: the connection to SERVER broke: Recv failure: Connection reset by "
                "peer"},
           Case{{line + "Content-Length: 5\r\n\r\nabc", 0ms, Reply::kClose},
                "http.truncated: the answer of SERVER broke off after 3 bytes"},
           Case{{line + "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", 0ms, Reply::kClose},
                "http.truncated: the answer of SERVER broke off after 2 bytes"},
           Case{{line + "Content-Length: 5\r\n\r\nabc", 50ms, Reply::kReset},
                "http.truncated: the answer of SERVER broke off after"},
           Case{
               {"SSH-2.0-OpenSSH_9.2\r\n", 0ms, Reply::kClose},
               "http.malformed: SERVER answered with something that is not HTTP: Received HTTP/0.9 "
               "when not allowed"},
           Case{{line + "Content-Length: 1001\r\n\r\n" + std::string(1001, 'x')},
                "http.too-large: the answer of SERVER is too large: its body has more than 1000 "
                "bytes"},
           Case{{line + "Content-Length: 1000\r\n\r\n" + std::string(1000, 'x')}, "200 xxxx"},
           Case{{ok(""), 1h}, "http.read-timeout: no complete answer from SERVER within 300ms"},
           Case{{line + "Content-Length: 5\r\n\r\nabc"},
                "http.read-timeout: no complete answer from SERVER within 300ms"},
       }) {
    SCOPED_TRACE(wanted);
    const Server server(always(reply));
    const bool is_slow = wanted.starts_with("http.read-timeout");
    std::string found = send({.url = server.url(), .total_timeout = is_slow ? 300ms : 30s},
                             {.max_answer_bytes = 1000});
    if (const std::size_t at = found.find(server.address()); at != std::string::npos)
      found.replace(at, server.address().size(), "SERVER");
    EXPECT_THAT(found, StartsWith(wanted));
  }
}

TEST_F(BrokenNetwork, LosesNoPlaceAndNoAnswerToFailuresAndPeopleWhoLeave) {
  const Server server(http([](const std::string& request, int number) {
    const bool is_calm = request.find("/calm") != std::string::npos;
    switch (is_calm ? 9 : (number * 2654435761u >> 8) % 6) {
      case 0:
        return Reply{.then = Reply::kClose};
      case 1:
        return Reply{.then = Reply::kReset};
      case 2:
        return Reply{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", 0ms, Reply::kClose};
      case 3:
        return Reply{ok("late"), 20ms};
      default:
        return Reply{ok("fine"), 1ms};
    }
  }));
  CurlTransport transport(loop, fibers, {});
  fibers.run([&] {
    Random random(7);
    int answered = 0;
    int failed = 0;
    Group crowd(fibers);
    for (int i = 0; i < 10; ++i) {
      crowd.spawn("guests", [&, i] {
        Group guests(fibers);
        for (int j = 0; j < 20; ++j) {
          guests.spawn("guest", [&, is_patient = random.below(2) == 0] {
            for (int k = 0; k < 3; ++k) {
              std::optional<Deadline> patience;
              if (!is_patient)
                patience.emplace(fibers, fibers.now() + Duration(random.below(60'000)));
              const bool is_answered =
                  transport.send({.url = server.url(), .send_once = random.below(2) == 0})
                      .has_value();
              ++(is_answered ? answered : failed);
            }
          });
        }
        if (i < 3)
          guests.join();
        else
          (void)fibers.sleep_for(Duration(random.below(80'000)));
      });
    }
    crowd.join();
    EXPECT_EQ(answered + failed, 600);
    EXPECT_GT(answered, 0);
    EXPECT_GT(failed, 0);

    Group calm(fibers);
    for (int i = 0; i < 8; ++i)
      calm.spawn("calm", [&] {
        EXPECT_EQ(describe(transport.send({.url = server.url("/calm")})), "200 fine");
      });
    calm.join();
  });
}

TEST_F(BrokenNetwork, RefusesEndlessHeaders) {
  std::string bytes = "HTTP/1.1 200 OK\r\n";
  for (int i = 0; i < 300; ++i) bytes += "X: " + std::string(1000, 'x') + "\r\n";
  const Server server(always({bytes + "\r\n"}));
  EXPECT_EQ(send({.url = server.url()}), "http.too-large: the answer of " + server.address() +
                                             " is too large: its head has more than 262144 bytes");
}

TEST_F(BrokenNetwork, SaysWhatCannotBeReached) {
  const std::string nobody = "127.0.0.1:" + std::to_string(closed_port());
  EXPECT_EQ(send({.url = "http://" + nobody + "/"}),
            "http.connect: " + nobody + " cannot be reached: Connection refused");
  EXPECT_EQ(send({.url = "http://no..such.host/"}),
            "http.resolve: the name no..such.host cannot be resolved");
}

TEST_F(BrokenNetwork, DoesNotHoldAConnectionForLongerThanItsTimeout) {
  // A queue of one that is full: the kernel drops what else knocks.
  const int listener = listen_on_loopback(0);
  std::vector<int> knocking;
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  for (int i = 0; i < 4; ++i) {
    knocking.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    (void)::connect(knocking.back(), reinterpret_cast<sockaddr*>(&address), size);
  }
  const std::string name = "127.0.0.1:" + std::to_string(port_of(listener));
  EXPECT_EQ(send({.url = "http://" + name + "/", .connect_timeout = 100ms}),
            "http.connect-timeout: no connection to " + name + " within 100ms");
  for (const int socket : knocking) ::close(socket);
  ::close(listener);
}

TEST_F(BrokenNetwork, LetsGoOfANameThatIsBeingResolved) {
  CurlTransport transport(loop, fibers, {});
  fibers.run([&] {
    Group group(fibers);
    group.spawn("sender", [&] {
      const Result<HttpResponse> answer = transport.send({.url = "http://slipway.invalid/"});
      ASSERT_FALSE(answer);
      // A machine without a name server may have said so at once.
      EXPECT_TRUE(answer.error().kind == ErrorKind::kCancelled ||
                  answer.error().code == "http.resolve");
    });
    EXPECT_TRUE(fibers.sleep_for(1ms));
    group.cancel();
    const TimePoint before = fibers.now();
    group.join();
    EXPECT_LT(fibers.now() - before, 2s) << "the resolver gives up after 5 s";
  });
}

NetworkSettings with_proxy(const std::string& proxy) {
  return NetworkSettings::from(Environment({{"ALL_PROXY", proxy}}));
}

TEST_F(ProxiedRequest, NamesTheWholeUrlOrAsksForATunnel) {
  const Server proxy(http([](const std::string& request, int) {
    if (request.starts_with("CONNECT"))
      return Reply{"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n", 0ms, Reply::kClose};
    return Reply{ok(request)};
  }));
  const NetworkSettings settings = with_proxy("http://me:secret@" + proxy.address());
  const std::string plain = send({.method = "GET", .url = "http://ecs.test/x"}, settings);
  EXPECT_THAT(plain, StartsWith("200 GET http://ecs.test/x HTTP/1.1\r\nHost: ecs.test\r\n"));
  EXPECT_THAT(plain, HasSubstr("Proxy-Authorization: Basic bWU6c2VjcmV0\r\n"));
  EXPECT_EQ(send({.url = "https://ecs.test/"}, settings),
            "http.proxy: the proxy http://" + proxy.address() +
                " (ALL_PROXY) refused to connect to ecs.test:443: status 403");
}

TEST_F(ProxiedRequest, SaysWhenTheProxyWantsAPassword) {
  const Server proxy(always({"HTTP/1.1 407 Who\r\nContent-Length: 0\r\n\r\n"}));
  const std::string wanted = "http.proxy: the proxy http://" + proxy.address() +
                             " (ALL_PROXY) refused to connect to ecs.test:";
  const std::string why = ": status 407 (it wants a user and a password in its URL)";
  EXPECT_EQ(send({.url = "https://ecs.test/"}, with_proxy("http://" + proxy.address())),
            wanted + "443" + why);
  EXPECT_EQ(send({.url = "http://ecs.test/"}, with_proxy("http://" + proxy.address())),
            wanted + "80" + why);
}

TEST_F(ProxiedRequest, SaysWhenTheProxyIsNotThere) {
  const std::string nobody = "127.0.0.1:" + std::to_string(closed_port());
  EXPECT_EQ(send({.url = "https://ecs.test/"}, with_proxy("http://" + nobody)),
            "http.proxy: the proxy http://" + nobody +
                " (ALL_PROXY) cannot be reached: Connection refused");
  EXPECT_EQ(send({.url = "https://ecs.test/"}, with_proxy("http://no..such.proxy:3128")),
            "http.proxy: the name of the proxy http://no..such.proxy:3128 (ALL_PROXY) cannot be "
            "resolved");
}

TEST_F(ProxiedRequest, GoesDirectWhenItIsToldTo) {
  const Server server(always({ok("direct")}));
  const std::string nobody = "http://127.0.0.1:" + std::to_string(closed_port());
  EXPECT_EQ(send({.url = server.url()}, with_proxy(nobody)), "200 direct") << "loopback";

  // A name for loopback that is not known to be one: only the request's own word keeps it direct.
  const std::string url = "http://2130706433" + server.address().substr(9) + "/";
  EXPECT_THAT(send({.url = url}, with_proxy(nobody)), StartsWith("http.proxy: "));
  EXPECT_EQ(send({.url = url, .use_proxy = false}, with_proxy(nobody)), "200 direct");
}

// The environment of this very process is none of libcurl's business.
TEST_F(ProxiedRequest, DoesNotReadTheProcessEnvironment) {
  const Server server(always({ok("direct")}));
  const std::string url = "http://2130706433" + server.address().substr(9) + "/";
  ASSERT_EQ(::setenv("http_proxy", "http://127.0.0.1:1", 1), 0);
  EXPECT_EQ(send({.url = url}), "200 direct");
  ASSERT_EQ(::unsetenv("http_proxy"), 0);
}

// --- TLS ----------------------------------------------------------------------------------------

// A self-signed certificate for 127.0.0.1, made for this run.
struct Certificate {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* x509 = X509_new();

  Certificate() {
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_set_version(x509, 2);
    X509_gmtime_adj(X509_getm_notBefore(x509), -86400);
    X509_gmtime_adj(X509_getm_notAfter(x509), 86400);
    X509_set_pubkey(x509, key);
    X509_NAME* const name = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("slipway test"), -1, -1, 0);
    X509_set_issuer_name(x509, name);
    X509_EXTENSION* const alternative =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(x509, alternative, -1);
    X509_EXTENSION_free(alternative);
    X509_sign(x509, key, EVP_sha256());
  }
  ~Certificate() {
    X509_free(x509);
    EVP_PKEY_free(key);
  }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  void write(const std::filesystem::path& file) const {
    BIO* const out = BIO_new_file(file.c_str(), "w");
    ASSERT_NE(out, nullptr);
    PEM_write_bio_X509(out, x509);
    BIO_free(out);
  }
};

// One connection at a time, each until the client closes it; tells whether its session was resumed.
Server::Serve tls(const Certificate& certificate) {
  return [&certificate](int listener, Counters& counters) {
    SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context, certificate.x509);
    SSL_CTX_use_PrivateKey(context, certificate.key);
    SSL_CTX_set_session_id_context(context, reinterpret_cast<const unsigned char*>("test"), 4);
    for (;;) {
      const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      ++counters.connections;
      SSL* const session = SSL_new(context);
      SSL_set_fd(session, socket);
      if (SSL_accept(session) == 1) {
        char bytes[4096];
        while (SSL_read(session, bytes, sizeof bytes) > 0) {
          ++counters.requests;
          const bool closes = std::string_view(bytes).find("/close") != std::string_view::npos;
          const std::string answer = ok(SSL_session_reused(session) ? "resumed" : "fresh");
          SSL_write(session, answer.data(), static_cast<int>(answer.size()));
          if (!closes) continue;
          SSL_shutdown(session);
          break;
        }
      }
      SSL_free(session);
      ::close(socket);
    }
  };
}

struct TemporaryFolder {
  std::filesystem::path path;
  TemporaryFolder() {
    std::string pattern = testing::TempDir() + "/slipway-XXXXXX";
    path = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
};

TEST_F(TlsConnection, IsMadeWithAuthoritiesFromAFileOrAFolderAndResumed) {
  const Certificate certificate;
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path / "ca.pem";
  certificate.write(file);
  const Server server(tls(certificate));
  const HttpRequest request{.url = "https://" + server.address() + "/"};
  const HttpRequest last{.url = "https://" + server.address() + "/close"};
  EXPECT_THAT(send_in_turn({request, last, last},
                           NetworkSettings::from(Environment({{"AWS_CA_BUNDLE", file.string()}}))),
              ElementsAre("200 fresh", "200 fresh", "200 resumed"));
  EXPECT_EQ(server.counters().connections, 2);

  // OpenSSL finds a certificate in a folder by the hash of its subject.
  char hash[16];
  std::snprintf(hash, sizeof hash, "%08lx.0", X509_subject_name_hash(certificate.x509));
  std::filesystem::rename(file, folder.path / hash);
  EXPECT_THAT(send(last, {.ca_bundle = folder.path, .ca_bundle_origin = "here"}),
              StartsWith("200 "));
}

TEST_F(TlsConnection, IsRefusedToWhomNobodyVouchesFor) {
  const Certificate certificate, other;
  const TemporaryFolder folder;
  const Server server(tls(certificate));
  // Each with its own file: what was read from one is kept for a day.
  const auto ask = [&](const std::string& host, const std::string& file) {
    return send({.url = "https://" + host + server.address().substr(9) + "/close"},
                {.ca_bundle = folder.path / file, .ca_bundle_origin = "AWS_CA_BUNDLE"});
  };
  EXPECT_EQ(ask("127.0.0.1", "missing"),
            "http.tls: the certificate authorities in " + (folder.path / "missing").string() +
                " (AWS_CA_BUNDLE) cannot be read: No such file or directory");
  std::ofstream(folder.path / "text") << "not a certificate";
  EXPECT_THAT(ask("127.0.0.1", "text"),
              StartsWith("http.tls: the certificate authorities in " +
                         (folder.path / "text").string() + " cannot be used: "));
  other.write(folder.path / "other");
  EXPECT_EQ(ask("127.0.0.1", "other"),
            "http.tls: the certificate of " + server.address() +
                " is not trusted: SSL certificate problem: self-signed certificate (checked "
                "against " +
                (folder.path / "other").string() +
                "; a network that re-signs traffic needs its authority in AWS_CA_BUNDLE)");
  certificate.write(folder.path / "right");
  EXPECT_THAT(ask("localhost", "right"),
              HasSubstr("is not trusted: SSL: no alternative certificate subject name matches "
                        "target host name 'localhost'"));
  EXPECT_EQ(ask("127.0.0.1", "right"), "200 fresh");
}

TEST_F(TlsConnection, ToAPortThatSpeaksPlainHttpIsExplained) {
  const Server server([](int listener, Counters&) {
    for (;;) {
      const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      send_all(socket, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
      char bytes[4096];
      while (::recv(socket, bytes, sizeof bytes, 0) > 0) {
      }
      ::close(socket);
    }
  });
  EXPECT_EQ(send({.url = "https://" + server.address() + "/"}),
            "http.tls: " + server.address() + " does not speak TLS; is it an http:// address?");
}

TEST_F(TlsConnection, ThatIsCutDuringTheHandshakeIsAReset) {
  const Server server([](int listener, Counters&) {
    for (;;) {
      const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
      char byte;
      (void)::recv(socket, &byte, 1, 0);
      const linger at_once{1, 0};
      ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      ::close(socket);
    }
  });
  EXPECT_EQ(send({.url = "https://" + server.address() + "/"}),
            "http.reset: " + server.address() +
                " closed the connection during the TLS handshake: Connection reset by peer");
}

TEST(NetworkSettingsOfAnEnvironment, TakeTheFirstBundleThatIsNamed) {
  struct Case {
    std::map<std::string, std::string> variables;
    std::string profile, wanted, origin;
  };
  for (const auto& [variables, profile, wanted, origin] : {
           Case{{}, "", "", ""},
           Case{{{"SSL_CERT_FILE", "/s"}}, "", "/s", "SSL_CERT_FILE"},
           Case{{{"SSL_CERT_FILE", "/s"}}, "/p", "/p", "ca_bundle of the profile"},
           Case{{{"SSL_CERT_FILE", "/s"}, {"AWS_CA_BUNDLE", "/a"}}, "/p", "/a", "AWS_CA_BUNDLE"},
           Case{{{"AWS_CA_BUNDLE", ""}}, "/p", "/p", "ca_bundle of the profile"},
       }) {
    SCOPED_TRACE(wanted);
    const NetworkSettings settings = NetworkSettings::from(Environment(variables), profile);
    EXPECT_EQ(settings.ca_bundle, wanted);
    EXPECT_EQ(settings.ca_bundle_origin, origin);
  }
}

// --- The driver ---------------------------------------------------------------------------------

TEST_F(RealTime, IsTheTimeOfTheSystem) {
  const auto system = std::chrono::system_clock::now();
  EXPECT_LT(std::chrono::abs(fibers.now() - system), 1s);
  fibers.run([&] {
    const TimePoint before = fibers.now();
    EXPECT_TRUE(fibers.sleep_for(2ms));
    EXPECT_GE(fibers.now() - before, 2ms);
  });
}

TEST_F(RealTime, IsCutShortByASignalWithAndWithoutRequestsOnTheirWay) {
  const Server server(always({ok(""), 1h}));
  for (const bool with_request : {false, true}) {
    SCOPED_TRACE(with_request);
    CurlTransport transport(loop, fibers, {});
    fibers.run([&] {
      Group group(fibers);
      signals.on(SIGINT, [&] { group.cancel(); });
      group.spawn("sleeper", [&] { EXPECT_FALSE(fibers.sleep_for(1h)); });
      if (with_request)
        group.spawn("sender", [&] {
          EXPECT_FALSE(transport.send({.url = server.url(), .total_timeout = 2h}));
        });
      // From outside, while the loop waits.
      const pid_t child = ::fork();
      if (child == 0) {
        ::usleep(20'000);
        ::kill(::getppid(), SIGINT);
        ::_exit(0);
      }
      group.join();
      ::waitpid(child, nullptr, 0);
    });
  }
}

}  // namespace
}  // namespace slipway
