#include "execute/journal.h"

#include "base/json.h"
#include "base/text.h"
#include "model/snapshot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace slipway {
namespace {

constexpr int kOwnerOnly = 0600;

Error cannot_write(const std::filesystem::path& path, int error) {
  const bool denied = error == EACCES || error == EPERM || error == EROFS;
  return Error{denied ? ErrorKind::kDenied : ErrorKind::kUnavailable, "journal.write",
               "the journal " + path.string() + " cannot be written: " + std::strerror(error)};
}

Result<void> write_all(int descriptor, std::string_view text, const std::filesystem::path& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot_write(path, errno);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// What has to survive the machine: which calls may have been sent, and where the run stands. What
// comes before the first of these calls reaches the disk with it; until then nothing was changed.
bool is_synced(const EventBody& body) {
  return std::holds_alternative<CallAnnounced>(body) ||
         std::holds_alternative<RollbackStarted>(body) ||
         std::holds_alternative<Interrupted>(body) || std::holds_alternative<RunEnded>(body);
}

Error locked(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "lock";
  std::string holder = "somebody who has not said who it is";
  if (const Result<std::string> text = read_file(path, 4096)) {
    if (const Result<Json> owner = parse_json(*text))
      holder = fmt::format("host {}, process {}, started {}", string_or_empty(*owner, "host"),
                           find_int(*owner, "pid").value_or(0), string_or_empty(*owner, "started"));
  }
  return Error{
      ErrorKind::kConflict, "journal.locked",
      fmt::format("another run holds the lock of {}: {}", directory.filename().string(), holder)};
}

// Closes what it holds unless it is released.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

}  // namespace

std::optional<std::filesystem::path> journal_directory(const Environment& environment,
                                                       std::string_view application_or_cluster) {
  std::string name = last_segment(application_or_cluster);
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  std::ranges::replace_if(name, [&](char c) { return !is_plain(c); }, '_');
  if (name.empty()) name = "default";
  if (name.front() == '.') name.front() = '_';

  if (const auto state = environment.get_non_empty("XDG_STATE_HOME"))
    return std::filesystem::path(*state) / "slipway" / name;
  if (const auto home = environment.home()) return *home / ".local" / "state" / "slipway" / name;
  return std::nullopt;
}

Result<Journal> Journal::create(const std::filesystem::path& directory, const std::string& run_id,
                                const JournalOwner& owner) {
  std::error_code trouble;
  std::filesystem::create_directories(directory, trouble);
  if (trouble) {
    Error error = cannot_write(directory, trouble.value());
    error.message += "; XDG_STATE_HOME says where else it may be";
    return error;
  }

  const std::filesystem::path lock_path = directory / "lock";
  Descriptor lock(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kOwnerOnly));
  if (lock.get() < 0) return cannot_write(lock_path, errno);
  // Held by the open file, so it ends with the process however that ends.
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return locked(directory);
    return cannot_write(lock_path, errno);
  }
  const std::string who = to_text(JsonObject{{"host", owner.host},
                                             {"pid", owner.pid},
                                             {"started", to_iso8601(owner.started)},
                                             {"run", run_id}});
  if (::ftruncate(lock.get(), 0) != 0) return cannot_write(lock_path, errno);
  TRY_VOID(write_all(lock.get(), who + "\n", lock_path));

  const std::filesystem::path file = directory / (run_id + ".jsonl");
  Descriptor journal(
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, kOwnerOnly));
  if (journal.get() < 0) return cannot_write(file, errno);
  // The name must survive too.
  const Descriptor folder(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) return cannot_write(directory, errno);
  return Journal(file, journal.release(), lock.release());
}

Result<std::vector<Event>> Journal::read(const std::filesystem::path& file) {
  TRY(const std::string text, read_file(file));
  const std::string_view whole = std::string_view(text).substr(0, text.rfind('\n') + 1);
  std::vector<Event> events;
  int line_number = 0;
  for (const std::string_view line : split(whole, '\n')) {
    ++line_number;
    if (line.empty()) continue;
    Result<Json> json = parse_json(line);
    Result<Event> event = json ? event_from_json(*json) : Result<Event>(json.error());
    if (!event)
      return Error{ErrorKind::kInvalid, "journal.damaged",
                   fmt::format("{}:{}: {}", file.string(), line_number, event.error().message)};
    events.push_back(std::move(*event));
  }
  return events;
}

Journal::Journal(Journal&& other) noexcept
    : file_(std::move(other.file_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      lock_(std::exchange(other.lock_, -1)) {}

Journal& Journal::operator=(Journal&& other) noexcept {
  if (this != &other) {
    close();
    file_ = std::move(other.file_);
    descriptor_ = std::exchange(other.descriptor_, -1);
    lock_ = std::exchange(other.lock_, -1);
  }
  return *this;
}

Journal::~Journal() { close(); }

void Journal::close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  if (lock_ >= 0) ::close(std::exchange(lock_, -1));
}

Result<void> Journal::append(const Event& event) {
  TRY_VOID(write_all(descriptor_, to_text(to_json(event)) + "\n", file_));
  if (is_synced(event.body) && ::fdatasync(descriptor_) != 0) return cannot_write(file_, errno);
  return {};
}

std::vector<std::filesystem::path> recent_journals(const std::filesystem::path& root) {
  constexpr std::size_t kMost = 200;
  std::vector<std::filesystem::path> files;
  std::error_code ignored;
  for (const auto& folder : std::filesystem::directory_iterator(root, ignored)) {
    if (!folder.is_directory(ignored)) continue;
    for (const auto& file : std::filesystem::directory_iterator(folder.path(), ignored))
      if (file.path().extension() == ".jsonl") files.push_back(file.path());
  }
  std::ranges::sort(files, std::ranges::greater{},
                    [](const std::filesystem::path& file) { return file.filename().string(); });
  if (files.size() > kMost) files.resize(kMost);
  return files;
}

RunRecord begin_record(Runtime& runtime, const std::optional<std::filesystem::path>& directory,
                       const JournalOwner& owner) {
  RunRecord record{.began = runtime.clock().now()};
  record.run_id = fmt::format("{}-{:04x}", to_compact_iso8601(record.began),
                              runtime.random.below(std::uint64_t{1} << 16));
  if (!directory) return record;
  Result<Journal> journal = Journal::create(*directory, record.run_id, owner);
  if (journal)
    record.journal.emplace(std::move(*journal));
  else
    record.no_journal = std::move(journal.error());
  return record;
}

Note going_on_without(const Error& no_journal) {
  return {NoteLevel::kWarning, "this run keeps no journal: " + no_journal.message};
}

}  // namespace slipway
