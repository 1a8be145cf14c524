//! The Lambda binary for the operator's accounts, numbers and webhook sources: wires its handler, nothing more.

use std::process::ExitCode;

use provision::{Provision, WebhookSources};
use shared::digest::webhook_secret::WebhookSecrets;
use shared::store::provisioner::Provisioner;
use shared::store::webhook_sources::SourceRegistry;
use shared::{aws, start};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::function("provision", |config, environment, clock| {
        let table = aws::table(config, environment)?;
        let secrets = WebhookSecrets::new(aws::keyed_hash(config, environment)?);
        let sources = WebhookSources::new(SourceRegistry::new(table.clone()), secrets, clock.clone());
        Ok(Provision::new(Provisioner::new(table), sources, clock))
    })
    .await
}
