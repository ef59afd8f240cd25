//! `ListClusters`, `DescribeClusters`.

use serde_json::Value;

use super::super::json::{self, JsonObject};
use super::{ApiError, MAX_ITEMS, Region, RequestBody, find_cluster, missing_failure, paginate};

/// The values of `include` that the API accepts.
const INCLUDE: [&str; 5] = ["ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS"];

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListClusters.html>
pub(super) fn list(region: &Region, request: &RequestBody) -> Result<Value, ApiError> {
    let active = region.clusters.values().filter(|cluster| cluster.status == "ACTIVE");
    let all = active.map(|cluster| region.location.cluster_arn(&cluster.name)).collect();
    let page = paginate(request, &["ListClusters", &region.location.region], all, MAX_ITEMS)?;
    Ok(JsonObject::new().list("clusterArns", page.items).set_if_some("nextToken", page.next).into())
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeClusters.html>
pub(super) fn describe(region: &Region, request: &RequestBody) -> Result<Value, ApiError> {
    // From the API reference: "If you do not specify a cluster, the default cluster is assumed."
    let named = request.strings("clusters")?.filter(|named| !named.is_empty()).unwrap_or_else(|| vec!["default"]);
    if named.len() > MAX_ITEMS {
        return Err(ApiError::invalid_parameter(format!("cluster names can have at most {MAX_ITEMS} items.")));
    }
    let tags = request.includes("TAGS", &INCLUDE)?;
    let settings = request.includes("SETTINGS", &INCLUDE)?;
    let statistics = request.includes("STATISTICS", &INCLUDE)?;
    let (mut clusters, mut failures) = (vec![], vec![]);
    for name in named {
        let Some(cluster) = find_cluster(region, name)? else {
            let arn = if name.starts_with("arn:") { name.to_owned() } else { region.location.cluster_arn(name) };
            failures.push(missing_failure(arn));
            continue;
        };
        let counts = cluster.counts();
        let mut object = JsonObject::new()
            .set("clusterArn", region.location.cluster_arn(&cluster.name))
            .set("clusterName", cluster.name.as_str())
            .set("status", cluster.status.as_str())
            .set("registeredContainerInstancesCount", 0)
            .set("runningTasksCount", counts.running)
            .set("pendingTasksCount", counts.pending)
            .set("activeServicesCount", cluster.active_services())
            .list("statistics", Vec::<Value>::new())
            .list("tags", if tags { json::tags(&cluster.tags) } else { vec![] })
            .list("settings", Vec::<Value>::new())
            .list("capacityProviders", ["FARGATE", "FARGATE_SPOT"])
            .list("defaultCapacityProviderStrategy", Vec::<Value>::new());
        if settings {
            let insights = JsonObject::new().set("name", "containerInsights").set("value", "enabled");
            object = object.list("settings", [insights]);
        }
        if statistics {
            let figures = [
                ("runningFargateTasksCount", counts.running.to_string()),
                ("pendingFargateTasksCount", counts.pending.to_string()),
                ("activeFargateServiceCount", cluster.active_services().to_string()),
            ];
            object = object.list("statistics", json::name_value_pairs(figures));
        }
        clusters.push(object);
    }
    Ok(JsonObject::new().list("clusters", clusters).list("failures", failures).into())
}
