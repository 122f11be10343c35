// The members of a plain struct as data: names and pointers, in order, so that one piece of code
// can write, read and compare all of them.
//
//   MEMBERS(Point, x, y)   at namespace scope, in the struct's namespace, after the struct
//   for_each_member(point, [](std::string_view name, auto& value) { ... });
#pragma once

#include <string_view>
#include <tuple>
#include <utility>

namespace slipway {

template <class T, class M>
struct MemberPointer {
  std::string_view name;
  M T::* pointer;
};

// Found by argument-dependent lookup through the pointer's type.
template <class T>
concept HasMembers = requires { members_of(static_cast<const T*>(nullptr)); };

template <class T, class Visit>
constexpr void for_each_member(T& object, Visit&& visit) {
  using Bare = std::remove_const_t<T>;
  std::apply([&](const auto&... member) { (visit(member.name, object.*member.pointer), ...); },
             members_of(static_cast<const Bare*>(nullptr)));
}

}  // namespace slipway

#define SLIPWAY_MEMBERS_PARENS ()
#define SLIPWAY_MEMBERS_EXPAND(...) \
  SLIPWAY_MEMBERS_EXPAND3(SLIPWAY_MEMBERS_EXPAND3(SLIPWAY_MEMBERS_EXPAND3(__VA_ARGS__)))
#define SLIPWAY_MEMBERS_EXPAND3(...) \
  SLIPWAY_MEMBERS_EXPAND2(SLIPWAY_MEMBERS_EXPAND2(SLIPWAY_MEMBERS_EXPAND2(__VA_ARGS__)))
#define SLIPWAY_MEMBERS_EXPAND2(...) \
  SLIPWAY_MEMBERS_EXPAND1(SLIPWAY_MEMBERS_EXPAND1(SLIPWAY_MEMBERS_EXPAND1(__VA_ARGS__)))
#define SLIPWAY_MEMBERS_EXPAND1(...) __VA_ARGS__
#define SLIPWAY_EACH_MEMBER(Type, name, ...)                                           \
  ::slipway::MemberPointer<Type, decltype(Type::name)>{#name, &Type::name} __VA_OPT__( \
      , SLIPWAY_EACH_MEMBER_AGAIN SLIPWAY_MEMBERS_PARENS(Type, __VA_ARGS__))
#define SLIPWAY_EACH_MEMBER_AGAIN() SLIPWAY_EACH_MEMBER

#define MEMBERS(Type, ...)                                                           \
  [[maybe_unused]] constexpr auto members_of(const Type*) {                          \
    return std::make_tuple(                                                          \
        __VA_OPT__(SLIPWAY_MEMBERS_EXPAND(SLIPWAY_EACH_MEMBER(Type, __VA_ARGS__)))); \
  }
