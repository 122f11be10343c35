#include "aws/clients.h"

namespace slipway::aws {

Clients::Clients(Runtime& runtime, std::string region, Reach reach,
                 CredentialsProvider& credentials, Budget& budget, CallObserver* observer)
    : runtime_(runtime),
      region_(std::move(region)),
      reach_(std::move(reach)),
      credentials_(credentials),
      budget_(budget),
      observer_(observer) {}

Result<Client*> Clients::of(const ServiceFacts& service, const std::string& region) {
  const std::string& where = region.empty() ? region_ : region;
  std::unique_ptr<Client>& client = clients_[{&service, where}];
  if (client == nullptr) {
    TRY(ClientSettings settings, reach_(service, where));
    client =
        std::make_unique<Client>(runtime_, std::move(settings), credentials_, budget_, observer_);
  }
  return client.get();
}

}  // namespace slipway::aws
