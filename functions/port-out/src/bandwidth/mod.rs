//! Bandwidth's port-out validation: XML in, XML out, and never an answer that lets a port through by mistake.
//!
//! Their side takes every 4xx, 5xx, time-out and unknown code for an approval. So whatever goes wrong after credentials
//! were given is answered with 200, `Portable` false and code 7598.

mod basic_auth;
mod codes;
mod request;
mod response;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use runtime::error::Error;
use runtime::http::problem::{Code, Problem};
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::pin_hash::webhook_secret::WebhookSecret;
use shared::port_out::{Outcome, PortOut, PortOutRequest};
use shared::port_out_id::Version;
use shared::webhook_source::{Source, SourceKind};

use crate::submission::{Answered, Submission};
use crate::{PortOuts, webhook_auth};
use basic_auth::Basic;
use request::{Asked, Unusable};
use response::{Acceptable, Verdict};

/// Bandwidth waits 30 seconds; the frame around every call gives up after 10.
const DEADLINE: Duration = Duration::from_secs(8);

/// How often a request that met another of the same PON is tried again as the next version.
const TRIES: u32 = 8;

impl PortOuts {
    /// Answers a validation.
    pub(super) async fn bandwidth_webhook(&self, call: &Request) -> Result<Response, Problem> {
        // Their first call comes without credentials and asks for this challenge (RFC 7235).
        let Some(basic) = call.header("authorization").and_then(Basic::parse) else {
            return Err(challenge());
        };
        let work = AssertUnwindSafe(self.validate(call, &basic)).catch_unwind();
        let (pon, error) = match tokio::time::timeout(DEADLINE, work).await {
            Ok(Ok(Ok(Some(verdict)))) => return Ok(verdict.answer()),
            Ok(Ok(Ok(None))) => return Err(challenge()),
            Ok(Ok(Err(error))) => (call_pon(call), error),
            // Whatever panicked may have been the reading of the request, so it is not read again.
            Ok(Err(_)) => (None, Error::internal("a panic was caught")),
            Err(_) => (call_pon(call), Error::unavailable("the call took too long")),
        };
        Ok(Verdict::error(pon).answer().after(error))
    }

    /// `None`: the credentials are not good.
    async fn validate(&self, call: &Request, basic: &Basic) -> Result<Option<Verdict>, Error> {
        let source_id = call.parameter("source_id");
        let proves = |secret: &WebhookSecret| basic.user == source_id && secret.is(&basic.password);
        let authenticated =
            self.webhooks.authenticate(source_id, SourceKind::Bandwidth, self.clock.now(), proves).await?;
        let Some(source) = authenticated else { return Ok(None) };
        let verdict = match request::read(call) {
            Ok(asked) => self.judge(&source, asked).await?,
            Err(unusable) => Verdict::refusal(unusable.pon, &[unusable.code], Acceptable::default()),
        };
        Ok(Some(verdict))
    }

    async fn judge(&self, source: &Source, asked: Asked) -> Result<Verdict, Error> {
        let asked = match self.with_owner(asked).await? {
            Ok(asked) => asked,
            Err(unusable) => {
                return Ok(Verdict::refusal(unusable.pon, &[unusable.code], Acceptable::default()));
            }
        };
        let pon = asked.pon_text.clone();
        let actor = webhook_auth::actor(source);
        let mut locked = false;
        for _ in 0..TRIES {
            let Some(request) = self.versioned(source, &asked).await? else {
                return Ok(Verdict::refusal(pon, &[codes::INVALID_REQUEST], Acceptable::default()));
            };
            match self.submission(&request).answer(&actor).await? {
                Answered::New { port_out, locked: now } => {
                    return Ok(self.verdict(pon, &port_out).await?.locking(locked || now));
                }
                Answered::Again(port_out) => {
                    return Ok(self.verdict(pon, &port_out).await?.locking(locked));
                }
                Answered::Wait(_) => return Ok(Verdict::error(pon)),
                Answered::TooManyTogether => {
                    return Ok(Verdict::refusal(pon, &[codes::TOO_MANY_NUMBERS], Acceptable::default()));
                }
                // Another request of the same PON came between.
                Answered::Conflict { locked: now, .. } => locked |= now,
            }
        }
        Err(Error::unavailable("a PON met other requests every time"))
    }

