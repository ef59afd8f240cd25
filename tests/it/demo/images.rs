//! ECR: pages, statuses, indexes and untagged images.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Value, json};
use wharf::demo::{Aws, ImageFault, ImageStatus, Size, World};

use super::{START, ask, at_start, aws_with, json_error, request, response};

async fn ecr(aws: &Aws, operation: &str, body: Value) -> Value {
    let target = format!("AmazonEC2ContainerRegistry_V20150921.{operation}");
    let response = response(aws, request("ecr", &target, &body.to_string())).await;
    let answer = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(response.status(), 200, "{operation} {body}: {answer}");
    answer
}

/// All images of a repository, and the sizes of their pages.
async fn all(aws: &Aws, body: Value) -> (Vec<Value>, Vec<usize>) {
    let (mut images, mut sizes, mut body) = (vec![], vec![], body);
    loop {
        let page = ecr(aws, "DescribeImages", body.clone()).await;
        let found = page["imageDetails"].as_array().unwrap();
        sizes.push(found.len());
        images.extend(found.iter().cloned());
        match page.get("nextToken") {
            Some(token) => body["nextToken"] = token.clone(),
            None => return (images, sizes),
        }
    }
}

#[tokio::test]
async fn image_pages_hold_a_hundred_or_up_to_a_thousand_and_are_not_in_push_order() {
    for (count, bare, thousand) in [
        (0, vec![0], vec![0]),
        (1, vec![1], vec![1]),
        (100, vec![100], vec![100]),
        (101, vec![100, 1], vec![101]),
        (1_001, [vec![100; 10], vec![1]].concat(), vec![1_000, 1]),
    ] {
        let aws = aws_with(|region| region.add_images("app", count, START));
        let (images, sizes) = all(&aws, json!({ "repositoryName": "app" })).await;
        assert_eq!(sizes, bare, "{count} images");
        let (more, sizes) = all(&aws, json!({ "repositoryName": "app", "maxResults": 1_000 })).await;
        assert_eq!((sizes, &more), (thousand, &images), "{count} images");
        let tags: BTreeSet<&str> = images.iter().map(|image| image["imageTags"][0].as_str().unwrap()).collect();
        assert_eq!(tags.len(), usize::try_from(count).unwrap());
        let pushed: Vec<f64> = images.iter().map(|image| image["imagePushedAt"].as_f64().unwrap()).collect();
        assert!(count < 2 || !pushed.is_sorted() && !pushed.is_sorted_by(|one, two| one >= two));
    }
}

#[tokio::test]
async fn archived_images_are_listed_only_on_request_and_cannot_be_pulled() {
    let aws = aws_with(|region| {
        region.add_images("app", 3, START);
        region.repositories.get_mut("app").unwrap().images[0].status = ImageStatus::Archived;
    });
    for (filter, count) in [
        (json!({}), 2),
        (json!({ "imageStatus": "ACTIVE" }), 2),
        (json!({ "imageStatus": "ARCHIVED" }), 1),
        (json!({ "imageStatus": "ANY" }), 3),
        (json!({ "imageStatus": "ACTIVATING" }), 0),
        (json!({ "imageStatus": "ANY", "tagStatus": "UNTAGGED" }), 0),
    ] {
        let (images, _) = all(&aws, json!({ "repositoryName": "app", "filter": filter })).await;
        assert_eq!(images.len(), count, "{filter}");
    }
    let other =
        ecr(&aws, "BatchGetImage", json!({ "repositoryName": "app", "imageIds": [{ "imageTag": "build-0003" }] }));
    let other = other.await["images"][0]["imageId"]["imageDigest"].clone();
    let ids = json!([
        { "imageTag": "build-0001" },
        { "imageTag": "gone" },
        { "imageTag": "build-0002" },
        {},
        { "imageDigest": "sha256:" },
        { "imageTag": "build-0002", "imageDigest": other },
    ]);
    let answer = ecr(&aws, "BatchGetImage", json!({ "repositoryName": "app", "imageIds": ids })).await;
    let codes: Vec<_> = answer["failures"].as_array().unwrap().iter().map(|failure| &failure["failureCode"]).collect();
    let expected = [
        "ImageInaccessible",
        "ImageNotFound",
        "MissingDigestAndTag",
        "InvalidImageDigest",
        "ImageTagDoesNotMatchDigest",
    ];
    assert_eq!(codes, expected);
    assert_eq!(answer["images"][0]["imageId"]["imageTag"], "build-0002");
}

