//! The ways in which an expectation agrees with an answer, and in which it does not.

use serde_json::{Value, json};

use super::matches;

fn agrees(expected: &Value, answer: &Value) -> bool {
    matches(expected, Some(answer), "answer").is_ok()
}

#[test]
fn objects_may_hold_more_than_is_expected_but_not_less() {
    assert!(agrees(&json!({"a": 1}), &json!({"a": 1, "b": 2})));
    assert!(!agrees(&json!({"a": 1, "b": 2}), &json!({"a": 1})));
    assert!(!agrees(&json!({"a": 1}), &json!({"a": 2})));
}

#[test]
fn lists_are_complete_and_in_order() {
    assert!(agrees(&json!([{"a": 1}, {}]), &json!([{"a": 1, "b": 2}, {"c": 3}])));
    assert!(!agrees(&json!([{}]), &json!([{}, {}])));
    assert!(!agrees(&json!([1, 2]), &json!([2, 1])));
    assert!(agrees(&json!(2), &json!([{}, {}])));
    assert!(!agrees(&json!(1), &json!([{}, {}])));
}

#[test]
fn null_and_absent_are_not_the_same() {
    let (null, absent) = (json!({"a": "<null>"}), json!({"a": "<absent>"}));
    assert!(agrees(&null, &json!({"a": null})));
    assert!(!agrees(&null, &json!({})));
    assert!(!agrees(&null, &json!({"a": 1})));
    assert!(agrees(&absent, &json!({})));
    assert!(!agrees(&absent, &json!({"a": null})));
}

#[test]
fn a_difference_says_where_it_is() {
    let problem = matches(&json!({"a": [{"b": 1}]}), Some(&json!({"a": [{"b": 2}]})), "answer");
    assert_eq!(problem, Err("answer.a[0].b is 2, expected 1".to_owned()));
}
