// The process that evaluates Jsonnet: limits first, then the library, then the file. The library is
// loaded when it is needed, so that nobody else pays for it.
#include "base/jsonnet.h"
#include "base/runtime.h"
#include "base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <libjsonnet.h>
#include <sys/resource.h>

namespace slipway {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBuiltIn = "slipway.libsonnet";
constexpr std::string_view kBuiltInText =
    "{ local e = std.native('env'), env(name, default=''):: e(name, default), "
    "must_env:: std.native('must_env') }";

// The functions of the library that we use.
struct Library {
  decltype(&jsonnet_version) version;
  decltype(&jsonnet_make) make;
  decltype(&jsonnet_destroy) destroy;
  decltype(&jsonnet_realloc) realloc;
  decltype(&jsonnet_ext_var) ext_var;
  decltype(&jsonnet_ext_code) ext_code;
  decltype(&jsonnet_tla_var) tla_var;
  decltype(&jsonnet_tla_code) tla_code;
  decltype(&jsonnet_import_callback) import_callback;
  decltype(&jsonnet_native_callback) native_callback;
  decltype(&jsonnet_evaluate_snippet) evaluate_snippet;
  decltype(&jsonnet_json_extract_string) extract_string;
  decltype(&jsonnet_json_extract_number) extract_number;
  decltype(&jsonnet_json_extract_bool) extract_bool;
  decltype(&jsonnet_json_extract_null) extract_null;
  decltype(&jsonnet_json_make_string) make_string;
  decltype(&jsonnet_json_make_number) make_number;
  decltype(&jsonnet_json_make_bool) make_bool;
  decltype(&jsonnet_json_make_null) make_null;
};

template <class Function>
bool find(void* handle, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(handle, name));
  return function != nullptr;
}

