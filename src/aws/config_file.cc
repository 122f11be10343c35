#include "aws/config_file.h"

#include "base/process.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

namespace slipway::aws {
namespace {

constexpr std::size_t kMaxFileBytes = 4u << 20;

// Every key that means something to us or to the AWS tools' own settings. The secret ones, and
// credential_process whose arguments may be secret, are never quoted.
constexpr std::string_view kHarmlessKeys[] = {
    "account_id_endpoint_mode",
    "aws_access_key_id",
    "aws_account_id",
    "ca_bundle",
    "cli_pager",
    "credential_source",
    "defaults_mode",
    "duration_seconds",
    "ec2_metadata_service_endpoint",
    "ec2_metadata_service_endpoint_mode",
    "ec2_metadata_v1_disabled",
    "endpoint_url",
    "external_id",
    "ignore_configured_endpoint_urls",
    "login_session",
    "max_attempts",
    "metadata_service_num_attempts",
    "metadata_service_timeout",
    "mfa_serial",
    "output",
    "region",
    "retry_mode",
    "role_arn",
    "role_session_name",
    "sdk_ua_app_id",
    "services",
    "source_profile",
    "sso_account_id",
    "sso_region",
    "sso_registration_scopes",
    "sso_role_name",
    "sso_session",
    "sso_start_url",
    "sts_regional_endpoints",
    "use_dualstack_endpoint",
    "use_fips_endpoint",
    "web_identity_token_file",
};
constexpr std::string_view kUnquotableKeys[] = {"aws_secret_access_key", "aws_security_token",
                                                "aws_session_token", "credential_process"};
constexpr std::string_view kMask = "****";

bool is_harmless(std::string_view key) {
  return std::ranges::find(kHarmlessKeys, key) != std::end(kHarmlessKeys);
}

bool is_comment(std::string_view trimmed) {
  return trimmed.starts_with('#') || trimmed.starts_with(';');
}

// What one line is by itself; how it hangs together with the line before is the parser's matter.
struct Line {
  int number = 0;
  std::size_t indent = 0;       // bytes before the first one that is no space
  std::string_view text;        // trimmed
  std::size_t separator = 0;    // of "key = value", in `text`; npos: there is none
  std::string_view key, value;  // trimmed

  bool is_empty() const { return text.empty() || is_comment(text); }
};

Line look_at(std::string_view raw, int number) {
  Line line{.number = number, .text = trim(raw)};
  line.indent = line.text.empty() ? 0 : static_cast<std::size_t>(line.text.data() - raw.data());
  line.separator = line.text.find_first_of("=:");
  if (line.separator != std::string_view::npos) {
    line.key = trim(line.text.substr(0, line.separator));
    line.value = trim(line.text.substr(line.separator + 1));
  }
  return line;
}

// " #" and " ;" begin a comment, but not in a command, which may well contain them.
std::string_view without_comment(std::string_view key, std::string_view value) {
  if (equals_ignoring_case(key, "credential_process")) return value;
  for (std::size_t i = 1; i < value.size(); ++i)
    if ((value[i] == '#' || value[i] == ';') && (value[i - 1] == ' ' || value[i - 1] == '\t'))
      return trim(value.substr(0, i));
  return is_comment(value) ? std::string_view{} : value;
}

// The line as diagnostics may quote it.
std::string quotable(std::string_view raw, const Line& line) {
  if (line.is_empty()) return "";
  std::string kept(raw.substr(0, line.indent));
  if (line.text.starts_with('[')) return kept.append(line.text);
  if (line.separator == std::string_view::npos) return kept.append(kMask);
  if (is_harmless(to_lower(line.key))) return kept.append(line.text);
  if (line.value.empty()) return kept.append(line.text);
  return kept.append(line.text.substr(0, line.value.data() - line.text.data())).append(kMask);
}

class Parser {
 public:
  Parser(std::string name, std::string_view text, ConfigFileKind kind, Diagnostics& diagnostics)
      : kind_(kind), diagnostics_(diagnostics) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    std::string shown;
    int number = 0;
    for (std::string_view raw : split(text, '\n')) {
      lines_.push_back(look_at(raw, ++number));
      shown.append(quotable(raw, lines_.back())).push_back('\n');
    }
    source_ = std::make_shared<const SourceText>(SourceText{std::move(name), std::move(shown)});
  }

