//! The console as a process, the API that it calls, and the provider that both trust.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::lambda_host::{Function, LambdaHost};
use harness::prelude::*;
use harness::start::function_binary;
use tokio::net::TcpListener;

use crate::provider::{AUDIENCE, Provider};

/// Everything that runs.
pub struct System {
    /// Address of the console.
    pub console: String,
    pub provider: Provider,
    host: LambdaHost,
    api: Stack,
    _tables: Stack,
}

impl System {
    /// Starts it, with the account CONTOSO, which has no PIN, and with the template's default rules for PINs.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let console = format!("http://{}", listener.local_addr().expect("an address"));
        let provider = Provider::start(&console).await;
        let tables = Fixture::new().account(CONTOSO).start().await;
        // The provider's tokens, not the harness's: the account is made by the one stack and read by the other.
        let api = Fixture::new().processes(1).functions(&["status", "set-pin"]).tables_of(&tables);
        let api = api.env("AWS_ENDPOINT_URL_DYNAMODB", tables.engine().endpoint());
        let api = api.env("JWT_ISSUER", &provider.issuer).env("JWT_AUDIENCE", AUDIENCE);
        let api = api.env("JWT_KEYS", &provider.jwks).env("PIN_POLICY", "strict").start().await;
        let env = [
            ("CONSOLE_URL", console.clone()),
            ("API_BASE_URL", api.url().to_owned()),
            ("CONSOLE_LOCAL_KEY", STANDARD.encode([7; 32])),
            ("OIDC_ISSUER", provider.issuer.clone()),
            ("OIDC_CLIENT_ID", "console".to_owned()),
        ];
        let env = env.map(|(name, value)| (name.to_owned(), value)).to_vec();
        let function = Function { env, ..Function::new("console", function_binary("console")) };
        let host = LambdaHost::start_on(listener, vec![function], Arc::new(|_, _| "console")).await;
        let host = host.unwrap_or_else(|logs| panic!("the console does not start:\n{logs}"));
        Self { console, provider, host, api, _tables: tables }
    }

    /// Returns what the API's functions logged, for messages.
    pub fn api_logs(&self) -> String {
        self.api.host().logs()
    }

    /// Ends the API; from then on, nothing answers at its address.
    pub async fn stop_api(&self) {
        self.api.host().stop().await;
    }

    /// Ends the console, and returns everything that it logged.
    pub async fn stop(&self) -> String {
        self.host.stop().await
    }
}
