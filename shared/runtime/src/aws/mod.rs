//! Clients of AWS: one TLS stack, and timeouts and retries that end well before the caller's.

mod late_clock;
mod prewarm;
mod timer;

use std::pin::Pin;
use std::time::Duration;

use aws_config::environment::credentials::EnvironmentVariableCredentialsProvider;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::{SharedHttpClient, SharedHttpConnector};
use futures_util::future::join_all;

use crate::config::{ConfigError, Environment, HmacKey};
use crate::connector;
use crate::pin_hash::pepper::Pepper;
use crate::pin_hash::webhook_secret::WebhookSecrets;
use crate::store::Tables;
use crate::store::conflict::Conflict;
use crate::timings::Dependency;
use late_clock::LateClock;

const ONE_TRY: Duration = Duration::from_secs(2);
const ALL_TRIES: Duration = Duration::from_secs(5);
const TRIES: u32 = 3;
/// More, because a transaction that meets another one is tried again, too.
const DYNAMODB_TRIES: u32 = 8;
const FIRST_PAUSE: Duration = Duration::from_millis(30);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// Time that a start waits for connections; the first request opens those that are still missing.
const PREWARM_TIMEOUT: Duration = Duration::from_secs(1);

/// The clients of one function.
pub struct Aws {
    connector: SharedHttpConnector,
    config: SdkConfig,
    prewarms: Vec<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Aws {
    /// Reads region, credentials and endpoints from the variables that Lambda sets and the SDKs read. Other sources, such
    /// as profiles or instance metadata, do not exist in Lambda and would be a tenth of each binary.
    pub fn new(environment: &Environment) -> Result<Self, ConfigError> {
        let region = Region::new(environment.required("AWS_REGION")?);
        let connector = connector::secure();
        let config = sdk_config(region, connector::http_client(connector.clone()));
        Ok(Self { connector, config, prewarms: Vec::new() })
    }

    /// Returns what the clients connect with. It reads the system's certificates, which takes half of a start: once is
    /// enough.
    pub fn connector(&self) -> SharedHttpConnector {
        self.connector.clone()
    }

    /// Creates the client of the tables that the environment names.
    pub fn tables(&mut self, environment: &Environment) -> Result<Tables, ConfigError> {
        let mut config = aws_sdk_dynamodb::config::Builder::from(&self.config)
            .interceptor(timer::Timer(Dependency::DynamoDb));
        config.set_endpoint_url(environment.endpoint("AWS_ENDPOINT_URL_DYNAMODB"));
        let config = config
            .retry_config(retries(DYNAMODB_TRIES))
            .retry_classifier(LateClock)
            .retry_classifier(Conflict);
        let client = aws_sdk_dynamodb::Client::from_conf(config.build());
        let names = environment.table_names()?;
        // Two connections, since set-pin and status read items and a list at the same time.
        for _ in 0..2 {
            self.prewarms.push(Box::pin(prewarm::to_dynamodb(client.clone(), names.state.clone())));
        }
        Ok(Tables::new(client, names))
    }

    /// Creates the pepper under PINs with the key that the environment names.
    pub fn pin_key(&mut self, environment: &Environment) -> Result<Pepper, ConfigError> {
        Ok(self.hmac_key(environment, environment.pin_key()?))
    }

    /// Creates what derives secrets of webhook sources with the key that the environment names.
    pub fn webhook_secrets(&mut self, environment: &Environment) -> Result<WebhookSecrets, ConfigError> {
        let key = environment.webhook_key()?;
        Ok(WebhookSecrets::new(self.hmac_key(environment, key)))
    }

    /// Creates what derives keys for the console's cookies with the key that the environment names.
    pub fn console_key(&mut self, environment: &Environment) -> Result<Pepper, ConfigError> {
        Ok(self.hmac_key(environment, environment.console_key()?))
    }

    /// Each key in KMS has a connection of its own, since both are asked at the same time.
    fn hmac_key(&mut self, environment: &Environment, key: HmacKey) -> Pepper {
        match key {
            HmacKey::Kms(key_id) => Pepper::Kms { client: self.kms(environment, &key_id), key_id },
            HmacKey::Local(current, previous) => Pepper::Local { current, previous },
        }
    }

    fn kms(&mut self, environment: &Environment, key_id: &str) -> aws_sdk_kms::Client {
        let mut config =
            aws_sdk_kms::config::Builder::from(&self.config).interceptor(timer::Timer(Dependency::Kms));
        config.set_endpoint_url(environment.endpoint("AWS_ENDPOINT_URL_KMS"));
        let config = config.retry_classifier(LateClock);
        let client = aws_sdk_kms::Client::from_conf(config.build());
        self.prewarms.push(Box::pin(prewarm::to_kms(client.clone(), key_id.to_owned())));
        client
    }

    /// Opens the connections that the clients will need, all at once, in bounded time; a failure is left to the first
    /// request.
    pub async fn open_connections(self) {
        let _ = tokio::time::timeout(PREWARM_TIMEOUT, join_all(self.prewarms)).await;
    }
}

fn sdk_config(region: Region, http: SharedHttpClient) -> SdkConfig {
    let timeouts =
        TimeoutConfig::builder().operation_attempt_timeout(ONE_TRY).operation_timeout(ALL_TRIES).build();
    let credentials = EnvironmentVariableCredentialsProvider::new();
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(region)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(http)
        .timeout_config(timeouts)
        .retry_config(retries(TRIES))
        .build()
}

fn retries(tries: u32) -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(tries)
        .with_initial_backoff(FIRST_PAUSE)
        .with_max_backoff(LONGEST_PAUSE)
}
