//! wharf: the terminal operations console for multi-tenant platforms on Amazon ECS.

pub mod app;
pub mod aws;
pub mod config;
pub mod demo;
pub mod fleet;
