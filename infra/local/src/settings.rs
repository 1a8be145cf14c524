//! Settings of a local run, read from environment variables.

use std::path::{Path, PathBuf};

use crate::error::CliError;

const DEFAULT_PORT: u16 = 9000;

/// Enough for the demo on two cores; each idle process costs a few megabytes.
const DEFAULT_CONCURRENCY: u16 = 4;

/// Paths, port, and limits of a local run.
#[derive(Debug, PartialEq, Eq)]
pub struct Settings {
    /// Root folder of the repository.
    pub root: PathBuf,
    /// Port that the stack listens on: `PORT`.
    pub port: u16,
    /// Folder of the embedded engine's data file: `DATA_DIR`.
    pub data_dir: PathBuf,
    /// Folder of the keys, beside the data that they belong to.
    pub keys_dir: PathBuf,
    /// Whether `DATA_DIR` was set, in which case commands to copy must set it too.
    pub custom_data_dir: bool,
    /// URL of another engine that replaces the embedded one: `DYNAMODB_ENDPOINT`.
    pub endpoint: Option<String>,
    /// Maximum number of processes per function: `CONCURRENCY`.
    pub concurrency: u16,
    /// The cargo-lambda program: `CARGO_LAMBDA`.
    pub cargo_lambda: PathBuf,
}

impl Settings {
    /// Reads the settings of the repository at `root`; `variable` returns the value of an environment variable.
    ///
    /// An empty variable counts as unset, because `make run PORT=` passes one.
    ///
    /// # Errors
    /// Fails if a value is invalid, naming the variable, or if `root` is not the repository.
    pub fn read(root: &Path, variable: impl Fn(&str) -> Option<String>) -> Result<Self, CliError> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let root = repository(root)?;
        let custom = variable("DATA_DIR").map(std::path::absolute).transpose();
        let custom = custom.map_err(|e| CliError::failed("DATA_DIR is not a valid path", e))?;
        Ok(Self {
            port: number("PORT", variable("PORT"), DEFAULT_PORT)?,
            concurrency: number("CONCURRENCY", variable("CONCURRENCY"), DEFAULT_CONCURRENCY)?,
            custom_data_dir: custom.is_some(),
            keys_dir: custom.as_ref().map_or_else(|| root.join(".local/keys"), |dir| dir.join("keys")),
            data_dir: custom.unwrap_or_else(|| root.join(".local/data")),
            endpoint: variable("DYNAMODB_ENDPOINT").map(endpoint).transpose()?,
            cargo_lambda: variable("CARGO_LAMBDA").unwrap_or_else(|| "cargo-lambda".to_owned()).into(),
            root,
        })
    }
}

/// Checked at run time: if two clones share a target folder, this program may have been built in the other one.
fn repository(root: &Path) -> Result<PathBuf, CliError> {
    let root = root.canonicalize().map_err(|e| CliError::failed("cannot open this folder", e))?;
    if root.join("infra/template.yaml").exists() {
        return Ok(root);
    }
    let text = "this folder is not the repository: run `make run` or `make token` in the repository's folder";
    Err(CliError::Usage(text.to_owned()))
}

fn number(name: &str, value: Option<String>, default: u16) -> Result<u16, CliError> {
    let number = value.map_or(Some(default), |text| text.parse().ok().filter(|number| *number > 0));
    number.ok_or_else(|| CliError::Usage(format!("{name} must be between 1 and {}", u16::MAX)))
}

fn endpoint(url: String) -> Result<String, CliError> {
    if url.starts_with("http://") {
        Ok(url)
    } else {
        Err(CliError::Usage("DYNAMODB_ENDPOINT must be an http:// URL".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, CliError> {
        let find = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
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
    fn another_folder_is_not_the_repository() {
        let error = Settings::read(Path::new("/"), |_| None).unwrap_err().to_string();
        assert!(error.starts_with("this folder is not the repository"), "{error}");
    }

    #[test]
    fn keys_stay_with_the_data() {
        let settings = read(&[("DATA_DIR", "/somewhere")]).unwrap();
        assert_eq!(settings.keys_dir, Path::new("/somewhere/keys"));
    }

    #[test]
    fn an_error_names_the_variable_and_the_rule() {
        for (name, value, rule) in [
            ("PORT", "0", "must be between 1 and 65535"),
            ("PORT", "70000", "must be between 1 and 65535"),
            ("CONCURRENCY", "many", "must be between 1 and 65535"),
            ("DYNAMODB_ENDPOINT", "localhost:8000", "must be an http:// URL"),
        ] {
            let error = read(&[(name, value)]).unwrap_err();
            assert_eq!(error.to_string(), format!("{name} {rule}"));
            assert_eq!(error.exit_code(), 2);
        }
    }
}
