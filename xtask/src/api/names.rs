//! The one name by which a type is shown, though users may reach it by several.

use std::collections::BTreeMap;

use super::crates::{Public, defined_as};

/// From the name under which a type is defined to the name for its users.
pub(super) type Names = BTreeMap<String, String>;

/// The name that stands for each type: a preferred one, else the shortest.
pub(super) fn choose(public: &[Public<'_>], preferred: &[String]) -> Names {
    let mut names = Names::new();
    for entry in public {
        let Some(defined) = defined_as(entry.found.home, &entry.found.item.id) else {
            continue;
        };
        let rank = |name: &String| (!preferred.contains(name), name.matches("::").count(), name.clone());
        let known = names.get(&defined);
        if known.is_none_or(|known| rank(&entry.path) < rank(known)) {
            names.insert(defined, entry.path.clone());
        }
    }
    names
}

/// True for a name in one of the crates that are compared.
pub(super) fn is_ours(name: &str) -> bool {
    name.starts_with("mio::") || name.starts_with("ferrio_poll::")
}
