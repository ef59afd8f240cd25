//! The images screen: what a service's repositories hold, the newest first, and where in the fleet each runs.

use std::sync::Arc;

use unicode_width::UnicodeWidthStr;

use super::service::waiting;
use super::{Age, Card, Hint, Kind, Opens, age, text};
use crate::app::body::Content;
use crate::app::command::{Command, Context};
use crate::app::image_cache::usage;
use crate::app::layout::Layout;
use crate::app::list::{self, words};
use crate::app::page::image_label::{archived, label, listed, remarks, scanned, size};
use crate::app::page::{Line, Page, Role, Span};
use crate::app::reads::{FeedKey, Needs};
use crate::app::state::{Item, State, View};
use crate::app::subject::Subject;
use crate::fleet::image::{Image, short_digest};
use crate::fleet::image_usage::{
    ContainerUse, Reference, RepositoryUsage, TagState, Unreachable, Usage, UsedImage, references,
};
use crate::fleet::{Arn, Fleet, StoredImage};
use crate::text::{clean, counted, duration, padded};

/// Images of one repository that are shown beside those that run; the newest of them.
const MOST: usize = 2_000;

/// The images of a service's repositories.
pub(super) struct Images<'a>(pub(super) &'a Arn);

impl Kind for Images<'_> {
    fn card(&self) -> Card {
        Card {
            word: "images",
            context: Context::Screen,
            layout: Layout::Images,
            shown_by: Some(Command::Images),
            preselects: true,
        }
    }

    fn about(&self) -> Subject {
        Subject::Service(self.0.clone())
    }

    fn subject(&self, state: &State) -> Subject {
        match list::selected(state) {
            Some(Item::Line(reference)) => Subject::Image { service: self.0.clone(), reference },
            _ => self.about(),
        }
    }

    fn opens(&self, line: &str) -> Option<Opens> {
        Some(Opens::View(View::Image(self.0.clone(), line.to_owned()), "where it runs"))
    }

    fn needs(&self, state: &State, needs: &mut Needs) {
        required(state, self.0, needs);
    }

    fn age(&self, state: &State) -> Age {
        age::images(state, self.0).into()
    }

    fn content(&self, state: &State) -> Content {
        text(page(state, self.0))
    }

    fn hints(&self, _: &State) -> Vec<Hint> {
        vec![]
    }
}

/// The page of the images of the service `arn`.
fn page(state: &State, arn: &Arn) -> Page {
    let mut page = Page::default();
    let references = references(&state.fleet, arn);
    if references.is_empty() {
        page.title = vec![Span::dim("not read yet")];
        let topic = match state.fleet.service(arn) {
            Some(service) => FeedKey::Definition(service.definition.clone()),
            None => FeedKey::Look(arn.clone()),
        };
        waiting(state, &mut page, &topic, "asking AWS which images this service uses");
        return page;
    }
    let stocks: Vec<Arc<RepositoryUsage>> = references.iter().map(|one| usage(state, &one.repository)).collect();
    let columns = Columns::new(state, &stocks);
    page.push(columns.head());
    let mut shown = 0;
    for (one, stock) in references.iter().zip(&stocks) {
        repository(state, &mut page, arn, one, stock);
        shown += images(state, &mut page, arn, &columns, stock);
    }
    Page { title: title(state, &stocks, shown), ..page }
}

/// What is to be said of the selected image below the list: its digest with all tags, then what one should know.
pub fn detail(state: &State, item: &Item) -> [Vec<Span>; 2] {
    let (Subject::Service(arn), Item::Line(reference)) = (&state.screen().view.about(), item) else {
        return [vec![], vec![]];
    };
    let stock = usage(state, &Image::parse(reference).repository());
    let Some(held) = find(&stock, reference) else { return [vec![], vec![]] };
    let name = held.digest.as_deref().unwrap_or(&held.reference);
    let mut first = vec![Span::plain(" "), Span::new(name, Role::Strong)];
    let tags = held.stored.as_ref().map(|stored| Span::plain(format!("  {}", stored.tags.join(", "))));
    // Half of a tag is none: they all stand on the image's own screen.
    let room = usize::from(state.size.width).saturating_sub(1 + first[1].text.width());
    first.extend(tags.filter(|tags| tags.text.width() <= room));
    let mut second = vec![Span::plain(" ")];
    let width = usize::from(state.size.width).saturating_sub(10);
    let runs = runs(state, Some(arn), held);
    let runs = if runs.is_empty() { "runs nowhere that is known".to_owned() } else { listed(&runs, width) };
    match remarks(held).into_iter().next() {
        // What is merely worth knowing does not push out where it runs.
        Some((Role::Plain, text)) if text.width() + runs.width() + 3 > width => {
            second.push(Span::plain(if held.usages.is_empty() { text } else { runs }));
        }
        Some((Role::Plain, text)) => second.push(Span::plain(format!("{text}; {runs}"))),
        Some((role, text)) => second.push(Span::new(text, role)),
        None => second.push(Span::plain(runs)),
    }
    [first, second]
}

