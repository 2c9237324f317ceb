//! What can be said about a crate from outside, as a set of lines.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use rustdoc_types::{
    Crate, Function, Id, Impl, Item, ItemEnum, Struct, StructKind, Trait, Type, VariantKind,
};

use super::crates::{Crates, Found, Public, defined_as};
use super::names::{Names, choose, is_ours};
use super::render::Renderer;

/// Traits that are no promise to a user: the compiler's own.
const COMPILERS: &[&str] = &["core::marker::Freeze", "core::marker::UnsafeUnpin"];

/// Items, each with the facts about it.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// By item, as `mio::Poll::poll`.
    items: BTreeMap<String, BTreeSet<String>>,
    /// The names that were chosen for types: see [`choose`].
    types: Vec<String>,
}

impl Facts {
    /// The facts about the crate called `name`. If a type has several names, one
    /// of `preferred` stands for it.
    pub(super) fn of(crates: &Crates, name: &str, preferred: &[String]) -> Result<Self> {
        let public = crates.public(name)?;
        let names = choose(&public, preferred);
        let mut facts = Self { types: names.values().cloned().collect(), ..Self::default() };
        for entry in &public {
            facts.item(entry, &names);
        }
        for home in crates.all() {
            for item in home.index.values().filter(|item| item.crate_id == 0) {
                if let ItemEnum::Impl(implementation) = &item.inner {
                    facts.trait_impl(implementation, home, &names);
                }
            }
        }
        Ok(facts)
    }

    /// The names of the types.
    pub(super) fn type_names(&self) -> Vec<String> {
        self.types.clone()
    }

    /// Adds the features of the package.
    pub(super) fn add_features(&mut self, features: Vec<String>) {
        for feature in features {
            self.add(format!("feature {feature}"), "feature");
        }
    }

    /// How many facts there are.
    pub(super) fn len(&self) -> usize {
        self.items.values().map(BTreeSet::len).sum()
    }

    /// The facts that do not hold in `other`, in words.
    pub(super) fn missing_from(&self, other: &Self) -> Vec<String> {
        let mut missing = Vec::new();
        for (item, facts) in &self.items {
            let Some(others) = other.items.get(item) else {
                missing.push(format!("missing: {item}"));
                continue;
            };
            for fact in facts.difference(others) {
                let others: Vec<&str> = others.iter().map(String::as_str).collect();
                missing.push(format!("differs: {item}\n    mio:  {fact}\n    ours: {}", others.join(" | ")));
            }
        }
        missing
    }

    fn add(&mut self, item: impl Into<String>, fact: impl Into<String>) {
        self.items.entry(item.into()).or_default().insert(fact.into());
    }

    /// The facts about one item under one of its names.
    fn item(&mut self, entry: &Public<'_>, names: &Names) {
        let Public { path, found: Found { home, item } } = entry;
        let render = Renderer::new(home, names);
        match &item.inner {
            // A module that holds nothing is a page of documentation.
            ItemEnum::Module(inner) if inner.items.is_empty() => {}
            ItemEnum::Module(_) => self.add(path, "mod"),
            ItemEnum::Macro(_) => self.add(path, "macro"),
            ItemEnum::Function(function) => self.function(path, function, &render),
            ItemEnum::Constant { type_, .. } => {
                self.add(path, format!("const: {}", render.type_(type_)));
            }
            ItemEnum::Static(inner) => {
                self.add(path, format!("static: {}", render.type_(&inner.type_)));
            }
            ItemEnum::TypeAlias(alias) => {
                let render = render.with(&alias.generics);
                self.add(path, format!("type = {}", render.type_(&alias.type_)));
            }
            ItemEnum::Struct(inner) => {
                self.structure(path, inner, home, &render);
                self.inherent(path, &inner.impls, home, names);
            }
            ItemEnum::Enum(inner) => {
                let render = render.with(&inner.generics);
                self.add(path, format!("enum{}", render.generics(&inner.generics)));
                self.variants(path, &inner.variants, home, &render);
                self.inherent(path, &inner.impls, home, names);
            }
            ItemEnum::Trait(inner) => self.trait_(path, inner, home, &render),
            // A union or an extern type: mio has none, and a new kind must not
            // pass unseen.
            _ => self.add(path, format!("{:?}", item.inner.item_kind())),
        }
    }

