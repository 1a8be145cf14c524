//! Time zones of accounts, from the IANA database that is compiled into the program.

use std::fmt;
use std::str::FromStr;

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Upper limit for the input, longer than every name in the database.
const MAX_NAME_BYTES: usize = 64;

/// Zone of an account that was created without one.
const DEFAULT_NAME: &str = "America/New_York";

/// Time zone of the IANA database, parsed from its name regardless of case, and written as the database spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountTimeZone {
    name: String,
    zone: TimeZone,
}

/// Why a text is not a time zone. No message repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeZoneError {
    /// It has more than 64 bytes.
    #[error("The time zone must not be longer than {MAX_NAME_BYTES} characters.")]
    TooLong,
    /// It is not the name of a zone. POSIX rules, offsets, `Factory`, and `Etc/Unknown` do not count.
    #[error("The time zone must be a name from the IANA time zone database, such as America/Los_Angeles.")]
    Unknown,
}

impl TimeZoneError {
    /// Error code of a field that breaks this rule.
    pub const CODE: &'static str = "time_zone_invalid";
}

impl AccountTimeZone {
    /// Returns the name as the database spells it: `America/Los_Angeles`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the rules of the zone, which convert an instant to local time.
    pub fn rules(&self) -> &TimeZone {
        &self.zone
    }
}

impl FromStr for AccountTimeZone {
    type Err = TimeZoneError;

    fn from_str(name: &str) -> Result<Self, TimeZoneError> {
        if name.len() > MAX_NAME_BYTES {
            return Err(TimeZoneError::TooLong);
        }
        // Not the system's database: every instance must agree on a due date, whatever its host has installed.
        let zone = TimeZoneDatabase::bundled().get(name).map_err(|_| TimeZoneError::Unknown)?;
        match zone.iana_name() {
            Some("Factory") | None => Err(TimeZoneError::Unknown),
            Some(_) if zone.is_unknown() => Err(TimeZoneError::Unknown),
            Some(canonical) => Ok(Self { name: canonical.to_owned(), zone }),
        }
    }
}

impl Default for AccountTimeZone {
    /// Returns America/New_York.
    ///
    /// The fallback to UTC only avoids a panic; a test proves that it is never used.
    fn default() -> Self {
        DEFAULT_NAME.parse().unwrap_or_else(|_| Self { name: "UTC".to_owned(), zone: TimeZone::UTC })
    }
}

impl fmt::Display for AccountTimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(name: &str) -> Result<String, TimeZoneError> {
        name.parse::<AccountTimeZone>().map(|zone| zone.to_string())
    }

    #[test]
    fn the_default_is_new_york() {
        assert_eq!(AccountTimeZone::default().name(), "America/New_York");
        assert_eq!("America/New_York".parse(), Ok(AccountTimeZone::default()));
    }

    #[test]
    fn names_keep_the_spelling_of_the_database() {
        for (given, name) in [
            ("America/Los_Angeles", "America/Los_Angeles"),
            ("america/los_angeles", "America/Los_Angeles"),
            ("PACIFIC/HONOLULU", "Pacific/Honolulu"),
            ("US/Pacific", "US/Pacific"),
            ("America/Argentina/ComodRivadavia", "America/Argentina/ComodRivadavia"),
            ("utc", "UTC"),
        ] {
            assert_eq!(parse(given).as_deref(), Ok(name));
        }
    }

    #[test]
    fn what_is_not_the_name_of_a_place_is_rejected() {
        for name in [
            "",
            " ",
            " America/New_York",
            "America/New_York\0",
            "America/Redmond",
            "EST5EDT,M3.2.0,M11.1.0",
            "-08:00",
            "Etc/Unknown",
            "etc/unknown",
            "Factory",
            "../etc/passwd",
            "/usr/share/zoneinfo/UTC",
        ] {
            assert_eq!(parse(name), Err(TimeZoneError::Unknown), "{name}");
        }
        assert_eq!(parse(&"a".repeat(64)), Err(TimeZoneError::Unknown));
        assert_eq!(parse(&"a".repeat(65)), Err(TimeZoneError::TooLong));
    }

    #[test]
    fn every_name_of_the_database_fits_and_reads_back() {
        for name in TimeZoneDatabase::bundled().available().filter(|name| name.as_str() != "Factory") {
            assert_eq!(parse(name.as_str()).as_deref(), Ok(name.as_str()));
        }
    }

    proptest! {
        #[test]
        fn never_panics(name in any::<String>()) {
            let _ = parse(&name);
        }
    }
}
