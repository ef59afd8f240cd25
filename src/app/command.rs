//! What keys can ask for: one table, from which keymaps, help and footer are made.

/// A verb that a key can be bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Command {
    /// One line down.
    Next,
    /// One line up.
    Previous,
    /// Half a screen down.
    HalfDown,
    /// Half a screen up.
    HalfUp,
    /// To the first line; lists sort themselves anew.
    First,
    /// To the last line.
    Last,
    /// Into what is selected.
    Open,
    /// To where one came from; first out of a filter.
    Back,
    /// Out of a screen, and from the fleet out of wharf.
    Leave,
    /// Type words that rows must have.
    Filter,
    /// Mark the selected row, or take its mark away.
    Mark,
    /// Mark every row that is shown, or none of them.
    MarkAll,
    /// Why is it as it is?
    Explain,
    /// Definition, then AWS's own words.
    Describe,
    /// The images of its repositories, and where they run.
    Images,
    /// Propose new tasks of the same definition.
    Redeploy,
    /// Propose another number of tasks.
    Scale,
    /// Propose to take a change back.
    Undo,
    /// The changes of this session.
    Plans,
    /// The lines that tasks write.
    Logs,
    /// In logs: to the next line that has the words searched for.
    NextMatch,
    /// In logs: to the one before.
    PreviousMatch,
    /// Ask AWS again now, and sort anew.
    Refresh,
    /// What went wrong between us and AWS.
    Errors,
    /// What every key does here.
    Help,
    /// Hand the terminal back to the shell until `fg`.
    Suspend,
    /// Out of wharf, from anywhere.
    Quit,
    /// On a plan: carry it out.
    Confirm,
    /// On a plan: let autoscaling's bounds follow the count.
    MoveBounds,
    /// On a plan under way: begin no more steps, or go on.
    Pause,
    /// On a plan under way: leave what was not begun as it is.
    GiveUp,
    /// While typing: keep what was typed.
    Accept,
    /// While typing: give it up.
    Cancel,
    /// While typing: empty it.
    Clear,
}

/// When a binding counts: on screens, on a plan before those, or while a text is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Layer {
    /// On every screen.
    Screen,
    /// On a plan, where it comes before the screens' bindings.
    Plan,
    /// While a text is typed.
    Input,
}

/// What is known of a command: its name in keymaps, its word in the footer, its line in the help.
pub struct About {
    /// The command.
    pub command: Command,
    /// Its name in keymaps.
    pub name: &'static str,
    /// One or two words for the footer.
    pub short: &'static str,
    /// A sentence for the help.
    pub help: &'static str,
    /// Where it can be bound.
    pub layer: Layer,
}

const fn row(command: Command, layer: Layer, name: &'static str, short: &'static str, help: &'static str) -> About {
    About { command, name, short, help, layer }
}

