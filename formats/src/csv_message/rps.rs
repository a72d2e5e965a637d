//! RPs by their number, while their records come.

/// All RPs of a document, in the order in which they came. A number that comes again stands for the
/// latest RP that has it.
#[derive(Debug)]
pub(crate) struct Rps<T> {
    all: Vec<T>,
    /// For each number the place of its latest RP, + 1.
    latest: Vec<usize>,
}

impl<T> Default for Rps<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Rps<T> {
    pub(crate) const fn new() -> Self {
        Self { all: Vec::new(), latest: Vec::new() }
    }

    /// Forgets all, and keeps the space.
    pub(crate) fn clear(&mut self) {
        self.all.clear();
        self.latest.clear();
    }

    /// The place of the latest RP of that number, which is made if there is none.
    pub(crate) fn place(&mut self, number: u32, new: impl FnOnce() -> T) -> usize {
        let index = usize::try_from(number).unwrap_or(0);
        match self.latest.get(index) {
            Some(place) if *place != 0 => *place - 1,
            _ => self.push(number, new()),
        }
    }

    /// Adds another RP of that number.
    pub(crate) fn push(&mut self, number: u32, rp: T) -> usize {
        let index = usize::try_from(number).unwrap_or(0);
        if self.latest.len() <= index {
            self.latest.resize(index + 1, 0);
        }
        self.all.push(rp);
        if let Some(latest) = self.latest.get_mut(index) {
            *latest = self.all.len();
        }
        self.all.len() - 1
    }

    pub(crate) fn get(&self, place: usize) -> Option<&T> {
        self.all.get(place)
    }

    pub(crate) fn get_mut(&mut self, place: usize) -> Option<&mut T> {
        self.all.get_mut(place)
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.all.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.all.iter_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_for_its_latest_rp() {
        let mut rps = Rps::new();
        assert_eq!((rps.place(3, || 'a'), rps.place(1, || 'b'), rps.place(3, || 'c')), (0, 1, 0));
        assert_eq!((rps.push(3, 'd'), rps.place(3, || 'e')), (2, 2));
        assert_eq!(rps.iter().collect::<String>(), "abd");
        rps.clear();
        assert_eq!((rps.place(3, || 'f'), rps.get(0)), (0, Some(&'f')));
    }
}
