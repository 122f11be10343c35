// Whatever could differ between two runs reaches the program through here: time, bytes, chance,
// environment, files, the terminal. Same world and same seed, same bytes on the screen.
#pragma once

#include "base/fiber.h"
#include "base/transport.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace slipway {

// xoshiro256**; seeded from the operating system in production, fixed in simulations.
class Random {
 public:
  explicit Random(std::uint64_t seed);
  std::uint64_t next();
  double uniform();                          // [0, 1)
  std::uint64_t below(std::uint64_t limit);  // [0, limit)
  std::string uuid();                        // version 4, lower case

 private:
  std::uint64_t state_[4];
};

// Environment variables as a value, so that a test states the ones it means.
class Environment {
 public:
  Environment() = default;
  explicit Environment(std::map<std::string, std::string> variables);
  static Environment of_process();

  // nullopt when unset. An empty value is set.
  std::optional<std::string> get(std::string_view name) const;
  // nullopt when unset or empty: what most AWS variables mean by "not given".
  std::optional<std::string> get_non_empty(std::string_view name) const;
  // $HOME, else the password file's entry in production, else nullopt.
  std::optional<std::filesystem::path> home() const;
  void set(std::string name, std::string value);
  void unset(const std::string& name);
  const std::map<std::string, std::string>& all() const { return variables_; }

 private:
  std::map<std::string, std::string> variables_;
  bool is_of_process_ = false;
};

// Borrowed by everything; owned by `main`.
struct Runtime {
  Fibers& fibers;  // also the Clock
  Transport& transport;
  Random& random;
  const Environment& environment;

  Clock& clock() const { return fibers; }
};

// The whole file, or kNotFound / kDenied / kInvalid with the path and the system's reason.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes = 64u << 20);
// Written to a temporary file beside it, synced, then renamed.
Result<void> write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace slipway
