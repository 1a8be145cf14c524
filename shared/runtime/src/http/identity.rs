//! Who calls and what they may: the same claims and rules whether the gateway verified the token or we did.

use std::collections::HashMap;

use serde_json::Value;

use crate::http::problem::{Code, Problem};
use shared::account::AccountNumber;
use shared::actor::Actor;
use shared::spid::Spid;

/// What a token allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// See an account's PIN status and port-outs.
    PinRead,
    /// Set an account's PIN.
    PinWrite,
    /// Submit port-outs.
    Submit,
    /// Everything on any account.
    Accounts,
}

impl Scope {
    /// The word in the `scope` claim.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PinRead => "port-out-pin:read",
            Self::PinWrite => "port-out-pin:write",
            Self::Submit => "port-out:submit",
            Self::Accounts => "accounts:manage",
        }
    }
}

/// Who calls, from verified claims.
#[derive(Debug, Clone)]
pub struct Identity {
    subject: String,
    scopes: Vec<String>,
    account: Option<AccountNumber>,
    spid: Option<Spid>,
}

/// The longest `sub` that is recorded.
const MAX_SUBJECT_CHARS: usize = 256;

impl Identity {
    /// From claims that somebody verified. A token without a usable `sub` is nobody's.
    pub fn from_claims(claims: &HashMap<String, Value>) -> Option<Self> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let subject = text("sub")?;
        let usable = !subject.trim().is_empty()
            && subject.chars().count() <= MAX_SUBJECT_CHARS
            && !subject.chars().any(char::is_control);
        usable.then(|| Self {
            subject: subject.to_owned(),
            scopes: claims.get("scope").map(scopes).unwrap_or_default(),
            account: text("account_id").and_then(|id| id.parse().ok()),
            spid: text("spid").and_then(|spid| spid.parse().ok()),
        })
    }

    /// Who comes in by a route whose handler verifies a signature itself: may do nothing that asks for a token.
    pub fn nobody() -> Self {
        Self { subject: String::new(), scopes: Vec::new(), account: None, spid: None }
    }

    /// Recorded as `updated_by` and in events.
    pub fn actor(&self) -> Actor {
        Actor(self.subject.clone())
    }

    /// Whether this is the operator.
    pub fn is_operator(&self) -> bool {
        self.has(Scope::Accounts)
    }

    /// The account of a path, for what only the operator may do.
    pub fn require_operators_account(&self, account_id: &str) -> Result<AccountNumber, Problem> {
        self.require_operator()?;
        account_id.parse().map_err(|_| Problem::account_not_found())
    }

    /// 403 unless this is the operator.
    pub fn require_operator(&self) -> Result<(), Problem> {
        if self.is_operator() { Ok(()) } else { Err(Problem::forbidden()) }
    }

    /// The account of a path, if the caller may do this to it: its admin with the scope, or the operator.
    /// Whether it exists is not asked, so that the answer cannot tell.
    pub fn require_account(&self, scope: Scope, account_id: &str) -> Result<AccountNumber, Problem> {
        let account: Option<AccountNumber> = account_id.parse().ok();
        if self.is_operator() {
            // What is no account number names no account.
            return account.ok_or_else(Problem::account_not_found);
        }
        let own = self.has(scope) && self.account.is_some() && self.account == account;
        account.filter(|_| own).ok_or_else(Problem::forbidden)
    }

    /// The SPID of a carrier that may submit.
    pub fn require_carrier(&self) -> Result<&Spid, Problem> {
        self.carrier().ok_or_else(Problem::forbidden)
    }

    /// The SPID, if this is a carrier.
    pub fn carrier(&self) -> Option<&Spid> {
        self.spid.as_ref().filter(|_| self.has(Scope::Submit))
    }

    /// Whether the caller may see what concerns this account.
    pub fn may_read(&self, account: &AccountNumber) -> bool {
        self.is_operator() || (self.has(Scope::PinRead) && self.account.as_ref() == Some(account))
    }

    /// Whether the caller has a scope at all that lets it see some port-out.
    pub fn may_see_port_outs(&self) -> bool {
        self.is_operator() || self.carrier().is_some() || (self.has(Scope::PinRead) && self.account.is_some())
    }

    fn has(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|known| known == scope.as_str())
    }
}

