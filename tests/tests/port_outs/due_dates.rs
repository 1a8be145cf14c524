//! Which day is confirmed, on both sides of 13:00 where the account is (47 CFR 52.35), and which days are not.

use harness::prelude::*;

const EAST: &str = "America/New_York";
const WEST: &str = "America/Los_Angeles";

const NUMBERS: [&str; 2] = ["+12065550100", "+12065550101"];

/// Received, in UTC; where the account is; the day of one number; the day of two.
const DAYS: [(&str, &str, &str, &str); 22] = [
    // A Monday, to the millisecond.
    ("2026-11-16T17:59:59.999Z", EAST, "2026-11-17", "2026-11-20"),
    ("2026-11-16T18:00:00Z", EAST, "2026-11-18", "2026-11-23"),
    ("2026-11-16T18:00:00Z", WEST, "2026-11-17", "2026-11-20"),
    ("2026-11-16T20:59:59.999Z", WEST, "2026-11-17", "2026-11-20"),
    ("2026-11-16T21:00:00Z", WEST, "2026-11-18", "2026-11-23"),
    // In summer 13:00 comes an hour earlier.
    ("2026-07-06T16:59:59.999Z", EAST, "2026-07-07", "2026-07-10"),
    ("2026-07-06T17:00:00Z", EAST, "2026-07-08", "2026-07-13"),
    // The evening of the account's Monday, which is Tuesday in UTC; the evening of its Sunday, which is Monday there.
    ("2026-11-17T04:59:59Z", EAST, "2026-11-18", "2026-11-23"),
    ("2026-11-16T07:59:59Z", WEST, "2026-11-17", "2026-11-20"),
    ("2026-11-16T08:00:00Z", WEST, "2026-11-17", "2026-11-20"),
    // Friday before and after 13:00, Saturday.
    ("2026-11-20T17:59:59Z", EAST, "2026-11-23", "2026-11-27"),
    ("2026-11-20T18:00:00Z", EAST, "2026-11-24", "2026-11-30"),
    ("2026-11-21T15:00:00Z", EAST, "2026-11-24", "2026-11-30"),
    // The day before Thanksgiving, and Thanksgiving itself.
    ("2026-11-25T17:59:59Z", EAST, "2026-11-27", "2026-12-02"),
    ("2026-11-25T18:00:00Z", EAST, "2026-11-30", "2026-12-03"),
    ("2026-11-25T18:00:00Z", WEST, "2026-11-27", "2026-12-02"),
    ("2026-11-26T15:00:00Z", EAST, "2026-11-30", "2026-12-03"),
    // New Year's Eve before a holiday on a Friday, and one that is a holiday itself.
    ("2026-12-31T17:59:59Z", EAST, "2027-01-04", "2027-01-07"),
    ("2026-12-31T18:00:00Z", EAST, "2027-01-05", "2027-01-08"),
    ("2026-12-31T20:59:59Z", WEST, "2027-01-04", "2027-01-07"),
    ("2021-12-31T15:00:00Z", EAST, "2022-01-04", "2022-01-07"),
    ("2027-12-31T15:00:00Z", EAST, "2028-01-04", "2028-01-07"),
];

/// Starts the accounts `EAST` and `WEST`, each with two numbers.
async fn stack() -> Stack {
    let profile = |zone| json!({"country": "US", "zip_code": "98052", "time_zone": zone});
    let east = Fixture::new().account("EAST").profile(profile(EAST)).pin(PIN).numbers(&tns(100, 2));
    east.account("WEST").profile(profile(WEST)).pin(PIN).numbers(&tns(102, 2)).start().await
}

fn account(zone: &str) -> (&'static str, [&'static str; 2]) {
    if zone == EAST { ("EAST", NUMBERS) } else { ("WEST", ["+12065550102", "+12065550103"]) }
}

