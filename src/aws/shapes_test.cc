// Holds every shape and operation against AWS's models.
#include "aws/all_operations.h"
#include "aws/codec.h"
#include "aws/errors.h"
#include "aws/facts.h"
#include "base/runtime.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace slipway::aws {
namespace {

// AWS's name of a shape that we call otherwise.
std::string_view model_name(const Type& type) {
  return type.name == "StsCredentials" ? "Credentials" : type.name;
}

class Comparison {
 public:
  Comparison(const Facts& facts, Side side) : facts_(facts), side_(side) {}

  void compare(const Type& ours, std::string_view theirs, const std::string& path) {
    const ShapeFacts* shape = facts_.shape(theirs);
    ASSERT_NE(shape, nullptr) << theirs;
    const auto is = [&](std::initializer_list<FactKind> kinds) {
      EXPECT_TRUE(std::ranges::find(kinds, shape->kind) != kinds.end())
          << path << " has another type in AWS's model";
    };
    switch (ours.kind) {
      case Kind::kString:
        return is({FactKind::kString});
      case Kind::kInt:
        return is({FactKind::kInteger});
      case Kind::kLong:
        return is({FactKind::kLong});
      case Kind::kDouble:
        return is({FactKind::kDouble, FactKind::kFloat});
      case Kind::kBool:
        return is({FactKind::kBoolean});
      case Kind::kTime:
        return is({FactKind::kTimestamp});
      case Kind::kDocument:
        return is({FactKind::kStructure, FactKind::kList, FactKind::kMap});
      case Kind::kOptional:
        return compare(*ours.element, theirs, path);
      case Kind::kList:
        is({FactKind::kList});
        return compare(*ours.element, shape->element, path + "[]");
      case Kind::kMap:
        is({FactKind::kMap});
        return compare(*ours.element, shape->element, path + ".*");
      case Kind::kShape:
        is({FactKind::kStructure});
        return compare_members(ours, *shape, path);
    }
  }

 private:
  void compare_members(const Type& ours, const ShapeFacts& shape, const std::string& path) {
    std::set<std::string_view> names;
    for (const Member& member : ours.members) {
      const std::string below = fmt::format("{}.{}", path, member.name);
      EXPECT_TRUE(names.insert(member.name).second) << below << " is there twice";
      const MemberFacts* model = shape.find(member.name);
      if (model == nullptr) {
        ADD_FAILURE() << below << " is not in AWS's model";
        continue;
      }
      compare(*member.type, model->shape, below);
      if (side_ == Side::kRequest && !model->is_required) {
        EXPECT_TRUE(can_be_left_out(*member.type)) << below << " would always be sent";
      }
    }
    if (side_ == Side::kRequest) {
      for (const MemberFacts& model : shape.members)
        EXPECT_TRUE(!model.is_required || names.contains(model.name))
            << path << " lacks " << model.name << ", which AWS requires";
    }
  }

  static bool can_be_left_out(const Type& type) {
    switch (type.kind) {
      case Kind::kString:
      case Kind::kDocument:
      case Kind::kOptional:
      case Kind::kList:
      case Kind::kMap:
        return true;
      case Kind::kInt:
      case Kind::kLong:
      case Kind::kDouble:
      case Kind::kBool:
      case Kind::kTime:
      case Kind::kShape:
        return false;
    }
    return false;
  }

