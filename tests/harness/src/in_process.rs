//! The functions' real handlers in this process, on a real table, with a clock that the test moves.
//!
//! Unless a test says otherwise, they accept callers that the gateway verified, and webhooks.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};
use port_out::{Bandwidth, PortOuts, WebhookAuthenticator};
use protect::Protect;
use provision::{Provision, WebhookSources};
use runtime::clock::Clock;
use runtime::http::authentication::Authentication;
use runtime::http::endpoint::Endpoint;
use runtime::http::routes;
use runtime::http::service::Service;
use runtime::pin_hash::hasher::{Hasher, MIN_ROUNDS};
use runtime::pin_hash::pepper::{LocalKey, Pepper};
use runtime::pin_hash::webhook_secret::WebhookSecrets;
use runtime::store::Tables;
use runtime::store::holds::HoldReader;
use runtime::store::lifecycle::LifecycleStore;
use runtime::store::pin_writer::PinWriter;
use runtime::store::port_out_store::PortOutStore;
use runtime::store::provisioner::Provisioner;
use runtime::store::status_reader::StatusReader;
use runtime::store::webhook_sources::{SourceReader, SourceRegistry};
use serde_json::Value;
use set_pin::SetPin;
use shared::account::PinRequired;
use shared::decision::PortOutPolicy;
use shared::pin_policy::PinPolicy;
use status::Status;

use crate::answer::Answer;
use crate::kms::KmsKeys;
use crate::wire::Wire;
use crate::{engine, gateway};

/// Where the functions' keys are.
#[derive(Clone)]
pub(crate) enum Keys {
    /// In this process: the same ones for every stack, because tests pin the secret of a webhook source.
    Local,
    /// In KMS.
    Kms(KmsKeys),
}

/// All functions, and the clock that they share.
pub(crate) struct InProcess {
    now: Arc<AtomicI64>,
    keys: Keys,
    port_out: Service<PortOuts>,
    bandwidth: Service<Bandwidth>,
    set_pin: Service<SetPin>,
    status: Service<Status>,
    provision: Service<Provision>,
    protect: Service<Protect>,
}

impl InProcess {
    /// Creates the functions on a table behind a wire, which each of them reaches by its own path, so that its role
    /// counts.
    pub fn new(
        wire: &Wire,
        table: &str,
        keys: Keys,
        now: Timestamp,
        authentication: &Authentication,
    ) -> Self {
        let now = Arc::new(AtomicI64::new(now.as_millisecond()));
        let clock = clock(now.clone());
        let table =
            |function| Tables::new(engine::client(&wire.url_of(function), table), engine::names(table));
        let port_outs = table("port-out");
        let secrets = |function| WebhookSecrets::new(keys.webhook(function));
        let webhook_auth =
            |table, function| WebhookAuthenticator::new(SourceReader::new(table), secrets(function));
        let port_out = PortOuts::new(
            PortOutStore::new(port_outs.clone()),
            hasher(keys.pin("port-out")),
            PortOutPolicy::default(),
            webhook_auth(port_outs, "port-out"),
            clock.clone(),
        );
        let validations = table("bandwidth");
        let bandwidth = Bandwidth::new(
            PortOutStore::new(validations.clone()),
            HoldReader::new(validations.clone()),
            hasher(keys.pin("bandwidth")),
            PortOutPolicy::default(),
            webhook_auth(validations, "bandwidth"),
            clock.clone(),
        );
        let pins = PinWriter::new(table("set-pin"));
        let set_pin = SetPin::new(pins, hasher(keys.pin("set-pin")), PinPolicy::Default, clock.clone());
        let status = Status::new(StatusReader::new(table("status")), PinRequired::Always, clock.clone());
        let accounts = table("provision");
        let registry = SourceRegistry::new(accounts.clone());
        let sources = WebhookSources::new(registry, secrets("provision"), clock.clone());
        let provision = Provision::new(Provisioner::new(accounts), sources, clock.clone());
        let protect = Protect::new(LifecycleStore::new(table("protect")), clock.clone());
        Self {
            now,
            keys,
            port_out: Service::new(authentication.clone(), clock.clone(), port_out),
            bandwidth: Service::new(authentication.clone(), clock.clone(), bandwidth),
            set_pin: Service::new(authentication.clone(), clock.clone(), set_pin),
            status: Service::new(authentication.clone(), clock.clone(), status),
            provision: Service::new(authentication.clone(), clock.clone(), provision),
            protect: Service::new(authentication.clone(), clock.clone(), protect),
        }
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    pub fn now(&self) -> Timestamp {
        time(&self.now)
    }

    pub fn set_time(&self, time: Timestamp) {
        self.now.store(time.as_millisecond(), Ordering::SeqCst);
    }

    pub fn pass(&self, time: SignedDuration) {
        self.now.fetch_add(i64::try_from(time.as_millis()).expect("a short time"), Ordering::SeqCst);
    }

    /// Has the function of the event's route answer it.
    pub async fn answer(&self, event: &Value) -> Answer {
        let (method, path) = (&event["requestContext"]["http"]["method"], &event["rawPath"]);
        let (event, id) = (event.to_string(), "an-invocation");
        let found = routes::find(method.as_str().expect("a method"), path.as_str().expect("a path"));
        let response = match found.map(|found| found.route.endpoint) {
            Ok(Endpoint::PortOut(_)) => self.port_out.answer(&event, id).await,
            Ok(Endpoint::Bandwidth(_)) => self.bandwidth.answer(&event, id).await,
            Ok(Endpoint::SetPin(_)) => self.set_pin.answer(&event, id).await,
            Ok(Endpoint::Provision(_)) => self.provision.answer(&event, id).await,
            Ok(Endpoint::Protect(_)) => self.protect.answer(&event, id).await,
            // The console is not a part of the API: a stack in process answers its pages with 404.
            Ok(Endpoint::Status(_) | Endpoint::Console(_)) | Err(_) => self.status.answer(&event, id).await,
        };
        gateway::answer(Ok(serde_json::to_vec(&response).expect("JSON"))).expect("an answer")
    }
}

fn clock(now: Arc<AtomicI64>) -> Clock {
    Clock::from_fn(move || time(&now))
}

fn time(now: &AtomicI64) -> Timestamp {
    Timestamp::from_millisecond(now.load(Ordering::SeqCst)).expect("a time")
}

/// Creates the cheapest hasher that is allowed.
fn hasher(pepper: Pepper) -> Hasher {
    Hasher::new(pepper, MIN_ROUNDS).expect("the self-test passes")
}

impl Keys {
    fn pin(&self, function: &str) -> Pepper {
        match self {
            Self::Local => local(7),
            Self::Kms(keys) => keys.pepper(function, &keys.pin),
        }
    }

    fn webhook(&self, function: &str) -> Pepper {
        match self {
            Self::Local => local(8),
            Self::Kms(keys) => keys.pepper(function, &keys.webhook),
        }
    }
}

fn local(byte: u8) -> Pepper {
    Pepper::Local { current: Box::new(LocalKey::new(&[byte; 32]).expect("a key")), previous: None }
}
