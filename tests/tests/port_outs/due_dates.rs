//! Which day is confirmed, on both sides of 13:00:00 in the region of the numbers (47 CFR 52.35).

use harness::prelude::*;

const BOSTON: [&str; 2] = ["+16175550100", "+16175550101"];
const SEATTLE: [&str; 2] = ["+12065550100", "+12065550101"];
const HONOLULU: [&str; 2] = ["+18085550100", "+18085550101"];
const GUAM: [&str; 2] = ["+16715550100", "+16715550101"];

/// Received, in UTC; the numbers; the day of one number; the day of two.
const DAYS: [(&str, [&str; 2], &str, &str); 22] = [
    // A Monday, to the millisecond: Eastern, Mountain, Pacific.
    ("2026-11-16T18:00:00Z", BOSTON, "2026-11-17", "2026-11-20"),
    ("2026-11-16T18:00:00.001Z", BOSTON, "2026-11-18", "2026-11-20"),
    ("2026-11-16T20:00:00Z", SEATTLE, "2026-11-17", "2026-11-20"),
    ("2026-11-16T20:00:00.001Z", SEATTLE, "2026-11-18", "2026-11-20"),
    ("2026-11-16T21:00:00Z", HONOLULU, "2026-11-17", "2026-11-20"),
    ("2026-11-16T21:00:00.001Z", HONOLULU, "2026-11-18", "2026-11-20"),
    ("2026-11-16T21:00:00Z", GUAM, "2026-11-17", "2026-11-20"),
    // In summer 13:00 comes an hour earlier.
    ("2026-07-06T17:00:00Z", BOSTON, "2026-07-07", "2026-07-10"),
    ("2026-07-06T17:00:01Z", BOSTON, "2026-07-08", "2026-07-10"),
    // The evening of a Monday in the region, which is Tuesday in UTC.
    ("2026-11-17T04:59:59Z", BOSTON, "2026-11-18", "2026-11-20"),
    ("2026-11-17T05:00:00Z", BOSTON, "2026-11-18", "2026-11-23"),
    // Friday before and after 13:00, Saturday.
    ("2026-11-20T18:00:00Z", BOSTON, "2026-11-23", "2026-11-27"),
    ("2026-11-20T18:00:01Z", BOSTON, "2026-11-24", "2026-11-27"),
    ("2026-11-21T15:00:00Z", BOSTON, "2026-11-24", "2026-11-30"),
    // The day before Thanksgiving, and Thanksgiving itself.
    ("2026-11-25T18:00:00Z", BOSTON, "2026-11-27", "2026-12-02"),
    ("2026-11-25T18:00:01Z", BOSTON, "2026-11-30", "2026-12-02"),
    ("2026-11-26T15:00:00Z", BOSTON, "2026-11-30", "2026-12-03"),
    // New Year's Eve before a holiday on a Friday, and one that is a holiday itself.
    ("2026-12-31T18:00:00Z", BOSTON, "2027-01-04", "2027-01-07"),
    ("2026-12-31T18:00:01Z", BOSTON, "2027-01-05", "2027-01-07"),
    ("2026-12-31T20:00:00Z", SEATTLE, "2027-01-04", "2027-01-07"),
    ("2021-12-31T15:00:00Z", BOSTON, "2022-01-04", "2022-01-07"),
    ("2027-12-31T15:00:00Z", BOSTON, "2028-01-04", "2028-01-07"),
];

/// Starts an account with numbers of several regions.
async fn stack() -> Stack {
    let numbers: Vec<String> =
        [BOSTON, SEATTLE, HONOLULU, GUAM].concat().iter().map(|tn| (*tn).to_owned()).collect();
    Fixture::new().account(CONTOSO).pin(PIN).numbers(&numbers).start().await
}

