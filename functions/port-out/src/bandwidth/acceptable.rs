//! Values that Bandwidth can use in a corrected request: only such as the request itself had, and never a PIN.

use shared::snapshot::Snapshot;
use shared::telephone_number::Tn;

use super::asked::Asked;
use super::request::ValidationRequest;

/// What a refusal says of the request's values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AcceptableValues {
    /// Account number, if it owns one of the numbers.
    pub account_number: Option<String>,
    /// ZIP code, if it is one of that account's.
    pub zip_code: Option<String>,
    /// Numbers of that account that can be ported, or else the numbers as asked.
    pub numbers: Vec<Tn>,
}

impl AcceptableValues {
    /// Returns the numbers as asked. Bandwidth may take a refusal without any data for an approval.
    pub fn as_asked(asked: &Asked) -> Self {
        Self { numbers: asked.numbers.clone(), ..Self::default() }
    }

    /// Returns what the request had right, or the numbers as asked if that is nothing.
    pub fn of(request: &ValidationRequest, asked: &Asked, known: &Snapshot) -> Self {
        let owner = |tn: &Tn| known.numbers.get(tn).and_then(|record| record.account.as_ref());
        let is_owned = |account, tn: &&Tn| owner(tn) == Some(account);
        let account = known.account.as_ref();
        let Some(account) = account.filter(|it| asked.numbers.iter().any(|tn| is_owned(&it.number, &tn)))
        else {
            return Self::as_asked(asked);
        };
        // A held number is right too: whoever asks is told by the code that it has to wait.
        let portable = |tn: &&Tn| is_owned(&account.number, tn) && tn.not_portable().is_none();
        let zip_code = request.zip_code().filter(|zip| account.profile.zip_codes.contains(zip));
        Self {
            account_number: Some(request.account_text.clone()),
            zip_code: zip_code.and(request.zip_text.clone()),
            numbers: asked.numbers.iter().filter(portable).copied().collect(),
        }
    }
}
