//! Every way in which KMS fails, as it would do so on the wire.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::message;
use crate::faults::{Action, Fault};

/// Part of the errors' text, which must appear nowhere else.
pub const CANARY: &str = "kms-canary";

/// Longer than any function waits.
const NEVER: Duration = Duration::from_secs(3600);

/// Status and name of errors: those that the API's reference names for `GenerateMac`, and those common to every AWS API.
pub const ERRORS: [(u16, &str); 14] = [
    (400, "DisabledException"),
    (400, "KMSInvalidStateException"),
    (400, "NotFoundException"),
    (400, "InvalidKeyUsageException"),
    (400, "InvalidGrantTokenException"),
    (400, "DryRunOperationException"),
    (400, "ValidationException"),
    (400, "AccessDeniedException"),
    (400, "UnrecognizedClientException"),
    (400, "ThrottlingException"),
    (500, "KeyUnavailableException"),
    (500, "KMSInternalException"),
    (500, "InternalFailure"),
    (503, "ServiceUnavailable"),
];

/// Returns an error of this status and name. Like KMS's own, its text names a key.
pub fn error(status: u16, error_type: &'static str) -> Action {
    let message = "arn:aws:kms:us-east-1:123456789012:key/kms-canary is disabled.";
    Action::Error { status, error_type, message }
}

/// Returns no answer.
pub fn silence() -> Action {
    Action::Delay(NEVER)
}

/// Returns the right MAC under the name of another key.
pub fn other_key() -> Action {
    const OTHER: &str = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-000000000000";
    Action::Rewrite(|answer| answer["KeyId"] = OTHER.into())
}

/// Applies this to every call from now on.
pub fn every(action: Action) -> Fault {
    Fault::on("GenerateMac", action).forever()
}

/// Returns whether the request is for the MAC of a PIN.
pub fn of_pin(request: &Value) -> bool {
    message(request).starts_with(b"port-out-pin/v1\0")
}

/// Returns whether the request is for the MAC that is a webhook source's secret.
pub fn of_secret(request: &Value) -> bool {
    message(request).starts_with(b"webhook-secret/v1\0")
}

/// Returns everything that is answered at once and is not a MAC, with a name for messages.
pub fn answers() -> Vec<(&'static str, Action)> {
    let errors = ERRORS.map(|(status, name)| (name, error(status, name)));
    let strange: [(_, fn(&mut Value)); 8] = [
        ("no MAC", |answer| answer["Mac"] = Value::Null),
        ("empty MAC", |answer| answer["Mac"] = "".into()),
        ("MAC of 31 bytes", |answer| answer["Mac"] = mac_of(31)),
        ("MAC of 33 bytes", |answer| answer["Mac"] = mac_of(33)),
        ("MAC of 64 bytes", |answer| answer["Mac"] = mac_of(64)),
        ("MAC not in base64", |answer| answer["Mac"] = "***".into()),
        ("no key", |answer| answer["KeyId"] = Value::Null),
        ("empty key", |answer| answer["KeyId"] = "".into()),
    ];
    let lost =
        [("dropped", Action::Drop), ("answer dropped", Action::PassThenDrop), ("garbage", Action::Garbage)];
    let strange = strange.map(|(name, change)| (name, Action::Rewrite(change)));
    errors.into_iter().chain(lost).chain(strange).collect()
}

/// Returns a MAC of that many bytes, as KMS would answer it.
pub fn mac_of(bytes: usize) -> Value {
    STANDARD.encode(vec![7; bytes]).into()
}
