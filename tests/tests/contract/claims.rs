//! Claims: the same table through both ways of verifying a token, with the same answers.

use harness::assertions::problems::forbidden;
use harness::authorizer::Authorizer;
use harness::client::{Caller, Client};
use harness::prelude::*;
use harness::tokens::{AUDIENCE, ISSUER, Issuer};
use runtime::http::authentication::Authentication;
use runtime::http::claims::ClaimNames;
use runtime::http::jwt::TokenVerifier;

/// A call that shows what was read of the claims.
#[derive(Clone, Copy)]
pub enum Ask {
    /// Shows an owner more than the operator.
    Status,
    /// Shows the subject.
    SetPin,
    /// Shows the SPID.
    Submit,
}
use Ask::{SetPin, Status, Submit};

impl Ask {
    /// Returns method and path.
    pub fn route(self) -> (&'static str, &'static str) {
        match self {
            Status => ("GET", "/v1/accounts/CONTOSO/port-out-pin"),
            SetPin => ("PUT", "/v1/accounts/CONTOSO/port-out-pin"),
            Submit => ("POST", "/v1/port-outs"),
        }
    }
}

/// Sends a call and returns what its answer shows of the caller, or the code of the problem.
pub async fn ask(stack: &Stack, client: &Client, ask: Ask, by: impl Into<Caller<'_>>) -> String {
    let (method, path) = ask.route();
    let call = client.call(method, path);
    let call = match ask {
        Status => call,
        SetPin => call.json(&json!({"pin": PIN})),
        Submit => call.json(&order(&stack.new_pon(), CONTOSO, PIN, &[TN])),
    };
    let answer = call.by(by).send().await;
    let body = answer.json();
    let shown = match ask {
        _ if answer.status >= 400 => body["code"].as_str(),
        Status => Some(if body["blocked_by"].is_array() { "owner" } else { "operator" }),
        SetPin => body["updated_by"].as_str(),
        Submit => body["spid"].as_str(),
    };
    shown.expect("a text").to_owned()
}

/// Sends each row both ways, with the claims of every token beside its own.
async fn both_ways(names: ClaimNames, rows: &[(Ask, Value, &str)]) {
    let stack = Fixture::contoso().at(jiff::Timestamp::now()).start().await;
    let issuer = Issuer::default();
    let tokens = TokenVerifier::new(ISSUER, &["another-api", AUDIENCE], &issuer.jwks()).unwrap();
    let own = stack.client_with(&Authentication::by_token(tokens, names.clone()));
    let gateway = stack.client_with(&Authentication::by_gateway(names));
    for (what, claims, expected) in rows {
        let every = Claims::new("", "").without("sub").without("scope");
        let fields = claims.as_object().unwrap().iter();
        let all = fields.fold(every, |all, (name, value)| all.with(name, value.clone()));
        let verified = ask(&stack, &gateway, *what, &all).await;
        let signed = ask(&stack, &own, *what, &issuer.sign(&all)).await;
        assert_eq!((verified.as_str(), signed.as_str()), (*expected, *expected), "{claims}");
    }
}

const FORBIDDEN: &str = "forbidden";
const UNAUTHENTICATED: &str = "unauthenticated";

#[tokio::test]
async fn scopes_are_words_of_the_claim_scope_or_else_scp_and_never_of_both() {
    let owner = |mut claims: Value| {
        claims["sub"] = "u".into();
        claims["account_id"] = CONTOSO.into();
        claims
    };
    let (read, write) = ("port-out-pin:read", "port-out-pin:write");
    let rows = [
        (Status, owner(json!({"scope": read})), "owner"),
        (Status, owner(json!({"scope": "openid  port-out-pin:read profile"})), "owner"),
        (Status, owner(json!({"scope": [read]})), "owner"),
        (Status, owner(json!({"scope": ["openid", write, read]})), "owner"),
        (Status, owner(json!({"scope": ["openid port-out-pin:read", write]})), "owner"),
        (Status, owner(json!({"scope": "[port-out-pin:read openid]"})), "owner"),
        (Status, owner(json!({"scope": "accounts:manage"})), "operator"),
        (Status, owner(json!({"scope": "accounts:manage port-out-pin:read"})), "owner"),
        (Status, owner(json!({"scp": read})), "owner"),
        (Status, owner(json!({"scp": [write, read]})), "owner"),
        (Status, owner(json!({"scope": null, "scp": read})), "owner"),
        (SetPin, owner(json!({"scp": "port-out-pin:write port-out-pin:read"})), "user:u"),
        (Status, owner(json!({"scope": write, "scp": read})), FORBIDDEN),
        (Status, owner(json!({"scope": "", "scp": read})), FORBIDDEN),
        (Status, owner(json!({"scope": [], "scp": read})), FORBIDDEN),
        (Status, owner(json!({"scope": "", "permissions": [read]})), FORBIDDEN),
        (Status, owner(json!({"roles": [read], "scopes": [read], "scopp": read})), FORBIDDEN),
        (Status, owner(json!({"scope": 7})), FORBIDDEN),
        (Status, owner(json!({"scope": true})), FORBIDDEN),
        (Status, owner(json!({"scope": {"port-out-pin:read": true}})), FORBIDDEN),
        (Status, owner(json!({"scope": "port-out-pin"})), FORBIDDEN),
        (Status, owner(json!({"scope": "port-out-pin:readonly"})), FORBIDDEN),
        (Status, owner(json!({"scope": "Port-Out-Pin:Read"})), FORBIDDEN),
        (Status, owner(json!({"scope": "port-out-pin:read,port-out-pin:write"})), FORBIDDEN),
        (Status, owner(json!({"scope": "ports/port-out-pin:read"})), FORBIDDEN),
        (Status, owner(json!({"scope": [[read]]})), FORBIDDEN),
        (Status, owner(json!({"scope": "[port-out-pin:read"})), FORBIDDEN),
        (Status, owner(json!({"scope": "port-out:submit port-out-pin:write"})), FORBIDDEN),
        (SetPin, owner(json!({"scope": "accounts:manage port-outs:operate"})), FORBIDDEN),
        (Submit, owner(json!({"scope": "accounts:manage", "spid": "A123"})), FORBIDDEN),
    ];
    both_ways(ClaimNames::default(), &rows).await;
}