// Never unloaded: the process is about to end.
std::optional<Library> load() {
  void* handle = ::dlopen("libjsonnet.so.0", RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return std::nullopt;
  Library library{};
  const bool complete = find(handle, "jsonnet_version", library.version) &&
                        find(handle, "jsonnet_make", library.make) &&
                        find(handle, "jsonnet_destroy", library.destroy) &&
                        find(handle, "jsonnet_realloc", library.realloc) &&
                        find(handle, "jsonnet_ext_var", library.ext_var) &&
                        find(handle, "jsonnet_ext_code", library.ext_code) &&
                        find(handle, "jsonnet_tla_var", library.tla_var) &&
                        find(handle, "jsonnet_tla_code", library.tla_code) &&
                        find(handle, "jsonnet_import_callback", library.import_callback) &&
                        find(handle, "jsonnet_native_callback", library.native_callback) &&
                        find(handle, "jsonnet_evaluate_snippet", library.evaluate_snippet) &&
                        find(handle, "jsonnet_json_extract_string", library.extract_string) &&
                        find(handle, "jsonnet_json_extract_number", library.extract_number) &&
                        find(handle, "jsonnet_json_extract_bool", library.extract_bool) &&
                        find(handle, "jsonnet_json_extract_null", library.extract_null) &&
                        find(handle, "jsonnet_json_make_string", library.make_string) &&
                        find(handle, "jsonnet_json_make_number", library.make_number) &&
                        find(handle, "jsonnet_json_make_bool", library.make_bool) &&
                        find(handle, "jsonnet_json_make_null", library.make_null);
  return complete ? std::optional(library) : std::nullopt;
}

struct Imported {
  bool ok = false;
  std::string found_as;  // how errors name it
  std::string text;      // or why it cannot be read
};

class Worker {
 public:
  Worker(const Library& library, std::vector<fs::path> roots)
      : library_(library), vm_(library.make()), roots_(std::move(roots)) {
    // The callback of newer releases gives a length beside the text.
    if (is_at_least_0_19())
      library_.import_callback(
          vm_,
          reinterpret_cast<JsonnetImportCallback*>(reinterpret_cast<void (*)()>(&import_sized)),
          this);
    else
      library_.import_callback(vm_, &import_plain, this);
    static const char* const kEnv[] = {"name", "default", nullptr};
    static const char* const kMustEnv[] = {"name", nullptr};
    library_.native_callback(vm_, "env", &env, this, kEnv);
    library_.native_callback(vm_, "must_env", &must_env, this, kMustEnv);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() { library_.destroy(vm_); }

  void set(std::string_view kind, const std::string& name, const std::string& value) {
    if (kind == "ext-str") library_.ext_var(vm_, name.c_str(), value.c_str());
    if (kind == "ext-code") library_.ext_code(vm_, name.c_str(), value.c_str());
    if (kind == "tla-str") library_.tla_var(vm_, name.c_str(), value.c_str());
    if (kind == "tla-code") library_.tla_code(vm_, name.c_str(), value.c_str());
  }

  std::pair<bool, std::string> evaluate(const std::string& file, const std::string& text) {
    int error = 0;
    char* result = library_.evaluate_snippet(vm_, file.c_str(), text.c_str(), &error);
    std::string copy(result);
    library_.realloc(vm_, result, 0);
    return {error == 0, std::move(copy)};
  }

 private:
  bool is_at_least_0_19() const {
    std::string_view text = library_.version();
    if (text.starts_with('v')) text.remove_prefix(1);
    int major = 0, minor = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), major);
    if (error != std::errc() || end == text.data() + text.size()) return false;
    std::from_chars(end + 1, text.data() + text.size(), minor);
    return major > 0 || minor >= 19;
  }

  char* copied(std::string_view text) {
    char* copy = library_.realloc(vm_, nullptr, text.size() + 1);
    std::memcpy(copy, text.data(), text.size());
    copy[text.size()] = '\0';
    return copy;
  }

  bool is_allowed(const fs::path& file) const {
    std::error_code ignored;
    const fs::path real = fs::weakly_canonical(file, ignored);
    return std::ranges::any_of(roots_, [&](const fs::path& root) {
      const auto [in_root, in_file] = std::ranges::mismatch(root, real);
      return in_root == root.end();
    });
  }

  Imported find_import(const fs::path& base, const std::string& name) const {
    if (name == kBuiltIn) return {true, std::string(kBuiltIn), std::string(kBuiltInText)};
    std::vector<fs::path> candidates = {base / name};
    for (std::size_t i = 1; i < roots_.size(); ++i) candidates.push_back(roots_[i] / name);
    for (const fs::path& candidate : candidates) {
      std::error_code ignored;
      if (!fs::exists(candidate, ignored)) continue;
      if (!is_allowed(candidate))
        return {false,
                {},
                fmt::format("{} is outside the file's folder; name its folder with --jpath", name)};
      Result<std::string> text = read_file(candidate, 8u << 20);
      if (!text) return {false, {}, text.error().message};
      return {true, candidate.lexically_normal().string(), std::move(*text)};
    }
    return {false, {}, "no such file beside the importing file, nor in a --jpath folder"};
  }

  static char* import_plain(void* self, const char* base, const char* name, char** found_as,
                            int* success) {
    auto* worker = static_cast<Worker*>(self);
    const Imported imported = worker->find_import(base, name);
    *success = imported.ok ? 1 : 0;
    if (imported.ok) *found_as = worker->copied(imported.found_as);
    return worker->copied(imported.text);
  }
  static int import_sized(void* self, const char* base, const char* name, char** found_as,
                          char** text, std::size_t* size) {
    auto* worker = static_cast<Worker*>(self);
    const Imported imported = worker->find_import(base, name);
    if (imported.ok) *found_as = worker->copied(imported.found_as);
    *text = worker->copied(imported.text);
    *size = imported.text.size();
    return imported.ok ? 0 : 1;
  }

  JsonnetJsonValue* text_value(std::string_view text) {
    return library_.make_string(vm_, std::string(text).c_str());
  }

  // A value of the same kind; text, number, boolean or null.
  JsonnetJsonValue* same_value(const JsonnetJsonValue* value) {
    if (const char* text = library_.extract_string(vm_, value)) return text_value(text);
    double number = 0;
    if (library_.extract_number(vm_, value, &number) != 0) return library_.make_number(vm_, number);
    if (library_.extract_null(vm_, value) != 0) return library_.make_null(vm_);
    const int truth = library_.extract_bool(vm_, value);
    return truth == 2 ? nullptr : library_.make_bool(vm_, truth);
  }

  JsonnetJsonValue* failure(std::string_view message, int* success) {
    *success = 0;
    return text_value(message);
  }

  static JsonnetJsonValue* env(void* self, const JsonnetJsonValue* const* argv, int* success) {
    auto* worker = static_cast<Worker*>(self);
    *success = 1;
    const char* name = worker->library_.extract_string(worker->vm_, argv[0]);
    if (name == nullptr) return worker->failure("env: the name must be a text", success);
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return worker->text_value(value);
    JsonnetJsonValue* otherwise = worker->same_value(argv[1]);
    if (otherwise == nullptr)
      return worker->failure("env: the default must be a text, a number, a boolean or null",
                             success);
    return otherwise;
  }
  static JsonnetJsonValue* must_env(void* self, const JsonnetJsonValue* const* argv, int* success) {
    auto* worker = static_cast<Worker*>(self);
    *success = 1;
    const char* name = worker->library_.extract_string(worker->vm_, argv[0]);
    if (name == nullptr) return worker->failure("must_env: the name must be a text", success);
    const char* value = std::getenv(name);
    if (value != nullptr) return worker->text_value(value);
    return worker->failure(
        fmt::format("must_env: the environment variable {} is not set", quote(name)), success);
  }

  const Library& library_;
  JsonnetVm* vm_;
  std::vector<fs::path> roots_;  // canonical: the file's folder, then those of --jpath
};

