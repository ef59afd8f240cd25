//! The registry: repositories, their images, and the tags that move from one to another.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::random::{Random, digest};
use super::{Place, Region, Task, TaskStatus};

/// A repository of images.
///
/// Source: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_Repository.html>
#[derive(Clone, Debug)]
pub struct Repository {
    /// As in `humangov/web`.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its images, the one that was pushed first in front.
    pub images: Vec<Stored>,
}

/// An image in a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// The tags that lead to it now.
    pub tags: Vec<String>,
    /// When it was pushed.
    pub pushed_at: Timestamp,
    /// Bytes of its layers, compressed.
    pub size: u64,
}

/// What is wrong with an image, or with a family of definitions, at run time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The container ends by itself with this exit code, so many seconds or up to three quarters more after its start.
    Exits {
        /// The exit code.
        code: i32,
        /// Seconds.
        after: u32,
    },
    /// The container wants so many MiB; where its task has less it is killed, likewise.
    Needs {
        /// MiB.
        memory: u32,
        /// Seconds.
        after: u32,
    },
}

impl Region {
    /// Pushes an image: `tag` leads to it from now on. The same tag pushed again gets another digest.
    pub fn push(&mut self, repository: &str, tag: &str, at: Timestamp) -> String {
        let named = self.place.image(repository, tag);
        let found = self.repositories.entry(repository.to_owned()).or_insert_with(|| Repository {
            name: repository.to_owned(),
            created_at: at,
            images: vec![],
        });
        let again = found.images.len();
        let fresh = !found.images.iter().any(|image| image.digest == digest(&named));
        let digest = if fresh { digest(&named) } else { digest(&format!("{named}#{again}")) };
        for image in &mut found.images {
            image.tags.retain(|other| other != tag);
        }
        let size = 48_000_000 + Random::from_words(&["size", &digest]).below(160_000_000);
        found.images.push(Stored { digest: digest.clone(), tags: vec![tag.to_owned()], pushed_at: at, size });
        digest
    }

    /// Pushes an image unless its tag is there already.
    pub(crate) fn stock(&mut self, repository: &str, tag: &str, at: Timestamp) {
        let there = self.repositories.get(repository).is_some_and(|found| found.tagged(tag).is_some());
        if !there {
            self.push(repository, tag, at);
        }
    }

    /// Deletes the image that `tag` leads to, whatever other tags it has.
    pub fn unpush(&mut self, repository: &str, tag: &str) {
        if let Some(found) = self.repositories.get_mut(repository) {
            found.images.retain(|image| !image.tags.iter().any(|other| other == tag));
        }
    }

    /// Gives an image (`REGISTRY/REPOSITORY:TAG`), a family of definitions or a task, by its id, a flaw.
    ///
    /// It concerns tasks that come to run from now on.
    pub fn spoil(&mut self, what: &str, flaw: Flaw) {
        self.flaws.insert(what.to_owned(), flaw);
    }
}

impl Region {
    /// Kills a task of the service that runs, the oldest one, at `at`; its scheduler will notice.
    pub fn kill(&mut self, cluster: &str, service: &str, at: Timestamp) {
        let Some(cluster) = self.clusters.get_mut(cluster) else { return };
        let runs = |task: &&mut Task| task.status == TaskStatus::Running && task.service() == Some(service);
        let oldest = cluster.tasks.values_mut().filter(runs).min_by_key(|task| task.started_at);
        if let Some(task) = oldest {
            task.due = Some(at);
            self.flaws.insert(task.id.clone(), Flaw::Exits { code: 137, after: 0 });
        }
    }
}

impl Repository {
    /// The image that the tag leads to.
    pub fn tagged(&self, tag: &str) -> Option<&Stored> {
        self.images.iter().find(|image| image.tags.iter().any(|other| other == tag))
    }
}

/// The digest behind `image` now; nothing if it cannot be pulled.
///
/// Images of other registries are always there: nobody here can say what is in them.
pub(crate) fn resolve(repositories: &BTreeMap<String, Repository>, place: &Place, image: &str) -> Option<String> {
    let (host, rest) = image.split_once('/').unwrap_or(("", image));
    if host != place.registry() {
        return Some(rest.split_once('@').map_or_else(|| digest(image), |(_, digest)| digest.to_owned()));
    }
    if let Some((name, digest)) = rest.split_once('@') {
        let name = name.split_once(':').map_or(name, |(name, _)| name);
        let held = repositories.get(name)?.images.iter().any(|image| image.digest == digest);
        return held.then(|| digest.to_owned());
    }
    let (name, tag) = rest.split_once(':').unwrap_or((rest, "latest"));
    repositories.get(name)?.tagged(tag).map(|image| image.digest.clone())
}
