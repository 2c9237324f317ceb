//! Values with small numbers as keys.

/// A place for each value; freed places are used first.
#[derive(Debug)]
pub struct Slab<T> {
    places: Vec<Option<T>>,
    free: Vec<usize>,
}

impl<T> Slab<T> {
    /// An empty slab.
    pub fn new() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }

    /// Puts a value in and returns its key.
    pub fn insert(&mut self, value: T) -> usize {
        if let Some(key) = self.free.pop() {
            self.places[key] = Some(value);
            return key;
        }
        self.places.push(Some(value));
        self.places.len() - 1
    }

    /// The value of `key`, if there is one.
    pub fn get_mut(&mut self, key: usize) -> Option<&mut T> {
        self.places.get_mut(key)?.as_mut()
    }

    /// Takes the value of `key` out.
    pub fn remove(&mut self, key: usize) -> Option<T> {
        let value = self.places.get_mut(key)?.take()?;
        self.free.push(key);
        Some(value)
    }

    /// How many keys there are, those without a value too: all are below it.
    pub fn keys(&self) -> usize {
        self.places.len()
    }

    /// All values with their keys.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (usize, &mut T)> {
        let places = self.places.iter_mut().enumerate();
        places.filter_map(|(key, value)| Some((key, value.as_mut()?)))
    }
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::Slab;

    #[test]
    fn a_freed_place_is_used_again() {
        let mut slab = Slab::new();
        let keys: Vec<_> = "abc".chars().map(|value| slab.insert(value)).collect();
        assert_eq!(slab.remove(keys[1]), Some('b'));
        assert_eq!(slab.remove(keys[1]), None);
        assert_eq!(slab.insert('d'), keys[1]);
        let all: String = slab.iter_mut().map(|(_, value)| *value).collect();
        assert_eq!((all.as_str(), slab.keys()), ("adc", 3));
        assert_eq!(slab.get_mut(9), None);
    }
}
