//! Values that Bandwidth can use in a corrected request: only such as the request itself had, and never a PIN.

use shared::account::Account;
use shared::snapshot::Snapshot;
use shared::telephone_number::Tn;

use super::asked::Asked;
use super::request::ValidationRequest;

/// What a refusal says of the request's values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AcceptableValues {
    /// Account number, if it owns one of the numbers.
    pub account_number: Option<String>,
    /// ZIP code, if it is one of the account's.
    pub zip_code: Option<String>,
    /// Numbers of the account that can be ported, or else the numbers as asked.
    pub numbers: Vec<Tn>,
}

impl AcceptableValues {
    /// Returns the numbers as asked. Bandwidth may take a refusal without any data for an approval.
    pub fn as_asked(asked: &Asked) -> Self {
        Self { numbers: asked.numbers.clone(), ..Self::default() }
    }

    /// Returns what the request had right. If none of its numbers is, they are repeated as asked: Bandwidth may take a
    /// refusal without numbers for an approval.
    pub fn of(request: &ValidationRequest, asked: &Asked, known: &Snapshot) -> Self {
        let is_told = |account: &&Account| !known.is_mismatch(&account.number, &asked.numbers);
        let Some(account) = known.account.as_ref().filter(is_told) else { return Self::as_asked(asked) };
        let is_owned = |tn: &&Tn| known.own(tn).is_some();
        let owns_one = asked.numbers.iter().any(|tn| is_owned(&tn));
        // A held number is right too: the code says that it has to wait.
        let portable = asked.numbers.iter().filter(is_owned).filter(|tn| tn.not_portable().is_none());
        let portable: Vec<Tn> = portable.copied().collect();
        let zip_code = request.zip_code().filter(|zip| account.profile.zip_codes.contains(zip));
        Self {
            account_number: owns_one.then(|| request.account_text.clone()),
            zip_code: zip_code.and(request.zip_text.clone()),
            numbers: if portable.is_empty() { asked.numbers.clone() } else { portable },
        }
    }
}
