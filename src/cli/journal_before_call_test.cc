// Journal before call, seen from outside: when a request that changes something leaves the program,
// the line that announces it is on the disk, and so is everything that was written before.
#include "cli/canary_run_for_test.h"
#include "cli/ecs_crd_world_for_test.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <map>
#include <set>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

// What of each file, by its inode, has reached the disk.
std::map<ino_t, std::size_t>& synced_bytes() {
  static std::map<ino_t, std::size_t> bytes;
  return bytes;
}

}  // namespace

// In the C library's place: does the same, and remembers for which file.
extern "C" int fdatasync(int descriptor) {
  struct stat about{};
  const bool is_known = ::fstat(descriptor, &about) == 0;
  const long done = ::syscall(SYS_fdatasync, descriptor);
  if (is_known && done == 0) synced_bytes()[about.st_ino] = static_cast<std::size_t>(about.st_size);
  return static_cast<int>(done);
}

namespace slipway::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

bool only_reads(const std::string& operation) {
  for (const char* verb : {"Describe", "List", "Get", "Validate"})
    if (operation.starts_with(verb)) return true;
  return false;
}

std::size_t announcements(std::string_view journal, const std::string& operation) {
  std::size_t found = 0;
  for (const std::string_view line : split(journal, '\n'))
    if (line.find(R"("type":"call_announced")") != std::string_view::npos &&
        line.find(":" + operation + "\"") != std::string_view::npos)
      ++found;
  return found;
}

// Holds each request against the journal as it is at that moment.
class Disk {
 public:
  explicit Disk(CommandLine& line) : directory_(line.directory()) {
    line.leaves_journal = true;
    line.on_request = [this, others = line.on_request](const HttpRequest& request) {
      if (others) others(request);
      hear(request);
    };
  }

  std::set<std::string> changes() const {
    std::set<std::string> operations;
    for (const auto& [file, calls] : calls_)
      for (const auto& [operation, ids] : calls) operations.insert(operation);
    return operations;
  }

 private:
  void hear(const HttpRequest& request) {
    const std::string operation = operation_of(request);
    // The item of the state table is ecs-crd's own memory: taking its lock is announced, writing in
    // it under the lock is not.
    if (only_reads(operation) || operation == "PutItem") return;
    const std::filesystem::path file = journal();
    ASSERT_FALSE(file.empty()) << operation << " was sent without a journal";
    struct stat about{};
    ASSERT_EQ(::stat(file.c_str(), &about), 0);
    const std::string written = read_file(file).value();
    EXPECT_EQ(synced_bytes()[about.st_ino], written.size())
        << operation << " was sent while the end of the journal could be lost:\n"
        << written.substr(std::min(written.size(), synced_bytes()[about.st_ino]));
    std::set<std::string>& calls = calls_[file][operation];
    calls.emplace(find_header(request.headers, "amz-sdk-invocation-id"));
    EXPECT_GE(announcements(written, operation), calls.size())
        << operation << " was sent and not announced";
  }

  // The one that is being written; those of earlier runs may be beside it.
  std::filesystem::path journal() const {
    std::filesystem::path newest;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_))
      if (entry.path().extension() == ".jsonl" && entry.path().filename() > newest.filename())
        newest = entry.path();
    return newest;
  }

  const std::filesystem::path directory_;
  // By journal and operation: the ids of its calls.
  std::map<std::filesystem::path, std::map<std::string, std::set<std::string>>> calls_;
};

TEST(JournalBeforeCall, OfARollingReleaseAndItsWayBack) {
  CommandLine line;
  Disk disk(line);
  line.file("world.yml",
            alb_world({.green_tasks = 2, .more = "images: [{image: \"*:3\", pull: not-found}]\n"}));
  line.file("slipway.yml",
            "slipway: 1\ncluster: prod\non_failure: rollback\nservices:\n"
            "  web-blue: {containers: [app], max_wait: 3m}\n"
            "  web-green: {containers: [app], max_wait: 4m}\n");
  line.run({"deploy", "--tag", "3", "--sim", "world.yml"});
  EXPECT_NE(line.status, 0);
  EXPECT_THAT(line.err, HasSubstr("rolling back"));
  EXPECT_THAT(disk.changes(), ElementsAre("RegisterTaskDefinition", "UpdateService"));
  EXPECT_EQ(line.inputs_of("UpdateService").size(), 4u);
}

TEST(JournalBeforeCall, OfACanaryAndItsWayBack) {
  for (const bool is_good : {true, false}) {
    SCOPED_TRACE(is_good);
    CommandLine line;
    Disk disk(line);
    line.file("world.yml", alb_world({.more = is_good ? "" : kBad}));
    line.file("slipway.yml", alb_file(kSteps + kErrorCheck));
    line.run({"deploy", "--tag", "2", "--sim", "world.yml"});
    EXPECT_EQ(line.status == 0, is_good) << line.err;
    EXPECT_THAT(disk.changes(),
                ElementsAre("ModifyRule", "RegisterTaskDefinition", "UpdateService"));
  }
}

TEST(JournalBeforeCall, OfAReleaseOfEcsCrdAndItsUndeployment) {
  CrdWorld world;
  Disk disk(world.line);
  EXPECT_EQ(world.deploy("1.0.0"), 0) << world.line.err;
  EXPECT_EQ(world.deploy("1.1.0"), 0) << world.line.err;
  EXPECT_EQ(world.crd({"undeploy", "--yes"}), 0) << world.line.err;
  EXPECT_THAT(disk.changes(), ElementsAre("ChangeResourceRecordSets", "CreateStack", "CreateTable",
                                          "DeleteItem", "DeleteStack", "Publish", "UpdateService"));
}

}  // namespace
}  // namespace slipway::cli
