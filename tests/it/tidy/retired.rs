//! Names that have been replaced by better ones, and must not come back.

use proc_macro2::{Ident, Span};
use syn::visit::{self, Visit};
use syn::{
    Field, FnArg, ImplItem, Item, ItemEnum, ItemFn, ItemImpl, ItemMacro, ItemMod, ItemStruct, ItemTrait, TraitItem,
    Type, UseRename, Variant,
};

use super::{File, all, clean};

/// Retired names: the beginning of a path (a room, a folder or a file), and the name that nothing below it is
/// declared by any more.
///
/// - `Wish`: a type, function, constant, module, field, variant or alias of that name.
/// - `Owner::name`: only that of a type, an enum, a trait or a module (as the last part of its path).
/// - `notes.rs`: a file of that name, or the folder of the same module.
///
/// Names that are used, such as those of other crates, comments and strings do not count.
#[rustfmt::skip]
const RETIRED: &[(&str, &str)] = &[
    ("src/fleet", "Ask"),
    ("src/fleet", "About"),
    ("src/fleet", "Answer"),
    ("src/fleet", "Facts"),
    ("src/fleet", "Which"),
    ("src/fleet", "Lane"),
    ("src/fleet", "ask.rs"),
    ("src/fleet", "known.rs"),
    ("src/fleet", "Entry"),
    ("src/fleet", "Look"),
    ("src/fleet", "Extent"),
    ("src/fleet", "Fleet::merge"),
    ("src/fleet", "Stock"),
    ("src/fleet", "Held"),
    ("src/fleet", "Copied"),
    ("src/fleet", "Run"),
    ("src/fleet", "Asked"),
    ("src/fleet", "Stands"),
    ("src/fleet", "Shelf"),
    ("src/fleet", "stock.rs"),
    ("src/fleet", "stands.rs"),
    ("src/fleet", "uses.rs"),
    ("src/fleet", "Home"),
    ("src/fleet", "home.rs"),
    ("src/fleet", "Place"),
    ("src/fleet", "Places"),
    ("src/fleet", "By"),
    ("src/fleet", "Given"),
    ("src/fleet", "place"),
    ("src/fleet", "Clock"),
    ("src/fleet", "Around"),
    ("src/fleet", "Case"),
    ("src/fleet", "Said"),
    ("src/fleet", "habit"),
    ("src/fleet", "deaths"),
    ("src/fleet", "Verdict"),
    ("src/fleet", "judge.rs"),
    ("src/fleet", "deaths.rs"),
    ("src/fleet", "stirred"),
    ("src/fleet", "unsettled"),
    ("src/fleet", "together"),
    ("src/plan", "Wish"),
    ("src/plan", "Wanted"),
    ("src/plan", "Bounds"),
    ("src/plan", "draft.rs"),
    ("src/plan/build.rs", "draft"),
    ("src/plan", "spell"),
    ("src/plan", "spell_back"),
    ("src/plan", "Spelt"),
    ("src/plan", "Seen"),
    ("src/plan", "Known"),
    ("src/plan", "notes.rs"),
    ("src/plan", "Note"),
    ("src/plan", "Caution"),
    ("src/plan/warnings.rs", "says"),
    ("src/plan", "pace.rs"),
    ("src/plan", "pace"),
    ("src/plan", "drinks"),
    ("src/plan", "owner.rs"),
    ("src/plan", "entry.rs"),
    ("src/plan", "Line"),
    ("src/plan/journal_entry.rs", "Ending"),
    ("src/plan", "Untouched"),
    ("src/plan/journal_entry.rs", "Already"),
    ("src/plan", "Settled"),
    ("src/plan", "Walk"),
    ("src/plan", "walk.rs"),
    ("src/plan", "judge.rs"),
    ("src/plan", "seek.rs"),
    ("src/plan", "relied_on"),
    ("src/plan", "shows"),
    ("src/plan/execution/verify.rs", "shown"),
    ("src/plan", "recalls"),
    ("src/plan", "Sought"),
    ("src/plan", "blind"),
    ("src/plan", "told"),
    ("src/plan", "News"),
    ("src/plan", "Part"),
    ("src/plan", "leave"),
    ("src/plan", "halt"),
    ("src/plan", "abandon"),
    ("src/plan", "Operation"),
    ("src/plan", "Guard"),
    ("src/app", "Wish"),
    ("src/app", "Topic"),
    ("src/app", "wishes"),
    ("src/app", "question"),
    ("src/app", "wishes.rs"),
    ("src/app", "focus.rs"),
    ("src/app", "Focus"),
    ("src/app", "feeds::Kind"),
    ("src/app", "alone"),
    ("src/app", "witnessed"),
    ("src/app", "want"),
    ("src/app", "resting"),
    ("src/app", "board.rs"),
    ("src/app", "Board"),
    ("src/app", "stocks.rs"),
    ("src/app", "Stocks"),
    ("src/app", "troubles.rs"),
    ("src/app", "Troubles"),
    ("src/app", "when.rs"),
    ("src/app", "outdated.rs"),
    ("src/app", "listing.rs"),
    ("src/app", "settle"),
    ("src/app", "widen"),
    ("src/app", "Hold"),
    ("src/app", "Loose"),
    ("src/app", "Still"),
    ("src/app", "gist.rs"),
    ("src/app", "spelt.rs"),
    ("src/app", "held.rs"),
    ("src/app", "sift.rs"),
    ("src/app", "Voice"),
    ("src/app", "Outlet"),
    ("src/app", "Outlets"),
    ("src/app", "outlets.rs"),
    ("src/app", "Pull"),
    ("src/app", "Reach"),
    ("src/app", "Place"),
    ("src/app", "Chain"),
    ("src/app", "chain.rs"),
    ("src/app", "others.rs"),
    ("src/app", "shun"),
    ("src/app", "back.rs"),
    ("src/app", "Whose"),
    ("src/app", "Voices"),
    ("src/app", "voices.rs"),
    ("src/app", "Sheet"),
    ("src/app", "Mark"),
    ("src/app", "meet"),
    ("src/app", "answers.rs"),
    ("src/app", "obey"),
    ("src/app", "typing.rs"),
    ("src/app", "marks.rs"),
    ("src/app", "propose.rs"),
    ("src/app", "Taken"),
    ("src/app", "CutShort"),
    ("src/app", "Kept"),
    ("src/app", "Witnessed"),
    ("src/app", "Drawn"),
    ("src/app", "wants_quiet"),
    ("src/app", "About"),
    ("src/app/command", "short"),
    ("src/app", "Layer"),
    ("src/app", "Found"),
    ("src/app", "lay"),
    ("src/app", "careless"),
    ("src/app", "unreachable"),
    ("src/app/chord.rs", "Held"),
    ("src/view", "news.rs"),
    ("src/view", "offers.rs"),
    ("src/view", "strip.rs"),
    ("src/view", "parts.rs"),
    ("src/view", "give_way"),
    ("src/view", "place.rs"),
    ("src/view", "prompt.rs"),
    ("src/aws", "Seat"),
    ("src/aws", "seat.rs"),
    ("src/aws", "Whom"),
    ("src/aws", "turns.rs"),
    ("src/aws", "Turns"),
    ("src/aws", "Pool"),
    ("src/aws", "Slot"),
    ("src/aws", "guard.rs"),
    ("src/aws", "Call"),
    ("src/aws", "odd"),
    ("src/aws", "told"),
    ("src/aws", "roster"),
    ("src/aws", "look"),
    ("src/aws", "history"),
    ("src/aws", "crowd"),
    ("src/aws", "Inside"),
    ("src/aws", "Wanted"),
    ("src/aws", "Wiring"),
    ("src/aws", "Surroundings"),
    ("src/journal.rs", "Shelf"),
    ("src/journal.rs", "Book"),
    ("src/journal.rs", "Books"),
    ("src/journal.rs", "Pages"),
    ("src/journal.rs", "Log"),
    ("src/journal.rs", "Found"),
    ("src/journal.rs", "Closed"),
    ("src/", "perform.rs"),
    ("src/", "perform"),
    ("src/", "Drive"),
    ("src/", "Errand"),
    ("src/", "Told"),
    ("src/executor.rs", "Steer"),
    ("src/", "wheels"),
    ("src/", "look_back"),
    ("src/", "Loop"),
    ("src/", "lap"),
    ("src/headless", "Surface"),
    ("src/headless", "Means"),
    ("src/headless", "Not"),
    ("src/headless", "gather"),
    ("src/headless", "gather.rs"),
    ("src/headless", "Depth"),
    ("src/headless", "Meant"),
    ("src/headless", "meant.rs"),
    ("src/headless", "patience.rs"),
    ("src/headless", "pen.rs"),
    ("src/headless", "says.rs"),
    ("src/headless", "held.rs"),
    ("src/headless", "Held"),
    ("src/headless", "Turn"),
    ("src/headless", "place_anew"),
    ("src/", "start.rs"),
    ("src/", "carry_out"),
    ("src/", "quiet_panics"),
    ("src/", "rehearsed"),
    ("src/", "misunderstood"),
    ("src/cli.rs", "wrong"),
    ("src/args", "Word"),
    ("src/args", "Line"),
    ("src/args", "Everywhere"),
    ("src/args", "Manner"),
    ("src/args", "Rehearsal"),
    ("src/demo", "grow.rs"),
    ("src/demo", "Flaw"),
    ("src/demo", "spoil"),
    ("src/demo", "Agents"),
    ("src/demo", "talk.rs"),
    ("src/demo", "scene.rs"),
    ("src/demo", "acts.rs"),
    ("src/demo", "shelves.rs"),
    ("src/demo", "words.rs"),
];

