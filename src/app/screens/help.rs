//! The help screen: every key and command, from the keymap as it is now.

use unicode_width::UnicodeWidthStr;

use super::{Age, Card, Hint, Kind, Opens, text};
use crate::app::body::Content;
use crate::app::command::{COMMANDS, Command, CommandInfo, Context};
use crate::app::layout::Layout;
use crate::app::page::{Level, Line, Page, Role, Span};
use crate::app::reads::Needs;
use crate::app::state::{Item, State, View};
use crate::app::subject::Subject;
use crate::fleet::health::HealthState as Condition;
use crate::text::{padded, wrap};

/// Columns of the keys: more where a key sequence is longer.
const KEYS: usize = 12;
/// Columns of the names of commands.
const NAMES: usize = 14;
/// Columns of the marks and states.
const MARK: usize = 20;
/// Marks before images.
const MARKS: [(&str, Role, &str); 5] = [
    ("!", Role::Warn, "a tag that has moved: tasks run the image it named before, new tasks would run another one"),
    ("x", Role::Bad, "a tag that tasks ask for and that no image has"),
    ("z", Role::Warn, "archived: it must be restored before it can be pulled"),
    (".", Role::Strong, "tasks run it"),
    ("part?", Role::Dim, "untagged, and pushed together with that tag: probably its image for one platform"),
];

/// What every key does.
pub(super) struct Help;

impl Kind for Help {
    fn card(&self) -> Card {
        Card {
            word: "help",
            context: Context::Screen,
            layout: Layout::Page,
            shown_by: Some(Command::Help),
            preselects: true,
        }
    }

    fn about(&self) -> Subject {
        Subject::Fleet
    }

    fn subject(&self, _: &State) -> Subject {
        self.about()
    }

    fn opens(&self, line: &str) -> Option<Opens> {
        Command::named(line).map(|info| Opens::Command(info.command))
    }

    fn needs(&self, _: &State, _: &mut Needs) {}

    fn age(&self, _: &State) -> Age {
        Age::Ageless
    }

    fn content(&self, state: &State) -> Content {
        text(page(state))
    }

    fn hints(&self, _: &State) -> Vec<Hint> {
        vec![]
    }
}

/// The page of keys: those of the screen below come first.
fn page(state: &State) -> Page {
    let mut page = Page { title: vec![Span::plain("enter runs the selected command")], lines: vec![] };
    let below = state.screens.iter().rev().nth(1).map(|screen| &screen.view);
    let here = below.map_or(Context::Screen, Context::of);
    let keys = Keys::new(state, here);
    let (changes, others): (Vec<_>, Vec<_>) = COMMANDS
        .iter()
        .filter(|info| info.home() == Context::Screen && info.variant(here).is_none())
        .partition(|info| info.proposes.is_some());
    let contexts = Context::ALL.into_iter().filter(|context| *context != Context::Screen);
    let (first, rest): (Vec<Context>, Vec<Context>) = contexts.partition(|context| *context == here);
    for context in first {
        keys.section(&mut page, context);
    }
    page.section(" KEYS");
    for info in others {
        keys.row(&mut page, info, Context::Screen);
    }
    page.section(" CHANGES: EACH SHOWS A PLAN FIRST");
    for info in changes {
        keys.row(&mut page, info, Context::Screen);
    }
    for context in rest {
        keys.section(&mut page, context);
    }
    if below.is_some_and(shows_images) {
        page.section(" MARKS BEFORE IMAGES");
        for (mark, role, meaning) in MARKS {
            let lead = vec![Span::new(format!(" {} ", padded(mark, MARK)), role)];
            page.wrapped(lead, &Span::plain(meaning), state.size.width, None);
        }
    }
    page.section(" STATES, THE WORST FIRST");
    for condition in Condition::ALL {
        let word = format!(" {} {}", condition.mark(), padded(condition.word(), MARK - 1));
        let lead = vec![Span::new(word, Role::State(condition))];
        page.wrapped(lead, &Span::plain(meaning(condition)), state.size.width, None);
    }
    page
}

