//! Headers that every answer of the console has.

use runtime::http::response::Response;
use runtime::http::response_meta::WithMeta as _;

/// Nothing inline, nothing from elsewhere, no framing, and forms only to the console itself.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

const HEADERS: [(&str, &str); 8] = [
    // Browsers ignore it in a local run, which has no TLS.
    ("Strict-Transport-Security", "max-age=31536000"),
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("X-Content-Type-Options", "nosniff"),
    // Forms of our own pages must say where they come from; no other site learns it.
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    // For browsers that do not know `frame-ancestors`.
    ("X-Frame-Options", "DENY"),
];

/// Adds the headers.
pub fn secured(response: Response) -> Response {
    HEADERS.iter().fold(response, |response, (name, value)| response.with_header(name, *value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_allows_only_files_and_forms_of_the_console() {
        let directives: Vec<_> = CONTENT_SECURITY_POLICY.split("; ").collect();
        assert_eq!(
            directives,
            [
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "img-src 'self'",
                "form-action 'self'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
            ]
        );
    }
}
