//! ECR: repositories, their images and their tags.

use serde_json::Value;

use super::doc::Doc;
use super::input::Input;
use super::page::page;
use super::random::digest;
use super::wire::Refusal;
use super::world::{ImageStatus, Kind, Place, Region, Repository, Stored};

/// Default page size for repositories and images, and the most ids in one request.
const PAGE: usize = 100;

/// Largest page size.
const MOST: usize = 1_000;

/// The artifact type of a signature by Notation.
const SIGNATURE: &str = "application/vnd.cncf.notary.signature";

/// Runs an ECR operation.
pub(crate) fn answer(region: &Region, operation: &str, body: &[u8]) -> Result<Value, Refusal> {
    match operation {
        "BatchGetImage" => manifests(region, &Input::parse(body)?),
        "DescribeImages" => images(region, &Input::parse(body)?),
        "DescribeRepositories" => repositories(region, &Input::parse(body)?),
        _ => Err(Refusal::unknown(operation)),
    }
}

/// The resource in AWS's message when an operation is denied.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html>
pub(crate) fn resource(place: &Place, body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    arn(place, body.get("repositoryName").and_then(Value::as_str).unwrap_or("*"))
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImages.html>
fn images(region: &Region, input: &Input) -> Result<Value, Refusal> {
    let name = input.text("repositoryName")?.unwrap_or_default();
    if name.is_empty() {
        return Err(Refusal::invalid(
            "Invalid parameter at 'repositoryName' failed to satisfy constraint: 'Member must not be null'",
        ));
    }
    let repository = found(region, input, name)?;
    let Some(ids) = input.objects("imageIds")? else { return all(region, input, repository) };
    if ids.is_empty() || ids.len() > PAGE {
        return Err(Refusal::invalid(
            "Invalid parameter at 'imageIds' failed to satisfy constraint: 'Member must have length between 1 and 100'",
        ));
    }
    if input.has("nextToken") || input.has("maxResults") {
        return Err(Refusal::invalid("imageIds cannot be specified together with nextToken or maxResults"));
    }
    let mut shown: Vec<&Stored> = vec![];
    for id in &ids {
        let image = named(region, repository, id)?;
        if !shown.contains(&image) {
            shown.push(image);
        }
    }
    Ok(Doc::new().list("imageDetails", shown.into_iter().map(|image| detail(region, repository, image))).into())
}

/// A page of the images of a repository, filtered by tag status and image status.
fn all(region: &Region, input: &Input, repository: &Repository) -> Result<Value, Refusal> {
    let filter = input.object("filter")?;
    let (wanted, status) = match &filter {
        Some(filter) => (
            filter.word("tagStatus", &["TAGGED", "UNTAGGED", "ANY"])?.unwrap_or("ANY"),
            filter.word("imageStatus", &["ACTIVE", "ARCHIVED", "ACTIVATING", "ANY"])?.unwrap_or("ACTIVE"),
        ),
        None => ("ANY", "ACTIVE"),
    };
    let fits = |image: &&Stored| {
        let tagged = match wanted {
            "TAGGED" => !image.tags.is_empty(),
            "UNTAGGED" => image.tags.is_empty(),
            _ => true,
        };
        tagged && (status == "ANY" || status == image.status.word())
    };
    let mut images: Vec<&Stored> = repository.images.iter().filter(fits).collect();
    // ECR promises no order, and never returns images in the order of their pushes.
    images.sort_by_key(|image| &image.digest);
    let list = ["DescribeImages", &repository.name, wanted, status];
    let digests = images.iter().map(|image| image.digest.clone()).collect();
    let page = page(&list, digests, size(input)?, input.text("nextToken")?).ok_or_else(token)?;
    let shown = images.iter().filter(|image| page.items.contains(&image.digest));
    let details = shown.map(|image| detail(region, repository, image));
    Ok(Doc::new().list("imageDetails", details).maybe("nextToken", page.next).into())
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_BatchGetImage.html>
///
/// AWS counts this as a pull, but updates `lastRecordedPullTime` only within a day. No world lives that long, so
/// nothing changes here.
fn manifests(region: &Region, input: &Input) -> Result<Value, Refusal> {
    let repository = found(region, input, input.text("repositoryName")?.unwrap_or_default())?;
    let ids = input.objects("imageIds")?.unwrap_or_default();
    if ids.is_empty() || ids.len() > PAGE {
        return Err(Refusal::invalid(
            "Invalid parameter at 'imageIds' failed to satisfy constraint: 'Member must have length between 1 and 100'",
        ));
    }
    let (mut images, mut failures) = (vec![], vec![]);
    for id in &ids {
        let given = Doc::new().maybe("imageTag", id.text("imageTag")?).maybe("imageDigest", id.text("imageDigest")?);
        match named(region, repository, id) {
            Ok(image) if image.status == ImageStatus::Active => {
                let digest = image.digest.as_str();
                images.push(
                    Doc::new()
                        .set("registryId", region.place.account.as_str())
                        .set("repositoryName", repository.name.as_str())
                        .set("imageId", given.set("imageDigest", digest))
                        .set("imageManifest", manifest(repository, image).to_string())
                        .set("imageManifestMediaType", image.media_type()),
                );
            }
            Ok(_) => failures.push(failure(given, "ImageInaccessible", "Requested image is archived")),
            Err(_) => {
                let (code, reason) = why_not(repository, id)?;
                failures.push(failure(given, code, reason));
            }
        }
    }
    Ok(Doc::new().list("images", images).list("failures", failures).into())
}

/// The failure code and reason of an image in `failures[]`.
///
/// Source: <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageFailure.html>
fn why_not(repository: &Repository, id: &Input) -> Result<(&'static str, &'static str), Refusal> {
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

fn failure(id: Doc, code: &str, reason: &str) -> Doc {
    Doc::new().set("imageId", id).set("failureCode", code).set("failureReason", reason)
}

/// An image's manifest. Layer and config digests are invented.
fn manifest(repository: &Repository, image: &Stored) -> Value {
    let head = Doc::new().set("schemaVersion", 2).set("mediaType", image.media_type());
    let Kind::Index(children) = &image.kind else {
        let layer = Doc::new()
            .set("mediaType", "application/vnd.docker.image.rootfs.diff.tar.gzip")
            .set("size", image.size)
            .set("digest", digest(&format!("layer of {}", image.digest)));
        let config = Doc::new()
            .set("mediaType", "application/vnd.docker.container.image.v1+json")
            .set("size", 7_023)
            .set("digest", digest(&format!("config of {}", image.digest)));
        return head.set("config", config).list("layers", [layer]).into();
    };
    let child = |(architecture, digest): &(String, String)| {
        let stored = repository.images.iter().find(|image| image.digest == *digest);
        Doc::new()
            .maybe("mediaType", stored.map(Stored::media_type))
            .set("size", 1_991)
            .set("digest", digest.as_str())
            .set("platform", Doc::new().set("architecture", architecture.as_str()).set("os", "linux"))
    };
    head.list("manifests", children.iter().map(child)).into()
}

/// <https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeRepositories.html>
fn repositories(region: &Region, input: &Input) -> Result<Value, Refusal> {
    let list = ["DescribeRepositories", &region.place.region];
    let (names, next) = if let Some(names) = input.list("repositoryNames")? {
        if names.is_empty() || names.len() > PAGE || input.has("nextToken") || input.has("maxResults") {
            return Err(Refusal::invalid(
                "repositoryNames must be 1 to 100, and cannot be specified together with nextToken or maxResults",
            ));
        }
        (names.into_iter().map(str::to_owned).collect(), None)
    } else {
        let all = region.repositories.keys().cloned().collect();
        let page = page(&list, all, size(input)?, input.text("nextToken")?).ok_or_else(token)?;
        (page.items, page.next)
    };
    let mut shown = vec![];
    for name in names {
        let repository = found(region, input, &name)?;
        shown.push(
            Doc::new()
                .set("repositoryArn", arn(&region.place, &repository.name))
                .set("registryId", region.place.account.as_str())
                .set("repositoryName", repository.name.as_str())
                .set("repositoryUri", format!("{}/{}", region.place.registry(), repository.name))
                .time("createdAt", repository.created_at)
                .set("imageTagMutability", "MUTABLE")
                .set("imageScanningConfiguration", Doc::new().set("scanOnPush", false))
                .set("encryptionConfiguration", Doc::new().set("encryptionType", "AES256")),
        );
    }
    Ok(Doc::new().list("repositories", shown).maybe("nextToken", next).into())
}

fn found<'a>(region: &'a Region, input: &Input, name: &str) -> Result<&'a Repository, Refusal> {
    let registry = input.text("registryId")?.unwrap_or(&region.place.account);
    let repository = region.repositories.get(name).filter(|_| registry == region.place.account);
    repository.ok_or_else(|| {
        let message = format!("The repository with name '{name}' does not exist in the registry with id '{registry}'");
        Refusal::new("RepositoryNotFoundException", message)
    })
}

/// The image with this tag, with this digest, or with both.
fn named<'a>(region: &Region, repository: &'a Repository, id: &Input) -> Result<&'a Stored, Refusal> {
    let (tag, digest) = (id.text("imageTag")?, id.text("imageDigest")?);
    if tag.is_none() && digest.is_none() {
        return Err(Refusal::invalid("Invalid parameter at 'imageIds': an image tag or an image digest is required"));
    }
    let fits = |image: &&Stored| {
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
            region.place.account
        );
        Refusal::new("ImageNotFoundException", message)
    })
}

