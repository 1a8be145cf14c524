//! The account: an organization that owns telephone numbers and has one port-out PIN.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::attempts::PinFailures;
use crate::free_text::is_free_text;
use crate::pasted::{is_exponent, meaningful};
use crate::zip_code::ZipCodes;

/// Identity of an account: 1-25 ASCII letters or digits, compared in upper case.
///
/// Parsed from exactly that, as paths, claims and records have it; see [`PastedAccountNumber`] for what people write.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountNumber(String);

/// Why a text is not an account number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "The account number must be 1 to 25 ASCII letters or digits. Spaces, dashes, and punctuation are ignored."
)]
pub struct AccountNumberError;

impl AccountNumberError {
    /// Error code of a field that breaks this rule.
    pub const CODE: &'static str = "account_number_invalid";
}

impl AccountNumber {
    const MAX_LENGTH: usize = 25;

    /// Returns the normalized number, which is what is compared and stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountNumber {
    type Err = AccountNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let valid =
            (1..=Self::MAX_LENGTH).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if valid { Ok(Self(text.to_ascii_uppercase())) } else { Err(AccountNumberError) }
    }
}

/// Account number as people write it: ASCII punctuation, white space, dashes, and invisible characters are dropped. Any
/// other character is refused, so that `Müller` does not become another customer's `MLLER`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastedAccountNumber(pub AccountNumber);

impl FromStr for PastedAccountNumber {
    type Err = AccountNumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // What a spreadsheet made of a number, quoted or not: `1001.0` is not 10010, nor `1.23457E+11` 123457E11.
        let number = text.trim().trim_matches(|c: char| c.is_ascii_punctuation() && c != '.');
        let mut kept = meaningful(number).filter(|_| !is_exponent(number)).ok_or(AccountNumberError)?;
        kept.retain(|c| !c.is_ascii_punctuation());
        kept.parse().map(Self)
    }
}

impl fmt::Display for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// A port-out request is validated by it too (47 CFR 52.36), so it stays out of logs.
impl fmt::Debug for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountNumber(…)")
    }
}

/// Country as an uppercase ISO 3166-1 alpha-2 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Country([u8; 2]);

/// Why a text is not a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The country must be an ISO 3166-1 alpha-2 code, such as US.")]
pub struct CountryError;

impl CountryError {
    /// Error code of a field that breaks this rule.
    pub const CODE: &'static str = "country_invalid";
}

/// Officially assigned ISO 3166-1 alpha-2 codes as of 2024-02-29; none has changed since 2011.
///
/// A list, because accepting any two letters would let mistakes such as UK through.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT \
BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR \
GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH \
KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ \
NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ \
SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF \
WS YE YT ZA ZM ZW";

impl Country {
    /// The United States and its territories: they have codes of their own in ISO 3166-1, and their numbers are US
    /// numbers under the rules of the FCC.
    const UNITED_STATES: [&[u8; 2]; 7] = [b"US", b"PR", b"VI", b"GU", b"MP", b"AS", b"UM"];

    /// Returns whether a port-out PIN protects the numbers of accounts in this country.
    pub fn is_us(&self) -> bool {
        Self::UNITED_STATES.contains(&&self.0)
    }

    /// Returns the two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Country {
    type Err = CountryError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let upper = text.to_ascii_uppercase();
        // Each is two letters and a space: comparing them where they are takes a tenth of what splitting the text does.
        let known = COUNTRIES.as_bytes().chunks(3).any(|code| code.get(..2) == Some(upper.as_bytes()));
        match upper.as_bytes() {
            [a, b] if known => Ok(Self([*a, *b])),
            _ => Err(CountryError),
        }
    }
}

/// Name of an organization: 1-100 characters, not blank, without control characters.
#[derive(Clone, PartialEq, Eq)]
pub struct AccountName(String);

/// Why a text is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The name must be 1 to 100 characters, must not be blank, and must not contain control characters.")]
pub struct AccountNameError;

impl AccountNameError {
    /// Error code of a field that breaks this rule.
    pub const CODE: &'static str = "name_invalid";
}

impl AccountName {
    /// Returns the name exactly as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountName {
    type Err = AccountNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_free_text(text) { Ok(Self(text.to_owned())) } else { Err(AccountNameError) }
    }
}

// A name is personal data that never reaches a log.
impl fmt::Debug for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccountName(…)")
    }
}

