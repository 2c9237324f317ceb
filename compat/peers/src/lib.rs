//! A list of versions; see `Cargo.toml`.
