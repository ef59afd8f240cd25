//! A plan in full: where, what, how, what undoes it, and what one should know before. The same lines on
//! the screen and without one.

use std::collections::BTreeSet;

use jiff::Timestamp;
use unicode_width::UnicodeWidthStr;

use super::{Line, Page, Role, Span, summary};
use crate::fleet::image::short_digest;
use crate::plan::{ImageChange, Location, NextImage, Plan, Protection, Track, UndoSummary, about, duration};
use crate::text::{fit_end, moment, padded};

/// Changes that stand above the rest; more of them have a section of their own below it.
const FEW: usize = 3;
/// Paths that a warning names.
const NAMED: usize = 3;
/// Columns of what stands before a fact.
const LABEL: usize = 10;

/// `plan`, in full, in lines of at most `width` columns.
pub fn lines(plan: &Plan, width: u16) -> Vec<Line> {
    let mut page = Page::default();
    wheres(&mut page, plan, width);
    if plan.tracks.len() <= FEW {
        tracks(&mut page, plan, width);
    }
    warnings(&mut page, plan, width);
    facts(&mut page, plan, width);
    if plan.tracks.len() > FEW {
        page.section(" CHANGES");
        tracks(&mut page, plan, width);
    }
    if !plan.left_out.is_empty() {
        page.section(" LEFT OUT");
        for left in &plan.left_out {
            let lead = vec![Span::plain(format!(" {}  ", left.path))];
            page.wrapped(lead, &Span::dim(summary::why(&left.reason)), width, Some(&summary::item(&left.resource)));
        }
    }
    page.lines
}

fn fact(page: &mut Page, label: &str, text: &Span, width: u16) {
    page.wrapped(vec![Span::dim(padded(&format!(" {label}"), LABEL))], text, width, None);
}

/// What the journal says of a plan as a whole: where, who, when, why, and how `CloudTrail` names it.
pub(in crate::app) fn record(page: &mut Page, plan: &Plan, now: Timestamp, width: u16) {
    wheres(page, plan, width);
    fact(page, "made", &Span::plain(format!("{} UTC", moment(plan.made_at, now))), width);
    trail(page, plan, width);
    reason(page, plan, width);
}

/// Under which name `CloudTrail` has it.
fn trail(page: &mut Page, plan: &Plan, width: u16) {
    fact(page, "trail", &Span::plain(format!("CloudTrail names it {}", plan.id.app_name())), width);
}

/// Why somebody does it, if they said so.
fn reason(page: &mut Page, plan: &Plan, width: u16) {
    if let Some(reason) = &plan.reason {
        fact(page, "reason", &Span::plain(reason), width);
    }
}

fn wheres(page: &mut Page, plan: &Plan, width: u16) {
    for (at, Location { context, account, region, caller }) in plan.locations.iter().enumerate() {
        let region = if context.as_str().contains(region.as_str()) { String::new() } else { format!(" {region}") };
        let account = account.as_ref().map_or("account unknown".to_owned(), |account| format!("account {account}"));
        let who = caller.as_deref().map_or_else(
            || "STS did not return the caller".to_owned(),
            |caller| format!("as {}", crate::fleet::caller(caller)),
        );
        let text = format!("{context}{region} ({account}), {who}");
        fact(page, if at == 0 { "where" } else { "" }, &Span::plain(text), width);
    }
}

fn tracks(page: &mut Page, plan: &Plan, width: u16) {
    let few = plan.tracks.len() <= FEW;
    let longest = plan.tracks.iter().map(|track| track.target.path.width()).max().unwrap_or(0);
    let path = longest.min(usize::from(width).saturating_sub(if few { LABEL + 16 } else { 30 }));
    for (at, track) in plan.tracks.iter().enumerate() {
        let label = if few { padded(if at == 0 { " change" } else { "" }, LABEL) } else { " ".to_owned() };
        let item = summary::item(&track.target.resource);
        let guard = if track.target.protection == Protection::Protected { "" } else { " (not protected)" };
        let steps: Vec<String> = track.steps.iter().map(|step| step.kind().summary()).collect();
        let lead =
            vec![Span::dim(label), Span::new(padded(&fit_end(&track.target.path, path), path + 2), Role::Strong)];
        let guard = if plan.is_protected() { guard } else { "" };
        page.wrapped(lead, &Span::plain(format!("{}{guard}", steps.join(", then "))), width, Some(&item));
        images(page, track, few, width);
    }
}

