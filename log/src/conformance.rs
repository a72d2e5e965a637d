//! What every log must do, as one suite that the tests of each implementation run.
//!
//! A case gets an empty directory and opens a log in it, closes and opens it again. A failed
//! expectation panics, as in any test.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a failed step of a test ends the test"
)]

mod batches;
mod model;
mod pages;
mod trimming;

use std::path::Path;

use crate::event::{EventId, NewEvent, Shard, Tail};
use crate::log::{EventLog, verify};

/// The shard of the cases that need one only.
const SHARD: Shard = Shard(7);

/// Opens the log of a directory, making one where there is none.
type Open<'a> = &'a mut dyn FnMut(&Path) -> Box<dyn EventLog>;

/// Runs every case against logs that `open` opens. It is called with the same directory again when
/// a case opens its log anew; the log that was opened before is closed by then.
///
/// # Panics
///
/// When the log does not do what it must.
pub fn run(mut open: impl FnMut(&Path) -> Box<dyn EventLog>) {
    for case in CASES {
        let directory = tempfile::tempdir().unwrap();
        case(directory.path(), &mut open);
    }
}

const CASES: [fn(&Path, Open<'_>); 17] = [
    batches::a_new_log_is_empty,
    batches::sequences_have_no_gap,
    batches::only_the_last_sequence_is_appended_to,
    batches::an_empty_batch_changes_nothing,
    batches::a_refused_batch_leaves_nothing,
    batches::ids_and_payloads_come_back,
    batches::a_repeated_id_is_stored_again,
    batches::payloads_of_every_size_come_back,
    batches::a_large_batch_is_one,
    batches::shards_are_independent,
    pages::events_are_read_in_pages,
    pages::a_page_is_bounded_in_bytes,
    pages::a_reopened_log_holds_the_same,
    trimming::what_is_trimmed_is_gone_and_the_chain_goes_on,
    trimming::a_log_without_events_keeps_its_place,
    trimming::what_cannot_be_trimmed_is_refused,
    model::random_operations_agree_with_a_model,
];

/// An event whose id and payload follow from a number.
fn event(number: u64) -> NewEvent {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_le_bytes());
    NewEvent { id: EventId(id), payload: format!("event {number}").into_bytes() }
}

fn events(numbers: impl IntoIterator<Item = u64>) -> Vec<NewEvent> {
    numbers.into_iter().map(event).collect()
}

/// Asserts that a shard holds exactly these events from its first on.
fn assert_holds(log: &dyn EventLog, shard: Shard, expected: &[NewEvent]) {
    let tail = verify(log, shard).unwrap();
    assert_eq!(tail, log.tail(shard).unwrap());
    let first = log.first(shard).unwrap();
    let mut found = Vec::new();
    while let Some(from) = first.checked_add(u64::try_from(found.len()).unwrap()) {
        let page = log.read(shard, from, 1000).unwrap();
        if page.is_empty() {
            break;
        }
        for (event, sequence) in page.into_iter().zip(from..) {
            assert_eq!(event.sequence, sequence);
            found.push(NewEvent { id: event.id, payload: event.payload });
        }
    }
    assert_eq!(found.len(), expected.len());
    assert!(found == expected, "other events than were appended");
}

/// Appends behind whatever is there.
fn append(log: &mut dyn EventLog, shard: Shard, batch: &[NewEvent]) -> Tail {
    let tail = log.tail(shard).unwrap();
    log.append(shard, tail.sequence, batch).unwrap()
}
