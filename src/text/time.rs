//! Durations and moments as they are shown.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// How long, in the largest unit that fits: `4s`, `12m`, `18h`, `9d`.
pub fn duration(length: Duration) -> String {
    match length.as_secs() {
        seconds @ 0..60 => format!("{seconds}s"),
        seconds @ 60..3_600 => format!("{}m", seconds / 60),
        seconds @ 3_600..172_800 => format!("{}h", seconds / 3_600),
        seconds => format!("{}d", seconds / 86_400),
    }
}

/// The moment in UTC: `14:03:09`, with the day in front where it is not the day of `now`.
pub fn moment(then: Timestamp, now: Timestamp) -> String {
    let (then, now) = (then.to_zoned(TimeZone::UTC), now.to_zoned(TimeZone::UTC));
    let format = if then.date() == now.date() { "%H:%M:%S" } else { "%m-%d %H:%M" };
    then.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_given_in_the_largest_unit_that_fits() {
        for (seconds, text) in
            [(0, "0s"), (59, "59s"), (60, "1m"), (3_599, "59m"), (3_600, "1h"), (172_799, "47h"), (172_800, "2d")]
        {
            assert_eq!(duration(Duration::from_secs(seconds)), text);
        }
    }
}
