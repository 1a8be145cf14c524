//! What Bandwidth may put into a corrected request: a pure function of the records that the rejection rests on.

use shared::port_out::Content;
use shared::snapshot::Snapshot;
use shared::telephone_number::Tn;

/// Values that the account would accept; never a PIN.
#[derive(Debug, Default)]
pub struct AcceptableValues {
    /// The account number, if there is such an account.
    pub account_number: Option<String>,
    /// Its ZIP code, if known.
    pub zip_code: Option<String>,
    /// The requested numbers that are its own, and free or held by the version that this one would replace.
    pub numbers: Vec<Tn>,
}

impl AcceptableValues {
    /// Returns what the named account would accept of a request.
    pub fn of(content: &Content, known: &Snapshot) -> Self {
        let Some(account) = &known.account else { return Self::default() };
        let free = |tn: &&Tn| {
            let number = known.numbers.get(*tn).filter(|number| number.account == account.number);
            number.is_some_and(|number| number.held_by.is_none() || number.held_by == known.confirmed)
        };
        let mut numbers: Vec<Tn> = content.numbers.as_slice().iter().filter(free).copied().collect();
        // The order of the numbers does not count, so a repetition in another order gets the same answer.
        numbers.sort_unstable();
        Self {
            account_number: Some(account.number.to_string()),
            zip_code: account.profile.zip_code.as_ref().map(|zip| zip.as_str().to_owned()),
            numbers,
        }
    }
}
