//! Port-outs as Standard Webhooks: signed by a source, otherwise like those of a carrier with a token.

use shared::http::answer::Answer;
use shared::http::call::Call;
use shared::http::fields::{self, Fields};
use shared::http::problem::{Code, Problem};
use shared::http::standard_webhooks::Delivery;
use shared::rules::webhook_source::{Source, SourceKind};
use shared::store::webhook_sources::DeliveryKey;

use super::submission::answered_before;
use super::{PortOuts, answer, doorkeeper, read_request};

impl PortOuts {
    /// Answers a delivery.
    pub(super) async fn standard_webhook(&self, call: &Call) -> Result<Answer, Problem> {
        let body = fields::body(call)?;
        let (source, delivery) = self.admit_signed(call, &body).await?;
        if let Some(answered) = answered_before(&self.desk, &delivery, self.clock.now()).await? {
            return answer(answered);
        }
        let request = read_request(Fields::read(call)?, &source.spid)?;
        self.submit(&request, &doorkeeper::actor(&source), Some(&delivery)).await
    }

    /// 401 alike for a bad, stale or missing signature and for an unknown source.
    async fn admit_signed(&self, call: &Call, body: &[u8]) -> Result<(Source, DeliveryKey), Problem> {
        let now = self.clock.now();
        let delivery = Delivery::read(|name| call.header(name), now).ok_or_else(bad_signature)?;
        let signed = |secret: &_| delivery.is_signed(body, secret);
        let source =
            self.doorkeeper.admit(call.parameter("source_id"), SourceKind::StandardWebhooks, now, signed);
        let source = source.await?.ok_or_else(bad_signature)?;
        let key = DeliveryKey::new(&source, delivery.id);
        Ok((source, key))
    }
}

fn bad_signature() -> Problem {
    let detail =
        "The delivery is not signed by this source, or its timestamp is more than 5 minutes from now.";
    let challenge = r#"Webhook-Signature realm="port-out-pin""#;
    Problem::new(Code::Unauthenticated, detail).with_header("WWW-Authenticate", challenge)
}
