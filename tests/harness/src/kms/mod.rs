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
use runtime::connector;
use runtime::pin_hash::pepper::Pepper;
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

/// An alias, and the key that it named first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// Its name, which begins with `alias/`.
    pub name: String,
    /// Its own ARN.
    pub arn: String,
    /// The key.
    pub key: Key,
}

/// A PIN key and a webhook key of a test's own, each under an alias, and the wire to them.
pub struct Kms {
    wire: Wire,
    admin: Client,
    pin: Alias,
    webhook: Alias,
}

/// What functions know of their keys in KMS.
#[derive(Clone, Debug)]
pub(crate) struct KmsKeys {
    /// The wire's URL, to which each function adds its name.
    pub url: String,
    /// Name of the PIN key.
    pub pin: String,
    /// Name of the webhook key.
    pub webhook: String,
}

impl KmsKeys {
    /// Creates a function's pepper with the key of this name.
    pub fn pepper(&self, function: &str, key: &str) -> Pepper {
        Pepper::Kms { client: client(&format!("{}/{function}", self.url)), key_id: key.to_owned() }
    }
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
        let (wire, admin) = (Wire::start(server.url()).await, client(server.url()));
        let number = crate::random_hex(8);
        let pin = create_alias(&admin, &format!("alias/port-out-pin-{number}")).await;
        let webhook = create_alias(&admin, &format!("alias/port-out-webhook-{number}")).await;
        Self { wire, admin, pin, webhook }
    }

    /// Moves to another server, which makes the same keys under the same aliases.
    pub async fn turn_to(&mut self, server: &Moto) {
        self.admin = client(server.url());
        for alias in [&self.pin, &self.webhook] {
            assert_eq!(create_alias(&self.admin, &alias.name).await, *alias, "another seed");
        }
        self.wire.turn_to(server.url());
    }

    /// Lets the functions of a fixture use the aliases as their keys.
    pub fn guard(&self, fixture: Fixture) -> Fixture {
        self.guard_with(fixture, |alias| &alias.name)
    }

    /// Lets the functions of a fixture know the keys by these names: ids, ARNs or aliases.
    pub fn guard_with(&self, fixture: Fixture, name: fn(&Alias) -> &str) -> Fixture {
        let [pin, webhook] = [&self.pin, &self.webhook].map(|alias| name(alias).to_owned());
        fixture.kms(KmsKeys { url: self.wire.url().to_owned(), pin, webhook })
    }

    /// Returns the wire between the functions and the server, for faults and counts.
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Returns the PIN key.
    pub fn pin(&self) -> &Alias {
        &self.pin
    }

    /// Returns the webhook key.
    pub fn webhook(&self) -> &Alias {
        &self.webhook
    }

    /// Creates one more key.
    pub async fn create_key(&self) -> Key {
        create_key(&self.admin).await
    }

    /// Points an alias to another key; ids and ARNs still name theirs.
    pub async fn point(&self, alias: &Alias, key: &Key) {
        let update = self.admin.update_alias().alias_name(&alias.name).target_key_id(&key.id);
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
    assert_eq!(
        (call.operation.as_str(), call.path.trim_matches('/')),
        ("GenerateMac", call.function.as_str())
    );
    let text = |name: &str| call.body[name].as_str().expect("a text").to_owned();
    assert_eq!(text("MacAlgorithm"), "HMAC_SHA_256");
    MacRequest { key: text("KeyId"), message: message(&call.body) }
}

/// Returns the message of a MAC request.
#[track_caller]
pub fn message(request: &Value) -> Vec<u8> {
    STANDARD.decode(request["Message"].as_str().expect("Message")).expect("base64")
}

/// Creates an SDK client that waits as long as a test wants. Past the wire, it may do what no function may.
pub(crate) fn client(endpoint: &str) -> Client {
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .endpoint_url(endpoint)
        .http_client(connector::http_client(connector::plain()));
    Client::from_conf(config.build())
}

async fn create_key(admin: &Client) -> Key {
    let create = admin.create_key().key_usage(KeyUsageType::GenerateVerifyMac).key_spec(KeySpec::Hmac256);
    let created = create.send().await.expect("no key").key_metadata.expect("a key");
    Key { id: created.key_id, arn: created.arn.expect("an ARN") }
}

/// Creates a key under an alias.
async fn create_alias(admin: &Client, name: &str) -> Alias {
    let key = create_key(admin).await;
    let create = admin.create_alias().alias_name(name).target_key_id(&key.id);
    create.send().await.expect("no alias");
    let arn = key.arn.replace(&format!("key/{}", key.id), name);
    Alias { name: name.to_owned(), arn, key }
}
