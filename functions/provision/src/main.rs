//! The Lambda binary for the operator's accounts, numbers and webhook sources: wires its handler, nothing more.

use std::process::ExitCode;

use provision::{Provision, WebhookSources};
use runtime::bootstrap;
use runtime::store::provisioner::Provisioner;
use runtime::store::webhook_sources::SourceRegistry;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    bootstrap::run(|aws, environment, clock| {
        let table = aws.tables(environment)?;
        let secrets = aws.webhook_secrets(environment)?;
        let sources = WebhookSources::new(SourceRegistry::new(table.clone()), secrets, clock.clone());
        Ok(Provision::new(Provisioner::new(table), sources, clock))
    })
    .await
}
