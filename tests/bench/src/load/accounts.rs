//! Accounts, PINs, numbers and tokens for the trials, made through the API.

use super::stack::LocalStack;
use local::token::Caller;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Ten digits, so that it is not a part of any telephone number and so never weak.
const PIN: &str = "4829130657";

/// Accounts whose numbers are ported out, whose PINs change, and whose PINs are guessed. They are different ones, so that
/// no answer depends on which call came first.
const PORTING: usize = 20;
const SETTING: usize = 16;
const GUESSED: usize = 80;

/// Assignments of 90 numbers to each account whose numbers are ported out. There are no more, because each write into the
/// embedded engine looks through all stream records before it.
const ASSIGNMENTS: usize = 3;
const NUMBERS_EACH: usize = 90;

/// Each carrier may be wrong four times about an account without having to wait, and all of them remain under the lock.
const CARRIERS: usize = 20;
const WRONG_EACH: usize = 4;

/// Rounds of twenty calls for which numbers and guesses last; see `load.js`.
pub const MOST_ROUNDS: usize = {
    let (numbers, guesses) = (PORTING * ASSIGNMENTS * NUMBERS_EACH / 3, GUESSED * CARRIERS * WRONG_EACH);
    if numbers < guesses { numbers } else { guesses }
};

/// Makes everything and writes it to a file for k6; returns its path.
pub async fn make(stack: &LocalStack) -> PathBuf {
    println!("making {} accounts with PINs", PORTING + SETTING + GUESSED);
    let operator = stack.token(&Caller::Operator);
    let (mut porting, mut setting, mut guessed) = (Vec::new(), Vec::new(), Vec::new());
    for account in 0..PORTING {
        porting.push(porting_account(stack, &operator, account).await);
    }
    for account in 0..SETTING {
        let name = format!("SETTING{account}");
        account_with_pin(stack, &operator, &name).await;
        setting.push(json!({"name": name, "owner": owner(stack, &name)}));
    }
    for account in 0..GUESSED {
        guessed.push(guessed_account(stack, &operator, account).await);
    }
    let carriers: Vec<_> = (0..CARRIERS).map(|carrier| self::carrier(stack, carrier)).collect();
    let data = json!({"url": stack.url, "pin": PIN, "porting": porting,
        "setting": setting, "guessed": guessed, "carriers": carriers});
    let path = stack.folder.path().join("accounts.json");
    std::fs::write(&path, data.to_string()).expect("accounts are not written");
    path
}

/// Makes an account whose numbers are ported out, with the exact status that every read must answer.
async fn porting_account(stack: &LocalStack, operator: &str, account: usize) -> Value {
    let name = format!("PORTING{account}");
    account_with_pin(stack, operator, &name).await;
    let count = ASSIGNMENTS * NUMBERS_EACH;
    let numbers: Vec<_> = (account * count..(account + 1) * count).map(number).collect();
    for some in numbers.chunks(NUMBERS_EACH) {
        assign(stack, operator, &name, some).await;
    }
    let path = format!("/v1/accounts/{name}/port-out-pin");
    let owner = owner(stack, &name);
    let status = stack.client.call("GET", &path).bearer(&owner).send().await;
    assert_eq!(status.assert_json(200)["port_out_allowed"], true);
    json!({"name": name, "numbers": numbers, "owner": owner, "status": status.text()})
}

async fn guessed_account(stack: &LocalStack, operator: &str, account: usize) -> Value {
    let (name, number) =
        (format!("GUESSED{account}"), number(PORTING * ASSIGNMENTS * NUMBERS_EACH + account));
    account_with_pin(stack, operator, &name).await;
    assign(stack, operator, &name, &[&number]).await;
    json!({"name": name, "number": number})
}

async fn account_with_pin(stack: &LocalStack, operator: &str, name: &str) {
    let path = format!("/v1/accounts/{name}");
    let profile = json!({"country": "US", "zip_codes": ["98052"]});
    stack.client.call("PUT", &path).bearer(operator).json(&profile).send().await.assert_status(201);
    let call = stack.client.call("PUT", &format!("{path}/port-out-pin")).bearer(&owner(stack, name));
    call.json(&json!({"pin": PIN})).send().await.assert_status(201);
}

async fn assign(stack: &LocalStack, operator: &str, name: &str, numbers: &[impl AsRef<str>]) {
    let numbers: Vec<_> = numbers.iter().map(AsRef::as_ref).collect();
    let call = stack.client.call("POST", &format!("/v1/accounts/{name}/telephone-numbers")).bearer(operator);
    call.json(&json!({"telephone_numbers": numbers})).send().await.assert_status(200);
}

fn owner(stack: &LocalStack, account: &str) -> String {
    stack.token(&Caller::new("owner", account, "").expect("an account number"))
}

fn carrier(stack: &LocalStack, carrier: usize) -> Value {
    let spid = format!("L{carrier:03}");
    let caller = Caller::new("carrier", "", &spid).expect("a SPID");
    json!({"spid": spid, "token": stack.token(&caller)})
}

/// Returns a number of exchange 220 or a later one.
fn number(serial: usize) -> String {
    format!("+1206{}{:04}", 220 + serial / 10_000, serial % 10_000)
}
