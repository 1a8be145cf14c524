//! The bodies of good answers that several tests expect, with `"TIME"` for every time.

use harness::prelude::*;

/// Returns an account of which only the country and the number are known.
pub fn account(account_id: &str) -> Value {
    json!({
        "account_id": account_id,
        "country": "US",
        "name": null,
        "zip_codes": [],
        "created_at": "TIME",
        "updated_at": "TIME",
    })
}

/// Returns the status before the first PIN.
pub fn no_pin(account_id: &str) -> Value {
    json!({
        "account_id": account_id,
        "pin_set": false,
        "pin_version": 0,
        "updated_at": null,
        "updated_by": null,
        "port_out_allowed": false,
        "blocked_by": ["pin_not_set"],
        "failed_attempts": 0,
        "warnings": [],
    })
}

/// Returns the status of a PIN that nothing blocks.
pub fn shown_pin(account_id: &str, version: u64, by: &str) -> Value {
    json!({
        "account_id": account_id,
        "pin_set": true,
        "pin_version": version,
        "updated_at": "TIME",
        "updated_by": by,
        "port_out_allowed": true,
        "blocked_by": [],
        "failed_attempts": 0,
        "warnings": [],
    })
}

/// Returns the warning about a PIN that begins with zero, if it does.
pub fn zero_warning(pin: &str) -> Option<Value> {
    let detail =
        "The PIN begins with zero. Some carriers' systems drop leading zeros, and would send a wrong PIN.";
    pin.starts_with('0').then(|| json!({"code": "pin_leading_zero", "detail": detail}))
}

/// Returns the answer to a new PIN: created the first time, changed from then on.
pub fn pin_status_code(version: u64) -> u16 {
    if version == 1 { 201 } else { 200 }
}
