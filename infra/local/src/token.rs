//! Tokens for local callers: the claims of an account owner, a carrier, the operator, or the porting desk, signed with the
//! local key.

use std::fmt::Display;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::{Algorithm, Header};
use runtime::http::identity::Scope;
use serde::Serialize;
use shared::account::AccountNumber;
use shared::spid::Spid;

use crate::error::CliError;
use crate::keys::SigningKey;
use crate::signer;

/// `iss` of local tokens.
pub const ISSUER: &str = "urn:port-out:local";

/// `aud` of local tokens.
pub const AUDIENCE: &str = "port-out-pin-api";

/// Covers a working day, and makes a token left in a shell's history worthless soon.
pub const VALID_FOR: Duration = Duration::from_secs(12 * 60 * 60);

/// Examples that end every error.
const CALLS: &str = "Call `make token ROLE=owner ACCOUNT=CONTOSO`, `make token ROLE=carrier SPID=A123`, \
                     `make token ROLE=operator`, or `make token ROLE=desk`.";

/// The caller that a token identifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// An administrator of the account.
    Owner(AccountNumber),
    /// An administrator who may look at the account, and change nothing; offered by the local sign-in only.
    Viewer(AccountNumber),
    /// An administrator of no account; offered by the local sign-in only.
    Nobody,
    /// The carrier with this SPID.
    Carrier(Spid),
    /// The operator of the service.
    Operator,
    /// The porting desk.
    Desk,
}

impl Caller {
    /// Reads a role, and the account number or SPID that it needs. `account` is another name of `owner`.
    ///
    /// # Errors
    /// Fails if one of them is missing or invalid, naming the variable and how to call.
    pub fn new(role: &str, account: &str, spid: &str) -> Result<Self, CliError> {
        match role {
            "owner" | "account" => parse("ACCOUNT", account).map(Self::Owner),
            "carrier" => parse("SPID", spid).map(Self::Carrier),
            "operator" => Ok(Self::Operator),
            "desk" => Ok(Self::Desk),
            "" => Err(usage("ROLE is missing.")),
            _ => Err(usage("ROLE is not owner, carrier, operator, or desk.")),
        }
    }

    /// Returns the `sub` of the caller's tokens.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::Owner(account) => format!("account-admin:{account}"),
            Self::Viewer(account) => format!("account-viewer:{account}"),
            Self::Nobody => "nobody".to_owned(),
            Self::Carrier(spid) => format!("carrier:{spid}"),
            Self::Operator => "operator".to_owned(),
            Self::Desk => "desk".to_owned(),
        }
    }

    fn scopes(&self) -> &'static [Scope] {
        match self {
            Self::Owner(_) | Self::Nobody => &[Scope::PinRead, Scope::PinWrite, Scope::Protection],
            Self::Viewer(_) => &[Scope::PinRead],
            Self::Carrier(_) => &[Scope::Submit],
            Self::Operator => &[Scope::Accounts],
            Self::Desk => &[Scope::Desk],
        }
    }

    fn account(&self) -> Option<&AccountNumber> {
        if let Self::Owner(account) | Self::Viewer(account) = self { Some(account) } else { None }
    }

    fn spid(&self) -> Option<&Spid> {
        if let Self::Carrier(spid) = self { Some(spid) } else { None }
    }
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'static str,
    aud: &'static str,
    sub: String,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spid: Option<&'a str>,
    iat: u64,
    nbf: u64,
    exp: u64,
}

impl<'a> Claims<'a> {
    fn new(caller: &'a Caller, now: SystemTime) -> Self {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let scopes: Vec<_> = caller.scopes().iter().map(|scope| scope.as_str()).collect();
        Self {
            iss: ISSUER,
            aud: AUDIENCE,
            sub: caller.subject(),
            scope: scopes.join(" "),
            account_id: caller.account().map(AccountNumber::as_str),
            spid: caller.spid().map(Spid::as_str),
            iat: now.as_secs(),
            nbf: now.as_secs(),
            exp: now.saturating_add(VALID_FOR).as_secs(),
        }
    }
}

/// Signs a token (RFC 7519) that is valid for twelve hours from `now` on.
///
/// # Errors
/// Fails if another part of this process verified a token before it signed one: the process then cannot sign.
pub fn issue(key: &SigningKey, caller: &Caller, now: SystemTime) -> Result<String, CliError> {
    sign(key, &Claims::new(caller, now))
}

