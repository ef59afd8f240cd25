//! What a repository of images holds.

use aws_sdk_ecr::Client as Ecr;
use aws_sdk_ecr::types::{
    DescribeImagesFilter, FindingSeverity, ImageDetail, ImageScanFindingsSummary, ImageScanStatus, ImageStatusFilter,
    TagStatus,
};

use super::answer;
use super::client::{ContextClient, RequestInfo, service_client};
use super::convert::{text, time};
use super::error::protocol_error;
use super::image_tag::manifest;
use super::pages::pages;
use crate::fleet::image::Image;
use crate::fleet::operation::AwsService;
use crate::fleet::{Operation, Payload, Priority, Response, StoredImage, Trouble};

service_client!(aws_sdk_ecr, AwsService::Ecr);

/// The largest page of `DescribeImages` (API model).
const PAGE: i32 = 1_000;

/// The images of `repository` (`HOST/NAME`), tagged or not, archived or not, the newest first.
///
/// ECR does not sort, so that every page is read; a repository holds 100,000 images at most
/// (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html>). Repositories outside
/// of ECR, or in another region than the context's, cannot be asked about.
pub(super) async fn images(client: &ContextClient, lane: Priority, repository: &str) -> Response {
    let image = Image::parse(repository);
    let info = RequestInfo::new(Operation::DescribeImages, format!("repository {repository}"));
    let Some(account) = image.ecr_account(&client.context.region) else {
        let message = format!("the repository is not in ECR in {}", client.context.region);
        return Response::Failed(protocol_error(
            &info,
            Trouble::Refused,
            &message,
            "wharf does not read its registry; look there.",
        ));
    };
    // Without a word on status ECR leaves archived images out.
    let any = DescribeImagesFilter::builder().tag_status(TagStatus::Any).image_status(ImageStatusFilter::Any).build();
    let listed = pages(&info, usize::MAX, |token| async {
        let request = client.sdk::<Ecr>().describe_images().registry_id(account).repository_name(&image.name);
        let request = request.filter(any.clone()).max_results(PAGE).set_next_token(token);
        let page = client.send(lane, &info, request.send()).await?;
        Ok((page.image_details.unwrap_or_default(), page.next_token))
    })
    .await;
    if let (0, Some(error)) = (listed.pages, listed.error.clone()) {
        return Response::Failed(error);
    }
    let mut images: Vec<StoredImage> = listed.items.iter().filter_map(stored).collect();
    images.sort_by(|a, b| b.pushed_at.cmp(&a.pushed_at).then_with(|| a.digest.cmp(&b.digest)));
    // Pages are not of one moment: an image may be on two of them.
    images.dedup_by(|a, b| a.digest == b.digest);
    answer(Payload::Images(images), listed.error)
}

/// An image; nothing where the answer does not even name it.
fn stored(detail: &ImageDetail) -> Option<StoredImage> {
    Some(StoredImage {
        digest: text(detail.image_digest())?,
        tags: detail.image_tags().to_vec(),
        size: detail.image_size_in_bytes().and_then(|bytes| u64::try_from(bytes).ok()),
        pushed_at: time(detail.image_pushed_at()),
        pulled_at: time(detail.last_recorded_pull_time()),
        manifest: manifest(detail),
        subject: text(detail.subject_manifest_digest()),
        status: text(detail.image_status().map(aws_sdk_ecr::types::ImageStatus::as_str)),
        scan: scan(detail.image_scan_findings_summary(), detail.image_scan_status()),
    })
}

/// `2 critical, 14 high`, or how far the scan has come.
fn scan(found: Option<&ImageScanFindingsSummary>, status: Option<&ImageScanStatus>) -> Option<String> {
    let words = |status: &str| status.to_lowercase().replace('_', " ");
    let status = status.and_then(ImageScanStatus::status).map(|status| words(status.as_str()));
    let Some(counts) = found.and_then(ImageScanFindingsSummary::finding_severity_counts) else { return status };
    let worst = [
        FindingSeverity::Critical,
        FindingSeverity::High,
        FindingSeverity::Medium,
        FindingSeverity::Low,
        FindingSeverity::Informational,
        FindingSeverity::Undefined,
    ];
    let count = |severity: FindingSeverity| {
        let count = counts.get(&severity).copied().filter(|count| *count > 0)?;
        Some(format!("{count} {}", words(severity.as_str())))
    };
    let found: Vec<String> = worst.into_iter().filter_map(count).collect();
    Some(if found.is_empty() { "none found".to_owned() } else { found.join(", ") })
}
