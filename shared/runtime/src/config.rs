//! Configuration: environment variables, parsed once at cold start. An error names the variable, never its value.

mod console;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use shared::account::PinRequired;
use shared::business_days::HolidaysError;
use shared::decision::PortOutPolicy;
use shared::intake::Reference;
use shared::pin_policy::PinPolicy;
use tracing_subscriber::filter::LevelFilter;
use zeroize::Zeroizing;

use crate::http::address_ranges::{AddressRanges, AddressRangesError};
use crate::http::authentication::Authentication;
use crate::http::claims::ClaimNames;
use crate::http::jwt::TokenVerifier;
use crate::pin_hash::hasher;
use crate::pin_hash::parameters::MAX_ROUNDS;
use crate::pin_hash::pepper::LocalKey;
use crate::store::TableNames;

pub use console::{ConsoleSettings, ProviderSettings, WebUrl};

/// Every variable that a function reads, besides those of Lambda and the AWS SDK.
pub const VARIABLES: &[&str] = &[
    "TABLE_NAME",
    "EVENTS_TABLE_NAME",
    "PIN_KEY_ID",
    "PIN_LOCAL_KEY",
    "PIN_PREVIOUS_LOCAL_KEY",
    "WEBHOOK_KEY_ID",
    "WEBHOOK_LOCAL_KEY",
    "WEBHOOK_PREVIOUS_LOCAL_KEY",
    "PBKDF2_ITERATIONS",
    "PIN_POLICY",
    "COMPANY_HOLIDAYS",
    "PIN_REQUIRED",
    "PORTING_CONTACT",
    "BANDWIDTH_ADDRESSES",
    "JWT_ISSUER",
    "JWT_AUDIENCE",
    "JWT_KEYS",
    "SCOPE_CLAIMS",
    "SCOPE_PREFIX",
    "ACCOUNT_CLAIM",
    "SPID_CLAIM",
    "LOG_LEVEL",
    "ROUTES",
    "CONSOLE_URL",
    "CONSOLE_KEY_ID",
    "CONSOLE_LOCAL_KEY",
    "API_BASE_URL",
    "OIDC_ISSUER",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "OIDC_SCOPES",
    "OIDC_AUDIENCE",
];

/// A variable that keeps the function from starting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {problem}")]
pub struct ConfigError {
    variable: &'static str,
    problem: String,
}

fn error(variable: &'static str, problem: impl Into<String>) -> ConfigError {
    ConfigError { variable, problem: problem.into() }
}

/// Returns the entries of a list that is separated by commas.
fn list(text: &str) -> Vec<&str> {
    text.split(',').map(str::trim).filter(|entry| !entry.is_empty()).collect()
}

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// A source of variables.
pub struct Environment(Box<Lookup>);

/// An HMAC key.
pub enum HmacKey {
    /// In AWS KMS, under this id, ARN or alias.
    Kms(String),
    /// In this process, perhaps with the previous one.
    Local(Box<LocalKey>, Option<Box<LocalKey>>),
}

/// The variables of one key: in KMS, or else in this process.
struct KeyVariables {
    kms: &'static str,
    local: &'static str,
    previous: Option<&'static str>,
}

const PIN_KEY: KeyVariables =
    KeyVariables { kms: "PIN_KEY_ID", local: "PIN_LOCAL_KEY", previous: Some("PIN_PREVIOUS_LOCAL_KEY") };

const WEBHOOK_KEY: KeyVariables = KeyVariables {
    kms: "WEBHOOK_KEY_ID",
    local: "WEBHOOK_LOCAL_KEY",
    previous: Some("WEBHOOK_PREVIOUS_LOCAL_KEY"),
};

/// A session does not outlive an hour, so a key before the current one is not needed.
const CONSOLE_KEY: KeyVariables =
    KeyVariables { kms: "CONSOLE_KEY_ID", local: "CONSOLE_LOCAL_KEY", previous: None };

/// Which of its routes the binary `port-out` serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServedRoutes {
    /// All of them, in local runs.
    All,
    /// Those of carriers and Standard Webhooks.
    Carrier,
    /// Those of Bandwidth.
    Bandwidth,
}

impl Environment {
    /// Reads the process environment.
    pub fn process() -> Self {
        Self::from_fn(|name| std::env::var(name).ok())
    }

