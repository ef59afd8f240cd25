//! What the repositories on the screen come to: worked out once for as long as what is known stays the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::layout::Layout;
use super::reads::FeedKey;
use super::state::State;
use super::subject::Subject;
use crate::fleet::Completeness;
use crate::fleet::image_usage::{RepositoryUsage, references, repository_usage};

/// Images of the repositories on the screen, joined with the tasks that run them.
///
/// With 10,000 images and 5,000 tasks that takes about as long as a frame may, and a key and its frame want it
/// several times. Whatever AWS answers empties it: an entry is always of what is known now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImageCache(BTreeMap<String, Arc<RepositoryUsage>>);

impl ImageCache {
    /// Forgets all: something else is known now.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// What is known of `repository`, and where its images run.
pub(super) fn usage(state: &State, repository: &str) -> Arc<RepositoryUsage> {
    let kept = state.image_cache.0.get(repository).cloned();
    kept.unwrap_or_else(|| {
        let feed = state.feeds.get(&FeedKey::Images(repository.to_owned()));
        let whole = feed.is_some_and(|feed| feed.error.is_none());
        Arc::new(repository_usage(
            &state.fleet,
            repository,
            if whole { Completeness::Complete } else { Completeness::Partial },
        ))
    })
}

/// Keeps what the screen shows, and nothing else.
pub(super) fn refresh(state: &mut State) {
    let view = &state.screen().view;
    let service = match view.about() {
        Subject::Image { service, .. } => Some(service),
        Subject::Service(service) if view.card().layout == Layout::Images => Some(service),
        _ => None,
    };
    let used = service.map(|arn| references(&state.fleet, &arn)).unwrap_or_default().into_iter();
    let kept = used.map(|one| (usage(state, &one.repository), one.repository)).map(|(usage, name)| (name, usage));
    let kept = kept.collect();
    state.image_cache = ImageCache(kept);
}