  std::vector<ConfigSection> parse() {
    for (const Line& line : lines_) {
      if (line.is_empty()) continue;
      if (entry_ != nullptr && line.indent > entry_indent_) {
        read_continuation(line);
      } else if (line.text.starts_with('[')) {
        read_header(line);
      } else {
        read_entry(line);
      }
    }
    return std::move(sections_);
  }

 private:
  SourceSpan span(const Line& line, std::string_view part) const {
    const bool masked = part.data() == line.value.data() && !is_harmless(to_lower(line.key));
    return {source_, line.number,
            static_cast<int>(line.indent + (part.data() - line.text.data()) + 1),
            static_cast<int>(masked ? kMask.size() : std::max<std::size_t>(part.size(), 1))};
  }

  void syntax_error(const Line& line, std::string message) {
    SourceSpan where{source_, line.number, static_cast<int>(line.indent) + 1, 1};
    diagnostics_.error(std::move(where), "config.syntax", "", std::move(message));
  }

  void read_header(const Line& line) {
    section_ = nullptr;
    entry_ = nullptr;
    is_ignoring_ = true;
    std::size_t end = std::string_view::npos;
    char quote = '\0';
    for (std::size_t i = 1; i < line.text.size() && end == std::string_view::npos; ++i) {
      const char c = line.text[i];
      if (quote == '\0' && (c == '"' || c == '\'')) {
        quote = c;
      } else if (c == quote) {
        quote = '\0';
      } else if (c == ']' && quote == '\0') {
        end = i;
      }
    }
    if (end == std::string_view::npos) return syntax_error(line, "the section's \"]\" is missing");
    const std::string_view rest = trim(line.text.substr(end + 1));
    if (!rest.empty() && !is_comment(rest))
      return syntax_error(line, "something follows the section's \"]\"");
    const std::string_view header = trim(line.text.substr(1, end - 1));
    if (header.empty()) return syntax_error(line, "the section has no name");

    ConfigSection section{.name = std::string(header),
                          .span = span(line, line.text.substr(0, end + 1))};
    if (kind_ == ConfigFileKind::kCredentials) {
      section.kind = ConfigSection::Kind::kProfile;
    } else if (!name_section(section)) {
      return;
    }
    is_ignoring_ = false;
    open(std::move(section), line);
  }

  // Tells what a section of the config file is. False: it is none that counts.
  bool name_section(ConfigSection& section) {
    using Kind = ConfigSection::Kind;
    if (section.name == "default") {
      section.kind = Kind::kProfile;
      // [profile default] replaces [default], wherever it stands.
      return !has_long_default_;
    }
    const auto words = split_words(section.name);
    const std::string type = words && !words->empty() ? words->front() : "";
    const auto kind = type == "profile"       ? Kind::kProfile
                      : type == "sso-session" ? Kind::kSsoSession
                      : type == "services"    ? Kind::kServiceUrls
                                              : Kind::kOther;
    if (kind == Kind::kOther) return true;
    if (words->size() != 2) {
      diagnostics_.warning(
          section.span, "config.section", "",
          fmt::format("[{}] is ignored: it needs one name after \"{}\"", section.name, type),
          words->size() > 2 ? "put a name with spaces into quotes" : "");
      return false;
    }
    section.kind = kind;
    section.name = (*words)[1];
    if (kind == Kind::kProfile && section.name == "default" && !has_long_default_) {
      has_long_default_ = true;
      std::erase_if(sections_, [](const ConfigSection& each) {
        return each.kind == Kind::kProfile && each.name == "default";
      });
    }
    return true;
  }

  ConfigSection* find(ConfigSection::Kind kind, std::string_view name) {
    auto found = std::ranges::find_if(sections_, [&](const ConfigSection& each) {
      return each.kind == kind && each.name == name;
    });
    return found == sections_.end() ? nullptr : &*found;
  }

  void open(ConfigSection section, const Line& line) {
    section_ = find(section.kind, section.name);
    if (section_ == nullptr) {
      section_ = &sections_.emplace_back(std::move(section));
    } else {
      diagnostics_.warning(
          section.span, "config.duplicate", "",
          fmt::format("{} begins a second time; the first is in line {}",
                      line.text.substr(0, section.span.length), section_->span.line),
          "what both say counts as the later one says");
    }
  }

  void read_entry(const Line& line) {
    entry_ = nullptr;
    if (is_ignoring_) return;
    if (line.separator == std::string_view::npos)
      return syntax_error(line, "expected [section] or key = value");
    if (line.key.empty()) return syntax_error(line, "the key before the \"=\" is missing");
    if (section_ == nullptr) return syntax_error(line, "a key before the first [section]");
    entry_ = &set(section_->entries, line);
    entry_indent_ = line.indent;
  }

