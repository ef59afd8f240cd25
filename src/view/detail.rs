//! The line that spells the selected row out: its whole name, and what its columns had no room for.

use unicode_width::UnicodeWidthStr;

use super::columns::Columns;
use super::line_layout::{self, KEPT, Part};
use super::rows;
use crate::app::page::{Role, Span};
use crate::app::{Item, State};
use crate::fleet::Arn;
use crate::text::fit;

/// The detail of `item`, in `width` columns.
pub(super) fn line(state: &State, item: &Item, columns: Columns, width: u16) -> Vec<Span> {
    let Some(cells) = rows::cells(state, item) else { return vec![] };
    let strong = |text: &str| [Span::new(text, Role::Strong)];
    let name = name(item);
    let short = fit(&name, usize::from(width) / 2);
    let mut parts = vec![Part::new(strong(&name), 3).or(strong(&short), KEPT)];
    if columns.tasks == 0 || columns.since == 0 {
        parts.push(Part::new([Span::plain(format!("{} {}", cells.tasks, cells.since).trim())], 2));
    }
    if cells.why.width() > columns.why {
        parts.push(Part::new([Span::plain(&cells.why)], 1).or([Span::plain(fit(&cells.why, 40))], 1));
    }
    if columns.zones == 0 {
        parts.push(Part::new([Span::plain(&cells.zones)], 4));
    }
    parts.extend(versions(state, item, columns));
    let cluster = match item {
        Item::Service(arn) => state.fleet.services.get(arn).map(|entry| entry.cluster.name()),
        Item::Task(arn) => state.fleet.task(arn).map(|task| task.cluster.name()),
        Item::Home(_) | Item::Plan(_) | Item::Line(_) => None,
    };
    parts.extend(cluster.map(|cluster| Part::new([Span::dim(format!("cluster {cluster}"))], 6)));
    parts.extend(contexts(state, item));
    line_layout::line(parts, width)
}

/// The whole name: the path, the service, the task's id.
fn name(item: &Item) -> String {
    match item {
        Item::Home(home) => home.path(),
        Item::Service(arn) | Item::Task(arn) => arn.name().to_owned(),
        Item::Plan(id) => id.to_string(),
        Item::Line(line) => line.clone(),
    }
}

/// `web v2.15.0 · api v2.14.1`: the version of each service, the worst first, or of the only thing there is.
fn versions(state: &State, item: &Item, columns: Columns) -> Option<Part> {
    match item {
        Item::Home(home) => {
            let mut services: Vec<&Arn> = state.fleet_view.services(home).collect();
            services.sort_by_key(|arn| (state.fleet_view.verdict(arn).map(|verdict| verdict.state), arn.name()));
            let services: Vec<String> = services
                .into_iter()
                .map(|arn| {
                    let version = rows::version(state, &Item::Service(arn.clone()));
                    // Where only the definition is known, it has the service's name more often than not.
                    let named = version.split(':').next() == Some(arn.name());
                    let text = if named { version } else { format!("{} {version}", arn.name()) };
                    text.trim_end().to_owned()
                })
                .collect();
            let part = Part::new([Span::plain(services.join(" · "))], 6);
            let few = |count: usize| {
                let rest = services.len().saturating_sub(count);
                let shown = services.iter().take(count).map(String::as_str).collect::<Vec<_>>().join(" · ");
                [Span::plain(format!("{shown} · +{rest}"))]
            };
            let fewer = (1..services.len().min(8)).rev();
            Some(fewer.fold(part, |part, count| part.or(few(count), 6)))
        }
        _ if columns.version == 0 => Some(Part::new([Span::plain(rows::version(state, item))], 5)),
        _ => None,
    }
}

/// The contexts it was seen through, where there are several to distinguish.
fn contexts(state: &State, item: &Item) -> Option<Part> {
    let of_service = |arn| state.fleet.services.get(arn).map(|entry| entry.context.to_string());
    let text = match item {
        Item::Home(home) => {
            let row = state.fleet_view.row(home)?;
            row.contexts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        }
        Item::Service(arn) => of_service(arn)?,
        Item::Task(arn) => state.fleet.task(arn)?.context.to_string(),
        Item::Plan(_) | Item::Line(_) => return None,
    };
    (state.fleet.contexts.len() > 1).then(|| Part::new([Span::dim(text)], 7).right())
}