#[tokio::test]
async fn an_account_and_a_spid_are_one_value_or_a_list_of_exactly_one() {
    let owner = |account: Value| json!({"sub": "u", "scope": "port-out-pin:read", "account_id": account});
    let carrier = |spid: Value| json!({"sub": "c", "scope": "port-out:submit", "spid": spid});
    let mut rows = Vec::new();
    for account in [json!(CONTOSO), json!("ConToso"), json!([CONTOSO]), json!("[CONTOSO]")] {
        rows.push((Status, owner(account), "owner"));
    }
    for account in [
        json!(null),
        json!(""),
        json!("*"),
        json!(7),
        json!([]),
        json!([CONTOSO, "FABRIKAM"]),
        json!([CONTOSO, CONTOSO]),
        json!([[CONTOSO]]),
        json!({"id": CONTOSO}),
        json!("CONTOSO,FABRIKAM"),
        json!("CONTOSO FABRIKAM"),
        json!(" CONTOSO"),
        json!("con-toso"),
        json!("CONTOSO.5"),
    ] {
        rows.push((Status, owner(account), FORBIDDEN));
    }
    for (spid, read) in [
        (json!("a123"), "A123"),
        (json!(["A123"]), "A123"),
        (json!(6529), "6529"),
        (json!([6529]), "6529"),
        (json!("0123"), "0123"),
        // A leading zero that a number has lost is not restored.
        (json!(123), FORBIDDEN),
        (json!(-529), FORBIDDEN),
        (json!(6529.5), FORBIDDEN),
        (json!(null), FORBIDDEN),
        (json!(""), FORBIDDEN),
        (json!("A12"), FORBIDDEN),
        (json!("A1234"), FORBIDDEN),
        (json!("Ä12"), FORBIDDEN),
        (json!("A 12"), FORBIDDEN),
        (json!(["A123", "B456"]), FORBIDDEN),
    ] {
        rows.push((Submit, carrier(spid), read));
    }
    both_ways(ClaimNames::default(), &rows).await;
}

#[tokio::test]
async fn the_subject_is_sub_or_else_client_id_and_is_recorded_with_its_kind() {
    let owner = |mut claims: Value| {
        claims["scope"] = "port-out-pin:write".into();
        claims["account_id"] = CONTOSO.into();
        claims
    };
    let rows = [
        (SetPin, owner(json!({"sub": "alice"})), "user:alice"),
        (SetPin, owner(json!({"sub": "alice", "client_id": "app"})), "user:alice"),
        (SetPin, owner(json!({"sub": "webhook:acme"})), "user:webhook:acme"),
        (SetPin, owner(json!({"sub": "client:app"})), "user:client:app"),
        (SetPin, owner(json!({"sub": 7})), "user:7"),
        (SetPin, owner(json!({"client_id": "app"})), "client:app"),
        (SetPin, owner(json!({"sub": null, "client_id": "app"})), "client:app"),
        (SetPin, owner(json!({"client_id": "user:alice"})), "client:user:alice"),
        (SetPin, owner(json!({"sub": "app", "client_id": "app"})), "client:app"),
        (SetPin, owner(json!({"sub": "app", "cid": "app"})), "client:app"),
        (SetPin, owner(json!({"sub": "0a1b", "idtyp": "app"})), "client:0a1b"),
        (SetPin, owner(json!({"sub": "c@clients", "gty": "client-credentials"})), "client:c@clients"),
        (SetPin, owner(json!({})), UNAUTHENTICATED),
        (SetPin, owner(json!({"azp": "app"})), UNAUTHENTICATED),
        (SetPin, owner(json!({"sub": "", "client_id": "app"})), UNAUTHENTICATED),
        (SetPin, owner(json!({"sub": "  ", "client_id": "app"})), UNAUTHENTICATED),
        (SetPin, owner(json!({"client_id": " "})), UNAUTHENTICATED),
        (SetPin, owner(json!({"sub": "a\nb"})), UNAUTHENTICATED),
        (SetPin, owner(json!({"sub": "x".repeat(257)})), UNAUTHENTICATED),
    ];
    both_ways(ClaimNames::default(), &rows).await;
}

