//! Lambda binary of the functions `port-out` and `bandwidth`. It only wires the handlers.

use std::process::ExitCode;

use port_out::{AllRoutes, Bandwidth, PortOuts, WebhookAuthenticator};
use runtime::aws::Aws;
use runtime::bootstrap::{self, StartError};
use runtime::clock::Clock;
use runtime::config::{Environment, ServedRoutes};
use runtime::http::address_ranges::AddressRanges;
use runtime::pin_hash::hasher::Hasher;
use runtime::pin_hash::webhook_secret::WebhookSecrets;
use runtime::store::Tables;
use runtime::store::holds::HoldReader;
use runtime::store::port_out_store::PortOutStore;
use runtime::store::webhook_sources::SourceReader;
use shared::decision::PortOutPolicy;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match Environment::process().routes() {
        Ok(ServedRoutes::All) => {
            bootstrap::run(|aws, environment, clock| {
                let parts = Parts::new(aws, environment, clock)?;
                Ok(AllRoutes { carriers: parts.carriers(), bandwidth: parts.bandwidth() })
            })
            .await
        }
        Ok(ServedRoutes::Carrier) => {
            bootstrap::run(|aws, environment, clock| {
                Parts::new(aws, environment, clock).map(|parts| parts.carriers())
            })
            .await
        }
        Ok(ServedRoutes::Bandwidth) => {
            let build = |aws: &mut Aws, environment: &Environment, clock| {
                Parts::new(aws, environment, clock).map(|parts| parts.bandwidth())
            };
            bootstrap::run_or_refuse(build, Bandwidth::closed).await
        }
        // The function may be Bandwidth's, so it must not end.
        Err(error) => bootstrap::run_or_refuse(|_, _, _| Err(error.into()), Bandwidth::closed).await,
    }
}

/// What the handlers are made of.
struct Parts {
    tables: Tables,
    hasher: Hasher,
    secrets: WebhookSecrets,
    policy: PortOutPolicy,
    bandwidth_addresses: Option<AddressRanges>,
    clock: Clock,
}

impl Parts {
    fn new(aws: &mut Aws, environment: &Environment, clock: Clock) -> Result<Self, StartError> {
        let tables = aws.tables(environment)?;
        let secrets = aws.webhook_secrets(environment)?;
        let hasher = Hasher::new(aws.pin_key(environment)?, environment.rounds()?)?;
        let policy = environment.port_out_policy()?;
        let bandwidth_addresses = environment.bandwidth_addresses()?;
        Ok(Self { tables, hasher, secrets, policy, bandwidth_addresses, clock })
    }

    fn webhooks(&self) -> WebhookAuthenticator {
        WebhookAuthenticator::new(SourceReader::new(self.tables.clone()), self.secrets.clone())
    }

    fn carriers(&self) -> PortOuts {
        let Self { tables, hasher, policy, clock, .. } = self;
        let store = PortOutStore::new(tables.clone());
        PortOuts::new(store, hasher.clone(), policy.clone(), self.webhooks(), clock.clone())
    }

    fn bandwidth(&self) -> Bandwidth {
        let Self { tables, hasher, policy, clock, .. } = self;
        let (store, holds) = (PortOutStore::new(tables.clone()), HoldReader::new(tables.clone()));
        let bandwidth =
            Bandwidth::new(store, holds, hasher.clone(), policy.clone(), self.webhooks(), clock.clone());
        bandwidth.only_from(self.bandwidth_addresses.clone())
    }
}
