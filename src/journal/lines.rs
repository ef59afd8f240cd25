//! The lines of a journal file: how they are written, and how files of this format and the one before are read.
//!
//! The first line names the format. Every line ends with the CRC-32 of everything in the file before that checksum,
//! so that no changed byte, and no missing line, goes unnoticed. A file of format 1 has neither; what is added to one
//! is of this format.

use serde::de::IgnoredAny;

use super::format1;
use crate::plan::{Entry, Event, Plan};

/// The format that is written.
const FORMAT: u32 = 2;

/// How a line begins that names its format.
const HEADER: &str = "{\"format\":";
/// What stands before the checksum, of eight hexadecimal digits, and behind it.
const SEAL: (&str, &str) = (",\"crc32\":\"", "\"}");
const DIGITS: usize = 8;

/// What there is in a file so far, as far as the next line depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    checksum: Checksum,
    /// Whether a line has named the present format.
    named: bool,
}

/// A line that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Damage {
    /// The line, counted from one.
    pub(super) line: usize,
    /// What is wrong.
    pub(super) why: String,
}

/// CRC-32 as in zip and Ethernet, over all bytes so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Checksum(u32);

impl Position {
    /// The beginning of a file.
    pub(super) fn start() -> Self {
        Self { checksum: Checksum(u32::MAX), named: false }
    }

    /// The text of `line` in this place, and the place behind it.
    pub(super) fn encode(self, line: &Entry) -> serde_json::Result<(Vec<u8>, Self)> {
        let json = serde_json::to_vec(line)?;
        // An object always: what stands between its braces.
        let members = json.get(1..json.len().saturating_sub(1)).unwrap_or_default();
        let header = if self.named { "{".to_owned() } else { format!("{HEADER}{FORMAT},") };
        let mut text = [header.as_bytes(), members].concat();
        let seal = format!("{}{:08x}{}\n", SEAL.0, self.checksum.after(&text).value(), SEAL.1);
        text.extend(seal.as_bytes());
        let behind = Self { checksum: self.checksum.after(&text), named: true };
        Ok((text, behind))
    }

    /// Reads one line in this place.
    fn decode(&mut self, text: &[u8]) -> Result<Entry, String> {
        let body = text.strip_suffix(b"\n").unwrap_or(text);
        let (format, start) = header(body)?;
        match format {
            Some(FORMAT) => self.named = true,
            Some(newer) if newer > FORMAT => {
                return Err(format!("a newer wharf wrote it: format {newer}, and this one reads {FORMAT} and older"));
            }
            Some(other) => return Err(format!("there is no format {other}")),
            None => {}
        }
        let line = if self.named {
            let end = unseal(body, self.checksum)?;
            let json = [b"{", body.get(start..end).unwrap_or_default(), b"}"].concat();
            serde_json::from_slice(&json).map_err(|error| format!("this wharf does not know what it says: {error}"))?
        } else {
            format1::line(body).map_err(|error| format!("it is not a line of a journal: {error}"))?
        };
        self.checksum = self.checksum.after(text);
        Ok(line)
    }
}

/// The lines of a journal, and the place behind them. Half a line at the end was never written as far as anybody
/// knows.
pub(super) fn decode(text: &[u8]) -> Result<(Vec<Entry>, Position), Damage> {
    let mut position = Position::start();
    let mut lines: Vec<Entry> = vec![];
    let (whole, rest) = text.split_at(whole(text));
    for (at, text) in whole.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let wrong = |why: String| Damage { line: at + 1, why };
        let line = position.decode(text).map_err(wrong)?;
        match (&line.event, lines.first().map(|first: &Entry| &first.event)) {
            (Event::Planned(plan), None) => plan.check().map_err(wrong)?,
            (entry, Some(Event::Planned(plan))) if !matches!(entry, Event::Planned(_)) => {
                in_plan(entry, plan).map_err(wrong)?;
            }
            _ => return Err(wrong("a plan stands on the first line, and nowhere else".to_owned())),
        }
        lines.push(line);
    }
    if !is_beginning(rest) {
        let why = "its end is damaged".to_owned();
        return Err(Damage { line: lines.len() + 1, why });
    }
    Ok((lines, position))
}

/// The length of the part of `text` that ends with a line's end.
pub(super) fn whole(text: &[u8]) -> usize {
    text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}

/// Whether `rest` may be what a crash has left of a line: no more than the whole of it.
fn is_beginning(rest: &[u8]) -> bool {
    let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
    !matches!(values.next(), Some(Ok(_))) || values.byte_offset() == rest.len()
}

/// Whether `entry` is about a track and a step that `plan` has.
fn in_plan(event: &Event, plan: &Plan) -> Result<(), String> {
    let (track, step) = match event {
        Event::Intent { track, step, .. } | Event::Reply { track, step, .. } | Event::StepEnded { track, step, .. } => {
            (*track, *step)
        }
        Event::Stabilization { track, .. } => (*track, 0),
        Event::Planned(_) | Event::Resumed | Event::Dismissed | Event::Finished | Event::Interrupted { .. } => {
            return Ok(());
        }
    };
    let has = plan.tracks.get(track).is_some_and(|track| step < track.steps.len());
    if has { Ok(()) } else { Err(format!("its plan has no step {step} in a track {track}")) }
}

/// The format that a line names, if it does, and where its members begin.
fn header(body: &[u8]) -> Result<(Option<u32>, usize), String> {
    let Some(rest) = body.strip_prefix(HEADER.as_bytes()) else { return Ok((None, 1)) };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let number = rest.get(..digits).and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|n| n.parse().ok());
    match (number, rest.get(digits)) {
        (Some(number), Some(b',')) => Ok((Some(number), HEADER.len() + digits + 1)),
        _ => Err("it does not name its format".to_owned()),
    }
}

/// Where the members of a line end, if its checksum fits.
fn unseal(body: &[u8], before: Checksum) -> Result<usize, String> {
    let end = body.len().checked_sub(SEAL.0.len() + DIGITS + SEAL.1.len());
    let parts = end.and_then(|end| {
        let digits = body.get(end..)?.strip_prefix(SEAL.0.as_bytes())?.strip_suffix(SEAL.1.as_bytes())?;
        Some((end, digits, body.get(..end)?))
    });
    let Some((end, digits, covered)) = parts else { return Err("it has no checksum: it is damaged".to_owned()) };
    let fits = format!("{:08x}", before.after(covered).value()).as_bytes() == digits;
    if fits {
        Ok(end)
    } else {
        Err("its checksum does not fit: it is damaged, or a line before it is missing".to_owned())
    }
}

impl Checksum {
    /// The same after `bytes`.
    fn after(self, bytes: &[u8]) -> Self {
        let step = |mut crc: u32, byte: &u8| {
            crc ^= u32::from(*byte);
            for _ in 0..8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
            }
            crc
        };
        Self(bytes.iter().fold(self.0, step))
    }

    fn value(self) -> u32 {
        !self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_usual_one() {
        // The check value of CRC-32/ISO-HDLC: <https://reveng.sourceforge.io/crc-catalogue/all.htm>
        assert_eq!(Position::start().checksum.after(b"1234").after(b"56789").value(), 0xcbf4_3926);
    }
}
