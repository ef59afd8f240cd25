//! Columns of the tables: which there are at which width, and how wide.

use unicode_width::UnicodeWidthStr;

use crate::app::page::{Role, Span};
use crate::text::fit;

/// The columns of a table. Mark, state and reason are always there; a width of zero says that
/// there is no room for a column.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) target: usize,
    pub(super) tasks: usize,
    pub(super) since: usize,
    pub(super) zones: usize,
    pub(super) version: usize,
    pub(super) rollout: usize,
    pub(super) why: usize,
}

/// What a table would like to show: the columns that its longest cells take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) target: usize,
    pub(super) tasks: usize,
    pub(super) zones: usize,
    pub(super) version: usize,
    pub(super) rollout: usize,
}

/// What a row says, cell by cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cells {
    pub(super) mark: char,
    pub(super) state: String,
    pub(super) role: Role,
    /// A tenant and its environment, or one name.
    pub(super) target: (String, Option<String>),
    pub(super) tasks: String,
    pub(super) since: String,
    pub(super) zones: String,
    pub(super) version: String,
    /// How much of a rollout is done, as a bar.
    pub(super) rollout: String,
    pub(super) why: String,
    /// What was wrong with the last reading, said behind the reason.
    pub(super) error: Option<String>,
}

/// A space, the mark, a space, the state's word and a space.
const LEAD: usize = 14;
/// What the reason gets at the least.
const WHY: usize = 28;
/// What the target gets at the least, and where there is room for everything else at 80 columns.
const TARGET: (usize, usize) = (16, 25);
/// A terminal of this width has room for zones and versions.
const WIDE: u16 = 100;
/// One of this width also for bars.
const WIDER: u16 = 140;

impl Columns {
    /// The columns of a table in `width`. What is seen last goes first: version, zones, since, tasks.
    pub(super) fn of(width: u16, wanted: Wanted) -> Self {
        let mut left = usize::from(width).saturating_sub(LEAD + WHY);
        let take = |wanted: usize, left: &mut usize| {
            let fits = wanted > 0 && *left > wanted;
            *left -= if fits { wanted + 1 } else { 0 };
            if fits { wanted } else { 0 }
        };
        let mut columns = Self { target: take(TARGET.0.min(left.saturating_sub(1)), &mut left), ..Self::default() };
        columns.tasks = take(if wanted.tasks == 0 { 0 } else { wanted.tasks.clamp(5, 11) }, &mut left);
        columns.since = take(5, &mut left);
        let grow = |columns: &mut Self, to: usize, left: &mut usize| {
            let more = to.saturating_sub(columns.target).min(*left);
            columns.target += more;
            *left -= more;
        };
        grow(&mut columns, TARGET.1, &mut left);
        if width >= WIDE {
            columns.zones = take(wanted.zones.min(16), &mut left);
            columns.version = take(wanted.version.min(16), &mut left);
            columns.rollout = take(if width >= WIDER { wanted.rollout } else { 0 }, &mut left);
            let spare = left.saturating_sub(left / 2);
            let mut spare_left = spare;
            grow(&mut columns, wanted.target.min(44), &mut spare_left);
            left -= spare - spare_left;
        }
        columns.why = WHY.min(usize::from(width).saturating_sub(LEAD)) + left;
        columns
    }

    /// The heads of the columns.
    pub(super) fn heads(self, target: &str) -> Vec<Span> {
        let head = |text: &str| Span::new(text, Role::Dim);
        let mut spans = vec![head(&pad("   STATE", LEAD))];
        spans.push(head(&pad(target, gap(self.target))));
        spans.push(head(&right("TASKS", self.tasks)));
        spans.push(head(&right("SINCE", self.since)));
        spans.push(head(&pad("ZONES", gap(self.zones))));
        spans.push(head(&pad("VERSION", gap(self.version))));
        spans.push(head(&pad("ROLLOUT", gap(self.rollout))));
        spans.push(head("WHY"));
        spans
    }

