#include "base/curl_loop.h"

#include "base/gate.h"
#include "base/text.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <map>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace slipway {
namespace {

constexpr std::size_t kMaxHeaderBytes = 256u << 10;
// Handles kept for the next requests; each holds its buffers.
constexpr std::size_t kIdleHandles = 8;
// Idle connections kept, over all endpoints. Curl's own default shrinks with the requests in
// flight, so a poll between two bursts would close what the next burst needs.
constexpr long kIdleConnections = 64;
// A request that must not be repeated does not ride a connection that was idle for longer.
constexpr long kFreshSeconds = 5;

// Debian and Alpine; RHEL, Fedora and Amazon Linux; SUSE; Alpine without the package, BSD.
constexpr const char* kSystemBundles[] = {
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
};

[[noreturn]] void stop(const char* what, const char* why) {
  std::fprintf(stderr, "slipway: internal error: %s: %s\n", what, why);
  std::abort();
}

// Options cannot fail for reasons of the world, except for want of memory.
template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  const CURLcode code = ::curl_easy_setopt(handle, option, value);
  if (code != CURLE_OK) stop("curl_easy_setopt", ::curl_easy_strerror(code));
}

void check(CURLMcode code) {
  if (code != CURLM_OK) stop("curl", ::curl_multi_strerror(code));
}

long milliseconds(Duration duration) {
  // Curl reads 0 as "no limit".
  const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
  return static_cast<long>(std::max<std::int64_t>(rounded, 1));
}

// One request on its way. It lives on the stack of the fiber that sends it.
struct Exchange {
  Fibers& fibers;
  Fiber* fiber;
  const HttpRequest& request;
  std::size_t max_answer_bytes;

  HttpResponse response;
  std::size_t header_bytes = 0;
  bool is_sent = false;
  bool is_repeated = false;
  const char* too_large = nullptr;  // what of the answer was
  std::optional<CURLcode> ended;
  char problem[CURL_ERROR_SIZE] = "";  // curl's own words
};

std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  if (exchange.response.body.size() + count > exchange.max_answer_bytes) {
    exchange.too_large = "body";
    return CURL_WRITEFUNC_ERROR;
  }
  exchange.response.body.append(bytes, count);
  return count;
}

std::size_t take_header(char* bytes, std::size_t, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  exchange.header_bytes += count;
  if (exchange.header_bytes > kMaxHeaderBytes) {
    exchange.too_large = "head";
    return 0;
  }
  const std::string_view line = trim(std::string_view(bytes, count));
  HttpHeaders& headers = exchange.response.headers;
  if (line.starts_with("HTTP/")) {
    headers.clear();  // what came before belonged to an interim answer (100 Continue)
  } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    headers.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
  }
  return count;
}

// Called each time the request is about to go out on a connection.
int before_sending(void* user, char*, char*, int, int) {
  auto& exchange = *static_cast<Exchange*>(user);
  if (exchange.is_sent && exchange.request.send_once) {
    exchange.is_repeated = true;
    return CURL_PREREQFUNC_ABORT;
  }
  exchange.is_sent = true;
  return CURL_PREREQFUNC_OK;
}

class HeaderList {
 public:
  HeaderList() = default;
  ~HeaderList() { ::curl_slist_free_all(list_); }
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;

  void add(const std::string& line) {
    list_ = ::curl_slist_append(list_, line.c_str());
    if (list_ == nullptr) stop("curl_slist_append", "no memory");
  }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

}  // namespace

// --- The loop -----------------------------------------------------------------------------------

struct CurlLoop::State {
  Signals* signals = nullptr;
  std::chrono::nanoseconds boot_time_at_epoch{};  // negative: the epoch was before the boot
  CURLM* multi = nullptr;                         // null until the first request
  CURLSH* share = nullptr;
  std::vector<CURL*> idle_handles;
  std::size_t in_flight = 0;

  CURL* take_handle();
  void start(CURL* handle);
  void end(CURL* handle);
  bool advance();
};

