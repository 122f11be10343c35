#include "sim/server.h"

#include "base/text.h"

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <utility>

namespace slipway::sim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;

// A silent connection (the no-answer fault) is not kept for ever.
constexpr auto kLongestSilence = std::chrono::minutes(10);
// After a refusal the client may still be sending; closing at once would reset the connection and
// take the refusal with it.
constexpr auto kLongestDrain = std::chrono::seconds(1);
constexpr std::size_t kMostDrainedBytes = 1 << 20;
constexpr std::size_t kReadBytes = 16 << 10;
constexpr auto kSlowByteInterval = std::chrono::milliseconds(20);

std::string_view to_view(beast::string_view text) { return {text.data(), text.size()}; }

// Real time in, virtual time out. The only place of the simulator that looks at a real clock.
class VirtualTime {
 public:
  VirtualTime(TimePoint start, double speed) : start_(start), speed_(speed) {}

  TimePoint now() const {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - began_;
    return start_ + std::chrono::duration_cast<Duration>(passed * speed_);
  }
  std::chrono::steady_clock::duration real(Duration duration) const {
    return std::chrono::duration_cast<std::chrono::steady_clock::duration>(
        std::chrono::duration<double, std::micro>(static_cast<double>(duration.count()) / speed_));
  }

 private:
  TimePoint start_;
  double speed_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

struct Shared {
  SimulatedAws& aws;
  const ServeOptions& options;
  VirtualTime time;
  std::size_t connections = 0;
};

std::string header_text(const HttpResponse& response, bool keep_alive) {
  const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
  std::string text = fmt::format("HTTP/1.1 {} {}\r\n", response.status, to_view(reason));
  for (const auto& [name, value] : response.headers)
    fmt::format_to(std::back_inserter(text), "{}: {}\r\n", name, value);
  fmt::format_to(std::back_inserter(text), "Content-Length: {}\r\nConnection: {}\r\n\r\n",
                 response.body.size(), keep_alive ? "keep-alive" : "close");
  return text;
}

// One connection, from accept to close. It keeps itself alive through its pending operation.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, Shared& shared)
      : stream_(std::move(socket)), timer_(stream_.get_executor()), shared_(shared) {
    ++shared_.connections;
    error_code ignored;
    stream_.socket().set_option(tcp::no_delay(true), ignored);
  }
  ~Session() { --shared_.connections; }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void start() { await_request(); }

  void refuse_as_full() { refuse(503, "too many connections"); }

 private:
  using Parser = http::request_parser<http::string_body>;