/// Every command, in the order of the help.
pub const COMMANDS: [About; 34] = [
    row(Command::Open, Layer::Screen, "open", "open", "go into the selected row"),
    row(
        Command::Back,
        Layer::Screen,
        "back",
        "back",
        "clear the filter, then the marks, else go back; leave a plan as it is",
    ),
    row(Command::Leave, Layer::Screen, "leave", "leave", "leave this screen; on the fleet, quit"),
    row(Command::Next, Layer::Screen, "next", "down", "one line down"),
    row(Command::Previous, Layer::Screen, "previous", "up", "one line up; in logs, up from the first one further back"),
    row(Command::HalfDown, Layer::Screen, "half-down", "page down", "half a screen down"),
    row(Command::HalfUp, Layer::Screen, "half-up", "page up", "half a screen up"),
    row(Command::First, Layer::Screen, "first", "top", "to the top; a list sorts itself anew"),
    row(Command::Last, Layer::Screen, "last", "bottom", "to the bottom; in logs, follow the newest lines"),
    row(
        Command::Filter,
        Layer::Screen,
        "filter",
        "filter",
        "show only rows or lines that have these words; in logs, search",
    ),
    row(
        Command::Mark,
        Layer::Screen,
        "mark",
        "mark",
        "mark the selected row, or unmark it: a change is about all marked rows",
    ),
    row(Command::MarkAll, Layer::Screen, "mark-all", "mark all", "mark every row that is shown; again: none of them"),
    row(Command::Redeploy, Layer::Screen, "redeploy", "redeploy", "propose new tasks of the same definition"),
    row(Command::Scale, Layer::Screen, "scale", "scale", "propose another number of tasks: 3, +1, -1"),
    row(
        Command::Undo,
        Layer::Screen,
        "undo",
        "undo",
        "propose to take the last change back; on a result that one, on a step of it only that",
    ),
    row(Command::Plans, Layer::Screen, "plans", "plans", "the changes of this session, and those that were cut short"),
    row(
        Command::Logs,
        Layer::Screen,
        "logs",
        "logs",
        "the lines that its tasks write; in logs, those of one task, or of all",
    ),
    row(Command::NextMatch, Layer::Screen, "next-match", "next", "in logs: to the next line that has the words"),
    row(Command::PreviousMatch, Layer::Screen, "previous-match", "previous", "in logs: to the one before"),
    row(Command::Explain, Layer::Screen, "explain", "explain", "why it is in the state it is in, with the evidence"),
    row(
        Command::Describe,
        Layer::Screen,
        "describe",
        "describe",
        "its definition; again: AWS's own words on it, then on its definition (JSON)",
    ),
    row(
        Command::Images,
        Layer::Screen,
        "images",
        "images",
        "the images in a service's repositories, and where in the whole fleet each runs",
    ),
    row(Command::Refresh, Layer::Screen, "refresh", "refresh", "ask AWS again now; a list sorts itself anew"),
    row(Command::Errors, Layer::Screen, "errors", "errors", "what went wrong between wharf and AWS"),
    row(Command::Help, Layer::Screen, "help", "help", "what every key does here"),
    row(Command::Suspend, Layer::Screen, "suspend", "suspend", "hand the terminal to the shell, until `fg`"),
    row(Command::Quit, Layer::Screen, "quit", "quit", "quit wharf from anywhere"),
    row(Command::Confirm, Layer::Plan, "confirm", "carry it out", "carry the plan out, where no words are asked for"),
    row(
        Command::MoveBounds,
        Layer::Plan,
        "move-bounds",
        "move bounds",
        "let autoscaling's bounds follow the count; again: let them stay",
    ),
    row(Command::Pause, Layer::Plan, "pause", "pause", "begin no more steps; again: go on"),
    row(
        Command::GiveUp,
        Layer::Plan,
        "give-up",
        "give up the rest",
        "leave what was not begun as it is; a plan that was cut short, for good",
    ),
    row(Command::Accept, Layer::Input, "accept", "keep", "keep the words that were typed"),
    row(Command::Cancel, Layer::Input, "cancel", "give up", "give up typing"),
    row(Command::Clear, Layer::Input, "clear", "empty", "empty the line"),
];

impl Command {
    /// Its row in the table.
    pub fn about(self) -> &'static About {
        let at = COMMANDS.iter().position(|about| about.command == self);
        &COMMANDS[at.unwrap_or_default()]
    }

    /// The command that keymaps call `name`.
    pub fn named(name: &str) -> Option<&'static About> {
        COMMANDS.iter().find(|about| about.name == name)
    }
}

impl Layer {
    /// Every layer.
    pub const ALL: [Self; 3] = [Self::Screen, Self::Plan, Self::Input];

    /// Its table's name in keymaps.
    pub fn name(self) -> &'static str {
        match self {
            Self::Screen => "screen",
            Self::Plan => "plan",
            Self::Input => "input",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_is_in_the_table_once_under_a_name_of_its_own() {
        for about in &COMMANDS {
            assert_eq!(about.command.about().name, about.name);
            assert_eq!(Command::named(about.name).map(|found| found.command), Some(about.command));
        }
    }
}
