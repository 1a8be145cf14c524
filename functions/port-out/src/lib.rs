//! Takes carriers' port-outs by API or webhook: reads the request, has it decided, and answers.

mod bandwidth;
mod standard_webhooks;
mod submission;
mod webhook_auth;

use runtime::clock::Clock;
use runtime::error::Error;
use runtime::http::endpoint::PortOutEndpoint;
use runtime::http::json_body::JsonBody;
use runtime::http::problem::{Code, FieldError, Problem};
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::http::service::Handler;
use runtime::http::views::PortOutView;
use runtime::pin_hash::hasher::Hasher;
use runtime::store::port_out_store::PortOutStore;
use runtime::store::webhook_sources::DeliveryKey;
use shared::actor::Actor;
use shared::due_date::WrittenDate;
use shared::pin::SubmittedPin;
use shared::port_out::{Content, PortOut, PortOutRequest};
use shared::port_out_id::Version;
use shared::spid::Spid;
use submission::{Answered, Submission};

pub use webhook_auth::WebhookAuthenticator;

/// The handler of this function.
pub struct PortOuts {
    store: PortOutStore,
    hasher: Hasher,
    webhooks: WebhookAuthenticator,
    clock: Clock,
}

impl Handler for PortOuts {
    type Endpoint = PortOutEndpoint;

    async fn handle(&self, endpoint: PortOutEndpoint, call: &Request) -> Result<Response, Problem> {
        match endpoint {
            PortOutEndpoint::Submit => self.native(call).await,
            PortOutEndpoint::StandardWebhook => self.standard_webhook(call).await,
            PortOutEndpoint::BandwidthWebhook => self.bandwidth_webhook(call).await,
        }
    }
}

impl PortOuts {
    /// A handler that decides there.
    pub fn new(store: PortOutStore, hasher: Hasher, webhooks: WebhookAuthenticator, clock: Clock) -> Self {
        Self { store, hasher, webhooks, clock }
    }

    async fn native(&self, call: &Request) -> Result<Response, Problem> {
        let spid = call.identity.require_carrier()?;
        let request = read_request(JsonBody::read(call)?, spid)?;
        self.submit(&request, &call.identity.actor(), None).await
    }

    async fn submit(
        &self,
        request: &PortOutRequest,
        actor: &Actor,
        delivery: Option<&DeliveryKey>,
    ) -> Result<Response, Problem> {
        let submission =
            Submission { store: &self.store, hasher: &self.hasher, clock: &self.clock, request, delivery };
        answer(submission.answer(actor).await?)
    }
}

fn answer(answered: Answered) -> Result<Response, Problem> {
    match answered {
        Answered::New { port_out, locked } => Ok(created(&port_out, locked)),
        Answered::Again(port_out) => Ok(told(Response::json(200, &PortOutView::new(&port_out)), &port_out)),
        Answered::Wait(seconds) => Err(Problem::too_many_pin_attempts(seconds)),
        Answered::Conflict { next, locked } => Err(log_lock(locked, conflict(next), Problem::with_log)),
        Answered::TooManyTogether => Err(too_many_together()),
    }
}

fn created(port_out: &PortOut, locked: bool) -> Response {
    let answer = Response::json(201, &PortOutView::new(port_out));
    let answer = answer.with_header("Location", format!("/v1/port-outs/{}", port_out.id));
    told(log_lock(locked, answer, Response::with_log), port_out)
}

/// Notes that the account's PIN is locked.
fn log_lock<T>(locked: bool, answer: T, log: impl FnOnce(T, &'static str, &'static str) -> T) -> T {
    if locked { log(answer, "pin_locked", "yes") } else { answer }
}

fn told(answer: Response, port_out: &PortOut) -> Response {
    let mut reasons: Vec<_> = port_out.outcome.rejections().iter().map(|r| r.code.as_str()).collect();
    reasons.dedup();
    answer
        .with_log("port_out_status", port_out.outcome.status())
        .with_log("port_out_reasons", reasons.join(" "))
        .with_log("carrier_spid", port_out.spid.as_str())
}

fn conflict(next: Option<Version>) -> Problem {
    let advice = match next {
        Some(next) => format!("a correction is a new version: use version {next}"),
        None => "this PON has no version left: use a new PON".to_owned(),
    };
    let detail =
        format!("This PON was already used with this or a later version and other content; {advice}.");
    Problem::new(Code::PonConflict, detail)
}

fn too_many_together() -> Problem {
    let detail =
        "the numbers of this version and of the confirmed one that it would replace are over 90 together";
    Problem::invalid(vec![FieldError::new("/telephone_numbers", "too_many_tns", detail)])
}

fn read_request(mut fields: JsonBody, spid: &Spid) -> Result<PortOutRequest, Problem> {
    let pon = fields.required("pon", "pon_invalid");
    let version = fields.optional("version", "version_invalid").unwrap_or_default();
    let account_number = fields.required("account_number", "account_number_invalid");
    let pin = SubmittedPin::sort(fields.text("pin").as_deref().map(String::as_str));
    let zip_code = fields.optional("zip_code", "zip_code_invalid");
    let numbers = fields.telephone_numbers(|_| None);
    let desired_due_date = fields.optional("desired_due_date", "date_invalid").map(|WrittenDate(date)| date);
    fields.finish()?;
    match (pon, account_number, numbers) {
        (Some(pon), Some(account_number), Some(numbers)) => {
            let content = Content { account_number, zip_code, numbers, desired_due_date };
            Ok(PortOutRequest { spid: spid.clone(), pon, version, content, pin })
        }
        // All three are named by `finish` when they are missing.
        _ => Err(Error::internal("a missing field was not named").into()),
    }
}
