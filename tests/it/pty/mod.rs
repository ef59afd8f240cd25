//! The real binary in a terminal.