/// Images of new tasks; of many services only those that change.
fn images(page: &mut Page, track: &Track, few: bool, width: u16) {
    let item = summary::item(&track.target.resource);
    for step in &track.steps {
        let images = step.kind().images().iter();
        for ImageChange { reference, runs, next } in images.filter(|image| few || !image.next.is_same()) {
            let shown = runs.as_deref().map_or("the running digest is not known".to_owned(), |digest| {
                format!("runs {}", short_digest(digest))
            });
            let (says, role) = match next {
                NextImage::Same if runs.is_none() => ("pinned by its digest, and stays".to_owned(), Role::Dim),
                NextImage::Same => (format!("{shown}, and stays"), Role::Dim),
                NextImage::Listed(index) => {
                    let index = short_digest(index);
                    (format!("{shown}, one of those for several platforms in {index}, and stays"), Role::Dim)
                }
                NextImage::Other(digest) => {
                    (format!("{shown}; the tag points to {} now", short_digest(digest)), Role::Warn)
                }
                NextImage::Unknown(why) => (format!("{shown}; what will run is not known: {why}"), Role::Warn),
            };
            let name = name(reference);
            let lead = vec![Span::plain(" ".repeat(if few { LABEL + 2 } else { 3 })), Span::plain(format!("{name}  "))];
            page.wrapped(lead, &Span::new(says, role), width, Some(&item));
        }
    }
}

/// An image in short: `web:v1`, or `web:v1@sha256:9f1c2ab`.
fn name(reference: &str) -> String {
    let name = reference.rsplit('/').next().unwrap_or(reference);
    match name.split_once('@') {
        Some((name, digest)) => format!("{name}@{}", short_digest(digest)),
        None => name.to_owned(),
    }
}

fn facts(page: &mut Page, plan: &Plan, width: u16) {
    let mut calls: Vec<&str> = vec![];
    for step in plan.tracks.iter().flat_map(|track| &track.steps) {
        let call = step.kind().call_summary();
        if !calls.contains(&call) {
            calls.push(call);
        }
    }
    if !calls.is_empty() {
        let each = if plan.tracks.len() > 1 { " for each" } else { "" };
        let text = format!("{}{each}: {}; then watched until stable", calls.join(", then "), about(duration(plan)));
        fact(page, "how", &Span::plain(text), width);
        fact(page, "undo", &Span::plain(undone(plan)), width);
        trail(page, plan, width);
    }
    reason(page, plan, width);
}

/// What would take `plan` back.
fn undone(plan: &Plan) -> String {
    let mut back: BTreeSet<&str> = BTreeSet::new();
    for step in plan.tracks.iter().flat_map(|track| &track.steps) {
        match step.kind().undo_summary() {
            UndoSummary::SetsBack(what) => back.insert(what),
            UndoSummary::Nothing(why) => return why.to_owned(),
        };
    }
    let back: Vec<&str> = back.into_iter().collect();
    let each = if plan.tracks.len() > 1 { " of each" } else { "" };
    format!("sets {}{each} back to what it is now", back.join(" and "))
}

fn warnings(page: &mut Page, plan: &Plan, width: u16) {
    for (at, warning) in plan.warnings.iter().enumerate() {
        let whose = match (warning.paths.len(), plan.tracks.len()) {
            (_, 0 | 1) | (0, _) => String::new(),
            (some, all) if some == all => "all: ".to_owned(),
            (some, _) => {
                let named = warning.paths.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
                let more = if some > NAMED { format!(" and {} more", some - NAMED) } else { String::new() };
                format!("{named}{more}: ")
            }
        };
        let text = Span::new(format!("{whose}{}", warning.says), Role::Warn);
        fact(page, if at == 0 { "warns" } else { "" }, &text, width);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::{Arn, ContextId};
    use crate::plan::steps::Redeploy;
    use crate::plan::{Resource, Step, Target};

    #[test]
    fn what_becomes_of_an_image_is_told_by_its_digests_and_a_pin_by_its_own() {
        let (a, b) = (format!("sha256:{}", "a".repeat(64)), format!("sha256:{}", "b".repeat(64)));
        let (tag, pinned) = ("ecr.example/team/web:v1".to_owned(), format!("ecr.example/team/web:v1@{a}"));
        for (reference, runs, next, line) in [
            (&tag, Some(&a), NextImage::Same, "web:v1  runs sha256:aaaaaaa, and stays"),
            (&tag, Some(&a), NextImage::Other(b), "web:v1  runs sha256:aaaaaaa; the tag points to sha256:bbbbbbb now"),
            (&pinned, None, NextImage::Same, "web:v1@sha256:aaaaaaa  pinned by its digest, and stays"),
        ] {
            let image = ImageChange { reference: reference.clone(), runs: runs.cloned(), next };
            let arn = || Arn::new("arn:aws:ecs:us-east-1:1:service/c/web");
            let target = Target {
                resource: Resource::Service { arn: arn(), cluster: arn() },
                context: ContextId::new("1"),
                path: String::new(),
                environment: String::new(),
                tenant: String::new(),
                protection: Protection::Open,
            };
            let step = Redeploy { definition: arn(), replaces: String::new(), images: vec![image] };
            let mut page = Page::default();
            images(&mut page, &Track { target, after: vec![], steps: vec![Step::Redeploy(step)] }, true, 80);
            let lines: Vec<String> = page.lines.iter().map(|shown| shown.text().trim().to_owned()).collect();
            assert_eq!(lines, [line]);
        }
    }
}
