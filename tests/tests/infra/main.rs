//! What `infra/template.yaml` promises, asserted on the template as SAM expands it and on what the functions really do.
//!
//! Each check tells what is wrong with a template: nothing with ours, and something with each of `template_defects`.

mod access_log;
mod alarms;
mod all_operations;
mod built_zips;
mod canaries;
mod console;
mod cost;
mod deploy;
mod deployer;
mod domain;
mod environment;
mod expanded_template;
mod filters;
mod findings;
mod functions;
mod iam_enforcement;
mod import;
mod keys;
mod log_pattern;
mod logs;
mod mutations;
mod observed_calls;
mod refusals;
mod roles;
mod routes;
mod table;
mod template_defects;
mod throttling;
mod tools;
mod watch;

use expanded_template::{EXPANDED, Expanded};

/// Tells what is wrong with a template.
type Check = fn(&Expanded) -> Vec<String>;

/// All of them, by name.
const CHECKS: &[(&str, Check)] = &[
    ("routes", routes::check),
    ("console", console::check),
    ("import", import::check),
    ("throttling", throttling::check),
    ("access log", access_log::check),
    ("roles", roles::check),
    ("verbs", refusals::verbs),
    ("secrets", refusals::secrets),
    ("digests", refusals::digests),
    ("environment", environment::check),
    ("functions", functions::check),
    ("processors", functions::processors),
    ("filters", filters::check),
    ("alarms", alarms::check),
    ("silence", alarms::silence),
    ("canaries", canaries::check),
    ("changes", watch::changes),
    ("events", watch::events),
    ("dashboard", watch::dashboard),
    ("budget", watch::budget),
    ("topic", alarms::topic),
    ("table", table::check),
    ("keys", keys::check),
    ("logs", logs::check),
    ("domain", domain::check),
    ("outputs", domain::outputs),
];

/// One test a check.
macro_rules! holds {
    ($($test:ident: $check:expr;)*) => {
        $(
            #[test]
            fn $test() {
                let found = $check(&EXPANDED);
                assert!(found.is_empty(), "{found:#?}");
            }
        )*
    };
}

holds! {
    every_route_asks_for_the_scopes_that_its_function_honors_and_webhooks_for_none: routes::check;
    the_page_is_a_choice_and_needs_an_address_and_a_client: console::check;
    an_openapi_parser_finds_nothing_wrong_with_the_api_that_is_imported: import::check;
    every_route_is_throttled_and_those_that_hash_by_limits_of_their_own: throttling::check;
    the_access_log_tells_no_path_header_token_or_body: access_log::check;
    every_role_allows_what_its_function_does_and_nothing_more: roles::check;
    every_role_is_refused_every_verb_and_form_that_its_function_does_not_use: refusals::verbs;
    only_port_out_can_read_a_digest_or_fingerprint_however_others_ask: refusals::secrets;
    provision_and_protect_cannot_write_a_digest_whatever_else_is_allowed: refusals::digests;
    every_function_gets_the_variables_that_it_parses_and_no_other: environment::check;
    every_function_is_the_binary_built_for_it_with_fitting_memory_time_and_concurrency: functions::check;
    the_processor_is_a_choice: functions::processors;
    metric_filters_count_the_lines_that_are_really_logged: filters::check;
    alarms_watch_metrics_that_are_emitted_and_tell_the_one_topic: alarms::check;
    silence_is_an_alarm_after_a_time_that_the_operator_chooses: alarms::silence;
    new_versions_are_judged_alone_and_move_back: canaries::check;
    changes_of_keys_and_functions_past_the_stack_are_reported: watch::changes;
    changed_and_removed_events_are_reported: watch::events;
    the_dashboard_shows_metrics_that_exist: watch::dashboard;
    a_budget_needs_an_amount_and_a_receiver: watch::budget;
    only_alarms_and_changes_are_sent_to_the_topic: alarms::topic;
    both_tables_are_kept_protected_encrypted_and_restorable_and_only_events_are_streamed: table::check;
    each_key_computes_only_for_the_functions_that_need_it: keys::check;
    logs_are_kept_for_a_time_and_encrypted: logs::check;
    a_domain_name_mutual_tls_and_the_default_endpoint_are_separate_switches: domain::check;
    outputs_say_what_an_operator_needs_next: domain::outputs;
}
