//! The style sheet, the script, and the icon, each at a path with the hash of its content, so that browsers may keep them
//! forever.

use std::sync::LazyLock;

use ring::digest::{SHA256, digest};
use runtime::http::response::Response;
use runtime::http::response_meta::WithMeta as _;

use crate::security_headers::secured;

struct Asset {
    path: String,
    content_type: &'static str,
    content: &'static str,
}

impl Asset {
    fn new(name: &str, extension: &str, content_type: &'static str, content: &'static str) -> Self {
        let hash = digest(&SHA256, content.as_bytes());
        let hash: String = hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Self { path: format!("{FOLDER}{name}-{hash}.{extension}"), content_type, content }
    }
}

const FOLDER: &str = "/console/assets/";

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("console", "css", "text/css; charset=utf-8", include_str!("../assets/console.css"))
});

static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("console", "js", "text/javascript; charset=utf-8", include_str!("../assets/console.js"))
});

static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_str!("../assets/icon.svg")));

/// Returns the path of the style sheet.
pub fn style_path() -> &'static str {
    &STYLE.path
}

/// Returns the path of the script.
pub fn script_path() -> &'static str {
    &SCRIPT.path
}

/// Returns the path of the icon.
pub fn icon_path() -> &'static str {
    &ICON.path
}

/// Returns the file with this name; `None` if there is none, or it has changed.
pub fn find(name: &str) -> Option<Response> {
    let all: [&'static Asset; 3] = [&STYLE, &SCRIPT, &ICON];
    let asset = all.into_iter().find(|asset| asset.path.strip_prefix(FOLDER) == Some(name))?;
    let response = Response::text(200, asset.content_type, asset.content.to_owned());
    Some(secured(response.with_header("Cache-Control", "public, max-age=31536000, immutable")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_found_by_its_hash_and_by_no_other_name() {
        for path in [style_path(), script_path(), icon_path()] {
            assert!(find(path.strip_prefix(FOLDER).unwrap()).is_some(), "{path}");
        }
        for name in ["", "console.css", "console-0000000000000000.css", "../main.rs"] {
            assert!(find(name).is_none(), "{name}");
        }
    }
}
