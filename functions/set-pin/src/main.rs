//! The Lambda binary that sets port-out PINs: wires its handler, nothing more.

use std::process::ExitCode;

use set_pin::SetPin;
use shared::digest::hasher::Hasher;
use shared::start;
use shared::store::pin_writer::PinWriter;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    start::function("set-pin", |aws, environment, clock| {
        let pins = PinWriter::new(aws.table(environment)?);
        let hasher = Hasher::new(aws.keyed_hash(environment)?, environment.rounds()?);
        Ok(SetPin::new(pins, hasher, environment.pin_policy()?, clock))
    })
    .await
}
