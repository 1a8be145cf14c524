//! The identity provider's answer, as the browser brings it: believed only if it fits the sign-in that began here.

use runtime::clock::Timestamp;
use zeroize::Zeroizing;

use crate::oidc::attempt::{self, Attempt};

/// Why an answer leads to no session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackRefusal {
    /// It does not fit a sign-in of this browser: too late, a second time, or of another sign-in.
    Foreign,
    /// The provider, or the administrator at the provider, refused.
    Denied,
    /// The provider cannot now.
    Unavailable,
}

/// Parameters of the answer.
pub struct CallbackQuery(Vec<(String, Zeroizing<String>)>);

impl CallbackQuery {
    /// Reads a query, still percent-encoded. Providers add parameters of their own.
    pub fn read(raw: &str) -> Self {
        let pairs = form_urlencoded::parse(raw.as_bytes()).into_owned();
        Self(pairs.map(|(name, value)| (name, Zeroizing::new(value))).collect())
    }

    /// Returns a parameter.
    ///
    /// # Errors
    /// It appears more than once (RFC 6749, section 3.1), so that two readers may read two values.
    fn one(&self, name: &str) -> Result<Option<&str>, CallbackRefusal> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let first = values.next();
        if values.next().is_some() { Err(CallbackRefusal::Foreign) } else { Ok(first) }
    }

    /// Returns the code, if the answer is that of this issuer to this sign-in.
    ///
    /// # Errors
    /// It is not, or the issuer refused.
    pub fn code(
        &self,
        attempt: &Attempt,
        issuer: &str,
        names_issuer: bool,
        now: Timestamp,
    ) -> Result<&str, CallbackRefusal> {
        let state = self.one("state")?.unwrap_or_default();
        if attempt.is_over(now) || !attempt::is(&attempt.state, state) {
            return Err(CallbackRefusal::Foreign);
        }
        // The answer of another issuer could carry this one's code to where the other one reads it (RFC 9207).
        if self.one("iss")?.map_or(names_issuer, |named| named != issuer) {
            return Err(CallbackRefusal::Foreign);
        }
        match (self.one("error")?, self.one("code")?) {
            (Some("server_error" | "temporarily_unavailable"), _) => Err(CallbackRefusal::Unavailable),
            (Some(_), _) => Err(CallbackRefusal::Denied),
            (None, None | Some("")) => Err(CallbackRefusal::Foreign),
            (None, Some(code)) => Ok(code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::attempt::example;

    const STATE: &str = "state=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
    const ISSUER: &str = "https://login.example.com";

    fn code(query: &str, names_issuer: bool, second: i64) -> Result<String, CallbackRefusal> {
        let query = CallbackQuery::read(query);
        let now = Timestamp::from_second(second).unwrap();
        query.code(&example(), ISSUER, names_issuer, now).map(str::to_owned)
    }

    fn in_time(query: &str) -> Result<String, CallbackRefusal> {
        code(query, false, 1_800_000_000)
    }

    #[test]
    fn the_code_of_an_answer_to_this_sign_in_is_taken_in_time() {
        let answer = format!("code=a%2Fb&{STATE}&session_state=x");
        assert_eq!(in_time(&answer), Ok("a/b".to_owned()));
        assert_eq!(code(&answer, false, 1_800_000_599), Ok("a/b".to_owned()));
        assert_eq!(code(&answer, false, 1_800_000_600), Err(CallbackRefusal::Foreign));
    }

    #[test]
    fn another_state_or_a_parameter_twice_is_refused() {
        for answer in [
            "code=a".to_owned(),
            "code=a&state=".to_owned(),
            "code=a&state=BQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE".to_owned(),
            format!("code=a&{STATE}&{STATE}"),
            format!("code=a&code=b&{STATE}"),
            format!("code=&{STATE}"),
            STATE.to_owned(),
            "error=access_denied".to_owned(),
            String::new(),
        ] {
            assert_eq!(in_time(&answer), Err(CallbackRefusal::Foreign), "{answer}");
        }
    }

    #[test]
    fn an_answer_names_its_issuer_if_the_issuer_always_does() {
        let right = format!("code=a&{STATE}&iss=https%3A%2F%2Flogin.example.com");
        let wrong = format!("code=a&{STATE}&iss=https%3A%2F%2Fevil.example");
        for names_issuer in [false, true] {
            assert_eq!(code(&right, names_issuer, 1_800_000_000), Ok("a".to_owned()));
            assert_eq!(code(&wrong, names_issuer, 1_800_000_000), Err(CallbackRefusal::Foreign));
        }
        assert_eq!(code(&format!("code=a&{STATE}"), true, 1_800_000_000), Err(CallbackRefusal::Foreign));
    }

    #[test]
    fn a_refusal_is_told_from_an_outage() {
        for (error, refusal) in [
            ("access_denied", CallbackRefusal::Denied),
            ("invalid_scope", CallbackRefusal::Denied),
            ("server_error", CallbackRefusal::Unavailable),
            ("temporarily_unavailable", CallbackRefusal::Unavailable),
        ] {
            assert_eq!(in_time(&format!("error={error}&{STATE}&code=a")), Err(refusal), "{error}");
        }
    }
}
