//! The oracle agrees with every golden case.

use chofuku_tests::{
    cases::{self, Call},
    check_with, history_with,
};
use serde_json::json;

#[test]
fn the_oracle_agrees_with_every_case() {
    let cases = cases::all();
    let mut failures = Vec::new();
    for case in &cases {
        let world = case.world();
        let agreed = case.run(|check| match check.call {
            Call::Check => check_with(&world, &check.request, &check.policy),
            Call::History => history_with(&world, &check.request, &check.policy),
        });
        failures.extend(agreed.err());
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn the_cases_of_the_specification_are_all_there() {
    let cases = cases::all();
    let missing: Vec<u32> =
        (1..=42).filter(|number| !cases.iter().any(|case| case.numbers.contains(number))).collect();
    assert!(missing.is_empty(), "no case has the numbers {missing:?}");
}

#[test]
fn every_rule_has_a_case() {
    let cases = cases::all();
    let unnamed: Vec<String> = (1..=30)
        .map(|number| format!("S{number}"))
        .filter(|rule| !cases.iter().any(|case| case.rules.contains(rule)))
        .collect();
    assert!(unnamed.is_empty(), "no case is about {unnamed:?}");
}

#[test]
fn every_check_refuses_an_empty_answer() {
    for case in cases::all() {
        assert!(!case.checks().is_empty(), "{} makes no check", case.title);
        for check in case.checks() {
            assert!(check.expect(&json!({})).is_err(), "{}, {}", case.title, check.name);
        }
    }
}
