//! Who writes: each task with a letter of its own, which it keeps as long as the screen lasts.

use std::collections::BTreeSet;

use unicode_width::UnicodeWidthStr;

use crate::app::state::LogScope;
use crate::app::tail::writer;
use crate::fleet::{Arn, Fleet, LogLine, Task};

/// Letters of tasks; those beyond share the last.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+";

/// Everybody who has written a line, in the order of their first ones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writers {
    met: Vec<Writer>,
    /// Names that stand before messages.
    names: BTreeSet<String>,
}

/// A task that writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Writer {
    /// The task's id, or where a stream does not name one, the stream.
    pub id: String,
    /// The task, if it is known.
    pub task: Option<Arn>,
    /// Its service's name or its job's.
    pub service: String,
}

impl Writers {
    /// Takes note of who wrote `line`, one of those of `of`.
    pub fn observe(&mut self, fleet: &Fleet, of: &LogScope, line: &LogLine) {
        let (container, id) = parts(&line.stream);
        let known = self.met.iter().find(|voice| voice.id == id).cloned();
        let voice = known.unwrap_or_else(|| {
            let task = task(fleet, id);
            let service = match (task, of) {
                (Some(task), _) => task.service().unwrap_or_else(|| task.job()),
                (None, LogScope::Service(arn)) => arn.name(),
                (None, _) => container,
            };
            let service = service.to_owned();
            let voice = Writer { id: id.to_owned(), task: task.map(|task| task.arn.clone()), service };
            self.met.push(voice.clone());
            voice
        });
        let name = name(&voice, container);
        if !self.names.contains(&name) {
            self.names.insert(name);
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.met.len()
    }

    /// All, each with its number, in the order of their letters.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Writer)> {
        self.met.iter().enumerate()
    }

    /// Who writes to `stream`, with their number and the name that stands before their messages.
    pub fn of(&self, stream: &str) -> Option<(usize, &Writer, String)> {
        let (container, id) = parts(stream);
        let (number, voice) = self.iter().find(|(_, voice)| voice.id == id)?;
        Some((number, voice, name(voice, container)))
    }

    /// Columns of the longest name; none where there is but one, which would say nothing.
    pub fn longest(&self) -> usize {
        if self.names.len() < 2 { 0 } else { self.names.iter().map(|name| name.width()).max().unwrap_or(0) }
    }
}

/// The letter of the voice with that `number`.
pub fn letter(number: usize) -> char {
    LETTERS.chars().nth(number).unwrap_or('+')
}

/// The container and the task's id in a stream's name; a stream that has neither names itself.
fn parts(stream: &str) -> (&str, &str) {
    writer(stream).unwrap_or(("", stream))
}

/// `web`, or where a container is called otherwise than its service, `web/proxy`.
fn name(voice: &Writer, container: &str) -> String {
    if container.is_empty() || container == voice.service {
        voice.service.clone()
    } else {
        format!("{}/{container}", voice.service)
    }
}

/// The task of that id, or with a container that the runtime knows by it.
fn task<'a>(fleet: &'a Fleet, id: &str) -> Option<&'a Task> {
    let tasks = || fleet.tasks.values().flat_map(std::collections::BTreeMap::values);
    let runs = |task: &Task| task.containers.iter().any(|container| container.runtime_id.as_deref() == Some(id));
    tasks().find(|task| task.arn.name() == id).or_else(|| tasks().find(|task| runs(task))).map(AsRef::as_ref)
}
