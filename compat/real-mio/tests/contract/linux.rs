//! What only Linux and Android have.

#[path = "../../../../crates/ferrio-poll/tests/contract/linux/abstract_names.rs"]
mod abstract_names;
#[path = "../../../../crates/ferrio-poll/tests/contract/linux/descriptors.rs"]
mod descriptors;
