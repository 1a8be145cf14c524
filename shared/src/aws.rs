//! Clients of AWS: one TLS stack, and limits on time and repetition that fit a caller's patience.

use std::sync::Arc;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};

use crate::config::{ConfigError, Environment, PinKey};
use crate::digest::hasher::Hasher;
use crate::digest::keyed::KeyedHash;
use crate::store::Table;

const CONNECT: Duration = Duration::from_secs(1);
const ONE_TRY: Duration = Duration::from_secs(2);
const ALL_TRIES: Duration = Duration::from_secs(5);
const TRIES: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(30);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// What AWS clients share; region, credentials and endpoints come from the environment, as the SDK reads them.
pub async fn sdk_config() -> SdkConfig {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ONE_TRY)
        .operation_timeout(ALL_TRIES)
        .build();
    let retries = RetryConfig::standard()
        .with_max_attempts(TRIES)
        .with_initial_backoff(FIRST_PAUSE)
        .with_max_backoff(LONGEST_PAUSE);
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts)
        .retry_config(retries)
        .load()
        .await
}

/// The table that the environment names.
pub fn table(config: &SdkConfig, environment: &Environment) -> Result<Table, ConfigError> {
    Ok(Table::new(aws_sdk_dynamodb::Client::new(config), environment.table_name()?))
}

/// The keyed hash with the key that the environment names.
pub fn keyed_hash(config: &SdkConfig, environment: &Environment) -> Result<Arc<KeyedHash>, ConfigError> {
    Ok(Arc::new(match environment.pin_key()? {
        PinKey::Kms(key_id) => KeyedHash::Kms { client: aws_sdk_kms::Client::new(config), key_id },
        PinKey::Local(current, previous) => KeyedHash::Local { current, previous },
    }))
}

/// The hasher with the key and the rounds that the environment names.
pub fn hasher(config: &SdkConfig, environment: &Environment) -> Result<Hasher, ConfigError> {
    Ok(Hasher::new(keyed_hash(config, environment)?, environment.rounds()?))
}
