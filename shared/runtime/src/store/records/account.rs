//! Accounts: what the operator records, the owner's port protection, and the version that decisions rest on.

use jiff::Timestamp;
use shared::account::{Account, AccountNumber, PinStatus, Profile, Protection};
use shared::zip_code::ZipCodes;

use crate::error::Error;
use crate::store::item::Item;

/// Attributes of an account.
pub const ATTRIBUTES: &[&str] = &[
    "account_number",
    "country",
    "account_name",
    "zip_codes",
    "created_at",
    "updated_at",
    "revision",
    "decision_version",
    "protection",
    "protection_at",
    "protection_by",
];

/// Value of `protection` while it is on.
pub const PROTECTED: &str = "on";

/// An account with what the table adds to it, but without its PIN.
#[derive(Debug, Clone)]
pub struct AccountRecord {
    /// Account number.
    pub number: AccountNumber,
    /// What the operator records.
    pub profile: Profile,
    /// The owner's port protection.
    pub protection: Protection,
    /// One more with each change that a decision rests on.
    pub decision_version: u64,
    /// When the operator created it.
    pub created_at: Timestamp,
    /// When the operator replaced it last.
    pub updated_at: Timestamp,
    /// One more each time the operator replaces it.
    pub revision: u64,
}

impl AccountRecord {
    pub fn read(item: &Item) -> Result<Self, Error> {
        let profile = Profile {
            country: item.get("country")?,
            name: item.optional("account_name")?,
            zip_codes: zip_codes(item)?,
        };
        Ok(Self {
            number: item.get("account_number")?,
            profile,
            protection: protection(item)?,
            decision_version: item.number("decision_version")?,
            created_at: item.get("created_at")?,
            updated_at: item.get("updated_at")?,
            revision: item.number("revision")?,
        })
    }

    /// Returns the account as the rules know it.
    pub fn account(&self, pin: PinStatus) -> Account {
        Account {
            number: self.number.clone(),
            profile: self.profile.clone(),
            protection: self.protection.clone(),
            pin,
            decision_version: self.decision_version,
        }
    }
}

fn protection(item: &Item) -> Result<Protection, Error> {
    let enabled = match item.optional_text("protection")? {
        None => false,
        Some(PROTECTED) => true,
        Some(_) => return Err(Error::corrupt("protection")),
    };
    let Some(at) = item.optional("protection_at")? else {
        // Protection without its history is no protection that is off.
        return if enabled { Err(Error::corrupt("protection_at")) } else { Ok(Protection::default()) };
    };
    Ok(Protection { enabled, last_switched: Some((at, item.text("protection_by")?.to_owned())) })
}

fn zip_codes(item: &Item) -> Result<ZipCodes, Error> {
    ZipCodes::try_from(item.parsed_list("zip_codes")?).map_err(|_| Error::corrupt("zip_codes"))
}