    /// Finds whose numbers they are, if the request does not say.
    async fn with_owner(&self, asked: Asked) -> Result<Result<request::Named, Unusable>, Error> {
        let account_number = match &asked.account_number {
            Some(number) => number.clone(),
            None => {
                let known = self.store.numbers(asked.numbers.as_slice()).await?;
                let mut owners: Vec<_> = known.into_values().map(|record| record.account).collect();
                owners.sort_unstable();
                owners.dedup();
                match owners.pop() {
                    Some(owner) if owners.is_empty() => owner,
                    Some(_) => return Ok(Err(asked.unusable(codes::ACCOUNT_MISSING))),
                    None => return Ok(Err(asked.unusable(codes::NUMBER_INVALID))),
                }
            }
        };
        Ok(Ok(asked.named(account_number)))
    }

    /// The request as the version of its PON that it is: the latest one, if it is the same again, else the next.
    /// `None`: the PON has no version left.
    async fn versioned(
        &self,
        source: &Source,
        asked: &request::Named,
    ) -> Result<Option<PortOutRequest>, Error> {
        let request = |version| PortOutRequest {
            spid: source.spid.clone(),
            pon: asked.pon.clone(),
            version,
            content: asked.content.clone(),
            pin: asked.pin.clone(),
        };
        let Some(latest) = self.store.latest(&source.spid, &asked.pon).await? else {
            return Ok(Some(request(Version::FIRST)));
        };
        let same = request(latest.port_out.version);
        if latest.port_out.content.same(&asked.content) && self.submission(&same).has_pin_of(&latest).await? {
            return Ok(Some(same));
        }
        Ok(latest.port_out.version.next().map(request))
    }

    fn submission<'a>(&'a self, request: &'a PortOutRequest) -> Submission<'a> {
        Submission { store: &self.store, hasher: &self.hasher, clock: &self.clock, request, delivery: None }
    }

    async fn verdict(&self, pon: Option<String>, port_out: &PortOut) -> Result<Verdict, Error> {
        match &port_out.outcome {
            Outcome::Confirmed(_) => Ok(Verdict::approval(pon)),
            // A newer version took its place, so this one is not what will be ported.
            Outcome::Superseded(_) => {
                Ok(Verdict::refusal(pon, &[codes::INVALID_REQUEST], Acceptable::default()))
            }
            Outcome::Rejected(reasons) => {
                let codes: Vec<_> = reasons.iter().map(|reason| codes::of(reason.code)).collect();
                Ok(Verdict::refusal(pon, &codes, self.acceptable(port_out).await?))
            }
        }
    }

    /// What this account would accept: its number, its ZIP code, and those of the numbers that are its own and free,
    /// or held by the version of the same PON that this one would replace.
    async fn acceptable(&self, port_out: &PortOut) -> Result<Acceptable, Error> {
        let content = &port_out.content;
        let Some(record) = self.store.account(&content.account_number).await? else {
            return Ok(Acceptable::default());
        };
        let known = self.store.numbers(content.numbers.as_slice()).await?;
        let own = self.store.confirmed(&port_out.spid, &port_out.pon).await?;
        let account = record.account;
        let free = |tn: &&_| {
            let is_free = |held: &Option<_>| held.is_none() || *held == own;
            known.get(*tn).is_some_and(|number| number.account == account.number && is_free(&number.held_by))
        };
        Ok(Acceptable {
            account_number: Some(account.number.to_string()),
            zip_code: account.profile.zip_code.as_ref().map(|zip| zip.as_str().to_owned()),
            numbers: content.numbers.as_slice().iter().filter(free).copied().collect(),
        })
    }
}

/// The PON to tell back, as far as the body can be read at all.
fn call_pon(call: &Request) -> Option<String> {
    match request::read(call) {
        Ok(asked) => asked.pon_text,
        Err(unusable) => unusable.pon,
    }
}

fn challenge() -> Problem {
    let detail = "This route needs the user name and password of a registered source.";
    let challenge = r#"Basic realm="port-out-pin", charset="UTF-8""#;
    Problem::new(Code::Unauthenticated, detail).with_header("WWW-Authenticate", challenge)
}
