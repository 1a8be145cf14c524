//! Port-outs as Standard Webhooks: signed by a source, otherwise like those of a carrier with a token.

use shared::http::answer::Answer;
use shared::http::call::Call;
use shared::http::fields::{self, Fields};
use shared::http::problem::{Code, Problem};
use shared::http::standard_webhooks::Delivery;
use shared::http::views::PortOutView;
use shared::rules::webhook_source::{Source, SourceKind};
use shared::store::webhook_sources::DeliveryKey;
use shared::trouble::Trouble;

use super::{PortOuts, doorkeeper, read_request, told};

impl PortOuts {
    /// Answers a delivery.
    pub(super) async fn standard_webhook(&self, call: &Call) -> Result<Answer, Problem> {
        let body = fields::body(call)?;
        let (source, delivery) = self.admit_signed(call, &body).await?;
        if let Some(answer) = self.answered_before(&delivery).await? {
            return Ok(answer);
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
        let key = DeliveryKey::new(&source.id, delivery.id);
        Ok((source, key))
    }

    /// The first answer to this delivery, if it was recorded in the last 24 hours.
    async fn answered_before(&self, delivery: &DeliveryKey) -> Result<Option<Answer>, Problem> {
        let Some(id) = self.doorkeeper.sources().delivered(delivery, self.clock.now()).await? else {
            return Ok(None);
        };
        let port_out = self.desk.port_out(&id).await?.ok_or(Trouble::corrupt("order_id"))?;
        Ok(Some(told(Answer::json(200, &PortOutView::new(&port_out)), &port_out)))
    }
}

fn bad_signature() -> Problem {
    let detail =
        "The delivery is not signed by this source, or its timestamp is more than 5 minutes from now.";
    let challenge = r#"Webhook-Signature realm="port-out-pin""#;
    Problem::new(Code::Unauthenticated, detail).with_header("WWW-Authenticate", challenge)
}
