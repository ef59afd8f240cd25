//! What the app receives, and what it orders.

use jiff::Timestamp;

use super::changes::UnreadableJournal;
use super::chord::Chord;
use super::reads::{Read, Ticket};
use super::state::{Pressure, Size};
use crate::fleet::{Priority, Query, Response};
use crate::plan::{self, Approved, PlanId, Record};

/// Something that has happened: plain data, sent by the loop.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// A key was pressed; it was read at this time.
    Pressed(Chord, Timestamp),
    /// The terminal says that a key is being held: it repeats by itself. It was read at this time.
    Held(Chord, Timestamp),
    /// A text was pasted.
    Pasted(String),
    /// The terminal has this size now.
    Resized(Size),
    /// It is this time, once a second, and this is how hard AWS's budgets are pressed.
    Ticked(Timestamp, Pressure),
    /// The frame that [`State::must_discard_typeahead`](super::State::must_discard_typeahead) asked for was drawn at this
    /// time, and after that the keys that were there already were dropped, these.
    PlanDrawn(Timestamp, Vec<Chord>),
    /// The question sent under this ticket was answered.
    Answered(Ticket, Box<Response>),
    /// Journals of unfinished plans were found at the start, the newest last.
    Unfinished(Vec<Record>),
    /// Journals that cannot be read were found at the start, the newest first.
    UnreadableJournals(Vec<UnreadableJournal>),
    /// An unfinished plan could not be dismissed, and why.
    DismissFailed(Box<Record>, String),
    /// The progress of a running plan.
    Progressed(PlanId, Box<plan::Progress>),
    /// A running plan has asked AWS this, and was answered.
    ObservedByPlan(Box<Query>, Box<Response>),
}

impl Message {
    /// Whether it comes from the keyboard.
    pub(super) fn is_typed(&self) -> bool {
        matches!(self, Self::Pressed(..) | Self::Held(..) | Self::Pasted(_))
    }
}

/// Something to be done in the world; the runner does it and reports the outcome.
///
/// It cannot be cloned: what passed the gate is carried out once.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Ask AWS; the answer comes back under the same ticket.
    Read(Ticket, Query, Priority),
    /// Carry a plan out; its progress comes back until it is over.
    Perform(Box<Approved>),
    /// Resume an unfinished plan, where the lines of its journal end.
    Resume(Box<Approved>, Vec<plan::Entry>),
    /// Record that an unfinished plan is dismissed.
    Dismiss(Box<Record>),
    /// Steer a running plan.
    Steer(PlanId, Steer),
    /// Hand the terminal to the shell until `fg`.
    Suspend,
    /// End.
    Quit,
}

impl From<Read> for Effect {
    fn from(read: Read) -> Self {
        Self::Read(read.ticket, read.ask, read.lane)
    }
}

/// How a running plan can be steered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steer {
    /// Begin no more steps; sent again, continue.
    Pause,
    /// Leave what was not begun as it is.
    GiveUp,
}
