//! A key press, as keymaps write it.

use std::fmt;
use std::str::FromStr;

/// One key with its modifier. Shift is in the character: `g` is not `G`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Chord {
    /// The key.
    pub key: Key,
    /// The modifier that is held down.
    pub modifier: Modifier,
}

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "keys are named as they are printed on a keyboard")]
pub enum Key {
    Char(char),
    Enter,
    Esc,
    Backspace,
    Tab,
    BackTab,
    Delete,
    Insert,
    Up,
    Down,
    Left,
    Right,
    Home,
    End,
    PageUp,
    PageDown,
    F(u8),
}

/// A modifier key. Terminals cannot report more than these reliably.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Modifier {
    /// None (or shift, which the character shows).
    None,
    /// Control.
    Ctrl,
    /// Alt, which is also what escape followed quickly by a key looks like.
    Alt,
}

/// Keys with names of their own.
const NAMES: [(&str, Key); 16] = [
    ("enter", Key::Enter),
    ("esc", Key::Esc),
    ("backspace", Key::Backspace),
    ("tab", Key::Tab),
    ("backtab", Key::BackTab),
    ("delete", Key::Delete),
    ("insert", Key::Insert),
    ("up", Key::Up),
    ("down", Key::Down),
    ("left", Key::Left),
    ("right", Key::Right),
    ("home", Key::Home),
    ("end", Key::End),
    ("pageup", Key::PageUp),
    ("pagedown", Key::PageDown),
    ("space", Key::Char(' ')),
];

impl Chord {
    /// `key` alone.
    pub fn plain(key: Key) -> Self {
        Self { key, modifier: Modifier::None }
    }

    /// The character it types into a text, if it types one.
    pub fn typed(self) -> Option<char> {
        match self {
            Self { key: Key::Char(c), modifier: Modifier::None } => Some(c),
            _ => None,
        }
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.modifier {
            Modifier::None => "",
            Modifier::Ctrl => "ctrl-",
            Modifier::Alt => "alt-",
        })?;
        match (NAMES.iter().find(|(_, key)| *key == self.key), self.key) {
            (Some((name, _)), _) => f.write_str(name),
            (None, Key::F(number)) => write!(f, "f{number}"),
            (None, Key::Char(c)) => write!(f, "{c}"),
            (None, _) => Ok(()),
        }
    }
}

impl FromStr for Chord {
    type Err = String;

    /// Reads `ctrl-r`, `G`, `enter`, `f5`; says why where a terminal could not send the chord.
    fn from_str(text: &str) -> Result<Self, String> {
        let (modifier, name) = match text.split_once('-') {
            Some(("ctrl", name)) => (Modifier::Ctrl, name),
            Some(("alt", name)) => (Modifier::Alt, name),
            _ => (Modifier::None, text),
        };
        let key = key_named(name).ok_or_else(|| format!("`{text}` is not a key"))?;
        match (modifier, key) {
            (Modifier::Ctrl, Key::Char(c)) if c.is_uppercase() => {
                Err(format!("`{text}`: terminals cannot distinguish ctrl-{c} from ctrl-{}", c.to_lowercase()))
            }
            (Modifier::Ctrl, Key::Char('i')) => Err(format!("`{text}` reaches a terminal's program as tab")),
            (Modifier::Ctrl, Key::Char('m')) => Err(format!("`{text}` reaches a terminal's program as enter")),
            (Modifier::Ctrl, Key::Char('h')) => Err(format!("`{text}` reaches a terminal's program as backspace")),
            (Modifier::Ctrl, Key::Char('[')) => Err(format!("`{text}` reaches a terminal's program as esc")),
            _ => Ok(Self { key, modifier }),
        }
    }
}

fn key_named(name: &str) -> Option<Key> {
    if let Some((_, key)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some(*key);
    }
    let mut chars = name.chars();
    match (chars.next(), chars.as_str()) {
        (Some(c), "") if !c.is_control() && c != ' ' => Some(Key::Char(c)),
        (Some('f'), number) => number.parse().ok().filter(|n| (1..=12).contains(n)).map(Key::F),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chords_are_read_and_written_alike() {
        for text in ["j", "G", "ctrl-r", "enter", "esc", "space", "f5", "alt-x", "/", "?", "-", "ctrl--", "pagedown"] {
            assert_eq!(text.parse::<Chord>().map(|chord| chord.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn what_no_terminal_can_send_is_refused_with_the_reason() {
        for (text, why) in [
            ("ctrl-A", "`ctrl-A`: terminals cannot distinguish ctrl-A from ctrl-a"),
            ("ctrl-i", "`ctrl-i` reaches a terminal's program as tab"),
            ("ctrl-[", "`ctrl-[` reaches a terminal's program as esc"),
            ("return", "`return` is not a key"),
            ("f13", "`f13` is not a key"),
            ("", "`` is not a key"),
        ] {
            assert_eq!(text.parse::<Chord>(), Err(why.to_owned()));
        }
    }
}
