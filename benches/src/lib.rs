//! What the benches share: the demo, compiled and opened, and its requests as the engine takes them.

pub mod demo;
