//! What repositories of images hold: whatever their number, the newest first, and why they cannot be read.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wharf::aws::{Access, ConnectOptions, ContextSelection, EmbeddedAws, connect};
use wharf::demo::{Aws, Size, World};
use wharf::fleet::image_usage::{TagState, repository_usage};
use wharf::fleet::{
    Arn, Completeness, Fleet, Index, Manifest, Payload, Priority, Query, QueryKind, Response, StoredImage, TaskFilter,
    Trouble,
};

use super::inside::{count, inside};
use super::script::{Script, json as says, refusal};
use super::{clock, cloud, error_of, facts_of, read};

const WEB: &str = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web";

fn images_of(facts: Payload) -> Vec<StoredImage> {
    match facts {
        Payload::Images(images) => images,
        other => panic!("{other:?}"),
    }
}

fn about() -> QueryKind {
    QueryKind::Images(WEB.to_owned())
}

#[tokio::test(start_paused = true)]
async fn every_image_is_listed_whatever_their_number_the_newest_first() {
    for (total, pages) in [(0, 1), (1, 1), (100, 1), (101, 1), (1_000, 1), (1_001, 2)] {
        let (aws, cloud) = inside(|region| {
            let first = clock()() - jiff::SignedDuration::from_hours(2_000);
            region.push("web", "v0", first);
            region.delete_image("web", "v0");
            for at in 0..total {
                region.push("web", &format!("v{at}"), first + jiff::SignedDuration::from_mins(at));
            }
        })
        .await;
        let repository = "111122223333.dkr.ecr.us-east-1.amazonaws.com/web".to_owned();
        let images = images_of(facts_of(read(&cloud, QueryKind::Images(repository)).await));
        let tags: Vec<String> = images.into_iter().flat_map(|image| image.tags).collect();
        let expected: Vec<String> = (0..total).rev().map(|at| format!("v{at}")).collect();
        assert_eq!((tags, count(&aws, "DescribeImages")), (expected, pages), "{total} images");
    }
}

#[tokio::test(start_paused = true)]
async fn archived_and_untagged_ones_are_asked_for_in_the_registry_of_the_repository() {
    let script = Script::new(|_, _, _| says(&json!({"imageDetails": []})));
    assert_eq!(images_of(facts_of(read(&cloud(&script).await, about()).await)), []);
    let expected = json!({
        "registryId": "111122223333",
        "repositoryName": "team/web",
        "maxResults": 1_000,
        "filter": {"tagStatus": "ANY", "imageStatus": "ANY"},
    });
    assert_eq!(script.sent().pop().map(|sent| sent.body), Some(expected));
}

