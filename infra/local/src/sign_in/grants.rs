//! Codes that were given and not used yet: each is good once, for a minute, with its verifier.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use runtime::random;

use crate::error::CliError;
use crate::sign_in::page::Person;
use crate::sign_in::request::{AuthorizationRequest, Fields};

const VALID_FOR: Duration = Duration::from_secs(60);

/// What a code stands for.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Who signed in.
    pub person: &'static Person,
    /// For which request.
    pub request: AuthorizationRequest,
}

/// Codes that can be exchanged.
#[derive(Debug, Default)]
pub struct Grants(Mutex<HashMap<String, (SystemTime, Grant)>>);

impl Grants {
    /// Gives a code.
    ///
    /// # Errors
    /// Fails if the operating system gives no random bytes.
    pub fn give(&self, grant: Grant, now: SystemTime) -> Result<String, CliError> {
        let random: [u8; 32] = random::bytes().map_err(|e| CliError::failed("cannot create a code", e))?;
        let code = URL_SAFE_NO_PAD.encode(random);
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        given.insert(code.clone(), (now, grant));
        Ok(code)
    }

    /// Takes a code back, and returns what it stands for if the form proves that it is its own. It is gone in any case.
    pub fn redeem(&self, form: &Fields, now: SystemTime) -> Option<Grant> {
        let mut given = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, grant) = given.remove(form.get("code")?)?;
        let in_time = now.duration_since(at).is_ok_and(|age| age < VALID_FOR);
        let verifier = form.get("code_verifier").unwrap_or_default();
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()));
        (in_time && challenge == grant.request.challenge).then_some(grant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign_in::page::PEOPLE;
    use crate::sign_in::request::tests::{QUERY, read};
    use std::time::UNIX_EPOCH;

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn at(second: u64) -> SystemTime {
        UNIX_EPOCH.checked_add(Duration::from_secs(second)).unwrap()
    }

    fn redeem(grants: &Grants, code: &str, verifier: &str, seconds: u64) -> bool {
        let form = Fields::read(&format!("code={code}&code_verifier={verifier}"));
        grants.redeem(&form, at(seconds)).is_some()
    }

    #[test]
    fn a_code_is_good_once_in_time_and_with_its_verifier() {
        let grants = Grants::default();
        let give = || {
            let grant = Grant { person: &PEOPLE[0], request: read(QUERY).unwrap() };
            grants.give(grant, UNIX_EPOCH).unwrap()
        };
        let code = give();
        assert!(redeem(&grants, &code, VERIFIER, 59));
        assert!(!redeem(&grants, &code, VERIFIER, 59));
        assert!(!redeem(&grants, &give(), VERIFIER, 60));
        let code = give();
        assert!(!redeem(&grants, &code, "another", 1) && !redeem(&grants, &code, VERIFIER, 1));
    }
}
