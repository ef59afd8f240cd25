//! What a key can be bound to. Keymaps, help, the footer and the README's table of keys follow from one table.

mod table;

pub use table::{COMMANDS, Command};

use super::state::View;
use super::subject::SubjectKind;

/// A table of a keymap: which screens, or which typing, its bindings are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// Every screen.
    Screen,
    /// Logs.
    Logs,
    /// A plan, its progress and its result.
    Plan,
    /// A line of text that is being typed.
    Input,
}

/// One row of the command table.
#[derive(Clone, Copy, Debug)]
pub struct CommandInfo {
    /// The command.
    pub command: Command,
    /// Its name in keymaps.
    pub name: &'static str,
    /// One or two words for the footer.
    pub hint: &'static str,
    /// What it does: the end of a sentence that begins with its key.
    pub help: &'static str,
    /// Where it does something else than `help` says, and what.
    pub variants: &'static [(Context, &'static str)],
    /// Where it can be bound. It works in the first of these, and in every context that inherits from that one.
    pub contexts: &'static [Context],
    /// The kinds of subjects that it acts on; none if it acts on no subject.
    pub accepts: &'static [SubjectKind],
    /// The change that it proposes, as in `redeploy`; nothing if it proposes none.
    pub proposes: Option<&'static str>,
    /// The same without the console, as in `wharf redeploy TARGET...`.
    pub cli: Option<&'static str>,
}

impl CommandInfo {
    /// The context that the command belongs to.
    pub fn home(&self) -> Context {
        self.contexts.first().copied().unwrap_or(Context::Screen)
    }

    /// Whether a keymap may bind the command in `context`.
    pub fn can_be_bound_in(&self, context: Context) -> bool {
        self.contexts.contains(&context)
    }

    /// What the command does in `context`.
    pub fn help_in(&self, context: Context) -> &'static str {
        self.variant(context).unwrap_or(self.help)
    }

    /// What the command does in `context`, if that is something else than elsewhere.
    pub fn variant(&self, context: Context) -> Option<&'static str> {
        self.variants.iter().find(|(own, _)| *own == context).map(|(_, help)| *help)
    }
}

impl Command {
    /// Its row in the table.
    pub fn info(self) -> &'static CommandInfo {
        // Both are declared by the same rows, in the same order.
        &COMMANDS[self as usize]
    }

    /// The command that keymaps call `name`.
    pub fn named(name: &str) -> Option<&'static CommandInfo> {
        COMMANDS.iter().find(|info| info.name == name)
    }
}

impl Context {
    /// Every context; one that inherits stands after the one that it inherits from.
    pub const ALL: [Self; 4] = [Self::Screen, Self::Logs, Self::Plan, Self::Input];

    /// The context of a screen that shows `view`.
    pub fn of(view: &View) -> Self {
        view.card().context
    }

    /// Its table's name in keymaps.
    pub fn name(self) -> &'static str {
        match self {
            Self::Screen => "screen",
            Self::Logs => "logs",
            Self::Plan => "plan",
            Self::Input => "input",
        }
    }

    /// When it counts, as in `in logs`.
    pub fn place(self) -> &'static str {
        match self {
            Self::Screen => "on a screen",
            Self::Logs => "in logs",
            Self::Plan => "on a plan",
            Self::Input => "while typing",
        }
    }

    /// The context whose bindings count where this one has none of its own.
    pub fn inherits(self) -> Option<Self> {
        match self {
            Self::Logs | Self::Plan => Some(Self::Screen),
            Self::Screen | Self::Input => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_found_by_its_name() {
        for info in COMMANDS {
            assert_eq!(info.command.info().name, info.name);
            assert_eq!(Command::named(info.name).map(|found| found.command), Some(info.command));
        }
    }

    #[test]
    fn a_command_can_be_bound_wherever_its_home_is_inherited() {
        for info in COMMANDS {
            let inherits = |context: &Context| *context == info.home() || context.inherits() == Some(info.home());
            let expected: Vec<Context> = Context::ALL.into_iter().filter(inherits).collect();
            assert_eq!(info.contexts, expected, "{}", info.name);
            assert!(info.variants.iter().all(|(context, _)| info.can_be_bound_in(*context)), "{}", info.name);
        }
    }
}
