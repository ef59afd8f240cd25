//! Which images a repository holds, and where in the whole fleet each of them runs.

mod stands;
#[cfg(test)]
mod tests;
mod uses;

use std::collections::{BTreeMap, BTreeSet};

use super::image::{Basis, Image, asked};
use super::{Arn, Container, ContextId, Definition, Extent, Fleet, StoredImage, Task};

use stands::Shelf;
pub use stands::{Evidence, PartOf, Stands};
pub use uses::{Unasked, Use, uses};

/// A repository's images, joined with the tasks of the whole fleet.
#[derive(Clone, Debug, PartialEq)]
pub struct Stock {
    /// What runs but is not among what is known of the repository, then what it holds, the newest first.
    pub images: Vec<Held>,
    /// Signatures, lists of contents and the like that are left out: they belong to another image, and do not run.
    pub attached: usize,
    /// Digests of indexes whose manifests would tell what tasks run of them: those that a running image needs and that
    /// are not in [`Fleet::indexes`]. At most one for each running digest, and one more where that does not list it.
    ///
    /// Reading one counts as a pull of it, so that no other index is ever asked about
    /// (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-time-update-exclusions.html>).
    pub unread: BTreeSet<String>,
    /// Task definitions that would tell whether new tasks go by a tag that stands for something else now than what
    /// runs: those of tasks that show a digest beside it. Each with the context that its tasks were seen through.
    pub undefined: BTreeSet<(ContextId, Arn)>,
}

/// One image.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// What names it: `HOST/NAME@DIGEST`; as a task definition wrote it where ECS tells no digest.
    pub reference: String,
    /// Its digest, if ECS or ECR tells.
    pub digest: Option<String>,
    /// What ECR says of it; nothing where it is not known to be in the repository.
    pub stored: Option<StoredImage>,
    /// The index that it is part of, as far as can be told.
    pub part_of: Option<PartOf>,
    /// Where it runs, the services in the order of their ARNs.
    pub runs: Vec<Run>,
}

/// A service, or jobs of one family in one cluster, that run an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The cluster.
    pub cluster: Arn,
    /// The service, if it is one and is known.
    pub service: Option<Arn>,
    /// The name of the service, or of the jobs' family.
    pub name: String,
    /// The containers that were made from it, in the order of their tasks.
    pub copies: Vec<Copied>,
}

/// One container that was made from an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Copied {
    /// Its task.
    pub task: Arn,
    /// Its name.
    pub container: String,
    /// What it was asked for by, and new tasks will be.
    pub asked: Asked,
    /// What has become of that tag.
    pub stands: Stands,
}

/// What a container's image is asked for by: see [`Basis`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// By this tag.
    Tag(String),
    /// By its digest, with this tag beside it.
    Digest(Option<String>),
    /// By this tag or by its digest: its task shows both, or the digest alone, and its definition is not known.
    Unclear(Option<String>),
}

/// A task, the name of its container, and what its image was asked for by.
type Made<'a> = (&'a Task, &'a str, Asked);

/// What was made from one image, by cluster and group.
type Groups<'a> = BTreeMap<(&'a Arn, &'a str), Vec<Made<'a>>>;

/// All of it, by digest and reference.
type Running<'a> = BTreeMap<(Option<&'a str>, String), Groups<'a>>;

/// What is known of `repository` (`HOST/NAME`, see [`Image::repository`]): the images in it, if it has been read
/// (to the end, or in part), and those that tasks run.
pub fn stock(fleet: &Fleet, repository: &str, extent: Extent) -> Stock {
    let known = fleet.images.get(repository).map(|images| images.as_slice());
    let stored = known.unwrap_or_default();
    let shelf = Shelf::new(known, extent, &fleet.indexes);
    let names = service_names(fleet);
    let mut running = running(fleet, repository);
    let (mut unread, mut undefined) = (BTreeSet::new(), BTreeSet::new());
    let mut runs = |groups: Groups<'_>, digest: Option<&str>| -> (Vec<Run>, Option<PartOf>) {
        let made = || groups.values().flatten();
        let asked: BTreeSet<Asked> = made().map(|(.., asked)| asked.clone()).collect();
        unread.extend(asked.iter().filter_map(|asked| shelf.unread(asked.movable(), digest)).map(str::to_owned));
        let stands = |asked: &Asked| shelf.stands(asked, digest);
        let unsure = made().filter(|(task, _, asked)| {
            let beside = matches!(asked, Asked::Unclear(_)) && matches!(stands(asked), Stands::Beside(_));
            beside && !fleet.definitions.contains_key(&task.definition)
        });
        undefined.extend(unsure.map(|(task, ..)| (task.context.clone(), task.definition.clone())));
        let tags = asked.iter().filter_map(Asked::tag).collect();
        let part_of = digest.and_then(|digest| shelf.part_of(digest, &tags));
        let runs = groups.into_iter().map(|((cluster, group), made)| run(&names, cluster, group, made, &stands));
        (runs.collect(), part_of)
    };
    let mut attached = 0;
    let mut held = vec![];
    for image in stored {
        let reference = format!("{repository}@{}", image.digest);
        let groups = running.remove(&(Some(image.digest.as_str()), reference.clone())).unwrap_or_default();
        if image.subject.is_some() && groups.is_empty() {
            attached += 1;
            continue;
        }
        let (runs, part_of) = runs(groups, Some(&image.digest));
        held.push(Held { reference, digest: Some(image.digest.clone()), stored: Some(image.clone()), part_of, runs });
    }
    let beside = running.into_iter().map(|((digest, reference), groups)| {
        let (runs, part_of) = runs(groups, digest);
        Held { reference, digest: digest.map(str::to_owned), stored: None, part_of, runs }
    });
    let images = beside.chain(held).collect();
    Stock { images, attached, unread, undefined }
}

