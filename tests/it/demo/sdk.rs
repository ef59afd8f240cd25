//! Real SDK clients, in process.

use std::time::Duration;

use aws_sdk_applicationautoscaling::types::{ScalableTarget, ServiceNamespace};
use aws_sdk_ecs::config::retry::RetryConfig;
use aws_sdk_ecs::config::timeout::TimeoutConfig;
use aws_sdk_ecs::config::{BehaviorVersion, Credentials, Region, SharedHttpClient};
use aws_sdk_ecs::error::ProvideErrorMetadata as _;
use aws_sdk_ecs::types::{DesiredStatus, ServiceField};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_types::sdk_config::{SdkConfig, SharedCredentialsProvider};
use tokio::time::Instant;
use wharf::demo::{Aws, Fault, Size, World};

use super::{START, at_start, aws_with};

fn config(client: SharedHttpClient, region: &'static str, key: &str) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(key, "secret", None, None, "test")))
        .http_client(client)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_timeout(Duration::from_secs(20)).build())
        .build()
}

fn ecs(aws: &Aws) -> aws_sdk_ecs::Client {
    aws_sdk_ecs::Client::new(&config(aws.client(), "us-east-1", "AKIAIOSFODNN7EXAMPLE"))
}

#[tokio::test]
async fn the_sdk_reads_the_whole_story() {
    let aws = at_start(World::story(Size { tenants: 8, services: 3 }, 1, START));
    let client = ecs(&aws);
    let clusters: Vec<String> = client.list_clusters().into_paginator().items().send().try_collect().await.unwrap();
    let (mut running, mut desired, mut described) = (0, 0, 0);
    for cluster in &clusters {
        let services = client.list_services().cluster(cluster).max_results(100).into_paginator();
        let services: Vec<String> = services.items().send().try_collect().await.unwrap();
        for batch in services.chunks(10) {
            let look = client.describe_services().cluster(cluster).set_services(Some(batch.to_vec()));
            let look = look.include(ServiceField::Tags).send().await.unwrap();
            assert_eq!(look.failures(), []);
            for service in look.services() {
                described += 1;
                running += service.running_count();
                desired += service.desired_count();
                assert!(service.created_at().is_some() && !service.events().is_empty());
            }
        }
        let tasks = client.list_tasks().cluster(cluster).desired_status(DesiredStatus::Stopped).into_paginator();
        let tasks: Vec<String> = tasks.items().send().try_collect().await.unwrap();
        for batch in tasks.chunks(100) {
            let look = client.describe_tasks().cluster(cluster).set_tasks(Some(batch.to_vec())).send().await.unwrap();
            assert!(look.tasks().iter().all(|task| task.stop_code().is_some() && task.stopped_at().is_some()));
        }
    }
    // 8 of production, staging, sandbox and demo, and edge-relay and metrics without a tenant.
    assert_eq!(described, 11 * 3 + 2);
    assert_eq!(desired - running, 3, "only california's web lacks running tasks");
}

#[tokio::test]
async fn two_clients_see_the_same_world() {
    let aws = aws_with(|region| region.add_service("prod", "web", 2));
    let (one, two) = (ecs(&aws), ecs(&aws));
    aws.change(|world| world.home().add_service("prod", "api", 1));
    let list = |client: aws_sdk_ecs::Client| async move {
        client.list_services().cluster("prod").send().await.unwrap().service_arns().to_vec()
    };
    assert_eq!(list(one.clone()).await, list(two).await);
    assert_eq!(list(one).await.len(), 2);
}

#[tokio::test]
async fn accounts_and_regions_are_separate() {
    let aws = at_start(World::story(Size::default(), 1, START));
    for (region, key, account, some) in [
        ("us-east-1", "AKIAIOSFODNN7EXAMPLE", "111122223333", true),
        ("us-west-2", "AKIAIOSFODNN7EXAMPLE", "111122223333", true),
        ("eu-west-1", "AKIAIOSFODNN7EXAMPLE", "111122223333", false),
        ("us-east-1", "AKIAWHARFLABSEXAMPLE", "444455556666", true),
    ] {
        let config = config(aws.client(), region, key);
        let caller = aws_sdk_sts::Client::new(&config).get_caller_identity().send().await.unwrap();
        assert_eq!(caller.account(), Some(account));
        let clusters = aws_sdk_ecs::Client::new(&config).list_clusters().send().await.unwrap();
        let prefix = format!("arn:aws:ecs:{region}:{account}:cluster/");
        assert!(clusters.cluster_arns().iter().all(|arn| arn.starts_with(&prefix)));
        assert_eq!(!clusters.cluster_arns().is_empty(), some, "{region} {account}");
    }
}

#[tokio::test]
async fn the_sdk_reads_scaling_targets() {
    let aws = at_start(World::story(Size::default(), 1, START));
    let config = config(aws.client(), "us-east-1", "AKIAIOSFODNN7EXAMPLE");
    let client = aws_sdk_applicationautoscaling::Client::new(&config);
    let pages =
        client.describe_scalable_targets().service_namespace(ServiceNamespace::Ecs).max_results(5).into_paginator();
    let targets: Vec<_> = pages.items().send().collect::<Result<Vec<_>, _>>().await.unwrap();
    let parked: Vec<_> =
        targets.iter().filter(|target| target.min_capacity() == 0).map(ScalableTarget::resource_id).collect();
    assert_eq!((targets.len(), parked), (14, vec!["service/demo-demo/web"]));
}

#[tokio::test]
async fn the_sdk_gets_the_code_message_and_request_id_of_an_error() {
    use aws_types::request_id::RequestId as _;
    let aws = aws_with(|region| _ = region.add_cluster("prod"));
    let error = ecs(&aws).list_services().cluster("nope").send().await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Some("ClusterNotFoundException"), Some("Cluster not found.")));
    assert_eq!(error.request_id().map(str::len), Some(36));
    aws.set_fault(Some(Fault::Expired));
    let config = config(aws.client(), "us-east-1", "AKIAIOSFODNN7EXAMPLE");
    let error = aws_sdk_sts::Client::new(&config).get_caller_identity().send().await.unwrap_err();
    assert_eq!(error.code(), Some("ExpiredToken"));
}

#[tokio::test(start_paused = true)]
async fn silence_ends_with_the_read_timeout_and_cut_off_is_an_error() {
    let aws = aws_with(|region| _ = region.add_cluster("prod"));
    aws.set_fault(Some(Fault::Silent));
    let start = Instant::now();
    assert!(ecs(&aws).list_clusters().send().await.is_err());
    assert_eq!(start.elapsed().as_secs(), 20);
    aws.set_fault(Some(Fault::CutOff));
    let error = ecs(&aws).list_clusters().send().await.unwrap_err();
    assert_eq!(error.code(), None, "half a body is no answer of AWS's: {error:?}");
}
