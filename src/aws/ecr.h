// Amazon ECR: repositories and the images in them. shapes_test.cc holds the shapes against
// models/ecr.json.
#pragma once

#include "aws/operation.h"
#include "aws/shape.h"
#include "base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace slipway::aws::ecr {

struct Repository {
  std::string repositoryArn;
  std::string registryId;
  std::string repositoryName;
  std::string repositoryUri;
  TimePoint createdAt{};
  std::string imageTagMutability;
  bool operator==(const Repository&) const = default;
};
SHAPE(Repository, repositoryArn, registryId, repositoryName, repositoryUri, createdAt,
      imageTagMutability);

// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html
struct DescribeRepositoriesRequest {
  std::string registryId;
  std::vector<std::string> repositoryNames;
  std::string nextToken;
  std::optional<int> maxResults;
  bool operator==(const DescribeRepositoriesRequest&) const = default;
};
SHAPE(DescribeRepositoriesRequest, registryId, repositoryNames, nextToken, maxResults);

struct DescribeRepositoriesResponse {
  std::vector<Repository> repositories;
  std::string nextToken;
  bool operator==(const DescribeRepositoriesResponse&) const = default;
};
SHAPE(DescribeRepositoriesResponse, repositories, nextToken);

inline constexpr Operation<DescribeRepositoriesRequest, DescribeRepositoriesResponse>
    DescribeRepositories{.service = kEcr,
                         .name = "DescribeRepositories",
                         .repeat = Repeat::kRead,
                         .page_request = &DescribeRepositoriesRequest::nextToken,
                         .page_response = &DescribeRepositoriesResponse::nextToken};

struct ImageIdentifier {
  std::string imageDigest;
  std::string imageTag;
  bool operator==(const ImageIdentifier&) const = default;
};
SHAPE(ImageIdentifier, imageDigest, imageTag);

struct DescribeImagesFilter {
  std::string tagStatus;
  std::string imageStatus;
  bool operator==(const DescribeImagesFilter&) const = default;
};
SHAPE(DescribeImagesFilter, tagStatus, imageStatus);

struct ImageDetail {
  std::string registryId;
  std::string repositoryName;
  std::string imageDigest;
  std::vector<std::string> imageTags;
  std::int64_t imageSizeInBytes = 0;
  TimePoint imagePushedAt{};
  std::string imageManifestMediaType;
  std::string artifactMediaType;
  bool operator==(const ImageDetail&) const = default;
};
SHAPE(ImageDetail, registryId, repositoryName, imageDigest, imageTags, imageSizeInBytes,
      imagePushedAt, imageManifestMediaType, artifactMediaType);

// An image that is asked for and missing is ImageNotFoundException.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html
struct DescribeImagesRequest {
  std::string registryId;
  std::string repositoryName;
  std::vector<ImageIdentifier> imageIds;
  std::string nextToken;
  std::optional<int> maxResults;
  std::optional<DescribeImagesFilter> filter;
  bool operator==(const DescribeImagesRequest&) const = default;
};
SHAPE(DescribeImagesRequest, registryId, repositoryName, imageIds, nextToken, maxResults, filter);

struct DescribeImagesResponse {
  std::vector<ImageDetail> imageDetails;
  std::string nextToken;
  bool operator==(const DescribeImagesResponse&) const = default;
};
SHAPE(DescribeImagesResponse, imageDetails, nextToken);

inline constexpr Operation<DescribeImagesRequest, DescribeImagesResponse> DescribeImages{
    .service = kEcr,
    .name = "DescribeImages",
    .repeat = Repeat::kRead,
    .page_request = &DescribeImagesRequest::nextToken,
    .page_response = &DescribeImagesResponse::nextToken};

struct Image {
  std::string registryId;
  std::string repositoryName;
  ImageIdentifier imageId;
  std::string imageManifest;
  std::string imageManifestMediaType;
  bool operator==(const Image&) const = default;
};
SHAPE(Image, registryId, repositoryName, imageId, imageManifest, imageManifestMediaType);

struct ImageFailure {
  ImageIdentifier imageId;
  std::string failureCode;
  std::string failureReason;
  bool operator==(const ImageFailure&) const = default;
};
SHAPE(ImageFailure, imageId, failureCode, failureReason);

// An image that is missing is one of the failures.
// https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html
struct BatchGetImageRequest {
  std::string registryId;
  std::string repositoryName;
  std::vector<ImageIdentifier> imageIds;
  std::vector<std::string> acceptedMediaTypes;
  bool operator==(const BatchGetImageRequest&) const = default;
};
SHAPE(BatchGetImageRequest, registryId, repositoryName, imageIds, acceptedMediaTypes);

struct BatchGetImageResponse {
  std::vector<Image> images;
  std::vector<ImageFailure> failures;
  bool operator==(const BatchGetImageResponse&) const = default;
};
SHAPE(BatchGetImageResponse, images, failures);

inline constexpr Operation<BatchGetImageRequest, BatchGetImageResponse> BatchGetImage{
    kEcr, "BatchGetImage", Repeat::kRead};

}  // namespace slipway::aws::ecr
