//! What stands behind an image's tag in ECR now.

use aws_sdk_ecr::types::{ImageDetail, ImageIdentifier};

use super::convert::time;
use super::error::odd;
use super::seat::{Call, Seat};
use crate::fleet::image::Image;
use crate::fleet::{Answer, Facts, Lane, Manifest, Tagged, Trouble};

/// The digest behind the tag of `reference`: one `DescribeImages`.
///
/// A tag alone in each request: one that does not exist fails all that are asked for together
/// (<https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html>). Images
/// outside of ECR, or in another region than the context's, cannot be asked about.
pub(super) async fn tag(seat: &Seat, lane: Lane, reference: &str) -> Answer {
    let image = Image::parse(reference);
    let call = Call::new("DescribeImages", format!("image {reference}"));
    let Some((account, tag)) = account(&image, &seat.context.region).zip(image.tag.as_deref()) else {
        let message = format!("the image is not in ECR in {}", seat.context.region);
        let advice = "Its registry is not asked; look there which digest the tag stands for.";
        return Answer::None(odd(&call, Trouble::Refused, &message, advice));
    };
    let request = seat.ecr.describe_images().registry_id(account).repository_name(&image.name);
    let request = request.image_ids(ImageIdentifier::builder().image_tag(tag).build());
    let details = match seat.send(lane, &call, request.send()).await {
        Ok(answer) => answer.image_details.unwrap_or_default(),
        // The repository is there, the tag is not: that is an answer.
        Err(error) if error.code.as_deref() == Some("ImageNotFoundException") => vec![],
        Err(error) => return Answer::None(error),
    };
    Answer::Whole(Facts::Tag(tagged(reference, details.first())))
}

fn tagged(reference: &str, detail: Option<&ImageDetail>) -> Tagged {
    let media = detail.and_then(ImageDetail::image_manifest_media_type).unwrap_or_default();
    // https://github.com/opencontainers/image-spec/blob/main/media-types.md and Docker's own word for it.
    let index = media.contains("image.index") || media.contains("manifest.list");
    Tagged {
        reference: reference.to_owned(),
        digest: detail.and_then(ImageDetail::image_digest).map(str::to_owned),
        manifest: if index { Manifest::Index } else { Manifest::Image },
        pushed_at: detail.and_then(|detail| time(detail.image_pushed_at())),
    }
}

/// The account whose registry holds `image`, if that is an ECR registry of `region`.
///
/// `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, with `-fips` or `.cn`, or the dual-stack form
/// `ACCOUNT.dkr-ecr.REGION.on.aws`.
/// Source: <https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html>
fn account<'a>(image: &'a Image, region: &str) -> Option<&'a str> {
    let (account, host) = image.registry.as_deref()?.split_once('.')?;
    let digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let rest = ["dkr.ecr.", "dkr-ecr.", "dkr.ecr-fips."].iter().find_map(|kind| host.strip_prefix(kind))?;
    let known = ["amazonaws.com", "amazonaws.com.cn", "on.aws"];
    let rest = rest.strip_prefix(region)?.strip_prefix('.')?;
    (digits && known.contains(&rest)).then_some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_in_ecr_says_whose_registry_it_is_in() {
        for (reference, found) in [
            ("111122223333.dkr.ecr.us-east-1.amazonaws.com/humangov/web:v1", Some("111122223333")),
            ("111122223333.dkr-ecr.us-east-1.on.aws/web:v1", Some("111122223333")),
            ("111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/web", Some("111122223333")),
            ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:v1", None),
            ("public.ecr.aws/nginx/nginx:1", None),
            ("nginx", None),
            ("1.dkr.ecr.us-east-1.amazonaws.com/web:v1", None),
        ] {
            assert_eq!(account(&Image::parse(reference), "us-east-1"), found, "{reference}");
        }
    }
}
