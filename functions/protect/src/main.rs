//! The Lambda binary for what owners and the porting desk change: wires its handler, nothing more.

use std::process::ExitCode;

use protect::Protect;
use runtime::bootstrap;
use runtime::store::lifecycle::LifecycleStore;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    bootstrap::run(|aws, environment, clock| {
        Ok(Protect::new(LifecycleStore::new(aws.tables(environment)?), clock))
    })
    .await
}
