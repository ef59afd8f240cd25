//! What repositories of images hold: whatever their number, the newest first, and why they cannot be read.

use serde_json::{Value, json};
use wharf::aws::{Access, Inside, Wanted, Wiring, connect};
use wharf::demo::{Aws, Size, World};
use wharf::fleet::stock::{Stands, stock};
use wharf::fleet::{About, Answer, Arn, Ask, Extent, Facts, Fleet, Lane, Manifest, StoredImage, Trouble, Which};

use super::inside::{count, inside};
use super::script::{Script, json as says, refusal};
use super::{clock, cloud, error_of, facts_of, read};

const WEB: &str = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web";

fn images_of(facts: Facts) -> Vec<StoredImage> {
    match facts {
        Facts::Images(images) => images,
        other => panic!("{other:?}"),
    }
}

fn about() -> About {
    About::Images(WEB.to_owned())
}

#[tokio::test(start_paused = true)]
async fn every_image_is_listed_whatever_their_number_the_newest_first() {
    for (total, pages) in [(0, 1), (1, 1), (100, 1), (101, 1), (1_000, 1), (1_001, 2)] {
        let (aws, cloud) = inside(|region| {
            let first = clock()() - jiff::SignedDuration::from_hours(2_000);
            region.push("web", "v0", first);
            region.unpush("web", "v0");
            for at in 0..total {
                region.push("web", &format!("v{at}"), first + jiff::SignedDuration::from_mins(at));
            }
        })
        .await;
        let repository = "111122223333.dkr.ecr.us-east-1.amazonaws.com/web".to_owned();
        let images = images_of(facts_of(read(&cloud, About::Images(repository)).await));
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
    let Answer::Part(Facts::Images(images), error) = answer else { panic!("{answer:?}") };
    assert_eq!((images.len(), error.kind), (1, Trouble::Denied));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_in_ecr_here_is_not_asked_about() {
    let script = Script::new(|_, _, _| says(&json!({"imageDetails": []})));
    let cloud = cloud(&script).await;
    for repository in ["nginx", "public.ecr.aws/a/b", "111122223333.dkr.ecr.us-east-1.amazonaws.com/web"] {
        let error = error_of(read(&cloud, About::Images(repository.to_owned())).await);
        assert_eq!(
            (error.kind, error.message),
            (Trouble::Refused, "the repository is not in ECR in eu-west-1".to_owned())
        );
    }
    assert_eq!(script.count("DescribeImages"), 0);
}

#[tokio::test(start_paused = true)]
async fn the_tag_that_moved_in_the_story_is_found_behind_the_tasks_that_run_what_it_was() {
    let clock = clock();
    let now = clock.clone();
    let aws = Aws::new(World::story(Size { tenants: 1, services: 3 }, 7, clock()), move || now());
    let inside = Inside { http: aws.client(), region: "us-east-1".to_owned(), label: "demo".to_owned() };
    let wiring = Wiring { inside: Some(inside), ..Wiring::new(clock.clone(), Access::ReadOnly) };
    let cloud = connect(&Wanted::default(), wiring).await.unwrap();
    let mut fleet = Fleet::new(cloud.contexts());
    let context = cloud.contexts()[0].id.clone();
    let repository = "111122223333.dkr.ecr.us-east-1.amazonaws.com/humangov-california/worker".to_owned();
    let cluster = Arn::new("arn:aws:ecs:us-east-1:111122223333:cluster/california-production");
    for about in [About::Tasks(cluster, Which::Running), About::Images(repository.clone())] {
        let ask = Ask { context: context.clone(), about };
        let facts = facts_of(cloud.read(&ask, Lane::Screen).await);
        fleet.merge(&ask, facts, Extent::Whole, clock());
    }
    let stock = stock(&fleet, &repository, Extent::Whole);
    let moved: Vec<_> = stock.images.iter().filter(|held| held.has_moved()).collect();
    let stored: Vec<&str> = stock
        .images
        .iter()
        .filter(|held| held.runs.is_empty() && held.stored.as_ref().is_some_and(|stored| stored.tags == ["v2.14.1"]))
        .filter_map(|held| held.digest.as_deref())
        .collect();
    assert_eq!((moved.len(), moved[0].tasks(), stored.len()), (1, 2, 1));
    assert_eq!(moved[0].asked_by(), [("v2.14.1", &Stands::Elsewhere(stored[0].to_owned()))]);
}
