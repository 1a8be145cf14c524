//! Lambda binary that accepts port-outs from carriers. It only wires the handler.

use std::process::ExitCode;
use std::sync::Arc;

use port_out::{PortOuts, WebhookAuthenticator};
use runtime::bootstrap;
use runtime::pin_hash::hasher::Hasher;
use runtime::pin_hash::webhook_secret::WebhookSecrets;
use runtime::store::port_out_store::PortOutStore;
use runtime::store::webhook_sources::SourceReader;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    bootstrap::run(|aws, environment, clock| {
        let table = aws.table(environment)?;
        let pepper = aws.pepper(environment)?;
        let webhooks = WebhookAuthenticator::new(
            SourceReader::new(table.clone()),
            WebhookSecrets::new(Arc::clone(&pepper)),
        );
        let hasher = Hasher::new(pepper, environment.rounds()?)?;
        Ok(PortOuts::new(PortOutStore::new(table), hasher, webhooks, clock))
    })
    .await
}
