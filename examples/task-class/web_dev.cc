// The application `web` in its development environment. What all environments share is in a class
// of its own; each attribute that a class sets replaces the inherited one.
//
//   ./web_dev debug
//   ./web_dev deploy 1.4.2 --sim
#include <slipway/ecs_task.h>
#include <string>

namespace {

const std::string kCluster = "prod";

struct Web : slipway::EcsTask {
  Web() {
    active_task_count = 5;
    task_definition = Object{
        {"family", "web"},
        {"executionRoleArn", "arn:aws:iam::111111111111:role/ecsTaskExecutionRole"},
        {"requiresCompatibilities", List{"FARGATE"}},
        {"networkMode", "awsvpc"},
        {"cpu", "256"},
        {"memory", "512"},
        {"containerDefinitions",
         List{Object{{"name", "app"},
                     {"image", "my_image:{image_tag}"},
                     {"portMappings", List{Object{{"containerPort", 8080}}}},
                     {"essential", true}}}},
    };
  }
};

struct WebDev : Web {
  WebDev() {
    name = "WebDev";
    run_tasks = {Object{
        {"cluster", kCluster},
        {"launchType", "FARGATE"},
        {"networkConfiguration",
         slipway::Value::json(R"({"awsvpcConfiguration": {"subnets": ["subnet-0a1b2c3d"]}})")},
        {"overrides",
         Object{{"containerOverrides",
                 List{Object{{"name", "app"}, {"command", List{"./manage.py", "migrate"}}}}}}},
    }};
    update_services = {Object{{"service", "web"}, {"cluster", kCluster}}};
  }
};

}  // namespace

int main(int argc, char** argv) { return WebDev().main(argc, argv); }
