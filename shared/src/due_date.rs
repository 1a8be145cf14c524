//! Due dates of port-outs (47 CFR 52.35): the first possible day, and the day that is confirmed.

use std::str::FromStr;

use jiff::civil::{Date, Time};
use jiff::{Span, Timestamp};

use crate::business_days::Holidays;
use crate::npac_region;
use crate::port_out::Commitment;
use crate::telephone_number::Tn;
use crate::telephone_numbers::TelephoneNumbers;

/// A request for one number that is received later counts as received on the next business day (52.35(a): an accurate
/// request received between 8:00 and 13:00 local time can be activated at the next midnight).
const CUT_OFF: Time = Time::constant(13, 0, 0, 0);

/// Business days for one number, a simple port (52.35(a)).
const ONE_NUMBER_DAYS: usize = 1;

/// Business days for several numbers, a non-simple port (52.35(d)).
const SEVERAL_NUMBERS_DAYS: usize = 4;

/// Days ahead that a request can be confirmed for. A hold that begins later would keep numbers from other lawful ports.
pub const DAYS_AHEAD: i32 = 30;
/// Days after the first confirmed version was received to which supplements can move the due date.
pub const SUPPLEMENT_DAYS_AHEAD: i32 = 60;
/// Calendar days after the due date during which the numbers are held. A confirmed port that is not activated by then is
/// abandoned: NPAC purges it (LNPA best practice 35).
pub const HOLD_DAYS: i32 = 30;

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

/// Returns the first business day on which these numbers can be ported.
///
/// One number: the next business day if the request is received on a business day at or before 13:00:00 local time,
/// otherwise one business day more. Several: the fourth business day after the day received, at any hour; a request
/// received on another day counts as received on the next business day.
pub fn first_possible(received_at: Timestamp, numbers: &TelephoneNumbers, holidays: &Holidays) -> Date {
    let numbers = numbers.as_slice();
    let received = npac_region::local_time(numbers).to_datetime(received_at);
    let on_business_day = holidays.is_business_day(received.date());
    let (interval, late) = match numbers.len() {
        0 | 1 => (ONE_NUMBER_DAYS, !on_business_day || received.time() > CUT_OFF),
        _ => (SEVERAL_NUMBERS_DAYS, !on_business_day),
    };
    let days = interval.saturating_add(usize::from(late));
    // The calendar ends in the year 9999.
    business_days_from(received.date(), holidays)
        .filter(|day| *day > received.date())
        .take(days)
        .last()
        .unwrap_or(Date::MAX)
}

/// When the porting of some numbers was requested, which their due date counts from.
#[derive(Debug, Clone, Copy)]
pub struct Received<'a> {
    /// When the request was received.
    pub at: Timestamp,
    /// When it was entered: the same, unless the porting desk did so later.
    pub entered_at: Timestamp,
    /// The numbers.
    pub numbers: &'a TelephoneNumbers,
    /// Most days ahead that can be confirmed.
    pub days_ahead: i32,
}

/// Returns the commitment for the desired day if it is possible, otherwise for the first possible day from then on, but
/// none more than the allowed days ahead. A date is never a reason to reject a port-out.
pub fn commit(received: Received<'_>, desired: Option<Date>, holidays: &Holidays) -> Commitment {
    let foc_date = foc_date(received, desired, holidays);
    let hold_expires_on = foc_date.saturating_add(Span::new().days(HOLD_DAYS));
    let next_day = hold_expires_on.saturating_add(Span::new().days(1));
    let zone = npac_region::local_time(received.numbers.as_slice());
    // The calendar ends in the year 9999.
    let hold_until = zone.to_timestamp(next_day.to_datetime(Time::midnight())).unwrap_or(Timestamp::MAX);
    Commitment { foc_date, hold_expires_on, hold_until }
}

fn foc_date(received: Received<'_>, desired: Option<Date>, holidays: &Holidays) -> Date {
    let Received { at, entered_at, numbers, days_ahead } = received;
    let zone = npac_region::local_time(numbers.as_slice());
    let entered = zone.to_datetime(entered_at).date();
    let after_entry = business_days_from(entered, holidays).find(|day| *day > entered).unwrap_or(Date::MAX);
    let first_possible = first_possible(at, numbers, holidays).max(after_entry);
    let Some(desired) = desired else { return first_possible };
    let latest = zone.to_datetime(at).date().saturating_add(Span::new().days(days_ahead));
    let last_possible = business_days_from(first_possible, holidays).take_while(|day| *day <= latest).last();
    let from_desired = business_days_from(desired.max(first_possible), holidays).next();
    let last_possible = last_possible.unwrap_or(first_possible);
    from_desired.unwrap_or(last_possible).min(last_possible)
}