  const Facts& facts_;
  Side side_;
};

TEST(Shapes, HaveTheMembersAndTypesOfAwsModels) {
  for_each_operation([]<class Req, class Resp>(const Operation<Req, Resp>& operation) {
    SCOPED_TRACE(operation.name);
    const Facts& facts = Facts::of(operation.service);
    const OperationFacts* model = facts.operation(operation.name);
    ASSERT_NE(model, nullptr);
    if (kTypeOf<Req>.kind != Kind::kDocument) {  // then the request is the user's document
      EXPECT_EQ(kTypeOf<Req>.name, model->input);
    }
    Comparison(facts, Side::kRequest).compare(kTypeOf<Req>, model->input, model->input);
    EXPECT_EQ(kTypeOf<Resp>.name, model->output.empty() ? "NoAnswer" : model->output);
    if (model->output.empty()) return;
    Comparison(facts, Side::kAnswer).compare(kTypeOf<Resp>, model->output, model->output);
  });
}

// One word finds the code, the log line and the AWS page.
TEST(Shapes, AreNamedAsAwsNamesThem) {
  std::set<const Type*> seen;
  const std::function<void(const Facts&, const Type&, std::string_view)> visit =
      [&](const Facts& facts, const Type& type, std::string_view theirs) {
        const ShapeFacts& shape = *facts.shape(theirs);
        if (type.element != nullptr)
          return visit(facts, *type.element,
                       type.kind == Kind::kOptional ? theirs : std::string_view(shape.element));
        if (type.kind != Kind::kShape || !seen.insert(&type).second) return;
        EXPECT_EQ(model_name(type), theirs);
        for (const Member& member : type.members)
          if (const MemberFacts* model = shape.find(member.name))
            visit(facts, *member.type, model->shape);
      };
  for_each_operation([&]<class Req, class Resp>(const Operation<Req, Resp>& operation) {
    const Facts& facts = Facts::of(operation.service);
    const std::string& output = facts.operation(operation.name)->output;
    if (!output.empty()) visit(facts, kTypeOf<Resp>, output);
  });
  EXPECT_GE(seen.size(), 30u);
}

TEST(Operations, AreSignedTokenedAndPagedAsTheModelsSay) {
  for_each_operation([]<class Req, class Resp>(const Operation<Req, Resp>& operation) {
    SCOPED_TRACE(operation.name);
    const Facts& facts = Facts::of(operation.service);
    const OperationFacts& model = *facts.operation(operation.name);
    EXPECT_EQ(operation.is_signed, model.is_signed);

    std::string_view token;
    for (const MemberFacts& member : facts.shape(model.input)->members)
      if (member.is_idempotency_token) token = member.name;
    EXPECT_EQ(operation.repeat == Repeat::kToken, !token.empty());
    EXPECT_EQ(operation.token != nullptr, !token.empty());
    if (operation.token != nullptr) {
      Req request{};
      request.*operation.token = "x";
      EXPECT_EQ(encode_json(ref(request), Side::kRequest), fmt::format(R"({{"{}":"x"}})", token));
    }

    // ListServiceDeployments pages, but botocore has no paginator for it. Where to go on may also
    // be several members (Route 53's records) or a map (DynamoDB's items): then it is done by hand.
    const Json* paginator = facts.paginator(operation.name);
    const MemberFacts* where =
        paginator == nullptr
            ? nullptr
            : facts.shape(model.input)->find(string_or_empty(*paginator, "input_token"));
    const bool pages_by_text =
        where != nullptr && facts.shape(where->shape)->kind == FactKind::kString;
    EXPECT_EQ(operation.page_request != nullptr,
              pages_by_text || operation.name == "ListServiceDeployments");
    EXPECT_EQ(operation.page_response != nullptr, operation.page_request != nullptr);
    if (operation.page_request != nullptr) {
      Req request{};
      request.*operation.page_request = "x";
      const std::string_view name =
          paginator ? string_or_empty(*paginator, "input_token") : "nextToken";
      const Json document = parse_json(encode_json(ref(request), Side::kRequest)).value();
      EXPECT_EQ(string_or_empty(document, name), "x");
    }
  });
}

// Route 53's model says it with the operations that have a body.
std::string xml_namespace(const ServiceFacts& service) {
  const Facts& facts = Facts::of(service);
  std::string found(string_or_empty(facts.metadata(), "xmlNamespace"));
  for (const std::string_view operation : facts.operation_names())
    if (found.empty()) found = facts.operation(operation)->xml_namespace;
  return found;
}

TEST(Services, SpeakAsTheModelsSay) {
  for (const ServiceFacts* service : kServices) {
    SCOPED_TRACE(service->id);
    const Json& model = Facts::of(*service).metadata();
    EXPECT_EQ(service->api_version, string_or_empty(model, "apiVersion"));
    EXPECT_EQ(service->target_prefix, string_or_empty(model, "targetPrefix"));
    EXPECT_EQ(service->xml_namespace, xml_namespace(*service));
    EXPECT_EQ(service->signing_name, string_or_empty(model, "signingName"));
    const std::string protocol = fmt::format("{}{}", string_or_empty(model, "protocol"),
                                             string_or_empty(model, "jsonVersion"));
    EXPECT_EQ(service->protocol, protocol == "query"          ? Protocol::kQuery
                                 : protocol == "ec2"          ? Protocol::kEc2
                                 : protocol == "rest-xml"     ? Protocol::kRestXml
                                 : protocol == "rest-json1.1" ? Protocol::kRestJson
                                 : protocol == "json1.0"      ? Protocol::kJson10
                                                              : Protocol::kJson11);
    EXPECT_EQ(find_service_facts(service->id), service);
  }
  EXPECT_EQ(find_service_facts("s3"), nullptr);
}

// What rest.h leaves out is in no model.
TEST(Services, WithPathsNeedNoMoreThanTheCodecHas) {
  for (const ServiceFacts* service : kServices) {
    const bool is_xml = service->protocol == Protocol::kRestXml;
    if (!is_xml && service->protocol != Protocol::kRestJson) continue;
    SCOPED_TRACE(service->id);
    const Facts& facts = Facts::of(*service);
    for (const std::string_view name : facts.shape_names()) {
      EXPECT_TRUE(!is_xml || facts.shape(name)->payload.empty()) << name;
      for (const MemberFacts& member : facts.shape(name)->members) {
        EXPECT_NE(member.location, "headers") << name << "." << member.name;
        if (member.location.empty() && !is_xml) {
          EXPECT_EQ(member.wire_name, member.name) << name;
        }
      }
    }
  }
}

// What xml_document.h leaves out is in no model.
TEST(Services, WithXmlHaveNoAttributesAndNoFlattenedLists) {
  for (const ServiceFacts* service : kServices) {
    if (service->xml_namespace.empty()) continue;
    const std::string model =
        read_file(fmt::format("{}/models/{}.json", SLIPWAY_SOURCE_DIR, service->id)).value();
    EXPECT_EQ(model.find("xmlAttribute"), std::string::npos) << service->id;
    EXPECT_EQ(model.find("flattened"), std::string::npos) << service->id;
  }
}

TEST(Values, AreThoseOfAwsEnums) {
  struct Case {
    const ServiceFacts& service;
    std::string_view shape;
    std::set<std::string_view> ours;
  };
  for (const auto& [service, shape, ours] : {
           Case{kEcs,
                "DeploymentRolloutState",
                {DeploymentRolloutState::kCompleted, DeploymentRolloutState::kFailed,
                 DeploymentRolloutState::kInProgress}},
           Case{kEcs,
                "DeploymentControllerType",
                {DeploymentControllerType::kEcs, DeploymentControllerType::kCodeDeploy,
                 DeploymentControllerType::kExternal}},
           Case{kEcs,
                "ServiceDeploymentStatus",
                {ServiceDeploymentStatus::kPending, ServiceDeploymentStatus::kSuccessful,
                 ServiceDeploymentStatus::kStopped, ServiceDeploymentStatus::kStopRequested,
                 ServiceDeploymentStatus::kInProgress, ServiceDeploymentStatus::kRollbackRequested,
                 ServiceDeploymentStatus::kRollbackInProgress,
                 ServiceDeploymentStatus::kRollbackSuccessful,
                 ServiceDeploymentStatus::kRollbackFailed}},
           Case{kEcs,
                "ServiceDeploymentRollbackMonitorsStatus",
                {ServiceDeploymentRollbackMonitorsStatus::kTriggered,
                 ServiceDeploymentRollbackMonitorsStatus::kMonitoring,
                 ServiceDeploymentRollbackMonitorsStatus::kMonitoringComplete,
                 ServiceDeploymentRollbackMonitorsStatus::kDisabled}},
           Case{kEcs,
                "TaskStopCode",
                {TaskStopCode::kTaskFailedToStart, TaskStopCode::kEssentialContainerExited,
                 TaskStopCode::kUserInitiated, TaskStopCode::kServiceSchedulerInitiated,
                 TaskStopCode::kSpotInterruption, TaskStopCode::kTerminationNotice}},
           Case{kEvents,
                "RuleState",
                {RuleState::kEnabled, RuleState::kDisabled,
                 RuleState::kEnabledWithAllCloudTrailManagementEvents}},
           Case{kScheduler, "ScheduleState", {ScheduleState::kEnabled, ScheduleState::kDisabled}},
           Case{kLogs, "OrderBy", {OrderBy::kLogStreamName, OrderBy::kLastEventTime}},
       }) {
    SCOPED_TRACE(shape);
    const ShapeFacts* model = Facts::of(service).shape(shape);
    ASSERT_NE(model, nullptr);
    EXPECT_EQ(std::set<std::string_view>(model->values.begin(), model->values.end()), ours);
  }
}

// Names that leave no doubt.
bool says_invalid(std::string_view code) {
  for (const std::string_view beginning :
       {"Invalid", "Incompatible", "TooMany", "Unsupported", "Malformed"})
    if (code.starts_with(beginning)) return true;
  for (const std::string_view end :
       {"RequiredException", "LimitExceeded", "LimitExceededException", "LimitsExceeded",
        "QuotaExceeded", "TooLongException", "TooLarge"})
    if (code.ends_with(end)) return true;
  return false;
}

// An exception that AWS documents for an operation of ours has a kind on purpose.
TEST(Exceptions, OfOurOperationsAreKnownByKind) {
  const std::set<std::string_view> invalid{
      // What is left to "the request is wrong; repeating it cannot help".
      "AvailabilityZoneNotSupported",
      "ClientException",
      "DecryptionFailure",
      "DelegationSetNotAvailable",
      "DelegationSetNotReusable",
      "DeploymentIsNotInReadyStateException",
      "DeploymentNotStartedException",
      "DeploymentTargetListSizeExceededException",
      "EncryptionFailure",
      "FailedResourceAccessException",
      "HierarchyTypeMismatchException",
      "InsufficientCapabilitiesException",
      "MissingParameter",
      "OperationNotPermitted",
      "ParameterPatternMismatchException",
      "PolicyNotAttachable",
      "PreconditionNotMetException",
      "PublicZoneVPCAssociation",
      "TargetGroupAssociationLimit",
      "TrustStoreNotReady",
      "UnableToGetUpstreamImageException",
      "UnmodifiableEntity",
      "InvalidParameterException",
      "UnsupportedFeatureException",
      "LimitExceededException",
      "PlatformUnknownException",
      "PlatformTaskDefinitionIncompatibilityException",
      "DataAlreadyAcceptedException",
      "EndpointDisabled",
      "FilterPolicyLimitExceeded",
      "InvalidEventPatternException",
      "InvalidParameter",
      "InvalidSequenceTokenException",
      "InvalidState",
      "KMSDisabled",
      "KMSInvalidState",
      "ManagedRuleException",  // only the AWS service that made the rule may change it
      "ParameterValueInvalid",
      "PlatformApplicationDisabled",
      "ReplayLimitExceeded",
      "ServiceQuotaExceededException",
      "StaleTag",
      "SubscriptionLimitExceeded",
      "TagLimitExceeded",
      "TagPolicy",
      "TopicLimitExceeded",
      "ValidationException",
      "MalformedPolicyDocument",
      "PackedPolicyTooLarge"};
  for_each_operation([&](const auto& operation) {
    const Facts& facts = Facts::of(operation.service);
    for (const std::string& name : facts.operation(operation.name)->errors) {
      const ShapeFacts& exception = *facts.shape(name);
      if (says_invalid(exception.error_code)) continue;
      EXPECT_EQ(kind_of_code(exception.error_code, exception.error_status) == ErrorKind::kInvalid,
                invalid.contains(exception.error_code))
          << exception.error_code;
    }
  });
}

}  // namespace
}  // namespace slipway::aws
