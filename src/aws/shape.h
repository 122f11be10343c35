// Shapes: plain structs that look like AWS's requests and answers, and one line that names their
// members to the codecs.
//
//   struct ListTasksResponse {
//     std::vector<std::string> taskArns;
//     std::string nextToken;
//   };
//   SHAPE(ListTasksResponse, taskArns, nextToken);
//
// SHAPE makes a constant `Type`: a table of names, kinds and member addresses. Every codec (JSON,
// query, XML, the check against models/) is one ordinary function that walks such a table, so a new
// shape costs a table and no new code.
//
// What a member may be: std::string, int, std::int64_t, double, bool, TimePoint, Json (a document
// carried as it is), another shape, and std::optional, std::vector and std::map<std::string, ...>
// of these.
//
// "Not there" on the wire: nullopt, a null document and an empty string are never sent; an empty
// list or map is left out of a request and sent in an answer, as ECS does. An optional that has a
// value is always sent, so optional<vector> can send an empty list. When decoding, a missing or
// null member leaves the default, an unknown one is ignored.
#pragma once

#include "base/json.h"
#include "base/time.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace slipway::aws {

enum class Kind : std::uint8_t {
  kString,
  kInt,
  kLong,
  kDouble,
  kBool,
  kTime,
  kDocument,
  kOptional,
  kList,
  kMap,
  kShape,
};

struct Type;

struct Member {
  std::string_view name;
  const Type* type;
  void* (*address)(void* shape);

  const void* in(const void* shape) const { return address(const_cast<void*>(shape)); }
};

// What a C++ type is to the codecs. Only the functions of its kind are set.
struct Type {
  Kind kind;
  std::string_view name = {};            // kShape
  std::span<const Member> members = {};  // kShape
  const Type* element = nullptr;         // kOptional, kList, kMap

  void* (*emplace)(void* optional) = nullptr;            // a fresh value inside
  const void* (*value)(const void* optional) = nullptr;  // nullptr when there is none

  std::size_t (*size)(const void* container) = nullptr;  // kList, kMap
  const void* (*at)(const void* list, std::size_t index) = nullptr;
  void* (*append)(void* list) = nullptr;  // a fresh element at the end
  void (*clear)(void* container) = nullptr;
  void (*reserve)(void* list, std::size_t count) = nullptr;

  void* (*entry)(void* map, std::string_view key) = nullptr;  // made when missing
  void (*for_each)(const void* map, void* context,
                   void (*visit)(void* context, const std::string& key,
                                 const void* value)) = nullptr;

  const Member* find(std::string_view member) const;
};

template <class T>
struct TypeMaker;

// The table of T.
template <class T>
inline constexpr Type kTypeOf = TypeMaker<T>::make();

enum class Side {
  kRequest,  // empty lists and maps are left out
  kAnswer,   // empty lists and maps are sent
};

// Whether a member with this value is on the wire at all.
bool is_sent(const Type& type, const void* address, Side side);

// A shape and its address, for functions that are not templates.
struct ConstRef {
  const Type& type;
  const void* address;
};
struct Ref {
  const Type& type;
  void* address;
  operator ConstRef() const { return {type, address}; }
};
template <class T>
ConstRef ref(const T& shape) {
  return {kTypeOf<T>, &shape};
}
template <class T>
Ref ref(T& shape) {
  return {kTypeOf<T>, &shape};
}

// ---- below: how SHAPE and kTypeOf do it ----

template <auto M>
struct MemberPointer;
template <class S, class V, V S::* M>
struct MemberPointer<M> {
  using Value = V;
  static void* address(void* shape) { return &(static_cast<S*>(shape)->*M); }
};

template <auto M>
constexpr Member make_member(std::string_view name) {
  return {name, &kTypeOf<typename MemberPointer<M>::Value>, &MemberPointer<M>::address};
}

template <class... M>
constexpr std::array<Member, sizeof...(M)> make_members(M... members) {
  return {members...};
}

template <class T>
inline constexpr auto kMembersOf = slipway_members(static_cast<const T*>(nullptr));

template <class T>
struct TypeMaker {
  static constexpr Type make() {
    return {.kind = Kind::kShape,
            .name = slipway_shape_name(static_cast<const T*>(nullptr)),
            .members = kMembersOf<T>};
  }
};

