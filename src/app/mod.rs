//! How it reacts: one state, one synchronous update, no clock, no IO, no terminal.

mod board;
mod body;
mod changes;
mod chord;
mod command;
mod keymap;
pub mod layout;
pub mod list;
pub mod logs;
mod message;
mod outdated;
pub mod page;
pub mod reads;
pub mod screens;
mod state;
mod stocks;
mod subject;
pub mod tail;
mod troubles;
mod update;

pub use board::Board;
pub use body::{Body, Content, RowKind, Table};
pub use changes::{Asking, Change, Changes, Origin, Ready, Stage, UnreadableJournal, standing};
pub use chord::{Chord, Key, Modifier};
pub use command::{COMMANDS, Command, CommandInfo, Context};
pub use keymap::{DEFAULT as DEFAULT_KEYMAP, Keymap, KeymapError, Lookup};
pub use message::{Effect, Message, Steer};
pub use outdated::outdated;
pub use reads::{Feed, FeedKey, Feeds, Progress, Ticket, rest_interval};
pub use state::{
    Asked, Colours, Explained, Item, List, Logged, Pressure, Run, Screen, Size, SortMode, State, Typing, View, Words,
};
pub use stocks::Stocks;
pub use subject::{Subject, SubjectKind, subject, subjects};
pub use troubles::{Seen, Troubles};
pub use update::{update, update_all};
