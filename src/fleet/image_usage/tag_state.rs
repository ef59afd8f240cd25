//! What has become of the tag that a task was asked for by, and which index an image is part of.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::RequestedBy;
use crate::fleet::{Completeness, IndexEntry, Manifest, StoredImage};

/// An index is pushed after the images it lists, by one command as a rule: so much later at the most.
const PUSHED_TOGETHER: Duration = Duration::from_mins(1);

/// What has become of the tag that a running container was started by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TagState {
    /// It has the very digest that runs.
    Current,
    /// It names an index that lists the image that runs; or, where its manifest has not been read, one that was
    /// pushed within a minute after that untagged image: see [`PartOf::by`].
    CurrentPlatform,
    /// It has this other digest: the tag has moved, and a new task would run that. An index among them, if its manifest
    /// has been read and does not list the image that runs.
    Moved(String),
    /// It names an index that may list the image that runs, or not: its manifest has not been read.
    MovedToIndex(String),
    /// No image has the tag.
    Missing,
    /// It has this other digest, or no image has it; but it is not known whether new tasks go by it: see
    /// [`RequestedBy::Unclear`].
    ByDigest(Option<String>),
    /// Not known: the repository has not been read to the end, the digest that runs is not known, or there is no tag.
    /// Nor does it matter where new tasks go by the digest.
    Unknown,
}

/// The index that an image is part of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartOf {
    /// Its digest.
    pub index: String,
    /// A tag of it, that which tasks were asked for by if it has that; nothing where it has none now.
    pub tag: Option<String>,
    /// How that is known.
    pub by: Evidence,
}

/// How it is known which index an image is part of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The manifest of the index lists it, for this platform where it says one.
    Manifest(Option<String>),
    /// The index was pushed within a minute after it, and its manifest has not been read: a guess.
    Push,
}

/// What indexes list, by their digests.
type Contents = BTreeMap<String, Arc<Vec<IndexEntry>>>;

/// What is known of a repository, to be looked up: there may be 100,000 images, and as many tasks.
pub(super) struct ImageIndex<'a> {
    read: bool,
    extent: Completeness,
    contents: &'a Contents,
    tags: HashMap<&'a str, &'a StoredImage>,
    digests: HashMap<&'a str, &'a StoredImage>,
    /// Indexes, by the time of their push.
    indexes: BTreeMap<(Timestamp, &'a str), &'a StoredImage>,
    /// What is listed by those that were read, and for which platform.
    parts: HashMap<&'a str, Vec<(&'a StoredImage, Option<&'a str>)>>,
}

impl<'a> ImageIndex<'a> {
    /// `known` of a repository: nothing before it has been read, which may have been to the end or in part.
    pub(super) fn new(known: Option<&'a [StoredImage]>, extent: Completeness, contents: &'a Contents) -> Self {
        let images = known.unwrap_or_default();
        let tags = images.iter().flat_map(|image| image.tags.iter().map(move |tag| (tag.as_str(), image)));
        let indexes = || images.iter().filter(|image| image.manifest == Manifest::Index);
        let mut parts: HashMap<&str, Vec<_>> = HashMap::new();
        for index in indexes() {
            for listed in contents.get(&index.digest).into_iter().flat_map(|lists| lists.iter()) {
                parts.entry(&listed.digest).or_default().push((index, listed.platform.as_deref()));
            }
        }
        Self {
            read: known.is_some(),
            extent,
            contents,
            tags: tags.collect(),
            digests: images.iter().map(|image| (image.digest.as_str(), image)).collect(),
            indexes: indexes().filter_map(|index| Some(((index.pushed_at?, index.digest.as_str()), index))).collect(),
            parts,
        }
    }

    /// What has become of the tag that `digest` was `asked` for by.
    pub(super) fn tag_state(&self, asked: &RequestedBy, digest: Option<&str>) -> TagState {
        match (asked, self.state_of_tag(asked.requested_tag(), digest)) {
            (RequestedBy::Unclear(_), TagState::Moved(other)) => TagState::ByDigest(Some(other)),
            (RequestedBy::Unclear(_), TagState::Missing) => TagState::ByDigest(None),
            (_, stands) => stands,
        }
    }

