// ~/.aws/config and ~/.aws/credentials: the two INI files that all AWS tools share.
// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
//
// Other tools write these files and keep keys of their own in them, so we are patient: what we do
// not know is left alone, and what appears twice counts the last time, with a warning. What nobody
// could read is an error with its line. They also hold secrets: a value that is not known to be
// harmless is masked in the text that diagnostics quote.
#pragma once

#include "base/diagnostic.h"
#include "base/result.h"
#include "base/runtime.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::aws {

struct ConfigEntry {
  std::string key;                 // lower case
  std::string value;               // trimmed; empty when nothing or a block follows
  std::vector<ConfigEntry> block;  // the indented lines below a key without a value
  SourceSpan span;                 // of the value, or of the key when there is none
};

struct ConfigSection {
  enum class Kind { kProfile, kSsoSession, kServiceUrls, kOther };
  Kind kind = Kind::kOther;
  std::string name;  // "prod" of [profile prod]; the whole header of kOther
  std::vector<ConfigEntry> entries;
  SourceSpan span;  // of the header

  // The entry of that key, if it has a value or a block. Case is ignored.
  const ConfigEntry* find(std::string_view key) const;
};

// In the credentials file every section is a profile by its bare name; in the config file only
// [default] may leave out the word "profile".
enum class ConfigFileKind { kConfig, kCredentials };

// Sections and keys that appear twice come out once. `name` is the path as diagnostics show it.
std::vector<ConfigSection> parse_config_file(std::string name, std::string_view text,
                                             ConfigFileKind kind, Diagnostics& diagnostics);

// "/home/me/.aws/config:12", for sentences.
std::string place_of(const SourceSpan& span);

// What both files say about one name; either may say nothing.
struct Profile {
  std::string name;
  const ConfigSection* in_credentials = nullptr;
  const ConfigSection* in_config = nullptr;

  bool exists() const { return in_credentials != nullptr || in_config != nullptr; }
  // The credentials file's word counts first.
  const ConfigEntry* find(std::string_view key) const;
  // The value, or empty.
  std::string value(std::string_view key) const;
  // A key that is set but unknown, while a known one differs by a letter or two: a warning.
  void check_keys(Diagnostics& diagnostics) const;
};

class SharedConfig {
 public:
  // The files that AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE name, else those in ~/.aws. A
  // file that does not exist is empty; one that cannot be read is an error in `diagnostics`.
  static SharedConfig load(const Environment& environment, Diagnostics& diagnostics);

  SharedConfig() = default;

  Profile profile(std::string_view name) const;
  std::vector<std::string> profile_names() const;  // sorted
  // nullptr when there is no such section.
  const ConfigSection* sso_session(std::string_view name) const;
  const ConfigSection* services(std::string_view name) const;

  // kInvalid "config.profile": it exists nowhere; where we looked, and what it may have meant.
  Error no_such_profile(std::string_view name) const;

  // Empty when there is no home directory to look in.
  const std::filesystem::path& config_path() const { return config_path_; }
  const std::filesystem::path& credentials_path() const { return credentials_path_; }

 private:
  const ConfigSection* find(ConfigSection::Kind kind, std::string_view name) const;

  std::filesystem::path config_path_;
  std::filesystem::path credentials_path_;
  std::vector<ConfigSection> config_;
  std::vector<ConfigSection> credentials_;
};

// `path` with a leading "~/" replaced by the home directory.
std::filesystem::path expand_home(std::string_view path, const Environment& environment);

}  // namespace slipway::aws