#[tokio::test]
async fn the_children_of_an_index_have_no_tags_and_are_listed_in_its_manifest() {
    let (aws, mut children) = (aws_with(|region| region.add_images("app", 2, START)), vec![]);
    aws.change(|world| children = world.home().repositories.get_mut("app").unwrap().make_index("build-0002"));
    let (images, _) = all(&aws, json!({ "repositoryName": "app" })).await;
    let of = |digest: &str| images.iter().find(|image| image["imageDigest"] == json!(digest)).unwrap();
    assert!(children.iter().all(|child| of(child).get("imageTags").is_none()));
    let index = images.iter().find(|image| image["imageTags"] == json!(["build-0002"])).unwrap();
    let largest = children.iter().map(|child| of(child)["imageSizeInBytes"].as_u64()).max().unwrap();
    assert_eq!(index["imageSizeInBytes"].as_u64(), largest);
    let body = json!({ "repositoryName": "app", "imageIds": [{ "imageDigest": index["imageDigest"] }] });
    let answer = ecr(&aws, "BatchGetImage", body).await;
    let manifest: Value = serde_json::from_str(answer["images"][0]["imageManifest"].as_str().unwrap()).unwrap();
    assert_eq!(manifest["mediaType"], index["imageManifestMediaType"]);
    let named: Vec<_> = manifest["manifests"].as_array().unwrap().iter().map(|child| &child["digest"]).collect();
    assert_eq!(named, children.iter().collect::<Vec<_>>());
    assert_eq!(answer["images"][0]["imageManifestMediaType"], index["imageManifestMediaType"]);
    let platforms: Vec<_> = manifest["manifests"].as_array().unwrap().iter().map(|child| &child["platform"]).collect();
    let platform = |architecture: &str| json!({ "os": "linux", "architecture": architecture });
    assert_eq!(platforms, [&platform("amd64"), &platform("arm64")]);
}

#[tokio::test]
async fn repositories_are_paginated_unless_they_are_named() {
    let aws = aws_with(|region| (0..101).for_each(|at| _ = region.add_repository(&format!("r{at:03}"), START)));
    let first = ecr(&aws, "DescribeRepositories", json!({})).await;
    let second = ecr(&aws, "DescribeRepositories", json!({ "nextToken": first["nextToken"] })).await;
    let count = |page: &Value| page["repositories"].as_array().unwrap().len();
    assert_eq!((count(&first), count(&second), second.get("nextToken")), (100, 1, None));
    let target = "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories";
    for body in [json!({ "repositoryNames": ["r001"], "maxResults": 5 }), json!({ "repositoryNames": [] })] {
        let (code, _) = json_error(&aws, request("ecr", target, &body.to_string())).await;
        assert_eq!(code, "InvalidParameterException", "{body}");
    }
}