#[tokio::test]
async fn first_possible_day_depends_on_the_time_in_the_numbers_region_and_on_their_count() {
    let stack = stack().await;
    for (index, (received, numbers, day_of_one, day_of_two)) in DAYS.into_iter().enumerate() {
        stack.set_time(received.parse().unwrap());
        for (count, day) in [(1, day_of_one), (2, day_of_two)] {
            // One PON a region: each version frees what the one before held.
            let first = order(&format!("TX-{}", &numbers[0][2..5]), CONTOSO, PIN, &numbers[..count]);
            let order = with(&first, "version", format!("{:02}", 2 * index + count));
            let answer = stack.submit("A123", &order).await;
            assert_port_out(&answer, 201, &confirmed("A123", &order, day));
            let second = received.split('.').next().unwrap().trim_end_matches('Z');
            assert_eq!(answer.json()["received_at"], format!("{second}Z"));
        }
    }
}

#[tokio::test]
async fn numbers_of_several_regions_are_due_by_the_zone_whose_day_ends_last() {
    let stack = stack().await;
    // Sunday 23:30 in Seattle's region is Monday 01:30 in Boston's.
    stack.set_time("2026-11-16T06:30:00Z".parse().unwrap());
    for (pon, numbers, day) in
        [("TX-1", [BOSTON[0], BOSTON[1]], "2026-11-20"), ("TX-2", [SEATTLE[0], SEATTLE[1]], "2026-11-20")]
    {
        let order = order(pon, CONTOSO, PIN, &numbers);
        assert_port_out(&stack.submit("A123", &order).await, 201, &confirmed("A123", &order, day));
    }
    // Monday 23:30 in Seattle's region is Tuesday in Boston's.
    stack.set_time("2026-11-17T06:30:00Z".parse().unwrap());
    for (version, numbers, day) in
        [("02", [BOSTON[0], BOSTON[1]], "2026-11-23"), ("03", [BOSTON[0], HONOLULU[0]], "2026-11-20")]
    {
        let order = with(&order("TX-1", CONTOSO, PIN, &numbers), "version", version);
        assert_port_out(&stack.submit("A123", &order).await, 201, &confirmed("A123", &order, day));
    }
}

#[tokio::test]
async fn desired_day_is_confirmed_if_it_is_possible_and_moved_if_it_is_not() {
    let stack = stack().await;
    // The morning of the day before Thanksgiving.
    stack.set_time("2026-11-25T15:00:00Z".parse().unwrap());
    let mut version = 0;
    for (count, days) in [
        (
            1,
            &[
                ("2026-11-27", "2026-11-27"),
                ("2026-11-30", "2026-11-30"),
                // Too early, today, a holiday, a weekend.
                ("0001-01-01", "2026-11-27"),
                ("2026-11-24", "2026-11-27"),
                ("2026-11-25", "2026-11-27"),
                ("2026-11-26", "2026-11-27"),
                ("2026-11-28", "2026-11-30"),
                ("2026-11-29", "2026-11-30"),
                ("2026-12-25", "2026-12-24"),
                // 30 days ahead is Christmas Day, so the last possible day is the one before.
                ("2026-12-24", "2026-12-24"),
                ("2026-12-28", "2026-12-24"),
                ("9999-12-31", "2026-12-24"),
            ][..],
        ),
        (2, &[("2026-12-02", "2026-12-02"), ("2026-11-27", "2026-12-02"), ("2026-12-05", "2026-12-07")][..]),
    ] {
        for (desired, day) in days {
            version += 1;
            let order =
                with(&order("TX-1", CONTOSO, PIN, &BOSTON[..count]), "version", format!("{version:02}"));
            let order = with(&order, "desired_due_date", *desired);
            let answer = stack.submit("A123", &order).await;
            assert_port_out(&answer, 201, &confirmed("A123", &order, day));
            assert_eq!(answer.json()["due_date_changed"], desired != day, "{desired}");
        }
    }
}

#[tokio::test]
async fn a_rejected_port_out_has_no_day_and_no_changed_one() {
    let stack = stack().await;
    let wrong = with(&order("TX-1", CONTOSO, WRONG_PIN, &BOSTON[..1]), "desired_due_date", "2026-11-28");
    let answer = stack.reject("A123", &wrong, &[reason("pin_invalid", "/pin")]).await;
    assert_eq!(
        (&answer.json()["foc_date"], &answer.json()["due_date_changed"]),
        (&Value::Null, &false.into())
    );
}