    fn state_of_tag(&self, tag: Option<&str>, digest: Option<&str>) -> TagState {
        let Some(tag) = tag.filter(|_| self.read) else { return TagState::Unknown };
        let (named, digest) = match (self.tags.get(tag), digest, self.extent) {
            (None, _, Completeness::Complete) => return TagState::Missing,
            (None, _, Completeness::Partial) | (_, None, _) => return TagState::Unknown,
            (Some(named), Some(digest), _) => (named, digest),
        };
        if named.digest == digest {
            return TagState::Current;
        }
        if let Some(lists) = self.contents.get(&named.digest) {
            let listed = lists.iter().any(|listed| listed.digest == digest);
            return if listed { TagState::CurrentPlatform } else { TagState::Moved(named.digest.clone()) };
        }
        match (named.manifest, self.digests.get(digest)) {
            (Manifest::Index, Some(runs)) if is_platform_of(runs, named) => TagState::CurrentPlatform,
            // An image that an index listed before may be listed by the next one: it keeps its time of pushing.
            (Manifest::Index, Some(runs)) if runs.manifest == Manifest::Image && runs.tags.is_empty() => {
                TagState::MovedToIndex(named.digest.clone())
            }
            (Manifest::Index, None) => TagState::MovedToIndex(named.digest.clone()),
            _ => TagState::Moved(named.digest.clone()),
        }
    }

    /// The index whose manifest has still to be read to tell what has become of `tag`, by which `digest` was asked
    /// for, and which index that digest is part of.
    ///
    /// Nothing where the tag has the digest itself, or where that is an index. First the index that the tag
    /// names; where that lists something else, or the tag names none, the one index that was pushed next
    /// after the image, within a minute. Archived ones cannot be read.
    pub(super) fn unread(&self, tag: Option<&str>, digest: Option<&str>) -> Option<&'a str> {
        let digest = digest?;
        let named = tag.and_then(|tag| self.tags.get(tag).copied());
        let runs = self.digests.get(digest).copied();
        let whole = runs.is_some_and(|runs| runs.manifest == Manifest::Index || runs.subject.is_some());
        if whole || named.is_some_and(|named| named.digest == digest) {
            return None;
        }
        let unread = |index: &&'a StoredImage| {
            let active = index.status.as_deref().is_none_or(|status| status == "ACTIVE");
            index.manifest == Manifest::Index && active && !self.contents.contains_key(&index.digest)
        };
        let next = || runs.filter(|_| !self.parts.contains_key(digest)).and_then(|runs| self.pushed_after(runs).next());
        named.filter(unread).or_else(|| next().filter(unread)).map(|index| index.digest.as_str())
    }

    /// The index that the image with this `digest` is part of, `asked` for by these tags: by the manifests that were
    /// read, or else by when it was pushed.
    pub(super) fn part_of(&self, digest: &str, asked: &BTreeSet<&str>) -> Option<PartOf> {
        let told = self.parts.get(digest).into_iter().flatten();
        let wanted = |index: &StoredImage| index.tags.iter().find(|tag| asked.contains(tag.as_str())).cloned();
        let told = told.max_by_key(|(index, _)| (wanted(index).is_some(), !index.tags.is_empty(), index.pushed_at));
        let part = |index: &StoredImage, by: Evidence| PartOf {
            index: index.digest.clone(),
            tag: wanted(index).or_else(|| index.tags.first().cloned()),
            by,
        };
        if let Some((index, platform)) = told {
            return Some(part(index, Evidence::Manifest(platform.map(str::to_owned))));
        }
        let unread = |index: &&StoredImage| !index.tags.is_empty() && !self.contents.contains_key(&index.digest);
        let guessed = self.pushed_after(self.digests.get(digest)?).find(unread)?;
        Some(part(guessed, Evidence::Push))
    }

    /// Indexes that `image` may have been pushed for, the one that was pushed next in front.
    fn pushed_after(&self, image: &'a StoredImage) -> impl Iterator<Item = &'a StoredImage> {
        let after = image.pushed_at.map(|pushed| self.indexes.range((pushed, "")..));
        after.into_iter().flatten().map(|(_, index)| *index).take_while(move |index| is_platform_of(image, index))
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
