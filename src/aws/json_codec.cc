// awsJson 1.0 and 1.1: a shape is a JSON object, its members are spelled as they are in C++, a time
// is a number of seconds since 1970. https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
#include "aws/codec.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace slipway::aws {
namespace {

// ---- Encoding ----

template <class Number>
void append_number(std::string& out, Number value) {
  std::array<char, 32> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out.append(buffer.data(), end);
}

// AWS counts in milliseconds and drops a fraction of nothing: 1700000000, 1700000000.12.
void append_time(std::string& out, TimePoint time) {
  const auto milliseconds =
      std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
  std::int64_t seconds = milliseconds / 1000;
  std::int64_t rest = milliseconds % 1000;
  if (milliseconds < 0 && rest != 0) {
    if (seconds == 0) out += '-';
    rest = -rest;
  }
  append_number(out, seconds);
  if (rest == 0) return;
  std::string fraction = fmt::format(".{:03}", rest);
  while (fraction.back() == '0') fraction.pop_back();
  out += fraction;
}

class Encoder {
 public:
  Encoder(std::string& out, Side side) : out_(out), side_(side) {}

  void value(const Type& type, const void* address) {
    switch (type.kind) {
      case Kind::kString:
        append_json_string(out_, *static_cast<const std::string*>(address));
        return;
      case Kind::kInt:
        append_number(out_, *static_cast<const int*>(address));
        return;
      case Kind::kLong:
        append_number(out_, *static_cast<const std::int64_t*>(address));
        return;
      case Kind::kDouble:
        append_text(out_, Json(*static_cast<const double*>(address)));
        return;
      case Kind::kBool:
        out_ += *static_cast<const bool*>(address) ? "true" : "false";
        return;
      case Kind::kTime:
        append_time(out_, *static_cast<const TimePoint*>(address));
        return;
      case Kind::kDocument:
        append_text(out_, *static_cast<const Json*>(address));
        return;
      case Kind::kOptional:
        if (const void* inside = type.value(address))
          value(*type.element, inside);
        else
          out_ += "null";
        return;
      case Kind::kList:
        list(type, address);
        return;
      case Kind::kMap:
        map(type, address);
        return;
      case Kind::kShape:
        shape(type, address);
        return;
    }
  }

 private:
  void list(const Type& type, const void* address) {
    out_ += '[';
    const std::size_t size = type.size(address);
    for (std::size_t i = 0; i < size; ++i) {
      if (i > 0) out_ += ',';
      value(*type.element, type.at(address, i));
    }
    out_ += ']';
  }

  void map(const Type& type, const void* address) {
    struct Context {
      Encoder& encoder;
      const Type& element;
      bool first;
    } context{*this, *type.element, true};
    out_ += '{';
    type.for_each(address, &context, [](void* opaque, const std::string& key, const void* entry) {
      auto& [encoder, element, first] = *static_cast<Context*>(opaque);
      if (!first) encoder.out_ += ',';
      first = false;
      append_json_string(encoder.out_, key);
      encoder.out_ += ':';
      encoder.value(element, entry);
    });
    out_ += '}';
  }

  void shape(const Type& type, const void* address) {
    out_ += '{';
    bool first = true;
    for (const Member& member : type.members) {
      const void* inside = member.in(address);
      if (!is_sent(*member.type, inside, side_)) continue;
      if (!first) out_ += ',';
      first = false;
      out_ += '"';
      out_ += member.name;
      out_ += "\":";
      value(*member.type, inside);
    }
    out_ += '}';
  }

  std::string& out_;
  Side side_;
};

// ---- Decoding ----

std::optional<std::int64_t> whole_number(double number) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (std::trunc(number) != number || std::abs(number) > kExact) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

std::optional<TimePoint> time_of(double seconds) {
  constexpr double kYear9999 = 253402300800.0;
  if (!(std::abs(seconds) < kYear9999)) return std::nullopt;
  return TimePoint(Duration(std::llround(seconds * 1e6)));
}

std::string_view expected_for(Kind kind) {
  switch (kind) {
    case Kind::kString:
      return "text";
    case Kind::kInt:
    case Kind::kLong:
      return "a whole number";
    case Kind::kDouble:
      return "a number";
    case Kind::kBool:
      return "true or false";
    case Kind::kTime:
      return "a time in seconds since 1970";
    case Kind::kList:
      return "a list";
    case Kind::kMap:
    case Kind::kShape:
    case Kind::kDocument:
    case Kind::kOptional:
      return "an object";
  }
  return "something else";
}

// Puts what it hears straight into the shape: answers are looked at every few seconds, and most of
// what a tree of one would cost is memory taken and given back.
class Decoder final : public JsonListener {
 public:
  explicit Decoder(Ref shape) : root_{&shape.type, shape.address} {}

  bool on_null() override {
    if (is_aside()) return aside([](JsonBuilder& builder) { builder.on_null(); });
    if (open_.empty()) {
      if (root_.type->kind == Kind::kDocument) return true;
      root_ = unwrapped(root_);
      return wrong(root_, Json());
    }
    if (open_.back().type->kind == Kind::kList) next_place();
    return true;  // the member keeps its default
  }

