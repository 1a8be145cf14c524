//! A session: the administrator's access token and until when it is used, in one or two cookies and nowhere else.

use runtime::clock::Timestamp;
use zeroize::Zeroizing;

/// The longest value of one cookie. Browsers keep 4,096 bytes of name, value, and attributes together (RFC 6265, section
/// 6.1).
pub const MAX_PART: usize = 3_800;

/// Seconds for which a session lasts at most, whatever the token allows. The identity provider remembers its users, so
/// signing in again is a click.
pub const MAX_SECONDS: i64 = 60 * 60;

const TIME_BYTES: usize = 8;
/// Length of a session's ID in bytes.
pub const ID_BYTES: usize = 16;

/// Bearer token of an administrator. It is wiped from memory when dropped, and no log shows it.
#[derive(Clone)]
pub struct AccessToken(Zeroizing<String>);

impl AccessToken {
    /// Takes a token; `None` unless it is one by its characters (RFC 6750, section 2.1).
    pub fn new(text: String) -> Option<Self> {
        let text = Zeroizing::new(text);
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b);
        (!text.is_empty() && text.bytes().all(allowed)).then_some(Self(text))
    }

    /// Returns the token, for the API and for a sealed cookie only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// A session.
#[derive(Clone)]
pub struct Session {
    /// Drawn anew at each sign-in; a notice is for the session that it names.
    pub id: [u8; ID_BYTES],
    /// End of the session.
    pub expires: Timestamp,
    /// What the API is called with.
    pub token: AccessToken,
}

impl Session {
    /// Returns the session as bytes, to be sealed.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let expires = self.expires.as_second().to_be_bytes();
        Zeroizing::new([&expires, self.id.as_slice(), self.token.expose().as_bytes()].concat())
    }

    /// Reads a session that was sealed.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (expires, rest) = bytes.split_first_chunk::<TIME_BYTES>()?;
        let (id, token) = rest.split_first_chunk::<ID_BYTES>()?;
        let token = AccessToken::new(String::from_utf8(token.to_vec()).ok()?)?;
        let expires = Timestamp::from_second(i64::from_be_bytes(*expires)).ok()?;
        Some(Self { id: *id, expires, token })
    }

    /// Returns whether the session has ended.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.expires <= now
    }
}

/// Returns the end of a session that begins now with a token that is valid for these seconds.
pub fn end(now: Timestamp, token_seconds: i64) -> Timestamp {
    let seconds = token_seconds.clamp(0, MAX_SECONDS);
    Timestamp::from_second(now.as_second().saturating_add(seconds)).unwrap_or(now)
}

/// Splits a sealed session into one or two values; `None` if two are not enough.
pub fn split(text: &str) -> Option<(&str, Option<&str>)> {
    match text.split_at_checked(MAX_PART) {
        None | Some((_, "")) => Some((text, None)),
        Some((first, rest)) if rest.len() <= MAX_PART => Some((first, Some(rest))),
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_session_is_read_as_it_was_written() {
        let token = AccessToken::new("a.b-c_d".to_owned()).unwrap();
        let bytes = Session { id: [7; ID_BYTES], expires: at(NOW), token }.to_bytes();
        let read = Session::from_bytes(&bytes).unwrap();
        assert_eq!((read.id, read.expires, read.token.expose()), ([7; ID_BYTES], at(NOW), "a.b-c_d"));
        for cut in [0, TIME_BYTES, TIME_BYTES + ID_BYTES] {
            assert!(Session::from_bytes(&bytes[..cut]).is_none(), "{cut}");
        }
    }

    #[test]
    fn a_token_has_no_character_that_could_end_a_header() {
        for bad in ["", "a b", "a\r\nb", "a;b", "ä"] {
            assert!(AccessToken::new(bad.to_owned()).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn a_session_ends_with_its_token_and_after_an_hour_at_the_latest() {
        for (seconds, end_at) in
            [(300, NOW + 300), (3_600, NOW + 3_600), (86_400, NOW + 3_600), (0, NOW), (-5, NOW)]
        {
            assert_eq!(end(at(NOW), seconds), at(end_at), "{seconds}");
        }
    }

    #[test]
    fn a_sealed_session_has_two_parts_at_most() {
        let text = "x".repeat(2 * MAX_PART + 1);
        assert_eq!(split(&text[..10]), Some(("xxxxxxxxxx", None)));
        assert_eq!(split(&text[..MAX_PART]), Some((&text[..MAX_PART], None)));
        assert_eq!(split(&text[..=MAX_PART]), Some((&text[..MAX_PART], Some("x"))));
        assert_eq!(split(&text[..2 * MAX_PART]), Some((&text[..MAX_PART], Some(&text[..MAX_PART]))));
        assert_eq!(split(&text), None);
    }
}