void limit(int resource, std::size_t soft, std::size_t hard) {
  const rlimit limits{.rlim_cur = soft, .rlim_max = hard};
  ::setrlimit(static_cast<__rlimit_resource>(resource), &limits);
}

std::size_t number_of(const std::string& word) {
  std::size_t number = 0;
  std::from_chars(word.data(), word.data() + word.size(), number);
  return number;
}

}  // namespace

int run_jsonnet_worker(const std::vector<std::string>& words,
                       const std::function<void(std::string_view)>& out,
                       const std::function<void(std::string_view)>& err) {
  constexpr int kBroken = 1;
  if (words.size() < 4 || words.size() % 3 != 1) return kBroken;
  const std::size_t seconds = number_of(words[2]);
  limit(RLIMIT_CPU, seconds, seconds + 1);
  limit(RLIMIT_CORE, 0, 0);
#ifndef SLIPWAY_SANITIZED  // the sanitizer reserves more than any limit
  limit(RLIMIT_AS, number_of(words[3]), number_of(words[3]));
#endif
  std::error_code trouble;
  fs::current_path(words[0], trouble);
  if (trouble) {
    err("cannot enter " + words[0] + ": " + trouble.message());
    return kBroken;
  }
  const std::string& file = words[1];
  const Result<std::string> text = read_file(file, 8u << 20);
  if (!text) {
    err(text.error().message);
    return kBroken;
  }
  const std::optional<Library> library = load();
  if (!library) {
    err("Jsonnet needs libjsonnet.so.0, which is not installed (Debian: libjsonnet0)");
    return kBroken;
  }
  std::vector<fs::path> roots = {fs::weakly_canonical(fs::absolute(file).parent_path(), trouble)};
  for (std::size_t i = 4; i + 2 < words.size(); i += 3)
    if (words[i] == "jpath") roots.push_back(fs::weakly_canonical(words[i + 1], trouble));
  Worker worker(*library, std::move(roots));
  for (std::size_t i = 4; i + 2 < words.size(); i += 3)
    worker.set(words[i], words[i + 1], words[i + 2]);
  const auto [ok, result] = worker.evaluate(file, *text);
  (ok ? out : err)(result);
  return ok ? 0 : kBroken;
}

}  // namespace slipway
