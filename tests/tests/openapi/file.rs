//! The OpenAPI file: its path, its operations, and how its references resolve.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use harness::template::Template;
use serde_json::Value;
use tempfile::TempDir;

/// The file as it was when this was built.
pub static FILE: LazyLock<Template> = LazyLock::new(|| {
    Template::parse(include_str!("../../../infra/openapi.yaml")).expect("infra/openapi.yaml")
});

/// Returns the repository's root folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository").to_owned()
}

/// Writes a copy of the file with some values replaced; it is removed with its folder.
pub fn changed<'a>(changes: impl IntoIterator<Item = (&'a str, Value)>) -> (TempDir, PathBuf) {
    let (folder, mut file) = (tempfile::tempdir().expect("a folder"), FILE.json().clone());
    for (pointer, value) in changes {
        *file.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} is not there")) = value;
    }
    let path = folder.path().join("openapi.json");
    std::fs::write(&path, file.to_string()).expect("a file");
    (folder, path)
}

/// One method of one path, with the parameters that all methods of the path share.
pub struct Operation {
    pub method: String,
    pub path: &'static str,
    pub parameters: Vec<&'static Value>,
    pub security: Vec<&'static Value>,
}

/// All of them.
pub fn operations() -> Vec<Operation> {
    const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
    let of_path = |(path, item): (&'static String, &'static Value)| {
        METHODS.into_iter().filter(|method| item.get(method).is_some()).map(move |method| Operation {
            method: method.to_uppercase(),
            path,
            parameters: list(&item["parameters"])
                .chain(list(&item[method]["parameters"]))
                .map(found)
                .collect(),
            security: list(&item[method]["security"]).collect(),
        })
    };
    FILE.at("/paths").as_object().expect("paths").iter().flat_map(of_path).collect()
}

/// Resolves a `$ref`.
pub fn found(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(place) => FILE.at(place.strip_prefix('#').expect("a place in the file")),
        None => value,
    }
}

/// Returns the items of a list, none if it is absent.
pub fn list(value: &'static Value) -> impl Iterator<Item = &'static Value> {
    value.as_array().into_iter().flatten()
}

/// Returns the value of an example.
pub fn example(name: &str) -> &'static Value {
    let value = FILE.at(&format!("/components/examples/{name}/value"));
    assert!(!value.is_null(), "there is no example {name}");
    value
}
