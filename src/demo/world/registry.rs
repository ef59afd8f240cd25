//! ECR repositories, their images and the tags that move from one image to another.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::super::random::{Random, digest};
use super::{Location, Region, Task, TaskStatus};

/// An ECR repository.
///
/// Source: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Repository.html>
#[derive(Clone, Debug)]
pub struct Repository {
    /// The name, as in `humangov/web`.
    pub name: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// Its images in the order of their pushes.
    pub images: Vec<StoredImage>,
}

/// An image in a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredImage {
    /// `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// The tags that point to it now.
    pub tags: Vec<String>,
    /// When it was pushed.
    pub pushed_at: Timestamp,
    /// When it was last pulled.
    pub pulled_at: Option<Timestamp>,
    /// Compressed size of its layers in bytes; for an index, the size of its largest image.
    pub size: u64,
    /// The kind of the image.
    pub kind: ImageKind,
    /// Whether it can be pulled.
    pub status: ImageStatus,
}

/// The kinds of images in a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageKind {
    /// An image for one platform.
    Image,
    /// A list of images for several platforms: the architecture and the digest of each.
    Index(Vec<(String, String)>),
    /// A signature of the image with this digest.
    Signature(String),
}

/// Whether an image can be pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageStatus {
    /// It can be pulled.
    Active,
    /// It can be pulled only after it was restored, which takes up to 20 minutes.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonECR/latest/userguide/archive_restore_image.html>
    Archived,
}

impl ImageStatus {
    /// ECR's name for the status.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Archived => "ARCHIVED",
        }
    }
}

impl StoredImage {
    /// An image for one platform that can be pulled.
    pub(crate) fn new(digest: String, tags: Vec<String>, pushed_at: Timestamp) -> Self {
        let size = 48_000_000 + Random::from_words(&["size", &digest]).below(160_000_000);
        Self { digest, tags, pushed_at, pulled_at: None, size, kind: ImageKind::Image, status: ImageStatus::Active }
    }

    /// The media type of its manifest.
    ///
    /// Sources: <https://distribution.github.io/distribution/spec/manifest-v2-2/>, <https://github.com/opencontainers/image-spec>
    pub(crate) fn media_type(&self) -> &'static str {
        match self.kind {
            ImageKind::Image => "application/vnd.docker.distribution.manifest.v2+json",
            ImageKind::Index(_) => "application/vnd.docker.distribution.manifest.list.v2+json",
            ImageKind::Signature(_) => "application/vnd.oci.image.manifest.v1+json",
        }
    }
}

/// A fault at run time of an image, of a task definition family or of one task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageFault {
    /// The container exits by itself, `after` to 1.75 times `after` seconds after its start.
    Exits {
        /// The exit code.
        code: i32,
        /// Seconds.
        after: u32,
    },
    /// The container needs this much memory. If its task has less, it is killed in the same time after its start.
    NeedsMemory {
        /// MiB.
        memory: u32,
        /// Seconds.
        after: u32,
    },
}

impl Region {
    /// Pushes an image and moves `tag` to it. Pushing the same tag again creates another digest. Returns the digest.
    pub fn push(&mut self, repository: &str, tag: &str, at: Timestamp) -> String {
        let named = self.location.image_uri(repository, tag);
        let found = self.add_repository(repository, at);
        let again = found.images.len();
        let fresh = !found.images.iter().any(|image| image.digest == digest(&named));
        let digest = if fresh { digest(&named) } else { digest(&format!("{named}#{again}")) };
        for image in &mut found.images {
            image.tags.retain(|other| other != tag);
        }
        found.images.push(StoredImage::new(digest.clone(), vec![tag.to_owned()], at));
        digest
    }

    /// Pushes `count` images with the tags `build-0001`, `build-0002` and so on, an hour apart, the last one at `at`.
    pub fn add_images(&mut self, repository: &str, count: u32, at: Timestamp) {
        self.add_repository(repository, at);
        for number in 1..=count {
            let pushed = at - SignedDuration::from_hours(i64::from(count - number));
            self.push(repository, &format!("build-{number:04}"), pushed);
        }
    }

    /// Adds a repository, unless it exists.
    pub fn add_repository(&mut self, name: &str, at: Timestamp) -> &mut Repository {
        let made = || Repository { name: name.to_owned(), created_at: at, images: vec![] };
        self.repositories.entry(name.to_owned()).or_insert_with(made)
    }

