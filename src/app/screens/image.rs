//! One image: its digest, all its tags, and where in the whole fleet it runs.

use super::images::{self, find, path, unread};
use super::{Age, Card, Hint, Kind, Opens, age, text};
use crate::app::body::Content;
use crate::app::command::Context;
use crate::app::image_cache::usage;
use crate::app::layout::Layout;
use crate::app::page::image_label::{archived, label, remarks, size};
use crate::app::page::{Line, Page, Role, Span, tasks};
use crate::app::reads::Needs;
use crate::app::state::{Item, State};
use crate::app::subject::Subject;
use crate::fleet::image::Image;
use crate::fleet::image_usage::{ContainerUse, RequestedBy, TagState, Usage, UsedImage};
use crate::fleet::{Arn, Manifest, StoredImage};
use crate::text::{counted, duration, moment, padded};

/// One image of a service's repositories, by its reference.
pub(super) struct OneImage<'a> {
    pub(super) service: &'a Arn,
    pub(super) reference: &'a str,
}

impl Kind for OneImage<'_> {
    fn card(&self) -> Card {
        Card { word: "image", context: Context::Screen, layout: Layout::Page, shown_by: None, preselects: false }
    }

    fn about(&self) -> Subject {
        Subject::Image { service: self.service.clone(), reference: self.reference.to_owned() }
    }

    fn subject(&self, state: &State) -> Subject {
        // Rows of other tenants stand here as well: one of them counts only where somebody has moved to it.
        let chosen = state.screen().list.selected.as_ref();
        chosen.and_then(Subject::of_item).unwrap_or_else(|| self.about())
    }

    fn opens(&self, _: &str) -> Option<Opens> {
        None
    }

    fn needs(&self, state: &State, needs: &mut Needs) {
        images::required(state, self.service, needs);
    }

    fn age(&self, state: &State) -> Age {
        age::images(state, self.service).into()
    }

    fn content(&self, state: &State) -> Content {
        text(page(state, self.service, self.reference))
    }

    fn hints(&self, _: &State) -> Vec<Hint> {
        vec![]
    }
}

/// The page of the image `reference`, come to from the service `arn`.
fn page(state: &State, arn: &Arn, reference: &str) -> Page {
    let mut page = Page::default();
    let stock = usage(state, &Image::parse(reference).repository());
    let Some(held) = find(&stock, reference) else {
        page.title = vec![Span::new("this image is gone", Role::Warn)];
        page.push(Line::of([Span::plain(" Its repository holds it no longer, and no task runs it.")]));
        return page;
    };
    page.title = vec![Span::new(label(held, usize::MAX), Role::Strong), Span::plain(format!("  {}", ran(held)))];
    for (role, text) in remarks(held) {
        page.wrapped(vec![Span::plain(" ")], &Span::new(text, role), state.size.width, None);
    }
    page.section(" IMAGE");
    // On lines of their own they fit, so that they can be copied.
    let name = if held.digest.is_some() { Image::parse(reference).repository() } else { held.reference.clone() };
    for text in [&name, held.digest.as_deref().unwrap_or("ECS has not reported its digest yet")] {
        page.wrapped(vec![Span::plain("   ")], &Span::plain(text), state.size.width, None);
    }
    match &held.stored {
        Some(stored) => facts(state, &mut page, stored),
        None => fact(state, &mut page, "in ECR", "not among the images that are known of its repository"),
    }
    page.section(" WHERE IT RUNS");
    if held.usages.is_empty() {
        page.push(Line::of([Span::dim("   nowhere that is known")]));
    }
    let mut runs: Vec<&Usage> = held.usages.iter().collect();
    runs.sort_by_cached_key(|run| (run.service.as_ref() != Some(arn), path(state, run)));
    for run in runs {
        place(state, &mut page, run, run.service.as_ref() == Some(arn));
    }
    if let Some(unread) = unread(&state.fleet) {
        page.push(Line::of([Span::dim(format!("   {unread}"))]));
    }
    page
}

fn ran(held: &UsedImage) -> String {
    match held.usages.len() {
        0 => "runs nowhere that is known".to_owned(),
        places => format!("{} in {}", counted(held.tasks(), "task"), counted(places, "service")),
    }
}