  bool on_bool(bool value) override {
    if (is_aside()) return aside([&](JsonBuilder& builder) { builder.on_bool(value); });
    const auto place = next_place();
    if (!place) return true;
    if (place->type->kind == Kind::kBool) return set(*place, value);
    if (place->type->kind == Kind::kDocument) return set(*place, Json(value));
    return wrong(*place, Json(value));
  }

  bool on_int(std::int64_t value) override {
    if (is_aside()) return aside([&](JsonBuilder& builder) { builder.on_int(value); });
    return number(Json(value), value, static_cast<double>(value));
  }
  bool on_uint(std::uint64_t value) override {
    if (is_aside()) return aside([&](JsonBuilder& builder) { builder.on_uint(value); });
    return number(Json(value), std::nullopt, static_cast<double>(value));
  }
  bool on_double(double value) override {
    if (is_aside()) return aside([&](JsonBuilder& builder) { builder.on_double(value); });
    return number(Json(value), whole_number(value), value);
  }

  bool on_string(std::string_view text) override {
    if (is_aside()) return aside([&](JsonBuilder& builder) { builder.on_string(text); });
    const auto place = next_place();
    if (!place) return true;
    switch (place->type->kind) {
      case Kind::kString:
        static_cast<std::string*>(place->address)->assign(text);
        return true;
      case Kind::kTime:
        if (const auto when = parse_iso8601(text)) return set(*place, *when);
        break;
      case Kind::kDocument:
        return set(*place, Json(text));
      default:
        break;
    }
    return wrong(*place, Json(text));
  }

  bool on_object_begin() override {
    if (is_aside()) return deeper([](JsonBuilder& builder) { builder.on_object_begin(); });
    const auto place = next_place();
    if (!place) return skip();
    switch (place->type->kind) {
      case Kind::kMap:
        place->type->clear(place->address);
        [[fallthrough]];
      case Kind::kShape:
        open_.push_back({.type = place->type, .address = place->address});
        return true;
      case Kind::kDocument:
        return build(*place, [](JsonBuilder& builder) { builder.on_object_begin(); });
      default:
        return wrong(*place, JsonObject());
    }
  }

  bool on_array_begin() override {
    if (is_aside()) return deeper([](JsonBuilder& builder) { builder.on_array_begin(); });
    const auto place = next_place();
    if (!place) return skip();
    switch (place->type->kind) {
      case Kind::kList:
        place->type->clear(place->address);
        open_.push_back({.type = place->type, .address = place->address});
        return true;
      case Kind::kDocument:
        return build(*place, [](JsonBuilder& builder) { builder.on_array_begin(); });
      default:
        return wrong(*place, JsonArray());
    }
  }

  bool on_key(std::string_view key) override {
    if (is_aside()) return aside([&](JsonBuilder& builder) { builder.on_key(key); });
    Open& open = open_.back();
    if (open.type->kind == Kind::kMap) {
      open.key = key;
      return true;
    }
    // Both sides are mostly in the model's order: look on from the last member found.
    const std::size_t count = open.type->members.size();
    open.member = nullptr;
    for (std::size_t tried = 0; tried < count; ++tried) {
      const std::size_t index = (open.next + tried) % count;
      if (open.type->members[index].name != key) continue;
      open.member = &open.type->members[index];
      open.next = index + 1;
      break;
    }
    return true;
  }

  bool on_object_end(std::size_t members) override {
    if (is_aside()) return shallower([&](JsonBuilder& builder) { builder.on_object_end(members); });
    open_.pop_back();
    return true;
  }
  bool on_array_end(std::size_t items) override {
    if (is_aside()) return shallower([&](JsonBuilder& builder) { builder.on_array_end(items); });
    open_.pop_back();
    return true;
  }

  // After one of the above has answered false.
  Error error() const {
    std::string path;
    for (const Open& open : open_) {
      if (open.type->kind == Kind::kList)
        path += fmt::format("[{}]", open.items - 1);
      else
        path += fmt::format(
            ".{}", open.type->kind == Kind::kMap ? std::string_view(open.key) : open.member->name);
    }
    if (path.starts_with('.')) path.erase(0, 1);
    return Error{ErrorKind::kUnavailable, "call.bad-answer",
                 path.empty() ? problem_ : fmt::format("{}: {}", path, problem_)};
  }

 private:
  struct Place {
    const Type* type;
    void* address;
  };
  // A shape, list or map whose end has not come yet.
  struct Open {
    const Type* type;
    void* address;
    std::size_t next = 0;            // shape: where the search for a member begins
    const Member* member = nullptr;  // shape: the one whose value comes; null when it is unknown
    std::size_t items = 0;           // list: so far
    std::string key{};               // map: whose value comes
  };

  static Place unwrapped(Place place) {
    while (place.type->kind == Kind::kOptional)
      place = {place.type->element, place.type->emplace(place.address)};
    return place;
  }

