//! Which reads go together in one query.

use std::collections::BTreeSet;

use super::required::{FeedKey, ReadRequest};
use crate::fleet::{Arn, Fleet, INDEXES_PER_QUERY, QueryKind, SCALABLE_TARGETS_PER_QUERY, SERVICES_PER_QUERY};

/// The query that reads the first of `requests`, with as many of the others as fit in, but for those `taken`.
/// Nothing where the first is about a service that is gone.
pub(super) fn batch(
    fleet: &Fleet,
    requests: &[ReadRequest],
    taken: &BTreeSet<FeedKey>,
) -> Option<(QueryKind, Vec<FeedKey>)> {
    let first = requests.first()?;
    let open = || requests.iter().filter(|one| one.context == first.context && !taken.contains(&one.key));
    let alike = |kin: &dyn Fn(&FeedKey) -> Option<Arn>, most: usize| -> Vec<Arn> {
        open().filter_map(|request| kin(&request.key)).take(most).collect()
    };
    let alone = |about| Some((about, vec![first.key.clone()]));
    match &first.key {
        FeedKey::Identity(_) => alone(QueryKind::Identity),
        FeedKey::Clusters(_) => alone(QueryKind::Clusters),
        FeedKey::Roster(cluster) => alone(QueryKind::ServiceArns(cluster.clone())),
        FeedKey::Tasks(cluster, which) => alone(QueryKind::Tasks(cluster.clone(), *which)),
        FeedKey::Definition(arn) => alone(QueryKind::TaskDefinition(arn.clone())),
        FeedKey::Images(repository) => alone(QueryKind::Images(repository.clone())),
        FeedKey::Raw(subject) => alone(QueryKind::RawJson(subject.clone())),
        FeedKey::Deployments(service) => {
            let cluster = fleet.services.get(service)?.cluster.clone();
            alone(QueryKind::Deployments { cluster, service: service.clone() })
        }
        FeedKey::Index(repository, _) => {
            let digest = |request: &ReadRequest| match &request.key {
                FeedKey::Index(of, digest) if of == repository => Some(digest.clone()),
                _ => None,
            };
            let digests: Vec<String> = open().filter_map(digest).take(INDEXES_PER_QUERY).collect();
            let keys = digests.iter().map(|digest| FeedKey::Index(repository.clone(), digest.clone())).collect();
            Some((QueryKind::ImageIndexes(repository.clone(), digests), keys))
        }
        FeedKey::Query(ask) => alone(ask.kind.clone()),
        FeedKey::Look(service) => {
            let cluster = &fleet.services.get(service)?.cluster;
            let kin = |key: &FeedKey| match key {
                FeedKey::Look(arn) if fleet.services.get(arn).is_some_and(|entry| entry.cluster == *cluster) => {
                    Some(arn.clone())
                }
                _ => None,
            };
            let services = alike(&kin, SERVICES_PER_QUERY);
            let keys = services.iter().cloned().map(FeedKey::Look).collect();
            Some((QueryKind::Services(cluster.clone(), services), keys))
        }
        FeedKey::Scaling(_) => {
            let kin = |key: &FeedKey| match key {
                FeedKey::Scaling(arn) => Some(arn.clone()),
                _ => None,
            };
            let services = alike(&kin, SCALABLE_TARGETS_PER_QUERY);
            let keys = services.iter().cloned().map(FeedKey::Scaling).collect();
            Some((QueryKind::ScalableTargets(services), keys))
        }
    }
}
