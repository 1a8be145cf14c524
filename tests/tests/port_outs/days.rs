//! Business days, counted here once more: Monday to Friday less the federal holidays of the year's calendar.

use jiff::Timestamp;
use jiff::civil::{Date, Weekday, date};

/// The zone of an account that names none.
pub const NEW_YORK: &str = "America/New_York";

/// The first day on which a port of so many numbers can be done.
pub fn first_possible(received: Timestamp, zone: &str, numbers: usize) -> Date {
    let local = received.in_tz(zone).expect("a zone");
    let in_time = is_business_day(local.date()) && local.hour() < 13;
    let interval = if numbers == 1 { 1 } else { 4 };
    (0..interval + usize::from(!in_time)).fold(local.date(), |day, _| next_business_day(day))
}

/// The first business day after this one.
pub fn next_business_day(day: Date) -> Date {
    next(day, is_business_day)
}

/// The first Saturday after this day.
pub fn next_saturday(day: Date) -> Date {
    next(day, |day| day.weekday() == Weekday::Saturday)
}

/// The first federal holiday after this day.
pub fn next_holiday(day: Date) -> Date {
    next(day, is_holiday)
}

fn next(day: Date, wanted: impl Fn(Date) -> bool) -> Date {
    let tomorrow = day.tomorrow().expect("a day");
    if wanted(tomorrow) { tomorrow } else { next(tomorrow, wanted) }
}

fn is_business_day(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_holiday(day)
}

fn is_holiday(day: Date) -> bool {
    [day.year(), day.year() + 1].into_iter().flat_map(holidays).any(|holiday| holiday == day)
}

/// The days off of one year; New Year's may fall into the year before.
fn holidays(year: i16) -> Vec<Date> {
    let on = |month, nth, weekday| date(year, month, 1).nth_weekday_of_month(nth, weekday).expect("a day");
    let mondays =
        [(1, 3), (2, 3), (5, -1), (9, 1), (10, 2)].map(|(month, nth)| on(month, nth, Weekday::Monday));
    let fixed =
        [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)].map(|(month, day)| observed(date(year, month, day)));
    mondays.into_iter().chain(fixed).chain([on(11, 4, Weekday::Thursday)]).collect()
}

/// A holiday on a weekend is kept on the nearest working day.
fn observed(day: Date) -> Date {
    let nearest = match day.weekday().to_monday_one_offset() {
        6 => day.yesterday(),
        7 => day.tomorrow(),
        _ => Ok(day),
    };
    nearest.expect("a day")
}

/// As the Office of Personnel Management publishes them.
#[test]
fn holidays_are_those_of_the_official_calendar() {
    let mut found = holidays(2027);
    found.sort();
    let official =
        [(1, 1), (1, 18), (2, 15), (5, 31), (6, 18), (7, 5), (9, 6), (10, 11), (11, 11), (11, 25), (12, 24)];
    assert_eq!(found, official.map(|(month, day)| date(2027, month, day)));
    assert!(is_holiday(date(2027, 12, 31)), "New Year's Day 2028 is a Saturday");
}
