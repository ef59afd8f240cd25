//! Which services a cluster has and which tasks a service has, without a scan of all there are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Arn, Task};

/// Services by cluster, and tasks by cluster and by the name of their service.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct FleetIndex {
    services: BTreeMap<Arn, BTreeSet<Arn>>,
    tasks: BTreeMap<Arn, BTreeMap<String, BTreeSet<Arn>>>,
}

impl FleetIndex {
    /// Services of `cluster`, by ARN.
    pub(super) fn services(&self, cluster: &Arn) -> impl Iterator<Item = &Arn> + '_ {
        self.services.get(cluster).into_iter().flatten()
    }

    /// How many services `cluster` has.
    pub(super) fn service_count(&self, cluster: &Arn) -> usize {
        self.services.get(cluster).map_or(0, BTreeSet::len)
    }

    /// Tasks of the service `name` in `cluster`, by ARN.
    pub(super) fn tasks(&self, cluster: &Arn, name: &str) -> impl Iterator<Item = &Arn> + '_ {
        self.tasks.get(cluster).and_then(|services| services.get(name)).into_iter().flatten()
    }

    /// Adds a service; it must be in no other cluster.
    pub(super) fn add_service(&mut self, cluster: &Arn, service: &Arn) {
        self.services.entry(cluster.clone()).or_default().insert(service.clone());
    }

    /// Removes a service.
    pub(super) fn remove_service(&mut self, cluster: &Arn, service: &Arn) {
        if let Some(services) = self.services.get_mut(cluster) {
            services.remove(service);
        }
    }

    /// Removes `cluster`, and gives the services that it had.
    pub(super) fn remove_cluster(&mut self, cluster: &Arn) -> BTreeSet<Arn> {
        self.tasks.remove(cluster);
        self.services.remove(cluster).unwrap_or_default()
    }

    /// Replaces the tasks of `cluster` with these, by ARN.
    pub(super) fn set_tasks(&mut self, cluster: &Arn, tasks: &BTreeMap<Arn, Arc<Task>>) {
        let mut services: BTreeMap<String, BTreeSet<Arn>> = BTreeMap::new();
        for (arn, task) in tasks {
            // Names are copied only once for each service.
            let Some(name) = task.service() else { continue };
            match services.get_mut(name) {
                Some(of) => {
                    of.insert(arn.clone());
                }
                None => {
                    services.insert(name.to_owned(), BTreeSet::from([arn.clone()]));
                }
            }
        }
        self.tasks.insert(cluster.clone(), services);
    }
}
