//! Reads which digest an image's tag has in ECR now.

use aws_sdk_ecr::Client as Ecr;
use aws_sdk_ecr::types::{ImageDetail, ImageIdentifier};

use super::client::{ContextClient, RequestInfo};
use super::convert::time;
use super::error::protocol_error;
use crate::fleet::image::Image;
use crate::fleet::{Manifest, Operation, Payload, Priority, Response, Tagged, Trouble};

/// The digest behind the tag of `reference`: one `DescribeImages`.
///
/// A tag alone in each request: one that does not exist fails all that are asked for together
/// (<https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html>). Images
/// outside of ECR, or in another region than the context's, cannot be asked about.
pub(super) async fn image_tag(client: &ContextClient, lane: Priority, reference: &str) -> Response {
    let image = Image::parse(reference);
    let info = RequestInfo::new(Operation::DescribeImages, format!("image {reference}"));
    let Some((account, tag)) = image.ecr_account(&client.context.region).zip(image.tag.as_deref()) else {
        let message = format!("the image is not in ECR in {}", client.context.region);
        let advice = "wharf does not read its registry; look there for the tag's digest.";
        return Response::Failed(protocol_error(&info, Trouble::Refused, &message, advice));
    };
    let request = client.sdk::<Ecr>().describe_images().registry_id(account).repository_name(&image.name);
    let request = request.image_ids(ImageIdentifier::builder().image_tag(tag).build());
    let details = match client.send(lane, &info, request.send()).await {
        Ok(answer) => answer.image_details.unwrap_or_default(),
        // The repository is there, the tag is not: that is an answer.
        Err(error) if error.code.as_deref() == Some("ImageNotFoundException") => vec![],
        Err(error) => return Response::Failed(error),
    };
    Response::Complete(Payload::ImageTag(tagged(reference, details.first())))
}

fn tagged(reference: &str, detail: Option<&ImageDetail>) -> Tagged {
    Tagged {
        reference: reference.to_owned(),
        digest: detail.and_then(ImageDetail::image_digest).map(str::to_owned),
        manifest: detail.map_or(Manifest::Image, manifest),
        pushed_at: detail.and_then(|detail| time(detail.image_pushed_at())),
    }
}

/// What the digest of an image is the digest of.
pub(super) fn manifest(detail: &ImageDetail) -> Manifest {
    let media = detail.image_manifest_media_type().unwrap_or_default();
    // https://github.com/opencontainers/image-spec/blob/main/media-types.md and Docker's own word for it.
    let index = media.contains("image.index") || media.contains("manifest.list");
    if index { Manifest::Index } else { Manifest::Image }
}
