//! Accounts, PINs, numbers and tokens for the trials, made through the API.

use harness::fixture::us_profile;
use harness::stack::Stack;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

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

/// Makes everything and writes it to a file for k6 in this folder; returns its path.
pub async fn make(stack: &Stack, folder: &Path) -> PathBuf {
    println!("making {} accounts with PINs", PORTING + SETTING + GUESSED);
    let (mut porting, mut setting, mut guessed) = (Vec::new(), Vec::new(), Vec::new());
    for account in 0..PORTING {
        porting.push(porting_account(stack, account).await);
    }
    for account in 0..SETTING {
        let name = format!("SETTING{account}");
        stack.put_account(&name, &us_profile()).await.assert_status(201);
        stack.set_pin(&name, PIN).await.assert_status(201);
        setting.push(json!({"name": name, "owner": stack.tokens().account(&name)}));
    }
    for account in 0..GUESSED {
        guessed.push(guessed_account(stack, account).await);
    }
    let carriers: Vec<_> = (0..CARRIERS).map(|carrier| self::carrier(stack, carrier)).collect();
    let data = json!({"url": stack.url(), "pin": PIN, "porting": porting,
        "setting": setting, "guessed": guessed, "carriers": carriers});
    let path = folder.join("accounts.json");
    std::fs::write(&path, data.to_string()).expect("accounts are not written");
    path
}

/// Makes an account whose numbers are ported out, with the exact status that every read must answer.
async fn porting_account(stack: &Stack, account: usize) -> Value {
    let name = format!("PORTING{account}");
    let count = ASSIGNMENTS * NUMBERS_EACH;
    let numbers: Vec<_> = (account * count..(account + 1) * count).map(number).collect();
    let (first, others) = numbers.split_at(NUMBERS_EACH);
    stack.seed_with_pin(&name, PIN, first).await;
    for some in others.chunks(NUMBERS_EACH) {
        stack.assign(&name, some).await.assert_status(200);
    }
    let status = stack.pin_status(&name).await;
    assert_eq!(status.assert_json(200)["port_out_allowed"], true);
    json!({"name": name, "numbers": numbers, "owner": stack.tokens().account(&name), "status": status.text()})
}

async fn guessed_account(stack: &Stack, account: usize) -> Value {
    let (name, number) =
        (format!("GUESSED{account}"), number(PORTING * ASSIGNMENTS * NUMBERS_EACH + account));
    stack.seed_with_pin(&name, PIN, &[&number]).await;
    json!({"name": name, "number": number})
}

fn carrier(stack: &Stack, carrier: usize) -> Value {
    let spid = format!("L{carrier:03}");
    json!({"spid": spid, "token": stack.tokens().carrier(&spid)})
}

/// Returns a number of exchange 220 or a later one.
fn number(serial: usize) -> String {
    format!("+1206{}{:04}", 220 + serial / 10_000, serial % 10_000)
}
