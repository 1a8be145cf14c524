//! What `port-out` is compared with: `BatchGetItem`, `TransactWriteItems`, and nothing else.
//!
//! Neither reads another port-out, as the first version of a PON for free numbers replaces none; that is what is
//! measured.

use bare::{Calls, Error};
use lambda_http::{Body, Request, Response, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let calls = &Calls::from_environment().await?;
    run(service_fn(async |request: Request| answer(calls, &request).await)).await
}

async fn answer(calls: &Calls, event: &Request) -> Result<Response<Body>, Error> {
    let request = bare::request("B123", &serde_json::from_slice(event.body())?)?;
    let owner = calls.snapshot(&request).await?;
    calls.confirm(&owner, &request).await?;
    Ok(Response::new(Body::Empty))
}
