//! The DynamoDB engine of a local run: embedded, on a SQLite file of its own, or another one by its URL.

use crate::error::Failure;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use dynoxide::{Database, server};
use rusqlite::{Connection, OpenFlags};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The region that local engines and functions agree on; it names no place.
pub const REGION: &str = "us-east-1";

/// Access key and secret of local runs. Engines check none, but some keep a separate database for each.
pub const CREDENTIALS: &str = "local";

/// For requests that still run when the engine is told to stop.
const STOP_WITHIN: Duration = Duration::from_secs(5);

const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// A running engine. Dropping it without [`Engine::stop`] loses no acknowledged write either.
#[derive(Debug)]
pub struct Engine {
    endpoint: String,
    embedded: Option<Embedded>,
}

#[derive(Debug)]
struct Embedded {
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), String>>,
    /// Held for as long as the engine runs; the system lets go of it even after a `kill -9`.
    lock: File,
}

impl Engine {
    /// Starts the embedded engine on the data file of `dir`, at a free loopback port.
    ///
    /// # Errors
    /// The folder cannot be used, another run uses it, or its data file is damaged.
    pub async fn embedded(dir: &Path) -> Result<Self, Failure> {
        fs::create_dir_all(dir)
            .map_err(|e| Failure::because(format!("cannot create {}", dir.display()), e))?;
        let lock = lock(dir)?;
        let file = data_file(dir);
        let database = open(&file).map_err(|why| damaged(&file, &why))?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.map_err(|e| Failure::because("no free loopback port for the engine", e))?;
        let address = listener.local_addr().map_err(|e| Failure::because("no address for the engine", e))?;
        let (stop, stopped) = oneshot::channel();
        let stopped = async move { stopped.await.unwrap_or_default() };
        let serving = tokio::spawn(server::serve_with_shutdown(listener, database, stopped));
        let embedded = Some(Embedded { stop, serving, lock });
        Ok(Self { endpoint: format!("http://{address}"), embedded })
    }

    /// Uses an engine that runs already.
    #[must_use]
    pub fn at(endpoint: &str) -> Self {
        Self { endpoint: endpoint.to_owned(), embedded: None }
    }

    /// Where the engine listens: `http://host:port`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Lets running requests finish and closes the data file. Another's engine is left alone.
    pub async fn stop(self) {
        let Some(Embedded { stop, serving, lock }) = self.embedded else { return };
        let _ = stop.send(());
        let _ = tokio::time::timeout(STOP_WITHIN, serving).await;
        // Said aloud: closing alone would not do it while a process that is just being started has a copy of the file.
        let _ = lock.unlock();
    }
}

/// The embedded engine's file inside the data folder.
#[must_use]
pub fn data_file(dir: &Path) -> PathBuf {
    dir.join("dynamodb.sqlite")
}

/// An SDK client of a local engine.
#[must_use]
pub fn client(endpoint: &str) -> Client {
    let timeouts = TimeoutConfig::builder().operation_timeout(ANSWER_WITHIN).build();
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new(CREDENTIALS, CREDENTIALS, None, None, "local"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .timeout_config(timeouts)
        .build();
    Client::from_conf(config)
}

fn lock(dir: &Path) -> Result<File, Failure> {
    let path = dir.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|e| Failure::because(format!("cannot write in {}", dir.display()), e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let dir = dir.display();
            Err(Failure::Broken(format!(
                "{dir} is in use by another `make run`: stop that one, or set DATA_DIR"
            )))
        }
        Err(TryLockError::Error(e)) => Err(Failure::because(format!("cannot lock {}", path.display()), e)),
    }
}

fn open(file: &Path) -> Result<Database, String> {
    check(file)?;
    let path = file.to_str().ok_or("the path is not UTF-8")?;
    Database::new(path).map_err(|e| e.to_string())
}

/// SQLite meets a damaged page only when it reads it; a person should hear of it before the first request does.
fn check(file: &Path) -> Result<(), String> {
    if !file.exists() {
        return Ok(());
    }
    let verdict = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .and_then(|it| it.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0)));
    match verdict {
        Ok(verdict) if verdict == "ok" => Ok(()),
        Ok(verdict) => Err(verdict),
        Err(e) => Err(e.to_string()),
    }
}

fn damaged(file: &Path, why: &str) -> Failure {
    let file = file.display();
    Failure::Broken(format!(
        "the data file {file} is damaged ({why}): put a copy of it back, or move it away to start empty"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Created, create_table};
    use std::io::{Seek, SeekFrom, Write};

    #[tokio::test(flavor = "multi_thread")]
    async fn the_table_is_created_once_and_outlives_the_engine() {
        let dir = tempfile::tempdir().unwrap();
        for expected in [Created::New, Created::Found] {
            let engine = Engine::embedded(dir.path()).await.unwrap();
            let client = client(engine.endpoint());
            assert_eq!(create_table(&client, "port-out-local").await.unwrap(), expected);
            assert_eq!(create_table(&client, "port-out-local").await.unwrap(), Created::Found);
            engine.stop().await;
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_second_run_on_the_same_folder_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let first = Engine::embedded(dir.path()).await.unwrap();
        let second = Engine::embedded(dir.path()).await.unwrap_err().to_string();
        assert!(second.contains("in use by another `make run`"), "{second}");
        first.stop().await;
        Engine::embedded(dir.path()).await.unwrap().stop().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_file_that_is_no_database_is_reported_as_damaged() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(data_file(dir.path()), "not a database, long enough to have a header of its own").unwrap();
        let failure = Engine::embedded(dir.path()).await.unwrap_err();
        assert!(failure.to_string().contains("is damaged"), "{failure}");
        assert_eq!(failure.exit_code(), 1);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_damaged_page_is_reported_before_a_request_meets_it() {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::embedded(dir.path()).await.unwrap();
        create_table(&client(engine.endpoint()), "port-out-local").await.unwrap();
        engine.stop().await;
        // The file's first page stays as it is, so that only reading further finds the damage.
        let mut file = File::options().write(true).open(data_file(dir.path())).unwrap();
        file.seek(SeekFrom::Start(4096)).unwrap();
        file.write_all(&[0xA5; 8 * 4096]).unwrap();
        drop(file);
        let failure = Engine::embedded(dir.path()).await.unwrap_err();
        assert!(failure.to_string().contains("is damaged"), "{failure}");
    }
}
