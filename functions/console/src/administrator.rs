//! The administrator of a session: what the access token says about its bearer.
//!
//! The token's signature is not verified here. The token comes from the identity provider itself, or out of a cookie that
//! only the console can seal, and whatever is read here, the API verifies the token and decides.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use runtime::clock::Timestamp;
use runtime::http::claims::ClaimNames;
use runtime::http::identity::{Identity, Scope};
use serde_json::{Map, Value};
use shared::account::AccountNumber;

use crate::session::Session;

/// An administrator who signed in.
pub struct Administrator {
    /// The session.
    pub session: Session,
    /// The account.
    pub account: AccountNumber,
    /// How the audit trail names this administrator.
    pub actor: String,
    /// Whether the token allows setting the PIN.
    pub sets_pin: bool,
    /// Whether the token allows switching protection and cancelling port-outs.
    pub protects: bool,
}

/// Why a token is not that of an administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAdministrator {
    /// It does not allow reading the account.
    NoScope,
    /// It names no account, or several.
    NoAccount,
    /// The token is not a JWT, or has no subject.
    Unreadable,
}

impl Administrator {
    /// Reads the session's token.
    ///
    /// # Errors
    /// The token is not that of an administrator.
    pub fn of(session: Session, names: &ClaimNames) -> Result<Self, NotAdministrator> {
        let claims = claims(session.token.expose()).ok_or(NotAdministrator::Unreadable)?;
        let identity = Identity::from_claims(&claims, names).ok_or(NotAdministrator::Unreadable)?;
        let may = |scope| identity.require_any(&[scope]).is_ok();
        if !may(Scope::PinRead) {
            return Err(NotAdministrator::NoScope);
        }
        let account = identity.owner(Scope::PinRead).ok_or(NotAdministrator::NoAccount)?.clone();
        let actor = identity.actor().as_str().to_owned();
        Ok(Self { account, actor, sets_pin: may(Scope::PinWrite), protects: may(Scope::Protection), session })
    }
}

/// Returns the seconds for which a token is valid by its own account.
pub fn valid_seconds(token: &str, now: Timestamp) -> Option<i64> {
    let expires = claims(token)?.get("exp")?.as_i64()?;
    Some(expires.saturating_sub(now.as_second()))
}

fn claims(token: &str) -> Option<Map<String, Value>> {
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice(&BASE64.decode(payload).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::AccessToken;
    use serde_json::json;

    const NOW: i64 = 1_800_000_000;

    fn token(claims: &Value) -> String {
        format!("e30.{}.c2ln", BASE64.encode(claims.to_string()))
    }

    fn read(token: String) -> Result<Administrator, NotAdministrator> {
        let expires = Timestamp::from_second(NOW).unwrap();
        let session = Session { id: [0; 16], expires, token: AccessToken::new(token).unwrap() };
        Administrator::of(session, &ClaimNames::default())
    }

    #[test]
    fn an_administrator_has_one_account_and_what_the_scopes_say() {
        let all = "port-out-pin:read port-out-pin:write port-protection:write";
        for (scope, expected) in [(all, (true, true)), ("port-out-pin:read", (false, false))] {
            let claims = json!({"sub": "ada", "account_id": "contoso", "scope": scope});
            let found = read(token(&claims)).ok().unwrap();
            assert_eq!((found.account.as_str(), found.actor.as_str()), ("CONTOSO", "user:ada"));
            assert_eq!((found.sets_pin, found.protects), expected);
        }
    }

    #[test]
    fn anyone_else_is_told_what_is_missing() {
        let read_scope = "port-out-pin:read";
        for (claims, expected) in [
            (json!({"sub": "ada", "account_id": "CONTOSO", "scope": ""}), NotAdministrator::NoScope),
            (json!({"sub": "ada", "account_id": "CONTOSO"}), NotAdministrator::NoScope),
            (json!({"sub": "ada", "scope": read_scope}), NotAdministrator::NoAccount),
            (
                json!({"sub": "ada", "scope": read_scope, "account_id": ["A", "B"]}),
                NotAdministrator::NoAccount,
            ),
            (json!({"scope": read_scope, "account_id": "CONTOSO"}), NotAdministrator::Unreadable),
        ] {
            assert_eq!(read(token(&claims)).err(), Some(expected), "{claims}");
        }
        for opaque in ["opaque", "a.b.c", "a.e30", "a.W10.c"] {
            assert_eq!(read(opaque.to_owned()).err(), Some(NotAdministrator::Unreadable), "{opaque}");
        }
    }

    #[test]
    fn a_token_says_how_long_it_is_valid() {
        let now = Timestamp::from_second(NOW).unwrap();
        assert_eq!(valid_seconds(&token(&json!({"exp": NOW + 300})), now), Some(300));
        assert_eq!(valid_seconds(&token(&json!({"exp": "soon"})), now), None);
        assert_eq!(valid_seconds("opaque", now), None);
    }
}
