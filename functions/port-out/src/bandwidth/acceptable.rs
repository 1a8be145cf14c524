//! Values that Bandwidth can use in a corrected request, from the records that the rejection is based on.

use shared::port_out::Content;
use shared::snapshot::Snapshot;
use shared::telephone_number::Tn;

/// Values that the account would accept. Never a PIN.
#[derive(Debug, Default)]
pub struct AcceptableValues {
    /// Account number, if the account exists.
    pub account_number: Option<String>,
    /// ZIP code of the request, if it is one of the account's.
    pub zip_code: Option<String>,
    /// Those of the requested numbers that belong to the account and that no other port-out holds.
    pub numbers: Vec<Tn>,
}

impl AcceptableValues {
    /// Returns what the request's account would accept of it.
    pub fn new(content: &Content, known: &Snapshot) -> Self {
        let Some(account) = &known.account else { return Self::default() };
        let free = |tn: &&Tn| {
            let number = known.numbers.get(*tn).filter(|number| number.account == account.number);
            number.is_some_and(|number| number.held_by.is_none() || number.held_by == known.confirmed)
        };
        let mut numbers: Vec<Tn> = content.numbers.as_slice().iter().filter(free).copied().collect();
        // The order of the numbers does not count, so a repetition in another order gets the same answer.
        numbers.sort_unstable();
        // A ZIP code that was not sent would tell that it is required, and which one the account has.
        let zip_code = content.zip_code.as_ref().filter(|zip| account.profile.zip_codes.contains(zip));
        Self {
            account_number: Some(account.number.to_string()),
            zip_code: zip_code.map(|zip| zip.as_str().to_owned()),
            numbers,
        }
    }
}
