//! The local sign-in: an OpenID Connect provider for the console of a local run, which asks for no password.
//!
//! It is a real one as far as the console can tell: discovery, authorization code with PKCE (S256 only), an ID token with a
//! nonce, and `iss` in its answer (RFC 9207). Whom it offers are the administrators of the demo.

mod grants;
mod page;
mod request;

use std::fmt::Display;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::error::CliError;
use crate::keys::SigningKey;
use crate::token::{self, VALID_FOR, now};
use grants::{Grant, Grants};
use page::PEOPLE;
use request::{AuthorizationRequest, Fields};

/// `client_id` of the console.
pub const CLIENT_ID: &str = "port-out-console";

/// Covers the console's call that follows at once.
const ID_TOKEN_VALID_FOR: Duration = Duration::from_secs(300);

/// The provider, listening but not answering yet.
pub struct SignIn {
    listener: TcpListener,
    provider: Arc<Provider>,
}

struct Provider {
    issuer: String,
    redirect_uri: String,
    key: Arc<SigningKey>,
    grants: Grants,
}

impl SignIn {
    /// Listens at a free loopback port, for the console at this address.
    ///
    /// # Errors
    /// Fails if there is no free port.
    pub async fn listen(key: Arc<SigningKey>, console: &str) -> Result<Self, CliError> {
        let failed = |e| CliError::failed("cannot start the local sign-in", e);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed)?;
        let issuer = format!("http://{}", listener.local_addr().map_err(failed)?);
        let redirect_uri = format!("{console}/console/callback");
        let provider = Arc::new(Provider { issuer, redirect_uri, key, grants: Grants::default() });
        Ok(Self { listener, provider })
    }

    /// Returns the issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.provider.issuer
    }

    /// Answers until this process ends.
    ///
    /// # Errors
    /// Fails if the port is lost.
    pub async fn serve(self) -> Result<(), CliError> {
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/authorize", get(choose).post(chosen))
            .route("/token", post(exchange))
            .route("/end-session", get(page::signed_out))
            .with_state(self.provider);
        axum::serve(self.listener, routes).await.map_err(|e| CliError::failed("the local sign-in ended", e))
    }
}

async fn discovery(State(provider): State<Arc<Provider>>) -> Response {
    let issuer = &provider.issuer;
    json_answer(
        StatusCode::OK,
        &json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "end_session_endpoint": format!("{issuer}/end-session"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "authorization_response_iss_parameter_supported": true,
        }),
    )
}

async fn jwks(State(provider): State<Arc<Provider>>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], provider.key.jwks()).into_response()
}

async fn choose(State(provider): State<Arc<Provider>>, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::read(&query.unwrap_or_default());
    match AuthorizationRequest::read(&fields, CLIENT_ID, &provider.redirect_uri) {
        Ok(_) => Html(page::choose(&fields).into_string()).into_response(),
        Err(why) => (StatusCode::BAD_REQUEST, why).into_response(),
    }
}

async fn chosen(State(provider): State<Arc<Provider>>, body: String) -> Response {
    let fields = Fields::read(&body);
    let request = match AuthorizationRequest::read(&fields, CLIENT_ID, &provider.redirect_uri) {
        Ok(request) => request,
        Err(why) => return (StatusCode::BAD_REQUEST, why).into_response(),
    };
    let issuer = ("iss", provider.issuer.as_str());
    let answer = match PEOPLE.iter().find(|person| Some(person.id) == fields.get("person")) {
        None => ("error", "access_denied".to_owned()),
        Some(person) => match provider.grants.give(Grant { person, request: request.clone() }, now()) {
            Ok(code) => ("code", code),
            Err(error) => return failed(&error),
        },
    };
    let location = request.answer(&[(answer.0, &answer.1), issuer]);
    (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response()
}

async fn exchange(State(provider): State<Arc<Provider>>, body: String) -> Response {
    let fields = Fields::read(&body);
    let Some(grant) = provider.grants.redeem(&fields, now()) else {
        return json_answer(StatusCode::BAD_REQUEST, &json!({"error": "invalid_grant"}));
    };
    provider.tokens(&grant).map_or_else(|error| failed(&error), |tokens| json_answer(StatusCode::OK, &tokens))
}

#[derive(Serialize)]
struct IdClaims<'a> {
    iss: &'a str,
    aud: &'static str,
    sub: String,
    name: &'static str,
    nonce: &'a str,
    iat: u64,
    exp: u64,
}

impl Provider {
    fn tokens(&self, grant: &Grant) -> Result<Value, CliError> {
        let (caller, now) = (grant.person.caller()?, now());
        let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let claims = IdClaims {
            iss: &self.issuer,
            aud: CLIENT_ID,
            sub: caller.subject(),
            name: grant.person.name,
            nonce: &grant.request.nonce,
            iat: seconds.as_secs(),
            exp: seconds.saturating_add(ID_TOKEN_VALID_FOR).as_secs(),
        };
        Ok(json!({
            "access_token": token::issue(&self.key, &caller, now)?,
            "id_token": token::sign(&self.key, &claims)?,
            "token_type": "Bearer",
            "expires_in": VALID_FOR.as_secs(),
        }))
    }
}

fn json_answer(status: StatusCode, body: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, body.to_string()).into_response()
}

fn failed(error: &dyn Display) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
}
