//! Callers and what they may do: the same claims and rules whether the gateway or this service verified the token.

use std::collections::HashMap;

use serde_json::Value;

use crate::http::problem::Problem;
use shared::account::AccountNumber;
use shared::actor::Actor;
use shared::spid::Spid;

/// What a token allows its bearer to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Read an account's PIN status and port-outs.
    PinRead,
    /// Set an account's PIN.
    PinWrite,
    /// Submit port-outs.
    Submit,
    /// Manage every account.
    Accounts,
}

impl Scope {
    /// Returns the scope as the `scope` claim spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PinRead => "port-out-pin:read",
            Self::PinWrite => "port-out-pin:write",
            Self::Submit => "port-out:submit",
            Self::Accounts => "accounts:manage",
        }
    }
}

/// Who makes a request.
#[derive(Debug, Clone)]
pub enum Caller {
    /// The bearer of a verified token.
    Token(Identity),
    /// A webhook, which its handler authenticates.
    Webhook,
}

/// The bearer of a token, from verified claims.
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
    /// Reads verified claims; `None` without a usable `sub`, since every change is recorded with its actor.
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

    /// Returns the actor that `updated_by` and events record.
    pub fn actor(&self) -> Actor {
        Actor(self.subject.clone())
    }

    /// Returns whether this is the operator.
    pub fn is_operator(&self) -> bool {
        self.has(Scope::Accounts)
    }

    /// Parses the account of a path, for what only the operator may do.
    ///
    /// # Errors
    /// 403 for everyone else, then 404 if it is not an account number.
    pub fn require_operators_account(&self, account_id: &str) -> Result<AccountNumber, Problem> {
        self.require_operator()?;
        account_id.parse().map_err(|_| Problem::account_not_found())
    }

    /// Checks that this is the operator.
    ///
    /// # Errors
    /// 403 for everyone else.
    pub fn require_operator(&self) -> Result<(), Problem> {
        if self.is_operator() { Ok(()) } else { Err(Problem::forbidden()) }
    }

    /// Parses the account of a path, for its admin with the scope or the operator.
    ///
    /// # Errors
    /// 403 for everyone else, whether the account exists or not; for the operator 404 if it is not an account number.
    pub fn require_account(&self, scope: Scope, account_id: &str) -> Result<AccountNumber, Problem> {
        let account: Option<AccountNumber> = account_id.parse().ok();
        if self.is_operator() {
            return account.ok_or_else(Problem::account_not_found);
        }
        let own = self.has(scope) && self.account.is_some() && self.account == account;
        account.filter(|_| own).ok_or_else(Problem::forbidden)
    }

    /// Returns the SPID of a carrier that may submit port-outs.
    ///
    /// # Errors
    /// 403 for everyone else.
    pub fn require_carrier(&self) -> Result<&Spid, Problem> {
        self.carrier().ok_or_else(Problem::forbidden)
    }

    /// Returns the SPID if this is a carrier.
    pub fn carrier(&self) -> Option<&Spid> {
        self.spid.as_ref().filter(|_| self.has(Scope::Submit))
    }

    /// Returns whether the caller may read what concerns this account.
    pub fn may_read(&self, account: &AccountNumber) -> bool {
        self.is_operator() || (self.has(Scope::PinRead) && self.account.as_ref() == Some(account))
    }

    /// Returns whether the caller may see any port-outs at all.
    pub fn may_see_port_outs(&self) -> bool {
        self.is_operator() || self.carrier().is_some() || (self.has(Scope::PinRead) && self.account.is_some())
    }

    fn has(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|known| known == scope.as_str())
    }
}

/// Reads a space-separated text, an array, or the gateway's text form of an array: `[a b]`.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::problem::Code;
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
            let admin = identity(json!({"sub": "u", "scope": scope, "account_id": "contoso"})).unwrap();
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
    fn a_token_without_a_usable_subject_is_refused() {
        for sub in [json!(null), json!(7), json!(""), json!(" "), json!("a\nb"), json!("x".repeat(257))] {
            assert!(identity(json!({"sub": sub, "scope": "accounts:manage"})).is_none());
        }
    }
}
