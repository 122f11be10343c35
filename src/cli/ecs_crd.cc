// The command line of ecs-crd, as its users' pipelines type it: canary releases of an ECS service
// behind a pair of load balancers. Everything behind it is slipway's.
#include "execute/ecs_crd.h"

#include "cli/commands.h"
#include "cli/ecs_crd_flags.h"
#include "cli/reporting.h"
#include "cli/running.h"
#include "cli/session.h"
#include "dialect/ecs_crd.h"
#include "view/ecs_crd_lines.h"
#include "view/json_lines.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace slipway::cli {
namespace {

// For its owner only: what is written may name secrets.
constexpr mode_t kOwnerOnly = 0600;

Error system_error(const std::string& doing, const std::filesystem::path& file) {
  return {.kind = ErrorKind::kDenied,
          .code = "file.write",
          .message = fmt::format("{} {}: {}", doing, file.string(), std::strerror(errno))};
}

class OwnerOnlyFile {
 public:
  static Result<std::unique_ptr<OwnerOnlyFile>> open(const std::filesystem::path& file, int how) {
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | how, kOwnerOnly);
    if (descriptor < 0) return system_error("cannot write", file);
    // One that was there may have let others read it. What is no file of anybody's, such as
    // /dev/null, stays everybody's.
    struct stat found{};
    const bool is_file = ::fstat(descriptor, &found) == 0 && S_ISREG(found.st_mode);
    if (is_file && ::fchmod(descriptor, kOwnerOnly) != 0) {
      ::close(descriptor);
      return system_error("cannot keep others from reading", file);
    }
    return std::unique_ptr<OwnerOnlyFile>(new OwnerOnlyFile(descriptor));
  }
  ~OwnerOnlyFile() { ::close(descriptor_); }
  OwnerOnlyFile(const OwnerOnlyFile&) = delete;
  OwnerOnlyFile& operator=(const OwnerOnlyFile&) = delete;

