//! Accounts, PINs, numbers and tokens for the trials, made through the API.

use crate::place::Place;
use local::token::Caller;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Ten digits, so that it is part of no telephone number of ours and so never weak.
const PIN: &str = "4829130657";

/// Accounts whose numbers leave, whose PINs change, and whose PINs are guessed; apart, so that no answer depends on
/// which call came first.
const PORTING: usize = 20;
const SETTING: usize = 16;
const GUESSED: usize = 80;

/// Assignments of 90 numbers to each account whose numbers leave; no more, as each write into the embedded engine
/// looks through all stream records before it.
const ASSIGNMENTS: usize = 3;
const NUMBERS_EACH: usize = 90;

/// Each may be wrong four times about an account and never has to wait, and all of them stay under the lock.
const CARRIERS: usize = 20;
const WRONG_EACH: usize = 4;

/// Rounds of twenty calls for which numbers and guesses last; see `load.js`.
pub const MOST_ROUNDS: usize = {
    let (numbers, guesses) = (PORTING * ASSIGNMENTS * NUMBERS_EACH / 3, GUESSED * CARRIERS * WRONG_EACH);
    if numbers < guesses { numbers } else { guesses }
};

/// Makes everything and writes it down for k6; where.
pub async fn accounts(place: &Place) -> PathBuf {
    println!("making {} accounts with PINs", PORTING + SETTING + GUESSED);
    let operator = place.token(&Caller::Operator);
    let mut porting = Vec::new();
    for account in 0..PORTING {
        porting.push(porting_account(place, &operator, account).await);
    }
    let mut setting = Vec::new();
    for account in 0..SETTING {
        let name = format!("SETTING{account}");
        account_with_pin(place, &operator, &name).await;
        setting.push(name);
    }
    let mut guessed = Vec::new();
    for account in 0..GUESSED {
        let (name, number) =
            (format!("GUESSED{account}"), number(PORTING * ASSIGNMENTS * NUMBERS_EACH + account));
        account_with_pin(place, &operator, &name).await;
        assign(place, &operator, &name, &[&number]).await;
        guessed.push(json!({"name": name, "number": number}));
    }
    let carriers: Vec<_> = (0..CARRIERS).map(|carrier| self::carrier(place, carrier)).collect();
    let data = json!({"url": place.url, "pin": PIN, "operator": operator, "porting": porting,
        "setting": setting, "guessed": guessed, "carriers": carriers});
    let path = place.folder.path().join("accounts.json");
    std::fs::write(&path, data.to_string()).expect("accounts are not written");
    path
}

/// With the very status that every read must answer.
async fn porting_account(place: &Place, operator: &str, account: usize) -> Value {
    let name = format!("PORTING{account}");
    account_with_pin(place, operator, &name).await;
    let count = ASSIGNMENTS * NUMBERS_EACH;
    let numbers: Vec<_> = (account * count..(account + 1) * count).map(number).collect();
    for some in numbers.chunks(NUMBERS_EACH) {
        assign(place, operator, &name, some).await;
    }
    let path = format!("/v1/accounts/{name}/port-out-pin");
    let status = place.client.call("GET", &path).bearer(operator).send().await;
    assert_eq!(status.assert_json(200)["port_out_allowed"], true);
    json!({"name": name, "numbers": numbers, "status": status.text()})
}

async fn account_with_pin(place: &Place, operator: &str, name: &str) {
    let path = format!("/v1/accounts/{name}");
    let profile = json!({"country": "US", "zip_code": "98052"});
    place.client.call("PUT", &path).bearer(operator).json(&profile).send().await.assert_status(201);
    let call = place.client.call("PUT", &format!("{path}/port-out-pin")).bearer(operator);
    call.json(&json!({"pin": PIN})).send().await.assert_status(201);
}

async fn assign(place: &Place, operator: &str, name: &str, numbers: &[impl AsRef<str>]) {
    let numbers: Vec<_> = numbers.iter().map(AsRef::as_ref).collect();
    let call = place.client.call("POST", &format!("/v1/accounts/{name}/telephone-numbers")).bearer(operator);
    call.json(&json!({"telephone_numbers": numbers})).send().await.assert_status(200);
}

fn carrier(place: &Place, carrier: usize) -> Value {
    let spid = format!("L{carrier:03}");
    let caller = Caller::new("carrier", "", &spid).expect("a SPID");
    json!({"spid": spid, "token": place.token(&caller)})
}

/// Exchanges from 220 on.
fn number(serial: usize) -> String {
    format!("+1206{}{:04}", 220 + serial / 10_000, serial % 10_000)
}
