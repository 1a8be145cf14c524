//! The Lambda binary of the administrators' pages: wires its handler, nothing more.

use std::process::ExitCode;

use console::Console;
use runtime::bootstrap;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    bootstrap::run(|aws, environment, clock| {
        Ok(Console::new(environment.console()?, aws.console_key(environment)?, aws.connector(), clock))
    })
    .await
}
