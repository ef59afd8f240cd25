//! How it reacts: one state, one synchronous update, no clock, no IO, no terminal.

mod body;
mod changes;
mod chord;
mod command;
mod drift;
mod errors;
mod fleet_view;
mod image_cache;
mod keymap;
pub mod layout;
pub mod list;
pub mod logs;
mod message;
mod notice;
pub mod page;
pub mod reads;
pub mod screens;
mod state;
mod subject;
pub mod tail;
mod update;

pub use body::{Body, Content, RowKind, Table};
pub use changes::{Change, Changes, Origin, Preflight, Ready, Stage, UnreadableJournal, recorded_progress};
pub use chord::{Chord, Key, Modifier};
pub use command::{COMMANDS, Command, CommandInfo, Context};
pub use drift::drift;
pub use errors::{Errors, RecordedError};
pub use fleet_view::FleetView;
pub use image_cache::ImageCache;
pub use keymap::{DEFAULT as DEFAULT_KEYMAP, Keymap, KeymapError, Lookup};
pub use message::{Effect, Message, Steer};
pub use notice::{ChangeNotice, LogNotice, Notice};
pub use reads::{Feed, FeedKey, Feeds, Progress, Ticket, rest_interval};
pub use state::{
    Colours, DescribeForm, ExplainTarget, Item, List, LogScope, Pressure, Prompt, Run, Screen, Size, SortMode, State,
    TextInput, View,
};
pub use subject::{Subject, SubjectKind, subject, subjects};
pub use update::{update, update_all};