fn fact(state: &State, page: &mut Page, name: &str, text: &str) {
    let lead = vec![Span::dim(format!("   {}", padded(name, 9)))];
    page.wrapped(lead, &Span::plain(text), state.size.width, None);
}

fn facts(state: &State, page: &mut Page, stored: &StoredImage) {
    let tags = if stored.tags.is_empty() { "none".to_owned() } else { stored.tags.join(", ") };
    fact(state, page, "tags", &tags);
    let when = |at| format!("{} UTC, {} ago", moment(at, state.now), duration(state.since(at)));
    let unknown = || "ECR does not say".to_owned();
    fact(state, page, "pushed", &stored.pushed_at.map_or_else(unknown, when));
    fact(state, page, "pulled", &stored.pulled_at.map_or_else(unknown, |at| format!("{}, roughly", when(at))));
    let largest = if stored.manifest == Manifest::Index { ", its largest image" } else { "" };
    let bytes = stored.size.map_or_else(unknown, |bytes| format!("{} compressed{largest}", size(bytes)));
    fact(state, page, "size", &bytes);
    fact(state, page, "kind", &kind(state, stored));
    if let Some(status) = archived(stored) {
        fact(state, page, "status", &status);
    }
    if let Some(subject) = &stored.subject {
        fact(state, page, "of", subject);
    }
    fact(state, page, "scan", stored.scan.as_deref().unwrap_or("– (ECR does not say in its list)"));
}

fn kind(state: &State, stored: &StoredImage) -> String {
    let lists = state.fleet.indexes.get(&stored.digest);
    let platforms = lists.into_iter().flat_map(|lists| lists.iter()).filter_map(|listed| listed.platform.as_deref());
    let platforms: Vec<&str> = platforms.collect();
    match stored.manifest {
        Manifest::Image => "one image".to_owned(),
        Manifest::Index if platforms.is_empty() => "an index of images for several platforms".to_owned(),
        Manifest::Index => format!("an index of images for {}", platforms.join(", ")),
    }
}

/// A service that runs it; of the service one came from, each container.
fn place(state: &State, page: &mut Page, run: &Usage, own: bool) {
    let head = Line::of([Span::new(format!("   {}", path(state, run)), Role::Strong), Span::plain(head(run))]).head();
    page.push(match &run.service {
        Some(arn) => head.stop(Item::Service(arn.clone())),
        None => head,
    });
    // Jobs have no screen of their own: their tasks do.
    if own || run.service.is_none() {
        for copied in &run.containers {
            page.push(container(state, copied));
        }
    }
}

fn head(run: &Usage) -> String {
    let moved = run.containers.iter().any(|copied| matches!(copied.tag_state, TagState::Moved(_)));
    format!("  {}{}", counted(run.tasks(), "task"), if moved { ", its tag moved" } else { "" })
}

fn container(state: &State, copied: &ContainerUse) -> Line {
    let task = state.fleet.task(&copied.task);
    let id = task.map_or_else(|| copied.task.name().to_owned(), |task| tasks::id(task));
    let age = task.and_then(|task| task.started_at.or(task.created_at)).map(|at| duration(state.since(at)));
    let by = match &copied.requested_by {
        RequestedBy::Tag(tag) => tag.clone(),
        RequestedBy::Digest(None) => "its digest".to_owned(),
        RequestedBy::Digest(Some(tag)) => format!("its digest, {tag} beside it"),
        RequestedBy::Unclear(None) => "its digest or a tag".to_owned(),
        RequestedBy::Unclear(Some(tag)) => format!("{tag} or its digest"),
    };
    let text = format!("     {}{}asked for by {by}", padded(&id, 10), padded(&copied.container, 16));
    let stands = match &copied.tag_state {
        TagState::Moved(_) => Span::new(", which moved", Role::Warn),
        TagState::Missing => Span::new(", which no image has", Role::Bad),
        _ => Span::plain(""),
    };
    let age = age.map(|age| Span::dim(format!("  {age}")));
    Line::of([Span::plain(text), stands].into_iter().chain(age)).stop(Item::Task(copied.task.clone()))
}