/// Returns the local date of an instant for these numbers.
pub fn local_date(instant: Timestamp, numbers: &[Tn]) -> Date {
    npac_region::local_time(numbers).to_datetime(instant).date()
}

/// A day as requests write it: exactly `yyyy-mm-dd`, with nothing around it.
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

fn business_days_from(day: Date, holidays: &Holidays) -> impl Iterator<Item = Date> {
    day.series(Span::new().days(1)).filter(|day| holidays.is_business_day(*day))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const BOSTON: &str = "617";
    const DENVER: &str = "303";
    const SEATTLE: &str = "206";
    const LOS_ANGELES: &str = "213";

    fn numbers(npa: &str, count: usize) -> TelephoneNumbers {
        let numbers: Vec<Tn> = (0..count).map(|n| format!("{npa}555{n:04}").parse().unwrap()).collect();
        numbers.try_into().unwrap()
    }

    fn first(received_at: &str, npa: &str, count: usize) -> String {
        let received_at = received_at.parse().unwrap();
        first_possible(received_at, &numbers(npa, count), &Holidays::UsFederal).to_string()
    }

    fn foc_on(at: Timestamp, numbers: &TelephoneNumbers, desired: Option<Date>, holidays: &Holidays) -> Date {
        commit(Received { at, entered_at: at, numbers, days_ahead: DAYS_AHEAD }, desired, holidays).foc_date
    }

    #[test]
    fn known_answers() {
        #[rustfmt::skip]
        let known = [
            // received (UTC)         number   one number    several
            // Both sides of 13:00:00 on Monday, in every region.
            ("2026-11-16T18:00:00Z", BOSTON, "2026-11-17", "2026-11-20"), // Northeast, Eastern
            ("2026-11-16T18:00:01Z", BOSTON, "2026-11-18", "2026-11-20"),
            ("2026-11-16T18:00:00Z", "215",  "2026-11-17", "2026-11-20"), // Mid-Atlantic, Eastern
            ("2026-11-16T18:00:01Z", "215",  "2026-11-18", "2026-11-20"),
            ("2026-11-16T18:00:00Z", "615",  "2026-11-17", "2026-11-20"), // Southeast, Eastern, also in Nashville
            ("2026-11-16T18:00:01Z", "615",  "2026-11-18", "2026-11-20"),
            ("2026-11-16T19:00:00Z", "313",  "2026-11-17", "2026-11-20"), // Midwest, Central, also in Detroit
            ("2026-11-16T19:00:01Z", "313",  "2026-11-18", "2026-11-20"),
            ("2026-11-16T19:00:00Z", "214",  "2026-11-17", "2026-11-20"), // Southwest, Central
            ("2026-11-16T19:00:01Z", "214",  "2026-11-18", "2026-11-20"),
            ("2026-11-16T20:00:00Z", SEATTLE,"2026-11-17", "2026-11-20"), // Western, Mountain, also in Seattle
            ("2026-11-16T20:00:01Z", SEATTLE,"2026-11-18", "2026-11-20"),
            ("2026-11-16T21:00:00Z", LOS_ANGELES, "2026-11-17", "2026-11-20"), // West Coast, Pacific
            ("2026-11-16T21:00:01Z", LOS_ANGELES, "2026-11-18", "2026-11-20"),
            ("2026-11-16T21:00:00Z", "808",  "2026-11-17", "2026-11-20"), // Honolulu, 11:00 there
            ("2026-11-16T21:00:01Z", "808",  "2026-11-18", "2026-11-20"),
            ("2026-11-16T18:00:00Z", "787",  "2026-11-17", "2026-11-20"), // San Juan, 14:00 there
            ("2026-11-16T18:00:01Z", "787",  "2026-11-18", "2026-11-20"),
            ("2026-11-16T21:00:00Z", "671",  "2026-11-17", "2026-11-20"), // Guam: the zone whose day ends last
            ("2026-11-16T21:00:01Z", "671",  "2026-11-18", "2026-11-20"),
            ("2026-11-16T18:00:00.001Z", BOSTON, "2026-11-18", "2026-11-20"), // a millisecond late
            ("2026-11-16T19:00:00Z", BOSTON, "2026-11-18", "2026-11-20"), // several numbers have no cut-off
            ("2026-11-17T04:59:59Z", BOSTON, "2026-11-18", "2026-11-20"), // Monday 23:59:59
            ("2026-11-17T05:00:00Z", BOSTON, "2026-11-18", "2026-11-23"), // Tuesday 00:00, and still
            ("2026-11-17T05:00:00Z", LOS_ANGELES, "2026-11-18", "2026-11-20"), // Monday 21:00 in the west
            // Weekends
            ("2026-11-13T17:00:00Z", BOSTON, "2026-11-16", "2026-11-19"), // Friday noon
            ("2026-11-13T19:00:00Z", BOSTON, "2026-11-17", "2026-11-19"), // Friday 14:00
            ("2026-11-14T15:00:00Z", BOSTON, "2026-11-17", "2026-11-20"), // Saturday morning
            ("2026-11-15T20:00:00Z", BOSTON, "2026-11-17", "2026-11-20"), // Sunday afternoon
            ("2026-11-16T04:59:59Z", BOSTON, "2026-11-17", "2026-11-20"), // Sunday 23:59:59
            ("2026-11-16T05:00:00Z", BOSTON, "2026-11-17", "2026-11-20"), // Monday 00:00
            // Holidays
            ("2026-09-07T14:00:00Z", BOSTON, "2026-09-09", "2026-09-14"), // Labor Day morning, a Monday
            ("2026-09-04T14:00:00Z", BOSTON, "2026-09-08", "2026-09-11"), // Friday before Labor Day
            ("2026-11-25T14:00:00Z", BOSTON, "2026-11-27", "2026-12-02"), // day before Thanksgiving, month end
            ("2026-11-25T19:00:00Z", BOSTON, "2026-11-30", "2026-12-02"), // the same, afternoon
            ("2026-07-02T14:00:00Z", BOSTON, "2026-07-06", "2026-07-09"), // Independence Day observed on Friday
            ("2026-12-31T14:00:00Z", BOSTON, "2027-01-04", "2027-01-07"), // year end
            ("2026-12-31T19:00:00Z", BOSTON, "2027-01-05", "2027-01-07"), // year end, afternoon
            ("2021-12-30T14:00:00Z", BOSTON, "2022-01-03", "2022-01-06"), // New Year's Day observed on 31 December
            ("2027-12-31T14:00:00Z", BOSTON, "2028-01-04", "2028-01-07"), // received on that day itself
            ("2028-02-28T14:00:00Z", BOSTON, "2028-02-29", "2028-03-03"), // leap day
            // Daylight saving time
            ("2026-03-06T18:00:00Z", BOSTON, "2026-03-09", "2026-03-12"), // Friday before clocks go forward
            ("2026-03-09T17:00:00Z", BOSTON, "2026-03-10", "2026-03-13"), // Monday after: 13:00 is an hour earlier
            ("2026-03-09T17:00:01Z", BOSTON, "2026-03-11", "2026-03-13"),
            ("2026-11-02T18:00:00Z", BOSTON, "2026-11-03", "2026-11-06"), // Monday after clocks went back
            ("2026-03-08T10:00:00Z", DENVER, "2026-03-10", "2026-03-13"), // the hour that clocks skip, a Sunday
            ("2026-07-06T19:00:00Z", "602",  "2026-07-07", "2026-07-10"), // Phoenix, 12:00 there, by Denver's clock
            ("2026-07-06T19:00:01Z", "602",  "2026-07-08", "2026-07-10"),
        ];
        for (received_at, npa, one, several) in known {
            assert_eq!(first(received_at, npa, 1), one, "one, {received_at} {npa}");
            assert_eq!(first(received_at, npa, 2), several, "two, {received_at} {npa}");
            assert_eq!(first(received_at, npa, 90), several, "ninety, {received_at} {npa}");
        }
    }

    #[test]
    fn holidays_are_the_providers_own() {
        let received_at = "2026-11-10T15:00:00Z".parse().unwrap();
        let first = |holidays: &str| {
            first_possible(received_at, &numbers(BOSTON, 1), &holidays.parse().unwrap()).to_string()
        };
        assert_eq!(first("us-federal"), "2026-11-12");
        assert_eq!(first("none"), "2026-11-11");
        assert_eq!(first("2026-11-11,2026-11-12"), "2026-11-13");
    }

    /// Received on Monday, November 16, 2026.
    fn foc(desired: Option<Date>) -> Date {
        let received_at = "2026-11-16T15:00:00Z".parse().unwrap();
        foc_on(received_at, &numbers(BOSTON, 2), desired, &Holidays::UsFederal)
    }

    #[test]
    fn a_desired_day_is_confirmed_or_moved_and_never_a_reason() {
        assert_eq!(foc(None), date(2026, 11, 20));
        for (desired, confirmed) in [
            (date(2026, 11, 20), date(2026, 11, 20)), // the first possible
            (date(2026, 12, 1), date(2026, 12, 1)),
            (date(2026, 11, 19), date(2026, 11, 20)), // too early
            (date(2026, 11, 15), date(2026, 11, 20)), // in the past
            (Date::MIN, date(2026, 11, 20)),
            (date(2026, 11, 21), date(2026, 11, 23)), // Saturday
            (date(2026, 11, 26), date(2026, 11, 27)), // Thanksgiving
            (date(2026, 12, 16), date(2026, 12, 16)), // 30 days ahead
            (date(2026, 12, 17), date(2026, 12, 16)), // 31 days ahead
            (date(2031, 1, 2), date(2026, 12, 16)),
            (Date::MAX, date(2026, 12, 16)),
        ] {
            assert_eq!(foc(Some(desired)), confirmed, "{desired}");
        }
    }

    #[test]
    fn the_last_day_of_thirty_moves_back_to_a_business_day() {
        let received_at = "2026-11-26T15:00:00Z".parse().unwrap();
        let far = Some(date(2027, 3, 1));
        let confirmed = foc_on(received_at, &numbers(BOSTON, 1), far, &Holidays::UsFederal);
        assert_eq!(
            confirmed,
            date(2026, 12, 24),
            "30 days ahead is Saturday, December 26; the 25th is a holiday"
        );
    }

    #[test]
    fn a_hold_ends_with_the_thirtieth_day_after_the_due_date_in_local_time() {
        for (npa, hold_until) in [
            (BOSTON, "2026-12-18T05:00:00Z"),
            (DENVER, "2026-12-18T07:00:00Z"),
            (LOS_ANGELES, "2026-12-18T08:00:00Z"),
        ] {
            let at = "2026-11-16T15:00:00Z".parse().unwrap();
            let received = Received { at, entered_at: at, numbers: &numbers(npa, 1), days_ahead: DAYS_AHEAD };
            let commitment = commit(received, None, &Holidays::UsFederal);
            assert_eq!(commitment.foc_date, date(2026, 11, 17));
            assert_eq!(commitment.hold_expires_on, date(2026, 12, 17));
            assert_eq!(commitment.hold_until.to_string(), hold_until, "{npa}");
        }
    }

    #[test]
    fn an_earlier_receipt_counts_but_never_makes_a_day_before_the_next_business_day() {
        let numbers = numbers(BOSTON, 2);
        #[rustfmt::skip]
        let known = [
            // received               entered                 desired             days  confirmed
            ("2026-11-16T15:00:00Z", "2026-11-17T15:00:00Z", None,               30, date(2026, 11, 20)),
            ("2026-11-16T15:00:00Z", "2026-11-23T15:00:00Z", None,               30, date(2026, 11, 24)),
            ("2026-11-16T15:00:00Z", "2026-11-25T15:00:00Z", None,               30, date(2026, 11, 27)),
            ("2026-11-16T15:00:00Z", "2026-11-18T15:00:00Z", Some("2027-03-01"), 60, date(2027, 1, 15)),
            ("2026-11-16T15:00:00Z", "2027-02-01T15:00:00Z", Some("2027-03-01"), 60, date(2027, 2, 2)),
        ];
        for (at, entered_at, desired, days_ahead, confirmed) in known {
            let (at, entered_at) = (at.parse().unwrap(), entered_at.parse().unwrap());
            let received = Received { at, entered_at, numbers: &numbers, days_ahead };
            let desired = desired.map(|day: &str| day.parse().unwrap());
            assert_eq!(commit(received, desired, &Holidays::UsFederal).foc_date, confirmed, "{entered_at}");
        }
    }

    #[test]
    fn the_calendar_ends_without_a_panic() {
        for npa in [BOSTON, LOS_ANGELES, "671"] {
            let numbers = numbers(npa, 90);
            for received_at in [Timestamp::MIN, Timestamp::MAX] {
                let first = first_possible(received_at, &numbers, &Holidays::UsFederal);
                foc_on(received_at, &numbers, Some(first), &Holidays::UsFederal);
                foc_on(received_at, &numbers, Some(Date::MAX), &Holidays::None);
            }
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
            count in 1usize..=90,
            npa in prop::sample::select(vec![BOSTON, DENVER, LOS_ANGELES, "787", "671"]),
        ) {
            let received_at = Timestamp::from_second(second).unwrap();
            let (numbers, holidays) = (numbers(npa, count), Holidays::UsFederal);
            let first = first_possible(received_at, &numbers, &holidays);
            let received = npac_region::local_time(numbers.as_slice()).to_datetime(received_at).date();
            prop_assert!(holidays.is_business_day(first) && first > received);
            prop_assert_eq!(foc_on(received_at, &numbers, Some(first), &holidays), first);
        }

        #[test]
        fn any_desired_day_is_confirmed_between_the_first_possible_and_thirty_days(days in -400i32..4_000) {
            let desired = date(2026, 11, 16).checked_add(Span::new().days(days)).unwrap();
            let (first, confirmed) = (foc(None), foc(Some(desired)));
            prop_assert!(first <= confirmed && confirmed <= date(2026, 12, 16), "{}", confirmed);
            prop_assert!(Holidays::UsFederal.is_business_day(confirmed));
        }
    }
}
