#include "execute/stacks.h"

#include "aws/pages.h"
#include "base/text.h"
#include "execute/patience.h"
#include "execute/requests.h"

#include <fmt/format.h>

#include <algorithm>

namespace slipway {
namespace {

namespace cloudformation = aws::cloudformation;

// CloudFormation has no code of its own for this.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html
bool is_absent(const Error& error) {
  return error.code == "ValidationError" &&
         error.message.find("does not exist") != std::string::npos;
}

bool creation_is_over(std::string_view status) {
  // With OnFailure=DELETE a failed creation goes on to its deletion.
  return !is_in_progress(status) && status != "CREATE_FAILED";
}
bool is_settled(std::string_view status) { return !is_in_progress(status); }

// Others are cancelled when one fails; they are no reason.
bool is_reason(const StackResource& resource) {
  return resource.status == "CREATE_FAILED" &&
         resource.reason.find("cancelled") == std::string::npos;
}

std::string in_words(const StackResource& resource) {
  return fmt::format("{} ({}) {}{}", resource.logical_id, resource.type, resource.status,
                     resource.reason.empty() ? "" : ": " + resource.reason);
}

}  // namespace

bool is_in_progress(std::string_view stack_status) {
  return stack_status.ends_with("_IN_PROGRESS");
}

std::string output_of(const LiveStack& stack, std::string_view key) {
  for (const cloudformation::Output& output : stack.Outputs)
    if (output.OutputKey == key) return output.OutputValue;
  return {};
}

std::string tag_of(const LiveStack& stack, std::string_view key) {
  for (const cloudformation::Tag& tag : stack.Tags)
    if (tag.Key == key) return tag.Value;
  return {};
}

// What is known of a stack while something becomes of it.
struct Stacks::Watch {
  std::string id;
  std::string name;
  TimePoint began;
  std::string status;
  std::string reason;
  std::string newest_event = {};  // what was seen already ends here
  std::vector<StackResource> resources = {};
  std::vector<StackResource> failures = {};  // in the order in which they happened

