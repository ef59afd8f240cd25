//! Which images a repository holds, and where in the whole fleet each of them runs.

mod references;
mod tag_state;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use super::image::{Basis, Image, asked};
use super::{Arn, Completeness, Container, ContextId, Definition, Fleet, StoredImage, Task};

pub use references::{Reference, Unreachable, references};
use tag_state::ImageIndex;
pub use tag_state::{Evidence, PartOf, TagState};

/// A repository's images, joined with the tasks of the whole fleet.
#[derive(Clone, Debug, PartialEq)]
pub struct RepositoryUsage {
    /// What runs but is not among what is known of the repository, then what it holds, the newest first.
    pub images: Vec<UsedImage>,
    /// Signatures, lists of contents and the like that are left out: they belong to another image, and do not run.
    pub attachments: usize,
    /// Digests of indexes whose manifests would show what tasks run of them: those that a running image needs and that
    /// are not in [`Fleet::indexes`]. At most one for each running digest, and one more where that does not list it.
    ///
    /// Reading one counts as a pull of it, so that no other index is ever asked about
    /// (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-time-update-exclusions.html>).
    pub unread_indexes: BTreeSet<String>,
    /// Task definitions that would show whether new tasks go by a tag that has another digest now than what
    /// runs: those of tasks that show a digest beside it. Each with the context that its tasks were seen through.
    pub unread_definitions: BTreeSet<(ContextId, Arn)>,
}

/// One image.
#[derive(Clone, Debug, PartialEq)]
pub struct UsedImage {
    /// What names it: `HOST/NAME@DIGEST`; as a task definition wrote it where ECS reports no digest.
    pub reference: String,
    /// Its digest, if ECS or ECR reports it.
    pub digest: Option<String>,
    /// What ECR says of it; nothing where it is not known to be in the repository.
    pub stored: Option<StoredImage>,
    /// The index that it is part of, as far as is known.
    pub part_of: Option<PartOf>,
    /// Where it runs, the services in the order of their ARNs.
    pub usages: Vec<Usage>,
}

/// A service, or jobs of one family in one cluster, that run an image.
#[derive(Clone, Debug, PartialEq)]
pub struct Usage {
    /// The cluster.
    pub cluster: Arn,
    /// The service, if it is one and is known.
    pub service: Option<Arn>,
    /// The name of the service, or of the jobs' family.
    pub name: String,
    /// The containers that were made from it, in the order of their tasks.
    pub containers: Vec<ContainerUse>,
}

/// One container that was made from an image.
#[derive(Clone, Debug, PartialEq)]
pub struct ContainerUse {
    /// Its task.
    pub task: Arn,
    /// Its name.
    pub container: String,
    /// What it was asked for by, and new tasks will be.
    pub requested_by: RequestedBy,
    /// What has become of that tag.
    pub tag_state: TagState,
}

/// What a container's image is asked for by: see [`Basis`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestedBy {
    /// By this tag.
    Tag(String),
    /// By its digest, with this tag beside it.
    Digest(Option<String>),
    /// By this tag or by its digest: its task shows both, or the digest alone, and its definition is not known.
    Unclear(Option<String>),
}

/// A task, the name of its container, and what its image was asked for by.
type FoundContainer<'a> = (&'a Task, &'a str, RequestedBy);

/// What was made from one image, by cluster and group.
type Groups<'a> = BTreeMap<(&'a Arn, &'a str), Vec<FoundContainer<'a>>>;

/// All of it, by digest and reference.
type RunningImages<'a> = BTreeMap<(Option<&'a str>, String), Groups<'a>>;

/// What is known of `repository` (`HOST/NAME`, see [`Image::repository`]): the images in it, if it has been read
/// (to the end, or in part), and those that tasks run.
pub fn repository_usage(fleet: &Fleet, repository: &str, extent: Completeness) -> RepositoryUsage {
    let known = fleet.images.get(repository).map(|images| images.as_slice());
    let stored = known.unwrap_or_default();
    let shelf = ImageIndex::new(known, extent, &fleet.indexes);
    let names = service_names(fleet);
    let mut running = running_images(fleet, repository);
    let (mut unread, mut undefined) = (BTreeSet::new(), BTreeSet::new());
    let mut runs = |groups: Groups<'_>, digest: Option<&str>| -> (Vec<Usage>, Option<PartOf>) {
        let made = || groups.values().flatten();
        let asked: BTreeSet<RequestedBy> = made().map(|(.., asked)| asked.clone()).collect();
        unread.extend(asked.iter().filter_map(|asked| shelf.unread(asked.requested_tag(), digest)).map(str::to_owned));
        let stands = |asked: &RequestedBy| shelf.tag_state(asked, digest);
        let unsure = made().filter(|(task, _, asked)| {
            let beside = matches!(asked, RequestedBy::Unclear(_)) && matches!(stands(asked), TagState::ByDigest(_));
            beside && !fleet.definitions.contains_key(&task.definition)
        });
        undefined.extend(unsure.map(|(task, ..)| (task.context.clone(), task.definition.clone())));
        let tags = asked.iter().filter_map(RequestedBy::tag).collect();
        let part_of = digest.and_then(|digest| shelf.part_of(digest, &tags));
        let runs = groups.into_iter().map(|((cluster, group), made)| usage(&names, cluster, group, made, &stands));
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
        held.push(UsedImage {
            reference,
            digest: Some(image.digest.clone()),
            stored: Some(image.clone()),
            part_of,
            usages: runs,
        });
    }
    let beside = running.into_iter().map(|((digest, reference), groups)| {
        let (runs, part_of) = runs(groups, digest);
        UsedImage { reference, digest: digest.map(str::to_owned), stored: None, part_of, usages: runs }
    });
    let images = beside.chain(held).collect();
    RepositoryUsage { images, attachments: attached, unread_indexes: unread, unread_definitions: undefined }
}

