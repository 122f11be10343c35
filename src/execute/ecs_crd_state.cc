#include "execute/ecs_crd_state.h"

#include "base/text.h"
#include "execute/patience.h"
#include "execute/requests.h"

#include <fmt/format.h>

#include <utility>

namespace slipway {
namespace {

namespace dynamodb = aws::dynamodb;

constexpr const char* kId = "id";
constexpr const char* kOwner = "lock_owner";
constexpr const char* kUntil = "lock_until";
constexpr const char* kWritten = "deploy_at";

bool is_condition_failed(const Error& error) {
  return error.code == "ConditionalCheckFailedException";
}

}  // namespace

std::string CrdStateItem::get(const std::string& name) const {
  return dynamodb::find_text(attributes_, name).value_or("");
}

void CrdStateItem::set(const std::string& name, const std::string& text) {
  attributes_[name] = dynamodb::text(text);
}

std::vector<std::string> CrdStateItem::fqdns() const {
  std::vector<std::string> names;
  const std::string joined = get("fqdns");
  for (const std::string_view name : split(joined, ','))
    if (!name.empty()) names.emplace_back(name);
  return names;
}

CrdState::CrdState(Context& context, std::string key, CrdStateTimings timings)
    : context_(context),
      key_(std::move(key)),
      timings_(timings),
      writing_(context.runtime.fibers, 1) {}

CrdState::~CrdState() = default;

// ---- The table ---------------------------------------------------------------------------------

Result<bool> CrdState::has_table() {
  dynamodb::ListTablesInput request;
  do {
    TRY(const dynamodb::ListTablesOutput page, patiently(context_.clock(), timings_.patience, [&] {
                                                 return context_.clients.call(dynamodb::ListTables,
                                                                              request);
                                               }).context("looking for the table canary_release"));
    for (const std::string& name : page.TableNames)
      if (name == kTable) return true;
    request.ExclusiveStartTableName = page.LastEvaluatedTableName;
  } while (!request.ExclusiveStartTableName.empty());
  return false;
}

Result<void> CrdState::create_table() {
  dynamodb::CreateTableInput request;
  request.TableName = kTable;
  request.KeySchema.push_back({.AttributeName = kId, .KeyType = "HASH"});
  request.AttributeDefinitions.push_back({.AttributeName = kId, .AttributeType = "S"});
  request.BillingMode = "PAY_PER_REQUEST";
  TRY_VOID(context_.events.announce({}, "dynamodb:CreateTable", to_json(aws::ref(request))));
  const auto created = patiently(context_.clock(), timings_.patience, [&] {
    return context_.clients.call(dynamodb::CreateTable, request);
  });
  // Another run may have been faster, or an answer was lost.
  if (!created && created.error().code != "ResourceInUseException")
    return Result<void>(created.error()).context("creating the table canary_release");
  const TimePoint until = context_.clock().now() + timings_.table;
  while (true) {
    TRY_VOID(context_.clock().sleep_for(timings_.poll));
    const auto described = context_.optional.call(
        dynamodb::DescribeTable, {.TableName = kTable},
        "the new table is tried until it answers instead of being waited for");
    if (described && described->Table.TableStatus == "ACTIVE") return {};
    if (context_.optional.is_denied(dynamodb::DescribeTable.name) &&
        context_.clients.call(dynamodb::GetItem,
                              {.TableName = kTable, .Key = {{kId, dynamodb::text(key_)}}}))
      return {};
    if (context_.clock().now() >= until)
      return Error{.kind = ErrorKind::kTimeout,
                   .code = "table.not-active",
                   .message = fmt::format("the table canary_release is not ACTIVE after {}",
                                          to_string(timings_.table))};
  }
}

Result<std::optional<CrdStateItem>> CrdState::read() {
  dynamodb::GetItemInput request;
  request.TableName = kTable;
  request.Key[kId] = dynamodb::text(key_);
  request.ConsistentRead = true;
  auto answer = patiently(context_.clock(), timings_.patience,
                          [&] { return context_.clients.call(dynamodb::GetItem, request); });
  if (!answer && answer.error().code == "ResourceNotFoundException")
    return std::optional<CrdStateItem>();
  if (!answer)
    return std::move(answer).context("reading the item of the table canary_release").error();
  if (answer->Item.empty()) return std::optional<CrdStateItem>();
  return std::optional<CrdStateItem>(CrdStateItem(std::move(answer->Item)));
}

// ---- The lock ----------------------------------------------------------------------------------

std::string CrdState::lease_end() const {
  return to_iso8601(context_.clock().now() + timings_.lease);
}

Error CrdState::lost_error() const {
  return {.kind = ErrorKind::kConflict,
          .code = "lock.lost",
          .message =
              "another run has taken the lock of this service; this one changes nothing "
              "any more"};
}

Result<void> CrdState::put(const CrdStateItem& item, std::string condition,
                           CrdStateItem::Attributes values) {
  dynamodb::PutItemInput request;
  request.TableName = kTable;
  request.Item = item.attributes();
  request.ConditionExpression = std::move(condition);
  request.ExpressionAttributeValues = std::move(values);
  TRY_VOID(patiently(context_.clock(), timings_.patience, [&] {
             return context_.clients.call(dynamodb::PutItem, request);
           }).context("writing the item of the table canary_release"));
  return {};
}

// Whoever put the item meanwhile, be it the Python tool, which knows no lock, made the condition
// fail: the item is put as it was read.
Result<void> CrdState::take(const std::string& owner) {
  TRY(const std::optional<CrdStateItem> found, read());
  CrdStateItem wanted = found.value_or(CrdStateItem());
  const std::string holder = wanted.get(kOwner);
  const std::string until = wanted.get(kUntil);
  const std::string now = to_iso8601(context_.clock().now());
  if (!holder.empty() && holder != owner && until >= now)
    return Error{.kind = ErrorKind::kConflict,
                 .code = "lock.held",
                 .message = fmt::format("another run holds the lock of this service: {}; it runs "
                                        "out at {} unless that run renews it (--wait-lock "
                                        "SECONDS waits for it)",
                                        holder, until)};
  wanted.set(kId, key_);
  wanted.set(kOwner, owner);
  wanted.set(kUntil, lease_end());
  std::string condition =
      fmt::format("(attribute_not_exists({0}) OR {0} = :me OR {1} < :now)", kOwner, kUntil);
  CrdStateItem::Attributes values = {{":me", dynamodb::text(owner)}, {":now", dynamodb::text(now)}};
  if (const std::string written = found ? found->get(kWritten) : ""; !written.empty()) {
    condition += fmt::format(" AND {} = :written", kWritten);
    values[":written"] = dynamodb::text(written);
  } else {
    condition += fmt::format(" AND attribute_not_exists({})", kWritten);
  }
  TRY_VOID(context_.events.announce(
      {}, "dynamodb:PutItem", JsonObject{{"TableName", kTable}, {kId, key_}, {kOwner, owner}}));
  TRY_VOID(put(wanted, std::move(condition), std::move(values)));
  owner_ = owner;
  item_ = std::move(wanted);
  is_locked_ = true;
  return {};
}

Result<void> CrdState::lock(const std::string& owner, Duration wait,
                            const std::function<void(const Error&)>& held) {
  const TimePoint began = context_.clock().now();
  const TimePoint until = began + wait;
  while (true) {
    Result<void> taken = take(owner);
    if (taken) return taken;
    // A table is listed as soon as another run, which may be dead by now, has begun to make it.
    const bool is_being_made = taken.error().code == "ResourceNotFoundException";
    if (is_being_made && context_.clock().now() < began + timings_.table) {
      TRY_VOID(context_.clock().sleep_for(timings_.poll));
      continue;
    }
    const bool is_held = taken.error().code == "lock.held";
    // Lost a race: look again who won it.
    if (!is_held && !is_condition_failed(taken.error())) return taken;
    if (is_held && context_.clock().now() >= until) return taken;
    if (is_held) held(taken.error());
    TRY_VOID(context_.clock().sleep_for(timings_.poll));
  }
}

void CrdState::keep_renewed(std::function<void()> lost) {
  renewing_ = std::make_unique<Group>(context_.runtime.fibers);
  renewing_->spawn("lock", [this, lost = std::move(lost)] {
    while (is_locked_ && context_.clock().sleep_for(timings_.renewal)) {
      if (!is_locked_) return;
      const Result<void> renewed = assert_locked();
      if (renewed || renewed.error().code != "lock.lost") continue;  // the next one may work
      lost();
      return;
    }
  });
}

Result<void> CrdState::assert_locked() {
  return write([](CrdStateItem&) {});
}

Result<void> CrdState::write(const std::function<void(CrdStateItem&)>& change) {
  TRY(const Gate::Place place, writing_.enter());
  if (is_lost_) return lost_error();
  CrdStateItem wanted = item_;
  change(wanted);
  if (wanted.get(kOwner).empty())
    wanted.remove(kUntil);
  else
    wanted.set(kUntil, lease_end());
  Result<void> written =
      put(wanted, fmt::format("{} = :me", kOwner), {{":me", dynamodb::text(owner_)}});
  if (!written && is_condition_failed(written.error())) {
    is_lost_ = true;
    is_locked_ = false;
    return lost_error();
  }
  if (written) item_ = std::move(wanted);
  return written;
}

Result<void> CrdState::unlock() {
  if (!is_locked_) return {};
  if (!item_.has_release()) return erase();
  const Result<void> written = write([](CrdStateItem& item) {
    for (const char* ours : {kOwner, "phase"}) item.remove(ours);
  });
  is_locked_ = false;
  if (renewing_) renewing_->cancel();
  return written;
}

Result<void> CrdState::erase() {
  if (!is_locked_) return {};
  if (renewing_) renewing_->cancel();
  TRY(const Gate::Place place, writing_.enter());
  is_locked_ = false;
  dynamodb::DeleteItemInput request;
  request.TableName = kTable;
  request.Key[kId] = dynamodb::text(key_);
  request.ConditionExpression = fmt::format("attribute_not_exists({0}) OR {0} = :me", kOwner);
  request.ExpressionAttributeValues[":me"] = dynamodb::text(owner_);
  TRY_VOID(context_.events.announce({}, "dynamodb:DeleteItem",
                                    JsonObject{{"TableName", kTable}, {kId, key_}}));
  const auto deleted = patiently(context_.clock(), timings_.patience, [&] {
    return context_.clients.call(dynamodb::DeleteItem, request);
  });
  if (deleted) return {};
  if (is_condition_failed(deleted.error())) return lost_error();
  return Result<void>(deleted.error()).context("deleting the item of the table canary_release");
}

}  // namespace slipway
