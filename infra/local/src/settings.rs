//! What a local run is told by its environment.

use crate::error::Failure;
use std::path::{Path, PathBuf};

const DEFAULT_PORT: u16 = 9000;

/// Enough for the demo on two cores; each idle process costs a few megabytes.
const DEFAULT_CONCURRENCY: u16 = 4;

/// Where things are and how many.
#[derive(Debug, PartialEq, Eq)]
pub struct Settings {
    /// The repository.
    pub root: PathBuf,
    /// Where the stack serves: `PORT`.
    pub port: u16,
    /// The embedded engine's folder: `DATA_DIR`.
    pub data_dir: PathBuf,
    /// The keys' folder: beside the data that they belong to.
    pub keys_dir: PathBuf,
    /// True if `DATA_DIR` was given, so that commands for copying must name it too.
    pub own_data_dir: bool,
    /// Another engine instead of the embedded one: `DYNAMODB_ENDPOINT`.
    pub endpoint: Option<String>,
    /// Processes a function, at most: `CONCURRENCY`.
    pub concurrency: u16,
    /// The cargo-lambda program: `CARGO_LAMBDA`.
    pub cargo_lambda: PathBuf,
}

impl Settings {
    /// Reads the settings of the repository at `root` through `variable`, which answers nothing for one that is not set.
    ///
    /// # Errors
    /// A value is no such thing, and the line names the variable; or there is no repository.
    pub fn read(root: &Path, variable: impl Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let variable = |name: &str| variable(name).filter(|it| !it.is_empty());
        let root = repository(root)?;
        let own = variable("DATA_DIR").map(std::path::absolute).transpose();
        let own = own.map_err(|e| Failure::because("DATA_DIR is no path", e))?;
        Ok(Self {
            port: number("PORT", variable("PORT"), DEFAULT_PORT)?,
            concurrency: number("CONCURRENCY", variable("CONCURRENCY"), DEFAULT_CONCURRENCY)?,
            own_data_dir: own.is_some(),
            keys_dir: own.as_ref().map_or_else(|| root.join(".local/keys"), |it| it.join("keys")),
            data_dir: own.unwrap_or_else(|| root.join(".local/data")),
            endpoint: variable("DYNAMODB_ENDPOINT").map(endpoint).transpose()?,
            cargo_lambda: variable("CARGO_LAMBDA").unwrap_or_else(|| "cargo-lambda".to_owned()).into(),
            root,
        })
    }
}

/// Not known from the build: a target folder that two clones share holds the program of the other one.
fn repository(root: &Path) -> Result<PathBuf, Failure> {
    let root = root.canonicalize().map_err(|e| Failure::because("there is no such folder", e))?;
    if root.join("infra/template.yaml").exists() {
        return Ok(root);
    }
    Err(Failure::Usage("this folder is not the repository: call `make run` or `make token` in it".to_owned()))
}

fn number(name: &str, value: Option<String>, default: u16) -> Result<u16, Failure> {
    let number = value.map_or(Some(default), |it| it.parse().ok().filter(|it| *it > 0));
    number.ok_or_else(|| Failure::Usage(format!("{name} is no number from 1 to {}", u16::MAX)))
}

fn endpoint(url: String) -> Result<String, Failure> {
    if url.starts_with("http://") {
        Ok(url)
    } else {
        Err(Failure::Usage("DYNAMODB_ENDPOINT is no http:// URL".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, Failure> {
        let find = |name: &str| variables.iter().find(|it| it.0 == name).map(|it| it.1.to_owned());
        Settings::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."), find)
    }

    #[test]
    fn without_variables_everything_is_under_the_ignored_folder() {
        let settings = read(&[("DATA_DIR", "")]).unwrap();
        assert_eq!(settings.port, 9000);
        assert_eq!(settings.data_dir, settings.root.join(".local/data"));
        assert_eq!(settings.keys_dir, settings.root.join(".local/keys"));
        assert_eq!(settings.endpoint, None);
        assert!(settings.root.join("Cargo.toml").exists());
    }

    #[test]
    fn another_folder_is_no_repository() {
        let failure = Settings::read(Path::new("/"), |_| None).unwrap_err().to_string();
        assert!(failure.starts_with("this folder is not the repository"), "{failure}");
    }

    #[test]
    fn keys_stay_with_the_data() {
        let settings = read(&[("DATA_DIR", "/somewhere")]).unwrap();
        assert_eq!(settings.keys_dir, Path::new("/somewhere/keys"));
    }

    #[test]
    fn an_error_names_the_variable() {
        for (name, value) in [
            ("PORT", "0"),
            ("PORT", "70000"),
            ("CONCURRENCY", "many"),
            ("DYNAMODB_ENDPOINT", "localhost:8000"),
        ] {
            let failure = read(&[(name, value)]).unwrap_err();
            assert!(failure.to_string().starts_with(name), "{failure}");
            assert_eq!(failure.exit_code(), 2);
        }
    }
}
