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
