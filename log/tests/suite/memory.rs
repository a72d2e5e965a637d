//! The faults that the log in memory makes on demand.

use chofuku_log::{EventLog, Fault, LogError, MemoryLog, verify};

use crate::events::{SHARD, append, assert_whole, batch};

#[test]
fn an_append_fails_before_or_after_it_took_effect() {
    for (fault, held) in [(Fault::Before, 4), (Fault::After, 6)] {
        let mut log = MemoryLog::new();
        append(&mut log, SHARD, 2);
        log.fail_append_after(2, fault);
        append(&mut log, SHARD, 2);
        let failed = log.append(SHARD, 4, &batch(5, 2));
        assert!(matches!(failed, Err(LogError::Io { .. })), "{failed:?}");
        for _ in 0..2 {
            let refused = log.append(SHARD, held, &batch(held + 1, 1));
            assert!(matches!(&refused, Err(LogError::Poisoned { reason })
                if reason.contains("an injected failure")));
            assert!(matches!(log.trim(SHARD, 1), Err(LogError::Poisoned { .. })));
        }
        assert_eq!(assert_whole(&log, held), held);
        let mut log = log.reopen();
        append(&mut log, SHARD, 1);
        assert_eq!(assert_whole(&log, held + 1), held + 1);
    }
}

#[test]
fn damage_is_an_error_with_the_number_of_the_event() {
    for sequence in 1..=5 {
        let log = || {
            let mut log = MemoryLog::new();
            append(&mut log, SHARD, 5);
            log
        };
        let mut damaged = log();
        damaged.damage(SHARD, sequence, |bytes| bytes[30] ^= 1);
        let mut lost = log();
        lost.lose(SHARD, sequence);
        for log in [damaged, lost] {
            match verify(&log, SHARD) {
                Err(LogError::Corrupt { sequence: found, .. }) => assert_eq!(found, sequence),
                other => panic!("{other:?}"),
            }
        }
    }
}