#[test]
fn retired_names_do_not_come_back() {
    clean(&all(["src", "tests"]), |file| retired(file, RETIRED));
}

/// What `file` declares by a retired name, or is named itself.
fn retired(file: &File, names: &[(&str, &str)]) -> Vec<String> {
    let names: Vec<&str> =
        names.iter().filter(|(start, _)| file.path.starts_with(start)).map(|(_, name)| *name).collect();
    let Some(module) = file.path.strip_suffix(".rs").filter(|_| !names.is_empty()) else { return vec![] };
    let mut found = vec![];
    for name in &names {
        if let Some(stem) = name.strip_suffix(".rs")
            && module.split('/').skip(1).any(|part| part == stem)
        {
            found.push(format!("{}:1: the file name `{name}` is retired: {ADVICE}", file.path));
        }
    }
    let parsed = match syn::parse_file(&file.text) {
        Ok(parsed) => parsed,
        Err(error) => return vec![super::unreadable(file, &error)],
    };
    let stem = module.strip_suffix("/mod").unwrap_or(module).rsplit('/').next().unwrap_or_default();
    let mut declared = Declared { owners: vec![stem.to_owned()], found: vec![] };
    declared.visit_file(&parsed);
    for (line, owner, name) in declared.found {
        let owned = format!("{owner}::{name}");
        if names.iter().any(|retired| *retired == name || *retired == owned) {
            found.push(format!("{}:{line}: the name `{owned}` is retired: {ADVICE}", file.path));
        }
    }
    found
}

