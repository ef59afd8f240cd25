//! Terminal text: cleaned, cut, padded and wrapped; numbers, durations and the nearest valid word.

mod clean;
mod fit;
mod nearest;
mod numbers;
mod time;

pub use clean::{bare, clean, colour};
pub use fit::{fit, fit_end, padded, wrap};
pub use nearest::nearest;
pub use numbers::{counted, grouped};
pub use time::{duration, moment};