#[tokio::test]
async fn the_story_has_full_repositories_and_a_moved_tag_leaves_running_images_untagged() {
    let aws = at_start(World::story(Size::default(), 1, START));
    let repositories = ecr(&aws, "DescribeRepositories", json!({})).await;
    let (mut untagged, mut indexes, mut archived, mut signatures) = (0, 0, 0, 0);
    for repository in repositories["repositories"].as_array().unwrap() {
        let filter = json!({ "imageStatus": "ANY" });
        let (images, _) = all(&aws, json!({ "repositoryName": repository["repositoryName"], "filter": filter })).await;
        let tags: usize = images.iter().map(|image| image["imageTags"].as_array().map_or(0, Vec::len)).sum();
        assert!((20..=60).contains(&tags), "{}: {tags}", repository["repositoryName"]);
        untagged += images.iter().filter(|image| image.get("imageTags").is_none()).count();
        let kind = |image: &&Value, end: &str| image["imageManifestMediaType"].as_str().unwrap().ends_with(end);
        indexes += images.iter().filter(|image| kind(image, "manifest.list.v2+json")).count();
        archived += images.iter().filter(|image| image["imageStatus"] == "ARCHIVED").count();
        signatures += images.iter().filter(|image| image.get("subjectManifestDigest").is_some()).count();
        assert!(images.iter().all(|image| image.get("imageScanStatus").is_none()), "basic scanning fills in nothing");
        let now: f64 = START.as_second().to_string().parse().unwrap();
        assert!(images.iter().all(|image| image["imagePushedAt"].as_f64().unwrap() <= now));
        assert!(images.iter().all(|image| image["lastRecordedPullTime"].as_f64().is_none_or(|pulled| pulled <= now)));
    }
    assert!(
        untagged > 10 && indexes == 3 && archived > 10 && signatures > 5,
        "{untagged} {indexes} {archived} {signatures}"
    );
    let running = async |cluster: &str| {
        let tasks = ask(&aws, "ListTasks", json!({ "cluster": cluster, "serviceName": "worker" })).await;
        let tasks = ask(&aws, "DescribeTasks", json!({ "cluster": cluster, "tasks": tasks["taskArns"] })).await;
        tasks["tasks"][0]["containers"][0]["imageDigest"].clone()
    };
    let of = async |repository: &str, digest: Value| {
        let body = json!({ "repositoryName": repository, "imageIds": [{ "imageDigest": digest }] });
        ecr(&aws, "DescribeImages", body).await["imageDetails"][0].clone()
    };
    let moved = of("humangov-california/worker", running("california-production").await).await;
    assert_eq!(moved.get("imageTags"), None, "its tag has moved");
    let child = of("humangov/worker", running("wyoming-production").await).await;
    assert_eq!(child.get("imageTags"), None, "it runs an index's child");
    let index = of("humangov/worker", running("alaska-production").await).await;
    assert_eq!(index["imageTags"], json!(["v2.14.1"]));
    let lists = async |id: Value| {
        let body = json!({ "repositoryName": "humangov/worker", "imageIds": [id] });
        let manifest = ecr(&aws, "BatchGetImage", body).await["images"][0]["imageManifest"].clone();
        let manifest: Value = serde_json::from_str(manifest.as_str().unwrap()).unwrap();
        manifest["manifests"].as_array().unwrap().iter().map(|child| child["digest"].clone()).collect::<Vec<_>>()
    };
    let listed = lists(json!({ "imageTag": "v2.14.1" })).await;
    assert!(listed.contains(&child["imageDigest"]), "it belongs to the index with its tag");
    let rebuilt = running("new-hampshire-staging").await;
    let listed = lists(json!({ "imageTag": "v2.15.0-rc.2" })).await;
    assert!(!listed.contains(&rebuilt), "its tag has moved to another index");
    assert_eq!(of("humangov/worker", rebuilt).await.get("imageTags"), None);
}

#[tokio::test]
async fn a_task_whose_image_was_archived_cannot_start() {
    let aws = aws_with(|region| {
        region.add_service("prod", "web", 1);
        for image in &mut region.repositories.get_mut("web").unwrap().images {
            image.status = ImageStatus::Archived;
        }
        region.inject("prod-web", ImageFault::Exits { code: 1, after: 0 });
        region.kill_task("prod", "web", START - SignedDuration::from_secs(40));
    });
    let stopped = ask(&aws, "ListTasks", json!({ "cluster": "prod", "desiredStatus": "STOPPED" })).await;
    let body = json!({ "cluster": "prod", "tasks": stopped["taskArns"] });
    let tasks = ask(&aws, "DescribeTasks", body).await["tasks"].clone();
    let reasons: Vec<&str> =
        tasks.as_array().unwrap().iter().map(|task| task["stoppedReason"].as_str().unwrap()).collect();
    assert!(reasons.iter().any(|reason| reason.starts_with("CannotPullContainerError")), "{reasons:?}");
}