fn usage(
    names: &BTreeMap<(&Arn, &str), &Arn>,
    cluster: &Arn,
    group: &str,
    made: Vec<FoundContainer<'_>>,
    stands: &dyn Fn(&RequestedBy) -> TagState,
) -> Usage {
    let service = group.strip_prefix("service:");
    let name = service.or_else(|| group.strip_prefix("family:")).unwrap_or(group);
    let copied = |(task, container, asked): FoundContainer<'_>| ContainerUse {
        task: task.arn.clone(),
        container: container.to_owned(),
        tag_state: stands(&asked),
        requested_by: asked,
    };
    Usage {
        cluster: cluster.clone(),
        service: service.and_then(|name| names.get(&(cluster, name))).map(|arn| (*arn).clone()),
        name: name.to_owned(),
        containers: made.into_iter().map(copied).collect(),
    }
}

/// Containers that run an image of `repository`, or are about to.
fn running_images<'a>(fleet: &'a Fleet, repository: &str) -> RunningImages<'a> {
    // Taking every reference of a large fleet apart would take long: most are of other repositories.
    let name = Image::parse(repository).name;
    let mut running = RunningImages::new();
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
            copies.push((task, container.name.as_str(), requested_by(container, definition, image)));
        }
    }
    running
}

/// What `container` was asked for by, which shows this `image`.
fn requested_by(container: &Container, definition: Option<&Definition>, image: Image) -> RequestedBy {
    let tag = |reference: &str| Image::parse(reference).tag;
    match asked(container, definition) {
        Some((reference, Basis::Digest)) => RequestedBy::Digest(tag(reference)),
        Some((reference, Basis::Tag)) => tag(reference).map_or(RequestedBy::Digest(None), RequestedBy::Tag),
        Some((_, Basis::Unclear)) | None => RequestedBy::Unclear(image.tag),
    }
}

fn service_names(fleet: &Fleet) -> BTreeMap<(&Arn, &str), &Arn> {
    fleet.services.iter().map(|(arn, entry)| ((&entry.cluster, arn.name()), arn)).collect()
}

impl UsedImage {
    /// Tasks that run it.
    pub fn tasks(&self) -> usize {
        self.usages.iter().map(Usage::tasks).sum()
    }

    /// What has become of the tags that its tasks were asked for by, those beside a digest too: each pair once.
    pub fn requests(&self) -> Vec<(&str, &TagState)> {
        let copies = self.usages.iter().flat_map(|run| &run.containers);
        let mut found: Vec<_> = copies.filter_map(|copy| Some((copy.requested_by.tag()?, &copy.tag_state))).collect();
        found.sort();
        found.dedup();
        found
    }

    /// Whether a task that runs it was started by a tag that another image has now.
    pub fn has_moved(&self) -> bool {
        self.requests().iter().any(|(_, stands)| matches!(stands, TagState::Moved(_)))
    }
}

impl RequestedBy {
    /// The tag, whether it matters or not.
    pub fn tag(&self) -> Option<&str> {
        match self {
            Self::Tag(tag) => Some(tag),
            Self::Digest(tag) | Self::Unclear(tag) => tag.as_deref(),
        }
    }

    /// The tag that new tasks may go by.
    fn requested_tag(&self) -> Option<&str> {
        if matches!(self, Self::Digest(_)) { None } else { self.tag() }
    }
}

impl Usage {
    /// Tasks, each counted once however many of its containers are made from the image.
    pub fn tasks(&self) -> usize {
        let mut tasks: Vec<&Arn> = self.containers.iter().map(|copy| &copy.task).collect();
        tasks.dedup();
        tasks.len()
    }
}
