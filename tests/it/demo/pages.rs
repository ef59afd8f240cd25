//! Pagination and batches.

use serde_json::{Value, json};
use wharf::demo::Aws;

use super::{ask, aws_with, expect_error, strings};

/// All items that `operation` lists, and the sizes of its pages.
async fn all(aws: &Aws, operation: &str, key: &str, body: Value) -> (Vec<String>, Vec<usize>) {
    let (mut items, mut sizes, mut body) = (vec![], vec![], body);
    loop {
        let page = ask(aws, operation, body.clone()).await;
        let shown = strings(&page[key]);
        sizes.push(shown.len());
        items.extend(shown.into_iter().map(str::to_owned));
        match page.get("nextToken") {
            Some(token) => body["nextToken"] = token.clone(),
            None => return (items, sizes),
        }
    }
}

#[tokio::test]
async fn pages_of_services_hold_ten_unless_more_are_requested() {
    for (count, bare, hundred) in [
        (0, vec![0], vec![0]),
        (1, vec![1], vec![1]),
        (9, vec![9], vec![9]),
        (10, vec![10], vec![10]),
        (11, vec![10, 1], vec![11]),
        (101, [vec![10; 10], vec![1]].concat(), vec![100, 1]),
    ] {
        let aws = aws_with(|region| region.add_services("prod", count));
        let (short, sizes) = all(&aws, "ListServices", "serviceArns", json!({ "cluster": "prod" })).await;
        assert_eq!(sizes, bare, "{count} services");
        let (long, sizes) =
            all(&aws, "ListServices", "serviceArns", json!({ "cluster": "prod", "maxResults": 100 })).await;
        assert_eq!(sizes, hundred, "{count} services");
        assert_eq!((short.len(), &short), (count, &long));
    }
}

#[tokio::test]
async fn pages_of_tasks_clusters_and_task_definitions_hold_a_hundred() {
    let aws = aws_with(|region| {
        region.add_service("prod", "web", 101);
        region.add_jobs("prod", "migrate", 149);
        (0..100).for_each(|at| _ = region.add_cluster(&format!("cluster-{at}")));
        (0..50).for_each(|at| region.add_service("prod", &format!("s{at}"), 0));
    });
    for (operation, key, sizes) in [
        ("ListTasks", "taskArns", vec![100, 100, 50]),
        ("ListClusters", "clusterArns", vec![100, 1]),
        ("ListTaskDefinitions", "taskDefinitionArns", vec![100, 3]),
    ] {
        let (items, seen) = all(&aws, operation, key, json!({ "cluster": "prod" })).await;
        assert_eq!(seen, sizes, "{operation}");
        let mut distinct = items.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), items.len(), "{operation} shows something twice");
    }
}

#[tokio::test]
async fn a_token_is_valid_for_its_own_list_only() {
    let aws = aws_with(|region| {
        region.add_services("one", 20);
        region.add_services("two", 20);
    });
    let page = ask(&aws, "ListServices", json!({ "cluster": "one" })).await;
    let token = page["nextToken"].as_str().unwrap();
    ask(&aws, "ListServices", json!({ "cluster": "one", "nextToken": token })).await;
    let wrong = ("InvalidParameterException".to_owned(), "Invalid token.".to_owned());
    for body in [
        json!({ "cluster": "two", "nextToken": token }),
        json!({ "cluster": "one", "launchType": "FARGATE", "nextToken": token }),
        json!({ "cluster": "one", "nextToken": "made-up" }),
        json!({ "cluster": "one", "nextToken": token.to_uppercase() }),
    ] {
        assert_eq!(expect_error(&aws, "ListServices", body.clone()).await, wrong, "{body}");
    }
}

#[tokio::test]
async fn a_page_continues_after_the_previous_one_although_the_list_has_changed() {
    let aws = aws_with(|region| region.add_services("prod", 12));
    let first = ask(&aws, "ListServices", json!({ "cluster": "prod" })).await;
    aws.change(|world| {
        world.home().add_service("prod", "a-new-first", 1);
        world.home().clusters.get_mut("prod").unwrap().services.remove("service-003");
    });
    let token = &first["nextToken"];
    let second = ask(&aws, "ListServices", json!({ "cluster": "prod", "nextToken": token })).await;
    let names: Vec<&str> = strings(&second["serviceArns"]).iter().map(|arn| arn.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["service-010", "service-011"]);
}

