//! ECR: repositories, their images and their tags.

use serde_json::Value;

use super::json::JsonObject;
use super::pagination::page;
use super::random::digest;
use super::request_body::RequestBody;
use super::wire::ApiError;
use super::world::{ImageKind, ImageStatus, Location, Region, Repository, StoredImage};

/// Default page size for repositories and images, and the most ids in one request.
const PAGE: usize = 100;

/// Largest page size.
const MAX_PAGE: usize = 1_000;

/// The artifact type of a signature by Notation.
const SIGNATURE: &str = "application/vnd.cncf.notary.signature";

/// Runs an ECR operation.
pub(crate) fn read(region: &Region, operation: &str, body: &[u8]) -> Result<Value, ApiError> {
    match operation {
        "BatchGetImage" => batch_get_image(region, &RequestBody::parse(body)?),
        "DescribeImages" => describe_images(region, &RequestBody::parse(body)?),
        "DescribeRepositories" => describe_repositories(region, &RequestBody::parse(body)?),
        _ => Err(ApiError::unknown_operation(operation)),
    }
}

/// The resource in AWS's message when an operation is denied.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html>
pub(crate) fn denied_resource(location: &Location, body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    repository_arn(location, body.get("repositoryName").and_then(Value::as_str).unwrap_or("*"))
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html>
fn describe_images(region: &Region, request: &RequestBody) -> Result<Value, ApiError> {
    let name = request.text("repositoryName")?.unwrap_or_default();
    if name.is_empty() {
        return Err(ApiError::invalid_parameter(
            "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'Member must not be null'",
        ));
    }
    let repository = find_repository(region, request, name)?;
    let Some(ids) = request.objects("imageIds")? else { return list_images(region, request, repository) };
    if ids.is_empty() || ids.len() > PAGE {
        return Err(ApiError::invalid_parameter(
            "Invalid parameter at 'imageIds' failed to satisfy constraint: 'Member must have length between 1 and 100'",
        ));
    }
    if request.has("nextToken") || request.has("maxResults") {
        return Err(ApiError::invalid_parameter("imageIds cannot be specified together with nextToken or maxResults"));
    }
    let mut shown: Vec<&StoredImage> = vec![];
    for id in &ids {
        let image = find_image(region, repository, id)?;
        if !shown.contains(&image) {
            shown.push(image);
        }
    }
    Ok(JsonObject::new()
        .list("imageDetails", shown.into_iter().map(|image| image_detail(region, repository, image)))
        .into())
}

/// A page of the images of a repository, filtered by tag status and image status.
fn list_images(region: &Region, request: &RequestBody, repository: &Repository) -> Result<Value, ApiError> {
    let filter = request.object("filter")?;
    let (tag_status, image_status) = match &filter {
        Some(filter) => (
            filter.one_of("tagStatus", &["TAGGED", "UNTAGGED", "ANY"])?.unwrap_or("ANY"),
            filter.one_of("imageStatus", &["ACTIVE", "ARCHIVED", "ACTIVATING", "ANY"])?.unwrap_or("ACTIVE"),
        ),
        None => ("ANY", "ACTIVE"),
    };
    let fits = |image: &&StoredImage| {
        let tagged = match tag_status {
            "TAGGED" => !image.tags.is_empty(),
            "UNTAGGED" => image.tags.is_empty(),
            _ => true,
        };
        tagged && (image_status == "ANY" || image_status == image.status.as_str())
    };
    let mut images: Vec<&StoredImage> = repository.images.iter().filter(fits).collect();
    // ECR promises no order, and never returns images in the order of their pushes.
    images.sort_by_key(|image| &image.digest);
    let list = ["DescribeImages", &repository.name, tag_status, image_status];
    let digests = images.iter().map(|image| image.digest.clone()).collect();
    let page = page(&list, digests, page_size(request)?, request.text("nextToken")?).ok_or_else(invalid_token)?;
    let shown = images.iter().filter(|image| page.items.contains(&image.digest));
    let details = shown.map(|image| image_detail(region, repository, image));
    Ok(JsonObject::new().list("imageDetails", details).set_if_some("nextToken", page.next).into())
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html>
///
/// AWS counts this as a pull, but updates `lastRecordedPullTime` only within a day. No world lives that long, so
/// nothing changes here.
fn batch_get_image(region: &Region, request: &RequestBody) -> Result<Value, ApiError> {
    let repository = find_repository(region, request, request.text("repositoryName")?.unwrap_or_default())?;
    let ids = request.objects("imageIds")?.unwrap_or_default();
    if ids.is_empty() || ids.len() > PAGE {
        return Err(ApiError::invalid_parameter(
            "Invalid parameter at 'imageIds' failed to satisfy constraint: 'Member must have length between 1 and 100'",
        ));
    }
    let (mut images, mut failures) = (vec![], vec![]);
    for id in &ids {
        let given = JsonObject::new()
            .set_if_some("imageTag", id.text("imageTag")?)
            .set_if_some("imageDigest", id.text("imageDigest")?);
        match find_image(region, repository, id) {
            Ok(image) if image.status == ImageStatus::Active => {
                let digest = image.digest.as_str();
                images.push(
                    JsonObject::new()
                        .set("registryId", region.location.account.as_str())
                        .set("repositoryName", repository.name.as_str())
                        .set("imageId", given.set("imageDigest", digest))
                        .set("imageManifest", manifest(repository, image).to_string())
                        .set("imageManifestMediaType", image.media_type()),
                );
            }
            Ok(_) => failures.push(failure(given, "ImageInaccessible", "Requested image is archived")),
            Err(_) => {
                let (code, reason) = image_failure(repository, id)?;
                failures.push(failure(given, code, reason));
            }
        }
    }
    Ok(JsonObject::new().list("images", images).list("failures", failures).into())
}

/// The failure code and reason of an image in `failures[]`.
///
/// Source: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageFailure.html>
fn image_failure(repository: &Repository, id: &RequestBody) -> Result<(&'static str, &'static str), ApiError> {
    let (tag, digest) = (id.text("imageTag")?, id.text("imageDigest")?);
    let is_digest = |digest: &str| {
        let (algorithm, hex) = digest.split_once(':').unwrap_or_default();
        !algorithm.is_empty() && !hex.is_empty() && hex.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let both = |tag: &str, digest: &str| {
        repository.tagged(tag).is_some() && repository.images.iter().any(|image| image.digest == digest)
    };
    Ok(match (tag, digest) {
        (None, None) => ("MissingDigestAndTag", "Invalid request parameters: both tag and digest cannot be null"),
        (_, Some(digest)) if !is_digest(digest) => (
            "InvalidImageDigest",
            "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
        ),
        (Some(tag), Some(digest)) if both(tag, digest) => {
            ("ImageTagDoesNotMatchDigest", "Requested image tag does not match the image digest")
        }
        _ => ("ImageNotFound", "Requested image not found"),
    })
}

fn failure(id: JsonObject, code: &str, reason: &str) -> JsonObject {
    JsonObject::new().set("imageId", id).set("failureCode", code).set("failureReason", reason)
}

/// An image's manifest. Layer and config digests are invented.
fn manifest(repository: &Repository, image: &StoredImage) -> Value {
    let head = JsonObject::new().set("schemaVersion", 2).set("mediaType", image.media_type());
    let ImageKind::Index(children) = &image.kind else {
        let layer = JsonObject::new()
            .set("mediaType", "application/vnd.docker.image.rootfs.diff.tar.gzip")
            .set("size", image.size)
            .set("digest", digest(&format!("layer of {}", image.digest)));
        let config = JsonObject::new()
            .set("mediaType", "application/vnd.docker.container.image.v1+json")
            .set("size", 7_023)
            .set("digest", digest(&format!("config of {}", image.digest)));
        return head.set("config", config).list("layers", [layer]).into();
    };
    let child = |(architecture, digest): &(String, String)| {
        let stored = repository.images.iter().find(|image| image.digest == *digest);
        JsonObject::new()
            .set_if_some("mediaType", stored.map(StoredImage::media_type))
            .set("size", 1_991)
            .set("digest", digest.as_str())
            .set("platform", JsonObject::new().set("architecture", architecture.as_str()).set("os", "linux"))
    };
    head.list("manifests", children.iter().map(child)).into()
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html>
fn describe_repositories(region: &Region, request: &RequestBody) -> Result<Value, ApiError> {
    let list = ["DescribeRepositories", &region.location.region];
    let (names, next) = if let Some(names) = request.strings("repositoryNames")? {
        if names.is_empty() || names.len() > PAGE || request.has("nextToken") || request.has("maxResults") {
            return Err(ApiError::invalid_parameter(
                "repositoryNames must be 1 to 100, and cannot be specified together with nextToken or maxResults",
            ));
        }
        (names.into_iter().map(str::to_owned).collect(), None)
    } else {
        let all = region.repositories.keys().cloned().collect();
        let page = page(&list, all, page_size(request)?, request.text("nextToken")?).ok_or_else(invalid_token)?;
        (page.items, page.next)
    };
    let mut shown = vec![];
    for name in names {
        let repository = find_repository(region, request, &name)?;
        shown.push(
            JsonObject::new()
                .set("repositoryArn", repository_arn(&region.location, &repository.name))
                .set("registryId", region.location.account.as_str())
                .set("repositoryName", repository.name.as_str())
                .set("repositoryUri", format!("{}/{}", region.location.registry_host(), repository.name))
                .time("createdAt", repository.created_at)
                .set("imageTagMutability", "MUTABLE")
                .set("imageScanningConfiguration", JsonObject::new().set("scanOnPush", false))
                .set("encryptionConfiguration", JsonObject::new().set("encryptionType", "AES256")),
        );
    }
    Ok(JsonObject::new().list("repositories", shown).set_if_some("nextToken", next).into())
}

fn find_repository<'a>(region: &'a Region, request: &RequestBody, name: &str) -> Result<&'a Repository, ApiError> {
    let registry = request.text("registryId")?.unwrap_or(&region.location.account);
    let repository = region.repositories.get(name).filter(|_| registry == region.location.account);
    repository.ok_or_else(|| {
        let message = format!("The repository with name '{name}' does not exist in the registry with id '{registry}'");
        ApiError::new("RepositoryNotFoundException", message)
    })
}

/// The image with this tag, with this digest, or with both.
fn find_image<'a>(region: &Region, repository: &'a Repository, id: &RequestBody) -> Result<&'a StoredImage, ApiError> {
    let (tag, digest) = (id.text("imageTag")?, id.text("imageDigest")?);
    if tag.is_none() && digest.is_none() {
        return Err(ApiError::invalid_parameter(
            "Invalid parameter at 'imageIds': an image tag or an image digest is required",
        ));
    }
    let fits = |image: &&StoredImage| {
        tag.is_none_or(|tag| image.tags.iter().any(|other| other == tag))
            && digest.is_none_or(|digest| image.digest == digest)
    };
    repository.images.iter().find(fits).ok_or_else(|| {
        let message = format!(
            "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the repository with name \
             '{}' in the registry with id '{}'",
            digest.unwrap_or("null"),
            tag.unwrap_or("null"),
            repository.name,
            region.location.account
        );
        ApiError::new("ImageNotFoundException", message)
    })
}

