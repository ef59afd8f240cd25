//! What has become of the tag that a task was asked for by.

use std::time::Duration;

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

impl Stands {
    /// What has become of `tag`, by which `digest` was asked for, given what is known of the repository.
    pub(super) fn of(known: Option<&[StoredImage]>, extent: Extent, tag: Option<&str>, digest: Option<&str>) -> Self {
        let (Some(images), Some(tag)) = (known, tag) else { return Self::Unknown };
        let named = images.iter().find(|image| image.tags.iter().any(|other| other == tag));
        let (named, digest) = match (named, digest, extent) {
            (None, _, Extent::Whole) => return Self::Missing,
            (None, _, Extent::Part) | (_, None, _) => return Self::Unknown,
            (Some(named), Some(digest), _) => (named, digest),
        };
        if named.digest == digest {
            return Self::Here;
        }
        let runs = images.iter().find(|image| image.digest == digest);
        match (named.manifest, runs) {
            (Manifest::Index, Some(runs)) if is_platform_of(runs, named) => Self::Platform,
            // An image that an index listed before may be listed by the next one: it keeps its time of pushing.
            (Manifest::Index, Some(runs)) if runs.manifest == Manifest::Image && runs.tags.is_empty() => {
                Self::Index(named.digest.clone())
            }
            (Manifest::Index, None) => Self::Index(named.digest.clone()),
            _ => Self::Elsewhere(named.digest.clone()),
        }
    }
}

/// A tag of the index that `image` was pushed for, if one is known that it may have been pushed for.
pub(super) fn platform_of(images: &[StoredImage], image: &StoredImage) -> Option<String> {
    images.iter().filter(|index| is_platform_of(image, index)).find_map(|index| index.tags.first().cloned())
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
