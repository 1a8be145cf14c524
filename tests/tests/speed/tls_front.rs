//! A TLS endpoint in front of a plain one: its own authority, handshakes that are counted, and slow on purpose.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use harness::fixture::Fixture;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, version::TLS13};

/// A TLS endpoint on a free port; it ends when this is dropped.
pub struct TlsFront {
    url: String,
    handshakes: Arc<Handshakes>,
    _serving: JoinSet<()>,
}

/// How many connections were opened, and when the handshake of each was over.
#[derive(Default)]
struct Handshakes {
    opened: AtomicUsize,
    finished: Mutex<Vec<Instant>>,
}

/// Who vouches for the endpoints of one test.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: TempDir,
}

impl Authority {
    /// Creates an authority that nothing else trusts.
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).unwrap();
        Self { issuer, folder }
    }

    /// Makes the functions of a fixture trust only this authority.
    pub fn trusted_by(&self, fixture: Fixture) -> Fixture {
        let file: &Path = &self.folder.path().join("ca.pem");
        fixture.env("SSL_CERT_FILE", file.to_str().expect("UTF-8"))
    }

    fn acceptor(&self) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate: CertificateDer = params.signed_by(&key, &self.issuer).unwrap().into();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()));
        let config = config.with_protocol_versions(&[&TLS13]).unwrap().with_no_client_auth();
        TlsAcceptor::from(Arc::new(config.with_single_cert(vec![certificate], key).unwrap()))
    }
}

impl TlsFront {
    /// Starts a front for `upstream` (`http://address`); each handshake takes `delay` longer.
    pub async fn start(authority: &Authority, upstream: &str, delay: Duration) -> Self {
        let upstream = upstream.trim_start_matches("http://").parse().expect("an address");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("no free port");
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let handshakes = Arc::<Handshakes>::default();
        let serving = listen(listener, authority.acceptor(), upstream, delay, handshakes.clone());
        Self { url, handshakes, _serving: JoinSet::from_iter([serving]) }
    }

    /// Returns its URL.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Fails unless so many connections were opened, and the handshake of each was over by then.
    #[track_caller]
    pub fn assert_opened_before(&self, then: Instant, connections: usize) {
        let finished = self.handshakes.finished.lock().unwrap();
        let late: Vec<_> = finished.iter().filter(|at| **at > then).map(|at| *at - then).collect();
        let opened = self.handshakes.opened.load(Ordering::SeqCst);
        assert_eq!((opened, finished.len()), (connections, connections), "opened, and over");
        assert!(late.is_empty(), "over only so much later: {late:?}");
    }
}

async fn listen(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    upstream: SocketAddr,
    delay: Duration,
    handshakes: Arc<Handshakes>,
) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.expect("no connection");
        handshakes.opened.fetch_add(1, Ordering::SeqCst);
        connections.spawn(serve(stream, acceptor.clone(), upstream, delay, handshakes.clone()));
    }
}

async fn serve(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    upstream: SocketAddr,
    delay: Duration,
    handshakes: Arc<Handshakes>,
) {
    tokio::time::sleep(delay).await;
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    handshakes.finished.lock().unwrap().push(Instant::now());
    let mut upstream = TcpStream::connect(upstream).await.expect("the plain endpoint");
    let _ = tokio::io::copy_bidirectional(&mut stream, &mut upstream).await;
}
