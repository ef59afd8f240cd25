//! Pagination: the pages of a list and their tokens.

use super::random::Random;

/// One page of a list, and the token of the next page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) items: Vec<String>,
    pub(crate) next: Option<String>,
}

/// The page of `all` after `token`, with at most `size` items; `None` if the token belongs to another list.
///
/// `list` identifies the list (operation, region and filters); a token is valid for that list only. It contains the
/// last item it has shown, so that pages stay consistent when the list changes between two requests.
pub(crate) fn page(list: &[&str], all: Vec<String>, size: usize, token: Option<&str>) -> Option<Page> {
    let start = match token {
        None => 0,
        Some(token) => {
            let (index, shown) = decode_token(list, token)?;
            all.iter().position(|item| *item == shown).map_or(index.min(all.len()), |found| found + 1)
        }
    };
    let end = (start + size).min(all.len());
    let next = (end < all.len()).then(|| encode_token(list, end, &all[end - 1]));
    let items = all.into_iter().skip(start).take(size).collect();
    Some(Page { items, next })
}

/// A token with `index` and `shown` that is valid for this list only.
pub(crate) fn encode_token(list: &[&str], index: usize, shown: &str) -> String {
    let content = format!("{index} {shown}");
    content.bytes().fold(checksum(list, &content), |token, byte| format!("{token}{:02x}", byte ^ 0x5a))
}

/// The content of a token of this list.
pub(crate) fn decode_token(list: &[&str], token: &str) -> Option<(usize, String)> {
    let (sum, hex) = token.split_at_checked(16)?;
    let pairs = hex.as_bytes().chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    let byte = |pair: &[u8]| Some(u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()? ^ 0x5a);
    let content = String::from_utf8(pairs.map(byte).collect::<Option<Vec<u8>>>()?).ok()?;
    let (index, shown) = content.split_once(' ')?;
    let genuine = sum == checksum(list, &content);
    Some((index.parse().ok()?, shown.to_owned())).filter(|_| genuine)
}

fn checksum(list: &[&str], content: &str) -> String {
    Random::from_words(&[&list.join("\u{1f}"), content]).hex(16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|at| format!("item-{at}")).collect()
    }

    #[test]
    fn pages_of_any_size_together_contain_the_whole_list() {
        for (count, size) in [(0, 1), (1, 1), (9, 10), (10, 10), (11, 10), (101, 100), (250, 100)] {
            let (mut seen, mut token) = (vec![], None::<String>);
            loop {
                let page =
                    page(&["list"], names(count), size, token.as_deref()).unwrap_or(Page { items: vec![], next: None });
                assert!(page.items.len() <= size);
                seen.extend(page.items);
                token = page.next;
                if token.is_none() {
                    break;
                }
            }
            assert_eq!(seen, names(count), "{count} in pages of {size}");
        }
    }

    #[test]
    fn a_token_of_another_list_or_an_invented_one_is_refused() {
        let token = page(&["a"], names(3), 1, None).and_then(|page| page.next).unwrap_or_default();
        assert!(page(&["a"], names(3), 1, Some(&token)).is_some());
        for (list, token) in
            [("b", token.as_str()), ("a", ""), ("a", "nonsense"), ("a", &token[1..]), ("a", "äöüäöüäöüäöü")]
        {
            assert_eq!(page(&[list], names(3), 1, Some(token)), None, "{list} {token}");
        }
    }
}
