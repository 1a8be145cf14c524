//! The Lambda binary that answers every GET: wires its handler, nothing more.

use std::process::ExitCode;

use runtime::bootstrap;
use runtime::store::status_reader::StatusReader;
use status::Status;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    bootstrap::run(|aws, environment, clock| {
        let reader = StatusReader::new(aws.tables(environment)?);
        Ok(Status::new(reader, environment.pin_required()?, clock))
    })
    .await
}
