//! The Lambda binary that sets port-out PINs: wires its handler, nothing more.

use std::process::ExitCode;

use set_pin::SetPin;
use shared::store::pin_writer::PinWriter;
use shared::{aws, start};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::function("set-pin", |config, environment, clock| {
        let pins = PinWriter::new(aws::table(config, environment)?);
        Ok(SetPin::new(pins, aws::hasher(config, environment)?, environment.pin_policy()?, clock))
    })
    .await
}
