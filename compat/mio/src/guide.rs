//! How to use the names of this crate: Ferrio's book has a chapter on coming from mio, and
//! one on getting started.