/// The image that `reference` names.
pub(super) fn find<'a>(stock: &'a RepositoryUsage, reference: &str) -> Option<&'a UsedImage> {
    stock.images.iter().find(|held| held.reference == reference)
}

fn title(state: &State, stocks: &[Arc<RepositoryUsage>], shown: usize) -> Vec<Span> {
    let all = || stocks.iter().flat_map(|stock| &stock.images);
    let count = |fits: &dyn Fn(&UsedImage) -> bool| all().filter(|held| fits(held)).count();
    let words = words(state);
    let of = if words.is_empty() { String::new() } else { format!("{shown} of ") };
    let run = count(&|held| !held.usages.is_empty());
    let mut title = vec![Span::plain(format!("{of}{}, {run} run", counted(all().count(), "image")))];
    let moved = count(&UsedImage::has_moved);
    if moved > 0 {
        title.push(Span::new(format!("  {} moved", counted(moved, "tag")), Role::Warn));
    }
    title.extend(unread(&state.fleet).map(|text| Span::dim(format!("  {text}"))));
    if !words.is_empty() {
        title.extend([Span::plain("  "), Span::new("/ ", Role::Key), Span::plain(words.join(" "))]);
    }
    title
}

/// How many clusters may run something that is not known.
pub(super) fn unread(fleet: &Fleet) -> Option<String> {
    let clusters = fleet.clusters.keys().filter(|cluster| !fleet.tasks_read.contains_key(cluster)).count();
    (clusters > 0).then(|| format!("tasks of {} not read yet", counted(clusters, "cluster")))
}

/// The head of a repository: its name, what is in it, where it is, and what the definition asks of it.
fn repository(state: &State, page: &mut Page, arn: &Arn, one: &Reference, stock: &RepositoryUsage) {
    page.push(Line::empty());
    head(state, page, arn, one, stock);
    let topic = FeedKey::Images(one.repository.clone());
    let feed = state.feeds.get(&topic);
    let failed = feed.is_some_and(|feed| feed.error.is_some());
    match &one.context {
        Err(why) => {
            let text = format!("{}; shown as far as tasks report it", unasked(why));
            page.wrapped(vec![Span::plain("   ")], &Span::dim(text), state.size.width, None);
        }
        Ok(_) if failed || !state.fleet.images.contains_key(&one.repository) => {
            waiting(state, page, &topic, "asking ECR; shown as far as tasks report it until then");
        }
        Ok(_) => {}
    }
    for (container, reference) in &one.containers {
        page.push(wanted(state, container, reference, &one.repository));
        let moved = moved(stock, arn, container);
        page.lines.extend(moved.into_iter().map(|text| Line::of([Span::new(text, Role::Warn)])));
    }
}

/// Tasks of the service whose container runs what its tag stood for, and does no longer.
fn moved(stock: &RepositoryUsage, arn: &Arn, container: &str) -> Vec<String> {
    let told = |held: &UsedImage| {
        let own = held.usages.iter().filter(|run| run.service.as_ref() == Some(arn)).flat_map(|run| &run.containers);
        let moved =
            |copied: &&ContainerUse| copied.container == container && matches!(copied.tag_state, TagState::Moved(_));
        let (count, digest) = (own.filter(moved).count(), held.digest.as_deref()?);
        let run = if count == 1 { "runs" } else { "run" };
        let text = format!("     {} still {run} {}, as it was before", counted(count, "task"), short_digest(digest));
        (count > 0).then_some(text)
    };
    stock.images.iter().filter_map(told).collect()
}

