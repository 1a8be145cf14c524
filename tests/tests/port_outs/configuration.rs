//! A function that is not configured rightly does not start: one line names the variable, and never its value. The
//! function `bandwidth` is the exception: it starts, and refuses.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::prelude::*;
use harness::stack::API_BINARIES;

/// Part of values that no log may repeat.
const CANARY: &str = "canary-4711";

/// Starts one function with these variables.
async fn try_start(function: &'static str, variables: &[(&str, &str)]) -> Result<Stack, String> {
    let builder = Fixture::new().processes(1).functions(&[function]).no_restart();
    variables.iter().fold(builder, |builder, (name, value)| builder.env(name, value)).try_start().await
}

/// Fails unless the function ends with this one line and says no more in it.
async fn assert_refuses(function: &'static str, variables: &[(&str, &str)], reason: &str) {
    let Err(logs) = try_start(function, variables).await else {
        panic!("{function} starts with {variables:?}")
    };
    assert_eq!(logs.lines().count(), 1, "{logs}");
    let line = logs.strip_prefix(&format!("{function}: ")).unwrap_or_else(|| panic!("{logs}"));
    let mut line: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{logs}"));
    assert!(line.as_object_mut().unwrap().remove("timestamp").is_some_and(|time| time.is_string()));
    let message = format!("this function cannot start: {reason}");
    assert_eq!(line, serde_json::json!({"level": "ERROR", "function": function, "message": message}));
}

/// The functions that hash PINs.
const HASHING: [&str; 2] = ["set-pin", "port-out"];

/// The keys, with the functions that need them: those that hash PINs, and those that make or check secrets of webhook
/// sources.
const KEYS: [(&str, [&str; 2]); 2] = [("PIN", HASHING), ("WEBHOOK", ["port-out", "provision"])];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn table_must_be_named() {
    for function in API_BINARIES {
        for nothing in ["", "  "] {
            let reason = "TABLE_NAME must be set to the name of the DynamoDB table of the state";
            assert_refuses(function, &[("TABLE_NAME", nothing)], reason).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn exactly_one_key_of_each_kind_must_be_set() {
    for (kind, functions) in KEYS {
        let (kms, local) = (&*format!("{kind}_KEY_ID"), &*format!("{kind}_LOCAL_KEY"));
        let neither = format!(
            "{kms} must be set to a KMS HMAC_256 key, or {local} to 32 or more bytes in base64 for local runs"
        );
        for function in functions {
            assert_refuses(function, &[(local, "")], &neither).await;
            let both = format!("{kms} and {local} are both set; remove one of them");
            assert_refuses(function, &[(kms, CANARY)], &both).await;
            try_start(function, &[(kms, CANARY), (local, "")]).await.map(drop).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_two_keys_must_differ() {
    let key = STANDARD.encode([7; 32]);
    let in_kms = [
        ("PIN_KEY_ID", CANARY),
        ("PIN_LOCAL_KEY", ""),
        ("WEBHOOK_KEY_ID", CANARY),
        ("WEBHOOK_LOCAL_KEY", ""),
    ];
    let local = [("PIN_LOCAL_KEY", &*key), ("WEBHOOK_LOCAL_KEY", &*key)];
    for (variables, kind) in [(&in_kms[..], "KEY_ID"), (&local, "LOCAL_KEY")] {
        let reason = format!("WEBHOOK_{kind} must not be the same key as PIN_{kind}");
        assert_refuses("port-out", variables, &reason).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn local_keys_must_be_base64_of_thirty_two_bytes() {
    let (short, long) = (STANDARD.encode([7; 31]), STANDARD.encode([7; 32]));
    for (kind, functions) in KEYS {
        let names = [format!("{kind}_LOCAL_KEY"), format!("{kind}_PREVIOUS_LOCAL_KEY")];
        for (function, name) in
            functions.into_iter().flat_map(|it| names.iter().map(move |name| (it, &**name)))
        {
            assert_refuses(function, &[(name, CANARY)], &format!("{name} is not base64")).await;
            assert_refuses(function, &[(name, &short)], &format!("{name} has fewer than 32 bytes")).await;
            try_start(function, &[(name, &long)]).await.map(drop).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rounds_must_be_a_hundred_thousand_at_least() {
    for function in HASHING {
        let too_few = "PBKDF2_ITERATIONS is under 100000, the minimum";
        for rounds in ["99999", "1", "0"] {
            assert_refuses(function, &[("PBKDF2_ITERATIONS", rounds)], too_few).await;
        }
        for rounds in [CANARY, "-100000", "1e6", "99999999999"] {
            let reason = "PBKDF2_ITERATIONS is not a whole number";
            assert_refuses(function, &[("PBKDF2_ITERATIONS", rounds)], reason).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pin_policy_must_be_a_known_one() {
    for policy in [CANARY, "Strict", "none"] {
        assert_refuses("set-pin", &[("PIN_POLICY", policy)], "PIN_POLICY must be default or strict").await;
    }
    for policy in ["default", "strict", ""] {
        try_start("set-pin", &[("PIN_POLICY", policy)]).await.map(drop).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn token_variables_are_set_all_together_or_not_at_all() {
    let together = "must be set too: JWT_ISSUER, JWT_AUDIENCE and JWT_KEYS go together";
    let names = ["JWT_ISSUER", "JWT_AUDIENCE", "JWT_KEYS"];
    for function in API_BINARIES {
        for name in names {
            assert_refuses(function, &[(name, "")], &format!("{name} {together}")).await;
        }
        try_start(function, &names.map(|name| (name, ""))).await.map(drop).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn token_keys_must_be_usable() {
    for keys in
        [CANARY, "{}", r#"{"keys":[]}"#, r#"{"keys":[{"kty":"oct","k":"Y2FuYXJ5","kid":"canary-4711"}]}"#]
    {
        let logs = try_start("status", &[("JWT_KEYS", keys)]).await.map(drop).unwrap_err();
        assert!(logs.contains("this function cannot start: JWT_KEYS cannot be used: "), "{logs}");
        assert!(logs.lines().count() == 1 && !logs.contains(CANARY), "{logs}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn log_level_must_be_a_known_one() {
    let reason = "LOG_LEVEL must be one of off, error, warn, info, debug, trace";
    for function in API_BINARIES {
        assert_refuses(function, &[("LOG_LEVEL", CANARY)], reason).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_asks_only_for_what_it_needs() {
    let unneeded = [("PBKDF2_ITERATIONS", "1"), ("PIN_POLICY", CANARY)];
    try_start("provision", &unneeded).await.map(drop).unwrap();
    let keyless = [("PIN_LOCAL_KEY", ""), unneeded[0], unneeded[1]];
    try_start("status", &keyless).await.map(drop).unwrap();
}
