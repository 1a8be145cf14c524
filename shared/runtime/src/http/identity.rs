//! Callers and what they may do: the same claims and rules whether the gateway or this service verified the token.

use serde_json::{Map, Value};

use crate::http::claims::{ClaimNames, Claims};
use crate::http::problem::Problem;
use shared::account::AccountNumber;
use shared::actor::Actor;
use shared::spid::Spid;

/// What a token allows its bearer to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Owner: read the account's PIN status, numbers, and port-outs.
    PinRead,
    /// Owner: set the PIN.
    PinWrite,
    /// Owner: port protection, and cancellation of a port-out.
    Protection,
    /// Carrier: submit port-outs and read its own.
    Submit,
    /// Operator: manage accounts, numbers, and webhook sources.
    Accounts,
    /// Porting desk: handle port-outs for carriers and owners.
    Desk,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 6] =
        [Self::PinRead, Self::PinWrite, Self::Protection, Self::Submit, Self::Accounts, Self::Desk];

    /// Returns the scope as claims spell it, without a prefix.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PinRead => "port-out-pin:read",
            Self::PinWrite => "port-out-pin:write",
            Self::Protection => "port-protection:write",
            Self::Submit => "port-out:submit",
            Self::Accounts => "accounts:manage",
            Self::Desk => "port-outs:operate",
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
    /// A browser, whose session the handler reads.
    Browser,
}

/// The bearer of a token, from verified claims.
#[derive(Debug, Clone)]
pub struct Identity {
    actor: Actor,
    scopes: Vec<String>,
    account: Option<AccountNumber>,
    spid: Option<Spid>,
}

/// The longest subject that is recorded.
const MAX_SUBJECT_CHARS: usize = 256;

impl Identity {
    /// Reads verified claims; `None` without a usable subject, since every change is recorded with its actor.
    pub fn from_claims(claims: &Map<String, Value>, names: &ClaimNames) -> Option<Self> {
        let claims = Claims(claims);
        Some(Self {
            actor: actor(&claims)?,
            scopes: claims.scopes(names),
            account: claims.one(&names.account),
            spid: claims.one(&names.spid),
        })
    }

    /// Returns the actor that `updated_by` and events record.
    pub fn actor(&self) -> Actor {
        self.actor.clone()
    }

    /// Checks that the token has one of these scopes.
    ///
    /// # Errors
    /// 403 if it has none.
    pub fn require_any(&self, scopes: &[Scope]) -> Result<(), Problem> {
        allow(scopes.iter().any(|scope| self.has(*scope)))
    }

    /// Parses the account of a path, for its owner with the scope.
    ///
    /// # Errors
    /// 403 for everyone else, whether the account exists or not.
    pub fn require_owner(&self, scope: Scope, account_id: &str) -> Result<AccountNumber, Problem> {
        let account = account_id.parse().ok();
        account.filter(|account| self.owns(scope, account)).ok_or_else(Problem::forbidden)
    }

    /// Parses the account of a path, for its owner with the scope or the operator.
    ///
    /// # Errors
    /// 403 for everyone else, whether the account exists or not; for the operator 404 if it is not an account number.
    pub fn require_account(&self, scope: Scope, account_id: &str) -> Result<AccountNumber, Problem> {
        self.require_owner(scope, account_id).or_else(|_| self.require_operators_account(account_id))
    }

    /// Parses the account of a path, for its owner with the scope or the porting desk.
    ///
    /// # Errors
    /// 403 for everyone else, whether the account exists or not; for the desk 404 if it is not an account number.
    pub fn require_desk_or_owner(&self, scope: Scope, account_id: &str) -> Result<AccountNumber, Problem> {
        match self.is_desk() {
            true => account_id.parse().map_err(|_| Problem::account_not_found()),
            false => self.require_owner(scope, account_id),
        }
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
        allow(self.has(Scope::Accounts))
    }

    /// Checks that this is the porting desk.
    ///
    /// # Errors
    /// 403 for everyone else.
    pub fn require_desk(&self) -> Result<(), Problem> {
        allow(self.is_desk())
    }

    /// Returns the SPID of a carrier that may submit port-outs.
    ///
    /// # Errors
    /// 403 for everyone else.
    pub fn require_carrier(&self) -> Result<&Spid, Problem> {
        self.carrier().ok_or_else(Problem::forbidden)
    }

    /// Returns whether this is an owner of the account with the scope.
    pub fn owns(&self, scope: Scope, account: &AccountNumber) -> bool {
        self.has(scope) && self.account.as_ref() == Some(account)
    }

    /// Returns the account of an owner with the scope.
    pub fn owner(&self, scope: Scope) -> Option<&AccountNumber> {
        self.account.as_ref().filter(|_| self.has(scope))
    }

    /// Returns the SPID if this is a carrier.
    pub fn carrier(&self) -> Option<&Spid> {
        self.spid.as_ref().filter(|_| self.has(Scope::Submit))
    }

    /// Returns whether this is the porting desk.
    pub fn is_desk(&self) -> bool {
        self.has(Scope::Desk)
    }

    fn has(&self, scope: Scope) -> bool {
        self.scopes.iter().any(|known| known == scope.as_str())
    }
}

fn allow(allowed: bool) -> Result<(), Problem> {
    if allowed { Ok(()) } else { Err(Problem::forbidden()) }
}

