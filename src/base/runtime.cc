#include "base/runtime.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <pwd.h>
#include <string>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

extern char** environ;

namespace slipway {
namespace {

// Closes on every path. Whether closing failed matters only after writing; see write_file.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File() { close(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool is_open() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }
  bool close() { return !is_open() || ::close(std::exchange(descriptor_, -1)) == 0; }

 private:
  int descriptor_;
};

Error file_error(std::string_view doing, const std::filesystem::path& path, int number) {
  ErrorKind kind = ErrorKind::kInvalid;
  std::string_view code = "file.invalid";
  if (number == ENOENT || number == ENOTDIR) {
    kind = ErrorKind::kNotFound;
    code = "file.not-found";
  } else if (number == EACCES || number == EPERM || number == EROFS) {
    kind = ErrorKind::kDenied;
    code = "file.denied";
  }
  return Error{kind, std::string(code),
               fmt::format("cannot {} {}: {}", doing, path.string(),
                           std::generic_category().message(number))};
}

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

// One seed may differ from the next in a single bit; splitmix64 spreads it over the whole state.
// https://prng.di.unimi.it/
Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {
    seed += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = seed;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    word = mixed ^ (mixed >> 31);
  }
}

std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

std::uint64_t Random::below(std::uint64_t limit) {
  if (limit == 0) return 0;
  // The first (2^64 mod limit) values would make small results likelier; they are drawn again.
  const std::uint64_t surplus = (0 - limit) % limit;
  while (true) {
    const std::uint64_t drawn = next();
    if (drawn >= surplus) return drawn % limit;
  }
}

std::string Random::uuid() {
  const std::uint64_t high = (next() & ~0xf000ull) | 0x4000ull;       // version 4
  const std::uint64_t low = (next() & ~(3ull << 62)) | (2ull << 62);  // variant 10
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff,
                     high & 0xffff, low >> 48, low & 0xffff'ffff'ffff);
}

Environment::Environment(std::map<std::string, std::string> variables)
    : variables_(std::move(variables)) {}

Environment Environment::of_process() {
  Environment result;
  result.is_of_process_ = true;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    // Of two entries with one name getenv answers the first; so do we.
    result.variables_.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return result;
}

std::optional<std::string> Environment::get(std::string_view name) const {
  const auto found = variables_.find(std::string(name));
  if (found == variables_.end()) return std::nullopt;
  return found->second;
}

std::optional<std::string> Environment::get_non_empty(std::string_view name) const {
  std::optional<std::string> value = get(name);
  if (value && value->empty()) return std::nullopt;
  return value;
}

std::optional<std::filesystem::path> Environment::home() const {
  if (auto home = get_non_empty("HOME")) return std::filesystem::path(*home);
  if (!is_of_process_) return std::nullopt;
  // Asked only when needed: the user database may be a network service.
  const passwd* entry = ::getpwuid(::geteuid());
  if (entry == nullptr || entry->pw_dir == nullptr || *entry->pw_dir == '\0') return std::nullopt;
  return std::filesystem::path(entry->pw_dir);
}

void Environment::set(std::string name, std::string value) {
  variables_.insert_or_assign(std::move(name), std::move(value));
}

void Environment::unset(const std::string& name) { variables_.erase(name); }

Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return file_error("read", path, errno);
  // Read to the end instead of trusting the size: a pipe (`-f <(...)`) has none.
  std::string text;
  std::array<char, 64UL * 1024> buffer;
  while (true) {
    const ssize_t count = ::read(file.descriptor(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return file_error("read", path, errno);
    if (count == 0) return text;
    if (static_cast<std::size_t>(count) > max_bytes - text.size())
      return Error{ErrorKind::kInvalid, "file.too-large",
                   fmt::format("cannot read {}: larger than {} bytes", path.string(), max_bytes)};
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

Result<void> write_file(const std::filesystem::path& path, std::string_view text) {
  // A link stays a link: its target is replaced.
  std::error_code ignored;
  std::filesystem::path target = path;
  if (std::filesystem::is_symlink(path, ignored)) {
    const auto resolved = std::filesystem::canonical(path, ignored);
    if (!ignored) target = resolved;
  }
  struct stat existing{};
  const bool exists = ::stat(target.c_str(), &existing) == 0;
  if (exists && S_ISDIR(existing.st_mode)) return file_error("write", path, EISDIR);

  // A new name each time, so that two writers do not share one temporary file. The mode is left to
  // the umask, which mkstemp would ignore.
  std::filesystem::path temporary;
  int descriptor = -1;
  for (int attempt = 0; attempt < 100 && descriptor < 0; ++attempt) {
    temporary = target;
    temporary += fmt::format(".{}-{}.tmp", ::getpid(), attempt);
    // What replaces a private file is private from the first moment.
    descriptor =
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, exists ? 0600 : 0666);
    if (descriptor < 0 && errno != EEXIST) break;
  }
  if (descriptor < 0) return file_error("write", path, errno);

  File file(descriptor);
  auto give_up = [&](int number) {
    ::unlink(temporary.c_str());
    return file_error("write", path, number);
  };
  if (exists && ::fchmod(file.descriptor(), existing.st_mode & 07777) != 0) return give_up(errno);
  if (!write_all(file.descriptor(), text) || ::fsync(file.descriptor()) != 0 || !file.close())
    return give_up(errno);
  if (::rename(temporary.c_str(), target.c_str()) != 0) return give_up(errno);

  // The new name is on disk once its directory is; a file system that cannot sync a directory has
  // still renamed the file.
  const std::filesystem::path parent = target.has_parent_path() ? target.parent_path() : ".";
  const File directory(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.is_open()) ::fsync(directory.descriptor());
  return {};
}

}  // namespace slipway
