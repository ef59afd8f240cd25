//! Which images new tasks will run, compared with those that run now.

use std::collections::{BTreeMap, BTreeSet};

use super::build::ServiceView;
use super::model::{ImageChange, NextImage};
use crate::fleet::image::{Basis, Image, asked, is_helper, short_digest};
use crate::fleet::{CloudError, Definition, Manifest, Query, QueryKind, Tagged, Task};
use crate::text::clean;

/// What is known of one image of a service's task definition.
#[derive(Debug, Default)]
struct Used {
    /// Whether it is only used by containers that stand beside the ones that matter.
    helps: bool,
    /// Whether the task definition may write it in another way: see [`Basis::Unclear`].
    unclear: bool,
    /// Digests that running tasks show.
    digests: BTreeSet<String>,
}

/// Images by reference: as the definition writes it; where that is not known, as tasks show it, without the digest
/// beside a tag.
type Images = BTreeMap<String, Used>;

/// What new tasks of the service will run, the important images first.
///
/// Empty only where the desired count is 0. A digest in the definition names the same image for ever;
/// what runs of it is then not repeated.
pub(super) fn changes(view: &ServiceView<'_>) -> Vec<ImageChange> {
    let service = view.service;
    let running = running(view);
    if !running.is_empty() {
        return in_order(running, |reference, used| compare(view, reference, used));
    }
    if service.desired == 0 && tasks_read(view) {
        return vec![];
    }
    let name = clean(service.definition.name()).into_owned();
    let why = if tasks_read(view) {
        format!("no task of {name} runs to compare with")
    } else {
        "its tasks could not be read".to_owned()
    };
    match definition(view) {
        Some(definition) => in_order(written(definition), |reference, _| match Image::parse(reference).digest {
            Some(_) => (None, NextImage::Same),
            None => (None, NextImage::Unknown(why.clone())),
        }),
        None => {
            vec![ImageChange {
                reference: service.definition.name().to_owned(),
                runs: None,
                next: NextImage::Unknown(why),
            }]
        }
    }
}

/// What has to be asked: the digest of each tag in ECR; and the task definition, where no task says which images
/// there are, or one shows a digest that the definition may not have.
pub(super) fn asks(view: &ServiceView<'_>) -> Vec<QueryKind> {
    let service = view.service;
    let running = running(view);
    let unclear = running.values().any(|used| used.unclear) || (running.is_empty() && service.desired > 0);
    let wanted = (unclear && definition(view).is_none()).then(|| QueryKind::TaskDefinition(service.definition.clone()));
    let movable = || running.iter().filter(|(reference, used)| is_movable(view, reference) && !is_added(view, used));
    let tags = movable().map(|(reference, _)| QueryKind::ImageTag(reference.clone()));
    let indexes = movable().filter_map(|(reference, used)| index(view, reference, used));
    wanted.into_iter().chain(tags).chain(indexes).collect()
}

/// The index that has to be read where a tag points to one and tasks show another digest: one for each tag, and only
/// once, as that counts as a pull (see `Stock::unread`).
fn index(view: &ServiceView<'_>, reference: &str, used: &Used) -> Option<QueryKind> {
    let fleet = view.input.fleet;
    let tagged = fleet.tags.get(reference).filter(|tagged| tagged.manifest == Manifest::Index)?;
    let digest = tagged.digest.as_ref().filter(|digest| !fleet.indexes.contains_key(*digest))?;
    let differs = used.digests.iter().any(|runs| runs != digest);
    differs.then(|| QueryKind::ImageIndexes(Image::parse(reference).repository(), vec![digest.clone()]))
}

/// Why the tags and the definition that were asked for could not be read.
pub(super) fn unread(view: &ServiceView<'_>) -> impl Iterator<Item = String> {
    asks(view).into_iter().filter_map(|about| error(view, about)).map(CloudError::what)
}

/// The images of those running tasks that are of the service's own definition: tasks that a rollout
/// is about to replace do not show what new ones will run.
fn running(view: &ServiceView<'_>) -> Images {
    let service = view.service;
    let mut images = Images::new();
    if !tasks_read(view) {
        return images;
    }
    // Emulators name definitions by family and revision only.
    let own = |task: &&Task| !task.is_over() && task.definition.name() == service.definition.name();
    let tasks = view.input.fleet.tasks_of(&service.cluster, &service.name).map(AsRef::as_ref);
    for container in tasks.filter(own).flat_map(|task| &task.containers) {
        let Some((reference, basis)) = asked(container, definition(view)) else { continue };
        let unclear = basis == Basis::Unclear;
        let reference = if unclear { bare(reference) } else { reference };
        let used = images.entry(reference.to_owned()).or_insert_with(|| Used { helps: true, ..Used::default() });
        used.helps &= is_helper(&container.name);
        used.unclear |= unclear;
        used.digests.extend(container.digest.clone());
    }
    images
}