const ADVICE: &str = "use the name that replaced it";

/// Every declaration of a file: its line, what it belongs to, its name.
struct Declared {
    owners: Vec<String>,
    found: Vec<(usize, String, String)>,
}

impl Declared {
    fn add(&mut self, name: &Ident) {
        let owner = self.owners.last().cloned().unwrap_or_default();
        self.found.push((Span::start(&name.span()).line, owner, name.to_string()));
    }

    fn within(&mut self, owner: &Ident, visit: impl FnOnce(&mut Self)) {
        self.owners.push(owner.to_string());
        visit(self);
        self.owners.pop();
    }
}

impl<'a> Visit<'a> for Declared {
    fn visit_item(&mut self, item: &'a Item) {
        match item {
            Item::Const(item) => self.add(&item.ident),
            Item::Static(item) => self.add(&item.ident),
            Item::Type(item) => self.add(&item.ident),
            Item::TraitAlias(item) => self.add(&item.ident),
            Item::Union(item) => self.add(&item.ident),
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_item_fn(&mut self, item: &'a ItemFn) {
        self.add(&item.sig.ident);
        visit::visit_item_fn(self, item);
    }

    fn visit_item_macro(&mut self, item: &'a ItemMacro) {
        if let Some(name) = &item.ident {
            self.add(name);
        }
    }

    fn visit_item_mod(&mut self, item: &'a ItemMod) {
        self.add(&item.ident);
        self.within(&item.ident, |this| visit::visit_item_mod(this, item));
    }

    fn visit_item_struct(&mut self, item: &'a ItemStruct) {
        self.add(&item.ident);
        self.within(&item.ident, |this| visit::visit_item_struct(this, item));
    }

    fn visit_item_enum(&mut self, item: &'a ItemEnum) {
        self.add(&item.ident);
        self.within(&item.ident, |this| visit::visit_item_enum(this, item));
    }

    fn visit_item_trait(&mut self, item: &'a ItemTrait) {
        self.add(&item.ident);
        self.within(&item.ident, |this| visit::visit_item_trait(this, item));
    }

    fn visit_item_impl(&mut self, item: &'a ItemImpl) {
        match &*item.self_ty {
            Type::Path(path) => match path.path.segments.last() {
                Some(owner) => self.within(&owner.ident, |this| visit::visit_item_impl(this, item)),
                None => visit::visit_item_impl(self, item),
            },
            _ => visit::visit_item_impl(self, item),
        }
    }

    fn visit_impl_item(&mut self, item: &'a ImplItem) {
        match item {
            ImplItem::Const(item) => self.add(&item.ident),
            ImplItem::Fn(item) => self.add(&item.sig.ident),
            ImplItem::Type(item) => self.add(&item.ident),
            _ => {}
        }
        visit::visit_impl_item(self, item);
    }

    fn visit_trait_item(&mut self, item: &'a TraitItem) {
        match item {
            TraitItem::Const(item) => self.add(&item.ident),
            TraitItem::Fn(item) => self.add(&item.sig.ident),
            TraitItem::Type(item) => self.add(&item.ident),
            _ => {}
        }
        visit::visit_trait_item(self, item);
    }

    fn visit_variant(&mut self, item: &'a Variant) {
        self.add(&item.ident);
        self.within(&item.ident, |this| visit::visit_variant(this, item));
    }

    fn visit_field(&mut self, field: &'a Field) {
        if let Some(name) = &field.ident {
            self.add(name);
        }
        visit::visit_field(self, field);
    }

    fn visit_use_rename(&mut self, renamed: &'a UseRename) {
        self.add(&renamed.rename);
    }

    // What a function is given has its own name in every function.
    fn visit_fn_arg(&mut self, _: &'a FnArg) {}
}

const PLANTED: &[(&str, &str)] = &[
    ("src/plan/", "Wish"),
    ("src/plan/", "notes.rs"),
    ("src/plan/", "spell"),
    ("src/plan/", "PATIENCE"),
    ("src/plan/", "wanted"),
    ("src/plan/", "Line::entry"),
    ("src/plan/", "Order::Call"),
    ("src/plan/", "keys::obey"),
    ("src/plan/draft.rs", "draft"),
];

#[test]
fn a_retired_name_is_found_wherever_it_is_declared() {
    let planted = [
        ("src/plan/proposal.rs", "\n\npub struct Wish;", 3),
        ("src/plan/proposal.rs", "enum Wish {}", 1),
        ("src/plan/proposal.rs", "type Wish = u8;", 1),
        ("src/plan/proposal.rs", "trait Wish {}", 1),
        ("src/plan/proposal.rs", "use crate::fleet::{\n    Change as Wish,\n};", 2),
        ("src/plan/proposal.rs", "macro_rules! spell { () => {} }", 1),
        ("src/plan/proposal.rs", "fn f() {\n    fn spell() {}\n}", 2),
        ("src/plan/proposal.rs", "impl Plan { fn spell(&self) {} }", 1),
        ("src/plan/proposal.rs", "trait Words { fn spell(&self); }", 1),
        ("src/plan/proposal.rs", "#[cfg(test)]\nmod tests {\n    fn spell() {}\n}", 3),
        ("src/plan/proposal.rs", "const PATIENCE: u8 = 1;", 1),
        ("src/plan/proposal.rs", "struct Change {\n    wanted: u8,\n}", 2),
        ("src/plan/proposal.rs", "enum Change {\n    Count { wanted: u8 },\n}", 2),
        ("src/plan/proposal.rs", "mod spell;", 1),
        ("src/plan/proposal.rs", "struct Line { entry: u8 }", 1),
        ("src/plan/proposal.rs", "impl Line { fn entry(&self) {} }", 1),
        ("src/plan/proposal.rs", "enum Order {\n    Read,\n    Call(u8),\n}", 3),
        ("src/plan/keys.rs", "fn obey() {}", 1),
        ("src/plan/keys/mod.rs", "fn obey() {}", 1),
        ("src/plan/other.rs", "mod keys { fn obey() {} }", 1),
        ("src/plan/notes.rs", "fn kept() {}", 1),
        ("src/plan/notes/mod.rs", "fn kept() {}", 1),
        ("src/plan/notes/part.rs", "fn kept() {}", 1),
        ("src/plan/draft.rs", "fn draft() {}", 1),
    ];
    for (path, text, line) in planted {
        let found = retired(&File { path: path.to_owned(), text: text.to_owned() }, PLANTED);
        let says = format!("{path}:{line}: ");
        let one = matches!(found.as_slice(), [one] if one.starts_with(&says) && one.ends_with(ADVICE));
        assert!(one, "{text}: {found:?}");
    }
}

#[test]
fn other_crates_names_comments_and_strings_are_not_retired() {
    let legal = [
        ("src/plan/proposal.rs", "use other::Wish;\nfn f(wish: Wish) -> other::Wish { Wish::spell(wish) }"),
        ("src/plan/proposal.rs", "//! Wish, spell, PATIENCE.\n// struct Wish;\nconst S: &str = \"struct Wish;\";"),
        ("src/plan/proposal.rs", "fn f(wanted: u8) { let spell = wanted; other::spell(spell); }"),
        ("src/plan/proposal.rs", "struct Record { entry: u8 }\nenum Event { Call }\nfn obey() {}"),
        ("src/plan/proposal.rs", "fn draft() {}"),
        ("src/app/proposal.rs", "pub struct Wish;"),
        ("src/app/notes.rs", "fn kept() {}"),
        ("src/plan/footnotes.rs", "fn kept() {}"),
    ];
    for (path, text) in legal {
        let found = retired(&File { path: path.to_owned(), text: text.to_owned() }, PLANTED);
        assert_eq!(found, Vec::<String>::new(), "{path}: {text}");
    }
}