    fn structure(&mut self, path: &str, inner: &Struct, home: &Crate, render: &Renderer<'_>) {
        let render = render.with(&inner.generics);
        self.add(path, format!("struct{}", render.generics(&inner.generics)));
        let (fields, has_private): (Vec<&Id>, bool) = match &inner.kind {
            StructKind::Unit => (Vec::new(), false),
            StructKind::Tuple(fields) => (fields.iter().flatten().collect(), fields.contains(&None)),
            StructKind::Plain { fields, has_stripped_fields } => {
                (fields.iter().collect(), *has_stripped_fields)
            }
        };
        // Only then can a user write it down or take it apart.
        if !has_private {
            self.add(path, format!("all {} fields are public", fields.len()));
        }
        self.fields(path, fields.into_iter(), home, &render);
    }

    fn trait_(&mut self, path: &str, inner: &Trait, home: &Crate, render: &Renderer<'_>) {
        let render = render.with(&inner.generics);
        let kind = if inner.is_unsafe { "unsafe trait" } else { "trait" };
        let above = render.bounds(&inner.bounds).join(" + ");
        self.add(path, format!("{kind}{}: {above}", render.generics(&inner.generics)));
        if inner.is_dyn_compatible {
            self.add(path, "can be an object");
        }
        for member in members(home, &inner.items) {
            self.member(path, member, &render);
            let requirement = if is_required(member) { "must be implemented" } else { "has a default" };
            self.add(format!("{path}::{}", name(member)), requirement);
        }
    }

    fn function(&mut self, path: &str, function: &Function, render: &Renderer<'_>) {
        let render = render.with(&function.generics);
        let header = &function.header;
        let marks = [(header.is_unsafe, "unsafe "), (header.is_async, "async ")];
        let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
        let signature = render.signature(&function.sig);
        self.add(path, format!("{marks}fn{signature}{}", render.generics(&function.generics)));
        // A fact of its own: a function may become const, not the reverse.
        if header.is_const {
            self.add(path, "const");
        }
    }

    fn fields<'a>(
        &mut self,
        path: &str,
        fields: impl Iterator<Item = &'a Id>,
        home: &Crate,
        render: &Renderer<'_>,
    ) {
        for field in fields.filter_map(|id| home.index.get(id)) {
            if let ItemEnum::StructField(type_) = &field.inner {
                self.add(format!("{path}.{}", name(field)), format!("field: {}", render.type_(type_)));
            }
        }
    }

    fn variants(&mut self, path: &str, variants: &[Id], home: &Crate, render: &Renderer<'_>) {
        for variant in members(home, variants) {
            let ItemEnum::Variant(inner) = &variant.inner else {
                continue;
            };
            let path = format!("{path}::{}", name(variant));
            self.add(&path, "variant");
            match &inner.kind {
                VariantKind::Plain => self.add(&path, "plain"),
                VariantKind::Tuple(fields) => self.fields(&path, fields.iter().flatten(), home, render),
                VariantKind::Struct { fields, .. } => self.fields(&path, fields.iter(), home, render),
            }
        }
    }

    /// What stands in the `impl` blocks of a type itself.
    fn inherent(&mut self, path: &str, impls: &[Id], home: &Crate, names: &Names) {
        for item in members(home, impls) {
            let ItemEnum::Impl(block) = &item.inner else {
                continue;
            };
            if block.trait_.is_some() {
                continue;
            }
            let render = Renderer::new(home, names).with(&block.generics);
            let render = render.with_self(render.type_(&block.for_));
            for member in members(home, &block.items) {
                self.member(path, member, &render);
                let bounds = render.generics(&block.generics);
                if !bounds.is_empty() {
                    self.add(format!("{path}::{}", name(member)), format!("in impl{bounds}"));
                }
            }
        }
    }

    /// A member of a trait or of an `impl`.
    fn member(&mut self, path: &str, member: &Item, render: &Renderer<'_>) {
        let path = format!("{path}::{}", name(member));
        match &member.inner {
            ItemEnum::Function(function) => self.function(&path, function, render),
            ItemEnum::AssocConst { type_, .. } => {
                self.add(path, format!("const: {}", render.type_(type_)));
            }
            ItemEnum::AssocType { bounds, .. } => {
                self.add(path, format!("type: {}", render.bounds(bounds).join(" + ")));
            }
            _ => {}
        }
    }

    /// That a type has a trait.
    fn trait_impl(&mut self, block: &Impl, home: &Crate, names: &Names) {
        let Some(trait_) = &block.trait_ else { return };
        let defined = defined_as(home, &trait_.id).unwrap_or_default();
        let is_private = |name: &str| is_ours(name) && !names.contains_key(name);
        let on_private =
            type_ids(&block.for_).filter_map(|id| defined_as(home, id)).any(|defined| is_private(&defined));
        let is_derived_for_all = block.blanket_impl.is_some() || block.is_negative;
        if is_derived_for_all || COMPILERS.contains(&defined.as_str()) || is_private(&defined) || on_private {
            return;
        }
        let render = Renderer::new(home, names).with(&block.generics);
        let type_ = render.type_(&block.for_);
        let item = format!("impl {} for {type_}", render.path(trait_));
        self.add(&item, format!("impl{}", render.generics(&block.generics)));
        let render = render.with_self(type_);
        for member in members(home, &block.items) {
            if let ItemEnum::AssocType { type_: Some(type_), .. } = &member.inner {
                self.add(&item, format!("type {} = {}", name(member), render.type_(type_)));
            }
        }
    }
}