#[tokio::test]
async fn missing_resources_are_listed_with_their_full_arns_beside_those_found() {
    let aws = aws_with(|region| region.add_services("prod", 2));
    let here = "arn:aws:ecs:us-east-1:111122223333";
    let services = ["service-001", "gone", &format!("{here}:service/other/service-001")];
    let answer = ask(&aws, "DescribeServices", json!({ "cluster": "prod", "services": services })).await;
    assert_eq!(answer["services"].as_array().unwrap().len(), 1);
    assert_eq!(
        answer["failures"],
        json!([
            { "arn": format!("{here}:service/prod/gone"), "reason": "MISSING" },
            { "arn": format!("{here}:service/other/service-001"), "reason": "MISSING" },
        ])
    );
    let id = "0".repeat(32);
    let answer = ask(&aws, "DescribeTasks", json!({ "cluster": "prod", "tasks": [id] })).await;
    assert_eq!(
        answer,
        json!({ "tasks": [], "failures": [{ "arn": format!("{here}:task/prod/{id}"), "reason": "MISSING" }] })
    );
    let answer = ask(&aws, "DescribeClusters", json!({})).await;
    assert_eq!(
        answer,
        json!({ "clusters": [], "failures": [{ "arn": format!("{here}:cluster/default"), "reason": "MISSING" }] })
    );
}

#[tokio::test]
async fn tags_are_returned_only_on_request() {
    let aws = aws_with(|region| {
        region.add_service("prod", "web", 1);
        region.tag_service("prod", "web", "tenant", "california");
        region.tag_cluster("prod", "environment", "production");
    });
    let bare = ask(&aws, "DescribeServices", json!({ "cluster": "prod", "services": ["web"] })).await;
    assert_eq!(bare["services"][0].get("tags"), None);
    let body = json!({ "cluster": "prod", "services": ["web"], "include": ["TAGS"] });
    let full = ask(&aws, "DescribeServices", body).await;
    let tags = json!([{ "key": "tenant", "value": "california" }]);
    assert_eq!(full["services"][0]["tags"], tags);
    let arn = &full["services"][0]["serviceArn"];
    assert_eq!(ask(&aws, "ListTagsForResource", json!({ "resourceArn": arn })).await, json!({ "tags": tags }));
    for (include, tags) in
        [(json!([]), json!([])), (json!(["TAGS"]), json!([{ "key": "environment", "value": "production" }]))]
    {
        let answer = ask(&aws, "DescribeClusters", json!({ "clusters": ["prod"], "include": include })).await;
        assert_eq!(answer["clusters"][0]["tags"], tags);
    }
}

#[tokio::test]
async fn tasks_are_listed_by_service_family_starter_and_desired_status() {
    let aws = aws_with(|region| {
        region.add_service("prod", "web", 3);
        region.add_service("prod", "api", 2);
        region.add_jobs("prod", "migrate", 4);
    });
    let web =
        ask(&aws, "DescribeServices", json!({ "cluster": "prod", "services": ["web"] })).await["services"][0].clone();
    for (filter, count) in [
        (json!({}), 9),
        (json!({ "serviceName": "web" }), 3),
        (json!({ "serviceName": web["serviceArn"] }), 3),
        (json!({ "family": "migrate" }), 4),
        (json!({ "family": "prod-api" }), 2),
        (json!({ "startedBy": web["deployments"][0]["id"] }), 3),
        (json!({ "startedBy": "nobody" }), 0),
        (json!({ "desiredStatus": "RUNNING" }), 9),
        (json!({ "desiredStatus": "STOPPED" }), 0),
        (json!({ "desiredStatus": "PENDING" }), 0),
        (json!({ "launchType": "FARGATE" }), 9),
        (json!({ "launchType": "EC2" }), 0),
    ] {
        let mut body = filter.clone();
        body["cluster"] = json!("arn:aws:ecs:us-east-1:111122223333:cluster/prod");
        let answer = ask(&aws, "ListTasks", body).await;
        assert_eq!(strings(&answer["taskArns"]).len(), count, "{filter}");
    }
}

#[tokio::test]
async fn a_task_definition_is_found_by_family_by_revision_and_by_arn() {
    let aws = aws_with(|region| region.add_service("prod", "web", 1));
    let arn = |revision: u32| format!("arn:aws:ecs:us-east-1:111122223333:task-definition/prod-web:{revision}");
    for (named, revision) in [("prod-web", 2), ("prod-web:1", 1), (arn(2).as_str(), 2)] {
        let answer = ask(&aws, "DescribeTaskDefinition", json!({ "taskDefinition": named })).await;
        assert_eq!(answer["taskDefinition"]["taskDefinitionArn"], json!(arn(revision)), "{named}");
    }
    let listed = ask(&aws, "ListTaskDefinitions", json!({ "familyPrefix": "prod-web", "sort": "DESC" })).await;
    assert_eq!(listed, json!({ "taskDefinitionArns": [arn(2), arn(1)] }));
    assert_eq!(
        ask(&aws, "ListTaskDefinitions", json!({ "familyPrefix": "prod" })).await,
        json!({ "taskDefinitionArns": [] })
    );
}
