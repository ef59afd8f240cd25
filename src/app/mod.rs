//! How it reacts: one state, one synchronous update, no clock, no IO, no terminal.

mod board;
mod changes;
mod chord;
mod command;
mod keymap;
pub mod layout;
pub mod listing;
pub mod logs;
mod message;
mod outdated;
pub mod page;
pub mod reads;
mod state;
mod stocks;
pub mod tail;
mod troubles;
mod update;

pub use board::Board;
pub use changes::{Asking, Change, Changes, Origin, Ready, Stage, UnreadableJournal, standing};
pub use chord::{Chord, Key, Modifier};
pub use command::{COMMANDS, Command, CommandInfo, Context};
pub use keymap::{DEFAULT as DEFAULT_KEYMAP, Keymap, KeymapError, Lookup};
pub use message::{Effect, Message, Steer};
pub use outdated::outdated;
pub use reads::{Feed, FeedKey, Feeds, Progress, Ticket, rest_interval};
pub use state::{
    Asked, Colours, Explained, Hold, Item, List, Logged, Pressure, Run, Screen, Size, State, Typing, View, Words,
};
pub use stocks::Stocks;
pub use troubles::{Seen, Troubles};
pub use update::{update, update_all};