namespace {

std::chrono::nanoseconds read_clock(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

CurlLoop::CurlLoop(Signals* signals) : state_(std::make_unique<State>()) {
  state_->signals = signals;
  state_->boot_time_at_epoch = read_clock(CLOCK_BOOTTIME) - read_clock(CLOCK_REALTIME);
}

CurlLoop::~CurlLoop() {
  assert(state_->in_flight == 0);
  for (CURL* const handle : state_->idle_handles) ::curl_easy_cleanup(handle);
  if (state_->multi != nullptr) ::curl_multi_cleanup(state_->multi);
  if (state_->share != nullptr) ::curl_share_cleanup(state_->share);
}

TimePoint CurlLoop::now() const {
  return TimePoint(
      std::chrono::floor<Duration>(read_clock(CLOCK_BOOTTIME) - state_->boot_time_at_epoch));
}

bool CurlLoop::has_outside() const { return state_->in_flight > 0 || state_->signals != nullptr; }

void CurlLoop::wait(std::optional<TimePoint> until) {
  State& state = *state_;
  if (state.signals != nullptr && state.signals->deliver()) return;
  // "For ever" in bites that fit every interface below; the scheduler asks again.
  const Duration time =
      until ? std::clamp(*until - now(), Duration{0}, Duration(std::chrono::hours(1)))
            : Duration(std::chrono::hours(1));
  if (state.in_flight == 0) {
    if (time > Duration{0}) sleep_in_real_time(time, state.signals);
  } else if (!state.advance() && time > Duration{0}) {
    curl_waitfd signal{};
    signal.fd = state.signals != nullptr ? state.signals->descriptor() : -1;
    signal.events = CURL_WAIT_POLLIN;
    check(::curl_multi_poll(state.multi, &signal, state.signals != nullptr ? 1 : 0,
                            static_cast<int>(milliseconds(time)), nullptr));
    state.advance();
  }
  if (state.signals != nullptr) state.signals->deliver();
}

CURL* CurlLoop::State::take_handle() {
  if (multi == nullptr) {
    const CURLcode code = ::curl_global_init(CURL_GLOBAL_DEFAULT);
    if (code != CURLE_OK) stop("curl_global_init", ::curl_easy_strerror(code));
    multi = ::curl_multi_init();
    share = ::curl_share_init();
    if (multi == nullptr || share == nullptr) stop("curl_multi_init", "no memory");
    check(::curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, kIdleConnections));
    // The second connection to an endpoint resumes the TLS session of the first.
    ::curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
  }
  if (!idle_handles.empty()) {
    CURL* const handle = idle_handles.back();
    idle_handles.pop_back();
    return handle;
  }
  CURL* const handle = ::curl_easy_init();
  if (handle == nullptr) stop("curl_easy_init", "no memory");
  return handle;
}

void CurlLoop::State::start(CURL* handle) {
  check(::curl_multi_add_handle(multi, handle));
  ++in_flight;
}

// Takes the request off its connection; one that has not ended is broken off at once.
void CurlLoop::State::end(CURL* handle) {
  check(::curl_multi_remove_handle(multi, handle));
  --in_flight;
  if (idle_handles.size() < kIdleHandles) {
    ::curl_easy_reset(handle);
    idle_handles.push_back(handle);
  } else {
    ::curl_easy_cleanup(handle);
  }
}

// Moves bytes without waiting; true if a request ended.
bool CurlLoop::State::advance() {
  int still_running = 0;
  check(::curl_multi_perform(multi, &still_running));
  bool ended = false;
  int left = 0;
  while (const CURLMsg* const message = ::curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    void* user = nullptr;
    ::curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
    auto& exchange = *static_cast<Exchange*>(user);
    exchange.ended = message->data.result;
    exchange.fibers.wake(exchange.fiber);
    ended = true;
  }
  return ended;
}

// --- The settings -------------------------------------------------------------------------------

NetworkSettings NetworkSettings::from(const Environment& environment,
                                      const std::string& profile_ca_bundle) {
  NetworkSettings settings;
  settings.proxies = ProxyRules::from(environment);
  const auto use = [&](const std::optional<std::string>& file, const char* origin) {
    if (!settings.ca_bundle.empty() || !file || file->empty()) return;
    settings.ca_bundle = *file;
    settings.ca_bundle_origin = origin;
  };
  use(environment.get_non_empty("AWS_CA_BUNDLE"), "AWS_CA_BUNDLE");
  use(profile_ca_bundle, "ca_bundle of the profile");
  use(environment.get_non_empty("SSL_CERT_FILE"), "SSL_CERT_FILE");
  return settings;
}

// --- The transport ------------------------------------------------------------------------------

struct CurlTransport::State {
  CurlLoop::State& loop;
  Fibers& fibers;
  NetworkSettings settings;
  std::map<std::string, Gate> gates = {};  // by scheme, host and port
  bool is_bundle_known = false;
  std::size_t connections_opened = 0;

