//! Calls the identity provider and the API: the connections that the AWS SDK uses too, without its retries.
//!
//! Redirects are not followed and bodies are limited, whatever the other side sends.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{HttpConnector as _, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use runtime::error::Error;
use zeroize::Zeroizing;

/// Time for one call. A sign-in makes three in a row, within the ten seconds of a request.
const TIMEOUT: Duration = Duration::from_secs(3);

const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Sends requests and reads whole answers.
pub struct HttpClient(SharedHttpConnector);

/// A request.
pub struct Call<'a> {
    /// HTTP method.
    pub method: &'static str,
    /// Address.
    pub url: &'a str,
    /// Headers; they may hold a token.
    pub headers: Vec<(&'static str, Zeroizing<String>)>,
    /// Body; it may hold a PIN.
    pub body: Zeroizing<Vec<u8>>,
}

/// An answer; its body may hold a token.
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Whole seconds to wait, if the other side asks for that.
    pub retry_after: Option<u64>,
    /// The body.
    pub body: Zeroizing<Vec<u8>>,
}

impl HttpClient {
    /// Creates a client that connects in this way.
    pub fn new(connector: SharedHttpConnector) -> Self {
        Self(connector)
    }

    /// Gets a JSON document.
    ///
    /// # Errors
    /// Those of [`send`](Self::send).
    pub async fn get(&self, url: &str) -> Result<Answer, Error> {
        let headers = vec![("accept", Zeroizing::new("application/json".to_owned()))];
        self.send(Call { method: "GET", url, headers, body: Zeroizing::default() }).await
    }

    /// Sends a request.
    ///
    /// # Errors
    /// The other side cannot be reached, is late, or sends too much.
    pub async fn send(&self, call: Call<'_>) -> Result<Answer, Error> {
        let request = to_request(&call)?;
        let exchange = async {
            let response = self.0.call(request).await;
            read(response.map_err(|_| Error::unavailable("a service could not be reached"))?).await
        };
        let late = |_| Error::unavailable("a service did not answer in time");
        tokio::time::timeout(TIMEOUT, exchange).await.map_err(late)?
    }
}

fn to_request(call: &Call<'_>) -> Result<HttpRequest, Error> {
    let unusable = "a request to a service could not be written";
    let mut request = HttpRequest::new(SdkBody::from(call.body.to_vec()));
    request.set_method(call.method).map_err(|_| Error::internal(unusable))?;
    request.set_uri(call.url).map_err(|_| Error::internal(unusable))?;
    let length = ("content-length", Zeroizing::new(call.body.len().to_string()));
    for (name, value) in call.headers.iter().chain([&length]) {
        let value = value.to_string();
        request.headers_mut().try_insert(*name, value).map_err(|_| Error::internal(unusable))?;
    }
    Ok(request)
}

async fn read(response: HttpResponse) -> Result<Answer, Error> {
    let status = response.status().as_u16();
    let retry_after = response.headers().get("retry-after").and_then(|value| value.trim().parse().ok());
    let mut stream = ByteStream::new(response.into_body());
    let mut body = Zeroizing::new(Vec::new());
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Error::unavailable("a service broke off its answer"))?;
        if body.len().saturating_add(chunk.len()) > MAX_BODY_BYTES {
            return Err(Error::unavailable("a service sent too much"));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, retry_after, body })
}