  // Where the value goes that begins now; nullopt when nobody wants it.
  std::optional<Place> next_place() {
    if (open_.empty()) return unwrapped(root_);
    Open& open = open_.back();
    switch (open.type->kind) {
      case Kind::kList:
        ++open.items;
        return unwrapped({open.type->element, open.type->append(open.address)});
      case Kind::kMap:
        return unwrapped({open.type->element, open.type->entry(open.address, open.key)});
      default:
        if (open.member == nullptr) return std::nullopt;
        return unwrapped({open.member->type, open.member->address(open.address)});
    }
  }

  template <class T>
  static bool set(const Place& place, T value) {
    *static_cast<T*>(place.address) = std::move(value);
    return true;
  }

  bool number(const Json& json, std::optional<std::int64_t> whole, double real) {
    const auto place = next_place();
    if (!place) return true;
    switch (place->type->kind) {
      case Kind::kString:
        // AWS answers "256" for a task's cpu where other servers of its API answer 256.
        return set(*place, to_text(json));
      case Kind::kInt:
        if (whole && *whole >= std::numeric_limits<int>::min() &&
            *whole <= std::numeric_limits<int>::max())
          return set(*place, static_cast<int>(*whole));
        break;
      case Kind::kLong:
        if (whole) return set(*place, *whole);
        break;
      case Kind::kDouble:
        return set(*place, real);
      case Kind::kTime:
        if (const auto when = time_of(real)) return set(*place, *when);
        break;
      case Kind::kDocument:
        return set(*place, json);
      default:
        break;
    }
    return wrong(*place, json);
  }

  // ---- Values that are skipped, and those that become documents ----

  bool is_aside() const { return depth_ > 0; }
  bool skip() {
    depth_ = 1;
    document_ = nullptr;
    return true;
  }
  template <class Say>
  bool build(const Place& place, const Say& say) {
    document_ = static_cast<Json*>(place.address);
    builder_.start();
    depth_ = 1;
    return aside(say);
  }
  template <class Say>
  bool aside(const Say& say) {
    if (document_ != nullptr) say(builder_);
    return true;
  }
  template <class Say>
  bool deeper(const Say& say) {
    ++depth_;
    return aside(say);
  }
  template <class Say>
  bool shallower(const Say& say) {
    aside(say);
    if (--depth_ == 0 && document_ != nullptr) *document_ = builder_.finish();
    return true;
  }

  bool wrong(const Place& place, const Json& found) {
    problem_ =
        fmt::format("expected {}, found {}", expected_for(place.type->kind), describe(found));
    return false;
  }

  Place root_;
  std::vector<Open> open_;
  std::size_t depth_ = 0;     // inside a value that is skipped or becomes a document
  Json* document_ = nullptr;  // where that one goes; null: it is skipped
  JsonBuilder builder_;
  std::string problem_;
};

}  // namespace

std::string describe(const Json& json) {
  switch (json.kind()) {
    case boost::json::kind::null:
      return "null";
    case boost::json::kind::bool_:
      return json.get_bool() ? "true" : "false";
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
    case boost::json::kind::double_:
      return to_text(json);
    case boost::json::kind::string: {
      constexpr std::size_t kMostShown = 40;
      const std::string_view text = json.get_string();
      return fmt::format("\"{}{}\"", text.substr(0, kMostShown),
                         text.size() > kMostShown ? "..." : "");
    }
    case boost::json::kind::array:
      return "a list";
    case boost::json::kind::object:
      return "an object";
  }
  return "something else";
}

std::string encode_json(ConstRef shape, Side side) {
  std::string out;
  Encoder(out, side).value(shape.type, shape.address);
  return out;
}

Result<void> decode_json(std::string_view text, Ref shape) {
  Decoder decoder(shape);
  TRY(const bool whole, read_json(text, decoder));
  if (whole) return {};
  // A text that is cut short was cut on the way, whatever its beginning says.
  JsonBuilder rest;
  rest.start();
  TRY_VOID(read_json(text, rest));
  return decoder.error();
}

Result<void> decode_document(const Json& document, Ref shape) {
  Decoder decoder(shape);
  if (!read_document(document, decoder)) return decoder.error();
  return {};
}

std::optional<WireError> decode_json_error(std::string_view body) {
  const Result<Json> document = parse_json(body);
  if (!document || !document->is_object()) return std::nullopt;
  WireError error;
  error.code = plain_error_code(string_or_empty(*document, "__type"));
  error.message = find_string(*document, "message").value_or(string_or_empty(*document, "Message"));
  return error;
}

// "com.amazon.coral.service#ClientException:http://internal.amazon.com/..." is ClientException.
std::string plain_error_code(std::string_view code) {
  code = code.substr(0, code.find(':'));
  if (const std::size_t hash = code.rfind('#'); hash != std::string_view::npos)
    code.remove_prefix(hash + 1);
  return std::string(code);
}

}  // namespace slipway::aws
