//! The command table: one row a command. A command without a row cannot be written.

use super::{CommandInfo, Context};
use crate::app::subject::SubjectKind;

/// Declares [`Command`] and [`COMMANDS`] from the same rows.
macro_rules! commands {
    ($($home:ident($command:ident, $name:literal, $hint:literal, $help:literal)$(.$more:ident($($value:expr),+))*;)+) => {
        /// What a key can be bound to.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Command {
            $(#[doc = $help] $command,)+
        }

        /// Every command, in the order of the help.
        pub const COMMANDS: &[CommandInfo] =
            &[$($home(Command::$command, $name, $hint, $help)$(.$more($($value),+))*,)+];
    };
}

commands! {
    screen(Open, "open", "open", "open the selected row")
        .variants(&[(Context::Logs, "show the whole of a long line; again: only as much as fits")]);
    screen(Back, "back", "back", "clear the filter, or the marks; otherwise go back").variants(&[
        (Context::Logs, "fold a long line, or end the search; otherwise go back"),
        (Context::Plan, "go back; a plan that was not confirmed changes nothing"),
    ]);
    screen(Leave, "leave", "leave", "leave this screen; on the fleet, quit");
    screen(Next, "next", "down", "move down one line");
    screen(Previous, "previous", "up", "move up one line")
        .variants(&[(Context::Logs, "stop following and move up; at the first line, load older lines")]);
    screen(HalfDown, "half-down", "page down", "move down half a screen");
    screen(HalfUp, "half-up", "page up", "move up half a screen");
    screen(First, "first", "top", "go to the top and sort the list again")
        .variants(&[(Context::Logs, "go to the first line that was loaded")]);
    screen(Last, "last", "bottom", "go to the bottom")
        .variants(&[(Context::Logs, "follow the newest lines")]);
    screen(Filter, "filter", "filter", "show only rows or lines that contain these words")
        .variants(&[(Context::Logs, "search the lines")]);
    screen(Mark, "mark", "mark", "mark or unmark the selected row; a change applies to all marked rows");
    screen(MarkAll, "mark-all", "mark all", "mark all rows that are shown; again: unmark them");
    screen(Redeploy, "redeploy", "redeploy", "replace tasks by new ones of the same task definition")
        .accepts(TASKS)
        .proposes("redeploy")
        .cli("wharf redeploy TARGET...");
    screen(Scale, "scale", "scale", "set the desired count: 3, +1 or -1")
        .accepts(TASKS)
        .proposes("scale")
        .cli("wharf scale TARGET... --to COUNT");
    screen(Undo, "undo", "undo", "undo the last change, or the one selected in the list of changes")
        .variants(&[(Context::Plan, "undo this change; with one of its steps selected, only that step")])
        .proposes("undo");
    screen(Plans, "plans", "plans", "list the changes of this session and those that were interrupted");
    screen(Logs, "logs", "logs", "show the logs of the selected tasks")
        .variants(&[(Context::Logs, "switch between one task's lines and those of all tasks")])
        .accepts(TASKS)
        .cli("wharf logs TARGET");
    logs(NextMatch, "next-match", "next", "go down to the next match");
    logs(PreviousMatch, "previous-match", "previous", "go up to the previous match");
    screen(Explain, "explain", "explain", "explain the state of a service or environment, with the evidence")
        .accepts(TASKS);
    screen(Describe, "describe", "describe", "describe a service or task; again: its raw JSON, then its task definition's")
        .accepts(SERVICES);
    screen(Images, "images", "images", "list the images in a service's repositories, and where each one runs")
        .accepts(TASKS);
    screen(Refresh, "refresh", "refresh", "read from AWS now and sort the list again")
        .variants(&[(Context::Plan, "read from AWS now and make the plan again")]);
    screen(Errors, "errors", "errors", "list the errors of requests to AWS");
    screen(Help, "help", "help", "list the keys that work here");
    screen(Suspend, "suspend", "suspend", "suspend wharf; `fg` in the shell resumes it");
    screen(Quit, "quit", "quit", "quit wharf from any screen");
    plan(Confirm, "confirm", "carry it out", "confirm the plan, unless it asks you to type words");
    plan(MoveBounds, "move-bounds", "move bounds", "let the autoscaling bounds follow the desired count; again: keep them");
    plan(Pause, "pause", "pause", "start no more steps; again: continue");
    plan(GiveUp, "give-up", "give up the rest", "give up the steps that have not started; dismiss an interrupted plan");
    input(Accept, "accept", "keep", "accept the text");
    input(Cancel, "cancel", "give up", "cancel typing");
    input(Clear, "clear", "empty", "clear the text");
}

/// What tasks run in: an environment, a service, or one of them.
const TASKS: &[SubjectKind] = &[SubjectKind::Environment, SubjectKind::Service, SubjectKind::Task, SubjectKind::Image];
/// The same, but one service at the most.
const SERVICES: &[SubjectKind] = &[SubjectKind::Service, SubjectKind::Task, SubjectKind::Image];

const SCREEN: &[Context] = &[Context::Screen, Context::Logs, Context::Plan];
const LOGS: &[Context] = &[Context::Logs];
const PLAN: &[Context] = &[Context::Plan];
const INPUT: &[Context] = &[Context::Input];

const fn screen(command: Command, name: &'static str, hint: &'static str, help: &'static str) -> CommandInfo {
    row(SCREEN, command, name, hint, help)
}

const fn logs(command: Command, name: &'static str, hint: &'static str, help: &'static str) -> CommandInfo {
    row(LOGS, command, name, hint, help)
}

const fn plan(command: Command, name: &'static str, hint: &'static str, help: &'static str) -> CommandInfo {
    row(PLAN, command, name, hint, help)
}

const fn input(command: Command, name: &'static str, hint: &'static str, help: &'static str) -> CommandInfo {
    row(INPUT, command, name, hint, help)
}

const fn row(
    contexts: &'static [Context],
    command: Command,
    name: &'static str,
    hint: &'static str,
    help: &'static str,
) -> CommandInfo {
    CommandInfo { command, name, hint, help, variants: &[], contexts, accepts: &[], proposes: None, cli: None }
}

impl CommandInfo {
    const fn variants(self, variants: &'static [(Context, &'static str)]) -> Self {
        Self { variants, ..self }
    }

    const fn accepts(self, accepts: &'static [SubjectKind]) -> Self {
        Self { accepts, ..self }
    }

    const fn proposes(self, change: &'static str) -> Self {
        Self { proposes: Some(change), ..self }
    }

    const fn cli(self, form: &'static str) -> Self {
        Self { cli: Some(form), ..self }
    }
}
