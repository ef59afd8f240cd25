//! Page after page, to the end and not a step further.

use std::collections::HashSet;
use std::future::Future;

use super::client::RequestInfo;
use super::error::protocol_error;
use crate::fleet::{CloudError, Trouble};

/// Pages of one listing; a cluster of 5,000 services has 50
/// (<https://docs.aws.amazon.com/general/latest/gr/ecs-service.html>).
const MOST: usize = 1_000;

/// What a listing gave, and the error that ended it, if one did.
#[derive(Debug)]
pub(super) struct Listed<T> {
    pub(super) items: Vec<T>,
    pub(super) pages: usize,
    pub(super) error: Option<CloudError>,
}

/// Asks for page after page until there are no more, or `enough` items have come.
///
/// A token that was given before ends the listing with an error: it would never end by itself.
pub(super) async fn pages<T, F, R>(info: &RequestInfo, enough: usize, mut page: F) -> Listed<T>
where
    F: FnMut(Option<String>) -> R,
    R: Future<Output = Result<(Vec<T>, Option<String>), CloudError>>,
{
    let mut listed = Listed { items: vec![], pages: 0, error: None };
    let mut seen = HashSet::new();
    let mut token = None;
    loop {
        let (items, next) = match page(token).await {
            Ok(page) => page,
            Err(error) => {
                listed.error = Some(error);
                return listed;
            }
        };
        listed.items.extend(items);
        listed.pages += 1;
        let Some(next) = next.filter(|token| !token.is_empty()) else { return listed };
        if listed.items.len() >= enough {
            return listed;
        }
        if listed.pages >= MOST || !seen.insert(next.clone()) {
            let message = format!("after {} pages the list repeats", listed.pages);
            let advice = "What came is shown. An emulator's pages may be broken.";
            listed.error = Some(protocol_error(info, Trouble::Unreadable, &message, advice));
            return listed;
        }
        token = Some(next);
    }
}
