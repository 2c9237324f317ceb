//! Types and bounds as text that does not depend on how they were written.
//!
//! - Types of the crate have the name by which a user reaches them, other types
//!   the name under which they are defined.
//! - Type parameters have numbers, so their names do not matter.
//! - Lifetimes other than `'static` are left out: elision gives one signature
//!   several spellings. The borrow itself, `&` or `&mut`, stays.
//! - `io::Result<T>` is `Result<T, io::Error>`, and `Self` is the type.
//! - Bounds are a sorted list, wherever they stood.

use std::collections::BTreeMap;

use rustdoc_types::{
    AssocItemConstraintKind, Crate, FunctionSignature, GenericArg, GenericArgs, GenericBound,
    GenericParamDef, GenericParamDefKind, Generics, Path, Term, TraitBoundModifier, Type, WherePredicate,
};

use super::crates::defined_as;
use super::names::Names;

/// Writes what stands in one crate.
#[derive(Clone, Debug)]
pub(super) struct Renderer<'a> {
    /// The crate that ids belong to.
    home: &'a Crate,
    /// The names for users.
    names: &'a Names,
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
        for param in &generics.params {
            if is_written(param) {
                let number = format!("${}", inner.generics.len());
                inner.generics.insert(param.name.clone(), number);
            }
        }
        inner
    }

    /// The same in which `Self` is `type_`.
    pub(super) fn with_self(&self, type_: String) -> Self {
        let mut inner = self.clone();
        inner.generics.insert("Self".to_owned(), type_);
        inner
    }

    /// The name of an item.
    pub(super) fn path(&self, path: &Path) -> String {
        let defined = defined_as(self.home, &path.id).unwrap_or_else(|| path.path.clone());
        let args = path.args.as_deref().map(|args| self.args(args)).unwrap_or_default();
        if defined.ends_with("io::error::Result") {
            let ok = args.trim_start_matches('<').trim_end_matches('>');
            return format!("core::result::Result<{ok}, std::io::error::Error>");
        }
        let name = self.names.get(&defined).unwrap_or(&defined);
        format!("{name}{args}")
    }

    fn args(&self, args: &GenericArgs) -> String {
        match args {
            GenericArgs::AngleBracketed { args, constraints } => {
                let mut parts: Vec<String> = args.iter().filter_map(|arg| self.arg(arg)).collect();
                for constraint in constraints {
                    let right = match &constraint.binding {
                        AssocItemConstraintKind::Equality(term) => format!("= {}", self.term(term)),
                        AssocItemConstraintKind::Constraint(bounds) => {
                            format!(": {}", self.bounds(bounds).join(" + "))
                        }
                    };
                    parts.push(format!("{} {right}", constraint.name));
                }
                if parts.is_empty() { String::new() } else { format!("<{}>", parts.join(", ")) }
            }
            GenericArgs::Parenthesized { inputs, output } => {
                let inputs: Vec<String> = inputs.iter().map(|input| self.type_(input)).collect();
                format!("({}){}", inputs.join(", "), self.output(output.as_ref()))
            }
            GenericArgs::ReturnTypeNotation => "(..)".to_owned(),
        }
    }

    fn arg(&self, arg: &GenericArg) -> Option<String> {
        match arg {
            GenericArg::Lifetime(name) => (name == "'static").then(|| name.clone()),
            GenericArg::Type(type_) => Some(self.type_(type_)),
            GenericArg::Const(constant) => Some(constant.expr.clone()),
            GenericArg::Infer => Some("_".to_owned()),
        }
    }

    fn term(&self, term: &Term) -> String {
        match term {
            Term::Type(type_) => self.type_(type_),
            Term::Constant(constant) => constant.expr.clone(),
        }
    }

    /// A type.
    pub(super) fn type_(&self, type_: &Type) -> String {
        match type_ {
            Type::ResolvedPath(path) => self.path(path),
            Type::DynTrait(object) => {
                let mut traits: Vec<_> = object.traits.iter().map(|t| self.path(&t.trait_)).collect();
                traits.sort();
                format!("dyn {}", traits.join(" + "))
            }
            Type::Generic(name) => self.generics.get(name).unwrap_or(name).clone(),
            Type::Primitive(name) => name.clone(),
            Type::FunctionPointer(pointer) => {
                let mark = if pointer.header.is_unsafe { "unsafe " } else { "" };
                format!("{mark}fn{}", self.signature(&pointer.sig))
            }
            Type::Tuple(types) => {
                let types: Vec<String> = types.iter().map(|type_| self.type_(type_)).collect();
                format!("({})", types.join(", "))
            }
            Type::Slice(type_) => format!("[{}]", self.type_(type_)),
            Type::Array { type_, len } => format!("[{}; {len}]", self.type_(type_)),
            Type::Pat { type_, .. } => self.type_(type_),
            Type::ImplTrait(bounds) => format!("impl {}", self.bounds(bounds).join(" + ")),
            Type::Infer => "_".to_owned(),
            Type::RawPointer { is_mutable, type_ } => {
                format!("*{} {}", if *is_mutable { "mut" } else { "const" }, self.type_(type_))
            }
            Type::BorrowedRef { lifetime, is_mutable, type_ } => {
                let mark = if *is_mutable { "mut " } else { "" };
                let lifetime = lifetime.as_deref().filter(|name| *name == "'static");
                let lifetime = lifetime.map(|name| format!("{name} ")).unwrap_or_default();
                format!("&{lifetime}{mark}{}", self.type_(type_))
            }
            Type::QualifiedPath { name, self_type, trait_, .. } => {
                let trait_ = trait_.as_ref().map(|trait_| self.path(trait_)).unwrap_or_default();
                format!("<{} as {trait_}>::{name}", self.type_(self_type))
            }
        }
    }

    /// The types of a signature; the names of arguments do not matter.
    pub(super) fn signature(&self, signature: &FunctionSignature) -> String {
        let inputs: Vec<String> = signature.inputs.iter().map(|(_, t)| self.type_(t)).collect();
        format!("({}){}", inputs.join(", "), self.output(signature.output.as_ref()))
    }

    fn output(&self, output: Option<&Type>) -> String {
        match output {
            // `-> ()` may be written or not.
            Some(Type::Tuple(types)) if types.is_empty() => String::new(),
            Some(type_) => format!(" -> {}", self.type_(type_)),
            None => String::new(),
        }
    }

    /// The traits in `bounds`, sorted.
    pub(super) fn bounds(&self, bounds: &[GenericBound]) -> Vec<String> {
        let mut traits: Vec<String> = bounds.iter().filter_map(|bound| self.bound(bound)).collect();
        traits.sort();
        traits
    }

    fn bound(&self, bound: &GenericBound) -> Option<String> {
        match bound {
            GenericBound::TraitBound { trait_, modifier, .. } => {
                let mark = if *modifier == TraitBoundModifier::Maybe { "?" } else { "" };
                Some(format!("{mark}{}", self.path(trait_)))
            }
            GenericBound::Outlives(name) => (name == "'static").then(|| name.clone()),
            GenericBound::Use(_) => None,
        }
    }

    /// How many type parameters `generics` has, and every bound on them.
    pub(super) fn generics(&self, generics: &Generics) -> String {
        let params: Vec<String> = generics
            .params
            .iter()
            .filter(|param| is_written(param))
            .map(|param| self.generics.get(&param.name).unwrap_or(&param.name).clone())
            .collect();
        let mut bounds = Vec::new();
        for param in &generics.params {
            if let GenericParamDefKind::Type { bounds: on_param, is_synthetic: false, .. } = &param.kind {
                let name = self.generics.get(&param.name).unwrap_or(&param.name);
                bounds.extend(self.bounds(on_param).iter().map(|bound| format!("{name}: {bound}")));
            }
        }
        for predicate in &generics.where_predicates {
            if let WherePredicate::BoundPredicate { type_, bounds: on_type, .. } = predicate {
                let name = self.type_(type_);
                bounds.extend(self.bounds(on_type).iter().map(|bound| format!("{name}: {bound}")));
            }
        }
        bounds.sort();
        let params = if params.is_empty() { String::new() } else { format!("<{}>", params.join(", ")) };
        if bounds.is_empty() { params } else { format!("{params} where {}", bounds.join(", ")) }
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
