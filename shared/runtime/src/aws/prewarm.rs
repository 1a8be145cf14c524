//! Opens connections ahead of the first event: name, TCP, TLS and credentials, while a starting function has the whole
//! processor.
//!
//! The SDK opens connections only when it needs them. So a call goes the usual way, through endpoint,
//! credentials and connection pool, and is turned into a bare `GET /` just before it is sent: it names no operation, so
//! it needs no permission, costs nothing and is in no metric. Any answer will do, as it leaves the connection open.

use aws_sdk_dynamodb::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::MacAlgorithmSpec;

/// Opens a connection to DynamoDB; a failure does not matter.
pub(super) async fn to_dynamodb(client: aws_sdk_dynamodb::Client, table: String) {
    let once = aws_sdk_dynamodb::config::Config::builder().retry_config(RetryConfig::disabled());
    let request = client.get_item().table_name(table).key("pk", AttributeValue::S(String::new()));
    let _ = request.customize().config_override(once).interceptor(BareGet).send().await;
}

/// Opens a connection to KMS; a failure does not matter.
pub(super) async fn to_kms(client: aws_sdk_kms::Client, key_id: String) {
    let once = aws_sdk_kms::config::Config::builder().retry_config(RetryConfig::disabled());
    let request = client.generate_mac().key_id(key_id).mac_algorithm(MacAlgorithmSpec::HmacSha256);
    let request = request.message(Blob::new([0]));
    let _ = request.customize().config_override(once).interceptor(BareGet).send().await;
}

/// Strips a call of everything but its address.
#[derive(Debug)]
struct BareGet;

impl Intercept for BareGet {
    fn name(&self) -> &'static str {
        "BareGet"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        request.set_method("GET")?;
        let names: Vec<_> = request.headers().iter().map(|(name, _)| name.to_owned()).collect();
        for name in names {
            request.headers_mut().remove(name);
        }
        *request.body_mut() = "".into();
        Ok(())
    }
}
