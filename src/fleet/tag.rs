//! Which digest an image's tag has at one moment.

use jiff::Timestamp;

/// What a tag names in ECR.
///
/// Source: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageDetail.html>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// The reference that was asked about: `HOST/NAME:TAG`.
    pub reference: String,
    /// The tag's digest; nothing where the repository has no such tag.
    pub digest: Option<String>,
    /// One image, or a list of images for several platforms.
    pub manifest: Manifest,
    /// When that digest was pushed.
    pub pushed_at: Option<Timestamp>,
}

/// What a digest is the digest of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manifest {
    /// One image: tasks that run it show this digest.
    Image,
    /// A list of images: tasks may show its digest, or that of the image for their platform.
    Index,
}
