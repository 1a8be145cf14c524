//! The Lambda binary that takes carriers' port-outs: wires its handler, nothing more.

use std::process::ExitCode;

use port_out::PortOuts;
use shared::store::port_out_desk::PortOutDesk;
use shared::{aws, start};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::function("port-out", |config, environment, clock| {
        let desk = PortOutDesk::new(aws::table(config, environment)?);
        Ok(PortOuts::new(desk, aws::hasher(config, environment)?, clock))
    })
    .await
}
