//! The verbs that need no terminal: one reading of AWS, said in text or as JSON.

mod change;
mod collect;
mod document;
mod logs;
mod report;
mod text;

use std::io::{self, Write};

use crate::app::reads::Scope;
use crate::args::{Detail, Form};
use crate::aws::{Clock, Cloud};
use crate::cli::Outcome;
use crate::fleet::target::Target;
use crate::fleet::tenancy::Rules;
use crate::text::clean;
pub use change::{ChangeContext, change};
pub use logs::logs;
use report::{Report, Selection};

/// What a verb works with.
pub struct Session<'a> {
    /// The way to AWS.
    pub cloud: &'a Cloud,
    /// What time it is.
    pub clock: &'a Clock,
    /// What names tenants and environments.
    pub rules: &'a Rules,
}

/// Says how everything is, or only `target`: one line an environment, of a target one line a service.
///
/// Reads AWS once, for 24 s at most. Fails only where `out` or `err` cannot be written to.
pub async fn status(
    surface: &Session<'_>,
    target: Option<&Target>,
    form: Form,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<Outcome> {
    let report = Report::new(surface, Scope::Tasks, target).await;
    complain(err, &report)?;
    let selection = match target.map(|target| Selection::of(target, &report)).transpose() {
        Ok(selection) => selection.unwrap_or(Selection::Everything),
        Err(missing) => {
            let blind = if report.is_whole() { "" } else { "in what could be read there is " };
            write(err, &format!("wharf: {blind}{missing}\n"))?;
            return Ok(if report.is_whole() { Outcome::NotUnderstood } else { Outcome::Unread });
        }
    };
    let says = match form {
        Form::Text => text::status(&report, &selection),
        Form::Json => document::status(&report, &selection).map_err(io::Error::other)?,
    };
    write(out, &says)?;
    Ok(match report.is_whole() {
        false => Outcome::Unread,
        true if selection.is_troubled(&report) => Outcome::Wrong,
        true => Outcome::Well,
    })
}

/// Says whose each service is: one line a service, first its target path, then a tab.
///
/// Reads AWS once, for 24 s at most. Fails only where `out` or `err` cannot be written to.
pub async fn tenants(
    surface: &Session<'_>,
    detail: Detail,
    out: &mut impl Write,
    err: &mut impl Write,
) -> io::Result<Outcome> {
    let report = Report::new(surface, Scope::Services, None).await;
    complain(err, &report)?;
    write(out, &text::tenants(&report, detail))?;
    Ok(if report.is_whole() { Outcome::Well } else { Outcome::Unread })
}

/// Writes `text` and sees it off. Whoever does not want to read on (`| head`) is no error.
pub(crate) fn write(out: &mut impl Write, text: &str) -> io::Result<()> {
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

/// Says what was noticed on the way, and what could not be read.
fn complain(err: &mut impl Write, report: &Report) -> io::Result<()> {
    report.complaints().iter().try_for_each(|line| write(err, &format!("wharf: {}\n", clean(line))))
}