/// What the operator records about an account. Setting a PIN never changes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Country of the organization.
    pub country: Country,
    /// Name of the organization, if known.
    pub name: Option<AccountName>,
    /// ZIP codes of its service addresses. Without any, no port-out is rejected for its ZIP code.
    pub zip_codes: ZipCodes,
}

/// Public state of a PIN: nothing here derives from its digits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PinStatus {
    /// Counts the PINs that were set: 0 before the first one.
    pub version: u64,
    /// When the PIN was last set, and by which actor; `None` before the first one.
    pub last_set: Option<(Timestamp, String)>,
    /// Wrong PINs from all carriers together.
    pub failures: PinFailures,
    /// Whether the owner stated that a port-out was not authorized, so that its sender knew the PIN.
    pub disclosed: bool,
}

impl PinStatus {
    /// Returns whether a PIN was ever set. PINs cannot be removed.
    pub fn is_set(&self) -> bool {
        self.version > 0
    }

    /// Returns whether the PIN confirms nothing until the owner sets a new one.
    pub fn is_locked(&self) -> bool {
        self.disclosed || self.failures.is_locked()
    }
}

/// The owner's port protection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Protection {
    /// Whether it is on: then no port-out is confirmed.
    pub enabled: bool,
    /// When it was switched last, and by which actor; `None` if it never was.
    pub last_switched: Option<(Timestamp, String)>,
}

/// Account, as far as the rules need it.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// Account number, which identifies it.
    pub number: AccountNumber,
    /// What the operator records about it.
    pub profile: Profile,
    /// The owner's port protection.
    pub protection: Protection,
    /// State of its PIN.
    pub pin: PinStatus,
    /// One more with each change of the account that a decision rests on: PIN, lock, protection, profile, and what the
    /// owner or the porting desk ended.
    pub decision_version: u64,
}

/// Whether an account without a PIN can port out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PinRequired {
    /// No: its owner must set a PIN first.
    #[default]
    Always,
    /// Yes: such an account is judged without a PIN (47 CFR 52.36(c)).
    WhenSet,
}

/// Why no port-out of an account can be confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortOutBlock {
    /// The account is outside the US, so its numbers are ported through a separate process, without a PIN.
    AccountNotUs,
    /// The account never set a PIN.
    PinNotSet,
    /// Carriers together sent too many wrong PINs in a row, or the owner said that the PIN is known to others.
    PinLocked,
    /// The owner switched port protection on.
    PortProtectionOn,
}

impl PortOutBlock {
    /// Returns its code in the API's `blocked_by`.
    pub fn code(self) -> &'static str {
        match self {
            Self::AccountNotUs => "account_not_us",
            Self::PinNotSet => "pin_not_set",
            Self::PinLocked => "pin_locked",
            Self::PortProtectionOn => "port_protection_on",
        }
    }
}

impl Account {
    /// Returns everything that blocks every port-out of this account.
    pub fn blocks(&self, pin_required: PinRequired) -> Vec<PortOutBlock> {
        // Setting a PIN or switching protection off cannot help an account outside the US.
        if !self.profile.country.is_us() {
            return vec![PortOutBlock::AccountNotUs];
        }
        let pin = match (self.pin.is_set(), self.pin.is_locked()) {
            // A count of wrong PINs means nothing without a PIN.
            (false, _) => (pin_required == PinRequired::Always).then_some(PortOutBlock::PinNotSet),
            (true, locked) => locked.then_some(PortOutBlock::PinLocked),
        };
        let protection = self.protection.enabled.then_some(PortOutBlock::PortProtectionOn);
        pin.into_iter().chain(protection).collect()
    }

