//! What `port-out` is compared with: `BatchGetItem`, `TransactWriteItems`, and nothing else.
//!
//! Neither makes a `GetItem` for the first version of an order, which is what is measured.

use bench_kit::calls::{Calls, Failure, Order};
use lambda_http::{Body, Error, Request, RequestExt as _, Response, run, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let calls = &Calls::from_environment().await?;
    run(service_fn(async |request: Request| answer(calls, &request).await)).await
}

async fn answer(calls: &Calls, request: &Request) -> Result<Response<Body>, Failure> {
    let body: Value = serde_json::from_slice(request.body())?;
    let text = |name: &str| body.pointer(name).and_then(Value::as_str).unwrap_or_default();
    let order = Order {
        spid: "B123",
        pon: text("/pon"),
        account: text("/account_number"),
        tn: text("/telephone_numbers/0"),
        due: text("/desired_due_date"),
        id: &request.lambda_context().request_id,
    };
    let account = calls.snapshot(&order).await?;
    calls.confirm(&account, &order, "2026-01-01T00:00:00.000Z").await?;
    Ok(Response::new(Body::Empty))
}
