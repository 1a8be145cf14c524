//! The Lambda binary for the operator's accounts and numbers: wires its handler, nothing more.

use std::process::ExitCode;

use provision::Provision;
use shared::store::provisioner::Provisioner;
use shared::{aws, start};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::function("provision", |config, environment, clock| {
        Ok(Provision::new(Provisioner::new(aws::table(config, environment)?), clock))
    })
    .await
}