fn run(
    names: &BTreeMap<(&Arn, &str), &Arn>,
    cluster: &Arn,
    group: &str,
    made: Vec<Made<'_>>,
    stands: &dyn Fn(&Asked) -> Stands,
) -> Run {
    let service = group.strip_prefix("service:");
    let name = service.or_else(|| group.strip_prefix("family:")).unwrap_or(group);
    let copied = |(task, container, asked): Made<'_>| Copied {
        task: task.arn.clone(),
        container: container.to_owned(),
        stands: stands(&asked),
        asked,
    };
    Run {
        cluster: cluster.clone(),
        service: service.and_then(|name| names.get(&(cluster, name))).map(|arn| (*arn).clone()),
        name: name.to_owned(),
        copies: made.into_iter().map(copied).collect(),
    }
}

/// Containers that run an image of `repository`, or are about to.
fn running<'a>(fleet: &'a Fleet, repository: &str) -> Running<'a> {
    // Taking every reference of a large fleet apart would take long: most are of other repositories.
    let name = Image::parse(repository).name;
    let mut running = Running::new();
    let tasks = fleet.tasks.values().flat_map(BTreeMap::values).filter(|task| !task.is_over());
    for task in tasks {
        for container in task.containers.iter().filter(|container| container.status != "STOPPED") {
            let Some(written) = container.image.as_deref().filter(|written| written.contains(&name)) else { continue };
            let image = Image::parse(written);
            if image.repository() != repository {
                continue;
            }
            let definition = fleet.definitions.get(&task.definition).map(AsRef::as_ref);
            let digest = container.digest.as_deref();
            let reference = digest.map_or_else(|| written.to_owned(), |digest| format!("{repository}@{digest}"));
            let groups = running.entry((digest, reference)).or_default();
            let copies = groups.entry((&task.cluster, task.group.as_str())).or_default();
            copies.push((task, container.name.as_str(), by(container, definition, image)));
        }
    }
    running
}

/// What `container` was asked for by, which shows this `image`.
fn by(container: &Container, definition: Option<&Definition>, image: Image) -> Asked {
    let tag = |reference: &str| Image::parse(reference).tag;
    match asked(container, definition) {
        Some((reference, Basis::Digest)) => Asked::Digest(tag(reference)),
        Some((reference, Basis::Tag)) => tag(reference).map_or(Asked::Digest(None), Asked::Tag),
        Some((_, Basis::Unclear)) | None => Asked::Unclear(image.tag),
    }
}

fn service_names(fleet: &Fleet) -> BTreeMap<(&Arn, &str), &Arn> {
    fleet.services.iter().map(|(arn, entry)| ((&entry.cluster, arn.name()), arn)).collect()
}

impl Held {
    /// Tasks that run it.
    pub fn tasks(&self) -> usize {
        self.runs.iter().map(Run::tasks).sum()
    }

    /// What has become of the tags that its tasks were asked for by, those beside a digest too: each pair once.
    pub fn asked_by(&self) -> Vec<(&str, &Stands)> {
        let copies = self.runs.iter().flat_map(|run| &run.copies);
        let mut found: Vec<_> = copies.filter_map(|copy| Some((copy.asked.tag()?, &copy.stands))).collect();
        found.sort();
        found.dedup();
        found
    }

    /// Whether a task that runs it was asked for by a tag that stands for another image now.
    pub fn has_moved(&self) -> bool {
        self.asked_by().iter().any(|(_, stands)| matches!(stands, Stands::Elsewhere(_)))
    }
}

impl Asked {
    /// The tag, whether it matters or not.
    pub fn tag(&self) -> Option<&str> {
        match self {
            Self::Tag(tag) => Some(tag),
            Self::Digest(tag) | Self::Unclear(tag) => tag.as_deref(),
        }
    }

    /// The tag that new tasks may go by.
    fn movable(&self) -> Option<&str> {
        if matches!(self, Self::Digest(_)) { None } else { self.tag() }
    }
}

impl Run {
    /// Tasks, each counted once however many of its containers are made from the image.
    pub fn tasks(&self) -> usize {
        let mut tasks: Vec<&Arn> = self.copies.iter().map(|copy| &copy.task).collect();
        tasks.dedup();
        tasks.len()
    }
}
