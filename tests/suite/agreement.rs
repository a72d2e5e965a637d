//! Engine and oracle agree: on every golden case, and on random worlds.

use std::collections::BTreeMap;

use chofuku_server::Policies;
use chofuku_tests::cases::{self, Call, Check};
use chofuku_tests::{Policy, check, check_with, comparable, history_with, random};
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::site::Site;

/// Worlds of a usual run; `CHOFUKU_WORLDS` asks for more, `CHOFUKU_FIRST_WORLD` for others.
const WORLDS: u64 = 1500;

fn policies(policy: &Policy) -> Policies {
    if matches!(policy.name.as_str(), "official" | "extended") {
        return Policies::default();
    }
    let fields = serde_json::to_value(policy).unwrap();
    let configured = serde_json::from_value(fields).unwrap();
    Policies::new(BTreeMap::from([(policy.name.clone(), configured)])).unwrap()
}

fn engine(site: &Site, check: &Check) -> Value {
    let policies = policies(&check.policy);
    match check.call {
        Call::Check => site.check(&check.request, &policies),
        Call::History => site.history(&check.request, &policies),
    }
}

#[test]
fn the_engine_agrees_with_every_case() {
    let failures: Vec<String> = cases::all()
        .par_iter()
        .filter_map(|case| {
            let site = Site::of(&case.world());
            case.run(|check| comparable(engine(&site, check))).err()
        })
        .collect();
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn the_engine_gives_the_oracles_whole_answer_in_every_case() {
    let differences: Vec<String> = cases::all()
        .par_iter()
        .flat_map(|case| {
            let world = case.world();
            let site = Site::of(&world);
            let differences = case.checks().into_iter().filter_map(|check| {
                let expected = match check.call {
                    Call::Check => check_with(&world, &check.request, &check.policy),
                    Call::History => history_with(&world, &check.request, &check.policy),
                };
                let found = comparable(engine(&site, &check));
                let at = format!("{}, {}", case.title, check.name);
                difference(&expected, &found).map(|what| format!("{at}: {what}"))
            });
            differences.collect::<Vec<_>>()
        })
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn engine_and_oracle_agree_on_random_worlds() {
    let number = |name: &str, usual| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
    };
    let first = number("CHOFUKU_FIRST_WORLD", 0);
    let last = first + number("CHOFUKU_WORLDS", WORLDS);
    let differences: Vec<String> = (first..last)
        .into_par_iter()
        .filter_map(|seed| {
            let (world, requests) = random::world(seed);
            let site = Site::of(&world);
            requests.iter().enumerate().find_map(|(position, request)| {
                let at = format!("world {seed}, request {position}");
                at_every_consent(request)
                    .into_iter()
                    .find_map(|request| compare(&world, &site, &request))
                    .map(|what| format!("{at}: {what}"))
            })
        })
        .collect();
    let shown: Vec<&str> = differences.iter().take(5).map(String::as_str).collect();
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), shown.join("\n"));
}

/// The request at each consent level, under both built-in policies.
pub(crate) fn at_every_consent(request: &Value) -> Vec<Value> {
    let mut requests = Vec::new();
    for policy in ["official", "extended"] {
        for level in ["none", "oral", "full"] {
            let mut request = request.clone();
            request["policy"] = json!(policy);
            request["consent"] = match level {
                "oral" => json!({"level": level, "recorded_by": "dr-017"}),
                _ => json!({"level": level}),
            };
            requests.push(request);
        }
    }
    requests
}

fn compare(world: &chofuku_tests::World, site: &Site, request: &Value) -> Option<String> {
    let expected = check(world, request);
    let whole = site.check(request, &Policies::default());
    if let Some(twice) = repeated_id(&whole) {
        return Some(format!("two findings have the id {twice}"));
    }
    difference(&expected, &comparable(whole)).map(|what| format!("{what}\nrequest: {request}"))
}

fn repeated_id(answer: &Value) -> Option<String> {
    let findings = answer["findings"].as_array()?;
    let mut ids: Vec<&str> = findings.iter().filter_map(|finding| finding["id"].as_str()).collect();
    assert_eq!(ids.len(), findings.len(), "a finding without an id");
    ids.sort_unstable();
    ids.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0].to_owned())
}

/// Where two answers first differ.
pub(crate) fn difference(expected: &Value, found: &Value) -> Option<String> {
    differs_at(expected, found, "answer")
}

fn differs_at(expected: &Value, found: &Value, path: &str) -> Option<String> {
    match (expected, found) {
        (Value::Object(one), Value::Object(other)) => {
            let keys = one.keys().chain(other.keys().filter(|key| !one.contains_key(*key)));
            for key in keys {
                let path = format!("{path}.{key}");
                match (one.get(key), other.get(key)) {
                    (Some(one), Some(other)) => {
                        if let Some(found) = differs_at(one, other, &path) {
                            return Some(found);
                        }
                    }
                    (one, other) => {
                        return Some(format!("{path}: oracle {one:?}, engine {other:?}"));
                    }
                }
            }
            None
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            let mut pairs = one.iter().zip(other).enumerate();
            pairs.find_map(|(at, (one, other))| differs_at(one, other, &format!("{path}[{at}]")))
        }
        (one, other) if one == other => None,
        (one, other) => Some(format!("{path}:\n  oracle {one}\n  engine {other}")),
    }
}