#[tokio::test]
async fn first_possible_day_depends_on_the_time_at_the_account_and_the_count_of_numbers() {
    let stack = stack().await;
    for (index, (received, zone, day_of_one, day_of_two)) in DAYS.into_iter().enumerate() {
        stack.set_time(received.parse().unwrap());
        let (account, numbers) = account(zone);
        for (count, day) in [(1, day_of_one), (2, day_of_two)] {
            // Two carriers and one PON a row: each version frees what the one before held.
            let first = order(&format!("TX-{account}"), account, PIN, &numbers[..count]);
            let order = with(&first, "version", format!("{:02}", 2 * index + count));
            let answer = stack.submit("A123", &order).await;
            assert_port_out(&answer, 201, &confirmed("A123", &order, day));
            let second = received.split('.').next().unwrap().trim_end_matches('Z');
            assert_eq!(answer.json()["received_at"], format!("{second}Z"));
        }
    }
}

#[tokio::test]
async fn desired_day_is_taken_from_the_first_possible_one_on() {
    let stack = stack().await;
    let (account, numbers) = account(EAST);
    // The morning of the day before Thanksgiving.
    stack.set_time("2026-11-25T15:00:00Z".parse().unwrap());
    let mut version = 0;
    for (count, days) in
        [(1, ["2026-11-27", "2026-11-30", "2027-12-30"]), (2, ["2026-12-02", "2026-12-03", "9999-12-30"])]
    {
        for day in days {
            version += 1;
            let order =
                with(&order("TX-1", account, PIN, &numbers[..count]), "version", format!("{version:02}"));
            let order = with(&order, "desired_due_date", day);
            assert_port_out(&stack.submit("A123", &order).await, 201, &confirmed("A123", &order, day));
        }
    }
}

#[tokio::test]
async fn desired_day_before_the_first_possible_one_or_off_is_refused() {
    let stack = stack().await;
    let (account, numbers) = account(EAST);
    stack.set_time("2026-11-25T15:00:00Z".parse().unwrap());
    let too_early = |first: &str| format!("The earliest due date for this port is {first}.");
    let off = || "Ports take place Monday through Friday, except on US federal holidays.".to_owned();
    for (index, (count, day, detail)) in [
        (1, "2026-11-24", too_early("2026-11-27")),
        (1, "2026-11-25", too_early("2026-11-27")),
        (1, "2026-11-26", too_early("2026-11-27")),
        (2, "2026-11-27", too_early("2026-12-02")),
        (2, "2026-12-01", too_early("2026-12-02")),
        (1, "0001-01-01", too_early("2026-11-27")),
        (1, "2026-11-28", off()),
        (1, "2026-11-29", off()),
        (1, "2026-12-25", off()),
        (1, "2027-01-01", off()),
        (1, "2027-07-05", off()),
        (1, "2027-12-31", off()),
    ]
    .into_iter()
    .enumerate()
    {
        let order =
            with(&order(&format!("TX-{index}"), account, PIN, &numbers[..count]), "desired_due_date", day);
        let reason = with(&reason("due_date_invalid", "/desired_due_date"), "detail", detail);
        stack.reject("A123", &order, &[reason]).await;
    }
}

#[tokio::test]
async fn day_is_counted_where_the_account_is_and_in_new_york_when_there_is_none() {
    let stack = stack().await;
    stack.set_time("2026-11-16T18:00:00Z".parse().unwrap());
    let day = "2026-11-17";
    let (account, numbers) = account(WEST);
    let west = with(&order("TX-1", account, PIN, &numbers[..1]), "desired_due_date", day);
    assert_port_out(&stack.submit("A123", &west).await, 201, &confirmed("A123", &west, day));
    let unknown = with(&order("TX-2", "NOBODY", PIN, &numbers[..1]), "desired_due_date", day);
    let detail = "The earliest due date for this port is 2026-11-18.";
    let reasons = [
        reason("account_number_invalid", "/account_number"),
        with(&reason("due_date_invalid", "/desired_due_date"), "detail", detail),
    ];
    stack.reject("A123", &unknown, &reasons).await;
}