#[tokio::test]
async fn claims_have_the_names_and_scopes_the_prefix_that_are_configured() {
    let names = ClaimNames {
        scopes: ["scope", "scp", "roles"].map(str::to_owned).to_vec(),
        scope_prefix: "ports/".to_owned(),
        account: "https://contoso.example/account_id".to_owned(),
        spid: "custom:spid".to_owned(),
    };
    let owner = |scope: &str, name: &str| json!({"sub": "u", "scope": scope, name: [CONTOSO]});
    let carrier = |roles: Value, name: &str| json!({"sub": "c", "roles": roles, name: "A123"});
    let (account, spid) = (names.account.clone(), names.spid.clone());
    let rows = [
        (Status, owner("openid ports/port-out-pin:read", &account), "owner"),
        (Status, owner("ports/accounts:manage", "other"), "operator"),
        (Status, owner("port-out-pin:read", &account), FORBIDDEN),
        (Status, owner("ports/ports/port-out-pin:read", &account), FORBIDDEN),
        (Status, owner("ports/port-out-pin:read", "account_id"), FORBIDDEN),
        (Submit, carrier(json!(["ports/port-out:submit"]), &spid), "A123"),
        (Submit, carrier(json!(["ports/port-out:submit"]), "spid"), FORBIDDEN),
        (Submit, carrier(json!(["port-out:submit"]), &spid), FORBIDDEN),
        (Submit, with(&carrier(json!(["ports/port-out:submit"]), &spid), "scp", "openid"), FORBIDDEN),
    ];
    both_ways(names, &rows).await;
}

#[tokio::test]
async fn a_token_is_for_one_of_the_audiences_or_for_the_client_where_it_has_none() {
    let stack = Fixture::contoso().at(jiff::Timestamp::now()).start().await;
    let issuer = Issuer::default();
    let tokens = TokenVerifier::new(ISSUER, &["carrier-a", "carrier-b"], &issuer.jwks()).unwrap();
    let own = stack.client_with(&Authentication::by_token(tokens, ClaimNames::default()));
    let authorizer = Authorizer {
        issuer: ISSUER.to_owned(),
        audiences: ["carrier-a", "carrier-b"].map(str::to_owned).to_vec(),
    };
    for (aud, client_id, for_us) in [
        (json!("carrier-a"), "x", true),
        (json!(["x", "carrier-b"]), "x", true),
        (json!(null), "carrier-b", true),
        (json!(null), "x", false),
        (json!("x"), "carrier-a", false),
        (json!([]), "carrier-a", false),
    ] {
        let claims = Claims::carrier("A123").without("aud").with("client_id", client_id);
        let claims = if aud.is_null() { claims } else { claims.with("aud", aud.clone()) };
        assert_eq!(authorizer.authorize(json!({}), &claims, &[]).is_ok(), for_us, "{aud} {client_id}");
        let signed = ask(&stack, &own, Submit, &issuer.sign(&claims)).await;
        assert_eq!(signed, if for_us { "A123" } else { UNAUTHENTICATED }, "{aud} {client_id}");
    }
}

#[tokio::test]
async fn claims_in_the_event_are_ignored_where_the_functions_verify_tokens_themselves() {
    let stack = Fixture::contoso().at(jiff::Timestamp::now()).start().await;
    let issuer = Issuer::default();
    let tokens = TokenVerifier::new(ISSUER, &[AUDIENCE], &issuer.jwks()).unwrap();
    let own = stack.client_with(&Authentication::by_token(tokens, ClaimNames::default()));
    for what in [Status, SetPin, Submit] {
        for claims in [Claims::operator(), Claims::account(CONTOSO), Claims::carrier("A123")] {
            assert_eq!(ask(&stack, &own, what, &claims).await, UNAUTHENTICATED);
        }
    }
    // The token counts, whatever the event claims beside it.
    let call = own.call("GET", "/v1/accounts/CONTOSO/port-out-pin").by(&Claims::operator());
    let answer = call.bearer(&issuer.sign(&Claims::account("FABRIKAM"))).send().await;
    answer.assert_refused(&forbidden());
}
