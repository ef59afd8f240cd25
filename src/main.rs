//! Parses the arguments, calls the library, reports the error.

use std::env::args_os;
use std::io::{stderr, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    wharf::cli::redact_panics();
    wharf::cli::run(args_os(), &mut stdout(), &mut stderr()).into()
}