/// The three columns: keys, names and what the commands do.
struct Keys<'a> {
    state: &'a State,
    /// The context of the screen below.
    here: Context,
    /// Columns of the keys.
    width: usize,
}

impl<'a> Keys<'a> {
    fn new(state: &'a State, here: Context) -> Self {
        let keys = COMMANDS.iter().flat_map(|info| state.keymap.keys(info.command));
        let width = keys.map(|key| key.width()).max().unwrap_or_default().clamp(KEYS, 2 * KEYS);
        Self { state, here, width }
    }

    /// The commands that belong to `context`, and those that do something else there.
    fn section(&self, page: &mut Page, context: Context) {
        page.section(&format!(" {}", context.place().to_uppercase()));
        for info in COMMANDS.iter().filter(|info| info.home() == context) {
            self.row(page, info, context);
        }
        for info in COMMANDS.iter().filter(|info| info.variant(context).is_some()) {
            self.row(page, info, context);
        }
    }

    /// A command with its keys, its name, what it does in `context`, and how it is called without the console.
    fn row(&self, page: &mut Page, info: &CommandInfo, context: Context) {
        let keys = wrap_keys(&self.state.keymap.keys_in(context, info.command), self.width);
        let room = usize::from(self.state.size.width).saturating_sub(self.width + NAMES + 4).max(16);
        let help = wrap(info.help_in(context), room).into_iter().map(Span::plain);
        let cli = info.cli.into_iter().flat_map(|cli| wrap(cli, room)).map(Span::dim);
        let mut help = help.chain(cli);
        let mut keys = keys.into_iter();
        // The screen below runs it; what leaves the console or confirms is not run by a key that was meant for a line.
        let ends = matches!(info.command, Command::Quit | Command::Suspend | Command::Leave);
        let inherited = context == self.here || context == Context::Screen;
        let runs = inherited && matches!(info.home(), Context::Screen | Context::Logs) && !ends;
        let item = runs.then(|| Item::Line(info.name.to_owned()));
        let mut name = info.name;
        let mut level = Level::Text;
        loop {
            let (key, text) = (keys.next(), help.next());
            if key.is_none() && text.is_none() {
                return;
            }
            let key = Span::new(format!(" {}", padded(&key.unwrap_or_default(), self.width + 1)), Role::Key);
            let name = Span::new(padded(std::mem::take(&mut name), NAMES + 1), Role::Strong);
            page.push(Line { spans: [key, name].into_iter().chain(text).collect(), item: item.clone(), level });
            level = Level::More;
        }
    }
}

/// `keys` on lines of at most `width` columns, unless one alone is longer.
fn wrap_keys(keys: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = vec![];
    for key in keys {
        match lines.last_mut() {
            Some(line) if line.width() + 2 + key.width() <= width => *line = format!("{line}  {key}"),
            _ => lines.push(key.clone()),
        }
    }
    lines
}

/// Whether marks stand before images on the screen.
fn shows_images(view: &View) -> bool {
    view.card().layout == Layout::Images || matches!(view.about(), Subject::Image { .. })
}

fn meaning(condition: Condition) -> &'static str {
    match condition {
        Condition::Failing => "a rollout failed or cannot proceed; no task runs although some should",
        Condition::Restarting => "tasks keep stopping, even if as many run as desired",
        Condition::Degraded => "fewer tasks than desired, a zone lost, a sidecar stopped, or unhealthy tasks",
        Condition::Unknown => "not read for too long, so that its state is not known",
        Condition::Rolling => "tasks are being replaced",
        Condition::Scaling => "tasks are being added or removed",
        Condition::Reading => "not read yet",
        Condition::Steady => "ECS reports a steady state, no more",
        Condition::Parked => "scaled to zero",
        Condition::Empty => "there is nothing in it",
    }
}