fn name(item: &Item) -> &str {
    item.name.as_deref().unwrap_or_default()
}

fn members<'a>(home: &'a Crate, ids: &'a [Id]) -> impl Iterator<Item = &'a Item> {
    ids.iter().filter_map(|id| home.index.get(id))
}

/// True for a member of a trait without a default.
fn is_required(member: &Item) -> bool {
    match &member.inner {
        ItemEnum::Function(function) => !function.has_body,
        ItemEnum::AssocConst { value, .. } => value.is_none(),
        ItemEnum::AssocType { type_, .. } => type_.is_none(),
        _ => false,
    }
}

/// The named types that `type_` is or borrows.
fn type_ids(type_: &Type) -> impl Iterator<Item = &Id> {
    let mut inner = type_;
    while let Type::BorrowedRef { type_, .. } | Type::Slice(type_) = inner {
        inner = type_;
    }
    match inner {
        Type::ResolvedPath(path) => Some(&path.id),
        _ => None,
    }
    .into_iter()
}

#[cfg(test)]
mod tests {
    use super::Facts;

    fn facts(lines: &[(&str, &str)]) -> Facts {
        let mut facts = Facts::default();
        lines.iter().for_each(|(item, fact)| facts.add(*item, *fact));
        facts
    }

    const POLL: (&str, &str) = ("mio::Poll::poll", "fn(&mut mio::Poll)");
    const SEND: (&str, &str) = ("impl core::marker::Send for mio::Poll", "impl");

    #[test]
    fn the_same_facts_and_more_are_enough() {
        let more = facts(&[POLL, SEND, ("mio::Poll::wait", "fn()"), (POLL.0, "const")]);
        assert!(facts(&[POLL, SEND]).missing_from(&more).is_empty());
    }

    #[test]
    fn a_missing_item_is_named() {
        let missing = facts(&[POLL, SEND]).missing_from(&facts(&[POLL]));
        assert_eq!(missing, ["missing: impl core::marker::Send for mio::Poll"]);
    }

    #[test]
    fn another_signature_is_shown_beside_mios() {
        let missing = facts(&[POLL]).missing_from(&facts(&[(POLL.0, "fn(&mio::Poll)")]));
        assert_eq!(missing.len(), 1);
        assert!(missing[0].contains("fn(&mut mio::Poll)") && missing[0].contains("fn(&mio::Poll)"));
    }

    #[test]
    fn a_missing_feature_is_named() {
        let mut real = facts(&[POLL]);
        real.add_features(vec!["os-ext".to_owned()]);
        assert_eq!(real.missing_from(&facts(&[POLL])), ["missing: feature os-ext"]);
    }
}
