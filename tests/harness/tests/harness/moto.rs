//! moto server does not outlive the process that started it.

use harness::kms::Moto;

/// Nothing but the closed pipe ends it here, as when the test binary is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn server_ends_by_itself_when_the_pipe_from_its_owner_closes() {
    let server = Moto::own().await;
    let url = server.url().to_owned();
    let status = tokio::task::spawn_blocking(|| server.end()).await.unwrap();
    assert!(status.success(), "{status}");
    assert!(reqwest::get(url).await.is_err_and(|error| error.is_connect()));
}
