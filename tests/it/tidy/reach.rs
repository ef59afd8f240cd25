//! What a file reaches of its own crate: every path in it, resolved from the crate's root.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, ItemExternCrate, ItemMod, ItemUse, Macro, TraitItem, UseTree, VisRestricted};

use super::File;
use super::source;

/// What a line of code reaches.
#[derive(Debug, PartialEq, Eq)]
pub enum Reached {
    /// An item below the crate's root: the first name of its path is this.
    Name(String),
    /// The root itself, under another name or as a whole, behind which anything can be reached.
    Root,
    /// Code of another file or crate, which this test cannot follow.
    Unseen(&'static str),
}

/// Everything that `file` reaches outside its tests, with the line.
pub fn reached(file: &File) -> Result<Vec<(usize, Reached)>, syn::Error> {
    let parsed = syn::parse_file(&file.text)?;
    let mut reach = Reach { module: source::module(&file.path).unwrap_or_default(), found: vec![] };
    reach.visit_file(&parsed);
    Ok(reach.found)
}

/// The full paths of all `use` declarations outside tests, with the line: `use a::{b, c::d}` is two.
pub fn imports(file: &File) -> Result<Vec<(usize, String)>, syn::Error> {
    let parsed = syn::parse_file(&file.text)?;
    let mut imports = Imports(vec![]);
    imports.visit_file(&parsed);
    Ok(imports.0)
}

struct Imports(Vec<(usize, String)>);

impl<'a> Visit<'a> for Imports {
    fn visit_item(&mut self, item: &'a Item) {
        if !source::is_test(source::attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        for leaf in leaves(&item.tree, &[]) {
            self.0.push((leaf.line, leaf.path.join("::")));
        }
    }
}

/// One path that a `use` declaration names.
struct Leaf {
    line: usize,
    path: Vec<String>,
}

fn leaves(tree: &UseTree, before: &[String]) -> Vec<Leaf> {
    let with = |word: &syn::Ident| [before, &[plain(&word.to_string())]].concat();
    match tree {
        UseTree::Path(path) => leaves(&path.tree, &with(&path.ident)),
        UseTree::Name(name) => vec![Leaf { line: line(name.span()), path: with(&name.ident) }],
        UseTree::Rename(name) => vec![Leaf { line: line(name.span()), path: with(&name.ident) }],
        UseTree::Glob(glob) => vec![Leaf { line: line(glob.span()), path: before.to_vec() }],
        UseTree::Group(group) => group.items.iter().flat_map(|tree| leaves(tree, before)).collect(),
    }
}

struct Reach {
    /// The module that is being visited, below the crate's root.
    module: Vec<String>,
    found: Vec<(usize, Reached)>,
}

impl Reach {
    /// Notes what `path` reaches, if it is one of this crate.
    fn path(&mut self, line: usize, path: &[String]) {
        let Some(absolute) = self.absolute(path) else { return };
        self.found.push((line, absolute.into_iter().next().map_or(Reached::Root, Reached::Name)));
    }

    /// The path from the crate's root; nothing for a path that begins with a name in scope or another crate.
    fn absolute(&self, path: &[String]) -> Option<Vec<String>> {
        let mut rest = path;
        let mut at = self.module.clone();
        match rest.first()?.as_str() {
            "crate" | "wharf" => {
                at.clear();
                rest = &rest[1..];
            }
            "self" | "super" => {}
            _ => return None,
        }
        while let Some(step) = rest.first().filter(|step| matches!(step.as_str(), "self" | "super")) {
            if step == "super" {
                at.pop();
            }
            rest = &rest[1..];
        }
        at.extend(rest.iter().cloned());
        Some(at)
    }

