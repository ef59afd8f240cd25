//! What indexes of images for several platforms list, by their manifests.

use std::collections::BTreeSet;

use aws_sdk_ecr::Client as Ecr;
use aws_sdk_ecr::types::{Image as Fetched, ImageFailure, ImageFailureCode, ImageIdentifier};
use serde::Deserialize;

use super::answer;
use super::client::{ContextClient, RequestInfo};
use super::error::protocol_error;
use crate::fleet::image::Image;
use crate::fleet::{CloudError, INDEXES_PER_QUERY, Index, IndexEntry, Operation, Payload, Priority, Response, Trouble};

/// What an index may be, in OCI's words and in Docker's
/// (<https://github.com/opencontainers/image-spec/blob/main/media-types.md>,
/// <https://distribution.github.io/distribution/spec/manifest-v2-2/>).
const ACCEPTED: [&str; 2] =
    ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];

/// What the indexes with these `digests` in `repository` (`HOST/NAME`) list: one `BatchGetImage` for each hundred.
///
/// It is what a pull makes, and counts as one: it moves `lastRecordedPullTime`, by which lifecycle rules may expire
/// images. Therefore it is asked only about indexes that something which runs depends on, and never about a list
/// (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-time-update-exclusions.html>).
/// Those that cannot be read come as the error beside the others.
pub(super) async fn indexes(client: &ContextClient, lane: Priority, repository: &str, digests: &[String]) -> Response {
    let image = Image::parse(repository);
    let info = RequestInfo::new(Operation::BatchGetImage, format!("repository {repository}"));
    let Some(account) = image.ecr_account(&client.context.region) else {
        let message = format!("the repository is not in ECR in {}", client.context.region);
        return Response::Failed(protocol_error(
            &info,
            Trouble::Refused,
            &message,
            "wharf does not read its registry; look there.",
        ));
    };
    let (mut found, mut trouble) = (vec![], None::<CloudError>);
    for asked in digests.chunks(INDEXES_PER_QUERY) {
        let ids = asked.iter().map(|digest| ImageIdentifier::builder().image_digest(digest).build()).collect();
        let request = client.sdk::<Ecr>().batch_get_image().registry_id(account).repository_name(&image.name);
        let accepted = ACCEPTED.map(str::to_owned).to_vec();
        let request = request.set_image_ids(Some(ids)).set_accepted_media_types(Some(accepted));
        let fetched = match client.send(lane, &info, request.send()).await {
            Ok(fetched) => fetched,
            Err(error) if found.is_empty() => return Response::Failed(optional(error)),
            Err(error) => return Response::Partial(Payload::ImageIndexes(found), optional(error)),
        };
        let mut silent: BTreeSet<&String> = asked.iter().collect();
        for image in fetched.images() {
            let digest = image.image_id().and_then(ImageIdentifier::image_digest);
            let Some(digest) = asked.iter().find(|asked| Some(asked.as_str()) == digest) else { continue };
            silent.remove(digest);
            match lists(image) {
                Ok(lists) => found.push(Index { digest: digest.clone(), lists }),
                Err(why) => {
                    let message = format!("the manifest of {digest} is no index: {why}");
                    let advice = "Only push times show which of its images run.";
                    trouble.get_or_insert(protocol_error(&info, Trouble::Unreadable, &message, advice));
                }
            }
        }
        for failure in fetched.failures() {
            let digest = failure.image_id().and_then(ImageIdentifier::image_digest);
            silent.retain(|asked| Some(asked.as_str()) != digest);
            trouble.get_or_insert(failed(&info, digest.unwrap_or("an image"), failure));
        }
        if let Some(digest) = silent.first() {
            let message = format!("the answer lacks {} of {} indexes, {digest} first", silent.len(), asked.len());
            let advice = "Only push times show which of their images run.";
            trouble.get_or_insert(protocol_error(&info, Trouble::Unreadable, &message, advice));
        }
    }
    match (found.is_empty(), trouble) {
        (true, Some(error)) => Response::Failed(error),
        (_, error) => answer(Payload::ImageIndexes(found), error),
    }
}

/// Nothing else needs this permission.
fn optional(mut error: CloudError) -> CloudError {
    if error.kind == Trouble::Denied {
        error.advice.push_str(" Without it, only push times show which images of an index run.");
    }
    error
}

/// One of `failures[]`.
fn failed(info: &RequestInfo, digest: &str, failure: &ImageFailure) -> CloudError {
    let kind = match failure.failure_code() {
        Some(ImageFailureCode::ImageNotFound) => Trouble::Gone,
        _ => Trouble::Refused,
    };
    let advice = match failure.failure_code() {
        Some(ImageFailureCode::ImageNotFound) => "It was deleted; wharf reads the repository again by itself.",
        Some(ImageFailureCode::ImageInaccessible) => "It is archived: it cannot be read until it is restored.",
        _ => "AWS's message says what is wrong.",
    };
    let error =
        protocol_error(info, kind, &format!("{digest}: {}", failure.failure_reason().unwrap_or_default()), advice);
    CloudError { code: failure.failure_code().map(|code| code.as_str().to_owned()), ..error }
}

/// What the manifest of an index says, in OCI's words and in Docker's alike.
#[derive(Deserialize)]
struct Manifest {
    manifests: Vec<Descriptor>,
}

#[derive(Deserialize)]
struct Descriptor {
    digest: String,
    platform: Option<Platform>,
}

#[derive(Deserialize)]
struct Platform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    variant: String,
}

fn lists(image: &Fetched) -> Result<Vec<IndexEntry>, String> {
    let manifest = image.image_manifest().ok_or("the answer does not have it")?;
    let manifest: Manifest = serde_json::from_str(manifest).map_err(|error| error.to_string())?;
    let listed =
        |one: Descriptor| IndexEntry { digest: one.digest, platform: one.platform.as_ref().and_then(platform) };
    Ok(manifest.manifests.into_iter().map(listed).collect())
}

/// `linux/arm64`, `linux/arm/v7`, as Docker writes them: version 8 of 64-bit ARM is the only one.
///
/// What was attested of an image is listed for `unknown/unknown`
/// (<https://docs.docker.com/build/metadata/attestations/attestation-storage/>).
fn platform(platform: &Platform) -> Option<String> {
    let parts = match (platform.os.as_str(), platform.architecture.as_str(), platform.variant.as_str()) {
        ("" | "unknown", ..) | (_, "" | "unknown", _) => return None,
        (os, architecture, "") | (os, architecture @ "arm64", "v8") => vec![os, architecture],
        (os, architecture, variant) => vec![os, architecture, variant],
    };
    Some(parts.join("/"))
}
