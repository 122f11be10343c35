#include "aws/sigv4.h"

#include "aws/crypto.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <span>

namespace slipway::aws {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view kAddedBySigning[] = {"authorization", "x-amz-date",
                                                "x-amz-security-token"};
// Proxies and HTTP libraries add, change or drop these on the way.
constexpr std::string_view kNeverSigned[] = {
    "authorization", "connection",        "expect",  "keep-alive", "te",
    "trailer",       "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id",
};

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string encode(std::string_view text, bool keep_slash) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size() + text.size() / 4);
  for (const char c : text) {
    if (is_unreserved(c) || (keep_slash && c == '/')) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

struct UrlParts {
  std::string_view origin;  // "https://host:port"
  std::string_view path;    // as on the wire, "/" or longer, or empty
  std::string_view query;   // without "?"
};

UrlParts split_url(std::string_view url) {
  url = url.substr(0, url.find('#'));
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t path = std::min(url.find_first_of("/?", host), url.size());
  const std::size_t query = std::min(url.find('?', path), url.size());
  return {url.substr(0, path), url.substr(path, query - path),
          query < url.size() ? url.substr(query + 1) : std::string_view{}};
}

// Empty and dot segments vanish and every segment is encoded once more than on the wire: the rule
// for every service but S3.
std::string canonical_path(std::string_view wire_path) {
  std::vector<std::string_view> kept;
  for (const std::string_view segment : split(wire_path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else {
      kept.push_back(segment);
    }
  }
  std::string path;
  for (const std::string_view segment : kept) path.append("/").append(encode(segment, false));
  const bool ends_with_slash =
      wire_path.ends_with('/') || wire_path.ends_with("/.") || wire_path.ends_with("/..");
  if (path.empty() || ends_with_slash) path += '/';
  return path;
}

// Trimmed, and runs of blanks inside become one space.
std::string canonical_value(std::string_view value) {
  std::string out;
  bool blank = false;
  for (const char c : value) {
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f') {
      blank = !out.empty();
    } else {
      if (blank) out += ' ';
      blank = false;
      out += c;
    }
  }
  return out;
}

bool is_never_signed(std::string_view lower_case_name) {
  return lower_case_name.starts_with("proxy-") ||
         std::ranges::find(kNeverSigned, lower_case_name) != std::end(kNeverSigned);
}

// Lower-case name to value; headers of one name are joined in the order they are sent.
using CanonicalHeaders = std::map<std::string, std::string, std::less<>>;

CanonicalHeaders canonical_headers(const HttpHeaders& headers) {
  CanonicalHeaders result;
  for (const auto& [name, value] : headers) {
    const auto [place, is_new] = result.try_emplace(to_lower(name));
    if (!is_new) place->second += ',';
    place->second += canonical_value(value);
  }
  return result;
}

// The stages, from headers already chosen.
Signature signature_of(const HttpRequest& request, const CanonicalHeaders& headers,
                       std::string_view access_key_id, const Secret& secret_access_key,
                       const SigningScope& scope, std::string_view date, std::string_view time,
                       SigningKeys& keys) {
  const UrlParts url = split_url(request.url);
  std::string header_lines;
  std::string signed_names;
  for (const auto& [name, value] : headers) {
    header_lines.append(name).append(":").append(value).append("\n");
    if (!signed_names.empty()) signed_names += ';';
    signed_names += name;
  }

  Signature result;
  result.canonical_request =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, canonical_path(url.path),
                  canonical_query(url.query), header_lines, signed_names, sha256_hex(request.body));
  const std::string full_scope =
      fmt::format("{}/{}/{}/aws4_request", date, scope.region, scope.service);
  result.string_to_sign = fmt::format("{}\n{}\n{}\n{}", kAlgorithm, time, full_scope,
                                      sha256_hex(result.canonical_request));
  result.signature = hex(hmac_sha256(keys.get(secret_access_key, date, scope.region, scope.service),
                                     result.string_to_sign));
  result.authorization =
      fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm, access_key_id,
                  full_scope, signed_names, result.signature);
  return result;
}

}  // namespace

std::string uri_encode(std::string_view text) { return encode(text, false); }
std::string uri_encode_path(std::string_view path) { return encode(path, true); }

std::optional<std::string> uri_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  const auto strict = [](std::string_view text) {
    // A broken escape is text that somebody forgot to encode.
    return uri_encode(uri_decode(text).value_or(std::string(text)));
  };
  for (const std::string_view pair : split(query, '&')) {
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    pairs.emplace_back(strict(pair.substr(0, equals)),
                       equals < pair.size() ? strict(pair.substr(equals + 1)) : std::string());
  }
  std::ranges::sort(pairs);
  std::string out;
  for (const auto& [name, value] : pairs) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