  bool write(std::string_view text) {
    while (!text.empty()) {
      const ssize_t written = ::write(descriptor_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

 private:
  explicit OwnerOnlyFile(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// The lines on the screen and, where they are wanted, every event on stdout.
class CrdView final : public View {
 public:
  CrdView(EcsCrdLines& lines, JsonLinesView* events) : lines_(lines), events_(events) {}
  void on(const Event& event) override {
    lines_.on(event);
    if (events_ != nullptr) events_->on(event);
  }

 private:
  EcsCrdLines& lines_;
  JsonLinesView* events_;
};

class Program {
 public:
  Program(Process& process, EcsCrdFlags flags, std::string program)
      : process_(process), flags_(std::move(flags)), program_(std::move(program)) {}

  int run() {
    if (!read_file()) return kEcsCrdUsageOrFile;
    if (!open_log() || !can_report(process_, flags_.report)) return kEcsCrdUsageOrFile;
    Arguments arguments{.command = "deploy"};
    arguments.region = flags_.region;
    arguments.profile = flags_.profile;
    arguments.endpoint_url = flags_.endpoint_url;
    arguments.sim = flags_.sim;
    arguments.speed = flags_.speed;
    const CallParameters parameters =
        flags_.trace_calls ? CallParameters::kMasked : CallParameters::kLeftOut;
    const std::unique_ptr<Session> session = Session::open(
        process_, arguments, nullptr, "ecs-crd", {.identity = {}, .call_parameters = parameters});
    if (session == nullptr) return kEcsCrdUsageOrFile;
    EcsCrdLines lines({.verbose = flags_.verbose, .shows_calls = flags_.trace_calls}, process_.err,
                      log_ ? Writer([this](std::string_view text) { log(text); }) : Writer());
    JsonLinesView events(process_.out);
    const std::unique_ptr<View> view = with_report(
        process_, flags_.report, std::make_unique<CrdView>(lines, flags_.json ? &events : nullptr));
    int status = kEcsCrdInternal;
    const auto carry_out = [&] {
      CrdRun run(session->runtime(), session->clients(), session->ecs(), *view, session->calls(),
                 options(*session));
      // The first signal calls off what is under way and undoes it.
      obey_signals(
          process_, *session, [&](const std::string& signal) { run.interrupt(signal); },
          [&](const std::string& signal) {
            process_.err("ecs-crd : a second signal (" + signal +
                         "): stopped at once; what was begun is not undone. The lock runs "
                         "out in two minutes, and then `ecs-crd dry-run` shows what there is\n");
          });
      status = run.run();
    };
    session->run_connected(*view, carry_out, [&](const Error& error) {
      mistake(to_string(error));
      status = kNoCredentials;
    });
    return status;
  }

 private:
  // The first step is the one that asks who we are.
  static constexpr int kNoCredentials = 1;

  void mistake(const std::string& message) {
    process_.err(program_ + ": error: " + message + "\n");
  }

  bool read_file() {
    Result<std::string> text = slipway::read_file(flags_.file);
    if (!text) {
      mistake(text.error().message);
      return false;
    }
    source_ = std::make_shared<SourceText>(SourceText{flags_.file_name, std::move(*text)});
    CrdFindings findings;
    document_ = parse_ecs_crd(source_, findings);
    if (document_ && !findings.has_errors()) return true;
    for (const CrdFinding& finding : findings.in_order())
      process_.err(to_string(finding.what) + "\n");
    return false;
  }

  bool open_log() {
    if (flags_.log_file.empty()) return true;
    Result<std::unique_ptr<OwnerOnlyFile>> file =
        OwnerOnlyFile::open(process_.directory / flags_.log_file, O_APPEND);
    if (!file) {
      mistake("--log-file: " + file.error().message);
      return false;
    }
    log_ = std::move(*file);
    return true;
  }

  // A full disk is said, once; the release is worth more than its log.
  void log(std::string_view text) {
    if (log_is_lost_ || log_->write(text)) return;
    log_is_lost_ = true;
    process_.err("ecs-crd : warning: " +
                 system_error("nothing more goes to the log file: cannot write",
                              process_.directory / flags_.log_file)
                     .message +
                 "\n");
  }

  CrdOptions options(Session& session) {
    const RunOptions common =
        run_options(process_, session, "ecs-crd", "ecs-crd-" + flags_.environment);
    CrdOptions options;
    options.action = flags_.command == EcsCrdCommand::kDeploy     ? CrdCommand::kDeploy
                     : flags_.command == EcsCrdCommand::kUndeploy ? CrdCommand::kUndeploy
                                                                  : CrdCommand::kDryRun;
    options.environment = flags_.environment;
    options.region = session.region();
    options.file_name = flags_.file_name;
    options.strict = flags_.strict;
    options.replace_leftover = flags_.replace_leftover;
    options.keep_logs = flags_.keep_logs;
    options.verbose_values = flags_.verbose_values;
    options.wait_lock = flags_.wait_lock;
    options.assume_live = flags_.assume_live;
    options.by = common.by;
    options.simulated = common.simulated;
    // The table's item is the lock, so runs of several services go on side by side; the journal
    // of each is its own. A dry run does nothing that would have to be remembered.
    if (options.action != CrdCommand::kDryRun && common.journal_directory)
      options.journal_directory = *common.journal_directory / flags_.file.stem();
    options.journal_owner = common.owner;
    options.credentials_end = session.credentials_end();
    options.mentions_external_ip = mentions_external_ip(*document_);
    options.read_file = [this, region = session.region()](
                            const std::string& account_id,
                            const std::optional<std::string>& external_ip, CrdFindings& findings) {
      return read_ecs_crd(*document_,
                          {.variables = {.environment = flags_.environment,
                                         .region = region,
                                         .account_id = account_id,
                                         .external_ip = external_ip},
                           .strict = flags_.strict},
                          findings);
    };
    options.shows_before_asking = !flags_.yes && process_.ask;
    options.confirm = [this](const std::string& question) -> Result<bool> {
      return confirm(question);
    };
    if (!flags_.save_plan.empty())
      options.save_plan = [this](const std::string& text) { return save_plan(text); };
    return options;
  }

  Result<bool> confirm(const std::string& question) {
    if (flags_.yes) return true;
    if (!process_.ask)
      return Error{.kind = ErrorKind::kInvalid,
                   .code = "crd.nobody-to-ask",
                   .message =
                       "nothing was changed: there is no terminal to ask at; undeploy with "
                       "--yes"};
    TRY(const std::string answer, process_.ask(question + "[yes/no] "));
    return answer == "yes";
  }

  Result<void> save_plan(const std::string& text) {
    const std::filesystem::path file = process_.directory / flags_.save_plan;
    TRY(const std::unique_ptr<OwnerOnlyFile> opened, OwnerOnlyFile::open(file, O_TRUNC));
    if (!opened->write(text)) return system_error("cannot write", file);
    return {};
  }

  Process& process_;
  EcsCrdFlags flags_;
  std::string program_;
  std::shared_ptr<const SourceText> source_;
  std::optional<Node> document_;
  std::unique_ptr<OwnerOnlyFile> log_;
  bool log_is_lost_ = false;
};

}  // namespace

int run_ecs_crd(Process& process, const std::vector<std::string>& arguments) {
  const std::string program = process.name == "ecs-crd" ? "ecs-crd" : "slipway ecs-crd";
  std::variant<EcsCrdFlags, Exit> parsed = parse_ecs_crd(arguments, process.directory, program);
  if (const auto* exit = std::get_if<Exit>(&parsed)) {
    process.out(exit->out);
    process.err(exit->err);
    return exit->status;
  }
  return Program(process, std::move(std::get<EcsCrdFlags>(parsed)), program).run();
}

}  // namespace slipway::cli
