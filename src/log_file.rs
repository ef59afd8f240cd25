//! The log file of `--log-file`: what wharf does, a line an event, and never a value.
//!
//! Only wharf's own events are written. Those of the AWS SDK and its HTTP client can hold request bodies, headers
//! and credentials, so that they are dropped whatever their level.

use std::fmt::{self, Debug, Write as _};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Mutex;

use tracing::{Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt;

use crate::aws::Clock;

/// From now on, appends what wharf does to the file at `path`, with times from `clock`.
///
/// The file is created if it does not exist, readable and writable by its owner only.
///
/// # Errors
///
/// The file cannot be opened for writing; the message names it. There is a log file already.
pub fn start(path: &Path, clock: &Clock) -> Result<(), String> {
    let name = path.display();
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(|error| {
        format!("the log file {name} cannot be written: {error}. Give another with --log-file, or leave it out")
    })?;
    tracing::subscriber::set_global_default(subscriber(file, clock)).map_err(|error| error.to_string())
}

/// Writes wharf's own events to `file`, at level debug and above.
pub fn subscriber(file: File, clock: &Clock) -> impl Subscriber + Send + Sync + use<> {
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .with_timer(Timer(Clock::clone(clock)))
        .with_writer(Mutex::new(file))
        // A disk that is full is no reason to write over the console.
        .log_internal_errors(false)
        .with_filter(filter_fn(is_own))
        .with_filter(LevelFilter::DEBUG);
    tracing_subscriber::registry().with(lines)
}

/// Whether an event is one of wharf's: events and spans carry the module that they were written in.
fn is_own(event: &Metadata<'_>) -> bool {
    event.target() == "wharf" || event.target().starts_with("wharf::")
}

/// The name of an enum's variant or of a struct, without its fields.
///
/// Formatting ends where the name does, so that no field is looked at.
pub fn name(value: &impl Debug) -> String {
    let mut name = Name(String::new());
    // The error is how it ends.
    let _ = write!(name, "{value:?}");
    name.0
}

struct Name(String);

impl fmt::Write for Name {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
        self.0.push_str(&text[..end.unwrap_or(text.len())]);
        if end.is_some() { Err(fmt::Error) } else { Ok(()) }
    }
}

/// UTC, to the millisecond.
struct Timer(Clock);

impl FormatTime for Timer {
    fn format_time(&self, line: &mut Writer<'_>) -> fmt::Result {
        write!(line, "{:.3}", (self.0)())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    enum Event {
        Quit,
        Pasted(Secret),
        #[expect(dead_code, reason = "only its formatting is tested")]
        Answered {
            value: Secret,
        },
    }

    struct Secret;

    impl Debug for Secret {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("a field was looked at")
        }
    }

    #[test]
    fn a_name_has_no_fields() {
        let events = [Event::Quit, Event::Pasted(Secret), Event::Answered { value: Secret }];
        assert_eq!(events.map(|event| name(&event)), ["Quit", "Pasted", "Answered"]);
    }
}
