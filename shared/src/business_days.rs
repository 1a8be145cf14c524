//! Business days: Monday through Friday, except US federal holidays (5 U.S.C. 6103).

use jiff::civil::{Date, Weekday};

/// Returns whether `date` is a federal holiday (5 U.S.C. 6103(a)) or the day on which one is observed that falls on a
/// weekend: the Friday before a Saturday (6103(b)(1)), the Monday after a Sunday (Executive Order 11582).
///
/// Inauguration Day is left out because it is a holiday only in and around Washington, D.C. Years before 2021 use
/// today's list without Juneteenth.
pub fn is_federal_holiday(date: Date) -> bool {
    has_fixed_date(date) || is_nth_weekday(date) || is_observed_instead(date)
}

/// Returns whether `date` is a business day: Monday through Friday and not a federal holiday.
pub fn is_business_day(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_federal_holiday(date)
}

/// New Year's Day, Juneteenth (since 2021), Independence Day, Veterans Day, and Christmas Day.
fn has_fixed_date(date: Date) -> bool {
    match (date.month(), date.day()) {
        (6, 19) => date.year() >= 2021,
        month_and_day => matches!(month_and_day, (1, 1) | (7, 4) | (11, 11) | (12, 25)),
    }
}

/// Martin Luther King Jr. Day, Washington's Birthday, Memorial Day, Labor Day, Columbus Day, and Thanksgiving Day.
fn is_nth_weekday(date: Date) -> bool {
    matches!(
        (date.month(), date.weekday(), date.day()),
        (1, Weekday::Monday, 15..=21)
            | (2, Weekday::Monday, 15..=21)
            | (5, Weekday::Monday, 25..=31)
            | (9, Weekday::Monday, 1..=7)
            | (10, Weekday::Monday, 8..=14)
            | (11, Weekday::Thursday, 22..=28)
    )
}

fn is_observed_instead(date: Date) -> bool {
    // Looks at the adjacent day rather than at this year's list: New Year's Day may be observed in the year before.
    match date.weekday() {
        Weekday::Friday => date.tomorrow().is_ok_and(has_fixed_date),
        Weekday::Monday => date.yesterday().is_ok_and(has_fixed_date),
        Weekday::Tuesday | Weekday::Wednesday | Weekday::Thursday | Weekday::Saturday | Weekday::Sunday => {
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// Returns a year's days off, as the Office of Personnel Management publishes them.
    fn days_off(year: i16) -> Vec<String> {
        date(year, 1, 1)
            .series(jiff::Span::new().days(1))
            .take_while(|day| day.year() == year)
            .filter(|day| is_federal_holiday(*day))
            .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday))
            .map(|day| day.strftime("%m-%d").to_string())
            .collect()
    }

    #[test]
    fn known_years() {
        for (year, expected) in [
            (2020, "01-01 01-20 02-17 05-25 07-03 09-07 10-12 11-11 11-26 12-25"),
            (2021, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31"),
            (2022, "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26"),
            (2023, "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25"),
            (2026, "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25"),
            (2027, "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31"),
        ] {
            assert_eq!(days_off(year).join(" "), expected, "{year}");
        }
    }

    #[test]
    fn a_holiday_on_a_weekend_is_also_a_holiday() {
        assert!(is_federal_holiday(date(2026, 7, 4)));
        assert!(is_federal_holiday(date(2027, 7, 4)));
    }

    #[test]
    fn inauguration_day_and_the_day_after_thanksgiving_are_working_days() {
        assert!(is_business_day(date(2032, 1, 20)));
        assert!(is_business_day(date(2026, 11, 27)));
    }

    #[test]
    fn weekends_and_days_off_are_not_business_days() {
        assert!(is_business_day(date(2026, 11, 25)));
        assert!(!is_business_day(date(2026, 11, 26)));
        assert!(!is_business_day(date(2026, 11, 28)));
        assert!(!is_business_day(date(2026, 11, 29)));
        assert!(!is_business_day(date(2027, 12, 31)));
    }

    #[test]
    fn the_first_and_last_day_of_the_calendar_do_not_panic() {
        assert!(is_business_day(Date::MAX));
        assert!(!is_federal_holiday(Date::MIN.tomorrow().unwrap()));
    }
}