    /// Paths in tokens that are no syntax tree: what macros are given and made of, and attributes.
    fn tokens(&mut self, tokens: TokenStream, strings: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.tokens(group.stream(), strings),
                TokenTree::Ident(word) if begins(word) && !follows_path(&tokens, at) => {
                    let renamed = matches!(tokens.get(at + 1), Some(TokenTree::Ident(next)) if next == "as");
                    if is_path(&tokens, at + 1) || (word == "crate" && renamed) {
                        self.branch(&tokens, at, &[]);
                    }
                }
                TokenTree::Literal(literal) if strings => {
                    let text = literal.to_string();
                    if let Ok(path) = syn::parse_str::<syn::Path>(text.trim_matches('"')) {
                        self.path(line(literal.span()), &names(&path));
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// One path in tokens from the name at `at` on, after `before`; braces branch.
    fn branch(&mut self, tokens: &[TokenTree], at: usize, before: &[String]) {
        let mut path = before.to_vec();
        let mut at = at;
        let mut place = tokens.get(at).map_or(0, |token| line(token.span()));
        loop {
            match tokens.get(at) {
                Some(TokenTree::Ident(word)) => {
                    path.push(plain(&word.to_string()));
                    place = line(word.span());
                }
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    for part in inner.split(|token| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ',')) {
                        if !part.is_empty() {
                            self.branch(part, 0, &path);
                        }
                    }
                    return;
                }
                _ => break,
            }
            if !is_path(tokens, at + 1) {
                break;
            }
            at += 3;
        }
        self.path(place, &path);
    }
}

/// Whether a word can begin a path of this crate.
fn begins(word: &proc_macro2::Ident) -> bool {
    ["crate", "super", "self", "wharf"].iter().any(|start| word == start)
}

/// Whether `::` stands at `at`.
fn is_path(tokens: &[TokenTree], at: usize) -> bool {
    let colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(sign)) if sign.as_char() == ':');
    colon(at) && colon(at + 1)
}

/// Whether the name at `at` goes on with a path that began before it.
fn follows_path(tokens: &[TokenTree], at: usize) -> bool {
    at >= 3 && is_path(tokens, at - 2) && matches!(tokens[at - 3], TokenTree::Ident(_))
}

fn names(path: &syn::Path) -> Vec<String> {
    path.segments.iter().map(|segment| plain(&segment.ident.to_string())).collect()
}

/// A name without the mark of a raw one.
fn plain(name: &str) -> String {
    name.trim_start_matches("r#").to_owned()
}

fn line(span: proc_macro2::Span) -> usize {
    span.start().line
}

impl<'a> Visit<'a> for Reach {
    fn visit_item(&mut self, item: &'a Item) {
        if !source::is_test(source::attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'a ImplItem) {
        if !source::is_test(source::attributes_in_impl(item)) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'a TraitItem) {
        if !source::is_test(source::attributes_in_trait(item)) {
            visit::visit_trait_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &'a ItemMod) {
        self.module.push(plain(&item.ident.to_string()));
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'a ItemUse) {
        for attribute in &item.attrs {
            self.visit_attribute(attribute);
        }
        for leaf in leaves(&item.tree, &[]) {
            self.path(leaf.line, &leaf.path);
        }
    }

    fn visit_item_extern_crate(&mut self, item: &'a ItemExternCrate) {
        if item.ident == "self" || item.ident == "wharf" {
            self.found.push((line(item.span()), Reached::Root));
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        // A lone `self` is a value.
        if path.segments.len() > 1 {
            self.path(line(path.span()), &names(path));
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'a Macro) {
        self.visit_path(&called.path);
        if called.path.segments.last().is_some_and(|name| name.ident == "include") {
            self.found.push((line(called.span()), Reached::Unseen("include!")));
        }
        self.tokens(called.tokens.clone(), false);
    }

    fn visit_attribute(&mut self, attribute: &'a Attribute) {
        let path = attribute.path();
        if path.is_ident("doc") {
            return;
        }
        for (name, says) in [("path", "#[path]"), ("macro_use", "#[macro_use]"), ("macro_export", "#[macro_export]")] {
            if path.is_ident(name) {
                self.found.push((line(attribute.span()), Reached::Unseen(says)));
            }
        }
        match &attribute.meta {
            syn::Meta::Path(_) => {}
            syn::Meta::List(list) => self.tokens(list.tokens.clone(), true),
            syn::Meta::NameValue(pair) => visit::visit_expr(self, &pair.value),
        }
    }

    /// Only modules around an item can be named there.
    fn visit_vis_restricted(&mut self, _: &'a VisRestricted) {}
}
