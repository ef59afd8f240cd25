//! Text from AWS is hostile until it has been cleaned here.

use std::borrow::Cow;

/// What begins an escape sequence, and its picture.
const ESCAPES: [char; 2] = ['\u{1b}', '\u{241b}'];

/// `text` with everything that could move the cursor, change the screen or hide itself made visible.
///
/// Control characters become their pictures (`␛`, `␇`), a tab one space; characters that reorder
/// or hide text (bidirectional marks, zero-width ones, tags) become `�`.
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(shown).collect())
}

/// `text` without what only sets its colours (`ESC[31m` and the like): as people read it. Clean it still.
pub fn bare(text: &str) -> Cow<'_, str> {
    if !text.contains(ESCAPES) {
        return Cow::Borrowed(text);
    }
    let (mut bare, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(c) = rest.chars().next() {
        let skipped = colour(rest);
        if skipped == 0 {
            bare.push(c);
        }
        rest = &rest[skipped.max(c.len_utf8())..];
    }
    Cow::Owned(bare)
}

/// Bytes at the beginning of `text` that only set colours, as written or cleaned; none as a rule.
///
/// Source: ECMA-48, 8.3.117, Select Graphic Rendition.
pub fn colour(text: &str) -> usize {
    let Some(rest) = text.strip_prefix(ESCAPES).and_then(|rest| rest.strip_prefix('[')) else { return 0 };
    let end = rest.find(|c: char| !(c.is_ascii_digit() || c == ';' || c == ':')).unwrap_or(rest.len());
    if rest[end..].starts_with('m') { text.len() - rest.len() + end + 1 } else { 0 }
}

fn is_plain(c: char) -> bool {
    !c.is_control() && !is_hidden(c)
}

fn shown(c: char) -> char {
    match c {
        '\t' => ' ',
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        c if is_plain(c) => c,
        _ => '\u{fffd}',
    }
}

/// Characters that reorder, join or hide what is around them.
fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_act_on_the_terminal_becomes_a_picture_of_itself() {
        for (text, shown) in [
            ("web", "web"),
            ("", ""),
            ("a\x1b[31mred", "a␛[31mred"),
            ("bell\x07 del\x7f nul\0", "bell␇ del␡ nul␀"),
            ("one\ntwo\r\tthree", "one␊two␍ three"),
            ("c1\u{9b}31m", "c1\u{fffd}31m"),
            ("evil\u{202e}txt", "evil\u{fffd}txt"),
            ("zero\u{200d}width", "zero\u{fffd}width"),
            ("日本 ü", "日本 ü"),
        ] {
            assert_eq!(clean(text), shown);
        }
    }

    #[test]
    fn colours_are_nothing_that_is_read_and_other_sequences_are() {
        for (text, read) in [
            ("plain", "plain"),
            ("\x1b[31mERROR\x1b[0m employee", "ERROR employee"),
            ("\x1b[1;38:5:208mwarm\x1b[m", "warm"),
            ("␛[31mERROR␛[0m employee", "ERROR employee"),
            ("a\x1b[2Jb\x1b[31", "a\x1b[2Jb\x1b[31"),
            ("\x1b\x1b[31m[mx", "\x1b[mx"),
            ("", ""),
        ] {
            assert_eq!(bare(text), read, "{text:?}");
        }
    }
}
