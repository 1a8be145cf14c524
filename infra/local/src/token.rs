//! Tokens for local callers: the claims of an account admin, a carrier or the operator, signed with the local key.

use crate::error::Failure;
use crate::keys::SigningKey;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Who signs local tokens.
pub const ISSUER: &str = "urn:port-out:local";

/// Whom they are for.
pub const AUDIENCE: &str = "port-out-pin-api";

/// Long enough for a working day, short enough that a token left in a shell's history is soon worth nothing.
const VALID_FOR: Duration = Duration::from_secs(12 * 60 * 60);

/// How to call it, for every error.
const CALLS: &str = "call `make token ROLE=account ACCOUNT=CONTOSO`, `make token ROLE=carrier SPID=A123` \
                     or `make token ROLE=operator`";

/// Whose token it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// An admin of this account.
    Account(String),
    /// The carrier with this SPID.
    Carrier(String),
    /// The operator.
    Operator,
}

impl Caller {
    /// Reads a role, and the account or SPID that it needs.
    ///
    /// # Errors
    /// One of them is missing or no such thing.
    pub fn new(role: &str, account: &str, spid: &str) -> Result<Self, Failure> {
        match role {
            "account" => account_number(account).map(Self::Account),
            "carrier" => self::spid(spid).map(Self::Carrier),
            "operator" => Ok(Self::Operator),
            "" => Err(usage("ROLE is missing")),
            _ => Err(usage("ROLE is none of account, carrier, operator")),
        }
    }

    /// What the token claims of its caller.
    fn claims(&self) -> Value {
        match self {
            Self::Account(id) => json!({
                "sub": format!("account-admin:{id}"),
                "scope": "port-out-pin:read port-out-pin:write",
                "account_id": id,
            }),
            Self::Carrier(spid) => {
                json!({ "sub": format!("carrier:{spid}"), "scope": "port-out:submit", "spid": spid })
            }
            Self::Operator => json!({ "sub": "operator", "scope": "accounts:manage" }),
        }
    }
}

/// Signs a token (RFC 7519) that is valid from `now` on for twelve hours.
#[must_use]
pub fn issue(key: &SigningKey, caller: &Caller, now: SystemTime) -> String {
    let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let header = json!({ "typ": "JWT", "alg": "EdDSA", "kid": key.id() });
    let mut claims = json!({
        "iss": ISSUER,
        "aud": AUDIENCE,
        "iat": now.as_secs(),
        "nbf": now.as_secs(),
        "exp": now.saturating_add(VALID_FOR).as_secs(),
    });
    if let (Value::Object(all), Value::Object(own)) = (&mut claims, caller.claims()) {
        all.extend(own);
    }
    let signed = format!("{}.{}", part(header.to_string()), part(claims.to_string()));
    let signature = part(key.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// The time of this machine.
#[must_use]
#[allow(
    clippy::disallowed_methods,
    reason = "a command of a developer's terminal; the rules are not run here"
)]
pub fn now() -> SystemTime {
    SystemTime::now()
}

fn part(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn account_number(text: &str) -> Result<String, Failure> {
    let id: String = text.chars().filter(|it| !" -._/".contains(*it)).collect();
    match (text, id.len()) {
        ("", _) => Err(usage("ACCOUNT is missing")),
        (_, 1..=25) if is_alphanumeric(&id) => Ok(id.to_ascii_uppercase()),
        _ => Err(usage("ACCOUNT is not 1 to 25 letters or digits")),
    }
}

fn spid(text: &str) -> Result<String, Failure> {
    match text.len() {
        0 => Err(usage("SPID is missing")),
        4 if is_alphanumeric(text) => Ok(text.to_ascii_uppercase()),
        _ => Err(usage("SPID is not 4 letters or digits")),
    }
}

fn is_alphanumeric(text: &str) -> bool {
    text.bytes().all(|it| it.is_ascii_alphanumeric())
}

fn usage(what: &str) -> Failure {
    Failure::Usage(format!("{what}: {CALLS}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{ED25519, UnparsedPublicKey};

    /// Verifies the signature with the published key and returns header and claims.
    fn read(token: &str, key: &SigningKey) -> (Value, Value) {
        let decode = |it: &str| URL_SAFE_NO_PAD.decode(it).unwrap();
        let jwks: Value = serde_json::from_str(&key.jwks()).unwrap();
        let public = decode(jwks["keys"][0]["x"].as_str().unwrap());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        UnparsedPublicKey::new(&ED25519, public).verify(signed.as_bytes(), &decode(signature)).unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        assert_eq!(jwks["keys"][0]["kid"], key.id());
        (serde_json::from_slice(&decode(header)).unwrap(), serde_json::from_slice(&decode(claims)).unwrap())
    }

    #[test]
    fn a_token_carries_exactly_the_claims_of_its_role() {
        let dir = tempfile::tempdir().unwrap();
        let key = SigningKey::load(dir.path()).unwrap();
        let at = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let cases = [
            (
                Caller::new("account", "con-toso", "").unwrap(),
                json!({"sub": "account-admin:CONTOSO", "account_id": "CONTOSO",
                       "scope": "port-out-pin:read port-out-pin:write"}),
            ),
            (
                Caller::new("carrier", "", "a123").unwrap(),
                json!({"sub": "carrier:A123", "spid": "A123", "scope": "port-out:submit"}),
            ),
            (
                Caller::new("operator", "", "").unwrap(),
                json!({"sub": "operator", "scope": "accounts:manage"}),
            ),
        ];
        for (caller, mut expected) in cases {
            let (header, claims) = read(&issue(&key, &caller, at), &key);
            assert_eq!(header, json!({"typ": "JWT", "alg": "EdDSA", "kid": key.id()}));
            let registered = json!({"iss": "urn:port-out:local", "aud": "port-out-pin-api",
                "iat": 1_800_000_000, "nbf": 1_800_000_000, "exp": 1_800_043_200});
            expected.as_object_mut().unwrap().extend(registered.as_object().unwrap().clone());
            assert_eq!(claims, expected);
        }
    }

    #[test]
    fn an_error_names_the_variable_and_how_to_call_it() {
        let cases = [
            (("", "", ""), "ROLE is missing"),
            (("admin", "CONTOSO", ""), "ROLE is none of account, carrier, operator"),
            (("account", "", "A123"), "ACCOUNT is missing"),
            (("account", "-", ""), "ACCOUNT is not 1 to 25 letters or digits"),
            (("account", "A234567890123456789012345X", ""), "ACCOUNT is not 1 to 25 letters or digits"),
            (("account", "CONTOSÖ", ""), "ACCOUNT is not 1 to 25 letters or digits"),
            (("carrier", "CONTOSO", ""), "SPID is missing"),
            (("carrier", "", "A12"), "SPID is not 4 letters or digits"),
            (("carrier", "", "é23"), "SPID is not 4 letters or digits"),
        ];
        for ((role, account, spid), what) in cases {
            let failure = Caller::new(role, account, spid).unwrap_err();
            assert_eq!(failure.to_string(), format!("{what}: {CALLS}"));
            assert_eq!(failure.exit_code(), 2);
        }
    }
}
