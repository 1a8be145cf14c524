//! Identity of a port-out: SPID, PON, and version, which never change.

use std::fmt;
use std::str::FromStr;

use crate::hex::short_hash;
use crate::spid::Spid;
use crate::webhook_source::SourceId;

/// Party within which a PON is unique and whose wrong PINs count together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Requester {
    /// A carrier.
    Carrier(Spid),
    /// A source of validations, through which many carriers come without their SPIDs.
    Source(SourceId),
}

impl fmt::Display for Requester {
    /// Writes the SPID or the source's id. They cannot be equal: a SPID has four characters in upper case, and a source
    /// is prefixed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Carrier(spid) => write!(f, "{spid}"),
            Self::Source(source) => write!(f, "source:{source}"),
        }
    }
}

impl FromStr for Requester {
    type Err = PortOutIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("source:") {
            Some(source) => source.parse().map(Self::Source).map_err(|_| PortOutIdError),
            None => text.parse().map(Self::Carrier).map_err(|_| PortOutIdError),
        }
    }
}

/// Purchase order number: 1-25 of the characters `[A-Za-z0-9_#-]`, case-sensitive.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pon(String);

/// Why a text is not a PON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The PON must be 1 to 25 characters. Only the letters A-Z and a-z, digits, and _ # - are allowed.")]
pub struct PonError;

impl PonError {
    /// Error code of a field that breaks this rule.
    pub const CODE: &'static str = "pon_invalid";
}

impl Pon {
    const MAX_LENGTH: usize = 25;

    /// Returns the PON exactly as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Pon {
    type Err = PonError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_#-".contains(&b);
        let valid = (1..=Self::MAX_LENGTH).contains(&text.len()) && text.bytes().all(allowed);
        if valid { Ok(Self(text.to_owned())) } else { Err(PonError) }
    }
}

/// Version of a PON: two digits in requests, `01` if left out. Protocols without versions count on after 99.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version(u32);

/// Why a text is not a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The version must be two digits, such as 01.")]
pub struct VersionError;

impl VersionError {
    /// Error code of a field that breaks this rule.
    pub const CODE: &'static str = "version_invalid";
}

impl Version {
    /// Version of a request that gives none.
    pub const FIRST: Self = Self(1);
    const LAST: u32 = 99;

    /// Returns the next version that a request can name; `None` after 99, when a new PON is needed.
    pub fn next(self) -> Option<Self> {
        Some(self.counted_on()).filter(|next| next.0 <= Self::LAST)
    }

    /// Returns the next version of a protocol without versions.
    #[must_use]
    pub fn counted_on(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Restores a version from its record: two digits or more.
    pub fn recorded(text: &str) -> Option<Self> {
        let digits = text.len() >= 2 && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|_| digits).map(Self)
    }
}

impl Default for Version {
    fn default() -> Self {
        Self::FIRST
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        if digits { text.parse().map(Self).map_err(|_| VersionError) } else { Err(VersionError) }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

/// Id of a port-out: the first 128 bits of the SHA-256 of SPID, PON, and version, in lowercase hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortOutId(String);

/// Why a text is not the id of a port-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The port-out id must be 32 lowercase hexadecimal digits.")]
pub struct PortOutIdError;

impl PortOutId {
    /// Derives the id of a port-out, so that a repetition always finds the record of the first request.
    pub fn of(requester: &Requester, pon: &Pon, version: Version) -> Self {
        // No part can contain a space, so different port-outs never give the same text.
        let name = format!("{requester} {} {version}", pon.as_str());
        Self(short_hash(&name))
    }

    /// Returns the 32 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PortOutId {
    type Err = PortOutIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let valid = text.len() == 32 && text.bytes().all(hex);
        if valid { Ok(Self(text.to_owned())) } else { Err(PortOutIdError) }
    }
}

impl fmt::Display for PortOutId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(spid: &str, pon: &str, version: &str) -> String {
        let version = Version::recorded(version).unwrap();
        PortOutId::of(&spid.parse().unwrap(), &pon.parse().unwrap(), version).to_string()
    }

    #[test]
    fn a_pon_is_short_and_plain() {
        assert_eq!("TX-1001_#a".parse::<Pon>().unwrap().as_str(), "TX-1001_#a");
        for bad in ["", "TX 1001", "TX/1", "TX\0", "ÄX", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"] {
            assert_eq!(bad.parse::<Pon>(), Err(PonError), "{bad:?}");
        }
    }

    #[test]
    fn versions_are_two_digits_and_end_at_99() {
        assert_eq!(Version::default().to_string(), "01");
        assert_eq!("01".parse::<Version>().unwrap().next().unwrap().to_string(), "02");
        let last: Version = "99".parse().unwrap();
        assert_eq!(last.next(), None);
        assert_eq!(last.counted_on().to_string(), "100");
        assert_eq!(Version::recorded("100"), Some(last.counted_on()));
        assert_eq!((Version::recorded("1"), Version::recorded("+1")), (None, None));
        for bad in ["", "1", "001", "+1", "1a", "٠١"] {
            assert_eq!(bad.parse::<Version>(), Err(VersionError), "{bad:?}");
        }
    }

    // Frozen: a port-out must keep its id for as long as it is stored.
    // printf 'A123 TX-1001 01' | sha256sum | cut -c1-32
    #[test]
    fn a_port_out_keeps_its_id_forever() {
        assert_eq!(id("A123", "TX-1001", "01"), "fb006cf6b6ed052728347d08c724210b");
        assert_eq!(id("a123", "TX-1001", "01"), id("A123", "TX-1001", "01"));
    }

    #[test]
    fn each_part_of_the_name_counts() {
        let ids = [
            id("A123", "X", "01"),
            id("A124", "X", "01"),
            id("A123", "x", "01"),
            id("A123", "X", "02"),
            id("source:a123", "X", "01"),
        ];
        let distinct: std::collections::HashSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len());
    }

    proptest! {
        #[test]
        fn an_id_reads_back(pon in "[A-Za-z0-9_#-]{1,25}", version in 0_u8..100) {
            let id = id("A123", &pon, &format!("{version:02}"));
            let read: PortOutId = id.parse().unwrap();
            prop_assert_eq!(read.as_str(), id.as_str());
        }

        #[test]
        fn any_text_is_rejected_or_kept_as_it_is(text in "\\PC{0,34}") {
            if let Ok(pon) = text.parse::<Pon>() { prop_assert_eq!(pon.as_str(), text.as_str()); }
            if let Ok(id) = text.parse::<PortOutId>() { prop_assert_eq!(id.as_str(), text.as_str()); }
            if let Ok(version) = text.parse::<Version>() { prop_assert_eq!(version.to_string(), text); }
        }
    }
}