    /// Pushes an image, unless its tag exists.
    pub(crate) fn push_if_missing(&mut self, repository: &str, tag: &str, at: Timestamp) {
        let there = self.repositories.get(repository).is_some_and(|found| found.tagged(tag).is_some());
        if !there {
            self.push(repository, tag, at);
        }
    }

    /// Deletes the image with this tag, even if it has other tags too.
    pub fn delete_image(&mut self, repository: &str, tag: &str) {
        if let Some(found) = self.repositories.get_mut(repository) {
            found.images.retain(|image| !image.tags.iter().any(|other| other == tag));
        }
    }

    /// Injects a fault into an image (`REGISTRY/REPOSITORY:TAG`), a task definition family or a task (by its id).
    ///
    /// It applies to tasks that start to run from now on.
    pub fn inject(&mut self, what: &str, fault: ImageFault) {
        self.image_faults.insert(what.to_owned(), fault);
    }
}

impl Region {
    /// Kills the oldest running task of a service at `at`, as if its container had crashed.
    pub fn kill_task(&mut self, cluster: &str, service: &str, at: Timestamp) {
        let Some(cluster) = self.clusters.get_mut(cluster) else { return };
        let runs = |task: &&mut Task| task.status == TaskStatus::Running && task.service_name() == Some(service);
        let oldest = cluster.tasks.values_mut().filter(runs).min_by_key(|task| task.started_at);
        if let Some(task) = oldest {
            task.due = Some(at);
            self.image_faults.insert(task.id.clone(), ImageFault::Exits { code: 137, after: 0 });
        }
    }
}

impl Repository {
    /// Turns the image with this tag into an index of two untagged images, one for each architecture, which were pushed
    /// right before it. Returns their digests.
    pub fn make_index(&mut self, tag: &str) -> Vec<String> {
        let Some(at) = self.images.iter().position(|image| image.tags.iter().any(|other| other == tag)) else {
            return vec![];
        };
        let image = self.images[at].clone();
        let child = |(architecture, seconds): (&str, i64)| {
            let pushed_at = image.pushed_at - SignedDuration::from_secs(seconds);
            let made = StoredImage::new(digest(&format!("{}/{architecture}", image.digest)), vec![], pushed_at);
            (architecture.to_owned(), StoredImage { pulled_at: image.pulled_at, ..made })
        };
        let children = [("amd64", 4), ("arm64", 2)].map(child);
        self.images[at].size = children.iter().map(|(_, child)| child.size).max().unwrap_or_default();
        let named = children.iter().map(|(architecture, child)| (architecture.clone(), child.digest.clone()));
        self.images[at].kind = ImageKind::Index(named.collect());
        let digests = children.iter().map(|(_, child)| child.digest.clone()).collect();
        self.images.splice(at..at, children.into_iter().map(|(_, child)| child));
        digests
    }

    /// The image with this tag.
    pub fn tagged(&self, tag: &str) -> Option<&StoredImage> {
        self.images.iter().find(|image| image.tags.iter().any(|other| other == tag))
    }
}

/// The digest that `image` resolves to now; `None` if it cannot be pulled.
///
/// Images of other registries always exist: their contents are unknown here.
pub(crate) fn resolve_digest(
    repositories: &BTreeMap<String, Repository>,
    location: &Location,
    image: &str,
) -> Option<String> {
    let (host, rest) = image.split_once('/').unwrap_or(("", image));
    if host != location.registry_host() {
        return Some(rest.split_once('@').map_or_else(|| digest(image), |(_, digest)| digest.to_owned()));
    }
    if let Some((name, digest)) = rest.split_once('@') {
        let name = name.split_once(':').map_or(name, |(name, _)| name);
        let held = repositories
            .get(name)?
            .images
            .iter()
            .any(|image| image.digest == digest && image.status == ImageStatus::Active);
        return held.then(|| digest.to_owned());
    }
    let (name, tag) = rest.split_once(':').unwrap_or((rest, "latest"));
    let image = repositories.get(name)?.tagged(tag).filter(|image| image.status == ImageStatus::Active);
    image.map(|image| image.digest.clone())
}
