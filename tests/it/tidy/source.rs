//! Source files as the compiler sees them: their module path, their code without tests and comments.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, TraitItem};

use super::File;

/// The path of a file's module below the crate: `src/app/page/mod.rs` is `app::page`. The roots of the
/// library and the binary have an empty path; a file outside `src/` has none.
pub fn module(path: &str) -> Option<Vec<String>> {
    let inner = path.strip_prefix("src/")?.strip_suffix(".rs")?;
    let inner = inner.strip_suffix("/mod").unwrap_or(inner);
    if matches!(inner, "lib" | "main") {
        return Some(vec![]);
    }
    Some(inner.split('/').map(str::to_owned).collect())
}

/// Whether an item with these attributes is compiled for tests only.
pub fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else { return attribute.path().is_ident("test") };
        let given: String = list.tokens.to_string().chars().filter(|c| !c.is_whitespace()).collect();
        let all = given.strip_prefix("all(").and_then(|inner| inner.strip_suffix(')')).unwrap_or(&given);
        list.path.is_ident("cfg") && !all.contains('(') && all.split(',').any(|condition| condition == "test")
    })
}

/// The attributes of an item.
pub fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The attributes of a part of an `impl`.
pub fn attributes_in_impl(item: &ImplItem) -> &[Attribute] {
    match item {
        ImplItem::Const(item) => &item.attrs,
        ImplItem::Fn(item) => &item.attrs,
        ImplItem::Macro(item) => &item.attrs,
        ImplItem::Type(item) => &item.attrs,
        _ => &[],
    }
}

/// The attributes of a part of a trait.
pub fn attributes_in_trait(item: &TraitItem) -> &[Attribute] {
    match item {
        TraitItem::Const(item) => &item.attrs,
        TraitItem::Fn(item) => &item.attrs,
        TraitItem::Macro(item) => &item.attrs,
        TraitItem::Type(item) => &item.attrs,
        _ => &[],
    }
}

/// The files that are compiled for tests only: a parent declares their module, or one around it, so.
pub fn test_files(files: &[File]) -> BTreeSet<String> {
    let mut modules = vec![];
    for file in files {
        let (Some(parent), Ok(parsed)) = (module(&file.path), syn::parse_file(&file.text)) else { continue };
        for item in &parsed.items {
            if let Item::Mod(declared) = item
                && declared.content.is_none()
                && is_test(&declared.attrs)
            {
                modules.push([parent.clone(), vec![declared.ident.to_string()]].concat());
            }
        }
    }
    let within = |path: &str| module(path).is_some_and(|own| modules.iter().any(|test| own.starts_with(test)));
    files.iter().filter(|file| within(&file.path)).map(|file| file.path.clone()).collect()
}

/// The lines of code with their numbers, without comments, string literals and items that are tests.
///
/// Spaces are only where two words would run together, so that `tokio::spawn` is found however it is written.
pub fn code(file: &File) -> Result<Vec<(usize, String)>, syn::Error> {
    let parsed = syn::parse_file(&file.text)?;
    let mut tests = TestLines(vec![]);
    tests.visit_file(&parsed);
    let mut lines = BTreeMap::new();
    flatten(file.text.parse::<TokenStream>()?, &mut lines);
    lines.retain(|line, _| !tests.0.iter().any(|range| range.contains(line)));
    Ok(lines.into_iter().collect())
}

struct TestLines(Vec<RangeInclusive<usize>>);

impl<'a> Visit<'a> for TestLines {
    fn visit_item(&mut self, item: &'a Item) {
        if is_test(attributes(item)) {
            self.0.push(item.span().start().line..=item.span().end().line);
        } else {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'a ImplItem) {
        if is_test(attributes_in_impl(item)) {
            self.0.push(item.span().start().line..=item.span().end().line);
        } else {
            visit::visit_impl_item(self, item);
        }
    }
}

fn flatten(tokens: TokenStream, lines: &mut BTreeMap<usize, String>) {
    for token in tokens {
        let line = token.span().start().line;
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    proc_macro2::Delimiter::Parenthesis => ("(", ")"),
                    proc_macro2::Delimiter::Brace => ("{", "}"),
                    proc_macro2::Delimiter::Bracket => ("[", "]"),
                    proc_macro2::Delimiter::None => ("", ""),
                };
                lines.entry(line).or_default().push_str(open);
                flatten(group.stream(), lines);
                lines.entry(group.span_close().start().line).or_default().push_str(close);
            }
            TokenTree::Ident(word) => {
                let text = lines.entry(line).or_default();
                if text.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                    text.push(' ');
                }
                text.push_str(&word.to_string());
            }
            TokenTree::Punct(sign) => lines.entry(line).or_default().push(sign.as_char()),
            TokenTree::Literal(_) => lines.entry(line).or_default().push('0'),
        }
    }
}
