//! An AWS inside: a small ECS that lives in time and speaks AWS's wire protocol.
