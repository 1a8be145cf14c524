//! A function that does what the path says, so that the harness can test itself.

use std::time::Duration;

use lambda_http::{Body, Error, Request, RequestExt, Response, run, service_fn};
use serde_json::json;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    println!("stdout line");
    if std::env::var("FAIL_INIT").is_ok() {
        return Err("init fails".into());
    }
    run(service_fn(answer)).await
}

async fn answer(request: Request) -> Result<Response<Body>, Error> {
    eprintln!("stderr line of {}", request.raw_http_path());
    match request.raw_http_path() {
        "/sleep" => tokio::time::sleep(Duration::from_secs(30)).await,
        "/exit" => std::process::exit(3),
        "/panic" => panic!("asked to"),
        "/fail" => return Err("asked to fail".into()),
        _ => {}
    }
    let body = json!({
        "method": request.method().as_str(),
        "path": request.raw_http_path(),
        "uri": request.uri().to_string(),
        "body": request.body().as_ref(),
        "binary": matches!(request.body(), Body::Binary(_)),
        "claims": request.request_context_ref().and_then(|context| context.authorizer()).map(|it| json!(it)),
        "env": std::env::vars().collect::<std::collections::BTreeMap<_, _>>(),
        "pid": std::process::id(),
    });
    let response =
        Response::builder().status(207).header("content-type", "application/json").header("etag", "\"7\"");
    Ok(response.body(body.to_string().into())?)
}
