//! Random operations beside a model: a vector of events for each shard and a number trimmed.

use std::path::Path;

use super::{Open, assert_holds, event};
use crate::error::LogError;
use crate::event::{NewEvent, Shard};

const SEEDS: u64 = 4;
const STEPS: u64 = 150;
const SHARDS: u16 = 3;

#[derive(Default)]
struct Model {
    events: Vec<NewEvent>,
    trimmed: usize,
}

pub(super) fn random_operations_agree_with_a_model(directory: &Path, open: Open<'_>) {
    for seed in 0..SEEDS {
        let directory = directory.join(seed.to_string());
        std::fs::create_dir(&directory).unwrap();
        run(seed, &directory, open);
    }
}

fn run(seed: u64, directory: &Path, open: Open<'_>) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut models: Vec<Model> = (0..SHARDS).map(|_| Model::default()).collect();
    let mut log = open(directory);
    for step in 0..STEPS {
        let number = random.u16(0..SHARDS);
        let (shard, model) = (Shard(number), &mut models[usize::from(number)]);
        let length = model.events.len();
        match random.u8(0..10) {
            0..5 => {
                let size = random.u64(0..6);
                let new = |offset| NewEvent {
                    payload: vec![random.u8(..); random.usize(0..3000)],
                    ..event(step * 10 + offset)
                };
                let batch: Vec<_> = (0..size).map(new).collect();
                let tail = log.append(shard, to_u64(length), &batch).unwrap();
                model.events.extend(batch);
                assert_eq!(tail.sequence, to_u64(model.events.len()), "seed {seed} step {step}");
            }
            5 => {
                let wrong = length + 1 + random.usize(0..3);
                let refused = log.append(shard, to_u64(wrong), &[event(0)]);
                assert!(matches!(refused, Err(LogError::Conflict { .. })), "{refused:?}");
            }
            6..8 => {
                let from = random.usize(0..length + 3);
                let max = random.usize(1..20);
                let read = log.read(shard, to_u64(from), max);
                if from <= model.trimmed {
                    assert!(matches!(read, Err(LogError::Trimmed { .. })), "{read:?}");
                    continue;
                }
                let read: Vec<_> = read.unwrap().into_iter().map(as_new).collect();
                let expected = model.events.iter().skip(from - 1).take(max);
                assert!(read.iter().eq(expected), "seed {seed} step {step}");
            }
            8 => {
                let through = random.usize(0..=length);
                log.trim(shard, to_u64(through)).unwrap();
                model.trimmed = model.trimmed.max(through);
            }
            _ => {
                drop(log);
                log = open(directory);
            }
        }
    }
    for (shard, model) in (0..SHARDS).map(Shard).zip(&models) {
        assert_holds(&*log, shard, &model.events[model.trimmed..]);
    }
}

fn as_new(event: crate::event::Event) -> NewEvent {
    NewEvent { id: event.id, payload: event.payload }
}

fn to_u64(value: usize) -> u64 {
    u64::try_from(value).unwrap()
}