template <Kind kKind>
struct PlainTypeMaker {
  static constexpr Type make() { return {.kind = kKind}; }
};
template <>
struct TypeMaker<std::string> : PlainTypeMaker<Kind::kString> {};
template <>
struct TypeMaker<int> : PlainTypeMaker<Kind::kInt> {};
template <>
struct TypeMaker<std::int64_t> : PlainTypeMaker<Kind::kLong> {};
template <>
struct TypeMaker<double> : PlainTypeMaker<Kind::kDouble> {};
template <>
struct TypeMaker<bool> : PlainTypeMaker<Kind::kBool> {};
template <>
struct TypeMaker<TimePoint> : PlainTypeMaker<Kind::kTime> {};
template <>
struct TypeMaker<Json> : PlainTypeMaker<Kind::kDocument> {};

template <class T>
struct TypeMaker<std::optional<T>> {
  using Optional = std::optional<T>;
  static void* emplace(void* optional) { return &static_cast<Optional*>(optional)->emplace(); }
  static const void* value(const void* optional) {
    const auto& self = *static_cast<const Optional*>(optional);
    return self ? &*self : nullptr;
  }
  static constexpr Type make() {
    return {.kind = Kind::kOptional, .element = &kTypeOf<T>, .emplace = emplace, .value = value};
  }
};

template <class T>
struct TypeMaker<std::vector<T>> {
  using List = std::vector<T>;
  static std::size_t size(const void* list) { return static_cast<const List*>(list)->size(); }
  static const void* at(const void* list, std::size_t index) {
    return &(*static_cast<const List*>(list))[index];
  }
  static void* append(void* list) { return &static_cast<List*>(list)->emplace_back(); }
  static void clear(void* list) { static_cast<List*>(list)->clear(); }
  static void reserve(void* list, std::size_t count) { static_cast<List*>(list)->reserve(count); }
  static constexpr Type make() {
    return {.kind = Kind::kList,
            .element = &kTypeOf<T>,
            .size = size,
            .at = at,
            .append = append,
            .clear = clear,
            .reserve = reserve};
  }
};

template <class T>
struct TypeMaker<std::map<std::string, T>> {
  using Map = std::map<std::string, T>;
  static std::size_t size(const void* map) { return static_cast<const Map*>(map)->size(); }
  static void clear(void* map) { static_cast<Map*>(map)->clear(); }
  static void* entry(void* map, std::string_view key) {
    return &(*static_cast<Map*>(map))[std::string(key)];
  }
  static void for_each(const void* map, void* context,
                       void (*visit)(void*, const std::string&, const void*)) {
    for (const auto& [key, value] : *static_cast<const Map*>(map)) visit(context, key, &value);
  }
  static constexpr Type make() {
    return {.kind = Kind::kMap,
            .element = &kTypeOf<T>,
            .size = size,
            .clear = clear,
            .entry = entry,
            .for_each = for_each};
  }
};

// SHAPE(Type, member...): at the namespace of Type, after its definition.
#define SHAPE(Type_, ...)                                                        \
  constexpr std::string_view slipway_shape_name(const Type_*) { return #Type_; } \
  constexpr auto slipway_members(const Type_*) {                                 \
    return ::slipway::aws::make_members(                                         \
        __VA_OPT__(SLIPWAY_EXPAND(SLIPWAY_MEMBERS_(Type_, __VA_ARGS__))));       \
  }                                                                              \
  static_assert(true)

#define SLIPWAY_MEMBERS_(Type_, member, ...)           \
  ::slipway::aws::make_member<&Type_::member>(#member) \
      __VA_OPT__(, SLIPWAY_AGAIN_ SLIPWAY_PARENS_(Type_, __VA_ARGS__))
#define SLIPWAY_AGAIN_() SLIPWAY_MEMBERS_
#define SLIPWAY_PARENS_ ()
// Each round of expansion brings one more member; 80 are enough for any AWS shape we carry, and a
// shape with more does not compile.
#define SLIPWAY_EXPAND(...) \
  SLIPWAY_EXPAND3_(SLIPWAY_EXPAND3_(SLIPWAY_EXPAND3_(SLIPWAY_EXPAND3_(__VA_ARGS__))))
#define SLIPWAY_EXPAND3_(...) \
  SLIPWAY_EXPAND2_(SLIPWAY_EXPAND2_(SLIPWAY_EXPAND2_(SLIPWAY_EXPAND2_(__VA_ARGS__))))
#define SLIPWAY_EXPAND2_(...) \
  SLIPWAY_EXPAND1_(SLIPWAY_EXPAND1_(SLIPWAY_EXPAND1_(SLIPWAY_EXPAND1_(__VA_ARGS__))))
#define SLIPWAY_EXPAND1_(...) __VA_ARGS__

}  // namespace slipway::aws
