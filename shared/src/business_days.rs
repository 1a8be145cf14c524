//! Business days: Monday to Friday less the provider's own holidays (47 CFR 52.35(a): "company-defined holidays").

use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::civil::{Date, Weekday};

use crate::due_date::IsoDate;

/// The days from Monday to Friday on which the provider does not handle port requests.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Holidays {
    /// US federal holidays (5 U.S.C. 6103).
    #[default]
    UsFederal,
    /// None.
    None,
    /// These days.
    Dates(BTreeSet<Date>),
}

/// Why a text does not name holidays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be us-federal, none, or dates such as 2026-12-25 separated by commas")]
pub struct HolidaysError;

impl FromStr for Holidays {
    type Err = HolidaysError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim() {
            "us-federal" => Ok(Self::UsFederal),
            "none" => Ok(Self::None),
            dates => {
                let read = dates.split(',').map(|date| date.trim().parse().map(|IsoDate(date)| date));
                read.collect::<Result<_, _>>().map(Self::Dates).map_err(|_| HolidaysError)
            }
        }
    }
}

impl Holidays {
    /// Returns whether the provider handles port requests on this day.
    pub fn is_business_day(&self, date: Date) -> bool {
        let holiday = match self {
            Self::UsFederal => is_federal_holiday(date),
            Self::None => false,
            Self::Dates(dates) => dates.contains(&date),
        };
        !holiday && !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
    }
}

/// Returns whether `date` is a federal holiday (5 U.S.C. 6103(a)), or the day off in lieu of one on a weekend: the
/// Friday before a Saturday (6103(b)(1)), the Monday after a Sunday (Executive Order 11582).
///
/// Inauguration Day is left out: it is a holiday only in and around Washington, D.C. Years before 2021 follow today's
/// list, except for Juneteenth.
fn is_federal_holiday(date: Date) -> bool {
    has_fixed_date(date) || is_nth_weekday(date) || is_observed_instead(date)
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
        assert!(Holidays::UsFederal.is_business_day(date(2032, 1, 20)));
        assert!(Holidays::UsFederal.is_business_day(date(2026, 11, 27)));
    }

    #[test]
    fn weekends_and_days_off_are_no_business_days() {
        assert!(Holidays::UsFederal.is_business_day(date(2026, 11, 25)));
        assert!(!Holidays::UsFederal.is_business_day(date(2026, 11, 26)));
        assert!(!Holidays::UsFederal.is_business_day(date(2026, 11, 28)));
        assert!(!Holidays::UsFederal.is_business_day(date(2026, 11, 29)));
        assert!(!Holidays::UsFederal.is_business_day(date(2027, 12, 31)));
    }

    #[test]
    fn the_ends_of_the_calendar_are_days_like_others() {
        assert!(Holidays::UsFederal.is_business_day(Date::MAX));
        assert!(!is_federal_holiday(Date::MIN.tomorrow().unwrap()));
    }

    #[test]
    fn the_provider_chooses_its_holidays() {
        let veterans_day = date(2026, 11, 11);
        let own: Holidays = " 2026-11-27,2026-12-24 ".parse().unwrap();
        for (holidays, works_on_veterans_day, works_on_the_day_after_thanksgiving) in [
            ("us-federal".parse().unwrap(), false, true),
            ("none".parse().unwrap(), true, true),
            (own, true, false),
        ] {
            assert_eq!(holidays.is_business_day(veterans_day), works_on_veterans_day, "{holidays:?}");
            let friday = date(2026, 11, 27);
            assert_eq!(holidays.is_business_day(friday), works_on_the_day_after_thanksgiving, "{holidays:?}");
            assert!(!holidays.is_business_day(date(2026, 11, 28)), "Saturday, {holidays:?}");
        }
        for bad in ["", "federal", "2026-11-31", "2026-11-27;2026-12-24", "2026-11-27,", "none,2026-11-27"] {
            assert_eq!(bad.parse::<Holidays>(), Err(HolidaysError), "{bad}");
        }
    }
}