/// Space-separated, or an array, or the gateway's text form of an array: `[a b]`.
fn scopes(claim: &Value) -> Vec<String> {
    let split = |text: &str| -> Vec<String> {
        let text = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
        text.split_ascii_whitespace().map(str::to_owned).collect()
    };
    match claim {
        Value::String(text) => split(text),
        Value::Array(values) => values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

/// 401, with the challenge of RFC 6750: `invalid_token` only if there was one.
pub fn unauthenticated(token_given: bool) -> Problem {
    let (challenge, detail) = if token_given {
        (r#"Bearer realm="port-out-pin", error="invalid_token""#, "The bearer token is not valid.")
    } else {
        (r#"Bearer realm="port-out-pin""#, "This route needs a bearer token.")
    };
    Problem::new(Code::Unauthenticated, detail).with_header("WWW-Authenticate", challenge)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn identity(claims: Value) -> Option<Identity> {
        let Value::Object(map) = claims else { panic!("claims are an object") };
        Identity::from_claims(&map.into_iter().collect())
    }

    #[test]
    fn scopes_come_as_text_as_array_or_as_the_gateways_text_of_an_array() {
        let forms = [
            json!("port-out-pin:read port-out-pin:write"),
            json!(["port-out-pin:read", "port-out-pin:write"]),
            json!("[port-out-pin:read port-out-pin:write]"),
        ];
        for scope in forms {
            let admin = identity(json!({"sub": "u", "scope": scope, "account_id": "con-toso"})).unwrap();
            assert!(admin.require_account(Scope::PinWrite, "CONTOSO").is_ok());
            assert!(!admin.is_operator());
        }
        for scope in [json!(null), json!(7), json!({"a": 1}), json!("port-out-pin:reader"), json!("")] {
            let nobody = identity(json!({"sub": "u", "scope": scope, "account_id": "CONTOSO"})).unwrap();
            assert!(nobody.require_account(Scope::PinRead, "CONTOSO").is_err());
        }
    }

    #[test]
    fn an_admin_has_one_account_and_one_without_a_usable_claim_has_none() {
        let admin =
            identity(json!({"sub": "u", "scope": "port-out-pin:read", "account_id": "CONTOSO"})).unwrap();
        assert!(admin.require_account(Scope::PinRead, "contoso").is_ok());
        for (scope, account) in [
            (Scope::PinRead, "FABRIKAM"),
            (Scope::PinRead, "!"),
            (Scope::PinWrite, "CONTOSO"),
            (Scope::Submit, "CONTOSO"),
        ] {
            let problem = admin.require_account(scope, account).unwrap_err();
            assert_eq!(problem.code(), Code::Forbidden, "{account}");
        }
        let broken = identity(json!({"sub": "u", "scope": "port-out-pin:read", "account_id": "!"})).unwrap();
        assert!(broken.require_account(Scope::PinRead, "!").is_err());
        assert!(!broken.may_see_port_outs());
    }

    #[test]
    fn a_carrier_needs_scope_and_spid() {
        let carrier = |claims| identity(claims).unwrap().require_carrier().map(Spid::to_string).ok();
        assert_eq!(
            carrier(json!({"sub": "c", "scope": "port-out:submit", "spid": "a123"})),
            Some("A123".into())
        );
        assert_eq!(carrier(json!({"sub": "c", "scope": "port-out:submit", "spid": "A12"})), None);
        assert_eq!(carrier(json!({"sub": "c", "scope": "port-out:submit"})), None);
        assert_eq!(carrier(json!({"sub": "c", "scope": "accounts:manage", "spid": "A123"})), None);
    }

    #[test]
    fn a_token_without_a_usable_subject_is_nobodys() {
        for sub in [json!(null), json!(7), json!(""), json!(" "), json!("a\nb"), json!("x".repeat(257))] {
            assert!(identity(json!({"sub": sub, "scope": "accounts:manage"})).is_none());
        }
    }
}
