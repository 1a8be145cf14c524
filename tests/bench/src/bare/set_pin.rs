//! What `set-pin` is compared with: `BatchGetItem` and `Query` at once, `TransactWriteItems`, and nothing else.

use bare::{Calls, Error};
use futures_util::future::join;
use lambda_http::{Body, Request, RequestExt as _, Response, run, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let calls = &Calls::from_environment().await?;
    run(service_fn(async |request: Request| answer(calls, &request).await)).await
}

async fn answer(calls: &Calls, request: &Request) -> Result<Response<Body>, Error> {
    let account = request.raw_http_path().split('/').nth(3).unwrap_or_default().parse()?;
    let (read, numbers) = join(calls.owner(&account), calls.own_numbers(&account)).await;
    numbers?;
    calls.set_pin(&account, &read?).await?;
    Ok(Response::new(Body::Empty))
}