    /// A row of `cells`; `lead` stands before them.
    pub(super) fn row(self, lead: char, cells: &Cells) -> Vec<Span> {
        let plain = |text: String| Span::plain(text);
        let mut spans = vec![
            Span::new(lead.to_string(), Role::Key),
            Span::new(format!("{} {}", cells.mark, pad(&fit(&cells.state, LEAD - 4), LEAD - 3)), cells.role),
            plain(pad(&target(&cells.target, self.target), gap(self.target))),
            plain(right(&cells.tasks, self.tasks)),
            Span::dim(right(&cells.since, self.since)),
            plain(pad(&cells.zones, gap(self.zones))),
            Span::dim(pad(&cells.version, gap(self.version))),
            Span::new(pad(&cells.rollout, gap(self.rollout)), Role::Busy),
        ];
        let error = cells.error.as_ref().map(|error| format!("({error})"));
        let taken = error.as_ref().map_or(0, |error| error.width() + 1);
        let why = fit(&cells.why, self.why.saturating_sub(taken));
        let space = if why.is_empty() { "" } else { " " };
        spans.push(plain(why));
        spans.extend(error.map(|error| Span::new(format!("{space}{error}"), Role::Warn)));
        spans
    }
}

/// The width of a column with the space behind it; nothing for a column that is not there.
fn gap(width: usize) -> usize {
    if width == 0 { 0 } else { width + 1 }
}

/// `text` in exactly `width` columns, the last of them a space.
fn pad(text: &str, width: usize) -> String {
    let text = fit(text, width.saturating_sub(1));
    let spaces = width.saturating_sub(text.width());
    format!("{text}{}", " ".repeat(spaces))
}

/// `text` at the right of `width` columns, with a space behind it; nothing for a column that is not there.
fn right(text: &str, width: usize) -> String {
    if width == 0 {
        return String::new();
    }
    let text = fit(text, width);
    format!("{}{text} ", " ".repeat(width - text.width()))
}

/// `tenant/environment` in `width` columns; the environment is shortened first.
fn target((tenant, environment): &(String, Option<String>), width: usize) -> String {
    let Some(environment) = environment else { return fit(tenant, width) };
    let least = environment.width().min(5);
    let right = width.saturating_sub(tenant.width() + 1).max(least);
    let left = width.saturating_sub(right.min(environment.width()) + 1);
    fit(&format!("{}/{}", fit(tenant, left), fit(environment, right)), width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_leave_by_priority_and_the_reason_never_does() {
        let wanted = Wanted { target: 40, tasks: 3, zones: 8, version: 10, rollout: 10 };
        for (width, target, tasks, since, zones, version, rollout, why) in [
            (60, 17, 0, 0, 0, 0, 0, 28),
            (65, 16, 5, 0, 0, 0, 0, 28),
            (72, 17, 5, 5, 0, 0, 0, 28),
            (80, 25, 5, 5, 0, 0, 0, 28),
            (99, 25, 5, 5, 0, 0, 0, 47),
            (100, 25, 5, 5, 8, 10, 0, 28),
            (120, 35, 5, 5, 8, 10, 0, 38),
            (200, 40, 5, 5, 8, 10, 10, 102),
        ] {
            let columns = Columns { target, tasks, since, zones, version, rollout, why };
            assert_eq!(Columns::of(width, wanted), columns, "at {width}");
        }
    }

    #[test]
    fn of_a_target_the_environment_is_shortened_first() {
        for (tenant, environment, width, shown) in [
            ("california", "production", 25, "california/production"),
            ("north-carolina", "production", 25, "north-carolina/production"),
            ("south-carolina", "production", 20, "south-carolina/prod…"),
            ("a-very-long-tenant-name", "production", 20, "a-very-long-t…/prod…"),
            ("a-very-long-tenant-name", "dev", 20, "a-very-long-ten…/dev"),
            ("a", "b", 0, ""),
        ] {
            assert_eq!(target(&(tenant.to_owned(), Some(environment.to_owned())), width), shown);
        }
    }
}
