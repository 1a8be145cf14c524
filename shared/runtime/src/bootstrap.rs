//! Starts a function: logs, configuration, handler, connections, then events. A failed start is one log line.

use std::process::ExitCode;

use crate::aws::Aws;
use crate::clock::Clock;
use crate::config::{ConfigError, Environment};
use crate::http::endpoint::FunctionEndpoint as _;
use crate::http::service::{self, Handler, Service};
use crate::telemetry;
use port_out_pbkdf2::SelfTestFailed;

/// A reason why a function cannot start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// A variable is missing or wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// PINs cannot be hashed: a wrong hash would reject lawful ports and store a PIN that never verifies.
    #[error(transparent)]
    SelfTest(#[from] SelfTestFailed),
}

/// Runs the function whose handler `build` makes, until the Lambda runtime ends.
pub async fn run<H: Handler>(
    build: impl FnOnce(&mut Aws, &Environment, Clock) -> Result<H, StartError>,
) -> ExitCode {
    let environment = Environment::process();
    telemetry::start(environment.log_level().unwrap_or(tracing_subscriber::filter::LevelFilter::INFO));
    let ended = match prepare(&environment, build) {
        Ok((service, aws)) => {
            aws.open_connections().await;
            service::run(service).await.map_err(|_| "the Lambda runtime ended".to_owned())
        }
        Err(error) => Err(format!("this function cannot start: {error}")),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            tracing::error!(function = H::Endpoint::FUNCTION, "{reason}");
            ExitCode::FAILURE
        }
    }
}

fn prepare<H: Handler>(
    environment: &Environment,
    build: impl FnOnce(&mut Aws, &Environment, Clock) -> Result<H, StartError>,
) -> Result<(Service<H>, Aws), StartError> {
    environment.log_level()?;
    let (clock, mut aws) = (Clock::system(), Aws::new(environment)?);
    let handler = build(&mut aws, environment, clock.clone())?;
    Ok((Service::new(environment.authentication()?, clock, handler), aws))
}
