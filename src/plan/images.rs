//! Which images new tasks will run, compared with those that run now.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::Seen;
use super::step::{ImageChange, Next};
use crate::fleet::image::{Image, is_helper};
use crate::fleet::{About, Ask, CloudError, Definition, Manifest, Tagged, Task, clean};

/// What is known of one image of a service's task definition.
#[derive(Debug, Default)]
struct Used {
    /// Whether it is only used by containers that stand beside the ones that matter.
    helps: bool,
    /// Digests that running tasks show.
    digests: BTreeSet<String>,
}

/// Images by reference, as tasks or the definition write it.
type Images = BTreeMap<String, Used>;

/// What new tasks of the service will run, the important images first.
///
/// Empty only where no task is wished for. A reference with a digest stands for the same image for
/// ever; what it runs is then not repeated.
pub(super) fn changes(seen: &Seen<'_>) -> Vec<ImageChange> {
    let service = seen.service;
    let running = running(seen);
    if !running.is_empty() {
        return in_order(running, |reference, used| compare(seen, reference, used));
    }
    if service.desired == 0 && tasks_read(seen) {
        return vec![];
    }
    let name = clean(service.definition.name()).into_owned();
    let why = if tasks_read(seen) {
        format!("no task of {name} runs to compare with")
    } else {
        "its tasks could not be read".to_owned()
    };
    match seen.known.fleet.definitions.get(&service.definition) {
        Some(definition) => in_order(written(definition), |reference, _| match Image::parse(reference).digest {
            Some(_) => (None, Next::Same),
            None => (None, Next::Unknown(why.clone())),
        }),
        None => {
            vec![ImageChange { reference: service.definition.name().to_owned(), runs: None, next: Next::Unknown(why) }]
        }
    }
}

/// What has to be asked: what stands behind each tag in ECR, or, where no task says which images
/// there are, the task definition.
pub(super) fn asks(seen: &Seen<'_>) -> Vec<About> {
    let service = seen.service;
    let running = running(seen);
    if running.is_empty() {
        let wanted = service.desired > 0 && !seen.known.fleet.definitions.contains_key(&service.definition);
        return if wanted { vec![About::Definition(service.definition.clone())] } else { vec![] };
    }
    let movable = || running.iter().filter(|(reference, _)| is_movable(seen, reference));
    let tags = movable().map(|(reference, _)| About::Tag(reference.clone()));
    tags.chain(movable().filter_map(|(reference, used)| index(seen, reference, used))).collect()
}

/// The index that has to be read where a tag stands for one and tasks show another digest: one for each tag, and only
/// once, as that counts as a pull (see `Stock::unread`).
fn index(seen: &Seen<'_>, reference: &str, used: &Used) -> Option<About> {
    let fleet = seen.known.fleet;
    let tagged = fleet.tags.get(reference).filter(|tagged| tagged.manifest == Manifest::Index)?;
    let digest = tagged.digest.as_ref().filter(|digest| !fleet.indexes.contains_key(*digest))?;
    let differs = used.digests.iter().any(|runs| runs != digest);
    differs.then(|| About::Indexes(Image::parse(reference).repository(), vec![digest.clone()]))
}

/// Why the tags and the definition that were asked for could not be read.
pub(super) fn unread(seen: &Seen<'_>) -> impl Iterator<Item = String> {
    asks(seen).into_iter().filter_map(|about| error(seen, about)).map(CloudError::what)
}

/// The images of those running tasks that are of the service's own definition: tasks that a rollout
/// is about to replace tell nothing of what new ones will run.
fn running(seen: &Seen<'_>) -> Images {
    let service = seen.service;
    let mut images = Images::new();
    if !tasks_read(seen) {
        return images;
    }
    // Emulators name definitions by family and revision only.
    let own = |task: &&Task| !task.is_over() && task.definition.name() == service.definition.name();
    let tasks = seen.known.fleet.tasks_of(&service.cluster, &service.name).map(AsRef::as_ref);
    for container in tasks.filter(own).flat_map(|task| &task.containers) {
        let Some(reference) = container.image.as_ref().filter(|reference| !reference.is_empty()) else { continue };
        let used = images.entry(reference.clone()).or_insert_with(|| Used { helps: true, ..Used::default() });
        used.helps &= is_helper(&container.name);
        used.digests.extend(container.digest.clone());
    }
    images
}