    /// Returns whether a PIN of this account is compared at all.
    pub fn compares_pins(&self) -> bool {
        // Without a PIN there is nothing to compare, whether or not one is required.
        self.blocks(PinRequired::Always).is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn account(country: &str, version: u64, consecutive: u32) -> Account {
        let profile =
            Profile { country: country.parse().unwrap(), name: None, zip_codes: ZipCodes::default() };
        let failures = PinFailures { consecutive, ..PinFailures::default() };
        let pin = PinStatus { version, failures, ..PinStatus::default() };
        let number = "CONTOSO".parse().unwrap();
        Account { number, profile, protection: Protection::default(), pin, decision_version: 1 }
    }

    #[test]
    fn an_account_number_is_letters_and_digits_in_either_case() {
        for text in ["CONTOSO", "contoso"] {
            assert_eq!(text.parse::<AccountNumber>().unwrap().as_str(), "CONTOSO");
        }
        for bad in
            ["", "CON-TOSO", " CONTOSO", "12345.5", "ÇONTOSO", "A\0", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "１２３"]
        {
            assert_eq!(bad.parse::<AccountNumber>(), Err(AccountNumberError), "{bad:?}");
        }
    }

    #[test]
    fn a_pasted_account_number_drops_punctuation_and_nothing_else() {
        let number = |text: &str| text.parse().map(|PastedAccountNumber(number)| number.to_string());
        for text in
            ["CONTOSO", " con-to.so_/", "CONTOSO!", "con\u{2011}toso\u{200b}", "'CONTOSO'", "#con&toso;"]
        {
            assert_eq!(number(text).as_deref(), Ok("CONTOSO"), "{text:?}");
        }
        assert_eq!(number("(206) 555-0100").as_deref(), Ok("2065550100"));
        assert!("A-".repeat(25).parse::<PastedAccountNumber>().is_ok());
        assert_eq!(number("12E4").as_deref(), Ok("12E4"));
        for bad in ["", "-._/ ", "Müller", "12３4", "A\0", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "€1"] {
            assert_eq!(number(bad), Err(AccountNumberError), "{bad:?}");
        }
        for spreadsheet in ["1001.0", "'1001.0'", " \"1001.0\";", "1.23457E+11", "\"1.23457E+11\"", "'1E+5"] {
            assert_eq!(number(spreadsheet), Err(AccountNumberError), "{spreadsheet:?}");
        }
    }

    #[test]
    fn a_country_is_an_assigned_code() {
        assert_eq!("us".parse::<Country>().unwrap().as_str(), "US");
        for us in ["US", "PR", "vi", "GU", "MP", "AS", "UM"] {
            assert!(us.parse::<Country>().unwrap().is_us(), "{us}");
        }
        for foreign in ["CA", "MX", "DO", "GB", "FM"] {
            assert!(!foreign.parse::<Country>().unwrap().is_us(), "{foreign}");
        }
        assert_eq!(COUNTRIES.split(' ').count(), 249);
        assert!(COUNTRIES.split(' ').all(|code| code.parse().is_ok_and(|it: Country| it.as_str() == code)));
        for bad in ["", "U", "USA", "XX", "UK", "ÜS", "U S", "US US"] {
            assert_eq!(bad.parse::<Country>(), Err(CountryError), "{bad:?}");
        }
    }

    #[test]
    fn a_name_is_a_short_line() {
        assert!("Contoso, Ltd. – Zürich".parse::<AccountName>().is_ok());
        let long = "x".repeat(101);
        for bad in ["", "  ", "a\nb", "a\0b", long.as_str()] {
            assert_eq!(bad.parse::<AccountName>(), Err(AccountNameError));
        }
    }

    #[test]
    fn everything_that_blocks_is_reported_unless_the_account_is_outside_the_us() {
        let blocks = |country, version, consecutive, enabled, disclosed| {
            let mut account = account(country, version, consecutive);
            account.protection.enabled = enabled;
            account.pin.disclosed = disclosed;
            let [blocks, when_set] = [PinRequired::Always, PinRequired::WhenSet].map(|it| account.blocks(it));
            assert_eq!(account.compares_pins(), blocks.is_empty());
            let others: Vec<_> =
                blocks.iter().filter(|it| **it != PortOutBlock::PinNotSet).copied().collect();
            assert_eq!(when_set, others, "a PIN that is not required is not missing");
            blocks.into_iter().map(PortOutBlock::code).collect::<Vec<_>>()
        };
        assert_eq!(blocks("CA", 0, 0, true, false), ["account_not_us"]);
        assert_eq!(blocks("US", 0, 0, false, false), ["pin_not_set"]);
        assert_eq!(blocks("US", 0, 0, true, false), ["pin_not_set", "port_protection_on"]);
        assert!(blocks("US", 1, 99, false, false).is_empty());
        assert_eq!(blocks("US", 1, 100, false, false), ["pin_locked"]);
        assert_eq!(blocks("US", 1, 0, false, true), ["pin_locked"]);
        assert_eq!(blocks("US", 1, 0, true, false), ["port_protection_on"]);
    }

    proptest! {
        #[test]
        fn any_account_number_is_rejected_or_normalized_once_and_for_all(text in "\\PC{0,40}|[a-z0-9 ._/-]{0,40}") {
            if let Ok(number) = text.parse::<AccountNumber>() {
                prop_assert_eq!(number.to_string().parse::<AccountNumber>(), Ok(number));
            }
        }
    }
}
