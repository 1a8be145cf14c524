//! How every function starts: logs, configuration, handler, connections, events. What is missing is said in one line.

use std::process::ExitCode;

use crate::aws::Aws;
use crate::clock::Clock;
use crate::config::{ConfigError, Environment};
use crate::http::serve::{Frame, Handler, run};
use crate::telemetry;

/// Runs the function whose handler `build` makes, until the Lambda runtime ends.
pub async fn function<H: Handler>(
    name: &'static str,
    build: impl FnOnce(&mut Aws, &Environment, Clock) -> Result<H, ConfigError>,
) -> ExitCode {
    let environment = Environment::process();
    telemetry::start(environment.log_level().unwrap_or(tracing_subscriber::filter::LevelFilter::INFO));
    let ended = match prepare(name, &environment, build) {
        Ok((frame, aws)) => {
            aws.open_connections().await;
            run(frame).await.map_err(|_| "the Lambda runtime ended".to_owned())
        }
        Err(error) => Err(format!("this function cannot start: {error}")),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            tracing::error!(function = name, "{reason}");
            ExitCode::FAILURE
        }
    }
}

fn prepare<H: Handler>(
    name: &'static str,
    environment: &Environment,
    build: impl FnOnce(&mut Aws, &Environment, Clock) -> Result<H, ConfigError>,
) -> Result<(Frame<H>, Aws), ConfigError> {
    environment.log_level()?;
    let (clock, mut aws) = (Clock::system(), Aws::new(environment)?);
    let handler = build(&mut aws, environment, clock.clone())?;
    Ok((Frame::new(name, environment.tokens()?, clock, handler), aws))
}
