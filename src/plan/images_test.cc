#include "plan/images.h"

#include "plan/derive.h"

#include <gtest/gtest.h>

namespace slipway {
namespace {

Json definition(const std::vector<ContainerImage>& images) {
  JsonArray containers;
  for (const auto& [name, image] : images)
    containers.push_back(JsonObject{{"name", name}, {"image", image}});
  return JsonObject{{"family", "web"}, {"containerDefinitions", std::move(containers)}};
}

// The images that come of it, or the error's text.
std::string derived(const Json& document, const Result<std::vector<ImageChange>>& changes) {
  if (!changes) return changes.error().message;
  return to_string(
      images_of(*derive(TaskDefinitionDocument{document, "web:7"}, *changes).value().document));
}

TEST(ChangeRepository, ChangesWhatUsesItAndNothingElse) {
  const std::string digest = "@sha256:" + std::string(64, 'a');
  struct Case {
    std::string image, current, wanted;
  };
  for (const auto& [image, current, wanted] : std::vector<Case>{
           {"redis:9", "redis:5", "redis:9"},
           {"redis:9", "redis", "redis:9"},
           {"redis:9", "redis" + digest, "redis:9"},
           {"redis:9", "bitnami/redis:6", ""},
           {"redis:9", "my-redis:4", ""},
           {"redis:9", "reg:5000/redis:1", ""},
           {"redis:9", "redis-x:1", ""},
           {"redis:9", "${IMAGE}", ""},
           {"repo/app:9", "repo/app:1" + digest, "repo/app:9"},
       }) {
    SCOPED_TRACE(image + " for " + current);
    const Json document = definition({{"app", current}, {"log", "fluent:2"}});
    const std::string came =
        derived(document, change_repository_to(parse_image(image).value(), document, {}, "web:7"));
    EXPECT_EQ(came, wanted.empty() ? "no container of web:7 uses the repository redis; there is "
                                     "app (" +
                                         current + "), log (fluent:2)"
                                   : "app (" + wanted + "), log (fluent:2)");
  }
}

TEST(ChangeRepository, GoesToAnotherOnlyWhereItIsClearWhichContainerIsMeant) {
  const ImageReference image = parse_image("new.io/app:2").value();
  const Json one = definition({{"app", "old.io/app:1"}});
  const Json two = definition({{"app", "old.io/app:1"}, {"log", "fluent:2"}});
  const WhichContainers any{.may_change_repository = true};
  const WhichContainers app{.named = {"app"}, .may_change_repository = true};
  EXPECT_EQ(derived(one, change_repository_to(image, one, any, "web:7")), "app (new.io/app:2)");
  EXPECT_EQ(derived(two, change_repository_to(image, two, app, "web:7")),
            "app (new.io/app:2), log (fluent:2)");
  EXPECT_EQ(derived(two, change_repository_to(image, two, any, "web:7")),
            "no container of web:7 uses the repository new.io/app; there is app (old.io/app:1), "
            "log (fluent:2). Name the container that is to change");
  EXPECT_EQ(derived(two, change_repository_to(image, two, {.named = {"ap"}}, "web:7")),
            "web:7 has no container named ap; it has app, log. Did you mean app?");
}

// Section 3.4 of the specification of ecs-deploy.
TEST(ChangeTags, KeepsEveryRepository) {
  const Json document = definition({{"app", "reg:5000/app"},
                                    {"web", "app@sha256:" + std::string(64, 'a')},
                                    {"log", "app"},
                                    {"side", "side.io/car:1"}});
  EXPECT_EQ(derived(document, change_tags_to("9", document, {}, "web:7")),
            "app (reg:5000/app:9), web (app:9), log (app:9), side (side.io/car:9)");
  EXPECT_EQ(derived(document, change_tags_to("9", document, {.named = {"side"}}, "web:7")),
            "app (reg:5000/app), web (app@sha256:" + std::string(64, 'a') +
                "), log (app), side (side.io/car:9)");
  EXPECT_EQ(derived(document, change_tags_to("9", document, {.named = {"x"}}, "web:7")),
            "web:7 has no container named x; it has app, web, log, side");
}

}  // namespace
}  // namespace slipway