/// Returns who acts: the `sub`, or the `client_id` where there is no `sub`.
fn actor(claims: &Claims<'_>) -> Option<Actor> {
    let (sub, client) = (claims.text("sub"), claims.text("client_id"));
    let is_client = sub.is_none() || is_client(claims, sub.as_deref());
    let subject = sub.or(client).filter(|subject| is_usable(subject))?;
    Some(if is_client { Actor::client(&subject) } else { Actor::user(&subject) })
}

/// Returns whether a token with a `sub` was issued to a client for itself: RFC 9068 (section 2.2) gives both claims the
/// client's ID, and so does Okta with `cid`; Entra ID and Auth0 say so in claims of their own.
fn is_client(claims: &Claims<'_>, sub: Option<&str>) -> bool {
    let says = |name: &str, value: Option<&str>| claims.text(name).as_deref() == value;
    says("client_id", sub)
        || says("cid", sub)
        || says("idtyp", Some("app"))
        || says("gty", Some("client-credentials"))
}

fn is_usable(subject: &str) -> bool {
    !subject.trim().is_empty()
        && subject.chars().count() <= MAX_SUBJECT_CHARS
        && !subject.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::problem::Code;
    use serde_json::json;

    fn identity(claims: Value) -> Option<Identity> {
        Identity::from_claims(claims.as_object()?, &ClaimNames::default())
    }

    fn code<T>(result: Result<T, Problem>) -> Option<Code> {
        result.err().map(|problem| problem.code())
    }

    #[test]
    fn an_owner_has_one_account_and_only_what_its_scopes_say() {
        let owner =
            identity(json!({"sub": "u", "scope": "port-out-pin:read", "account_id": "CONTOSO"})).unwrap();
        assert!(owner.require_owner(Scope::PinRead, "contoso").is_ok());
        assert!(owner.require_account(Scope::PinRead, "contoso").is_ok());
        for (scope, account) in [
            (Scope::PinRead, "FABRIKAM"),
            (Scope::PinRead, "!"),
            (Scope::PinWrite, "CONTOSO"),
            (Scope::Protection, "CONTOSO"),
            (Scope::Submit, "CONTOSO"),
        ] {
            assert_eq!(code(owner.require_owner(scope, account)), Some(Code::Forbidden), "{account}");
            assert_eq!(code(owner.require_account(scope, account)), Some(Code::Forbidden), "{account}");
        }
        assert!(owner.owner(Scope::PinRead).is_some() && owner.owner(Scope::PinWrite).is_none());
        let broken = identity(json!({"sub": "u", "scope": "port-out-pin:read", "account_id": "!"})).unwrap();
        assert!(broken.require_owner(Scope::PinRead, "!").is_err());
        assert!(broken.owner(Scope::PinRead).is_none());
    }

    #[test]
    fn the_operator_and_the_desk_own_no_account() {
        let operator = identity(json!({"sub": "o", "scope": "accounts:manage"})).unwrap();
        assert!(operator.require_account(Scope::PinRead, "CONTOSO").is_ok());
        assert_eq!(code(operator.require_account(Scope::PinRead, "!")), Some(Code::AccountNotFound));
        assert_eq!(code(operator.require_owner(Scope::PinWrite, "CONTOSO")), Some(Code::Forbidden));
        assert_eq!(code(operator.require_desk()), Some(Code::Forbidden));
        let desk = identity(json!({"sub": "d", "scope": "port-outs:operate"})).unwrap();
        assert!(desk.require_desk().is_ok() && desk.carrier().is_none());
        assert_eq!(code(desk.require_operator()), Some(Code::Forbidden));
        assert_eq!(code(desk.require_account(Scope::PinRead, "CONTOSO")), Some(Code::Forbidden));
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
    fn the_actor_is_a_user_or_a_client_and_its_text_cannot_pretend_otherwise() {
        let actor = |claims| identity(claims).map(|identity| identity.actor().as_str().to_owned());
        for (claims, expected) in [
            (json!({"sub": "alice"}), "user:alice"),
            (json!({"sub": "alice", "client_id": "app"}), "user:alice"),
            (json!({"sub": 7}), "user:7"),
            (json!({"client_id": "carrier-a"}), "client:carrier-a"),
            (json!({"sub": null, "client_id": "carrier-a"}), "client:carrier-a"),
            (json!({"sub": "carrier-a", "client_id": "carrier-a"}), "client:carrier-a"),
            (json!({"sub": "carrier-a", "cid": "carrier-a"}), "client:carrier-a"),
            (json!({"sub": "0a1b", "azp": "2c3d", "idtyp": "app"}), "client:0a1b"),
            (json!({"sub": "c@clients", "gty": "client-credentials"}), "client:c@clients"),
            (json!({"sub": "webhook:acme"}), "user:webhook:acme"),
            (json!({"sub": "client:c", "client_id": "d"}), "user:client:c"),
            (json!({"client_id": "user:alice"}), "client:user:alice"),
        ] {
            assert_eq!(actor(claims.clone()).as_deref(), Some(expected), "{claims}");
        }
        for sub in [json!(""), json!(" "), json!("a\nb"), json!("x".repeat(257))] {
            assert!(actor(json!({"sub": sub, "client_id": "c"})).is_none());
        }
        assert!(actor(json!({"azp": "c"})).is_none() && actor(json!({"client_id": " "})).is_none());
    }
}
