//! The rest of the story's repositories: older versions, untagged images, indexes and signatures.

use jiff::{SignedDuration, Timestamp};

use super::super::random::{Random, digest};
use super::super::world::{ImageKind, ImageStatus, RegionBuilder, Repository, StoredImage};

/// A lifecycle rule archives images that were last pulled this long ago.
const ARCHIVED_AFTER: SignedDuration = SignedDuration::from_hours(24 * 300);

/// The cluster whose tasks report the digest of an index's child, as some agents do.
const RUNS_INDEX_CHILD: &str = "wyoming-production";

/// The repository and the tag of a release candidate that was built for two platforms, twice under the same tag.
const CANDIDATE: (&str, &str) = ("humangov/worker", "v2.15.0-rc.2");

/// Fills each repository up to 20 to 60 tags.
pub(super) fn fill(builder: &mut RegionBuilder<'_>) {
    let now = builder.now;
    let (mut indexes, mut rebuilt) = (vec![], None);
    let registry = builder.region.location.registry_host();
    for repository in builder.region.repositories.values_mut() {
        add_older_versions(repository, &registry, now);
        let mut tags = repository.images.iter().rev().filter_map(|image| image.tags.first());
        let newest = tags.find(|tag| !tag.contains('-')).cloned();
        for image in repository.images.iter_mut().filter(|image| image.pulled_at.is_none()) {
            // Images that run somewhere were pulled within about a day.
            let hours = Random::from_words(&["pulled", &image.digest]).between(1, 30);
            image.pulled_at = Some((now - SignedDuration::from_hours(hours)).max(image.pushed_at));
        }
        // Release candidates are not signed, and are built for one platform only.
        if let Some(newest) = newest {
            add_signature(repository, &newest);
            // The tag of California's worker has moved, which an index would hide.
            if repository.name.ends_with("/worker") && !repository.name.starts_with("humangov-california") {
                indexes.push((format!("{registry}/{}:{newest}", repository.name), repository.make_index(&newest)));
            }
        }
        if repository.name == CANDIDATE.0 {
            rebuilt = rebuild_candidate(repository, &registry, now);
        }
    }
    for (name, cluster) in &mut builder.region.clusters {
        for container in cluster.tasks.values_mut().flat_map(|task| &mut task.containers) {
            let first = indexes.iter().find(|(image, _)| name == RUNS_INDEX_CHILD && *image == container.image);
            let first = first.and_then(|(_, children)| children.first());
            let second = rebuilt.as_ref().filter(|(image, _)| *image == container.image).map(|(_, child)| child);
            container.digest = first.or(second).cloned().or(container.digest.take());
        }
    }
}

/// Turns the release candidate into an index, which lost its tag to another index a day ago. Returns its image name,
/// and the digest of the image for the second platform: its tasks run that digest.
fn rebuild_candidate(repository: &mut Repository, registry: &str, now: Timestamp) -> Option<(String, String)> {
    let (name, tag) = CANDIDATE;
    let named = format!("{registry}/{name}:{tag}");
    let child = repository.make_index(tag).into_iter().nth(1)?;
    for image in &mut repository.images {
        image.tags.retain(|other| other != tag);
    }
    let at = now - SignedDuration::from_hours(26);
    let again = StoredImage::new(digest(&format!("{named}#again")), vec![tag.to_owned()], at);
    repository.images.push(StoredImage { pulled_at: Some(at), ..again });
    repository.images.sort_by_key(|image| image.pushed_at);
    repository.make_index(tag);
    Some((named, child))
}

/// Adds versions older than the oldest image, down to v1.0.0. Some have a second, earlier push of the same tag.
fn add_older_versions(repository: &mut Repository, registry: &str, now: Timestamp) {
    let Some(oldest) = repository.images.iter().map(|image| image.pushed_at).min() else { return };
    let mut random = Random::from_words(&["shelves", &repository.name]);
    let wanted = usize::try_from(random.between(20, 60)).unwrap_or(20);
    let tagged: usize = repository.images.iter().map(|image| image.tags.len()).sum();
    let (mut at, mut added) = (oldest, vec![]);
    for tag in versions(repository).into_iter().take(wanted.saturating_sub(tagged)) {
        at -= SignedDuration::from_mins(random.between(20 * 60, 9 * 24 * 60));
        let named = format!("{registry}/{}:{tag}", repository.name);
        let pulled_at =
            Some(at + SignedDuration::from_hours(random.between(2, 24 * 60))).filter(|pulled| *pulled < now);
        let status = match pulled_at {
            Some(pulled) if now.duration_since(pulled) > ARCHIVED_AFTER => ImageStatus::Archived,
            _ => ImageStatus::Active,
        };
        let image = StoredImage::new(digest(&named), vec![tag], at);
        if random.below(8) == 0 {
            // The tag was pushed again an hour later, so the first image has no tag.
            let first = StoredImage::new(digest(&format!("{named}#first")), vec![], at - SignedDuration::from_hours(1));
            added.push(StoredImage { pulled_at: Some(at), status, ..first });
        }
        added.push(StoredImage { pulled_at, status, ..image });
    }
    repository.created_at = repository.created_at.min(at - SignedDuration::from_hours(2));
    repository.images.extend(added);
    repository.images.sort_by_key(|image| image.pushed_at);
}

/// The versions below the lowest one in the repository, the highest first; as in v2.13.9.
fn versions(repository: &Repository) -> Vec<String> {
    let number = |tag: &String| {
        let mut parts = tag.strip_prefix('v')?.splitn(3, '.');
        Some((parts.next()?.parse::<u32>().ok()?, parts.next()?.parse::<u32>().ok()?))
    };
    let lowest = repository.images.iter().flat_map(|image| &image.tags).filter_map(number).min();
    let (major, minor) = lowest.unwrap_or((1, 9));
    let of = |major: u32, minor: u32| (0..10).rev().map(move |patch| format!("v{major}.{minor}.{patch}"));
    let these = (0..minor).rev().flat_map(move |minor| of(major, minor));
    let before = (1..major).rev().flat_map(|major| (0..10).rev().map(move |minor| (major, minor)));
    these.chain(before.flat_map(move |(major, minor)| of(major, minor))).collect()
}

/// Adds a signature of the image with this tag.
fn add_signature(repository: &mut Repository, tag: &str) {
    let Some(image) = repository.tagged(tag) else { return };
    let subject = image.digest.clone();
    let signed = image.pushed_at + SignedDuration::from_secs(40);
    let signature = StoredImage::new(digest(&format!("signature of {subject}")), vec![], signed);
    let kind = ImageKind::Signature(subject);
    repository.images.push(StoredImage { size: 5_912, kind, pulled_at: Some(signed), ..signature });
    repository.images.sort_by_key(|image| image.pushed_at);
}