    /// Uses a custom lookup, for tests.
    pub fn from_fn(get: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Box::new(get))
    }

    pub(crate) fn get(&self, name: &'static str) -> Option<String> {
        (self.0)(name).filter(|value| !value.trim().is_empty())
    }

    pub(crate) fn required(&self, name: &'static str) -> Result<String, ConfigError> {
        self.get(name).ok_or_else(|| error(name, "must be set (Lambda sets it automatically)"))
    }

    /// Returns the endpoint of an AWS service, if it is not that of the region.
    pub(crate) fn endpoint(&self, of_service: &'static str) -> Option<String> {
        self.get(of_service).or_else(|| self.get("AWS_ENDPOINT_URL"))
    }

    /// Reads `TABLE_NAME` and `EVENTS_TABLE_NAME`, which are required.
    pub fn table_names(&self) -> Result<TableNames, ConfigError> {
        let name = |variable, what| self.get(variable).ok_or_else(|| error(variable, what));
        Ok(TableNames {
            state: name("TABLE_NAME", "must be set to the name of the DynamoDB table of the state")?,
            events: name("EVENTS_TABLE_NAME", "must be set to the name of the DynamoDB table of the events")?,
        })
    }

    /// Reads the key under PINs: `PIN_KEY_ID`, or else `PIN_LOCAL_KEY` and perhaps `PIN_PREVIOUS_LOCAL_KEY`; never both.
    pub fn pin_key(&self) -> Result<HmacKey, ConfigError> {
        self.hmac_key(&PIN_KEY)
    }

    /// Reads the key of webhook secrets: `WEBHOOK_KEY_ID`, or else `WEBHOOK_LOCAL_KEY` and perhaps
    /// `WEBHOOK_PREVIOUS_LOCAL_KEY`; never both, and never the key under PINs, with which those who make secrets could
    /// guess PINs.
    pub fn webhook_key(&self) -> Result<HmacKey, ConfigError> {
        for (of_webhooks, of_pins) in [(WEBHOOK_KEY.kms, PIN_KEY.kms), (WEBHOOK_KEY.local, PIN_KEY.local)] {
            if self.get(of_webhooks).is_some_and(|key| self.get(of_pins).as_ref() == Some(&key)) {
                return Err(error(of_webhooks, format!("must not be the same key as {of_pins}")));
            }
        }
        self.hmac_key(&WEBHOOK_KEY)
    }

    /// Reads the key of the console's cookies: `CONSOLE_KEY_ID`, or else `CONSOLE_LOCAL_KEY`; never both.
    pub fn console_key(&self) -> Result<HmacKey, ConfigError> {
        self.hmac_key(&CONSOLE_KEY)
    }

    fn hmac_key(&self, variables: &KeyVariables) -> Result<HmacKey, ConfigError> {
        let KeyVariables { kms, local, previous } = variables;
        match (self.get(kms), self.local_key(local)?) {
            (Some(id), None) => Ok(HmacKey::Kms(id)),
            (None, Some(key)) => {
                let previous = previous.map(|name| self.local_key(name)).transpose()?.flatten();
                Ok(HmacKey::Local(key, previous))
            }
            (None, None) => {
                let rule = "must be set to a KMS HMAC_256 key";
                Err(error(kms, format!("{rule}, or {local} to 32 or more bytes in base64 for local runs")))
            }
            (Some(_), Some(_)) => Err(error(kms, format!("and {local} are both set; remove one of them"))),
        }
    }

    fn local_key(&self, name: &'static str) -> Result<Option<Box<LocalKey>>, ConfigError> {
        let Some(text) = self.get(name).map(Zeroizing::new) else { return Ok(None) };
        let bytes =
            BASE64.decode(text.trim()).map(Zeroizing::new).map_err(|_| error(name, "is not base64"))?;
        LocalKey::new(&bytes)
            .map(|key| Some(Box::new(key)))
            .map_err(|_| error(name, "has fewer than 32 bytes"))
    }

    /// Reads `PBKDF2_ITERATIONS`: 600,000 by default, from 100,000 to 10,000,000.
    pub fn rounds(&self) -> Result<u32, ConfigError> {
        const NAME: &str = "PBKDF2_ITERATIONS";
        let Some(text) = self.get(NAME) else { return Ok(hasher::DEFAULT_ROUNDS) };
        let rounds: u32 = text.trim().parse().map_err(|_| error(NAME, "is not a whole number"))?;
        if rounds < hasher::MIN_ROUNDS {
            return Err(error(NAME, format!("is under {}, the minimum", hasher::MIN_ROUNDS)));
        }
        if rounds > MAX_ROUNDS {
            return Err(error(NAME, format!("is over {MAX_ROUNDS}, the maximum")));
        }
        Ok(rounds)
    }

    /// Reads `PIN_POLICY`: `default` or `strict`.
    pub fn pin_policy(&self) -> Result<PinPolicy, ConfigError> {
        match self.get("PIN_POLICY").as_deref() {
            None | Some("default") => Ok(PinPolicy::Default),
            Some("strict") => Ok(PinPolicy::Strict),
            Some(_) => Err(error("PIN_POLICY", "must be default or strict")),
        }
    }

    /// Reads `PIN_REQUIRED`: `always` (the default) or `when_set`.
    pub fn pin_required(&self) -> Result<PinRequired, ConfigError> {
        match self.get("PIN_REQUIRED").as_deref() {
            None | Some("always") => Ok(PinRequired::Always),
            Some("when_set") => Ok(PinRequired::WhenSet),
            Some(_) => Err(error("PIN_REQUIRED", "must be always or when_set")),
        }
    }

    /// Reads `COMPANY_HOLIDAYS`: `us-federal` (the default), `none`, or dates separated by commas; `PIN_REQUIRED`; and
    /// `PORTING_CONTACT`: how carriers reach the porting desk.
    pub fn port_out_policy(&self) -> Result<PortOutPolicy, ConfigError> {
        const NAME: &str = "COMPANY_HOLIDAYS";
        let holidays = self.get(NAME).map(|text| text.parse()).transpose();
        let holidays = holidays.map_err(|problem: HolidaysError| error(NAME, problem.to_string()))?;
        let contact = self.get("PORTING_CONTACT").map(|text| text.trim().parse::<Reference>()).transpose();
        let contact = contact.map_err(|problem| error("PORTING_CONTACT", problem.to_string()))?;
        Ok(PortOutPolicy {
            holidays: holidays.unwrap_or_default(),
            pin_required: self.pin_required()?,
            porting_contact: contact.map(|text| text.as_str().to_owned()),
        })
    }

    /// Reads `BANDWIDTH_ADDRESSES`: the ranges of addresses that Bandwidth calls from, or every address by default.
    pub fn bandwidth_addresses(&self) -> Result<Option<AddressRanges>, ConfigError> {
        const NAME: &str = "BANDWIDTH_ADDRESSES";
        let ranges = self.get(NAME).map(|text| text.parse()).transpose();
        ranges.map_err(|problem: AddressRangesError| error(NAME, problem.to_string()))
    }

    /// Reads how callers are authenticated: by the service itself with `JWT_ISSUER`, `JWT_AUDIENCE` (one or more,
    /// separated by commas) and `JWT_KEYS`, all or none; with none, by the gateway alone.
    pub fn authentication(&self) -> Result<Authentication, ConfigError> {
        const NAMES: [&str; 3] = ["JWT_ISSUER", "JWT_AUDIENCE", "JWT_KEYS"];
        let claims = self.claim_names()?;
        match NAMES.map(|name| self.get(name)) {
            [None, None, None] => Ok(Authentication::by_gateway(claims)),
            [Some(issuer), Some(audiences), Some(keys)] => {
                TokenVerifier::new(&issuer, &list(&audiences), &keys)
                    .map(|tokens| Authentication::by_token(tokens, claims))
                    .map_err(|problem| error("JWT_KEYS", format!("cannot be used: {problem}")))
            }
            values => {
                let missing = NAMES.into_iter().zip(values).find(|(_, value)| value.is_none());
                let name = missing.map_or("JWT_KEYS", |(name, _)| name);
                Err(error(name, "must be set too: JWT_ISSUER, JWT_AUDIENCE and JWT_KEYS go together"))
            }
        }
    }

    /// Reads `ROUTES`: `carrier` or `bandwidth`, or all routes by default.
    pub fn routes(&self) -> Result<ServedRoutes, ConfigError> {
        match self.get("ROUTES").as_deref() {
            None => Ok(ServedRoutes::All),
            Some("carrier") => Ok(ServedRoutes::Carrier),
            Some("bandwidth") => Ok(ServedRoutes::Bandwidth),
            Some(_) => Err(error("ROUTES", "must be carrier or bandwidth")),
        }
    }

    /// Reads `SCOPE_CLAIMS`, `SCOPE_PREFIX`, `ACCOUNT_CLAIM` and `SPID_CLAIM`.
    pub fn claim_names(&self) -> Result<ClaimNames, ConfigError> {
        let usual = ClaimNames::default();
        let scopes =
            self.get("SCOPE_CLAIMS").map(|names| list(&names).into_iter().map(str::to_owned).collect());
        Ok(ClaimNames {
            scopes: scopes.unwrap_or(usual.scopes),
            scope_prefix: self.word("SCOPE_PREFIX")?.unwrap_or(usual.scope_prefix),
            account: self.word("ACCOUNT_CLAIM")?.unwrap_or(usual.account),
            spid: self.word("SPID_CLAIM")?.unwrap_or(usual.spid),
        })
    }

    fn word(&self, name: &'static str) -> Result<Option<String>, ConfigError> {
        let word = self.get(name).map(|text| text.trim().to_owned());
        match word {
            Some(word) if word.contains(char::is_whitespace) => Err(error(name, "must not contain spaces")),
            word => Ok(word),
        }
    }

    /// Reads `LOG_LEVEL`: `off`, `error`, `warn`, `info` (the default), `debug` or `trace`.
    pub fn log_level(&self) -> Result<LevelFilter, ConfigError> {
        let Some(text) = self.get("LOG_LEVEL") else { return Ok(LevelFilter::INFO) };
        text.trim()
            .parse()
            .map_err(|_| error("LOG_LEVEL", "must be one of off, error, warn, info, debug, trace"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn env(values: &'static [(&'static str, &'static str)]) -> Environment {
        Environment::from_fn(|name| {
            values.iter().find(|(known, _)| *known == name).map(|(_, v)| (*v).to_owned())
        })
    }

    const KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

    fn message<T>(result: Result<T, ConfigError>) -> String {
        result.err().map(|e| e.to_string()).unwrap_or_default()
    }

    type ReadKey = fn(&Environment) -> Result<HmacKey, ConfigError>;

    #[test]
    fn a_key_is_in_kms_or_local_and_never_both_or_neither() {
        let kinds: [(KeyVariables, ReadKey); 3] = [
            (PIN_KEY, Environment::pin_key),
            (WEBHOOK_KEY, Environment::webhook_key),
            (CONSOLE_KEY, Environment::console_key),
        ];
        for (KeyVariables { kms, local, previous, .. }, read) in kinds {
            let read = |set: &[(&'static str, &'static str)]| {
                let set: HashMap<_, _> = set.iter().copied().collect();
                read(&Environment::from_fn(move |name| set.get(name).map(|&value| value.to_owned())))
            };
            assert!(matches!(read(&[(kms, "alias/a")]), Ok(HmacKey::Kms(_))));
            assert!(matches!(read(&[(local, KEY)]), Ok(HmacKey::Local(_, None))));
            if let Some(previous) = previous {
                assert!(matches!(read(&[(local, KEY), (previous, KEY)]), Ok(HmacKey::Local(_, Some(_)))));
            }
            let neither = message(read(&[]));
            assert!(
                neither.starts_with(&format!("{kms} must be set")) && neither.contains(local),
                "{neither}"
            );
            assert_eq!(
                message(read(&[(kms, "alias/a"), (local, KEY)])),
                format!("{kms} and {local} are both set; remove one of them")
            );
        }
    }

    #[test]
    fn secrets_of_webhooks_never_come_from_the_key_under_pins() {
        let in_kms = env(&[("PIN_KEY_ID", "alias/a"), ("WEBHOOK_KEY_ID", "alias/a")]).webhook_key();
        assert_eq!(message(in_kms), "WEBHOOK_KEY_ID must not be the same key as PIN_KEY_ID");
        let local = env(&[("PIN_LOCAL_KEY", KEY), ("WEBHOOK_LOCAL_KEY", KEY)]).webhook_key();
        assert_eq!(message(local), "WEBHOOK_LOCAL_KEY must not be the same key as PIN_LOCAL_KEY");
        assert!(env(&[("PIN_LOCAL_KEY", KEY), ("WEBHOOK_KEY_ID", "alias/b")]).webhook_key().is_ok());
    }

    #[test]
    fn a_bad_value_is_named_by_its_variable_and_never_shown() {
        let cases = [
            message(env(&[("PIN_LOCAL_KEY", "hunter2!")]).pin_key()),
            message(env(&[("PIN_LOCAL_KEY", "aHVudGVyMg==")]).pin_key()),
            message(env(&[("WEBHOOK_LOCAL_KEY", "hunter2!")]).webhook_key()),
            message(env(&[("PBKDF2_ITERATIONS", "hunter2!")]).rounds()),
            message(env(&[("PIN_POLICY", "hunter2!")]).pin_policy()),
            message(env(&[("LOG_LEVEL", "hunter2!")]).log_level()),
            message(env(&[("ROUTES", "hunter2!")]).routes()),
            message(env(&[("COMPANY_HOLIDAYS", "2026-12-25;hunter2!")]).port_out_policy()),
            message(env(&[("PIN_REQUIRED", "hunter2!")]).port_out_policy()),
            message(env(&[("PORTING_CONTACT", "hunter2!\nhunter2!")]).port_out_policy()),
            message(
                env(&[("JWT_ISSUER", "i"), ("JWT_AUDIENCE", "a"), ("JWT_KEYS", "hunter2!")]).authentication(),
            ),
            message(env(&[("SCOPE_PREFIX", "hunter2! /")]).authentication()),
            message(env(&[("ACCOUNT_CLAIM", "hunter2! id")]).authentication()),
            message(env(&[("SPID_CLAIM", "hunter2! id")]).authentication()),
        ];
        let names = [
            "PIN_LOCAL_KEY",
            "PIN_LOCAL_KEY",
            "WEBHOOK_LOCAL_KEY",
            "PBKDF2_ITERATIONS",
            "PIN_POLICY",
            "LOG_LEVEL",
            "ROUTES",
            "COMPANY_HOLIDAYS",
            "PIN_REQUIRED",
            "PORTING_CONTACT",
            "JWT_KEYS",
            "SCOPE_PREFIX",
            "ACCOUNT_CLAIM",
            "SPID_CLAIM",
        ];
        for (message, name) in cases.iter().zip(names) {
            assert!(message.starts_with(name), "{message}");
            assert!(!message.contains("hunter2") && !message.contains("aHVud"), "{message}");
            assert!(VARIABLES.contains(&name));
        }
    }

    #[test]
    fn rounds_have_a_floor() {
        assert_eq!(env(&[]).rounds(), Ok(600_000));
        assert_eq!(env(&[("PBKDF2_ITERATIONS", "100000")]).rounds(), Ok(100_000));
        assert!(env(&[("PBKDF2_ITERATIONS", "99999")]).rounds().is_err());
    }

    #[test]
    fn what_verifies_tokens_is_set_whole_or_not_at_all() {
        assert!(env(&[]).authentication().is_ok());
        let part = message(env(&[("JWT_ISSUER", "i"), ("JWT_KEYS", "{}")]).authentication());
        assert!(part.starts_with("JWT_AUDIENCE must be set too"), "{part}");
    }

    #[test]
    fn claims_may_have_other_names_and_scopes_a_prefix() {
        assert_eq!(env(&[("SCOPE_PREFIX", "")]).claim_names(), Ok(ClaimNames::default()));
        let named = env(&[
            ("SCOPE_CLAIMS", "scp, roles"),
            ("SCOPE_PREFIX", "ports/"),
            ("ACCOUNT_CLAIM", "https://contoso.example/account_id"),
            ("SPID_CLAIM", "custom:spid"),
        ]);
        let expected = ClaimNames {
            scopes: vec!["scp".to_owned(), "roles".to_owned()],
            scope_prefix: "ports/".to_owned(),
            account: "https://contoso.example/account_id".to_owned(),
            spid: "custom:spid".to_owned(),
        };
        assert_eq!(named.claim_names(), Ok(expected));
    }

    #[test]
    fn the_table_must_be_named() {
        assert!(message(env(&[("TABLE_NAME", " ")]).table_names()).starts_with("TABLE_NAME must be set"));
        let events = message(env(&[("TABLE_NAME", "t")]).table_names());
        assert!(events.starts_with("EVENTS_TABLE_NAME must be set"), "{events}");
    }
}