/// Signs claims.
///
/// # Errors
/// Those of [`issue`].
pub fn sign(key: &SigningKey, claims: &impl Serialize) -> Result<String, CliError> {
    signer::install();
    let header = Header { kid: Some(key.id().to_owned()), ..Header::new(Algorithm::EdDSA) };
    jsonwebtoken::encode(&header, claims, key.private())
        .map_err(|e| CliError::failed("cannot sign the token", e))
}

/// Returns the time of this machine.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "a command at a developer's terminal; no rule runs here")]
pub fn now() -> SystemTime {
    SystemTime::now()
}

fn parse<T: FromStr<Err: Display>>(variable: &str, text: &str) -> Result<T, CliError> {
    if text.is_empty() {
        return Err(usage(format_args!("{variable} is missing.")));
    }
    text.parse().map_err(|rule| usage(format_args!("{variable} is not valid. {rule}")))
}

fn usage(what: impl Display) -> CliError {
    CliError::Usage(format!("{what} {CALLS}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use ring::signature::{ED25519, UnparsedPublicKey};
    use runtime::http::jwt::TokenVerifier;
    use serde_json::{Value, json};
    use shared::account::AccountNumberError;
    use shared::spid::SpidError;

    fn key() -> SigningKey {
        SigningKey::load(tempfile::tempdir().unwrap().path()).unwrap()
    }

    fn caller(role: &str, account: &str, spid: &str) -> Caller {
        Caller::new(role, account, spid).unwrap()
    }

    /// Verifies the signature with the published key and returns header and claims.
    fn read(token: &str, key: &SigningKey) -> (Value, Value) {
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
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
        let key = key();
        let at = UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let cases = [
            (
                caller("owner", "contoso", ""),
                json!({"sub": "account-admin:CONTOSO", "account_id": "CONTOSO",
                       "scope": "port-out-pin:read port-out-pin:write port-protection:write"}),
            ),
            (
                caller("carrier", "", "a123"),
                json!({"sub": "carrier:A123", "spid": "A123", "scope": "port-out:submit"}),
            ),
            (caller("operator", "", ""), json!({"sub": "operator", "scope": "accounts:manage"})),
            (caller("desk", "", ""), json!({"sub": "desk", "scope": "port-outs:operate"})),
        ];
        for (caller, mut expected) in cases {
            let (header, claims) = read(&issue(&key, &caller, at).unwrap(), &key);
            assert_eq!(header, json!({"typ": "JWT", "alg": "EdDSA", "kid": key.id()}));
            let registered = json!({"iss": "urn:port-out:local", "aud": "port-out-pin-api",
                "iat": 1_800_000_000, "nbf": 1_800_000_000, "exp": 1_800_043_200});
            expected.as_object_mut().unwrap().extend(registered.as_object().unwrap().clone());
            assert_eq!(claims, expected);
        }
    }

    #[test]
    fn account_is_another_name_of_the_role_owner() {
        assert_eq!(caller("account", "CONTOSO", ""), caller("owner", "CONTOSO", ""));
    }

    #[test]
    fn the_functions_accept_a_token_only_with_the_key_that_signed_it() {
        let (key, other) = (key(), key());
        let token = issue(&key, &Caller::Operator, now()).unwrap();
        let verify = |key: &SigningKey| {
            let verifier = TokenVerifier::new(ISSUER, &[AUDIENCE], &key.jwks()).unwrap();
            verifier.verify(&token, now().try_into().unwrap())
        };
        assert_eq!(verify(&key).unwrap()["sub"], "operator");
        assert!(verify(&other).is_none());
    }

    #[test]
    fn an_error_names_the_variable_the_rule_and_how_to_call() {
        let account = format!("ACCOUNT is not valid. {AccountNumberError}");
        let spid = format!("SPID is not valid. {SpidError}");
        let cases = [
            (("", "", ""), "ROLE is missing."),
            (("admin", "CONTOSO", ""), "ROLE is not owner, carrier, operator, or desk."),
            (("owner", "", "A123"), "ACCOUNT is missing."),
            (("account", "", "A123"), "ACCOUNT is missing."),
            (("owner", "-", ""), &account),
            (("owner", "A234567890123456789012345X", ""), &account),
            (("owner", "CONTOSÖ", ""), &account),
            (("carrier", "CONTOSO", ""), "SPID is missing."),
            (("carrier", "", "A12"), &spid),
            (("carrier", "", "é23"), &spid),
        ];
        for ((role, account, spid), what) in cases {
            let error = Caller::new(role, account, spid).unwrap_err();
            assert_eq!(error.to_string(), format!("{what} {CALLS}"));
            assert_eq!(error.exit_code(), 2);
        }
    }
}
