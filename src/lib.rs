//! wharf: the terminal operations console for multi-tenant platforms on Amazon ECS.

pub mod config;
pub mod demo;
pub mod fleet;