fn detail(region: &Region, repository: &Repository, image: &Stored) -> Doc {
    let tags = (!image.tags.is_empty()).then(|| image.tags.clone());
    let (artifact, subject) = match &image.kind {
        Kind::Image => (Some("application/vnd.docker.container.image.v1+json"), None),
        Kind::Index(_) => (None, None),
        Kind::Signature(subject) => (Some(SIGNATURE), Some(subject.as_str())),
    };
    Doc::new()
        .set("registryId", region.place.account.as_str())
        .set("repositoryName", repository.name.as_str())
        .set("imageDigest", image.digest.as_str())
        .maybe("imageTags", tags)
        .set("imageSizeInBytes", image.size)
        .time("imagePushedAt", image.pushed_at)
        .set("imageManifestMediaType", image.media_type())
        .maybe("artifactMediaType", artifact)
        .time("lastRecordedPullTime", image.pulled_at)
        .maybe("subjectManifestDigest", subject)
        .set("imageStatus", image.status.word())
}

fn arn(place: &Place, name: &str) -> String {
    format!("arn:aws:ecr:{}:{}:repository/{name}", place.region, place.account)
}

fn size(input: &Input) -> Result<usize, Refusal> {
    let Some(size) = input.number("maxResults")? else { return Ok(PAGE) };
    usize::try_from(size).ok().filter(|size| (1..=MOST).contains(size)).ok_or_else(|| {
        Refusal::invalid(
            "Invalid parameter at 'maxResults' failed to satisfy constraint: 'Member must be between 1 and 1000'",
        )
    })
}

fn token() -> Refusal {
    Refusal::invalid("Invalid parameter at 'NextToken' failed to satisfy constraint: 'Member must be valid'")
}
