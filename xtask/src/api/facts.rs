//! What can be said about a crate from outside, as a set of lines.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use rustdoc_types::{Crate, Function, Id, Impl, Item, ItemEnum, StructKind, Type, VariantKind};

use crate::api::crates::{Crates, Names, Public, choose, defined_as, is_ours};
use crate::api::render::Renderer;

/// Traits that are no promise to a user: the compiler's own.
const COMPILERS: &[&str] = &["core::marker::Freeze", "core::marker::UnsafeUnpin"];

/// Items, each with the facts about it.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// By item, as `mio::Poll::poll`.
    items: BTreeMap<String, BTreeSet<String>>,
    /// The names that were chosen for types: see [`choose`].
    pub(super) types: Vec<String>,
}

impl Facts {
    /// The facts about the crate called `name`. If a type has several names, one
    /// of `preferred` stands for it.
    pub(super) fn of(crates: &Crates, name: &str, preferred: &[String]) -> Result<Self> {
        let public = crates.public(name)?;
        let names = choose(&public, preferred);
        let mut facts = Self { types: names.values().cloned().collect(), ..Self::default() };
        for Public { path, found } in &public {
            facts.item(path, found.item, &Renderer::new(found.home, &names));
        }
        for home in crates.all() {
            for item in home.index.values().filter(|item| item.crate_id == 0) {
                if let ItemEnum::Impl(block) = &item.inner {
                    facts.trait_impl(block, home, &names);
                }
            }
        }
        Ok(facts)
    }