/// The images that a definition writes.
fn written(definition: &Definition) -> Images {
    let mut images = Images::new();
    for container in &definition.containers {
        let used = images.entry(container.image.clone()).or_insert_with(|| Used { helps: true, ..Used::default() });
        used.helps &= is_helper(&container.name);
    }
    images
}

fn in_order(images: Images, next: impl Fn(&str, &Used) -> (Option<String>, Next)) -> Vec<ImageChange> {
    let mut images: Vec<(String, Used)> = images.into_iter().collect();
    // Stable: by reference within each kind.
    images.sort_by_key(|(_, used)| used.helps);
    let change = |(reference, used): (String, Used)| {
        let (runs, next) = next(&reference, &used);
        ImageChange { reference, runs, next }
    };
    images.into_iter().map(change).collect()
}

/// What runs of an image, and what will.
fn compare(seen: &Seen<'_>, reference: &str, used: &Used) -> (Option<String>, Next) {
    let some = || used.digests.first().cloned();
    if Image::parse(reference).digest.is_some() {
        return (None, Next::Same);
    }
    let unknown = |why: &str| (some(), Next::Unknown(why.to_owned()));
    if !is_movable(seen, reference) {
        return unknown(if used.helps { "a helper, not in ECR here" } else { "not in ECR here" });
    }
    if error(seen, About::Tag(reference.to_owned())).is_some() {
        return unknown("its tag could not be read");
    }
    match seen.known.fleet.tags.get(reference) {
        None => unknown("its tag was not read"),
        Some(Tagged { digest: None, .. }) => unknown("ECR has no such tag any more: new tasks could not start"),
        Some(Tagged { digest: Some(digest), manifest, .. }) => {
            let other = used.digests.iter().find(|runs| *runs != digest);
            match (other, manifest) {
                (None, _) if used.digests.is_empty() => unknown("tasks do not say which digest they run"),
                (None, _) => (some(), Next::Same),
                (Some(other), Manifest::Image) => (Some(other.clone()), Next::Other(digest.clone())),
                (Some(other), Manifest::Index) => part(seen, used, digest, other),
            }
        }
    }
}

/// What new tasks run of the index `digest`, where tasks show `other` digests than its own.
fn part(seen: &Seen<'_>, used: &Used, digest: &String, other: &str) -> (Option<String>, Next) {
    let Some(lists) = seen.known.fleet.indexes.get(digest) else {
        let why = "one tag for several platforms, and tasks show another digest than its own";
        return (Some(other.to_owned()), Next::Unknown(why.to_owned()));
    };
    let foreign = |runs: &&String| *runs != digest && !lists.iter().any(|listed| listed.digest == **runs);
    match used.digests.iter().find(foreign) {
        Some(foreign) => (Some(foreign.clone()), Next::Other(digest.clone())),
        None => (Some(other.to_owned()), Next::Listed(digest.clone())),
    }
}

/// Whether a reference may come to mean another image, and ECR can be asked about it.
fn is_movable(seen: &Seen<'_>, reference: &str) -> bool {
    let service = seen.service;
    let context = seen.known.fleet.contexts.get(seen.context);
    let region = context.map(|context| context.region.as_str()).or(service.arn.region()).unwrap_or_default();
    let image = Image::parse(reference);
    image.digest.is_none() && image.tag.is_some() && image.ecr_account(region).is_some()
}

fn error<'a>(seen: &Seen<'a>, about: About) -> Option<&'a CloudError> {
    seen.known.failed.get(&Ask { context: seen.context.clone(), about })
}

fn tasks_read(seen: &Seen<'_>) -> bool {
    seen.known.tasks_read(&seen.service.cluster, seen.since)
}