/// Where there is no room for it, the registry stands below; not at all, if it is the service's own.
fn head(state: &State, page: &mut Page, arn: &Arn, one: &Reference, stock: &RepositoryUsage) {
    let image = Image::parse(&one.repository);
    let mut head = vec![Span::new(format!(" {}", image.name), Role::Heading)];
    let count = stock.images.iter().filter(|held| held.stored.is_some()).count();
    if state.fleet.images.contains_key(&one.repository) {
        head.push(Span::plain(format!("  {}", counted(count, "image"))));
    }
    if stock.attachments > 0 {
        head.push(Span::dim(format!(", {} hidden", counted(stock.attachments, "attachment"))));
    }
    let ecr = image.ecr();
    let place = ecr.map(|ecr| format!("{} {}", ecr.account, ecr.region)).or_else(|| image.registry.clone());
    let own = ecr.is_some_and(|ecr| Some(ecr.account) == arn.account() && Some(ecr.region) == arn.region());
    let place = Span::dim(format!("  {}", place.unwrap_or_default()));
    let taken: usize = head.iter().chain([&place]).map(|span| span.text.width()).sum();
    let fits = taken < usize::from(state.size.width);
    if fits {
        head.push(place.clone());
    }
    page.push(Line::of(head));
    if !fits && !own {
        page.push(Line::of([Span::plain(" "), place]));
    }
}

fn unasked(why: &Unreachable) -> String {
    match why {
        Unreachable::OutsideEcr => "not in a private ECR registry".to_owned(),
        Unreachable::NoContext { account, region } => format!("no context leads to account {account} in {region}"),
    }
}

/// What a container of the definition is to be made from, and whether that is there.
fn wanted(state: &State, container: &str, reference: &str, repository: &str) -> Line {
    let image = Image::parse(reference);
    let images = state.fleet.images.get(repository);
    let fits = |stored: &&StoredImage| match (&image.digest, &image.tag) {
        (Some(digest), _) => stored.digest == *digest,
        (None, Some(tag)) => stored.tags.contains(tag),
        (None, None) => false,
    };
    let found = images.and_then(|images| images.iter().find(fits));
    let failed = state.feeds.get(&FeedKey::Images(repository.to_owned())).is_none_or(|feed| feed.error.is_some());
    let stands = match found {
        // What is pinned does not change.
        Some(_) if image.digest.is_some() => Span::dim(""),
        Some(stored) => Span::dim(format!("  {} now", short_digest(&stored.digest))),
        None if images.is_some() && !failed => Span::new("  no image has it", Role::Bad),
        None => Span::dim(""),
    };
    let pinned = image.digest.as_deref().filter(|_| image.tag.is_some());
    let pinned = pinned.map(|digest| format!("@{}", short_digest(digest))).unwrap_or_default();
    let asks = Span::plain(format!("   the definition's {container} asks for {}{pinned}", image.version()));
    Line::of([asks, stands])
}

/// How wide the columns are.
struct Columns {
    tag: usize,
    scan: usize,
    runs: usize,
}

const PUSHED: usize = 7;
const SIZE: usize = 7;
const DIGEST: usize = 8;
const MARK: usize = 3;

impl Columns {
    /// The tags have the columns that they need, but leave some for where they run.
    fn new(state: &State, stocks: &[Arc<RepositoryUsage>]) -> Self {
        let width = usize::from(state.size.width);
        let all = || stocks.iter().flat_map(|stock| &stock.images);
        let scanned = all().filter_map(|held| held.stored.as_ref()).any(|stored| stored.scan.is_some());
        let scan = if scanned { 7 } else { 5 };
        let most = match width {
            0..100 => 19,
            100..140 => 28,
            _ => 40,
        };
        let longest = all().take(MOST).map(|held| label(held, most - 1).width()).max().unwrap_or(0);
        let tag = (longest + 1).clamp(10, most);
        let rest = width.saturating_sub(MARK + tag + PUSHED + SIZE + DIGEST + scan);
        Self { tag, scan, runs: rest.max(10) }
    }

    fn head(&self) -> Line {
        let name = |text: &str, width: usize| Span::new(padded(text, width), Role::Heading);
        Line::of([
            Span::plain(" ".repeat(MARK)),
            name("TAG", self.tag),
            name("PUSHED", PUSHED),
            name("SIZE", SIZE),
            name("DIGEST", DIGEST),
            name("SCAN", self.scan),
            name("RUNS", self.runs),
        ])
    }
}