#[tokio::test(start_paused = true)]
async fn whatever_ecr_says_of_an_image_is_kept_and_what_it_does_not_say_is_not_made_up() {
    let details = json!([
        {},
        {"imageDigest": "sha256:bare"},
        {
            "imageDigest": "sha256:full",
            "imageTags": ["v2", "latest"],
            "imageSizeInBytes": 148_000_000,
            "imagePushedAt": 1_795_000_000.5,
            "lastRecordedPullTime": 1_795_000_100,
            "imageManifestMediaType": "application/vnd.oci.image.index.v1+json",
            "imageStatus": "ARCHIVED",
            "imageScanStatus": {"status": "COMPLETE"},
            "imageScanFindingsSummary": {"findingSeverityCounts": {"HIGH": 14, "CRITICAL": 2, "LOW": 0}},
        },
        {"imageDigest": "sha256:signature", "subjectManifestDigest": "sha256:full", "imageSizeInBytes": -1},
        {"imageDigest": "sha256:clean", "imageScanFindingsSummary": {"findingSeverityCounts": {}}},
        {"imageDigest": "sha256:scanning", "imageScanStatus": {"status": "IN_PROGRESS"}},
        {"imageDigest": "sha256:bare"},
    ]);
    let script = Script::new(move |_, _, _| says(&json!({"imageDetails": details})));
    let bare = |digest: &str| StoredImage {
        digest: digest.to_owned(),
        tags: vec![],
        size: None,
        pushed_at: None,
        pulled_at: None,
        manifest: Manifest::Image,
        subject: None,
        status: None,
        scan: None,
    };
    let scanned = |digest: &str, scan: &str| StoredImage { scan: Some(scan.to_owned()), ..bare(digest) };
    let full = StoredImage {
        tags: vec!["v2".to_owned(), "latest".to_owned()],
        size: Some(148_000_000),
        pushed_at: "2026-11-18T11:06:40.5Z".parse().ok(),
        pulled_at: "2026-11-18T11:08:20Z".parse().ok(),
        manifest: Manifest::Index,
        status: Some("ARCHIVED".to_owned()),
        ..scanned("sha256:full", "2 critical, 14 high")
    };
    let signature = StoredImage { subject: Some("sha256:full".to_owned()), ..bare("sha256:signature") };
    let expected = [
        full,
        bare("sha256:bare"),
        scanned("sha256:clean", "none found"),
        scanned("sha256:scanning", "in progress"),
        signature,
    ];
    assert_eq!(images_of(facts_of(read(&cloud(&script).await, about()).await)), expected);
}

