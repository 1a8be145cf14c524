//! TCP connections that a frozen sandbox finds dead when it thaws: closed, reset, or swallowing all that is sent.

use std::sync::Arc;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What the other side did to the connections meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Closed them.
    Fin,
    /// Reset them.
    Rst,
    /// Forgot them: what is sent is never answered.
    Silence,
}

/// A proxy of bytes before a server; it listens as long as this lives.
pub struct Links {
    url: String,
    /// How many times the connections died, and how the last time.
    ended: watch::Sender<(usize, End)>,
    /// Aborted on drop.
    _listening: JoinSet<()>,
}

impl Links {
    /// Starts a proxy before the server at this URL.
    pub async fn start(endpoint: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("no free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound listener"));
        let ended = watch::Sender::new((0, End::Fin));
        let server: Arc<str> = endpoint.trim_start_matches("http://").trim_end_matches('/').into();
        let listening = JoinSet::from_iter([listen(listener, server, ended.clone())]);
        Self { url, ended, _listening: listening }
    }

    /// Returns its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends every connection that is open now; new ones work.
    pub fn end(&self, how: End) {
        self.ended.send_modify(|(times, end)| {
            *times += 1;
            *end = how;
        });
    }
}

async fn listen(listener: TcpListener, server: Arc<str>, ended: watch::Sender<(usize, End)>) {
    let mut connections = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.expect("no connection");
        connections.spawn(relay(client, server.clone(), ended.subscribe()));
        while connections.try_join_next().is_some() {}
    }
}

async fn relay(mut client: TcpStream, server: Arc<str>, mut ended: watch::Receiver<(usize, End)>) {
    let Ok(mut upstream) = TcpStream::connect(&*server).await else { return };
    let _ = (client.set_nodelay(true), upstream.set_nodelay(true));
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut upstream) => return,
        changed = ended.changed() => if changed.is_err() { return },
    }
    let (_, end) = *ended.borrow();
    match end {
        End::Fin => {}
        End::Rst => client.set_zero_linger().expect("a socket"),
        End::Silence => std::future::pending().await,
    }
}
