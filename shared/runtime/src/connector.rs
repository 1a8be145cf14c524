//! HTTP/1.1 connections, for the AWS SDK and for the console's own calls.
//!
//! Joins hyper's client and rustls to the SDK. The SDK's own client also brings HTTP/2, proxies, and a choice of TLS stacks,
//! and every function would contain them: an eighth of its zip (docs/decisions/0016-http-1-1-alone.md).

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{self, CaptureConnection, capture_connection};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use lambda_http::http::Uri;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;
use tower_service::Service;

/// Time to open a connection: name, TCP, and TLS.
const CONNECT: Duration = Duration::from_secs(1);

/// Connects to `http` addresses, and to `https` addresses whose certificates the system trusts.
#[must_use]
pub fn secure() -> SharedHttpConnector {
    let mut roots = RootCertStore::empty();
    // Without a single one, every connection to an `https` address fails.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    connector(roots)
}

/// Connects to `http` addresses only: it trusts no certificate, so it need not read any.
#[must_use]
pub fn plain() -> SharedHttpConnector {
    connector(RootCertStore::empty())
}

/// Wraps a connector for the SDK.
#[must_use]
pub fn http_client(connector: SharedHttpConnector) -> SharedHttpClient {
    http_client_fn(move |_, _| connector.clone())
}

fn connector(roots: RootCertStore) -> SharedHttpConnector {
    let tls = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let mut tcp = connect::HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    let https = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1();
    let mut client = Client::builder(TokioExecutor::new());
    // Without a timer, connections that have been idle for too long would be kept.
    client.pool_timer(TokioTimer::new());
    SharedHttpConnector::new(Connector(client.build(InTime(https.wrap_connector(tcp)))))
}

type Opener = HttpsConnector<connect::HttpConnector>;
type Error = <Opener as Service<Uri>>::Error;

/// Opens a connection, unless that takes longer than [`CONNECT`].
#[derive(Debug, Clone)]
struct InTime(Opener);

impl Service<Uri> for InTime {
    type Response = <Opener as Service<Uri>>::Response;
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        let opening = self.0.call(address);
        Box::pin(async { timeout(CONNECT, opening).await? })
    }
}

/// Hyper's client with its pool of connections.
#[derive(Debug)]
struct Connector(Client<InTime, SdkBody>);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        let captured = capture_connection(&mut request);
        if let Some(capture) = request.extensions().get::<CaptureSmithyConnection>() {
            capture.set_connection_retriever(move || metadata(&captured));
        }
        let response = self.0.request(request);
        HttpConnectorFuture::new(async move {
            // Whatever it is, the SDK may try again: its requests are well-formed, and to repeat them is safe.
            let response = response.await.map_err(|error| ConnectorError::io(error.into()))?;
            let response = HttpResponse::try_from(response.map(SdkBody::from_body_1_x));
            response.map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Lets the SDK close a connection on which a call failed, instead of making the next call on it.
fn metadata(captured: &CaptureConnection) -> Option<ConnectionMetadata> {
    captured.connection_metadata().as_ref()?;
    let captured = captured.clone();
    let poison = move || {
        if let Some(connection) = captured.connection_metadata().as_ref() {
            connection.poison();
        }
    };
    Some(ConnectionMetadata::builder().proxied(false).poison_fn(poison).build())
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::{Arc, Mutex};

    use aws_sdk_dynamodb::config::retry::RetryConfig;
    use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
    use axum::Router;
    use axum::extract::ConnectInfo;
    use axum::http::StatusCode;
    use tokio::net::TcpListener;

    use super::*;

    /// Answers with each status in turn, and notes the other end of the connection that each request came over.
    async fn listen(statuses: &'static [StatusCode]) -> (String, Arc<Mutex<Vec<SocketAddr>>>) {
        let peers = Arc::<Mutex<Vec<SocketAddr>>>::default();
        let noted = peers.clone();
        let answer = move |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move {
            let mut noted = noted.lock().unwrap();
            noted.push(peer);
            (statuses[noted.len() - 1], "{}")
        };
        let service = Router::new().fallback(answer).into_make_service_with_connect_info::<SocketAddr>();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, service).await });
        (url, peers)
    }

    #[tokio::test]
    async fn a_connection_is_used_again_but_not_after_a_failure_on_it() {
        const BROKEN: StatusCode = StatusCode::INTERNAL_SERVER_ERROR;
        let (url, peers) = listen(&[StatusCode::OK, StatusCode::OK, BROKEN, StatusCode::OK]).await;
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
            .endpoint_url(url)
            .http_client(http_client(plain()))
            .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)));
        let client = aws_sdk_dynamodb::Client::from_conf(config.build());
        for _ in 0..3 {
            client.list_tables().send().await.unwrap();
        }
        let peers = peers.lock().unwrap();
        let [first, second, failed, repeated] = peers[..] else { panic!("{peers:?}") };
        assert_eq!((first, second), (second, failed));
        assert_ne!(failed, repeated);
    }

    #[tokio::test]
    async fn a_handshake_that_does_not_end_is_given_up_by_itself() {
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let request = HttpRequest::get(format!("https://{}", silent.local_addr().unwrap())).unwrap();
        let answer = timeout(Duration::from_secs(30), secure().call(request)).await;
        assert!(answer.expect("an end").unwrap_err().is_io());
    }
}
