//! The Lambda binary for the operator's accounts, numbers and webhook sources: wires its handler, nothing more.

use std::process::ExitCode;

use provision::{Provision, WebhookSources};
use shared::digest::webhook_secret::WebhookSecrets;
use shared::start;
use shared::store::provisioner::Provisioner;
use shared::store::webhook_sources::SourceRegistry;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::function("provision", |aws, environment, clock| {
        let table = aws.table(environment)?;
        let secrets = WebhookSecrets::new(aws.keyed_hash(environment)?);
        let sources = WebhookSources::new(SourceRegistry::new(table.clone()), secrets, clock.clone());
        Ok(Provision::new(Provisioner::new(table), sources, clock))
    })
    .await
}
