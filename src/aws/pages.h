// Paging as a range. An operation says as data which members carry the token (operation.h).
//
//   for (auto& page : pages(ecs, ListTasks, {.cluster = "prod"})) {
//     TRY(const ListTasksResponse tasks, std::move(page));
//     ...
//   }
//
// An error ends the range; it is the last thing the loop sees.
#pragma once

#include "aws/client.h"

#include <cassert>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace slipway::aws {

template <class Req, class Resp>
class Pages {
 public:
  Pages(Client& client, const Operation<Req, Resp>& operation, Req request)
      : client_(client), operation_(operation), request_(std::move(request)) {}

  class Iterator {
   public:
    explicit Iterator(Pages* pages) : pages_(pages) {}
    Result<Resp>& operator*() const { return *pages_->page_; }
    Iterator& operator++() {
      pages_->advance();
      return *this;
    }
    bool operator==(std::default_sentinel_t) const { return !pages_->page_.has_value(); }

   private:
    Pages* pages_;
  };

  Iterator begin() {
    page_.emplace(client_.call(operation_, request_));
    note_next();
    return Iterator(this);
  }
  std::default_sentinel_t end() const { return {}; }

 private:
  void advance() {
    if (!next_) {
      page_.reset();
      return;
    }
    request_.*operation_.page_request = *next_;
    page_.emplace(client_.call(operation_, request_));
    note_next();
  }

  // Read now, because the loop's body may move the page away.
  void note_next() {
    next_.reset();
    if (!*page_) return;
    const std::string& token = (**page_).*operation_.page_response;
    if (token.empty()) return;
    if (token == request_.*operation_.page_request) {
      page_.emplace(Error{
          .kind = ErrorKind::kUnavailable,
          .code = "call.bad-answer",
          .message = std::string(operation_.name) + " answered the same page token twice",
          .operation = std::string(operation_.service.id) + ":" + std::string(operation_.name)});
      return;
    }
    next_ = token;
  }

  Client& client_;
  const Operation<Req, Resp>& operation_;
  Req request_;
  std::optional<Result<Resp>> page_;
  std::optional<std::string> next_;
};

template <class Req, class Resp>
Pages<Req, Resp> pages(Client& client, const Operation<Req, Resp>& operation,
                       std::type_identity_t<Req> request) {
  return {client, operation, std::move(request)};
}

// All items of all pages: all_items(ecs, ListTasks, {...}, &ListTasksResponse::taskArns).
template <class Req, class Resp, class Item>
Result<std::vector<Item>> all_items(Client& client, const Operation<Req, Resp>& operation,
                                    std::type_identity_t<Req> request,
                                    std::vector<Item> Resp::* items) {
  std::vector<Item> all;
  for (Result<Resp>& page : pages(client, operation, std::move(request))) {
    TRY(Resp answer, std::move(page));
    std::vector<Item>& found = answer.*items;
    all.insert(all.end(), std::move_iterator(found.begin()), std::move_iterator(found.end()));
  }
  return all;
}

}  // namespace slipway::aws
