//! Prewarming connections is harmless: it sends no request, delays no start for long, and its failures stay silent.

use std::future::pending;
use std::time::{Duration, Instant};

use harness::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::tls_front::{Authority, TlsFront};

/// Returns the first bytes of each connection.
async fn first_requests(listener: TcpListener, count: usize) -> Vec<String> {
    let mut requests = Vec::new();
    for _ in 0..count {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = vec![0; 4096];
        let length = stream.read(&mut bytes).await.unwrap();
        stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        requests.push(String::from_utf8(bytes[..length].to_vec()).unwrap());
    }
    requests
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_opens_a_connection_names_no_operation_and_carries_no_credentials() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let requests = tokio::spawn(first_requests(listener, 2));
    let stack = Fixture::new().processes(1).functions(&["status"]).without_wire();
    let stack = stack.env("AWS_ENDPOINT_URL_DYNAMODB", &format!("http://{address}")).start().await;
    let bare = format!("GET / HTTP/1.1\r\nhost: {address}\r\n\r\n");
    let requests = timeout(Duration::from_secs(10), requests).await.expect("two connections");
    assert_eq!(requests.unwrap(), [bare.clone(), bare]);
    assert_eq!(stack.logs(), "");
}

/// Returns how long the same start takes with a table that answers.
async fn usual_start() -> Duration {
    let began = Instant::now();
    let _stack = Fixture::new().processes(1).functions(&["status"]).start().await;
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_connection_and_no_answer_delay_a_start_by_a_second_at_most_and_are_not_told() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent_url = format!("http://{}", silent.local_addr().unwrap());
    let authority = Authority::new();
    let never = TlsFront::start(&authority, "http://127.0.0.1:1", Duration::MAX).await;
    let _accepting = JoinSet::from_iter([async move {
        let _open = silent.accept().await;
        pending::<()>().await;
    }]);
    for url in [silent_url.as_str(), never.url(), "http://127.0.0.1:1"] {
        let stack = authority.trusted_by(Fixture::new().processes(1)).functions(&["status"]).without_wire();
        let usual = usual_start().await;
        let began = Instant::now();
        let stack = stack.env("AWS_ENDPOINT_URL_DYNAMODB", url).start().await;
        let took = began.elapsed();
        // A second, and as much again or more for the process, the table and a busy machine.
        let most = Duration::from_secs(1) + usual.mul_f32(2.0).max(Duration::from_secs(1));
        assert!(took < most, "{url} {took:?}, usually {usual:?}");
        assert_eq!(stack.logs(), "", "{url}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_makes_no_call_of_dynamodb() {
    let stack = Fixture::new().processes(1).start().await;
    assert_eq!(stack.wire().take_operations(), Vec::<String>::new());
}