  void await_request() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(shared_.options.max_header_bytes));
    parser_->body_limit(shared_.options.max_body_bytes);
    if (buffer_.size() > 0) return read_header();  // a pipelined request is already there
    stream_.expires_after(shared_.options.idle_timeout);
    stream_.async_read_some(buffer_.prepare(kReadBytes),
                            [self = shared_from_this()](error_code error, std::size_t bytes) {
                              if (error) return self->close();
                              self->buffer_.commit(bytes);
                              self->read_header();
                            });
  }

  // One limit for the whole request: sending a byte now and then does not keep it open.
  void read_header() {
    stream_.expires_after(shared_.options.request_timeout);
    http::async_read_header(stream_, buffer_, *parser_,
                            [self = shared_from_this()](error_code error, std::size_t) {
                              if (error) return self->refuse(error);
                              self->read_body();
                            });
  }

  void read_body() {
    if (beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
      static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      parser_->get().erase(http::field::expect);
      asio::async_write(stream_, asio::buffer(kContinue),
                        [self = shared_from_this()](error_code error, std::size_t) {
                          if (error) return self->close();
                          self->read_body();
                        });
      return;
    }
    if (parser_->is_done()) return answer();
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](error_code error, std::size_t) {
                       if (error) return self->refuse(error);
                       self->answer();
                     });
  }

  void answer() {
    stream_.expires_never();
    auto& message = parser_->get();
    keep_alive_ = message.keep_alive();
    HttpRequest request;
    request.method = std::string(to_view(message.method_string()));
    const std::string_view target = to_view(message.target());
    // The form proxies use carries the host itself.
    request.url = target.starts_with("http://")
                      ? std::string(target)
                      : fmt::format("http://{}{}", to_view(message[http::field::host]), target);
    request.headers.reserve(16);
    for (const auto& field : message)
      request.headers.emplace_back(to_view(field.name_string()), to_view(field.value()));
    request.body = std::move(message.body());

    delivery_ = shared_.aws.handle(request, shared_.time.now());
    const bool has_answer =
        delivery_.kind == Delivery::Kind::kWhole || delivery_.kind == Delivery::Kind::kTruncated;
    if (has_answer && delivery_.delay > Duration{0}) {
      timer_.expires_after(shared_.time.real(delivery_.delay));
      timer_.async_wait([self = shared_from_this()](error_code error) {
        if (!error) self->deliver();
      });
      return;
    }
    deliver();
  }

  void deliver() {
    switch (delivery_.kind) {
      // Nobody listening cannot be done for a single request on an open port; a reset is the
      // nearest thing.
      case Delivery::Kind::kRefused:
      case Delivery::Kind::kReset:
        return reset();
      case Delivery::Kind::kConnectTimeout:
      case Delivery::Kind::kNoAnswer:
        return stay_silent();
      case Delivery::Kind::kTruncated:
        keep_alive_ = false;
        break;
      case Delivery::Kind::kWhole:
        break;
    }
    const bool is_head = parser_->get().method() == http::verb::head;
    output_ = header_text(delivery_.response, keep_alive_);
    const std::size_t headers = output_.size();
    if (!is_head)
      output_.append(
          delivery_.response.body, 0,
          delivery_.kind == Delivery::Kind::kTruncated ? delivery_.bytes : std::string::npos);
    sent_ = 0;
    stream_.expires_after(shared_.options.request_timeout);
    if (delivery_.bytes_per_second <= 0) return write(output_.size());
    stream_.expires_never();  // as slow as asked for
    write(headers);
  }

  void write(std::size_t bytes) {
    bytes = std::min(bytes, output_.size() - sent_);
    asio::async_write(stream_, asio::buffer(output_.data() + sent_, bytes),
                      [self = shared_from_this(), bytes](error_code error, std::size_t) {
                        if (error) return self->close();
                        self->sent_ += bytes;
                        self->wrote();
                      });
  }

  void wrote() {
    if (sent_ < output_.size()) {
      timer_.expires_after(kSlowByteInterval);
      timer_.async_wait([self = shared_from_this()](error_code error) {
        if (error) return;
        const auto virtual_seconds =
            std::chrono::duration<double>(kSlowByteInterval).count() * self->shared_.options.speed;
        self->write(std::max<std::size_t>(
            1, static_cast<std::size_t>(self->delivery_.bytes_per_second * virtual_seconds)));
      });
      return;
    }
    if (keep_alive_) return await_request();
    error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    drain(0);
  }

  // ---- endings ----

  void refuse(error_code error) {
    if (error == http::error::header_limit) return refuse(431, "the header is too large");
    if (error == http::error::body_limit) return refuse(413, "the body is too large");
    if (error == beast::error::timeout) return refuse(408, "the request took too long");
    const bool is_malformed =
        error.category() == make_error_code(http::error::bad_method).category() &&
        error != http::error::end_of_stream && error != http::error::partial_message;
    if (is_malformed) return refuse(400, "this is not HTTP");
    close();
  }

  void refuse(int status, std::string_view reason) {
    keep_alive_ = false;
    HttpResponse response{.status = status,
                          .headers = {{"Content-Type", "text/plain"}},
                          .body = std::string(reason) + "\n"};
    output_ = header_text(response, false) + response.body;
    sent_ = 0;
    delivery_ = {};
    stream_.expires_after(shared_.options.request_timeout);
    write(output_.size());
  }

  void drain(std::size_t drained) {
    if (drained > kMostDrainedBytes) return close();
    stream_.expires_after(kLongestDrain);
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(kReadBytes), [self = shared_from_this(), drained](
                                                             error_code error, std::size_t bytes) {
      if (error) return self->close();
      self->drain(drained + bytes);
    });
  }

  // Until the client gives up; what it still sends is thrown away.
  void stay_silent() {
    if (!silent_until_) silent_until_ = std::chrono::steady_clock::now() + kLongestSilence;
    stream_.expires_at(*silent_until_);
    buffer_.clear();
    stream_.async_read_some(buffer_.prepare(kReadBytes),
                            [self = shared_from_this()](error_code error, std::size_t) {
                              if (error) return self->close();
                              self->stay_silent();
                            });
  }

  void reset() {
    error_code ignored;
    stream_.socket().set_option(asio::socket_base::linger(true, 0), ignored);
    close();
  }

  void close() {
    error_code ignored;
    stream_.socket().close(ignored);
  }

  beast::tcp_stream stream_;
  asio::steady_timer timer_;
  Shared& shared_;
  beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  bool keep_alive_ = true;
  Delivery delivery_;
  std::string output_;
  std::size_t sent_ = 0;
  std::optional<std::chrono::steady_clock::time_point> silent_until_;
};

