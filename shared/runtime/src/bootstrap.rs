//! Starts a function: logs, configuration, handler, connections, then events. A failed start is one log line.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use crate::aws::Aws;
use crate::clock::Clock;
use crate::config::{ConfigError, Environment};
use crate::http::authentication::Authentication;
use crate::http::claims::ClaimNames;
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
    let environment = start();
    match prepare(&environment, build) {
        Ok((service, aws)) => serve(service, Some(aws)).await,
        Err(error) => fail::<H>(&cannot_start(&error)),
    }
}

/// Runs a function whose callers take its silence for consent: where `build` fails, or panics, the handler that
/// `closed` makes answers them instead.
pub async fn run_or_refuse<H: Handler>(
    build: impl FnOnce(&mut Aws, &Environment, Clock) -> Result<H, StartError>,
    closed: impl FnOnce() -> H,
) -> ExitCode {
    let environment = start();
    let reason = match catch_unwind(AssertUnwindSafe(|| prepare(&environment, build))) {
        Ok(Ok((service, aws))) => return serve(service, Some(aws)).await,
        Ok(Err(error)) => cannot_start(&error),
        Err(_panic) => "this function cannot start: a panic was caught".to_owned(),
    };
    tracing::error!(function = H::Endpoint::FUNCTION, "{reason}");
    let authentication = Authentication::by_gateway(ClaimNames::default());
    serve(Service::new(authentication, Clock::system(), closed()), None).await
}

fn start() -> Environment {
    let environment = Environment::process();
    telemetry::start(environment.log_level().unwrap_or(tracing_subscriber::filter::LevelFilter::INFO));
    environment
}

fn cannot_start(error: &StartError) -> String {
    format!("this function cannot start: {error}")
}

async fn serve<H: Handler>(service: Service<H>, aws: Option<Aws>) -> ExitCode {
    if let Some(aws) = aws {
        aws.open_connections().await;
    }
    match service::run(service).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => fail::<H>("the Lambda runtime ended"),
    }
}

fn fail<H: Handler>(reason: &str) -> ExitCode {
    tracing::error!(function = H::Endpoint::FUNCTION, "{reason}");
    ExitCode::FAILURE
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
