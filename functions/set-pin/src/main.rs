//! The Lambda binary that sets port-out PINs: wires its handler, nothing more.

use std::process::ExitCode;

use runtime::bootstrap;
use runtime::pin_hash::hasher::Hasher;
use runtime::store::pin_writer::PinWriter;
use set_pin::SetPin;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    bootstrap::run(|aws, environment, clock| {
        let pins = PinWriter::new(aws.tables(environment)?);
        let hasher = Hasher::new(aws.pin_key(environment)?, environment.rounds()?)?;
        Ok(SetPin::new(pins, hasher, environment.pin_policy()?, clock))
    })
    .await
}
