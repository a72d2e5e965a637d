//! Random choices that do not depend on the width of the machine.

/// A seeded source of choices.
#[derive(Debug)]
pub(super) struct Dice(fastrand::Rng);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// A number below a bound that is above zero.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        self.0.u32(0..bound)
    }

    /// As [`Dice::below`], for small bounds.
    pub(super) fn byte(&mut self, bound: u8) -> u8 {
        u8::try_from(self.below(bound.into())).expect("a number below a byte is a byte")
    }

    /// True in so many of a hundred cases.
    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of the entries; entries that stand twice come twice as often.
    pub(super) fn pick<'a, T>(&mut self, entries: &'a [T]) -> &'a T {
        let index = self.index(entries.len());
        entries.get(index).expect("something to choose from")
    }

    /// One of the texts, owned.
    pub(super) fn text(&mut self, entries: &[&str]) -> String {
        (*self.pick(entries)).to_owned()
    }

    /// The text in so many of a hundred cases, nothing otherwise.
    pub(super) fn maybe(&mut self, percent: u32, text: &str) -> String {
        if self.chance(percent) { text.to_owned() } else { String::new() }
    }

    pub(super) fn shuffle<T>(&mut self, entries: &mut [T]) {
        for last in (1..entries.len()).rev() {
            let other = self.index(last + 1);
            entries.swap(last, other);
        }
    }

    fn index(&mut self, length: usize) -> usize {
        let length = u32::try_from(length).expect("the lists are short");
        usize::try_from(self.below(length)).expect("a u32 is an index")
    }
}
