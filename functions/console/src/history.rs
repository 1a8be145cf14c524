//! The windows of the history: thirty days each, one after the other.

use runtime::clock::Timestamp;

const DAY: i64 = 24 * 60 * 60;
/// Days of a window.
pub const DAYS: i64 = 30;

/// Thirty days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Start.
    pub from: Timestamp,
    /// End, which is not included.
    pub until: Timestamp,
    /// Whether it is the latest one.
    pub is_latest: bool,
}

impl Window {
    /// Reads `until`, a number of days since 1970; without it, or with one that is in the future, the latest window.
    pub fn read(raw_query: &str, now: Timestamp) -> Self {
        let tomorrow = now.as_second().div_euclid(DAY).saturating_add(1);
        let mut pairs = form_urlencoded::parse(raw_query.as_bytes());
        let until = pairs.find(|(name, _)| name == "until").and_then(|(_, text)| text.parse::<i64>().ok());
        let until = until.filter(|until| (0..tomorrow).contains(until));
        let day = |day: i64| Timestamp::from_second(day.saturating_mul(DAY)).unwrap_or(now);
        let last = until.unwrap_or(tomorrow);
        Self { from: day(last.saturating_sub(DAYS)), until: day(last), is_latest: until.is_none() }
    }

    /// Returns whether a time is in it.
    pub fn has(&self, at: Timestamp) -> bool {
        (self.from..self.until).contains(&at)
    }

    /// Returns the link to the window before this one.
    pub fn earlier(&self) -> String {
        format!("/console/history?until={}", self.from.as_second().div_euclid(DAY))
    }
}

/// Returns the ID that sorts before every event from this time on: IDs are UUIDs of version 7, which begin with the
/// milliseconds since 1970 (RFC 9562, section 5.7).
pub fn id_before(at: Timestamp) -> String {
    let hex = format!("{:012x}", at.as_millisecond().max(0));
    let (high, low) = hex.split_at_checked(8).unwrap_or(("00000000", "0000"));
    format!("{high}-{low}-7000-8000-000000000000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_of_thirty_days_follow_each_other_without_a_gap() {
        let now = "2026-11-27T08:47:57Z".parse().unwrap();
        let latest = Window::read("", now);
        assert!(latest.is_latest && latest.has(now));
        assert_eq!(latest.from.to_string(), "2026-10-29T00:00:00Z");
        let link = latest.earlier();
        let earlier = Window::read(link.split_once('?').unwrap().1, now);
        assert_eq!((earlier.until, earlier.is_latest), (latest.from, false));
        for other in ["until=99999999", "until=-1", "until=x"] {
            assert_eq!(Window::read(other, now), latest, "{other}");
        }
    }

    #[test]
    fn an_id_stands_before_every_event_of_its_millisecond() {
        assert_eq!(
            id_before("2026-10-29T00:00:00Z".parse().unwrap()),
            "01a184f4-d400-7000-8000-000000000000"
        );
    }
}
