#include "cli/reporting.h"

#include "base/runtime.h"
#include "base/text.h"
#include "cli/exit_status.h"
#include "execute/journal.h"
#include "view/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace slipway::cli {
namespace {

constexpr std::size_t kNamedRuns = 5;

void complain_of(Process& process, const std::string& file, const std::string& why) {
  process.err(fmt::format("error: --report {}: {}\n", file, why));
}

// The newest first: their names begin with their times.
std::vector<std::filesystem::path> journals_of(const Process& process) {
  std::vector<std::filesystem::path> files;
  const auto any = journal_directory(process.environment, "any");
  if (!any) return files;
  std::error_code ignored;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(any->parent_path(), ignored))
    if (entry.path().extension() == ".jsonl") files.push_back(entry.path());
  std::ranges::sort(files, std::ranges::greater{},
                    [](const std::filesystem::path& path) { return path.filename().string(); });
  return files;
}

std::optional<std::filesystem::path> find_journal(Process& process, const std::string& run) {
  const std::vector<std::filesystem::path> known = journals_of(process);
  if (run.empty() && !known.empty()) return known.front();
  if (run.empty()) {
    process.err("error: there is no journal of a run on this machine\n");
    return std::nullopt;
  }
  const auto found = std::ranges::find(
      known, run, [](const std::filesystem::path& path) { return path.stem().string(); });
  if (found != known.end()) return *found;
  std::error_code ignored;
  if (run.ends_with(".jsonl") && std::filesystem::exists(process.directory / run, ignored))
    return process.directory / run;
  process.err(fmt::format("error: there is no journal of a run \"{}\" on this machine\n", run));
  for (std::size_t i = 0; i < std::min(known.size(), kNamedRuns); ++i)
    process.err(fmt::format("{} {} ({})\n", i == 0 ? "The newest are" : "              ",
                            known[i].stem().string(), known[i].parent_path().filename().string()));
  return std::nullopt;
}

}  // namespace

bool can_report(Process& process, const std::string& file) {
  if (file.empty()) return true;
  const std::filesystem::path path = process.directory / file;
  std::error_code ignored;
  const std::filesystem::file_status status = std::filesystem::status(path, ignored);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
    complain_of(process, file,
                std::filesystem::is_directory(status) ? "it is a folder; name a file in it"
                                                      : "it is no regular file");
    return false;
  }
  // What is there stays as it is until there is something better.
  std::filesystem::path probe = std::filesystem::weakly_canonical(path, ignored);
  probe += ".probe";
  const Result<void> written = write_file(probe, "");
  std::filesystem::remove(probe, ignored);
  if (written) return true;
  std::string why = written.error().message;
  why = why.substr(why.rfind(": ") + 2);
  complain_of(process, file, "it cannot be written: " + to_lower(why.substr(0, 1)) + why.substr(1));
  return false;
}

std::unique_ptr<View> with_report(Process& process, const std::string& file,
                                  std::unique_ptr<View> shown) {
  if (file.empty()) return shown;
  return std::make_unique<ReportView>(std::move(shown), [&process, file](std::string_view page) {
    const Result<void> written = write_file(process.directory / file, page);
    if (!written) process.err("warning: no report: " + written.error().message + "\n");
  });
}

int report_past_run(Process& process, const std::string& run, const std::string& file) {
  if (!can_report(process, file)) return kUsageOrFile;
  const std::optional<std::filesystem::path> journal = find_journal(process, run);
  if (!journal) return kUsageOrFile;
  const Result<std::vector<Event>> events = Journal::read(*journal);
  if (!events) {
    process.err("error: " + events.error().message + "\n");
    return kUsageOrFile;
  }
  const Result<void> written = write_file(process.directory / file, report_of(*events));
  if (!written) {
    complain_of(process, file, written.error().message);
    return kUsageOrFile;
  }
  process.out(file + "\n");
  return kDone;
}

}  // namespace slipway::cli
