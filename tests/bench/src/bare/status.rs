//! What `status` is compared with: the `BatchGetItem` of a PIN's status, and nothing else.

use bare::{Calls, Error};
use lambda_http::{Body, Request, RequestExt as _, Response, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let calls = &Calls::from_environment().await?;
    run(service_fn(async |request: Request| answer(calls, &request).await)).await
}

async fn answer(calls: &Calls, request: &Request) -> Result<Response<Body>, Error> {
    let account = request.raw_http_path().split('/').nth(3).unwrap_or_default();
    calls.status(&account.parse()?).await?;
    Ok(Response::new(Body::Empty))
}
