//! AWS KMS for tests: moto server behind a wire that records calls and injects faults.
//!
//! Keys are made through the API. The functions get the wire's address and the name of a key, never a local one.

mod moto;
pub mod outages;

pub use moto::Moto;

use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_kms::types::{KeySpec, KeyUsageType};
use aws_sdk_kms::{Client, Config};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::fixture::Fixture;
use crate::wire::{Call, Wire};

/// An HMAC key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its id, a UUID.
    pub id: String,
    /// Its ARN.
    pub arn: String,
}

/// A key of a test's own, an alias for it, and the wire to both.
pub struct Kms {
    wire: Wire,
    admin: Client,
    alias: String,
    key: Key,
}

/// A function's request to KMS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MacRequest {
    /// `KeyId`, as requested.
    pub key: String,
    /// `Message`, decoded.
    pub message: Vec<u8>,
}

impl Kms {
    /// Uses the server that all tests of this binary share.
    pub async fn start() -> Self {
        Self::on(Moto::shared().await).await
    }

    /// Uses this server.
    pub async fn on(server: &Moto) -> Self {
        let (wire, admin) = (Wire::start(server.url()).await, admin(server.url()));
        let key = create_key(&admin).await;
        let alias = format!("alias/port-out-pin-{}", crate::random_hex(8));
        create_alias(&admin, &alias, &key).await;
        Self { wire, admin, alias, key }
    }

    /// Moves to another server, which makes the same key under the same alias.
    pub async fn turn_to(&mut self, server: &Moto) {
        self.admin = admin(server.url());
        assert_eq!(create_key(&self.admin).await, self.key, "another seed");
        create_alias(&self.admin, &self.alias, &self.key).await;
        self.wire.turn_to(server.url());
    }

    /// Lets the functions of a fixture use the alias as their PIN key.
    pub fn guard(&self, fixture: Fixture) -> Fixture {
        self.guard_with(fixture, &self.alias)
    }

    /// Lets the functions of a fixture use the PIN key of this name: an id, an ARN or an alias.
    pub fn guard_with(&self, fixture: Fixture, key_id: &str) -> Fixture {
        let fixture = fixture.env("AWS_ENDPOINT_URL_KMS", self.wire.url());
        fixture.env("PIN_LOCAL_KEY", "").env("PIN_KEY_ID", key_id)
    }

    /// Returns the wire between the functions and the server, for faults and counts.
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Returns the key that the alias named first.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Returns the alias that the functions use.
    pub fn alias(&self) -> &str {
        &self.alias
    }

    /// Creates one more key.
    pub async fn create_key(&self) -> Key {
        create_key(&self.admin).await
    }

    /// Points the alias to another key; ids and ARNs still name theirs.
    pub async fn point_alias_to(&self, key: &Key) {
        let update = self.admin.update_alias().alias_name(&self.alias).target_key_id(&key.id);
        update.send().await.expect("the alias does not move");
    }

    /// Takes the functions' requests since the last time; fails if one is not for a MAC.
    #[track_caller]
    pub fn take_requests(&self) -> Vec<MacRequest> {
        self.wire.take_calls().iter().map(mac_request).collect()
    }
}

#[track_caller]
fn mac_request(call: &Call) -> MacRequest {
    assert_eq!((call.operation.as_str(), call.path.as_str()), ("GenerateMac", "/"));
    let text = |name: &str| call.body[name].as_str().expect("a text").to_owned();
    assert_eq!(text("MacAlgorithm"), "HMAC_SHA_256");
    MacRequest { key: text("KeyId"), message: message(&call.body) }
}

/// Returns the message of a MAC request.
#[track_caller]
pub fn message(request: &Value) -> Vec<u8> {
    STANDARD.decode(request["Message"].as_str().expect("Message")).expect("base64")
}

/// Creates a client past the wire, which may do what no function may.
fn admin(endpoint: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    Client::from_conf(config.build())
}

async fn create_key(admin: &Client) -> Key {
    let create = admin.create_key().key_usage(KeyUsageType::GenerateVerifyMac).key_spec(KeySpec::Hmac256);
    let created = create.send().await.expect("no key").key_metadata.expect("a key");
    Key { id: created.key_id, arn: created.arn.expect("an ARN") }
}

async fn create_alias(admin: &Client, alias: &str, key: &Key) {
    let create = admin.create_alias().alias_name(alias).target_key_id(&key.id);
    create.send().await.expect("no alias");
}
