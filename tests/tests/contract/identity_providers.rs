//! Tokens exactly as identity providers issue them, with the key sets that they publish: let in by the gateway's
//! authorizer and by own verification, and read alike. `docs/identity-providers.md` says how to set each one up.

use harness::authorizer::Authorizer;
use harness::prelude::*;
use harness::rsa_issuer::RsaIssuer;
use harness::tokens::now;
use runtime::http::authentication::Authentication;
use runtime::http::claims::ClaimNames;
use runtime::http::jwt::TokenVerifier;
use runtime::http::routes;

use crate::claims::Ask::{self, SetPin, Status, Submit};
use crate::claims::ask;

/// A provider, as a deployment is configured for it.
struct Provider {
    issuer: &'static str,
    audiences: &'static [&'static str],
    names: ClaimNames,
    /// What its tokens' headers have beside the algorithm.
    header: Value,
    /// What its published keys have beside their numbers; the tokens' key is among them.
    keys: Vec<Value>,
}

impl Provider {
    fn new(issuer: &'static str, audiences: &'static [&'static str]) -> Self {
        Self {
            issuer,
            audiences,
            names: ClaimNames::default(),
            header: json!({"typ": "JWT", "kid": "k1"}),
            keys: vec![json!({"use": "sig", "kid": "k1", "alg": "RS256"})],
        }
    }

    /// Returns the scopes that the deployed route asks for at the gateway.
    fn scopes_at_gateway(&self, what: Ask) -> Vec<String> {
        if self.names.scopes != ClaimNames::default().scopes {
            return Vec::new();
        }
        let (method, path) = what.route();
        let scopes = routes::find(method, path).unwrap().route.scopes;
        scopes.iter().map(|scope| format!("{}{}", self.names.scope_prefix, scope.as_str())).collect()
    }

    /// Fails unless both ways let each token in and read the same of it.
    async fn lets_in(&self, tokens: &[(Value, Ask, &str)]) {
        let stack = Fixture::contoso().at(jiff::Timestamp::now()).start().await;
        let issuer = RsaIssuer::default();
        let keys: Vec<_> = self.keys.iter().map(|beside| issuer.jwk(beside)).collect();
        let verifier = TokenVerifier::new(self.issuer, self.audiences, &json!({ "keys": keys }).to_string());
        let own = Authentication::by_token(verifier.unwrap(), self.names.clone());
        let own = stack.client_with(&own);
        let gateway = stack.client_with(&Authentication::by_gateway(self.names.clone()));
        let authorizer = Authorizer {
            issuer: self.issuer.to_owned(),
            audiences: self.audiences.iter().map(|audience| (*audience).to_owned()).collect(),
        };
        for (claims, what, expected) in tokens {
            let every = Claims::new("", "").without("sub").without("scope").without("aud");
            let every = every.with("iss", self.issuer).with("exp", now() + 3600);
            let fields = claims.as_object().unwrap().iter();
            let claims = fields.fold(every, |all, (name, value)| all.with(name, value.clone()));
            let scopes = self.scopes_at_gateway(*what);
            assert!(authorizer.authorize(json!({}), &claims, &scopes).is_ok(), "{claims:?}");
            let verified = ask(&stack, &gateway, *what, &claims).await;
            let signed = ask(&stack, &own, *what, &issuer.sign(&self.header, &claims)).await;
            assert_eq!((verified.as_str(), signed.as_str()), (*expected, *expected), "{claims:?}");
        }
    }
}

#[tokio::test]
async fn cognito() {
    let issuer = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Example";
    let cognito = Provider {
        names: ClaimNames { scope_prefix: "ports/".to_owned(), ..ClaimNames::default() },
        header: json!({"kid": "access"}),
        keys: ["id", "access"].map(|kid| json!({"alg": "RS256", "kid": kid, "use": "sig"})).to_vec(),
        ..Provider::new(issuer, &["owners-app", "carrier-a", "carrier-b"])
    };
    let user = json!({"sub": "6418b458-d091-705e-122e-04bf2945fcdf", "cognito:groups": ["admins"], "version": 2,
        "client_id": "owners-app", "origin_jti": "afa8fe33", "token_use": "access", "auth_time": now(),
        "scope": "ports/port-out-pin:read ports/port-out-pin:write", "jti": "11ed1fa2", "username": "alice",
        "account_id": CONTOSO});
    let machine = |client: &str, spid: &str| {
        json!({"sub": client, "token_use": "access", "scope": "ports/port-out:submit", "auth_time": now(),
            "version": 2, "jti": "ab12", "client_id": client, "spid": spid})
    };
    cognito
        .lets_in(&[
            (user.clone(), Status, "owner"),
            (user, SetPin, "user:6418b458-d091-705e-122e-04bf2945fcdf"),
            (machine("carrier-a", "A123"), Submit, "A123"),
            (machine("carrier-b", "B456"), Submit, "B456"),
        ])
        .await;
}

#[tokio::test]
async fn entra_id() {
    let issuer = "https://login.microsoftonline.com/8f2e0000-0000-0000-0000-000000000000/v2.0";
    let certificates =
        |kid: &str| json!({"use": "sig", "kid": kid, "x5t": kid, "x5c": ["MIIC/TCCAeWg"], "issuer": issuer});
    let entra = Provider {
        names: ClaimNames {
            scopes: ["scp", "roles"].map(str::to_owned).to_vec(),
            account: "extn.account_id".to_owned(),
            ..ClaimNames::default()
        },
        keys: vec![certificates("k0"), certificates("k1")],
        ..Provider::new(
            issuer,
            &["3f8a0000-0000-0000-0000-000000000001", "3f8a0000-0000-0000-0000-000000000002"],
        )
    };
    let delegated = json!({"aud": "3f8a0000-0000-0000-0000-000000000001", "aio": "AXQAi/8U", "azp": "5b1c",
        "azpacr": "1", "name": "Alice", "oid": "0d9e", "preferred_username": "alice@contoso.example",
        "rh": "0.AX", "scp": "port-out-pin:read port-out-pin:write", "sub": "HKZpfaHyWadeOouYlitjrI-KffTm222X5",
        "tid": "8f2e0000-0000-0000-0000-000000000000", "uti": "fqiBqXLP", "ver": "2.0", "extn.account_id": [CONTOSO]});
    let app_only = json!({"aud": "3f8a0000-0000-0000-0000-000000000002", "aio": "E2ZgYJh", "azp": "2c3d",
        "azpacr": "1", "idtyp": "app", "oid": "0a1b", "rh": "0.AX", "roles": ["port-out:submit"], "sub": "0a1b",
        "tid": "8f2e0000-0000-0000-0000-000000000000", "uti": "aX12", "ver": "2.0", "spid": "A123"});
    entra
        .lets_in(&[
            (delegated.clone(), Status, "owner"),
            (delegated, SetPin, "user:HKZpfaHyWadeOouYlitjrI-KffTm222X5"),
            (app_only, Submit, "A123"),
        ])
        .await;
}

#[tokio::test]
async fn okta() {
    let issuer = "https://contoso.okta.example/oauth2/aus9o8wzkhckw9TLa0h7";
    let okta = Provider { header: json!({"kid": "k1"}), ..Provider::new(issuer, &["api://ports"]) };
    let user = json!({"ver": 1, "jti": "AT.0mP4JKAZX1iACIT4", "aud": "api://ports", "cid": "0oaweb",
        "uid": "00ualice", "auth_time": now(), "scp": ["openid", "port-out-pin:read", "port-out-pin:write"],
        "sub": "alice@contoso.example", "account_id": CONTOSO});
    let machine = json!({"ver": 1, "jti": "AT.x", "aud": "api://ports", "cid": "0oacarrier",
        "scp": ["port-out:submit", "port-out-pin:write"], "sub": "0oacarrier", "spid": 6529, "account_id": CONTOSO});
    okta.lets_in(&[
        (user.clone(), Status, "owner"),
        (user, SetPin, "user:alice@contoso.example"),
        (machine.clone(), Submit, "6529"),
        (machine, SetPin, "client:0oacarrier"),
    ])
    .await;
}

#[tokio::test]
async fn auth0() {
    let auth0 = Provider {
        names: ClaimNames {
            account: "https://ports.example/account_id".to_owned(),
            spid: "https://ports.example/spid".to_owned(),
            ..ClaimNames::default()
        },
        keys: vec![json!({"use": "sig", "kid": "k1", "x5t": "x", "x5c": ["MIIDDTCCAfWg"], "alg": "RS256"})],
        // Its issuer ends in a slash.
        ..Provider::new("https://contoso.auth0.example/", &["https://ports.example"])
    };
    let user = json!({"sub": "auth0|507f1f77", "aud": ["https://ports.example", "https://contoso.auth0.example/userinfo"],
        "azp": "web", "scope": "openid profile port-out-pin:read port-out-pin:write",
        "permissions": ["port-out-pin:read"], "https://ports.example/account_id": CONTOSO});
    let machine = json!({"sub": "kYqn@clients", "aud": "https://ports.example", "scope": "port-out:submit",
        "gty": "client-credentials", "azp": "kYqn", "https://ports.example/spid": "A123"});
    auth0
        .lets_in(&[
            (user.clone(), Status, "owner"),
            (user, SetPin, "user:auth0|507f1f77"),
            (machine, Submit, "A123"),
        ])
        .await;
}

#[tokio::test]
async fn keycloak() {
    let keycloak = Provider {
        keys: vec![
            json!({"kid": "k0", "alg": "RSA-OAEP", "use": "enc", "x5c": ["MIICmzCC"], "x5t": "x"}),
            json!({"kid": "k1", "alg": "RS256", "use": "sig", "x5c": ["MIICmzCC"], "x5t": "x"}),
        ],
        ..Provider::new("https://sso.contoso.example/realms/ports", &["port-out-pin-api"])
    };
    let user = json!({"jti": "onrtac:1", "aud": ["port-out-pin-api", "account"], "sub": "f3a1", "typ": "Bearer",
        "azp": "web", "sid": "s", "acr": "1", "allowed-origins": ["https://contoso.example"],
        "realm_access": {"roles": ["offline_access"]}, "resource_access": {"account": {"roles": ["view-profile"]}},
        "scope": "openid port-out-pin:read port-out-pin:write profile", "email_verified": true,
        "preferred_username": "alice", "account_id": [CONTOSO]});
    let machine = json!({"jti": "trrtcc:1", "aud": "port-out-pin-api", "sub": "9c2b", "typ": "Bearer",
        "azp": "carrier-a", "acr": "1", "scope": "port-out:submit profile", "clientHost": "192.0.2.1",
        "preferred_username": "service-account-carrier-a", "client_id": "carrier-a", "spid": ["A123"]});
    keycloak
        .lets_in(&[(user.clone(), Status, "owner"), (user, SetPin, "user:f3a1"), (machine, Submit, "A123")])
        .await;
}

#[tokio::test]
async fn duende() {
    let duende = Provider {
        names: ClaimNames { spid: "client_spid".to_owned(), ..ClaimNames::default() },
        header: json!({"typ": "at+jwt", "kid": "k1"}),
        ..Provider::new("https://id.contoso.example", &["ports"])
    };
    let user = json!({"aud": "ports", "scope": ["openid", "port-out-pin:read", "port-out-pin:write"], "amr": ["pwd"],
        "client_id": "web", "sub": "alice", "auth_time": now(), "idp": "local", "account_id": CONTOSO});
    // No user is involved, so there is no subject.
    let machine = json!({"aud": "ports", "client_id": "carrier-a", "client_spid": "A123", "jti": "1F",
        "scope": ["port-out:submit", "port-out-pin:write"], "account_id": CONTOSO});
    duende
        .lets_in(&[
            (user.clone(), Status, "owner"),
            (user, SetPin, "user:alice"),
            (machine.clone(), Submit, "A123"),
            (machine, SetPin, "client:carrier-a"),
        ])
        .await;
}

#[tokio::test]
async fn permissions_and_roles_are_not_scopes_unless_the_deployment_says_so() {
    let usual = Provider::new("https://contoso.auth0.example/", &["api"]);
    let (stack, issuer) = (Fixture::contoso().at(jiff::Timestamp::now()).start().await, RsaIssuer::default());
    let keys = json!({"keys": [issuer.jwk(&usual.keys[0])]}).to_string();
    let verifier = TokenVerifier::new(usual.issuer, usual.audiences, &keys).unwrap();
    let own = stack.client_with(&Authentication::by_token(verifier, usual.names.clone()));
    let gateway = stack.client_with(&Authentication::by_gateway(usual.names.clone()));
    for (name, value) in [("permissions", json!(["port-out:submit"])), ("roles", json!(["port-out:submit"]))]
    {
        let claims = Claims::carrier("A123").with("iss", usual.issuer).with("aud", "api").with(name, value);
        for claims in [claims.clone().without("scope"), claims.with("scope", "")] {
            assert_eq!(ask(&stack, &gateway, Submit, &claims).await, "forbidden");
            assert_eq!(ask(&stack, &own, Submit, &issuer.sign(&usual.header, &claims)).await, "forbidden");
        }
    }
}
