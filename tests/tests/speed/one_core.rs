//! A dozen hashes at once on one core leave I/O its turn.

use std::cell::Cell;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use runtime::pin_hash::hasher::{DEFAULT_ROUNDS, Hasher};
use runtime::pin_hash::pepper::{LocalKey, Pepper};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use shared::account::AccountNumber;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

const AT_ONCE: u32 = 12;

/// Pins this thread, and those that it starts, to one core.
fn pin_to_one_core() {
    let all = sched_getaffinity(None).unwrap();
    let mut one = CpuSet::new();
    one.set((0..CpuSet::MAX_CPU).find(|core| all.is_set(*core)).expect("a core"));
    sched_setaffinity(None, &one).unwrap();
}

fn hasher() -> Hasher {
    let key = Box::new(LocalKey::new(&[1; 32]).unwrap());
    Hasher::new(Pepper::Local { current: key, previous: None }, DEFAULT_ROUNDS).unwrap()
}

async fn hash(hasher: Hasher) {
    let account: AccountNumber = "CONTOSO".parse().unwrap();
    let keyed = hasher.pepper(&account, "482913").await.unwrap();
    let parameters = hasher.parameters(&keyed, [0; 16]);
    hasher.hash(&account, "482913", &keyed, &parameters).await.unwrap();
}

/// Starts an echo on any free core, so that its caller has to sleep and wake up; it ends with the caller.
fn echo_server() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut byte = [0];
        while stream.read_exact(&mut byte).is_ok() {
            stream.write_all(&byte).unwrap();
        }
    });
    address
}

/// Measures round trips to the echo, one after the other.
async fn round_trips(echo: SocketAddr, more: impl Fn() -> bool) -> Vec<Duration> {
    let (mut stream, mut times) = (TcpStream::connect(echo).await.unwrap(), Vec::new());
    while more() {
        let began = Instant::now();
        stream.write_all(b"?").await.unwrap();
        stream.read_u8().await.unwrap();
        times.push(began.elapsed());
        // Not always just after a wake-up, when a thread has a turn due anyway.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    times
}

/// Returns how long a dozen concurrent hashes took, and the round trips meanwhile.
async fn measure(echo: SocketAddr) -> (Duration, Vec<Duration>) {
    let (hasher, began) = (hasher(), Instant::now());
    let mut hashes: JoinSet<_> = (0..AT_ONCE).map(|_| hash(hasher.clone())).collect();
    let running = Cell::new(true);
    let all = async {
        while hashes.join_next().await.is_some() {}
        running.set(false);
        began.elapsed()
    };
    futures_util::future::join(all, round_trips(echo, || running.get())).await
}

#[test]
fn a_dozen_hashes_on_one_core_take_turns_and_io_goes_on() {
    let (echo, threads) = (echo_server(), Arc::new(AtomicUsize::new(0)));
    let started = threads.clone();
    let pinned = std::thread::spawn(move || {
        pin_to_one_core();
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.on_thread_start(move || _ = started.fetch_add(1, Ordering::SeqCst));
        runtime.enable_all().build().unwrap().block_on(measure(echo))
    });
    let (all, mut times) = pinned.join().unwrap();
    times.sort_unstable();
    let (one, median, worst) = (all / AT_ONCE, times[times.len() / 2], times[times.len() - 1]);
    println!("one hash {one:?}, {} round trips: median {median:?}, worst {worst:?}", times.len());
    // The next may begin just before the thread of the last is free again.
    let threads = threads.load(Ordering::SeqCst);
    assert!(threads <= 3, "{threads} threads share the core");
    assert!(worst < all / 4, "{worst:?} of {all:?}");
}
