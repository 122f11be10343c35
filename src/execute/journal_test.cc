#include "execute/journal.h"

#include "execute/event_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace slipway {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const TimePoint kStart = *parse_iso8601("2026-01-01T00:00:00Z");
const JournalOwner kOwner{.host = "build-7", .pid = 4242, .started = kStart};

class JournalTest : public testing::Test {
 protected:
  JournalTest()
      : directory_(std::filesystem::path(testing::TempDir()) /
                   ("slipway-journal-" + std::to_string(getpid())) / "shop") {}
  ~JournalTest() override { std::filesystem::remove_all(directory_.parent_path()); }

  Journal create(const std::string& run_id = "run-1") {
    Result<Journal> journal = Journal::create(directory_, run_id, kOwner);
    EXPECT_TRUE(journal) << journal.error().message;
    return std::move(*journal);
  }

  std::filesystem::path directory_;
};

Event announced(std::string operation) {
  return {
      kStart + std::chrono::seconds(1),
      {.stage = StageKind::kServices, .kind = ItemKind::kService, .item = "web"},
      CallAnnounced{.operation = std::move(operation), .request = JsonObject{{"service", "web"}}}};
}

TEST_F(JournalTest, GivesBackWhatItWasTold) {
  const Event first{kStart, {}, RunStarted{.run_id = "run-1", .cluster = "prod"}};
  const Event second = announced("ecs:UpdateService");
  std::filesystem::path file;
  {
    Journal journal = create();
    file = journal.file();
    ASSERT_TRUE(journal.append(first));
    ASSERT_TRUE(journal.append(second));
  }
  const Result<std::vector<Event>> events = Journal::read(file);
  ASSERT_TRUE(events) << events.error().message;
  EXPECT_THAT(*events, ElementsAre(first, second));
}

TEST_F(JournalTest, IsOnDiskBeforeItReturns) {
  Journal journal = create();
  ASSERT_TRUE(journal.append(announced("ecs:UpdateService")));
  const Result<std::vector<Event>> events = Journal::read(journal.file());
  ASSERT_TRUE(events);
  EXPECT_THAT(*events, ElementsAre(announced("ecs:UpdateService")));
}

TEST_F(JournalTest, DropsATornLastLine) {
  Journal journal = create();
  ASSERT_TRUE(journal.append(announced("ecs:UpdateService")));
  std::ofstream(journal.file(), std::ios::app) << R"({"schema":1,"at":"2026-01-01T00:00:02)";
  const Result<std::vector<Event>> events = Journal::read(journal.file());
  ASSERT_TRUE(events) << events.error().message;
  EXPECT_EQ(events->size(), 1u);
}

TEST_F(JournalTest, NamesTheLineThatIsDamaged) {
  Journal journal = create();
  ASSERT_TRUE(journal.append(announced("ecs:UpdateService")));
  std::ofstream(journal.file(), std::ios::app) << "not json\n";
  ASSERT_TRUE(journal.append(announced("ecs:UpdateService")));
  const Result<std::vector<Event>> events = Journal::read(journal.file());
  ASSERT_FALSE(events);
  EXPECT_EQ(events.error().code, "journal.damaged");
  EXPECT_THAT(events.error().message, HasSubstr("run-1.jsonl:2: "));
}

TEST_F(JournalTest, HasOneWriterAtATimeAndSaysWhoItIs) {
  {
    const Journal first = create();
    const Result<Journal> second = Journal::create(directory_, "run-2", kOwner);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::kConflict);
    EXPECT_EQ(second.error().code, "journal.locked");
    EXPECT_EQ(second.error().message,
              "another run holds the lock of shop: host build-7, process 4242, started "
              "2026-01-01T00:00:00Z");
  }
  create("run-3");  // the lock went with its holder
}

