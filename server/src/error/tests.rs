//! The codes are those that are explained to people.

use chofuku_engine::error::FormatError;

use super::*;

const ERRORS: &str = include_str!("../../../docs/errors.md");

#[test]
fn every_code_is_explained_and_nothing_else() {
    let sections = ERRORS.split("\n## ").skip(1).map(|section| {
        let (code, text) = section.split_once("\n\n").expect("a section has text");
        let status = text.strip_prefix("HTTP ").and_then(|text| text.get(..3));
        (code.to_owned(), status.expect("a section begins with its status").to_owned())
    });
    let explained: Vec<_> = sections.collect();
    let known: Vec<_> = Code::ALL
        .iter()
        .map(|code| (code.name().to_owned(), code.status().as_str().to_owned()))
        .collect();
    assert_eq!(explained, known);
}

#[test]
fn a_link_leads_to_its_section() {
    for code in Code::ALL {
        assert_eq!(code.link(), format!("docs/errors.md#{}", code.name()));
    }
}

#[test]
fn an_error_is_an_object_of_what_it_knows() {
    let text = |error: ApiError| String::from_utf8(error.to_json()).unwrap();
    assert_eq!(
        text(ApiError::ActorRequired),
        "{\"code\":\"actor_required\",\"message\":\"add actor, or set own_institution to include: \
         the asker's own records are left out\",\"path\":\"actor\",\
         \"link\":\"docs/errors.md#actor_required\"}"
    );
    let method = text(ApiError::MethodNotAllowed { allow: &["GET", "HEAD"] });
    assert!(method.contains("\"allowed\":[\"GET\",\"HEAD\"]") && !method.contains("\"path\""));
}

#[test]
fn the_cause_of_damage_is_not_told() {
    let cause = FormatError::Reserved { section: "history-rows" };
    assert!(!String::from_utf8(ApiError::from(cause).to_json()).unwrap().contains("history-rows"));
}
