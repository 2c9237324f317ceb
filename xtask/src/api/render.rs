//! Types and bounds as text that does not depend on how they were written.
//!
//! - Types of the crate have the name by which a user reaches them, other types
//!   the name under which they are defined.
//! - Type parameters have numbers, so their names do not matter.
//! - Lifetimes other than `'static` are left out: elision gives one signature
//!   several spellings. The borrow itself, `&` or `&mut`, stays.
//! - `io::Result<T>` is `Result<T, io::Error>`, and `Self` is the type.
//! - Bounds are a sorted list, wherever they stood.
//!
//! rustdoc's JSON is read as such: what it says of a type has a few dozen kinds, and
//! all but a few can be written down in the same way.

use std::collections::BTreeMap;

use rustdoc_types::{Crate, GenericParamDef, GenericParamDefKind, Generics, Id, WherePredicate};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::api::crates::{Names, defined_as};

/// Writes what stands in one crate.
#[derive(Clone, Debug)]
pub(super) struct Renderer<'a> {
    /// The crate that ids belong to.
    pub(super) home: &'a Crate,
    /// The names for users.
    pub(super) names: &'a Names,
    /// The type parameters in reach, each with its number.
    generics: BTreeMap<String, String>,
}

impl<'a> Renderer<'a> {
    /// A renderer without type parameters.
    pub(super) fn new(home: &'a Crate, names: &'a Names) -> Self {
        Self { home, names, generics: BTreeMap::new() }
    }

    /// The same with the parameters of `generics` in reach.
    pub(super) fn with(&self, generics: &Generics) -> Self {
        let mut inner = self.clone();
        for param in generics.params.iter().filter(|param| is_written(param)) {
            let number = format!("${}", inner.generics.len());
            inner.generics.insert(param.name.clone(), number);
        }
        inner
    }

    /// The same in which `Self` is `type_`.
    pub(super) fn with_self(&self, type_: String) -> Self {
        let mut inner = self.clone();
        inner.generics.insert("Self".to_owned(), type_);
        inner
    }

    /// How many type parameters `generics` has, and every bound on them.
    pub(super) fn generics(&self, generics: &Generics) -> String {
        let name = |param: &GenericParamDef| self.generics.get(&param.name).unwrap_or(&param.name).clone();
        let params = generics.params.iter().filter(|param| is_written(param)).map(name);
        let mut bounds = Vec::new();
        for param in generics.params.iter().filter(|param| is_written(param)) {
            if let GenericParamDefKind::Type { bounds: on_param, .. } = &param.kind {
                bounds.extend(on_param.iter().map(|bound| format!("{}: {}", name(param), self.text(bound))));
            }
        }
        for predicate in &generics.where_predicates {
            if let WherePredicate::BoundPredicate { type_, bounds: on_type, .. } = predicate {
                let type_ = self.text(type_);
                bounds.extend(on_type.iter().map(|bound| format!("{type_}: {}", self.text(bound))));
            }
        }
        // A bound by a lifetime has no text.
        bounds.retain(|bound| !bound.ends_with(": "));
        bounds.sort();
        let params: Vec<String> = params.collect();
        let params = if params.is_empty() { String::new() } else { format!("<{}>", params.join(", ")) };
        if bounds.is_empty() { params } else { format!("{params} where {}", bounds.join(", ")) }
    }

    /// A type, a path, a bound or a list of them.
    pub(super) fn text(&self, part: &impl Serialize) -> String {
        self.value(&serde_json::to_value(part).expect("rustdoc's types are made for JSON"))
    }

    fn value(&self, value: &Value) -> String {
        match value {
            Value::Null | Value::Bool(false) => String::new(),
            Value::String(text) => text.clone(),
            Value::Array(parts) => self.list(parts).join(", "),
            Value::Object(map) => self.object(map),
            other => other.to_string(),
        }
    }

    fn list(&self, parts: &[Value]) -> Vec<String> {
        parts.iter().map(|part| self.value(part)).filter(|text| !text.is_empty()).collect()
    }

