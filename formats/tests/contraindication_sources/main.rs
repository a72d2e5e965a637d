//! The sources of contraindications and the usage and HOT masters: the official examples, and
//! mutations of invented ones.

#[cfg(test)]
mod mutation;
#[cfg(test)]
mod official;