    /// Adds the features of the package.
    pub(super) fn add_features(&mut self, features: Vec<String>) {
        features.iter().for_each(|feature| self.add(&format!("feature {feature}"), "feature"));
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

    fn add(&mut self, item: &str, fact: impl Into<String>) {
        self.items.entry(item.to_owned()).or_default().insert(fact.into());
    }

    /// The facts about one item under one of its names, and about what it holds.
    fn item(&mut self, path: &str, item: &Item, render: &Renderer<'_>) {
        match &item.inner {
            // A module that holds nothing is a page of documentation.
            ItemEnum::Module(inner) if inner.items.is_empty() => {}
            ItemEnum::Module(_) => self.add(path, "mod"),
            ItemEnum::Macro(_) => self.add(path, "macro"),
            ItemEnum::Function(function) => self.function(path, function, render),
            ItemEnum::Constant { type_, .. } | ItemEnum::AssocConst { type_, .. } => {
                self.add(path, format!("const: {}", render.text(type_)));
            }
            ItemEnum::StructField(type_) => self.add(path, format!("field: {}", render.text(type_))),
            ItemEnum::AssocType { bounds, .. } => self.add(path, format!("type: {}", render.text(bounds))),
            ItemEnum::TypeAlias(alias) => {
                self.add(path, format!("type = {}", render.with(&alias.generics).text(&alias.type_)));
            }
            ItemEnum::Struct(inner) => {
                let render = render.with(&inner.generics);
                self.add(path, format!("struct{}", render.generics(&inner.generics)));
                let (fields, is_whole) = match &inner.kind {
                    StructKind::Unit => (Vec::new(), true),
                    StructKind::Tuple(all) => (all.iter().flatten().copied().collect(), !all.contains(&None)),
                    StructKind::Plain { fields, has_stripped_fields } => {
                        (fields.clone(), !has_stripped_fields)
                    }
                };
                // Only then can a user write it down or take it apart.
                if is_whole {
                    self.add(path, format!("all {} fields are public", fields.len()));
                }
                self.members(path, &fields, &render);
                self.inherent(path, &inner.impls, &render);
            }
            ItemEnum::Enum(inner) => {
                let render = render.with(&inner.generics);
                self.add(path, format!("enum{}", render.generics(&inner.generics)));
                self.members(path, &inner.variants, &render);
                self.inherent(path, &inner.impls, &render);
            }
            ItemEnum::Variant(inner) => match &inner.kind {
                VariantKind::Plain => self.add(path, "plain variant"),
                VariantKind::Tuple(fields) => {
                    self.add(path, "variant");
                    let fields: Vec<Id> = fields.iter().flatten().copied().collect();
                    self.members(path, &fields, render);
                }
                VariantKind::Struct { fields, .. } => {
                    self.add(path, "variant");
                    self.members(path, fields, render);
                }
            },
            ItemEnum::Trait(inner) => {
                let render = render.with(&inner.generics);
                let kind = if inner.is_unsafe { "unsafe trait" } else { "trait" };
                let (generics, above) = (render.generics(&inner.generics), render.text(&inner.bounds));
                self.add(path, format!("{kind}{generics}: {above}"));
                if inner.is_dyn_compatible {
                    self.add(path, "can be an object");
                }
                self.members(path, &inner.items, &render);
                for member in held(render.home, &inner.items) {
                    let fact = if is_required(member) { "must be implemented" } else { "has a default" };
                    self.add(&format!("{path}::{}", name(member)), fact);
                }
            }
            // A static, a union, an extern type: mio has none, and a new kind must not
            // pass unseen.
            _ => self.add(path, format!("{:?}", item.inner.item_kind())),
        }
    }

    fn members(&mut self, path: &str, ids: &[Id], render: &Renderer<'_>) {
        for member in held(render.home, ids) {
            self.item(&format!("{path}::{}", name(member)), member, render);
        }
    }

    fn function(&mut self, path: &str, function: &Function, render: &Renderer<'_>) {
        let render = render.with(&function.generics);
        let header = &function.header;
        let marks = [(header.is_unsafe, "unsafe "), (header.is_async, "async ")];
        let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
        let (signature, generics) = (render.text(&function.sig), render.generics(&function.generics));
        self.add(path, format!("{marks}fn({signature}){generics}"));
        // A fact of its own: a function may become const, not the reverse.
        if header.is_const {
            self.add(path, "const");
        }
    }

    /// What stands in the `impl` blocks of a type itself.
    fn inherent(&mut self, path: &str, impls: &[Id], render: &Renderer<'_>) {
        for item in held(render.home, impls) {
            let ItemEnum::Impl(block) = &item.inner else { continue };
            if block.trait_.is_some() {
                continue;
            }
            let render = Renderer::new(render.home, render.names).with(&block.generics);
            let render = render.with_self(render.text(&block.for_));
            self.members(path, &block.items, &render);
            let bounds = render.generics(&block.generics);
            for member in held(render.home, &block.items).filter(|_| !bounds.is_empty()) {
                self.add(&format!("{path}::{}", name(member)), format!("in impl{bounds}"));
            }
        }
    }

    /// That a type has a trait.
    fn trait_impl(&mut self, block: &Impl, home: &Crate, names: &Names) {
        let Some(trait_) = &block.trait_ else { return };
        let defined = defined_as(home, &trait_.id).unwrap_or_default();
        let is_private = |name: &str| is_ours(name) && !names.contains_key(name);
        let on_private =
            type_id(&block.for_).and_then(|id| defined_as(home, id)).is_some_and(|name| is_private(&name));
        let is_derived_for_all = block.blanket_impl.is_some() || block.is_negative;
        if is_derived_for_all || COMPILERS.contains(&defined.as_str()) || is_private(&defined) || on_private {
            return;
        }
        let render = Renderer::new(home, names).with(&block.generics);
        let type_ = render.text(&block.for_);
        let item = format!("impl {} for {type_}", render.text(trait_));
        self.add(&item, format!("impl{}", render.generics(&block.generics)));
        let render = render.with_self(type_);
        for member in held(home, &block.items) {
            if let ItemEnum::AssocType { type_: Some(type_), .. } = &member.inner {
                self.add(&item, format!("type {} = {}", name(member), render.text(type_)));
            }
        }
    }
}

fn name(item: &Item) -> &str {
    item.name.as_deref().unwrap_or_default()
}

fn held<'a>(home: &'a Crate, ids: &'a [Id]) -> impl Iterator<Item = &'a Item> {
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

/// The named type that `type_` is or borrows.
fn type_id(mut type_: &Type) -> Option<&Id> {
    while let Type::BorrowedRef { type_: inner, .. } | Type::Slice(inner) = type_ {
        type_ = inner;
    }
    if let Type::ResolvedPath(path) = type_ { Some(&path.id) } else { None }
}

#[cfg(test)]
mod tests {
    use super::Facts;

    #[test]
    fn what_is_missing_or_differs_is_named_and_more_is_welcome() {
        let facts = |lines: &[(&str, &str)]| {
            let mut facts = Facts::default();
            lines.iter().for_each(|(item, fact)| facts.add(item, *fact));
            facts
        };
        let mut mio = facts(&[("mio::Poll::poll", "fn(&mut mio::Poll)")]);
        mio.add_features(vec!["os-ext".to_owned()]);
        let ours = facts(&[("mio::Poll::poll", "fn(&mio::Poll)"), ("mio::Poll::wait", "fn()")]);
        let missing = mio.missing_from(&ours);
        assert_eq!(missing[0], "missing: feature os-ext");
        assert_eq!(
            missing[1],
            "differs: mio::Poll::poll\n    mio:  fn(&mut mio::Poll)\n    ours: fn(&mio::Poll)"
        );
        assert_eq!(ours.missing_from(&ours), Vec::<String>::new());
    }
}
