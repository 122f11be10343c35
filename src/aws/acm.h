// AWS Certificate Manager. shapes_test.cc holds the shapes against models/acm.json.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"
#include "base/time.h"

#include <optional>
#include <string>
#include <vector>

namespace slipway::aws::acm {

struct Filters {
  std::vector<std::string> extendedKeyUsage;
  std::vector<std::string> keyUsage;
  std::vector<std::string> keyTypes;
  std::string exportOption;
  std::string managedBy;
  bool operator==(const Filters&) const = default;
};
SHAPE(Filters, extendedKeyUsage, keyUsage, keyTypes, exportOption, managedBy);

struct CertificateSummary {
  std::string CertificateArn;
  std::string DomainName;
  std::vector<std::string> SubjectAlternativeNameSummaries;
  bool HasAdditionalSubjectAlternativeNames = false;
  std::string Status;
  std::string Type;
  std::string KeyAlgorithm;
  bool InUse = false;
  TimePoint NotAfter{};
  bool operator==(const CertificateSummary&) const = default;
};
SHAPE(CertificateSummary, CertificateArn, DomainName, SubjectAlternativeNameSummaries,
      HasAdditionalSubjectAlternativeNames, Status, Type, KeyAlgorithm, InUse, NotAfter);

// Without a key type in Includes: only RSA_1024 and RSA_2048.
// https://docs.aws.amazon.com/acm/latest/APIReference/API_ListCertificates.html
struct ListCertificatesRequest {
  std::vector<std::string> CertificateStatuses;
  std::optional<Filters> Includes;
  std::string NextToken;
  std::optional<int> MaxItems;
  std::string SortBy;
  std::string SortOrder;
  bool operator==(const ListCertificatesRequest&) const = default;
};
SHAPE(ListCertificatesRequest, CertificateStatuses, Includes, NextToken, MaxItems, SortBy,
      SortOrder);

struct ListCertificatesResponse {
  std::string NextToken;
  std::vector<CertificateSummary> CertificateSummaryList;
  bool operator==(const ListCertificatesResponse&) const = default;
};
SHAPE(ListCertificatesResponse, NextToken, CertificateSummaryList);

inline constexpr Operation<ListCertificatesRequest, ListCertificatesResponse> ListCertificates{
    .service = kAcm,
    .name = "ListCertificates",
    .repeat = Repeat::kRead,
    .page_request = &ListCertificatesRequest::NextToken,
    .page_response = &ListCertificatesResponse::NextToken};

struct CertificateDetail {
  std::string CertificateArn;
  std::string DomainName;
  std::vector<std::string> SubjectAlternativeNames;
  std::string Status;
  TimePoint NotBefore{};
  TimePoint NotAfter{};
  std::string KeyAlgorithm;
  std::vector<std::string> InUseBy;
  std::string FailureReason;
  std::string Type;
  bool operator==(const CertificateDetail&) const = default;
};
SHAPE(CertificateDetail, CertificateArn, DomainName, SubjectAlternativeNames, Status, NotBefore,
      NotAfter, KeyAlgorithm, InUseBy, FailureReason, Type);

// https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html
struct DescribeCertificateRequest {
  std::string CertificateArn;
  bool operator==(const DescribeCertificateRequest&) const = default;
};
SHAPE(DescribeCertificateRequest, CertificateArn);

struct DescribeCertificateResponse {
  CertificateDetail Certificate;
  bool operator==(const DescribeCertificateResponse&) const = default;
};
SHAPE(DescribeCertificateResponse, Certificate);

inline constexpr Operation<DescribeCertificateRequest, DescribeCertificateResponse>
    DescribeCertificate{kAcm, "DescribeCertificate", Repeat::kRead};

}  // namespace slipway::aws::acm