  void read_continuation(const Line& line) {
    if (entry_->value.empty()) {
      if (line.separator == std::string_view::npos || line.key.empty())
        return syntax_error(line,
                            fmt::format("expected key = value in the block of {}", entry_->key));
      set(entry_->block, line);
      return;
    }
    entry_->value.append("\n").append(line.text);
    if (line.separator != std::string_view::npos)
      diagnostics_.warning(span(line, line.key), "config.indent", "",
                           fmt::format("the indentation makes this a part of {}, which is in "
                                       "line {}",
                                       entry_->key, entry_->span.line),
                           "begin the line where that one begins");
  }

  ConfigEntry& set(std::vector<ConfigEntry>& entries, const Line& line) {
    const std::string_view value = without_comment(line.key, line.value);
    ConfigEntry entry{.key = to_lower(line.key),
                      .value = std::string(value),
                      .span = span(line, value.empty() ? line.key : value)};
    auto earlier = std::ranges::find(entries, entry.key, &ConfigEntry::key);
    if (earlier == entries.end()) return entries.emplace_back(std::move(entry));
    diagnostics_.warning(span(line, line.key), "config.duplicate", "",
                         fmt::format("{} is set a second time; the first is in line {}", entry.key,
                                     earlier->span.line),
                         "this one counts");
    *earlier = std::move(entry);
    return *earlier;
  }

  ConfigFileKind kind_;
  Diagnostics& diagnostics_;
  std::vector<Line> lines_;
  std::shared_ptr<const SourceText> source_;
  std::vector<ConfigSection> sections_;
  ConfigSection* section_ = nullptr;  // into sections_; null before the first and in ignored ones
  ConfigEntry* entry_ = nullptr;      // the one that an indented line would continue
  std::size_t entry_indent_ = 0;
  bool is_ignoring_ = false;  // the lines of a section that does not count
  bool has_long_default_ = false;
};

std::vector<ConfigSection> read_config_file(const std::filesystem::path& path, ConfigFileKind kind,
                                            Diagnostics& diagnostics) {
  if (path.empty()) return {};
  auto text = read_file(path, kMaxFileBytes);
  if (text) return parse_config_file(path.string(), *text, kind, diagnostics);
  if (text.error().kind == ErrorKind::kNotFound) return {};
  auto source = std::make_shared<const SourceText>(SourceText{path.string(), ""});
  diagnostics.error({.source = std::move(source)}, "config.unreadable", "", text.error().message);
  return {};
}

std::filesystem::path shared_file(const Environment& environment, std::string_view variable,
                                  std::string_view name) {
  if (auto path = environment.get_non_empty(variable)) return expand_home(*path, environment);
  const auto home = environment.home();
  return home ? *home / ".aws" / name : std::filesystem::path();
}

}  // namespace

const ConfigEntry* ConfigSection::find(std::string_view key) const {
  auto found = std::ranges::find_if(
      entries, [key](const ConfigEntry& entry) { return equals_ignoring_case(entry.key, key); });
  if (found == entries.end() || (found->value.empty() && found->block.empty())) return nullptr;
  return &*found;
}

std::vector<ConfigSection> parse_config_file(std::string name, std::string_view text,
                                             ConfigFileKind kind, Diagnostics& diagnostics) {
  return Parser(std::move(name), text, kind, diagnostics).parse();
}

std::string place_of(const SourceSpan& span) {
  if (span.source == nullptr) return "";
  return span.line == 0 ? span.source->name : fmt::format("{}:{}", span.source->name, span.line);
}

const ConfigEntry* Profile::find(std::string_view key) const {
  for (const ConfigSection* section : {in_credentials, in_config})
    if (section != nullptr)
      if (const ConfigEntry* entry = section->find(key)) return entry;
  return nullptr;
}

std::string Profile::value(std::string_view key) const {
  const ConfigEntry* entry = find(key);
  return entry == nullptr ? "" : entry->value;
}

