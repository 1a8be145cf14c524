//! Bandwidth's port-out validation: XML in, XML out, and never an answer that lets a port through by mistake.
//!
//! Their side takes every 4xx, 5xx, time-out and unknown code for an approval. So whatever goes wrong after credentials
//! were given is answered with 200, `Portable` false and code 7598.

mod codes;
mod request;
mod response;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use shared::digest::webhook_secret::WebhookSecret;
use shared::http::answer::Answer;
use shared::http::basic::Basic;
use shared::http::call::Call;
use shared::http::problem::{Code, Problem};
use shared::rules::order::Version;
use shared::rules::port_out::{Outcome, PortOut, PortOutRequest};
use shared::rules::webhook_source::{Source, SourceKind};
use shared::trouble::Trouble;

use super::submission::{Answered, Submission};
use super::{PortOuts, doorkeeper};
use request::{Asked, Unusable};
use response::{Acceptable, Verdict};

/// Bandwidth waits 30 seconds; the frame around every call gives up after 10.
const DEADLINE: Duration = Duration::from_secs(8);

/// How often a request that met another of the same PON is tried again as the next version.
const TRIES: u32 = 8;

impl PortOuts {
    /// Answers a validation.
    pub(super) async fn bandwidth_webhook(&self, call: &Call) -> Result<Answer, Problem> {
        // Their first call comes without credentials and asks for this challenge (RFC 7235).
        let Some(basic) = call.header("authorization").and_then(Basic::parse) else {
            return Err(challenge());
        };
        let work = AssertUnwindSafe(self.validate(call, &basic)).catch_unwind();
        let (pon, trouble) = match tokio::time::timeout(DEADLINE, work).await {
            Ok(Ok(Ok(Some(verdict)))) => return Ok(verdict.answer()),
            Ok(Ok(Ok(None))) => return Err(challenge()),
            Ok(Ok(Err(trouble))) => (call_pon(call), trouble),
            // Whatever panicked may have been the reading of the request, so it is not read again.
            Ok(Err(_)) => (None, Trouble::internal("a panic was caught")),
            Err(_) => (call_pon(call), Trouble::unavailable("the call took too long")),
        };
        Ok(Verdict::trouble(pon).answer().after(trouble))
    }

    /// `None`: the credentials are not good.
    async fn validate(&self, call: &Call, basic: &Basic) -> Result<Option<Verdict>, Trouble> {
        let source_id = call.parameter("source_id");
        let proves = |secret: &WebhookSecret| basic.user == source_id && secret.is(&basic.password);
        let admitted =
            self.doorkeeper.admit(source_id, SourceKind::Bandwidth, self.clock.now(), proves).await?;
        let Some(source) = admitted else { return Ok(None) };
        let verdict = match request::read(call) {
            Ok(asked) => self.judge(&source, asked).await?,
            Err(unusable) => Verdict::refusal(unusable.pon, &[unusable.code], Acceptable::default()),
        };
        Ok(Some(verdict))
    }

    async fn judge(&self, source: &Source, asked: Asked) -> Result<Verdict, Trouble> {
        let asked = match self.with_owner(asked).await? {
            Ok(asked) => asked,
            Err(unusable) => {
                return Ok(Verdict::refusal(unusable.pon, &[unusable.code], Acceptable::default()));
            }
        };
        let pon = asked.pon_text.clone();
        let actor = doorkeeper::actor(source);
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
                Answered::Wait(_) => return Ok(Verdict::trouble(pon)),
                Answered::TooManyTogether => {
                    return Ok(Verdict::refusal(pon, &[codes::TOO_MANY_NUMBERS], Acceptable::default()));
                }
                // Another request of the same PON came between.
                Answered::Conflict { locked: now, .. } => locked |= now,
            }
        }
        Err(Trouble::unavailable("a PON met other requests every time"))
    }

    /// Finds whose numbers they are, if the request does not say.
    async fn with_owner(&self, asked: Asked) -> Result<Result<request::Named, Unusable>, Trouble> {
        let account_number = match &asked.account_number {
            Some(number) => number.clone(),
            None => {
                let known = self.desk.numbers(asked.numbers.as_slice()).await?;
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
    ) -> Result<Option<PortOutRequest>, Trouble> {
        let request = |version| PortOutRequest {
            spid: source.spid.clone(),
            pon: asked.pon.clone(),
            version,
            content: asked.content.clone(),
            pin: asked.pin.clone(),
        };
        let Some(latest) = self.desk.latest(&source.spid, &asked.pon).await? else {
            return Ok(Some(request(Version::FIRST)));
        };
        let same = request(latest.port_out.version);
        if latest.port_out.content.same(&asked.content) && self.submission(&same).has_pin_of(&latest).await? {
            return Ok(Some(same));
        }
        Ok(latest.port_out.version.next().map(request))
    }

    fn submission<'a>(&'a self, request: &'a PortOutRequest) -> Submission<'a> {
        Submission { desk: &self.desk, hasher: &self.hasher, clock: &self.clock, request, delivery: None }
    }

    async fn verdict(&self, pon: Option<String>, port_out: &PortOut) -> Result<Verdict, Trouble> {
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
    async fn acceptable(&self, port_out: &PortOut) -> Result<Acceptable, Trouble> {
        let content = &port_out.content;
        let Some(record) = self.desk.account(&content.account_number).await? else {
            return Ok(Acceptable::default());
        };
        let known = self.desk.numbers(content.numbers.as_slice()).await?;
        let own = self.desk.confirmed(&port_out.spid, &port_out.pon).await?;
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
fn call_pon(call: &Call) -> Option<String> {
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