  void see(StackResource seen) {
    if (is_reason(seen)) failures.push_back(seen);
    const auto known = std::ranges::find(resources, seen.logical_id, &StackResource::logical_id);
    if (known == resources.end())
      resources.push_back(std::move(seen));
    else
      *known = std::move(seen);
  }
};

Stacks::Stacks(Context& context, Show show, StackTimings timings)
    : context_(context), show_(std::move(show)), timings_(timings) {}

Result<std::optional<LiveStack>> Stacks::find(const std::string& name_or_id) {
  cloudformation::DescribeStacksInput request;
  request.StackName = name_or_id;
  Result<cloudformation::DescribeStacksOutput> answer =
      patiently(context_.clock(), timings_.patience,
                [&] { return context_.clients.call(cloudformation::DescribeStacks, request); });
  if (!answer) {
    if (is_absent(answer.error())) return std::optional<LiveStack>();
    return std::move(answer).context("looking at stack " + name_or_id).error();
  }
  if (answer->Stacks.empty()) return std::optional<LiveStack>();
  return std::optional<LiveStack>(std::move(answer->Stacks.front()));
}

// Without a name it describes all of them.
Result<std::vector<LiveStack>> Stacks::all() {
  std::vector<LiveStack> found;
  cloudformation::DescribeStacksInput request;
  do {
    TRY(cloudformation::DescribeStacksOutput page,
        patiently(context_.clock(), timings_.patience, [&] {
          return context_.clients.call(cloudformation::DescribeStacks, request);
        }).context("listing stacks"));
    for (LiveStack& stack : page.Stacks)
      if (stack.StackStatus != "DELETE_COMPLETE") found.push_back(std::move(stack));
    request.NextToken = page.NextToken;
  } while (!request.NextToken.empty());
  return found;
}

Result<std::vector<StackResource>> Stacks::resources(const std::string& name_or_id) {
  std::vector<StackResource> all;
  cloudformation::ListStackResourcesInput request;
  request.StackName = name_or_id;
  do {
    TRY(cloudformation::ListStackResourcesOutput page,
        patiently(context_.clock(), timings_.patience, [&] {
          return context_.clients.call(cloudformation::ListStackResources, request);
        }).context("listing the resources of stack " + name_or_id));
    for (const cloudformation::StackResourceSummary& resource : page.StackResourceSummaries)
      all.push_back({.logical_id = resource.LogicalResourceId,
                     .type = resource.ResourceType,
                     .status = resource.ResourceStatus,
                     .reason = resource.ResourceStatusReason,
                     .physical_id = resource.PhysicalResourceId});
    request.NextToken = page.NextToken;
  } while (!request.NextToken.empty());
  return all;
}

// ---- Looking -----------------------------------------------------------------------------------

// Newest first, so that reading ends where the last look began.
Result<void> Stacks::look_at_events(Watch& watch) {
  std::vector<cloudformation::StackEvent> news;
  cloudformation::DescribeStackEventsInput request;
  request.StackName = watch.id;
  bool known = false;
  do {
    const std::optional<cloudformation::DescribeStackEventsOutput> page = context_.optional.call(
        cloudformation::DescribeStackEvents, request,
        "stacks are followed by their resources, and a failed one may take its reasons with it");
    if (!page) {
      if (context_.optional.is_denied(cloudformation::DescribeStackEvents.name))
        return look_at_resources(watch);
      return Error{.kind = ErrorKind::kUnavailable,
                   .code = "stack.no-look",
                   .message = "the events of stack " + watch.name + " cannot be read"};
    }
    for (const cloudformation::StackEvent& event : page->StackEvents) {
      known = event.EventId == watch.newest_event;
      if (known) break;
      news.push_back(event);
    }
    request.NextToken = page->NextToken;
  } while (!known && !request.NextToken.empty());
  if (!news.empty()) watch.newest_event = news.front().EventId;
  std::ranges::reverse(news);
  for (const cloudformation::StackEvent& event : news) {
    if (event.PhysicalResourceId == watch.id) {
      watch.status = event.ResourceStatus;
      watch.reason = event.ResourceStatusReason;
      continue;
    }
    watch.see({.logical_id = event.LogicalResourceId,
               .type = event.ResourceType,
               .status = event.ResourceStatus,
               .reason = event.ResourceStatusReason,
               .physical_id = event.PhysicalResourceId});
  }
  return {};
}

Result<void> Stacks::look_at_resources(Watch& watch) {
  TRY(const std::optional<LiveStack> stack, find(watch.id));
  watch.status = stack ? stack->StackStatus : "DELETE_COMPLETE";
  if (stack) watch.reason = stack->StackStatusReason;
  if (watch.status == "DELETE_COMPLETE") return {};
  TRY(std::vector<StackResource> now, resources(watch.id));
  for (StackResource& resource : now) {
    const auto known =
        std::ranges::find(watch.resources, resource.logical_id, &StackResource::logical_id);
    if (known == watch.resources.end() || known->status != resource.status)
      watch.see(std::move(resource));
  }
  return {};
}

Result<void> Stacks::look(Watch& watch) {
  return patiently(context_.clock(), timings_.patience, [&] {
    return context_.optional.is_denied(cloudformation::DescribeStackEvents.name)
               ? look_at_resources(watch)
               : look_at_events(watch);
  });
}

Result<void> Stacks::wait(Watch& watch, bool (*is_over)(std::string_view status)) {
  while (true) {
    TRY_VOID(look(watch));
    const Duration elapsed = context_.clock().now() - watch.began;
    if (show_)
      show_({.stack = watch.name,
             .status = watch.status,
             .elapsed = elapsed,
             .resources = watch.resources});
    if (is_over(watch.status)) return {};
    if (elapsed >= timings_.limit) {
      std::vector<std::string> unfinished;
      for (const StackResource& resource : watch.resources)
        if (is_in_progress(resource.status)) unfinished.push_back(in_words(resource));
      return Error{.kind = ErrorKind::kTimeout,
                   .code = "stack.too-slow",
                   .message = fmt::format(
                       "stack {} is still {} after {}; it waits for {}", watch.name, watch.status,
                       to_string(elapsed),
                       unfinished.empty() ? "nothing that can be seen" : join(unfinished, "; "))};
    }
    TRY_VOID(context_.clock().sleep_for(timings_.poll));
  }
}

// From here on only what happens now is looked at.
Result<void> Stacks::mark(Watch& watch) {
  cloudformation::DescribeStackEventsInput request;
  request.StackName = watch.id;
  const std::optional<cloudformation::DescribeStackEventsOutput> page = context_.optional.call(
      cloudformation::DescribeStackEvents, request,
      "stacks are followed by their resources, and a failed one may take its reasons with it");
  if (page && !page->StackEvents.empty()) watch.newest_event = page->StackEvents.front().EventId;
  return {};
}

// ---- Doing -------------------------------------------------------------------------------------

Result<LiveStack> Stacks::create(const NewStack& wanted) {
  cloudformation::CreateStackInput request;
  request.StackName = wanted.name;
  request.TemplateBody = wanted.template_body;
  request.Capabilities = {"CAPABILITY_NAMED_IAM"};
  request.OnFailure = "DELETE";
  request.ClientRequestToken = wanted.token;
  for (const auto& [key, value] : wanted.tags) request.Tags.push_back({.Key = key, .Value = value});
  TRY_VOID(context_.events.announce(
      {}, "cloudformation:CreateStack",
      JsonObject{{"StackName", wanted.name}, {"ClientRequestToken", wanted.token}}));
  const TimePoint began = context_.clock().now();
  TRY(const cloudformation::CreateStackOutput created,
      patiently(context_.clock(), timings_.patience, [&] {
        return context_.clients.call(cloudformation::CreateStack, request);
      }).context("creating stack " + wanted.name));
  Watch watch{.id = created.StackId,
              .name = wanted.name,
              .began = began,
              .status = "CREATE_IN_PROGRESS",
              .reason = {}};
  TRY_VOID(wait(watch, creation_is_over));
  if (watch.status == "CREATE_COMPLETE") {
    TRY(const std::optional<LiveStack> stack, find(watch.id));
    if (stack) return *stack;
  }
  std::vector<std::string> reasons;
  for (const StackResource& failure : watch.failures) reasons.push_back(in_words(failure));
  if (reasons.empty() && !watch.reason.empty()) reasons.push_back(watch.reason);
  if (reasons.empty()) reasons.push_back("no reason was given");
  std::vector<std::string> left;
  for (const StackResource& resource : watch.resources)
    if (resource.status == "DELETE_FAILED") left.push_back(in_words(resource));
  return Error{.kind = ErrorKind::kFailed,
               .code = "stack.failed",
               .message = fmt::format(
                   "stack {} was not created: {}; {}", wanted.name, join(reasons, "; "),
                   watch.status == "DELETE_COMPLETE"
                       ? "it was deleted again"
                       : fmt::format("it is {}{}{}", watch.status,
                                     left.empty() ? "" : ", left over: ", join(left, "; ")))};
}

Result<std::optional<LiveStack>> Stacks::settle(const std::string& name_or_id) {
  TRY(std::optional<LiveStack> stack, find(name_or_id));
  if (!stack || !is_in_progress(stack->StackStatus)) return stack;
  Watch watch{.id = stack->StackId,
              .name = stack->StackName,
              .began = context_.clock().now(),
              .status = stack->StackStatus,
              .reason = {}};
  TRY_VOID(wait(watch, is_settled));
  return find(name_or_id);
}

Result<void> Stacks::delete_once(const LiveStack& stack, const std::vector<std::string>& retained,
                                 Watch& watch) {
  cloudformation::DeleteStackInput request;
  request.StackName = stack.StackId;
  request.RetainResources = retained;
  TRY_VOID(context_.events.announce({}, "cloudformation:DeleteStack", to_json(aws::ref(request))));
  const Result<aws::NoAnswer> deleted = patiently(context_.clock(), timings_.patience, [&] {
    return context_.clients.call(cloudformation::DeleteStack, request);
  });
  if (!deleted && is_absent(deleted.error())) {
    watch.status = "DELETE_COMPLETE";
    return {};
  }
  if (!deleted) return Result<void>(deleted.error()).context("deleting stack " + stack.StackName);
  watch.status = "DELETE_IN_PROGRESS";
  return wait(watch, is_settled);
}

Result<void> Stacks::remove(const std::string& name_or_id,
                            const std::vector<std::string>& retained) {
  TRY(std::optional<LiveStack> stack, find(name_or_id));
  // An update cannot be stopped; a creation can.
  if (stack && is_in_progress(stack->StackStatus) && stack->StackStatus.starts_with("UPDATE")) {
    TRY(stack, settle(name_or_id));
  }
  if (!stack || stack->StackStatus == "DELETE_COMPLETE") return {};
  Watch watch{.id = stack->StackId,
              .name = stack->StackName,
              .began = context_.clock().now(),
              .status = stack->StackStatus,
              .reason = {}};
  TRY_VOID(mark(watch));
  // Resources can be retained only by a second try.
  // https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DeleteStack.html
  const bool failed_before = stack->StackStatus == "DELETE_FAILED";
  TRY_VOID(delete_once(*stack, failed_before ? retained : std::vector<std::string>(), watch));
  const auto failed = [&] {
    std::vector<StackResource> found;
    for (const StackResource& resource : watch.resources)
      if (resource.status == "DELETE_FAILED") found.push_back(resource);
    return found;
  };
  if (watch.status == "DELETE_FAILED" && !failed_before) {
    std::vector<std::string> both;
    for (const StackResource& resource : failed())
      if (std::ranges::find(retained, resource.logical_id) != retained.end())
        both.push_back(resource.logical_id);
    if (!both.empty()) TRY_VOID(delete_once(*stack, both, watch));
  }
  if (watch.status == "DELETE_COMPLETE") return {};
  std::vector<std::string> left;
  for (const StackResource& resource : failed()) left.push_back(in_words(resource));
  return Error{.kind = ErrorKind::kFailed,
               .code = "stack.not-deleted",
               .message = fmt::format("stack {} is {}: {}", watch.name, watch.status,
                                      left.empty() ? watch.reason : join(left, "; "))};
}

}  // namespace slipway
