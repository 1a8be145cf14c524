//! Due dates: the earliest day for a port, and whether a desired day is possible (47 CFR 52.35).

use std::str::FromStr;

use jiff::civil::Date;
use jiff::{Span, Timestamp};

use crate::business_days::is_business_day;
use crate::time_zone::AccountTimeZone;

/// 47 CFR 52.35: a request received before 13:00 local time counts as received that day.
const CUT_OFF_HOUR: i8 = 13;

/// 47 CFR 52.35: one business day for a simple port. A port of one number counts as simple.
const ONE_NUMBER_DAYS: usize = 1;

/// 47 CFR 52.35: four business days for any other port.
const MORE_NUMBERS_DAYS: usize = 4;

/// Why a port cannot take place on the desired day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DueDateError {
    /// The day is before the earliest possible day.
    #[error("The earliest due date for this port is {first_possible}.")]
    TooEarly {
        /// Earliest day to request instead.
        first_possible: Date,
    },
    /// The day is a Saturday, a Sunday, or a US federal holiday.
    #[error("Ports take place Monday through Friday, except on US federal holidays.")]
    NotABusinessDay,
}

/// Why a text is not a date. No message repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// It is not four, two, and two ASCII digits with hyphens between them.
    #[error("The date must be written as yyyy-mm-dd.")]
    Format,
    /// It is written like a date, but that day does not exist.
    #[error("The date does not exist in the calendar.")]
    NotInCalendar,
}

impl DateError {
    /// Error code of a field that breaks this rule.
    pub const CODE: &'static str = "date_invalid";
}

/// Returns the earliest business day for a port of `number_count` numbers.
///
/// That is the next business day for one number, and the fourth for more. A request that arrives at 1 p.m. or later in
/// `zone`, or not on a business day, counts as received on the next business day (47 CFR 52.35). At the end of the
/// calendar (year 9999), the last business day is returned.
pub fn first_possible(received_at: Timestamp, zone: &AccountTimeZone, number_count: usize) -> Date {
    // Local wall-clock time decides, so daylight saving time moves the cut-off in UTC and nothing else.
    let received = zone.rules().to_datetime(received_at);
    let in_time = is_business_day(received.date()) && received.hour() < CUT_OFF_HOUR;
    let interval = if number_count > 1 { MORE_NUMBERS_DAYS } else { ONE_NUMBER_DAYS };
    // The interval starts after the day of receipt, so receipt on a later day is one more business day to skip.
    let late = usize::from(!in_time);
    business_days_after(received.date()).take(interval.saturating_add(late)).last().unwrap_or(Date::MAX)
}

/// Returns the day to confirm (firm order commitment): the desired day, or the earliest one if none is desired.
///
/// No day is too late: 47 CFR 52.35 lets the new provider and its customer request an interval of any length.
///
/// # Errors
/// If the desired day is too early or not a business day.
pub fn foc_date(
    received_at: Timestamp,
    zone: &AccountTimeZone,
    number_count: usize,
    desired: Option<Date>,
) -> Result<Date, DueDateError> {
    let first_possible = first_possible(received_at, zone, number_count);
    match desired {
        None => Ok(first_possible),
        Some(day) if day < first_possible => Err(DueDateError::TooEarly { first_possible }),
        Some(day) if !is_business_day(day) => Err(DueDateError::NotABusinessDay),
        Some(day) => Ok(day),
    }
}

/// Date parsed from exactly `yyyy-mm-dd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IsoDate(pub Date);

impl FromStr for IsoDate {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_date(text).map(Self)
    }
}

fn parse_date(input: &str) -> Result<Date, DateError> {
    // Parsing a `Date` accepts more than this, such as times and signed years, so the shape is checked first.
    let written = input.bytes().map(|b| if b.is_ascii_digit() { b'0' } else { b });
    if !written.eq(*b"0000-00-00") {
        return Err(DateError::Format);
    }
    input.parse().map_err(|_| DateError::NotInCalendar)
}