#[tokio::test(start_paused = true)]
async fn why_a_repository_cannot_be_read_is_said() {
    for (code, kind, advice) in [
        ("RepositoryNotFoundException", Trouble::Gone, "Check the name, the account and the region (eu-west-1)."),
        ("AccessDeniedException", Trouble::Denied, "Allow ecr:DescribeImages to profile ops."),
    ] {
        let script = Script::new(move |_, _, _| refusal(code, "no"));
        let error = error_of(read(&cloud(&script).await, about()).await);
        assert_eq!((error.kind, error.advice.as_str()), (kind, advice));
        assert_eq!((error.operation.as_str(), error.on), ("DescribeImages", format!("repository {WEB}")));
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_on_the_second_page_keeps_the_first() {
    let script = Script::new(|_, body, _| match body["nextToken"] {
        Value::Null => says(&json!({"imageDetails": [{"imageDigest": "sha256:a"}], "nextToken": "more"})),
        _ => refusal("AccessDeniedException", "not this page"),
    });
    let answer = read(&cloud(&script).await, about()).await;
    let Response::Partial(Payload::Images(images), error) = answer else { panic!("{answer:?}") };
    assert_eq!((images.len(), error.kind), (1, Trouble::Denied));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_in_ecr_here_is_not_asked_about() {
    let script = Script::new(|_, _, _| says(&json!({"imageDetails": []})));
    let cloud = cloud(&script).await;
    for repository in ["nginx", "public.ecr.aws/a/b", "111122223333.dkr.ecr.us-east-1.amazonaws.com/web"] {
        let error = error_of(read(&cloud, QueryKind::Images(repository.to_owned())).await);
        assert_eq!(
            (error.kind, error.message),
            (Trouble::Refused, "the repository is not in ECR in eu-west-1".to_owned())
        );
    }
    assert_eq!(script.count("DescribeImages"), 0);
}

fn indexes_of(facts: Payload) -> Vec<Index> {
    match facts {
        Payload::ImageIndexes(indexes) => indexes,
        other => panic!("{other:?}"),
    }
}

fn indexes(count: usize) -> QueryKind {
    QueryKind::ImageIndexes(WEB.to_owned(), (0..count).map(digest).collect())
}

fn digest(at: usize) -> String {
    format!("sha256:{at:064x}")
}

/// An answer of `BatchGetImage` with this manifest for each image that was asked about.
fn manifests(asked: &Value, manifest: &Value) -> Value {
    let image = |id: &Value| json!({"imageId": id, "imageManifest": manifest.to_string()});
    json!({"images": asked["imageIds"].as_array().unwrap().iter().map(image).collect::<Vec<_>>(), "failures": []})
}

#[tokio::test(start_paused = true)]
async fn a_hundred_indexes_are_asked_for_at_once_in_the_words_of_oci_and_docker() {
    for (count, calls) in [(1, vec![1]), (100, vec![100]), (101, vec![100, 1])] {
        let script = Script::new(|_, body, _| says(&manifests(body, &json!({"manifests": []}))));
        let found = indexes_of(facts_of(read(&cloud(&script).await, indexes(count)).await));
        assert_eq!(found, (0..count).map(|at| Index { digest: digest(at), lists: vec![] }).collect::<Vec<_>>());
        let sent: Vec<Value> = script.sent().into_iter().map(|sent| sent.body).collect();
        assert_eq!(sent.iter().map(|body| body["imageIds"].as_array().unwrap().len()).collect::<Vec<_>>(), calls);
        let mut first = sent[0].clone();
        first["imageIds"] = first["imageIds"][0].clone();
        let expected = json!({
            "registryId": "111122223333",
            "repositoryName": "team/web",
            "imageIds": {"imageDigest": digest(0)},
            "acceptedMediaTypes": [
                "application/vnd.oci.image.index.v1+json",
                "application/vnd.docker.distribution.manifest.list.v2+json",
            ],
        });
        assert_eq!(first, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn platforms_are_named_as_docker_names_them() {
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [
            {"digest": "sha256:a", "size": 1, "platform": {"os": "linux", "architecture": "amd64"}},
            {"digest": "sha256:b", "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
            {"digest": "sha256:c", "platform": {"os": "linux", "architecture": "arm", "variant": "v7"}},
            {"digest": "sha256:d", "platform": {"os": "windows", "architecture": "amd64", "os.version": "10.0.1"}},
            {"digest": "sha256:e", "platform": {"os": "unknown", "architecture": "unknown"}},
            {"digest": "sha256:f", "platform": {}},
            {"digest": "sha256:g"},
        ],
    });
    let script = Script::new(move |_, body, _| says(&manifests(body, &manifest)));
    let found = indexes_of(facts_of(read(&cloud(&script).await, indexes(1)).await));
    let platforms: Vec<_> = found[0].lists.iter().map(|one| (one.digest.as_str(), one.platform.as_deref())).collect();
    let expected = [
        ("sha256:a", Some("linux/amd64")),
        ("sha256:b", Some("linux/arm64")),
        ("sha256:c", Some("linux/arm/v7")),
        ("sha256:d", Some("windows/amd64")),
        ("sha256:e", None),
        ("sha256:f", None),
        ("sha256:g", None),
    ];
    assert_eq!(platforms, expected);
}

#[tokio::test(start_paused = true)]
async fn an_index_that_cannot_be_read_is_told_beside_those_that_can() {
    let good = json!({"imageId": {"imageDigest": digest(0)}, "imageManifest": "{\"manifests\": []}"});
    let odd = |manifest: Value| json!({"imageId": {"imageDigest": digest(1)}, "imageManifest": manifest});
    let failure = |code: &str| {
        let id = json!({"imageDigest": digest(1)});
        (vec![], vec![json!({"imageId": id, "failureCode": code, "failureReason": "Requested image not found"})])
    };
    for ((images, failures), kind, code, message) in [
        (failure("ImageNotFound"), Trouble::Gone, Some("ImageNotFound"), "0001: Requested image not found"),
        (failure("ImageInaccessible"), Trouble::Refused, Some("ImageInaccessible"), "0001: Requested image not found"),
        ((vec![odd(json!("{\"layers\": []}"))], vec![]), Trouble::Unreadable, None, "missing field `manifests`"),
        ((vec![odd(json!("<html>"))], vec![]), Trouble::Unreadable, None, "is no index: expected value"),
        ((vec![odd(Value::Null)], vec![]), Trouble::Unreadable, None, "the answer does not have it"),
        ((vec![], vec![]), Trouble::Unreadable, None, "lacks 1 of 2 indexes"),
    ] {
        let images = [vec![good.clone()], images].concat();
        let body = json!({"images": images, "failures": failures});
        let script = Script::new(move |_, _, _| says(&body));
        let answer = read(&cloud(&script).await, indexes(2)).await;
        let Response::Partial(Payload::ImageIndexes(found), error) = answer else { panic!("{answer:?}") };
        assert_eq!(found, [Index { digest: digest(0), lists: vec![] }]);
        assert_eq!((error.kind, error.code.as_deref(), error.operation.as_str()), (kind, code, "BatchGetImage"));
        assert!(error.message.contains(message), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_right_to_read_an_index_is_told_to_be_one_that_one_can_do_without() {
    let script = Script::new(|_, _, _| refusal("AccessDeniedException", "not allowed"));
    let error = error_of(read(&cloud(&script).await, indexes(1)).await);
    let advice = "Allow ecr:BatchGetImage to profile ops. \
                  Without it, only push times show which images of an index run.";
    assert_eq!((error.kind, error.advice.as_str()), (Trouble::Denied, advice));
}

#[tokio::test(start_paused = true)]
async fn the_tag_that_moved_in_the_story_is_found_behind_the_tasks_that_run_what_it_was() {
    let clock = clock();
    let now = clock.clone();
    let aws = Aws::new(World::story(Size { tenants: 1, services: 3 }, 7, clock()), move || now());
    let inside = EmbeddedAws { http: aws.client(), region: "us-east-1".to_owned(), label: "demo".to_owned() };
    let options = ConnectOptions { embedded: Some(inside), ..ConnectOptions::new(clock.clone(), Access::ReadOnly) };
    let cloud = connect(&ContextSelection::default(), options).await.unwrap();
    let mut fleet = Fleet::new(cloud.contexts());
    let context = cloud.contexts()[0].id.clone();
    let repository = "111122223333.dkr.ecr.us-east-1.amazonaws.com/humangov-california/worker".to_owned();
    let cluster = Arn::new("arn:aws:ecs:us-east-1:111122223333:cluster/california-production");
    let read = async |fleet: &mut Fleet, about| {
        let ask = Query { context: context.clone(), kind: about };
        let facts = facts_of(cloud.read(&ask, Priority::Screen).await);
        fleet.apply(&ask, facts, Completeness::Complete, clock());
    };
    for about in [QueryKind::Tasks(cluster, TaskFilter::Running), QueryKind::Images(repository.clone())] {
        read(&mut fleet, about).await;
    }
    // Tasks show the digest beside the tag: only the definition tells whether new ones go by the tag.
    let unsure = repository_usage(&fleet, &repository, Completeness::Complete);
    assert_eq!((unsure.images.iter().filter(|held| held.has_moved()).count(), unsure.unread_definitions.len()), (0, 1));
    for (_, definition) in unsure.unread_definitions {
        read(&mut fleet, QueryKind::TaskDefinition(definition)).await;
    }
    let repository_usage = repository_usage(&fleet, &repository, Completeness::Complete);
    assert_eq!(repository_usage.unread_definitions, BTreeSet::new());
    let moved: Vec<_> = repository_usage.images.iter().filter(|held| held.has_moved()).collect();
    let stored: Vec<&str> = repository_usage
        .images
        .iter()
        .filter(|held| held.usages.is_empty() && held.stored.as_ref().is_some_and(|stored| stored.tags == ["v2.14.1"]))
        .filter_map(|held| held.digest.as_deref())
        .collect();
    assert_eq!((moved.len(), moved[0].tasks(), stored.len()), (1, 2, 1));
    assert_eq!(moved[0].requests(), [("v2.14.1", &TagState::Moved(stored[0].to_owned()))]);
}
