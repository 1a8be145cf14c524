//! Port-outs as Standard Webhooks: signed by a source, otherwise like those of a carrier with a token.

mod signature;

use runtime::http::json_body::{self, JsonBody};
use runtime::http::problem::{Code, Problem};
use runtime::http::request::Request;
use runtime::http::response::Response;
use runtime::store::webhook_sources::DeliveryKey;
use shared::webhook_source::{Source, SourceKind};

use crate::submission::answered_before;
use crate::{PortOuts, answer, read_request, webhook_auth};
use signature::Delivery;

impl PortOuts {
    /// Answers a delivery.
    pub(super) async fn standard_webhook(&self, call: &Request) -> Result<Response, Problem> {
        let body = json_body::body(call)?;
        let (source, delivery) = self.authenticate_signed(call, &body).await?;
        if let Some(answered) = answered_before(&self.store, &delivery, self.clock.now()).await? {
            return answer(answered);
        }
        let request = read_request(JsonBody::read(call)?, &source.spid)?;
        self.submit(&request, &webhook_auth::actor(&source), Some(&delivery)).await
    }

    /// 401 alike for a bad, stale or missing signature and for an unknown source.
    async fn authenticate_signed(
        &self,
        call: &Request,
        body: &[u8],
    ) -> Result<(Source, DeliveryKey), Problem> {
        let now = self.clock.now();
        let delivery = Delivery::read(|name| call.header(name), now).ok_or_else(bad_signature)?;
        let signed = |secret: &_| delivery.is_signed(body, secret);
        let source = self.webhooks.authenticate(
            call.parameter("source_id"),
            SourceKind::StandardWebhooks,
            now,
            signed,
        );
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
