//! Tables and history to a published generation.

pub mod canonical;