fn image_detail(region: &Region, repository: &Repository, image: &StoredImage) -> JsonObject {
    let tags = (!image.tags.is_empty()).then(|| image.tags.clone());
    let (artifact, subject) = match &image.kind {
        ImageKind::Image => (Some("application/vnd.docker.container.image.v1+json"), None),
        ImageKind::Index(_) => (None, None),
        ImageKind::Signature(subject) => (Some(SIGNATURE), Some(subject.as_str())),
    };
    JsonObject::new()
        .set("registryId", region.location.account.as_str())
        .set("repositoryName", repository.name.as_str())
        .set("imageDigest", image.digest.as_str())
        .set_if_some("imageTags", tags)
        .set("imageSizeInBytes", image.size)
        .time("imagePushedAt", image.pushed_at)
        .set("imageManifestMediaType", image.media_type())
        .set_if_some("artifactMediaType", artifact)
        .time("lastRecordedPullTime", image.pulled_at)
        .set_if_some("subjectManifestDigest", subject)
        .set("imageStatus", image.status.as_str())
}

fn repository_arn(location: &Location, name: &str) -> String {
    format!("arn:aws:ecr:{}:{}:repository/{name}", location.region, location.account)
}

fn page_size(request: &RequestBody) -> Result<usize, ApiError> {
    let Some(size) = request.number("maxResults")? else { return Ok(PAGE) };
    usize::try_from(size).ok().filter(|size| (1..=MAX_PAGE).contains(size)).ok_or_else(|| {
        ApiError::invalid_parameter(
            "Invalid parameter at 'maxResults' failed to satisfy constraint: 'Member must be between 1 and 1000'",
        )
    })
}

fn invalid_token() -> ApiError {
    ApiError::invalid_parameter("Invalid parameter at 'NextToken' failed to satisfy constraint: 'Member must be valid'")
}
