//! wharf: the terminal operations console for multi-tenant platforms on Amazon ECS.

pub mod app;
pub mod aws;
pub mod demo;
pub mod fleet;
pub mod view;
