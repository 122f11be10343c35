#include "aws/errors.h"

#include "aws/service.h"

#include <gtest/gtest.h>

namespace slipway::aws {
namespace {

TEST(ErrorKinds, OfAwsCodesSayWhatCanBeDone) {
  struct Case {
    std::string_view code;
    int status;
    std::string_view message;
    ErrorKind wanted;
  };
  for (const auto& [code, status, message, wanted] : {
           Case{"AccessDeniedException", 400, "", ErrorKind::kDenied},
           Case{"AccessDenied", 403, "", ErrorKind::kDenied},
           Case{"UnrecognizedClientException", 400, "", ErrorKind::kDenied},
           Case{"InvalidClientTokenId", 403, "", ErrorKind::kDenied},
           Case{"ExpiredTokenException", 400, "", ErrorKind::kDenied},
           Case{"InvalidSignatureException", 400, "", ErrorKind::kDenied},
           Case{"MissingAuthenticationTokenException", 400, "", ErrorKind::kDenied},
           Case{"BlockedException", 400, "", ErrorKind::kDenied},
           Case{"ThrottlingException", 400, "", ErrorKind::kThrottled},
           Case{"Throttling", 400, "", ErrorKind::kThrottled},
           Case{"ClusterNotFoundException", 400, "", ErrorKind::kNotFound},
           Case{"ServiceNotFoundException", 400, "", ErrorKind::kNotFound},
           Case{"ServiceDeploymentNotFoundException", 400, "", ErrorKind::kNotFound},
           Case{"TargetGroupNotFound", 400, "", ErrorKind::kNotFound},
           Case{"NoSuchEntity", 404, "", ErrorKind::kNotFound},
           Case{"ServiceNotActiveException", 400, "", ErrorKind::kConflict},
           Case{"ConflictException", 400, "", ErrorKind::kConflict},
           Case{"UpdateInProgressException", 400, "", ErrorKind::kConflict},
           Case{"ServerException", 500, "", ErrorKind::kUnavailable},
           Case{"InternalFailure", 500, "", ErrorKind::kUnavailable},
           Case{"ServiceUnavailable", 503, "", ErrorKind::kUnavailable},
           Case{"RequestTimeoutException", 400, "", ErrorKind::kUnavailable},
           Case{"ClientException", 400, "TaskDefinition is inactive", ErrorKind::kInvalid},
           Case{"ClientException", 400, "Unable to describe task definition.",
                ErrorKind::kNotFound},
           Case{"ClientException", 400, "TaskDefinition not found.", ErrorKind::kNotFound},
           Case{"InvalidParameterException", 400, "The referenced task was not found.",
                ErrorKind::kNotFound},
           Case{"InvalidParameterException", 400, "Creation of service was not idempotent.",
                ErrorKind::kConflict},
           Case{"InvalidParameterException", 400, "Tasks cannot be empty.", ErrorKind::kInvalid},
           Case{"LimitExceededException", 400, "", ErrorKind::kInvalid},
           Case{"UnknownOperationException", 400, "", ErrorKind::kInvalid},
           Case{"SerializationException", 400, "", ErrorKind::kInvalid},
           Case{"SomethingNewException", 400, "", ErrorKind::kInvalid},
           Case{"SomethingNewException", 500, "", ErrorKind::kUnavailable},
       }) {
    SCOPED_TRACE(testing::Message() << code << " " << message);
    EXPECT_EQ(kind_of_code(code, status, message), wanted);
  }
}

TEST(Denials, NameActionResourceAndReason) {
  struct Case {
    std::string_view message;
    std::string_view action;
    std::string_view resource;
    std::string_view because;
  };
  for (const auto& [message, action, resource, because] : {
           Case{"User: arn:aws:sts::1:assumed-role/R/S is not authorized to perform: "
                "ecs:UpdateService on resource: arn:aws:ecs:eu-west-1:1:service/c/s because no "
                "identity-based policy allows the ecs:UpdateService action",
                "ecs:UpdateService", "arn:aws:ecs:eu-west-1:1:service/c/s",
                "no identity-based policy allows the ecs:UpdateService action"},
           Case{"User: u is not authorized to perform: ecs:RunTask on resource: * with an explicit "
                "deny in a service control policy",
                "ecs:RunTask", "*", "an explicit deny in a service control policy"},
           Case{"User: u is not authorized to perform: sts:AssumeRole on resource: role/deploy",
                "sts:AssumeRole", "role/deploy", ""},
           Case{"User: u is not authorized to perform: ecs:ListClusters", "ecs:ListClusters", "",
                ""},
       }) {
    SCOPED_TRACE(message);
    const auto denial = parse_denial(message);
    ASSERT_TRUE(denial);
    EXPECT_EQ(denial->action, action);
    EXPECT_EQ(denial->resource, resource);
    EXPECT_EQ(denial->because, because);
  }
  EXPECT_FALSE(parse_denial("No."));
  EXPECT_FALSE(parse_denial("not authorized to perform: "));
}

constexpr CallFacts kRegister{.service = kEcs, .operation = "RegisterTaskDefinition"};
constexpr std::string_view kEndpoint = "https://ecs.example";

TEST(ErrorsOfAnswers, CarryOperationCodeStatusAndRequestId) {
  const Error error = error_of_answer(
      kRegister, kEndpoint,
      {400,
       {{"x-amzn-RequestId", "6d1f02c8"}},
       R"({"__type":"com.amazonaws.ecs#ClientException","message":"Too many revisions."})"});
  EXPECT_EQ(error, (Error{.kind = ErrorKind::kInvalid,
                          .code = "ClientException",
                          .message = "Too many revisions.",
                          .operation = "ecs:RegisterTaskDefinition",
                          .request_id = "6d1f02c8",
                          .http_status = 400}));
}

TEST(ErrorsOfAnswers, NameTheActionThatWasDenied) {
  const Error error = error_of_answer(
      kRegister, kEndpoint,
      {400,
       {},
       R"({"__type":"AccessDeniedException","message":"User: arn:aws:iam::1:user/ci is not )"
       R"(authorized to perform: iam:PassRole on resource: arn:aws:iam::1:role/x because )"
       R"(no identity-based policy allows the iam:PassRole action"})"});
  EXPECT_EQ(error.kind, ErrorKind::kDenied);
  EXPECT_EQ(error.code, "AccessDeniedException");
  EXPECT_EQ(error.message,
            "access denied to iam:PassRole on arn:aws:iam::1:role/x: "
            "no identity-based policy allows the iam:PassRole action");
}

TEST(ErrorsOfAnswers, TakeTheCodeFromHeadersWhereTheBodyHasNone) {
  EXPECT_EQ(error_of_answer(kRegister, kEndpoint,
                            {400, {{"x-amzn-ErrorType", "ClientException:http://x"}}, "{}"})
                .code,
            "ClientException");
  EXPECT_EQ(error_of_answer(kRegister, kEndpoint,
                            {400,
                             {{"x-amzn-query-error", "ResourceNotFound;Sender"}},
                             R"({"__type":"com.amazonaws.cloudwatch#ResourceNotFoundException"})"})
                .code,
            "ResourceNotFound");
}

TEST(ErrorsOfAnswers, WithoutAMessageSayWhatIsKnown) {
  EXPECT_EQ(
      error_of_answer(kRegister, kEndpoint, {400, {}, R"({"__type":"ClientException"})"}).message,
      "https://ecs.example refused RegisterTaskDefinition with ClientException and no further "
      "word");
}

TEST(ErrorsOfAnswers, GoByTheBodyAndNotByItsContentType) {
  EXPECT_EQ(error_of_answer(kRegister, kEndpoint,
                            {400,
                             {{"Content-Type", "text/html; charset=utf-8"}},
                             R"({"__type":"ClientException","message":"No."})"})
                .code,
            "ClientException");
}

TEST(ErrorsOfAnswers, ReadXmlFromQueryServices) {
  const Error error = error_of_answer(
      {.service = kSts, .operation = "AssumeRole"}, "https://sts.example",
      {403,
       {},
       "<ErrorResponse><Error><Code>AccessDenied</Code><Message>User: u is not authorized "
       "to perform: sts:AssumeRole on resource: r</Message></Error>"
       "<RequestId>r-7</RequestId></ErrorResponse>"});
  EXPECT_EQ(error.code, "AccessDenied");
  EXPECT_EQ(error.request_id, "r-7");
  EXPECT_EQ(error.operation, "sts:AssumeRole");
  EXPECT_EQ(error.message, "access denied to sts:AssumeRole on r");
}

TEST(ErrorsOfAnswers, ShowNoHalfCharactersAndNoControlCharacters) {
  std::string body(99, 'a');
  body += "ü and more";
  EXPECT_EQ(error_of_answer(kRegister, kEndpoint, {404, {}, body}).message,
            "https://ecs.example answered 404 with \"" + std::string(99, 'a') + "...\"");
  EXPECT_EQ(error_of_answer(kRegister, kEndpoint, {404, {}, "\x1b[31mred"}).message,
            "https://ecs.example answered 404 with \" [31mred\"");
}

}  // namespace
}  // namespace slipway::aws
