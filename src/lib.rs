//! wharf: the terminal operations console for multi-tenant platforms on Amazon ECS.

pub mod fleet;

pub mod app;
pub mod aws;
pub mod demo;

pub mod args;
pub mod config;
pub mod headless;
pub mod start;