    fn object(&self, map: &Map<String, Value>) -> String {
        if let (Some(id), Some(args)) = (map.get("id").and_then(Value::as_u64), map.get("args")) {
            return self.path(id, &self.value(&map["path"]), &self.value(args));
        }
        let inside = || map.values().next().map(|inner| self.value(inner)).unwrap_or_default();
        let only = if map.len() == 1 { map.keys().next().map_or("", String::as_str) } else { "" };
        match only {
            "generic" => self.generics.get(&inside()).cloned().unwrap_or_else(inside),
            "tuple" | "slice" => format!("{only}({})", inside()),
            "lifetime" | "outlives" => Some(inside()).filter(|name| name == "'static").unwrap_or_default(),
            "use" => String::new(),
            "primitive" | "resolved_path" | "type" | "angle_bracketed" | "trait_bound" => inside(),
            "" => map.iter().filter_map(|(key, value)| self.field(key, value)).collect::<Vec<_>>().join(", "),
            _ => format!("{only}({})", inside()),
        }
    }

    /// A field of an object, unless it does not matter or says nothing.
    fn field(&self, key: &str, value: &Value) -> Option<String> {
        let text = match (key, value) {
            // The names of arguments do not matter.
            ("inputs", Value::Array(inputs)) => {
                let types = inputs.iter().map(|input| input.get(1).unwrap_or(input));
                types.map(|input| self.value(input)).collect::<Vec<_>>().join(", ")
            }
            ("bounds" | "traits", Value::Array(bounds)) => {
                let mut bounds = self.list(bounds);
                bounds.sort();
                bounds.join(" + ")
            }
            ("lifetime", Value::String(name)) if name != "'static" => return None,
            ("generic_params", _) => return None,
            (_, Value::Bool(true)) => return Some(key.to_owned()),
            _ => self.value(value),
        };
        let is_nothing = text.is_empty() || text == "none" || (key == "output" && text == "tuple()");
        (!is_nothing)
            .then(|| if matches!(key, "args" | "type" | "trait") { text } else { format!("{key}: {text}") })
    }

    /// The name of an item, with its arguments.
    fn path(&self, id: u64, written: &str, args: &str) -> String {
        let defined = u32::try_from(id).ok().and_then(|id| defined_as(self.home, &Id(id)));
        let defined = defined.unwrap_or_else(|| written.to_owned());
        if defined.ends_with("io::error::Result") {
            return format!("core::result::Result<{args}, std::io::error::Error>");
        }
        let name = self.names.get(&defined).unwrap_or(&defined);
        if args.is_empty() { name.clone() } else { format!("{name}<{args}>") }
    }
}

/// True for a type or const parameter that a user can name; `impl Trait` as an
/// argument makes one that nobody can.
fn is_written(param: &GenericParamDef) -> bool {
    match &param.kind {
        GenericParamDefKind::Lifetime { .. } => false,
        GenericParamDefKind::Type { is_synthetic, .. } => !is_synthetic,
        GenericParamDefKind::Const { .. } => true,
    }
}

#[cfg(test)]
mod tests {
    use rustdoc_types::{Crate, Id, Path, Type};
    use serde_json::json;

    use super::{Names, Renderer};

    #[test]
    fn what_matters_to_a_user_is_told_apart_and_lifetimes_are_not() {
        let home = json!({
            "root": 0, "crate_version": null, "includes_private": false, "index": {}, "paths": {},
            "external_crates": {}, "target": { "triple": "", "target_features": [] }, "format_version": 57,
        });
        let home: Crate = serde_json::from_value(home).expect("as rustdoc says it");
        let names = Names::new();
        let text = |lifetime: &str, is_mutable: bool, name: &str| {
            let path = Type::ResolvedPath(Path { path: name.to_owned(), id: Id(1), args: None });
            let lifetime = Some(lifetime.to_owned());
            let type_ = Type::BorrowedRef { lifetime, is_mutable, type_: Box::new(path) };
            Renderer::new(&home, &names).text(&type_)
        };
        assert_eq!(text("'a", true, "mio::Poll"), "borrowed_ref(is_mutable, mio::Poll)");
        assert_eq!(text("'a", true, "mio::Poll"), text("'b", true, "mio::Poll"));
        for (lifetime, is_mutable, name) in [("'static", true, "P"), ("'a", false, "P"), ("'a", true, "Q")] {
            assert_ne!(text(lifetime, is_mutable, name), text("'a", true, "P"));
        }
    }
}
