//! The Lambda binary that takes carriers' port-outs: wires its handler, nothing more.

use std::process::ExitCode;
use std::sync::Arc;

use port_out::{Doorkeeper, PortOuts};
use shared::digest::hasher::Hasher;
use shared::digest::webhook_secret::WebhookSecrets;
use shared::start;
use shared::store::port_out_desk::PortOutDesk;
use shared::store::webhook_sources::SourceReader;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::function("port-out", |aws, environment, clock| {
        let table = aws.table(environment)?;
        let keyed = aws.keyed_hash(environment)?;
        let doorkeeper =
            Doorkeeper::new(SourceReader::new(table.clone()), WebhookSecrets::new(Arc::clone(&keyed)));
        let hasher = Hasher::new(keyed, environment.rounds()?);
        Ok(PortOuts::new(PortOutDesk::new(table), hasher, doorkeeper, clock))
    })
    .await
}
