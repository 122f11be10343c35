#include "base/runtime.h"

#include <gtest/gtest.h>

#include <set>
#include <sys/stat.h>
#include <unistd.h>

namespace slipway {
namespace {

TEST(Random, GivesTheSameRowForTheSameSeed) {
  Random a(42), b(42), c(43);
  const std::uint64_t first = a.next();
  EXPECT_EQ(first, b.next());
  EXPECT_NE(first, c.next());
  EXPECT_EQ(a.uuid(), b.uuid());
}

TEST(Random, StaysBelowItsLimits) {
  Random random(1);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t drawn = random.below(7);
    ASSERT_LT(drawn, 7u);
    seen.insert(drawn);
    const double uniform = random.uniform();
    ASSERT_GE(uniform, 0.0);
    ASSERT_LT(uniform, 1.0);
  }
  EXPECT_EQ(seen.size(), 7u);
  EXPECT_EQ(random.below(1), 0u);
  EXPECT_EQ(random.below(0), 0u);
}

TEST(Random, MakesVersionFourUuids) {
  Random random(7);
  for (int i = 0; i < 100; ++i) {
    const std::string uuid = random.uuid();
    ASSERT_EQ(uuid.size(), 36u);
    for (std::size_t at : {8u, 13u, 18u, 23u}) EXPECT_EQ(uuid[at], '-');
    EXPECT_EQ(uuid[14], '4');
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos) << uuid;
    EXPECT_EQ(uuid.find_first_not_of("0123456789abcdef-"), std::string::npos);
  }
}

TEST(Environment, TellsEmptyFromUnset) {
  Environment environment({{"A", "1"}, {"B", ""}});
  EXPECT_EQ(environment.get("A"), "1");
  EXPECT_EQ(environment.get("B"), "");
  EXPECT_EQ(environment.get_non_empty("B"), std::nullopt);
  EXPECT_EQ(environment.get("C"), std::nullopt);
  environment.set("C", "3");
  environment.unset("A");
  EXPECT_EQ(environment.get("C"), "3");
  EXPECT_EQ(environment.get("A"), std::nullopt);
}

TEST(Environment, AsksThePasswordFileOnlyInProduction) {
  EXPECT_EQ(Environment().home(), std::nullopt);
  Environment given;
  given.set("HOME", "/home/ana");
  EXPECT_EQ(given.home(), "/home/ana");
  Environment process = Environment::of_process();
  process.unset("HOME");
  EXPECT_TRUE(process.home().has_value());
}

class Folder : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "slipway-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path file(std::string_view name) const { return folder_ / name; }

  std::filesystem::path folder_;
};

TEST_F(Folder, KeepsWhatIsWrittenToAFile) {
  const std::string text("a\0b\n\xff", 5);
  ASSERT_TRUE(write_file(file("x"), "old").has_value());
  ASSERT_TRUE(write_file(file("x"), text).has_value());
  const Result<std::string> read = read_file(file("x"));
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(*read, text);
  // The temporary file is gone.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(Folder, KeepsTheModeAndTheLinkOfAFileWrittenAnew) {
  ASSERT_TRUE(write_file(file("target"), "old").has_value());
  ASSERT_EQ(::chmod(file("target").c_str(), 0600), 0);
  std::filesystem::create_symlink("target", file("link"));
  ASSERT_TRUE(write_file(file("link"), "new").has_value());
  EXPECT_TRUE(std::filesystem::is_symlink(file("link")));
  EXPECT_EQ(read_file(file("target")).value_or(""), "new");
  struct stat status{};
  ASSERT_EQ(::stat(file("target").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST_F(Folder, SaysWhyAFileCannotBeRead) {
  const Result<std::string> missing = read_file(file("none.yml"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(missing.error().message,
            "cannot read " + file("none.yml").string() + ": No such file or directory");

  const Result<std::string> directory = read_file(folder_);
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(directory.error().message, "cannot read " + folder_.string() + ": Is a directory");

  ASSERT_TRUE(write_file(file("large"), "12345").has_value());
  EXPECT_TRUE(read_file(file("large"), 5).has_value());
  const Result<std::string> large = read_file(file("large"), 4);
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, "file.too-large");
}

TEST_F(Folder, SaysWhyAFileCannotBeWritten) {
  const Result<void> nowhere = write_file(file("no/such/folder"), "x");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().kind, ErrorKind::kNotFound);
  const Result<void> onto_folder = write_file(folder_, "x");
  ASSERT_FALSE(onto_folder);
  EXPECT_EQ(onto_folder.error().kind, ErrorKind::kInvalid);
}

TEST_F(Folder, RefusesWhatItMayNotTouch) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may touch everything";
  ASSERT_TRUE(write_file(file("closed"), "x").has_value());
  ASSERT_EQ(::chmod(file("closed").c_str(), 0), 0);
  const Result<std::string> read = read_file(file("closed"));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::kDenied);
}

}  // namespace
}  // namespace slipway