/// `reference` without the digest beside its tag; as it is where it has no tag.
fn bare(reference: &str) -> &str {
    let tagged = Image::parse(reference).tag.is_some();
    reference.split_once('@').filter(|_| tagged).map_or(reference, |(tag, _)| tag)
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

fn in_order(images: Images, next: impl Fn(&str, &Used) -> (Option<String>, NextImage)) -> Vec<ImageChange> {
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
fn compare(view: &ServiceView<'_>, reference: &str, used: &Used) -> (Option<String>, NextImage) {
    let pinned = Image::parse(reference).digest.is_some();
    if !used.unclear {
        return if pinned { (None, NextImage::Same) } else { by_tag(view, reference, used) };
    }
    let unknown = |why: String| (used.digests.first().cloned(), NextImage::Unknown(why));
    if is_added(view, used) {
        return unknown("ECS adds it, the task definition does not name it".to_owned());
    }
    let failed = error(view, QueryKind::TaskDefinition(view.service.definition.clone())).is_some();
    let why = format!("the task definition {}", if failed { "could not be read" } else { "was not read" });
    if pinned {
        return unknown(why);
    }
    // It may be pinned to what runs, or not: what new tasks run is known only where both give the same.
    let missing = view.input.fleet.tags.get(reference).is_some_and(|tagged| tagged.digest.is_none());
    match by_tag(view, reference, used) {
        (_, NextImage::Other(digest)) => unknown(format!("its tag points to {} now, and {why}", short_digest(&digest))),
        (_, NextImage::Unknown(_)) if missing => unknown(format!("ECR has no such tag any more, and {why}")),
        told => told,
    }
}

/// Likewise, of an image that new tasks ask for by its tag.
fn by_tag(view: &ServiceView<'_>, reference: &str, used: &Used) -> (Option<String>, NextImage) {
    let some = || used.digests.first().cloned();
    let unknown = |why: &str| (some(), NextImage::Unknown(why.to_owned()));
    if !is_movable(view, reference) {
        return unknown(if used.helps { "a helper, not in ECR here" } else { "not in ECR here" });
    }
    if error(view, QueryKind::ImageTag(reference.to_owned())).is_some() {
        return unknown("its tag could not be read");
    }
    match view.input.fleet.tags.get(reference) {
        None => unknown("its tag was not read"),
        Some(Tagged { digest: None, .. }) => unknown("ECR has no such tag any more: new tasks could not start"),
        Some(Tagged { digest: Some(digest), manifest, .. }) => {
            let other = used.digests.iter().find(|runs| *runs != digest);
            match (other, manifest) {
                (None, _) if used.digests.is_empty() => unknown("ECS reports no digest for the running tasks"),
                (None, _) => (some(), NextImage::Same),
                (Some(other), Manifest::Image) => (Some(other.clone()), NextImage::Other(digest.clone())),
                (Some(other), Manifest::Index) => part(view, used, digest, other),
            }
        }
    }
}

/// What new tasks run of the index `digest`, where tasks show `other` digests than its own.
fn part(view: &ServiceView<'_>, used: &Used, digest: &String, other: &str) -> (Option<String>, NextImage) {
    let Some(lists) = view.input.fleet.indexes.get(digest) else {
        let why = "one tag for several platforms, and tasks show another digest than its own";
        return (Some(other.to_owned()), NextImage::Unknown(why.to_owned()));
    };
    let foreign = |runs: &&String| *runs != digest && !lists.iter().any(|listed| listed.digest == **runs);
    match used.digests.iter().find(foreign) {
        Some(foreign) => (Some(foreign.clone()), NextImage::Other(digest.clone())),
        None => (Some(other.to_owned()), NextImage::Listed(digest.clone())),
    }
}

/// Whether a reference may come to mean another image, and ECR can be asked about it.
fn is_movable(view: &ServiceView<'_>, reference: &str) -> bool {
    let service = view.service;
    let context = view.input.fleet.contexts.get(view.context);
    let region = context.map(|context| context.region.as_str()).or(service.arn.region()).unwrap_or_default();
    let image = Image::parse(reference);
    image.digest.is_none() && image.tag.is_some() && image.ecr_account(region).is_some()
}

/// Whether ECS adds its containers to the tasks, as it does with agents of its own: they show a digest, and the task
/// definition, which is known, does not name them.
fn is_added(view: &ServiceView<'_>, used: &Used) -> bool {
    used.unclear && definition(view).is_some()
}

/// The service's task definition, if it has been read.
fn definition<'a>(view: &ServiceView<'a>) -> Option<&'a Definition> {
    view.input.fleet.definitions.get(&view.service.definition).map(AsRef::as_ref)
}

fn error<'a>(view: &ServiceView<'a>, about: QueryKind) -> Option<&'a CloudError> {
    view.input.failed.get(&Query { context: view.context.clone(), kind: about })
}

fn tasks_read(view: &ServiceView<'_>) -> bool {
    view.input.tasks_read(&view.service.cluster, view.since)
}
