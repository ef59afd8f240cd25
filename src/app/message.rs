//! What the app is told, and what it orders.

use jiff::Timestamp;

use super::chord::Chord;
use super::feed::Ticket;
use super::state::{Pressure, Size};
use crate::fleet::{Answer, Ask, Lane};

/// Something that has happened: plain data, told by the loop.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// A key was pressed.
    Pressed(Chord),
    /// A text was pasted.
    Pasted(String),
    /// The terminal has this size now.
    Resized(Size),
    /// It is this time, once a second, and this is how hard AWS's budgets are pressed.
    Ticked(Timestamp, Pressure),
    /// The question sent under this ticket was answered.
    Answered(Ticket, Box<Answer>),
}

/// Something to be done in the world; the runner does it and tells the outcome.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask AWS; the answer comes back under the same ticket.
    Read(Ticket, Ask, Lane),
    /// Hand the terminal to the shell until `fg`.
    Suspend,
    /// End.
    Quit,
}
