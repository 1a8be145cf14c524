//! Key files: created once, readable only by their owner.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::Path;

use ring::error::Unspecified;
use ring::rand::SystemRandom;
use zeroize::Zeroizing;

use crate::error::CliError;

pub(crate) type NewKey = Result<Zeroizing<Vec<u8>>, Unspecified>;

/// Reads a key file, or creates it with the content from `generate`. Concurrent callers get the same content.
pub(crate) fn load_or_create(
    dir: &Path,
    name: &str,
    generate: fn(&SystemRandom) -> NewKey,
) -> Result<Zeroizing<Vec<u8>>, CliError> {
    let path = dir.join(name);
    let failed = |e: io::Error| CliError::failed(format!("cannot use the key file {}", path.display()), e);
    create_private_folder(dir).map_err(failed)?;
    if !path.exists() {
        let content = generate(&system_random())
            .map_err(|e| CliError::failed(format!("cannot generate {}", path.display()), e))?;
        let mut file = tempfile::NamedTempFile::new_in(dir).map_err(failed)?;
        file.write_all(&content).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        // A link, unlike a rename, never replaces the key of a concurrent caller.
        match fs::hard_link(file.path(), &path) {
            Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(failed(e)),
            Ok(()) | Err(_) => {}
        }
    }
    fs::read(&path).map(Zeroizing::new).map_err(failed)
}

fn create_private_folder(dir: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    fs::set_permissions(dir, Permissions::from_mode(0o700))
}

#[allow(clippy::disallowed_methods, reason = "generates a developer's keys, which no test has to predict")]
fn system_random() -> SystemRandom {
    SystemRandom::new()
}

pub(crate) fn damaged(dir: &Path, name: &str) -> CliError {
    let path = dir.join(name);
    CliError::Failed(format!("the key file {} is damaged: restore a backup", path.display()))
}
