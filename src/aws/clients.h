// The clients of one identity: one for each service and region, made when first asked for. They
// share credentials, budget and observer.
#pragma once

#include "aws/client.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace slipway::aws {

class Clients {
 public:
  // How a service is reached in a region: kInvalid when there is no endpoint for it.
  using Reach =
      std::function<Result<ClientSettings>(const ServiceFacts& service, const std::string& region)>;

  // Borrows all but `region`, the one that is meant when none is named, and `reach`.
  Clients(Runtime& runtime, std::string region, Reach reach, CredentialsProvider& credentials,
          Budget& budget, CallObserver* observer = nullptr);
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  // Valid as long as this.
  Result<Client*> of(const ServiceFacts& service, const std::string& region = {});

  // The same for a caller that makes one call: an endpoint that is not known is the call's error.
  template <class Req, class Resp>
  Result<Resp> call(const Operation<Req, Resp>& operation, const std::type_identity_t<Req>& request,
                    const std::string& region = {}) {
    TRY(Client* const client, of(operation.service, region));
    return client->call(operation, request);
  }

  const std::string& region() const { return region_; }

 private:
  Runtime& runtime_;
  std::string region_;
  Reach reach_;
  CredentialsProvider& credentials_;
  Budget& budget_;
  CallObserver* observer_;
  std::map<std::pair<const ServiceFacts*, std::string>, std::unique_ptr<Client>> clients_;
};

}  // namespace slipway::aws