void Profile::check_keys(Diagnostics& diagnostics) const {
  std::vector<std::string> known(std::begin(kHarmlessKeys), std::end(kHarmlessKeys));
  known.insert(known.end(), std::begin(kUnquotableKeys), std::end(kUnquotableKeys));
  for (const ConfigSection* section : {in_credentials, in_config}) {
    if (section == nullptr) continue;
    for (const ConfigEntry& entry : section->entries) {
      if (std::ranges::find(known, entry.key) != known.end()) continue;
      if (auto meant = nearest(entry.key, known))
        diagnostics.warning(entry.span, "config.unknown-key", "",
                            fmt::format("{} means nothing to AWS's tools", entry.key),
                            fmt::format("did you mean {}?", *meant));
    }
  }
}

SharedConfig SharedConfig::load(const Environment& environment, Diagnostics& diagnostics) {
  SharedConfig shared;
  shared.config_path_ = shared_file(environment, "AWS_CONFIG_FILE", "config");
  shared.credentials_path_ = shared_file(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
  shared.config_ = read_config_file(shared.config_path_, ConfigFileKind::kConfig, diagnostics);
  shared.credentials_ =
      read_config_file(shared.credentials_path_, ConfigFileKind::kCredentials, diagnostics);
  return shared;
}

Profile SharedConfig::profile(std::string_view name) const {
  Profile profile{.name = std::string(name),
                  .in_config = find(ConfigSection::Kind::kProfile, name)};
  auto found = std::ranges::find(credentials_, name, &ConfigSection::name);
  if (found != credentials_.end()) profile.in_credentials = &*found;
  return profile;
}

std::vector<std::string> SharedConfig::profile_names() const {
  std::set<std::string> names;
  for (const ConfigSection& section : credentials_) names.insert(section.name);
  for (const ConfigSection& section : config_)
    if (section.kind == ConfigSection::Kind::kProfile) names.insert(section.name);
  return {names.begin(), names.end()};
}

const ConfigSection* SharedConfig::find(ConfigSection::Kind kind, std::string_view name) const {
  auto found = std::ranges::find_if(config_, [&](const ConfigSection& section) {
    return section.kind == kind && section.name == name;
  });
  return found == config_.end() ? nullptr : &*found;
}

const ConfigSection* SharedConfig::sso_session(std::string_view name) const {
  return find(ConfigSection::Kind::kSsoSession, name);
}

const ConfigSection* SharedConfig::services(std::string_view name) const {
  return find(ConfigSection::Kind::kServiceUrls, name);
}

Error SharedConfig::no_such_profile(std::string_view name) const {
  if (config_path_.empty() && credentials_path_.empty())
    return Error{ErrorKind::kInvalid, "config.profile",
                 fmt::format("there is no profile \"{}\": no home directory is known to look for "
                             "AWS's files in; set HOME or AWS_CONFIG_FILE",
                             name)};
  std::string message = fmt::format("there is no profile \"{}\" in {} or {}", name,
                                    config_path_.string(), credentials_path_.string());

  // The word "profile" forgotten, or one too many: the commonest mistakes, so said first.
  if (const ConfigSection* bare = find(ConfigSection::Kind::kOther, name))
    return Error{ErrorKind::kInvalid, "config.profile",
                 fmt::format("{}; [{}] in {} has to be [profile {}]", message, name,
                             place_of(bare->span), name)};
  const std::string prefixed = fmt::format("profile {}", name);
  if (auto found = std::ranges::find(credentials_, prefixed, &ConfigSection::name);
      found != credentials_.end())
    return Error{ErrorKind::kInvalid, "config.profile",
                 fmt::format("{}; [{}] in {} has to be [{}]", message, prefixed,
                             place_of(found->span), name)};

  std::vector<std::string> candidates = profile_names();
  if (auto meant = nearest(name, candidates)) {
    message += fmt::format("; did you mean \"{}\"?", *meant);
  } else if (candidates.empty()) {
    message += "; there are none at all";
  } else {
    constexpr std::size_t kMostShown = 8;
    const std::size_t more = candidates.size() - std::min(candidates.size(), kMostShown);
    candidates.resize(candidates.size() - more);
    message += fmt::format("; there {} {}", candidates.size() + more == 1 ? "is" : "are",
                           join(candidates, ", "));
    if (more > 0) message += fmt::format(" and {} more", more);
  }
  return Error{ErrorKind::kInvalid, "config.profile", std::move(message)};
}

std::filesystem::path expand_home(std::string_view path, const Environment& environment) {
  if (path == "~" || path.starts_with("~/"))
    if (const auto home = environment.home())
      return path.size() <= 2 ? *home : *home / path.substr(2);
  return path;
}

}  // namespace slipway::aws
