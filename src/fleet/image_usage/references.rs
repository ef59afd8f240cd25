//! Which repositories a service's containers come from, and who can ask ECR about them.

use std::collections::BTreeMap;

use crate::fleet::image::{Ecr, Image};
use crate::fleet::{Arn, Context, ContextId, Fleet};

/// A repository that a service's containers come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Reference {
    /// The repository, see [`Image::repository`].
    pub repository: String,
    /// Who asks ECR about it, or why none does.
    pub context: Result<ContextId, Unreachable>,
    /// Containers of its definition, with the image that the definition names.
    pub containers: Vec<(String, String)>,
}

/// Why ECR is not asked about a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreachable {
    /// It is not in a private ECR registry.
    OutsideEcr,
    /// No context leads to this registry.
    NoContext {
        /// Whose it is.
        account: String,
        /// Where it is.
        region: String,
    },
}

/// The repositories of `service`, those of its definition first, then those that only its tasks show.
pub fn references(fleet: &Fleet, service: &Arn) -> Vec<Reference> {
    let Some(entry) = fleet.services.get(service) else { return vec![] };
    let definition = entry.snapshot.as_ref().and_then(|look| fleet.definitions.get(&look.service.definition));
    let containers = definition.into_iter().flat_map(|definition| &definition.containers);
    let wanted = containers.map(|container| (container.image.as_str(), Some(container.name.as_str())));
    let tasks = fleet.tasks_of(&entry.cluster, service.name()).filter(|task| !task.is_over());
    let run = tasks.flat_map(|task| &task.containers).filter_map(|container| Some((container.image.as_deref()?, None)));
    let mut found: Vec<Reference> = vec![];
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (reference, container) in wanted.chain(run) {
        let image = Image::parse(reference);
        let place = *places.entry(image.repository()).or_insert_with_key(|repository| {
            let context_for = context_for(fleet, &entry.context, &image);
            found.push(Reference { repository: repository.clone(), context: context_for, containers: vec![] });
            found.len() - 1
        });
        found[place].containers.extend(container.map(|container| (container.to_owned(), reference.to_owned())));
    }
    found
}

/// Who asks about `image`: the registry's own account where a context leads there, else the service's own
/// context, which another account's registry may let in.
fn context_for(fleet: &Fleet, own: &ContextId, image: &Image) -> Result<ContextId, Unreachable> {
    let Ecr { account, region } = image.ecr().ok_or(Unreachable::OutsideEcr)?;
    let of = |context: &&Context| context.identity.as_ref().is_some_and(|identity| identity.account == account);
    let there = || fleet.contexts.values().filter(|context| context.same_as.is_none() && context.region == region);
    let own = there().find(|context| context.id == *own);
    let found = own.filter(of).or_else(|| there().find(of)).or(own);
    let unreached = || Unreachable::NoContext { account: account.to_owned(), region: region.to_owned() };
    found.map(|context| context.id.clone()).ok_or_else(unreached)
}
