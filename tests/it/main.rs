//! The one integration-test binary.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on stops there")]
#![expect(unreachable_pub, reason = "nothing outside uses a test binary")]

mod app;
mod aws;
mod cli;
mod demo;
mod fixture;
mod lap;
mod meaning;
mod perform;
mod pty;
mod readme;
mod requests;
mod shots;
mod tidy;
mod view;