std::string host_of(std::string_view url) {
  std::string_view origin = split_url(url).origin;
  const bool is_https = origin.starts_with("https://");
  if (const std::size_t scheme = origin.find("://"); scheme != std::string_view::npos)
    origin.remove_prefix(scheme + 3);
  if (const std::size_t user = origin.rfind('@'); user != std::string_view::npos)
    origin.remove_prefix(user + 1);
  const std::string_view default_port = is_https ? ":443" : ":80";
  if (origin.ends_with(default_port)) origin.remove_suffix(default_port.size());
  return std::string(origin);
}

std::string sha256_hex(std::string_view bytes) { return hex(sha256(bytes)); }

const SigningKeys::Key& SigningKeys::get(const Secret& secret_access_key, std::string_view date,
                                         std::string_view region, std::string_view service) {
  std::string scope = fmt::format("{}/{}/{}", date, region, service);
  const auto known = std::ranges::find_if(entries_, [&](const Entry& entry) {
    return entry.scope == scope && entry.secret == secret_access_key;
  });
  if (known != entries_.end()) return known->key;

  const std::string secret = "AWS4" + secret_access_key.reveal();
  const std::span secret_bytes(reinterpret_cast<const unsigned char*>(secret.data()),
                               secret.size());
  const Key key = hmac_sha256(
      hmac_sha256(hmac_sha256(hmac_sha256(secret_bytes, date), region), service), "aws4_request");
  // A run meets a few: two services, perhaps a role, perhaps midnight. The simulator, which meets
  // whatever is sent to it, must not collect them for ever.
  constexpr std::size_t kMostKept = 16;
  if (entries_.size() == kMostKept) entries_.erase(entries_.begin());
  return entries_.emplace_back(Entry{secret_access_key, std::move(scope), key}).key;
}

Signature sign(HttpRequest& request, const Credentials& credentials, const SigningScope& scope,
               TimePoint time, SigningKeys& keys) {
  std::erase_if(request.headers, [](const auto& header) {
    return std::ranges::find(kAddedBySigning, to_lower(header.first)) != std::end(kAddedBySigning);
  });
  const std::string timestamp = to_compact_iso8601(time);
  const bool names_host = std::ranges::any_of(request.headers, [](const auto& header) {
    return equals_ignoring_case(header.first, "host");
  });
  if (!names_host) request.headers.emplace_back("Host", host_of(request.url));
  request.headers.emplace_back("X-Amz-Date", timestamp);
  if (!credentials.session_token.empty())
    request.headers.emplace_back("X-Amz-Security-Token", credentials.session_token.reveal());

  const UrlParts url = split_url(request.url);
  const std::string query = canonical_query(url.query);
  request.url = fmt::format("{}{}{}{}", url.origin, url.path.empty() ? "/" : url.path,
                            query.empty() ? "" : "?", query);

  CanonicalHeaders headers = canonical_headers(request.headers);
  std::erase_if(headers, [](const auto& header) { return is_never_signed(header.first); });
  Signature signature =
      signature_of(request, headers, credentials.access_key_id, credentials.secret_access_key,
                   scope, timestamp.substr(0, 8), timestamp, keys);
  request.headers.emplace_back("Authorization", signature.authorization);
  return signature;
}

std::optional<Authorization> parse_authorization(std::string_view header) {
  if (!header.starts_with(kAlgorithm)) return std::nullopt;
  header.remove_prefix(kAlgorithm.size());
  Authorization result;
  std::string_view credential;
  std::string_view signed_headers;
  std::string_view signature;
  for (const std::string_view part : split(header, ',')) {
    const std::string_view item = trim(part);
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view name = item.substr(0, equals);
    const std::string_view value = item.substr(equals + 1);
    if (name == "Credential") credential = value;
    if (name == "SignedHeaders") signed_headers = value;
    if (name == "Signature") signature = value;
  }
  // From the back, because nothing forbids a slash in an access key id.
  std::vector<std::string_view> scope = split(credential, '/');
  if (scope.size() < 5 || scope.back() != "aws4_request" || signed_headers.empty() ||
      signature.empty())
    return std::nullopt;
  const std::size_t last = scope.size() - 1;
  result.service = scope[last - 1];
  result.region = scope[last - 2];
  result.date = scope[last - 3];
  std::size_t scope_length = 0;
  for (std::size_t i = last - 3; i <= last; ++i) scope_length += scope[i].size() + 1;
  result.access_key_id = credential.substr(0, credential.size() - scope_length);
  for (const std::string_view name : split(signed_headers, ';'))
    result.signed_headers.push_back(to_lower(name));
  result.signature = signature;
  return result;
}

Signature expected_signature(const HttpRequest& request, const Authorization& authorization,
                             const Secret& secret_access_key, SigningKeys& keys) {
  const CanonicalHeaders sent = canonical_headers(request.headers);
  CanonicalHeaders headers;
  for (const std::string& name : authorization.signed_headers) {
    const auto found = sent.find(name);
    headers[name] = found == sent.end() ? "" : found->second;
  }
  const auto date = sent.find("x-amz-date");
  return signature_of(request, headers, authorization.access_key_id, secret_access_key,
                      {authorization.region, authorization.service}, authorization.date,
                      date == sent.end() ? "" : date->second, keys);
}

}  // namespace slipway::aws