class Listener {
 public:
  Listener(asio::io_context& loop, Shared& shared)
      : acceptor_(loop), retry_(loop), shared_(shared) {}

  Result<void> open() {
    const ServeOptions& options = shared_.options;
    const auto cannot = [&](const std::string& why) {
      return Error{
          .kind = ErrorKind::kUnavailable,
          .code = "sim.listen",
          .message = fmt::format("cannot listen on {}:{}: {}", options.address, options.port, why)};
    };
    error_code error;
    const auto address = asio::ip::make_address(options.address, error);
    if (error) return cannot("this is not an IP address");
    const tcp::endpoint endpoint(address, options.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) return cannot(error.message());
    accept();
    return {};
  }

  std::string url() const {
    const auto endpoint = acceptor_.local_endpoint();
    const std::string host = endpoint.address().is_v6()
                                 ? fmt::format("[{}]", endpoint.address().to_string())
                                 : endpoint.address().to_string();
    return fmt::format("http://{}:{}", host, endpoint.port());
  }

 private:
  void accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) {
        // Out of descriptors: those in use will be given back.
        retry_.expires_after(std::chrono::milliseconds(50));
        retry_.async_wait([this](error_code stopped) {
          if (!stopped) accept();
        });
        return;
      }
      const bool is_full = shared_.connections >= shared_.options.max_connections;
      shared_.aws.calls().count_connection();
      auto session = std::make_shared<Session>(std::move(socket), shared_);
      if (is_full)
        session->refuse_as_full();
      else
        session->start();
      accept();
    });
  }

  tcp::acceptor acceptor_;
  asio::steady_timer retry_;
  Shared& shared_;
};

}  // namespace

Result<void> serve(SimulatedAws& aws, const ServeOptions& options) {
  Shared shared{aws, options, VirtualTime(aws.world().now(), options.speed)};
  asio::io_context loop(1);
  Listener listener(loop, shared);
  TRY_VOID(listener.open());

  asio::signal_set signals(loop, SIGINT, SIGTERM);
  signals.async_wait([&](error_code, int) { loop.stop(); });
  asio::steady_timer end(loop);
  if (options.run_for) {
    end.expires_after(*options.run_for);
    end.async_wait([&](error_code) { loop.stop(); });
  }
  if (options.on_listening) options.on_listening(listener.url());
  loop.run();
  return {};
}

Result<void> serve(Scenario scenario, const ServeOptions& options, Diagnostics& diagnostics) {
  const TimePoint now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  scenario.api.check_dates = !scenario.start && options.speed == 1;
  const auto aws = make_aws(scenario, scenario.start.value_or(now), diagnostics);
  if (aws == nullptr)
    return Error{.kind = ErrorKind::kInvalid,
                 .code = "sim.scenario",
                 .message = fmt::format("the scenario {} cannot be set up", scenario.name)};
  return serve(*aws, options);
}

}  // namespace slipway::sim
