//! What has become of the tag that a task was asked for by.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::Timestamp;

use crate::fleet::{Extent, Manifest, StoredImage};

/// An index is pushed after the images it lists, by one command as a rule: so much later at the most.
const PUSHED_TOGETHER: Duration = Duration::from_mins(1);

/// What the tag stands for now that a running container was asked for by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stands {
    /// For the very digest that runs.
    Here,
    /// For an index that was pushed within a minute after the untagged image that runs: it is taken for one of its
    /// images. ECR's list does not say what is in an index.
    Platform,
    /// For this other digest: the tag has moved, and a new task would run that.
    Elsewhere(String),
    /// For an index that may list the image that runs, or not.
    Index(String),
    /// For nothing: no image has the tag.
    Missing,
    /// Not known: the repository has not been read to the end, the digest that runs is not told, or there is no tag.
    Unknown,
}

/// What is known of a repository, to be looked up: there may be 100,000 images, and as many tasks.
pub(super) struct Shelf<'a> {
    read: bool,
    extent: Extent,
    tags: HashMap<&'a str, &'a StoredImage>,
    digests: HashMap<&'a str, &'a StoredImage>,
    /// Tagged indexes, by the time of their push.
    indexes: BTreeMap<Timestamp, &'a StoredImage>,
}

impl<'a> Shelf<'a> {
    /// `known` of a repository: nothing before it has been read, which may have been to the end or in part.
    pub(super) fn new(known: Option<&'a [StoredImage]>, extent: Extent) -> Self {
        let images = known.unwrap_or_default();
        let tags = images.iter().flat_map(|image| image.tags.iter().map(move |tag| (tag.as_str(), image)));
        let indexes = images.iter().filter(|image| image.manifest == Manifest::Index && !image.tags.is_empty());
        Self {
            read: known.is_some(),
            extent,
            tags: tags.collect(),
            digests: images.iter().map(|image| (image.digest.as_str(), image)).collect(),
            indexes: indexes.filter_map(|image| Some((image.pushed_at?, image))).collect(),
        }
    }

    /// What has become of `tag`, by which `digest` was asked for.
    pub(super) fn stands(&self, tag: Option<&str>, digest: Option<&str>) -> Stands {
        let Some(tag) = tag.filter(|_| self.read) else { return Stands::Unknown };
        let (named, digest) = match (self.tags.get(tag), digest, self.extent) {
            (None, _, Extent::Whole) => return Stands::Missing,
            (None, _, Extent::Part) | (_, None, _) => return Stands::Unknown,
            (Some(named), Some(digest), _) => (named, digest),
        };
        if named.digest == digest {
            return Stands::Here;
        }
        match (named.manifest, self.digests.get(digest)) {
            (Manifest::Index, Some(runs)) if is_platform_of(runs, named) => Stands::Platform,
            // An image that an index listed before may be listed by the next one: it keeps its time of pushing.
            (Manifest::Index, Some(runs)) if runs.manifest == Manifest::Image && runs.tags.is_empty() => {
                Stands::Index(named.digest.clone())
            }
            (Manifest::Index, None) => Stands::Index(named.digest.clone()),
            _ => Stands::Elsewhere(named.digest.clone()),
        }
    }

    /// A tag of the index that `image` was pushed for, if one is known that it may have been pushed for.
    pub(super) fn platform_of(&self, image: &StoredImage) -> Option<String> {
        let pushed = image.pushed_at?;
        let mut after = self.indexes.range(pushed..).map(|(_, index)| index);
        after.next().filter(|index| is_platform_of(image, index)).and_then(|index| index.tags.first().cloned())
    }
}

fn is_platform_of(image: &StoredImage, index: &StoredImage) -> bool {
    let (Some(pushed), Some(listed)) = (image.pushed_at, index.pushed_at) else { return false };
    let after = Duration::try_from(listed.duration_since(pushed));
    index.manifest == Manifest::Index
        && image.manifest == Manifest::Image
        && image.tags.is_empty()
        && image.subject.is_none()
        && after.is_ok_and(|after| after <= PUSHED_TOGETHER)
}