TEST_F(JournalTest, IsForItsOwnerOnly) {
  const Journal journal = create();
  struct stat about{};
  ASSERT_EQ(::stat(journal.file().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST_F(JournalTest, SaysWhyItCannotBeWritten) {
  std::filesystem::create_directories(directory_.parent_path());
  std::ofstream(directory_) << "a file where the directory should be";
  const Result<Journal> journal = Journal::create(directory_, "run-1", kOwner);
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().code, "journal.write");
  EXPECT_THAT(journal.error().message,
              HasSubstr("the journal " + directory_.string() + " cannot be written: "));
  EXPECT_THAT(journal.error().message,
              testing::EndsWith("; XDG_STATE_HOME says where else it may be"));
}

TEST(JournalDirectory, FollowsTheHomeAndTheName) {
  struct Case {
    std::map<std::string, std::string> environment;
    std::string name;
    std::string wanted;
  };
  for (const Case& row : {
           Case{
               {{"XDG_STATE_HOME", "/state"}, {"HOME", "/home/me"}}, "shop", "/state/slipway/shop"},
           Case{{{"XDG_STATE_HOME", ""}, {"HOME", "/home/me"}},
                "shop",
                "/home/me/.local/state/slipway/shop"},
           Case{{{"HOME", "/h"}},
                "arn:aws:ecs:eu-west-1:1:cluster/prod",
                "/h/.local/state/slipway/prod"},
           Case{{{"HOME", "/h"}}, "../../etc", "/h/.local/state/slipway/etc"},
           Case{{{"HOME", "/h"}}, "..", "/h/.local/state/slipway/_."},
           Case{{{"HOME", "/h"}}, "my shop!", "/h/.local/state/slipway/my_shop_"},
           Case{{{"HOME", "/h"}}, "", "/h/.local/state/slipway/default"},
       }) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(journal_directory(Environment(row.environment), row.name), row.wanted);
  }
}

// ---- The stream into it ------------------------------------------------------------------------

struct Collected final : Sink {
  void on(const Event& event) override { events.push_back(event); }
  std::vector<Event> events;
};

struct StoppedClock final : Clock {
  TimePoint now() const override { return kStart; }
  Result<void> sleep_until(TimePoint) override { return {}; }
};

TEST_F(JournalTest, KeepsALookOnlyWhenItShowsSomethingNew) {
  StoppedClock clock;
  Collected views;
  Journal journal = create();
  EventStream events(clock, views, &journal);
  const Subject web{.kind = ItemKind::kService, .item = "web"};
  const Subject api{.kind = ItemKind::kService, .item = "api"};
  const ServiceObserved one{.service = {.serviceName = "web", .runningCount = 1}};
  const ServiceObserved two{.service = {.serviceName = "web", .runningCount = 2}};
  for (const auto& [subject, body] : std::vector<std::pair<Subject, EventBody>>{{web, one},
                                                                                {api, one},
                                                                                {web, one},
                                                                                {web, two},
                                                                                {web, two},
                                                                                {web, one},
                                                                                {web, CallMade{}}})
    events.say(subject, body);
  EXPECT_EQ(views.events.size(), 7u);
  const Result<std::vector<Event>> kept = Journal::read(journal.file());
  ASSERT_TRUE(kept);
  EXPECT_THAT(*kept, ElementsAre(Event{kStart, web, one}, Event{kStart, api, one},
                                 Event{kStart, web, two}, Event{kStart, web, one}));
}

// While it lives, no file grows: every write answers EFBIG, as a full disk answers ENOSPC.
class FullDisk {
 public:
  FullDisk() : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_limit_);
    const rlimit none{0, old_limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &old_limit_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  void (*old_handler_)(int);
  rlimit old_limit_{};
};

TEST_F(JournalTest, ThatIsFullStopsTheCallsItShouldAnnounce) {
  StoppedClock clock;
  Collected views;
  Journal journal = create();
  EventStream events(clock, views, &journal, JournalUse::kRequired);
  const FullDisk full;
  events.say({}, Note{NoteLevel::kInfo, "a remark is told all the same"});
  const Result<void> announced = events.announce({}, "ecs:UpdateService", {});
  ASSERT_FALSE(announced);
  EXPECT_EQ(announced.error().message,
            "the journal " + journal.file().string() + " cannot be written: File too large");
  EXPECT_THAT(announced.error().context,
              ElementsAre("writing down that ecs:UpdateService is about to be called"));
  EXPECT_EQ(views.events.size(), 1u);
}

TEST_F(JournalTest, ThatIsFullCostsOneWarningWhereItIsOptional) {
  StoppedClock clock;
  Collected views;
  Journal journal = create();
  EventStream events(clock, views, &journal, JournalUse::kIfPossible);
  const FullDisk full;
  EXPECT_TRUE(events.announce({}, "ecs:UpdateService", {}));
  EXPECT_TRUE(events.announce({}, "ecs:UpdateService", {}));
  ASSERT_EQ(views.events.size(), 3u);
  EXPECT_EQ(views.events[0].body,
            EventBody(Note{NoteLevel::kWarning, "the journal " + journal.file().string() +
                                                    " cannot be written: File too large; going "
                                                    "on without it"}));
}

}  // namespace
}  // namespace slipway