fn business_days_after(day: Date) -> impl Iterator<Item = Date> {
    day.series(Span::new().days(1)).skip(1).filter(|day| is_business_day(*day))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const EAST: &str = "America/New_York";
    const WEST: &str = "America/Los_Angeles";
    const HAWAII: &str = "Pacific/Honolulu";

    fn zone(name: &str) -> AccountTimeZone {
        name.parse().unwrap()
    }

    fn first(received_at: &str, name: &str, number_count: usize) -> String {
        first_possible(received_at.parse().unwrap(), &zone(name), number_count).to_string()
    }

    #[test]
    fn known_answers() {
        #[rustfmt::skip]
        let known = [
            // received (UTC)         zone    one number    more
            ("2026-11-16T17:59:59Z", EAST,   "2026-11-17", "2026-11-20"), // Monday 12:59:59
            ("2026-11-16T18:00:00Z", EAST,   "2026-11-18", "2026-11-23"), // Monday 13:00
            ("2026-11-16T20:59:59Z", WEST,   "2026-11-17", "2026-11-20"), // Monday 12:59:59
            ("2026-11-16T21:00:00Z", WEST,   "2026-11-18", "2026-11-23"), // Monday 13:00
            ("2026-11-16T22:59:59Z", HAWAII, "2026-11-17", "2026-11-20"), // Monday 12:59:59
            ("2026-11-16T23:00:00Z", HAWAII, "2026-11-18", "2026-11-23"), // Monday 13:00
            ("2026-11-17T05:00:00Z", EAST,   "2026-11-18", "2026-11-23"), // Tuesday 00:00, and still
            ("2026-11-17T05:00:00Z", WEST,   "2026-11-18", "2026-11-23"), // Monday 21:00 in the west
            ("2026-11-13T17:00:00Z", EAST,   "2026-11-16", "2026-11-19"), // Friday noon
            ("2026-11-13T19:00:00Z", EAST,   "2026-11-17", "2026-11-20"), // Friday 14:00
            ("2026-11-14T15:00:00Z", EAST,   "2026-11-17", "2026-11-20"), // Saturday morning
            ("2026-11-15T20:00:00Z", EAST,   "2026-11-17", "2026-11-20"), // Sunday afternoon
            ("2026-11-16T04:59:59Z", EAST,   "2026-11-17", "2026-11-20"), // Sunday 23:59:59
            ("2026-11-16T05:00:00Z", EAST,   "2026-11-17", "2026-11-20"), // Monday 00:00
            ("2026-09-07T14:00:00Z", EAST,   "2026-09-09", "2026-09-14"), // Labor Day morning, a Monday
            ("2026-09-04T14:00:00Z", EAST,   "2026-09-08", "2026-09-11"), // Friday before Labor Day
            ("2026-11-25T14:00:00Z", EAST,   "2026-11-27", "2026-12-02"), // day before Thanksgiving, month end
            ("2026-11-25T19:00:00Z", EAST,   "2026-11-30", "2026-12-03"), // the same, afternoon
            ("2026-07-02T14:00:00Z", EAST,   "2026-07-06", "2026-07-09"), // Independence Day observed on Friday
            ("2026-12-31T14:00:00Z", EAST,   "2027-01-04", "2027-01-07"), // year end
            ("2026-12-31T19:00:00Z", EAST,   "2027-01-05", "2027-01-08"), // year end, afternoon
            ("2021-12-30T14:00:00Z", EAST,   "2022-01-03", "2022-01-06"), // New Year's Day observed on December 31
            ("2027-12-31T14:00:00Z", EAST,   "2028-01-04", "2028-01-07"), // received on that day itself
            ("2028-02-28T14:00:00Z", EAST,   "2028-02-29", "2028-03-03"), // leap day
            ("2026-03-06T17:59:59Z", EAST,   "2026-03-09", "2026-03-12"), // Friday before clocks go forward
            ("2026-03-09T16:59:59Z", EAST,   "2026-03-10", "2026-03-13"), // Monday after: 12:59:59 is an hour earlier
            ("2026-03-09T17:00:00Z", EAST,   "2026-03-11", "2026-03-16"), // Monday after, 13:00
            ("2026-11-02T17:59:59Z", EAST,   "2026-11-03", "2026-11-06"), // Monday after clocks went back
            ("2026-03-08T10:00:00Z", WEST,   "2026-03-10", "2026-03-13"), // the hour that clocks skip, a Sunday
        ];
        for (received_at, name, one, more) in known {
            assert_eq!(first(received_at, name, 1), one, "one, {received_at} {name}");
            assert_eq!(first(received_at, name, 2), more, "two, {received_at} {name}");
            assert_eq!(first(received_at, name, 90), more, "ninety, {received_at} {name}");
        }
    }

    fn foc(desired: Option<Date>) -> Result<Date, DueDateError> {
        foc_date("2026-11-16T15:00:00Z".parse().unwrap(), &zone(EAST), 2, desired)
    }

    #[test]
    fn without_a_desired_day_the_earliest_is_confirmed() {
        assert_eq!(foc(None), Ok(date(2026, 11, 20)));
    }

    #[test]
    fn a_desired_day_is_confirmed_or_rejected_with_the_reason() {
        let too_early = Err(DueDateError::TooEarly { first_possible: date(2026, 11, 20) });
        for (desired, answer) in [
            (date(2026, 11, 20), Ok(date(2026, 11, 20))),
            (date(2026, 12, 1), Ok(date(2026, 12, 1))),
            (date(2031, 1, 2), Ok(date(2031, 1, 2))),
            (date(2026, 11, 19), too_early),
            (date(2026, 11, 15), too_early),
            (Date::MIN, too_early),
            (date(2026, 11, 21), Err(DueDateError::NotABusinessDay)),
            (date(2026, 11, 26), Err(DueDateError::NotABusinessDay)),
        ] {
            assert_eq!(foc(Some(desired)), answer, "{desired}");
        }
    }

    #[test]
    fn errors_name_the_earliest_day() {
        let error = foc(Some(date(2026, 11, 19))).unwrap_err();
        assert_eq!(error.to_string(), "The earliest due date for this port is 2026-11-20.");
    }

    #[test]
    fn the_calendar_ends_without_a_panic() {
        for name in [EAST, "Pacific/Kiritimati", "UTC"] {
            assert!(first_possible(Timestamp::MAX, &zone(name), 90) <= Date::MAX);
            assert!(first_possible(Timestamp::MIN, &zone(name), 90) >= Date::MIN);
        }
    }

    #[test]
    fn dates_are_read_in_one_form_only() {
        assert_eq!(parse_date("2026-12-01"), Ok(date(2026, 12, 1)));
        assert_eq!(parse_date("2028-02-29"), Ok(date(2028, 2, 29)));
        for input in [
            "",
            "2026-12-1",
            "2026-12-01 ",
            " 2026-12-01",
            "20261201",
            "2026-12-01T00:00:00Z",
            "+002026-12-01",
            "12/01/2026",
            "2026-W49-2",
            "２026-12-01",
            "-026-12-01",
        ] {
            assert_eq!(parse_date(input), Err(DateError::Format), "{input}");
        }
        for input in ["2026-02-29", "2026-13-01", "2026-00-10", "2026-11-31", "2026-11-00"] {
            assert_eq!(parse_date(input), Err(DateError::NotInCalendar), "{input}");
        }
    }

    proptest! {
        #[test]
        fn reading_a_date_never_panics(input in any::<String>()) {
            let _ = parse_date(&input);
        }

        #[test]
        fn dates_read_back(year in 0i16..=9999, month in 1i8..=12, day in 1i8..=28) {
            let day = date(year, month, day);
            prop_assert_eq!(parse_date(&day.to_string()), Ok(day));
        }

        #[test]
        fn the_first_possible_day_is_a_later_business_day_and_confirmed_when_desired(
            second in Timestamp::MIN.as_second()..=4_102_444_800,
            number_count in 0usize..100,
        ) {
            let received_at = Timestamp::from_second(second).unwrap();
            let zone = AccountTimeZone::default();
            let first = first_possible(received_at, &zone, number_count);
            prop_assert!(is_business_day(first));
            prop_assert!(first > zone.rules().to_datetime(received_at).date());
            prop_assert_eq!(foc_date(received_at, &zone, number_count, Some(first)), Ok(first));
        }
    }
}
