//! What `port-out` is compared with: `BatchGetItem`, `TransactWriteItems`, and nothing else.
//!
//! Neither makes a `GetItem` for the first version of a port-out, which is what is measured.

use bare::{Calls, Error};
use lambda_http::{Body, Request, Response, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let calls = &Calls::from_environment().await?;
    run(service_fn(async |request: Request| answer(calls, &request).await)).await
}

async fn answer(calls: &Calls, request: &Request) -> Result<Response<Body>, Error> {
    let record = bare::confirmed("B123", &serde_json::from_slice(request.body())?)?;
    let account = calls.snapshot(&record.port_out).await?;
    calls.confirm(&account, &record).await?;
    Ok(Response::new(Body::Empty))
}