  Gate& gate_of(const UrlOrigin& origin);
  Result<void> find_bundle();
  Result<void> prepare(CURL* handle, Exchange& exchange, HeaderList& headers,
                       const UrlOrigin& origin, const std::optional<Proxy>& proxy);
  Error explain(CURL* handle, const Exchange& exchange, const UrlOrigin& origin,
                const std::optional<Proxy>& proxy) const;
};

CurlTransport::CurlTransport(CurlLoop& loop, Fibers& fibers, NetworkSettings settings)
    : state_(new State{*loop.state_, fibers, std::move(settings)}) {
  assert(state_->settings.connections_per_endpoint > 0);
}

CurlTransport::~CurlTransport() = default;

std::size_t CurlTransport::connections_opened() const { return state_->connections_opened; }

Result<HttpResponse> CurlTransport::send(const HttpRequest& request) {
  State& state = *state_;
  TRY(const UrlOrigin origin, parse_origin(request.url));
  std::optional<Proxy> proxy;
  if (request.use_proxy) proxy = state.settings.proxies.proxy_for(origin);

  TRY(const Gate::Place place, state.gate_of(origin).enter());
  Exchange exchange{state.fibers, state.fibers.current(), request, state.settings.max_answer_bytes};
  HeaderList headers;
  CURL* const handle = state.loop.take_handle();
  Result<void> prepared = state.prepare(handle, exchange, headers, origin, proxy);
  if (!prepared) {
    ::curl_easy_cleanup(handle);
    return std::move(prepared).error();
  }
  state.loop.start(handle);

  // From here on the request may have taken effect, whatever becomes of it.
  Result<void> woken;
  while (!exchange.ended && woken) woken = state.fibers.park();

  long new_connections = 0;
  ::curl_easy_getinfo(handle, CURLINFO_NUM_CONNECTS, &new_connections);
  state.connections_opened += static_cast<std::size_t>(new_connections);
  long status = 0;
  ::curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  exchange.response.status = static_cast<int>(status);
  std::optional<Error> problem;
  if (!exchange.ended)
    problem = std::move(woken).error();
  else if (*exchange.ended != CURLE_OK || (status == 407 && proxy))
    problem = state.explain(handle, exchange, origin, proxy);
  state.loop.end(handle);
  if (problem) return *std::move(problem);
  return std::move(exchange.response);
}

Gate& CurlTransport::State::gate_of(const UrlOrigin& origin) {
  return gates
      .try_emplace(origin.scheme + "://" + to_string(origin), fibers,
                   settings.connections_per_endpoint)
      .first->second;
}

// Looks once, when the first TLS connection is wanted.
Result<void> CurlTransport::State::find_bundle() {
  if (is_bundle_known) return {};
  if (settings.ca_bundle.empty()) {
    for (const char* const file : kSystemBundles) {
      if (::access(file, R_OK) != 0) continue;
      settings.ca_bundle = file;
      break;
    }
    if (settings.ca_bundle.empty()) {
      return Error{ErrorKind::kInvalid, "http.tls",
                   fmt::format("no certificate authorities to check servers with: there is none of "
                               "{}; install ca-certificates or set AWS_CA_BUNDLE",
                               fmt::join(kSystemBundles, ", "))};
    }
  } else if (::access(settings.ca_bundle.c_str(), R_OK) != 0) {
    return Error{
        ErrorKind::kInvalid, "http.tls",
        fmt::format("the certificate authorities in {} ({}) cannot be read: {}", settings.ca_bundle,
                    settings.ca_bundle_origin, std::generic_category().message(errno))};
  }
  is_bundle_known = true;
  return {};
}

Result<void> CurlTransport::State::prepare(CURL* handle, Exchange& exchange, HeaderList& headers,
                                           const UrlOrigin& origin,
                                           const std::optional<Proxy>& proxy) {
  const HttpRequest& request = exchange.request;
  set(handle, CURLOPT_PRIVATE, static_cast<void*>(&exchange));
  set(handle, CURLOPT_ERRORBUFFER, exchange.problem);
  set(handle, CURLOPT_WRITEFUNCTION, &take_body);
  set(handle, CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
  set(handle, CURLOPT_HEADERFUNCTION, &take_header);
  set(handle, CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
  set(handle, CURLOPT_PREREQFUNCTION, &before_sending);
  set(handle, CURLOPT_PREREQDATA, static_cast<void*>(&exchange));
  set(handle, CURLOPT_SHARE, loop.share);
  set(handle, CURLOPT_NOSIGNAL, 1L);
  // Leaving while a name is being resolved must not wait for the resolver's thread.
  set(handle, CURLOPT_QUICK_EXIT, 1L);

  // The URL goes out byte for byte as it was signed.
  set(handle, CURLOPT_URL, request.url.c_str());
  set(handle, CURLOPT_PATH_AS_IS, 1L);
  // The trimmed libcurl (cmake/TrimmedCurl.cmake) counts on these two and on SOCKS5_AUTH below.
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.connect_timeout));
  set(handle, CURLOPT_TIMEOUT_MS, milliseconds(request.total_timeout));
  if (request.send_once) set(handle, CURLOPT_MAXAGE_CONN, kFreshSeconds);

  const bool may_have_body = request.method != "GET" && request.method != "HEAD";
  if (request.method == "HEAD") {
    set(handle, CURLOPT_NOBODY, 1L);
  } else if (request.method == "GET" && request.body.empty()) {
    set(handle, CURLOPT_HTTPGET, 1L);
  } else {
    if (!request.body.empty() || (may_have_body && request.method != "DELETE")) {
      set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      set(handle, CURLOPT_POSTFIELDS, request.body.data());
    }
    if (request.method != "POST") set(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  // Only the headers that were given (and signed); an empty line takes curl's own away.
  for (const char* const name : {"Accept", "Content-Type", "Expect"})
    if (find_header(request.headers, name).empty()) headers.add(std::string(name) + ":");
  for (const auto& [name, value] : request.headers) {
    const auto breaks = [](std::string_view text) {
      return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
    };
    if (name.empty() || breaks(name) || breaks(value))
      return Error{ErrorKind::kInvalid, "http.header",
                   fmt::format("the value of the header {} would break the request", name)};
    headers.add(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  }
  set(handle, CURLOPT_HTTPHEADER, headers.get());

  // An empty proxy and an empty list of exceptions keep curl from reading the environment.
  set(handle, CURLOPT_PROXY, proxy ? proxy->url.c_str() : "");
  set(handle, CURLOPT_NOPROXY, "");
  if (proxy) {
    set(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(handle, CURLOPT_PROXYAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(handle, CURLOPT_SOCKS5_AUTH, static_cast<long>(CURLAUTH_BASIC));
  }

  const bool proxy_has_tls = proxy && to_lower(proxy->url).starts_with("https://");
  if (origin.scheme == "https" || proxy_has_tls) {
    TRY_VOID(find_bundle());
    // One file and no directory: with a directory curl parses everything again for each connection.
    const bool is_directory = std::filesystem::is_directory(settings.ca_bundle);
    const char* const file = is_directory ? nullptr : settings.ca_bundle.c_str();
    const char* const directory = is_directory ? settings.ca_bundle.c_str() : nullptr;
    set(handle, CURLOPT_CAINFO, file);
    set(handle, CURLOPT_CAPATH, directory);
    set(handle, CURLOPT_PROXY_CAINFO, file);
    set(handle, CURLOPT_PROXY_CAPATH, directory);
    set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    // Rather wait for the first connection and share it by HTTP/2 than open another one.
    set(handle, CURLOPT_PIPEWAIT, 1L);
  }
  return {};
}

// What a person reads at two in the morning: whom we talked to, through what, and what went wrong.
Error CurlTransport::State::explain(CURL* handle, const Exchange& exchange, const UrlOrigin& origin,
                                    const std::optional<Proxy>& proxy) const {
  const std::string peer = to_string(origin);
  const std::string through = proxy ? " through " + to_string(*proxy) : "";
  const std::string words = exchange.problem;
  const CURLcode code = exchange.ended.value_or(CURLE_OK);
  long proxy_status = 0;
  ::curl_easy_getinfo(handle, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
  long os_error = 0;
  ::curl_easy_getinfo(handle, CURLINFO_OS_ERRNO, &os_error);
  const std::string os_words =
      os_error != 0 ? std::generic_category().message(static_cast<int>(os_error)) : words;
  const int status = exchange.response.status;
  const auto unavailable = [&](std::string_view what, std::string message) {
    Error error{ErrorKind::kUnavailable, "http." + std::string(what), std::move(message)};
    error.http_status = status;
    return error;
  };

  if (exchange.too_large != nullptr)
    return unavailable(
        "too-large",
        fmt::format("the answer of {}{} is too large: its {} has more than {} bytes", peer, through,
                    exchange.too_large,
                    exchange.too_large == std::string_view("head") ? kMaxHeaderBytes
                                                                   : exchange.max_answer_bytes));
  if (exchange.is_repeated)
    return unavailable("reset", fmt::format("{} closed the connection before it answered{}; the "
                                            "request may have taken effect",
                                            peer, through));
  if (proxy && status == 407) proxy_status = 407;
  if (proxy && (proxy_status >= 300 || code == CURLE_PROXY)) {
    return unavailable(
        "proxy", fmt::format("{} refused to connect to {}: {}", to_string(*proxy), peer,
                             proxy_status >= 300 ? fmt::format("status {}", proxy_status) : words) +
                     (proxy_status == 407 ? " (it wants a user and a password in its URL)" : ""));
  }
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
      return unavailable("proxy",
                         fmt::format("the name of {} cannot be resolved", to_string(*proxy)));
    case CURLE_COULDNT_RESOLVE_HOST:
      return unavailable("resolve",
                         fmt::format("the name {} cannot be resolved{}", origin.host, through));
    case CURLE_COULDNT_CONNECT:
      if (proxy)
        return unavailable("proxy",
                           fmt::format("{} cannot be reached: {}", to_string(*proxy), os_words));
      return unavailable("connect", fmt::format("{} cannot be reached: {}", peer, os_words));
    case CURLE_OPERATION_TIMEDOUT: {
      Error error{ErrorKind::kTimeout, "", ""};
      error.http_status = status;
      if (!exchange.is_sent) {
        error.code = "http.connect-timeout";
        error.message = fmt::format(
            "no connection to {}{} within {}", peer, through,
            to_string(std::min(exchange.request.connect_timeout, exchange.request.total_timeout)));
      } else {
        error.code = "http.read-timeout";
        error.message = fmt::format("no complete answer from {}{} within {}", peer, through,
                                    to_string(exchange.request.total_timeout));
      }
      return error;
    }
    case CURLE_SSL_CONNECT_ERROR:
      if (os_error == ECONNRESET || os_error == EPIPE)
        return unavailable("reset", fmt::format("{} closed the connection during the TLS handshake"
                                                "{}: {}",
                                                peer, through, os_words));
      if (words.find("wrong version number") != std::string::npos ||
          words.find("packet length too long") != std::string::npos)
        return unavailable("tls", fmt::format("{} does not speak TLS{}; is it an http:// address?",
                                              peer, through));
      return unavailable("tls", fmt::format("no TLS connection to {}{}: {}", peer, through, words));
    case CURLE_PEER_FAILED_VERIFICATION:
      return unavailable(
          "tls", fmt::format("the certificate of {}{} is not trusted: {} (checked against {}; a "
                             "network that re-signs traffic needs its authority in AWS_CA_BUNDLE)",
                             peer, through, words, settings.ca_bundle));
    case CURLE_SSL_CACERT_BADFILE:
      return Error{ErrorKind::kInvalid, "http.tls",
                   fmt::format("the certificate authorities in {} cannot be used: {}",
                               settings.ca_bundle, words)};
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return unavailable("tls", fmt::format("no TLS connection to {}{}: {}", peer, through, words));
    case CURLE_PARTIAL_FILE:
      return unavailable("truncated", fmt::format("the answer of {}{} broke off after {} bytes",
                                                  peer, through, exchange.response.body.size()));
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
      return unavailable("malformed", fmt::format("{}{} answered with something that is not HTTP: "
                                                  "{}",
                                                  peer, through, words));
    case CURLE_GOT_NOTHING:
      return unavailable(
          "reset", fmt::format("{} closed the connection without an answer{}", peer, through));
    default:
      break;
  }
  if (status != 0)
    return unavailable("truncated",
                       fmt::format("the answer of {}{} broke off after {} bytes: {}", peer, through,
                                   exchange.response.body.size(), words));
  return unavailable("reset", fmt::format("the connection to {}{} broke: {}", peer, through,
                                          words.empty() ? ::curl_easy_strerror(code) : words));
}

}  // namespace slipway
