//! What a repository of images holds.

use jiff::Timestamp;

use super::Manifest;

/// An image in ECR.
///
/// Source: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredImage {
    /// Its digest.
    pub digest: String,
    /// Its tags; none for an image whose tags have moved on, and for an index's children.
    pub tags: Vec<String>,
    /// Compressed size in bytes; of an index that of its largest child.
    pub size: Option<u64>,
    /// When it was pushed.
    pub pushed_at: Option<Timestamp>,
    /// When it was pulled last, roughly.
    pub pulled_at: Option<Timestamp>,
    /// One image, or a list of images for several platforms.
    pub manifest: Manifest,
    /// What it is a signature or a list of contents of, where it is one.
    pub subject: Option<String>,
    /// `ACTIVE`, `ARCHIVED` or `ACTIVATING`.
    pub status: Option<String>,
    /// What a scan found; nothing where ECR does not say (current basic scanning does not).
    pub scan: Option<String>,
}

/// What the manifest of an index lists.
///
/// Sources: <https://github.com/opencontainers/image-spec/blob/main/image-index.md>, and Docker's manifest list,
/// <https://distribution.github.io/distribution/spec/manifest-v2-2/#manifest-list>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its digest: what has it never changes.
    pub digest: String,
    /// What it lists, in its order: images, and what was attested of them.
    pub lists: Vec<IndexEntry>,
}

/// One image in an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexEntry {
    /// Its digest.
    pub digest: String,
    /// What it runs on, as in `linux/amd64` and `linux/arm/v7`; nothing where the index does not say, and for what
    /// does not run.
    pub platform: Option<String>,
}