/// Adds the images that have the words that are looked for, and counts them.
fn images(state: &State, page: &mut Page, arn: &Arn, columns: &Columns, stock: &RepositoryUsage) -> usize {
    let words = words(state);
    let mut left_out = 0;
    let mut shown = 0;
    for held in &stock.images {
        let runs = runs(state, Some(arn), held);
        if !fits(held, &runs, &words) {
            continue;
        }
        if held.usages.is_empty() && shown >= MOST {
            left_out += 1;
            continue;
        }
        shown += 1;
        page.push(row(state, columns, held, &runs));
    }
    match (shown, left_out) {
        (0, _) if !words.is_empty() => page.push(Line::of([Span::dim("   no image has these words")])),
        (0, _) if !stock.images.is_empty() => {}
        (0, _) => page.push(Line::of([Span::dim("   no image that is known")])),
        (_, 0) => {}
        (_, more) => page.push(Line::of([Span::dim(format!("   {more} older ones, of which none runs"))])),
    }
    shown + left_out
}

fn fits(held: &UsedImage, runs: &[(String, usize)], words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let tags = held.stored.as_ref().map(|stored| stored.tags.join(" ")).unwrap_or_default();
    let paths: Vec<&str> = runs.iter().map(|(path, _)| path.as_str()).collect();
    let text = format!("{} {tags} {} {}", held.reference, label(held, usize::MAX), paths.join(" ")).to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}

fn row(state: &State, columns: &Columns, held: &UsedImage, runs: &[(String, usize)]) -> Line {
    let stored = held.stored.as_ref();
    let missing = held.requests().iter().any(|(_, stands)| **stands == TagState::Missing);
    let (mark, role) = match (held.has_moved(), missing, stored.and_then(archived), held.usages.is_empty()) {
        (true, ..) => ('!', Role::Warn),
        (_, true, ..) => ('x', Role::Bad),
        (_, _, Some(_), _) => ('z', Role::Warn),
        (.., false) => ('.', Role::Strong),
        (.., true) => (' ', Role::Dim),
    };
    let pushed = stored.and_then(|stored| stored.pushed_at).map(|at| duration(state.since(at)));
    let bytes = stored.and_then(|stored| stored.size).map(size);
    let digest = held.digest.as_deref().map(short_digest).unwrap_or_default();
    let digest = digest.strip_prefix("sha256:").unwrap_or(&digest).to_owned();
    let scan = stored.and_then(|stored| stored.scan.as_deref()).map_or_else(|| "–".to_owned(), scanned);
    let unknown = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    Line::of([
        Span::new(format!(" {mark} "), role),
        Span::new(padded(&label(held, columns.tag - 1), columns.tag), role),
        Span::plain(padded(&unknown(pushed), PUSHED)),
        Span::plain(padded(&unknown(bytes), SIZE)),
        Span::dim(padded(&digest, DIGEST)),
        Span::dim(padded(&scan, columns.scan)),
        Span::plain(listed(runs, columns.runs)),
    ])
    .stop(Item::Line(held.reference.clone()))
}

/// Where an image runs, with how many tasks: the service `own` first, then the most tasks first.
pub(super) fn runs(state: &State, own: Option<&Arn>, held: &UsedImage) -> Vec<(String, usize)> {
    let mut runs: Vec<&Usage> = held.usages.iter().collect();
    runs.sort_by_cached_key(|run| {
        (own.is_none() || run.service.as_ref() != own, std::cmp::Reverse(run.tasks()), path(state, run))
    });
    runs.into_iter().map(|run| (path(state, run), run.tasks())).collect()
}

/// What a run is called: its service's path, or its jobs' family.
pub(super) fn path(state: &State, run: &Usage) -> String {
    let name = || clean(&run.name).into_owned();
    match &run.service {
        Some(arn) => state.fleet_view.places.path(arn).unwrap_or_else(name),
        None => format!("(jobs)/{}", name()),
    }
}

/// What the images of the service `arn` need.
pub(super) fn required(state: &State, arn: &Arn, needs: &mut Needs) {
    let Some(entry) = state.fleet.services.get(arn) else { return };
    needs.services.insert(arn.clone());
    needs.tasks.insert(entry.cluster.clone());
    if let Some(look) = &entry.snapshot {
        needs.definitions.insert((entry.context.clone(), look.service.definition.clone()));
    }
    for one in references(&state.fleet, arn) {
        let Ok(context) = one.context else { continue };
        let stock = usage(state, &one.repository);
        let index = |digest: &String| (context.clone(), one.repository.clone(), digest.clone());
        needs.indexes.extend(stock.unread_indexes.iter().map(index));
        needs.definitions.extend(stock.unread_definitions.iter().cloned());
        needs.images.insert((context, one.repository));
    }
}
