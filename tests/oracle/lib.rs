//! A second, naive reading of `docs/semantics.md`: what every answer of the engine is compared with.
//!
//! The oracle shares no line and no type with the engine. It reads the same canonical tables, walks
//! them with loops and ordered maps, and is written so that each rule (S1 … S30) can be held against
//! its sentence. It is slow, and it panics on input that the loader or the server would refuse.

pub mod cases;
pub mod contract;
pub mod random;
pub mod world;

mod answer;
mod evidence;
mod finding;
mod lines;
mod period;
mod policy;
mod record;
mod request;
mod resolve;
mod rule;

use serde_json::Value;

pub use policy::{ExpiredPrescriptions, IntervalDosing, Policy};
pub use world::{HistoryRow, World};

use record::Chart;
use request::Request;

/// The whole answer of `POST /v1/check`, but for what [`comparable`] removes.
///
/// The policy is the one that the request names: `official` or `extended`.
pub fn check(world: &World, request: &Value) -> Value {
    check_with(world, request, &named_policy(request))
}

/// As [`check`], under a policy of the caller's, whatever name the request gives.
pub fn check_with(world: &World, request: &Value, policy: &Policy) -> Value {
    let request = Request::read(request);
    let chart = Chart::read(world, &request, policy);
    answer::check(world, &request, policy, &chart)
}

/// The whole answer of `POST /v1/history`, but for what [`comparable`] removes.
pub fn history(world: &World, request: &Value) -> Value {
    history_with(world, request, &named_policy(request))
}

/// As [`history`], under a policy of the caller's.
pub fn history_with(world: &World, request: &Value, policy: &Policy) -> Value {
    let request = Request::read(request);
    let chart = Chart::read(world, &request, policy);
    answer::history(world, policy, &chart)
}

/// An answer without what is presentation or names the data: `snapshot`, and the `id` and
/// `message` of every finding.
pub fn comparable(mut answer: Value) -> Value {
    if let Some(fields) = answer.as_object_mut() {
        fields.remove("snapshot");
        for finding in
            fields.get_mut("findings").and_then(Value::as_array_mut).into_iter().flatten()
        {
            if let Some(finding) = finding.as_object_mut() {
                finding.remove("id");
                finding.remove("message");
            }
        }
    }
    answer
}

fn named_policy(request: &Value) -> Policy {
    match request.get("policy").and_then(Value::as_str) {
        None | Some("official") => Policy::official(),
        Some("extended") => Policy::extended(),
        Some(name) => panic_on_unknown_policy(name),
    }
}

#[expect(clippy::panic, reason = "a request that names another policy belongs in `check_with`")]
fn panic_on_unknown_policy(name: &str) -> ! {
    panic!("the oracle knows no policy {name}")
}
