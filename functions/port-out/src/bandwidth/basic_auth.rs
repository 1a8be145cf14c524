//! HTTP Basic credentials (RFC 7617) in the `Authorization` header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// User name and password. Nothing is checked yet.
pub struct Basic {
    pub user: String,
    pub password: Zeroizing<String>,
}

impl Basic {
    /// Parses the header's value.
    pub fn parse(header: &str) -> Option<Self> {
        let (scheme, encoded) = header.trim().split_once(' ')?;
        let decoded =
            scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(encoded.trim()).ok())??;
        let text = String::from_utf8(decoded).map(Zeroizing::new).ok()?;
        let (user, password) = text.split_once(':')?;
        Some(Self { user: user.to_owned(), password: Zeroizing::new(password.to_owned()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_read_whatever_the_case_of_the_scheme() {
        // RFC 7617, section 2.
        let basic = Basic::parse("basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==").unwrap();
        assert_eq!((basic.user.as_str(), basic.password.as_str()), ("Aladdin", "open sesame"));
        for bad in [
            "",
            "Basic",
            "Basic *",
            "Bearer QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            "Basic QWxhZGRpbg==",
            "Basic /w==",
        ] {
            assert!(Basic::parse(bad).is_none(), "{bad}");
        }
    }
}
