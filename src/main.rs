//! Parses the arguments, calls the library, reports the error.

fn main() {}
