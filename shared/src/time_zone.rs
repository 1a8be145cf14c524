//! The time zone of an account: a name of the IANA database that is compiled into the program.

use std::fmt;
use std::str::FromStr;

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Longer than every name in the database.
const MAX_NAME_BYTES: usize = 64;

/// Where an account is when it never said.
const DEFAULT_NAME: &str = "America/New_York";

/// A time zone of the IANA database, parsed from its name without regard to case and written as the database does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountTimeZone {
    name: String,
    zone: TimeZone,
}

/// The rule that a time zone broke. No message repeats the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeZoneError {
    /// More than 64 bytes.
    #[error("a time zone's name may not be longer than {MAX_NAME_BYTES} characters")]
    TooLong,
    /// Not a name that says where: POSIX rules, offsets, `Factory` and `Etc/Unknown` are none.
    #[error("the time zone must be a name of the IANA time zone database, such as America/Los_Angeles")]
    Unknown,
}

impl TimeZoneError {
    /// Code of a field that breaks this rule.
    pub const CODE: &'static str = "time_zone_invalid";
}

impl AccountTimeZone {
    /// The name as the database writes it: `America/Los_Angeles`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The rules of the zone, to turn an instant into local time.
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
        // Never the system's copy: every instance must agree on a due date.
        let zone = TimeZoneDatabase::bundled().get(name).map_err(|_| TimeZoneError::Unknown)?;
        match zone.iana_name() {
            Some("Factory") | None => Err(TimeZoneError::Unknown),
            Some(_) if zone.is_unknown() => Err(TimeZoneError::Unknown),
            Some(canonical) => Ok(Self { name: canonical.to_owned(), zone }),
        }
    }
}

impl Default for AccountTimeZone {
    /// America/New_York. UTC stands in only because this may not panic; a test holds that it never does.
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
    fn what_is_no_name_of_a_place_is_refused() {
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
