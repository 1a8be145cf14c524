//! The DynamoDB engine of a local run: the embedded one on a SQLite file, or another one by its URL.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use dynoxide::{Database, server};
use runtime::connector;
use rusqlite::{Connection, OpenFlags};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::error::CliError;

/// Region that local engines and functions agree on; some engines keep a separate database for each.
pub const REGION: &str = "us-east-1";

/// Access key ID and secret of local runs. Engines do not check them, but some keep a separate database for each.
pub const CREDENTIALS: &str = "local";

/// Time for requests in flight when the engine stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);

/// A running engine. Even if it is dropped without [`Engine::stop`], no acknowledged write is lost.
#[derive(Debug)]
pub struct Engine {
    endpoint: String,
    embedded: Option<Embedded>,
}

#[derive(Debug)]
struct Embedded {
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), String>>,
    file: PathBuf,
    /// Held while the engine runs; the system releases it even after `kill -9`.
    lock: File,
}

impl Engine {
    /// Starts the embedded engine on the data file in `dir`, at a free loopback port.
    ///
    /// # Errors
    /// Fails if the folder cannot be used, another run uses it, or its data file is damaged.
    pub async fn embedded(dir: &Path) -> Result<Self, CliError> {
        fs::create_dir_all(dir)
            .map_err(|e| CliError::failed(format!("cannot create {}", dir.display()), e))?;
        let lock = lock(dir)?;
        let file = data_file(dir);
        let database = open(&file).map_err(|why| damaged(&file, &why))?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.map_err(|e| CliError::failed("no free loopback port for the engine", e))?;
        let address =
            listener.local_addr().map_err(|e| CliError::failed("cannot read the engine's address", e))?;
        let (stop, stopped) = oneshot::channel();
        let stopped = async move { stopped.await.unwrap_or_default() };
        let serving = tokio::spawn(server::serve_with_shutdown(listener, database, stopped));
        let embedded = Some(Embedded { stop, serving, file, lock });
        Ok(Self { endpoint: format!("http://{address}"), embedded })
    }

    /// Uses an engine that is already running at `endpoint`.
    #[must_use]
    pub fn at(endpoint: &str) -> Self {
        Self { endpoint: endpoint.to_owned(), embedded: None }
    }

    /// Returns the URL of the engine: `http://host:port`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Waits for requests in flight and closes the data file. Leaves an engine that it did not start alone.
    pub async fn stop(self) {
        let Some(Embedded { stop, serving, file, lock }) = self.embedded else { return };
        let _ = stop.send(());
        let ended = async {
            let _ = serving.await;
            closed(&file).await;
        };
        let _ = tokio::time::timeout(STOP_TIMEOUT, ended).await;
        // Explicitly, because closing the file does not unlock it while a child between fork and exec has a copy of it.
        let _ = lock.unlock();
    }
}

/// Returns the path of the embedded engine's file in the data folder.
#[must_use]
pub fn data_file(dir: &Path) -> PathBuf {
    dir.join("dynamodb.sqlite")
}

/// Waits until the data file is closed: the server ends a moment before its last connection lets go of the database.
/// SQLite then moves the write-ahead log into the file and removes it.
async fn closed(file: &Path) {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    while Path::new(&log).exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Creates an SDK client for a local engine.
#[must_use]
pub fn client(endpoint: &str) -> Client {
    let timeouts = TimeoutConfig::builder().operation_timeout(REQUEST_TIMEOUT).build();
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new(CREDENTIALS, CREDENTIALS, None, None, "local"))
        .http_client(connector::http_client(connector::plain()))
        .timeout_config(timeouts)
        .build();
    Client::from_conf(config)
}

fn lock(dir: &Path) -> Result<File, CliError> {
    let path = dir.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(|e| CliError::failed(format!("cannot write in {}", dir.display()), e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let dir = dir.display();
            Err(CliError::Failed(format!(
                "{dir} is in use by another `make run`: stop that one, or set DATA_DIR"
            )))
        }
        Err(TryLockError::Error(e)) => Err(CliError::failed(format!("cannot lock {}", path.display()), e)),
    }
}

fn open(file: &Path) -> Result<Database, String> {
    check(file)?;
    let path = file.to_str().ok_or("the path is not UTF-8")?;
    Database::new(path).map_err(|e| e.to_string())
}

/// SQLite notices a damaged page only when it reads it. This check reports it at startup, not in a later request.
fn check(file: &Path) -> Result<(), String> {
    if !file.exists() {
        return Ok(());
    }
    let result = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .and_then(|database| database.query_row("PRAGMA quick_check(1)", [], |row| row.get::<_, String>(0)));
    match result {
        Ok(finding) if finding == "ok" => Ok(()),
        Ok(finding) => Err(finding),
        Err(e) => Err(e.to_string()),
    }
}

fn damaged(file: &Path, why: &str) -> CliError {
    let file = file.display();
    CliError::Failed(format!(
        "the data file {file} is damaged ({why}): restore a backup, or move the file away to start empty"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Created, create_tables, names};
    use std::io::{Seek, SeekFrom, Write};

    #[tokio::test(flavor = "multi_thread")]
    async fn the_table_is_created_once_and_outlives_the_engine() {
        let dir = tempfile::tempdir().unwrap();
        for expected in [Created::New, Created::Found] {
            let engine = Engine::embedded(dir.path()).await.unwrap();
            let client = client(engine.endpoint());
            assert_eq!(create_tables(&client, &names("port-out-local")).await.unwrap(), expected);
            assert_eq!(create_tables(&client, &names("port-out-local")).await.unwrap(), Created::Found);
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
    async fn a_file_that_is_not_a_database_is_reported_as_damaged() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(data_file(dir.path()), "not a database, long enough to have a header of its own").unwrap();
        let error = Engine::embedded(dir.path()).await.unwrap_err();
        assert!(error.to_string().contains("is damaged"), "{error}");
        assert_eq!(error.exit_code(), 1);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_damaged_page_is_reported_before_a_request_meets_it() {
        let dir = tempfile::tempdir().unwrap();
        let engine = Engine::embedded(dir.path()).await.unwrap();
        create_tables(&client(engine.endpoint()), &names("port-out-local")).await.unwrap();
        engine.stop().await;
        // The first page stays intact, so that opening the file alone does not notice.
        let mut file = File::options().write(true).open(data_file(dir.path())).unwrap();
        file.seek(SeekFrom::Start(4096)).unwrap();
        file.write_all(&[0xA5; 8 * 4096]).unwrap();
        drop(file);
        let error = Engine::embedded(dir.path()).await.unwrap_err();
        assert!(error.to_string().contains("is damaged"), "{error}");
    }
}
