//! How every function starts: logs, configuration, handler, then events. What is missing is said in one line.

use std::process::ExitCode;

use aws_config::SdkConfig;

use crate::aws;
use crate::clock::Clock;
use crate::config::{ConfigError, Environment};
use crate::http::serve::{Frame, Handler, run};
use crate::telemetry;

/// Runs the function whose handler `build` makes, until the Lambda runtime ends.
pub async fn function<H: Handler>(
    name: &'static str,
    build: impl FnOnce(&SdkConfig, &Environment, Clock) -> Result<H, ConfigError>,
) -> ExitCode {
    let environment = Environment::process();
    telemetry::start(environment.log_level().unwrap_or(tracing_subscriber::filter::LevelFilter::INFO));
    let config = aws::sdk_config().await;
    let frame = frame(name, &config, &environment, build);
    let ended = match frame {
        Ok(frame) => run(frame).await.map_err(|_| "the Lambda runtime ended".to_owned()),
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

fn frame<H: Handler>(
    name: &'static str,
    config: &SdkConfig,
    environment: &Environment,
    build: impl FnOnce(&SdkConfig, &Environment, Clock) -> Result<H, ConfigError>,
) -> Result<Frame<H>, ConfigError> {
    environment.log_level()?;
    let clock = Clock::system();
    let handler = build(config, environment, clock.clone())?;
    Ok(Frame::new(name, environment.tokens()?, clock, handler))
}
