//! Writes times as RFC 3339 in UTC: whole seconds for callers, milliseconds in the table.

use jiff::Timestamp;

/// Formats as `2026-11-23T16:04:05Z`, the form of every response.
pub fn seconds(time: Timestamp) -> String {
    format!("{:.0}", Timestamp::from_second(time.as_second()).unwrap_or(time))
}

/// Formats as `2026-11-23T16:04:05.123Z`, the form of the table, which sorts by time.
pub fn millis(time: Timestamp) -> String {
    format!("{time:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_have_whole_seconds_and_the_table_milliseconds() {
        let time: Timestamp = "2026-11-23T16:04:05.999Z".parse().unwrap();
        assert_eq!(seconds(time), "2026-11-23T16:04:05Z");
        assert_eq!(millis(time), "2026-11-23T16:04:05.999Z");
        let whole: Timestamp = "2026-11-23T16:04:05Z".parse().unwrap();
        assert_eq!(millis(whole), "2026-11-23T16:04:05.000Z");
        assert_eq!(millis(time).parse::<Timestamp>().unwrap(), time);
    }
}
