//! `ListClusters`, `DescribeClusters`.

use serde_json::Value;

use super::super::doc::{self, Doc};
use super::{Input, MOST, Refusal, Region, find_cluster, missing, paged};

/// The values of `include` that the API accepts.
const INCLUDE: [&str; 5] = ["ATTACHMENTS", "CONFIGURATIONS", "SETTINGS", "STATISTICS", "TAGS"];

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListClusters.html>
pub(super) fn list(region: &Region, input: &Input) -> Result<Value, Refusal> {
    let active = region.clusters.values().filter(|cluster| cluster.status == "ACTIVE");
    let all = active.map(|cluster| region.place.cluster(&cluster.name)).collect();
    let page = paged(input, &["ListClusters", &region.place.region], all, MOST)?;
    Ok(Doc::new().list("clusterArns", page.items).maybe("nextToken", page.next).into())
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeClusters.html>
pub(super) fn describe(region: &Region, input: &Input) -> Result<Value, Refusal> {
    // From the API reference: "If you do not specify a cluster, the default cluster is assumed."
    let named = input.list("clusters")?.filter(|named| !named.is_empty()).unwrap_or_else(|| vec!["default"]);
    if named.len() > MOST {
        return Err(Refusal::invalid(format!("cluster names can have at most {MOST} items.")));
    }
    let tags = input.includes("TAGS", &INCLUDE)?;
    let settings = input.includes("SETTINGS", &INCLUDE)?;
    let statistics = input.includes("STATISTICS", &INCLUDE)?;
    let (mut clusters, mut failures) = (vec![], vec![]);
    for name in named {
        let Some(cluster) = find_cluster(region, name)? else {
            let arn = if name.starts_with("arn:") { name.to_owned() } else { region.place.cluster(name) };
            failures.push(missing(arn));
            continue;
        };
        let counts = cluster.counts();
        let mut doc = Doc::new()
            .set("clusterArn", region.place.cluster(&cluster.name))
            .set("clusterName", cluster.name.as_str())
            .set("status", cluster.status.as_str())
            .set("registeredContainerInstancesCount", 0)
            .set("runningTasksCount", counts.running)
            .set("pendingTasksCount", counts.pending)
            .set("activeServicesCount", cluster.active_services())
            .list("statistics", Vec::<Value>::new())
            .list("tags", if tags { doc::tags(&cluster.tags) } else { vec![] })
            .list("settings", Vec::<Value>::new())
            .list("capacityProviders", ["FARGATE", "FARGATE_SPOT"])
            .list("defaultCapacityProviderStrategy", Vec::<Value>::new());
        if settings {
            let insights = Doc::new().set("name", "containerInsights").set("value", "enabled");
            doc = doc.list("settings", [insights]);
        }
        if statistics {
            let figures = [
                ("runningFargateTasksCount", counts.running.to_string()),
                ("pendingFargateTasksCount", counts.pending.to_string()),
                ("activeFargateServiceCount", cluster.active_services().to_string()),
            ];
            doc = doc.list("statistics", doc::pairs(figures));
        }
        clusters.push(doc);
    }
    Ok(Doc::new().list("clusters", clusters).list("failures", failures).into())
}
