//! Key sequences of one context as a tree: each chord leads to a command, or to the chords that can follow it.

use std::collections::BTreeMap;

use super::Lookup;
use crate::app::chord::Chord;
use crate::app::command::Command;

/// What can be typed next, and where it leads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trie {
    next: BTreeMap<Chord, Node>,
}

/// Where a chord leads.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Command(Command),
    More(Trie),
}

impl Trie {
    /// Binds `chords` to `command`. What they were bound to before gives way, and so does what begins with them, or
    /// is a beginning of them.
    pub(super) fn bind(&mut self, chords: &[Chord], command: Command) {
        let Some((first, rest)) = chords.split_first() else { return };
        if rest.is_empty() {
            self.next.insert(*first, Node::Command(command));
            return;
        }
        let node = self.next.entry(*first).or_insert_with(|| Node::More(Self::default()));
        if let Node::Command(_) = node {
            *node = Node::More(Self::default());
        }
        if let Node::More(more) = node {
            more.bind(rest, command);
        }
    }

    /// Takes away what `chords` are bound to, and all that begins with them.
    pub(super) fn unbind(&mut self, chords: &[Chord]) {
        let Some((first, rest)) = chords.split_first() else { return };
        if rest.is_empty() {
            self.next.remove(first);
        } else if let Some(Node::More(more)) = self.next.get_mut(first) {
            more.unbind(rest);
            if more.next.is_empty() {
                self.next.remove(first);
            }
        }
    }

    /// What `typed` leads to.
    pub(super) fn lookup(&self, typed: &[Chord]) -> Lookup {
        match typed.split_first() {
            None => Lookup::Pending,
            Some((first, rest)) => match self.next.get(first) {
                Some(Node::Command(command)) if rest.is_empty() => Lookup::Command(*command),
                Some(Node::More(more)) => more.lookup(rest),
                Some(Node::Command(_)) | None => Lookup::None,
            },
        }
    }

    /// What can follow `typed`: the chords that are still to be typed, and their command.
    pub(super) fn continuations(&self, typed: &[Chord]) -> Vec<(Vec<Chord>, Command)> {
        match typed.split_first() {
            None => self.bindings(),
            Some((first, rest)) => match self.next.get(first) {
                Some(Node::More(more)) => more.continuations(rest),
                Some(Node::Command(_)) | None => vec![],
            },
        }
    }

    /// All sequences with their commands, in the order of the chords.
    pub(super) fn bindings(&self) -> Vec<(Vec<Chord>, Command)> {
        let below = |(chord, node): (&Chord, &Node)| match node {
            Node::Command(command) => vec![(vec![*chord], *command)],
            Node::More(more) => {
                let bindings = more.bindings().into_iter();
                bindings.map(|(chords, command)| ([vec![*chord], chords].concat(), command)).collect()
            }
        };
        self.next.iter().flat_map(below).collect()
    }
}
