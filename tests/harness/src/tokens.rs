//! Tokens as the identity provider would issue them, and every way of getting them wrong.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair};
use ring::{hmac, signature};
use serde_json::{Map, Value, json};

/// `iss` of good tokens.
pub const ISSUER: &str = "https://issuer.test.example/";
/// `aud` of good tokens.
pub const AUDIENCE: &str = "port-out-pin";

/// What a token says; starts out good for an hour.
#[derive(Clone, Debug)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// Creates claims of `sub` with the given space-separated scopes.
    pub fn new(sub: &str, scope: &str) -> Self {
        let now = now();
        Self(Map::new())
            .with("sub", sub)
            .with("scope", scope)
            .with("iss", ISSUER)
            .with("aud", AUDIENCE)
            .with("iat", now)
            .with("nbf", now - 5)
            .with("exp", now + 3600)
    }

    /// Creates the claims of an admin of one account.
    pub fn account(account_id: &str) -> Self {
        let scope = "port-out-pin:read port-out-pin:write port-protection:write";
        Self::new(&format!("admin@{account_id}"), scope).with("account_id", account_id)
    }

    /// Creates the claims of a carrier that submits port-outs.
    pub fn carrier(spid: &str) -> Self {
        Self::new(&format!("carrier-{spid}"), "port-out:submit").with("spid", spid)
    }

    /// Creates the claims of the operator.
    pub fn operator() -> Self {
        Self::new("operator", "accounts:manage")
    }

    /// Creates the claims of the porting desk.
    pub fn desk() -> Self {
        Self::new("desk", "port-outs:operate")
    }

    /// Sets a claim, to anything.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Leaves a claim out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    /// Returns names and values.
    pub fn entries(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter()
    }

    /// Returns the claims as JSON.
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

/// Returns the seconds since the Unix epoch.
pub fn now() -> i64 {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    i64::try_from(passed.as_secs()).expect("a clock before the end of time")
}

/// The issuer of one stack's tokens.
pub struct Issuer {
    key: Ed25519KeyPair,
    kid: String,
}

impl Default for Issuer {
    fn default() -> Self {
        Self { key: new_key(), kid: format!("key-{}", crate::random_hex(4)) }
    }
}

fn new_key() -> Ed25519KeyPair {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("no key");
    Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).expect("no key")
}

impl Issuer {
    /// Returns the public key as a JWK set.
    pub fn jwks(&self) -> String {
        let x = encode(self.key.public_key());
        json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": self.kid, "x": x}]})
            .to_string()
    }

    /// Signs a good token with these claims.
    pub fn sign(&self, claims: &Claims) -> String {
        self.sign_as(&json!({"alg": "EdDSA", "typ": "JWT", "kid": self.kid}), claims)
    }

    /// Signs a token of an admin of `account_id`.
    pub fn account(&self, account_id: &str) -> String {
        self.sign(&Claims::account(account_id))
    }

    /// Signs a token of the carrier `spid`.
    pub fn carrier(&self, spid: &str) -> String {
        self.sign(&Claims::carrier(spid))
    }

    /// Signs a token of the operator.
    pub fn operator(&self) -> String {
        self.sign(&Claims::operator())
    }

    /// Signs a token that does not say by which key.
    pub fn without_kid(&self, claims: &Claims) -> String {
        self.sign_as(&json!({"alg": "EdDSA", "typ": "JWT"}), claims)
    }

    /// Returns tokens that differ from a good one in one thing, each of which must be refused, with what is wrong.
    pub fn bad_tokens(&self, claims: &Claims) -> Vec<(&'static str, String)> {
        let now = now();
        let with = |name, value: Value| self.sign(&claims.clone().with(name, value));
        let good = self.sign(claims);
        let [header, payload, sig] = parts(&good);
        vec![
            ("expired", with("exp", json!(now - 3600))),
            ("no expiry", self.sign(&claims.clone().without("exp"))),
            ("expiry is text", with("exp", json!("tomorrow"))),
            ("not yet valid", with("nbf", json!(now + 3600))),
            ("another issuer", with("iss", json!("https://elsewhere.example/"))),
            ("no issuer", self.sign(&claims.clone().without("iss"))),
            ("another audience", with("aud", json!("another-api"))),
            ("no audience", self.sign(&claims.clone().without("aud"))),
            ("another key", Self { key: new_key(), kid: self.kid.clone() }.sign(claims)),
            ("unknown kid", self.sign_as(&json!({"alg": "EdDSA", "kid": "nobody"}), claims)),
            ("alg none, unsigned", self.unsigned("none", claims)),
            ("alg None, unsigned", self.unsigned("None", claims)),
            ("alg none, signed", self.sign_as(&json!({"alg": "none", "kid": self.kid}), claims)),
            ("HS256 keyed with the public key", self.hs256(self.key.public_key().as_ref(), claims)),
            ("HS256 keyed with the JWK set", self.hs256(self.jwks().as_bytes(), claims)),
            ("no signature", format!("{header}.{payload}.")),
            ("two parts", format!("{header}.{payload}")),
            ("four parts", format!("{good}.{sig}")),
            (
                "signature of another token",
                format!("{header}.{payload}.{}", parts(&self.operator_in_an_hour())[2]),
            ),
            ("garbage", "garbage".to_owned()),
            ("dots", "..".to_owned()),
        ]
    }

    fn operator_in_an_hour(&self) -> String {
        self.sign(&Claims::operator().with("iat", now() + 3600))
    }

    /// Signs whatever the header says.
    fn sign_as(&self, header: &Value, claims: &Claims) -> String {
        let text = unsigned(header, claims);
        let sig: signature::Signature = self.key.sign(text.as_bytes());
        format!("{text}.{}", encode(sig))
    }

    fn unsigned(&self, alg: &str, claims: &Claims) -> String {
        format!("{}.", unsigned(&json!({"alg": alg, "kid": self.kid}), claims))
    }

    fn hs256(&self, key: &[u8], claims: &Claims) -> String {
        let text = unsigned(&json!({"alg": "HS256", "typ": "JWT", "kid": self.kid}), claims);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes());
        format!("{text}.{}", encode(tag))
    }
}

fn unsigned(header: &Value, claims: &Claims) -> String {
    format!("{}.{}", encode(header.to_string()), encode(claims.to_json().to_string()))
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn parts(token: &str) -> [&str; 3] {
    token.split('.').collect::<Vec<_>>().try_into().expect("three parts")
}
