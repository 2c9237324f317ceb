//! Nothing of its own: the tests of this package are Ferrio's contract suite,
//! read from `crates/ferrio-poll/tests/contract` and run against the real mio.
