//! What `set-pin` is compared with: `GetItem` and `Query` at once, `TransactWriteItems`, and nothing else.

use bench_kit::calls::{Calls, Failure};
use lambda_http::{Body, Error, Request, RequestExt as _, Response, run, service_fn};

/// As long as a real one; it verifies no PIN.
const DIGEST: &str = "pbkdf2-sha256$600000$local-0000000000000000$0000000000000000000000$0000000000000000000000000000000000000000000";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let calls = &Calls::from_environment().await?;
    run(service_fn(async |request: Request| answer(calls, &request).await)).await
}

async fn answer(calls: &Calls, request: &Request) -> Result<Response<Body>, Failure> {
    let account = request.raw_http_path().split('/').nth(3).unwrap_or_default();
    let (read, numbers) =
        futures_util::future::join(calls.account(account), calls.own_numbers(account)).await;
    numbers?;
    let id = request.lambda_context().request_id;
    calls.set_pin(&read?, DIGEST, &id, "2026-01-01T00:00:00.000Z").await?;
    Ok(Response::new(Body::Empty))
}
