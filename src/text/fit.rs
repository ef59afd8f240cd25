//! Text in a given number of columns: cut, padded or wrapped.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::clean;

/// `text`, clean, cut to at most `width` columns; what was cut off shows as `…`.
pub fn fit(text: &str, width: usize) -> String {
    let text = clean(text);
    if text.width() <= width {
        return text.into_owned();
    }
    let mut fitted = String::new();
    let mut left = width.saturating_sub(1);
    for c in text.chars() {
        let columns = c.width().unwrap_or(0);
        if columns > left {
            break;
        }
        left -= columns;
        fitted.push(c);
    }
    if width > 0 {
        fitted.push('…');
    }
    fitted
}

/// `text`, clean, cut to at most `width` columns from its beginning: the end of a path says more.
pub fn fit_end(text: &str, width: usize) -> String {
    let text = clean(text);
    let mut rest: &str = &text;
    while rest.width() + usize::from(rest.len() < text.len()) > width {
        let Some(c) = rest.chars().next() else { break };
        rest = &rest[c.len_utf8()..];
    }
    if rest.len() < text.len() && width > 0 { format!("…{rest}") } else { rest.to_owned() }
}

/// `text`, clean, in exactly `width` columns: cut or filled with spaces, the last column always a space.
pub fn padded(text: &str, width: usize) -> String {
    let mut text = fit(text, width.saturating_sub(1));
    text.push_str(&" ".repeat(width.saturating_sub(text.width())));
    text
}

/// `text` in pieces of at most `width` columns, broken at spaces where that is possible, or behind a slash; at
/// least one.
pub fn wrap(text: &str, width: usize) -> Vec<Cow<'_, str>> {
    let width = width.max(1);
    let mut pieces = vec![];
    let mut rest = text.trim_end();
    while rest.width() > width {
        let fits = prefix(rest, width);
        let at = match rest[..fits].rfind(' ') {
            _ if rest[fits..].starts_with(' ') => fits,
            Some(space) if space > fits / 2 => space,
            // A long word is a path or a reference as a rule.
            _ => rest[..fits].rfind('/').map(|slash| slash + 1).filter(|end| *end > fits / 2).unwrap_or(fits),
        };
        pieces.push(Cow::Borrowed(rest[..at].trim_end()));
        rest = rest[at..].trim_start();
    }
    if !rest.is_empty() || pieces.is_empty() {
        pieces.push(Cow::Borrowed(rest));
    }
    pieces
}

/// Bytes of the longest beginning of `text` that takes at most `width` columns; at least one character.
fn prefix(text: &str, width: usize) -> usize {
    let mut columns = 0;
    for (at, c) in text.char_indices() {
        columns += c.width().unwrap_or(0);
        if columns > width && at > 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_cut_at_its_beginning() {
        for (text, width, cut) in [
            ("a/b/web", 7, "a/b/web"),
            ("a/b/web", 6, "…b/web"),
            ("a/b/web", 4, "…web"),
            ("a/b/web", 1, "…"),
            ("a/b/web", 0, ""),
            ("日本/web", 6, "…/web"),
            ("日本/web", 7, "…本/web"),
        ] {
            assert_eq!(fit_end(text, width), cut, "{text} in {width}");
        }
    }

    #[test]
    fn what_is_cut_ends_in_an_ellipsis_and_never_exceeds_its_width() {
        for (text, width, fitted) in [
            ("california", 10, "california"),
            ("california", 9, "californ…"),
            ("california", 1, "…"),
            ("california", 0, ""),
            ("日本語", 6, "日本語"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日…"),
        ] {
            assert_eq!(fit(text, width), fitted, "{text} in {width}");
        }
    }

    #[test]
    fn text_wraps_at_spaces_and_long_words_are_cut() {
        for (text, width, pieces) in [
            ("one two three", 7, vec!["one two", "three"]),
            ("one two three", 8, vec!["one two", "three"]),
            ("abcdefghij", 4, vec!["abcd", "efgh", "ij"]),
            ("a abcdefghij", 4, vec!["a ab", "cdef", "ghij"]),
            ("in registry/some/name:tag", 14, vec!["in registry/", "some/name:tag"]),
            ("日本語", 4, vec!["日本", "語"]),
            ("日本語", 1, vec!["日", "本", "語"]),
            ("", 10, vec![""]),
        ] {
            assert_eq!(wrap(text, width), pieces, "{text} at {width}");
        }
    }
}
