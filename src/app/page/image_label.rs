//! An image in words: what it is called, what one should know of it, where it runs in few columns.

use unicode_width::UnicodeWidthStr;

use super::Role;
use crate::fleet::image::short_digest;
use crate::fleet::image_usage::{Evidence, PartOf, TagState, UsedImage};
use crate::fleet::{Manifest, StoredImage};
use crate::text::{clean, fit};

/// Columns below which a platform is named without `linux/`: nearly everything runs on Linux.
const FEW: usize = 24;

/// Why it is not known whether new tasks go by a tag: their tasks show a digest beside it.
const UNDEFINED: &str = "their task definition was not read yet";

/// What an image is called in `width` columns: its tags, or else what is known instead of them.
///
/// The image for one platform of an index is called by the tag of the index, and what it runs on: `v2.14.1 arm64`;
/// `v2.14.1 part?` where it is only guessed to be a part of it.
pub(in crate::app) fn label(held: &UsedImage, width: usize) -> String {
    let (name, part) = (name(held), part(held, width).map(clean).unwrap_or_default());
    let room = width.saturating_sub(part.width() + 1);
    match part.is_empty() {
        true => name,
        // Where there is no room, a part must not be taken for the whole; what lost its tag is not.
        false if held.has_moved() && name.width() > room => name,
        false => format!("{} {part}", fit(&name, room)),
    }
}

fn name(held: &UsedImage) -> String {
    let asked = || held.requests().iter().map(|(tag, _)| clean(tag).into_owned()).collect::<Vec<_>>().join(", ");
    let part_of = held.part_of.as_ref().and_then(|part| part.tag.as_deref());
    let name = match (&held.stored, part_of) {
        (Some(stored), _) if !stored.tags.is_empty() => clean(&stored.tags.join(", ")).into_owned(),
        _ if held.has_moved() => format!("was {}", asked()),
        (_, Some(tag)) => clean(tag).into_owned(),
        (Some(stored), None) if stored.manifest == Manifest::Index => "untagged index".to_owned(),
        (Some(_), None) => "untagged".to_owned(),
        (None, None) if held.requests().is_empty() => "digest alone".to_owned(),
        (None, None) => asked(),
    };
    match held.stored.as_ref().and_then(archived) {
        Some(status) => format!("{status} {name}"),
        None => name,
    }
}

/// Which part of an index it is, unless it has a name of its own; nothing for a mere guess where its tag has moved.
fn part(held: &UsedImage, width: usize) -> Option<&str> {
    let tagged = held.stored.as_ref().is_some_and(|stored| !stored.tags.is_empty());
    match &held.part_of.as_ref().filter(|_| !tagged)?.by {
        Evidence::Manifest(Some(platform)) if width < FEW => platform.strip_prefix("linux/").or(Some(platform)),
        Evidence::Manifest(Some(platform)) => Some(platform),
        Evidence::Manifest(None) => Some("part"),
        Evidence::Push if held.has_moved() => None,
        Evidence::Push => Some("part?"),
    }
}

/// What one should know of an image, the most important first.
pub(in crate::app) fn remarks(held: &UsedImage) -> Vec<(Role, String)> {
    let mut said = vec![];
    let others = |digest: &str| short_digest(digest);
    for (tag, stands) in held.requests() {
        said.push(match stands {
            TagState::Moved(digest) => {
                (Role::Warn, format!("{tag} moved: it now points to {}, which new tasks run", others(digest)))
            }
            TagState::Missing => {
                (Role::Bad, format!("no image in the repository has the tag {tag}: new tasks cannot pull it"))
            }
            TagState::MovedToIndex(digest) => {
                let index = format!("{tag} is an index of several platforms now, {}", others(digest));
                (Role::Plain, format!("{index}, which was not read: it may list this image, or not"))
            }
            TagState::ByDigest(Some(digest)) => {
                let now = format!("{tag} now points to {}", others(digest));
                (Role::Plain, format!("{now}; whether new tasks will run it is not known: {UNDEFINED}"))
            }
            TagState::ByDigest(None) => {
                let now = format!("no image in the repository has the tag {tag}");
                (Role::Plain, format!("{now}; whether new tasks ask for it is not known: {UNDEFINED}"))
            }
            TagState::CurrentPlatform | TagState::Current | TagState::Unknown => continue,
        });
    }
    if let Some(status) = held.stored.as_ref().and_then(archived) {
        said.push((Role::Warn, format!("{status}: it cannot be pulled until it is restored")));
    }
    if held.digest.is_none() && said.is_empty() {
        said.push((Role::Plain, "ECS has not reported its digest yet".to_owned()));
    }
    said.extend(held.part_of.as_ref().map(|part| (Role::Plain, part_of(part))));
    said
}

/// Which index it is part of, and how that is known.
fn part_of(part: &PartOf) -> String {
    let index = match &part.tag {
        Some(tag) => format!("{tag}, an index of several platforms"),
        None => format!("the index {}, which has no tag any more", short_digest(&part.index)),
    };
    match &part.by {
        Evidence::Manifest(Some(platform)) => format!("the image for {platform} of {index}"),
        Evidence::Manifest(None) => format!("listed by {index}"),
        Evidence::Push => format!("probably part of {index} that was pushed within a minute after it"),
    }
}

/// Its status in a word, unless it is an image like others.
pub(in crate::app) fn archived(stored: &StoredImage) -> Option<String> {
    stored.status.as_deref().filter(|status| *status != "ACTIVE").map(str::to_lowercase)
}

/// `california/production/web 6, ohio/production/web 4, +12 more`, in `width` columns; shorter where even the
/// first does not fit.
pub(in crate::app) fn listed(runs: &[(String, usize)], width: usize) -> String {
    let Some(((path, tasks), rest)) = runs.split_first() else { return String::new() };
    let more = |after: usize| if after == 0 { String::new() } else { format!(", +{after} more") };
    let first = format!("{path} {tasks}");
    if first.width() + more(rest.len()).len() > width {
        let end = if rest.is_empty() { format!(" {tasks}") } else { format!(" {tasks}, +{}", rest.len()) };
        return format!("{}{end}", fit(path, width.saturating_sub(end.len())));
    }
    let mut text = first;
    for (at, (path, tasks)) in rest.iter().enumerate() {
        let next = format!("{text}, {path} {tasks}");
        if next.width() + more(rest.len() - at - 1).len() > width {
            return format!("{text}{}", more(rest.len() - at));
        }
        text = next;
    }
    text
}

/// Bytes in units of a thousand, as ECR's console has them.
pub(in crate::app) fn size(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        1_000..1_000_000 => (1_000, "kB"),
        1_000_000..1_000_000_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    match (bytes / unit, bytes % unit * 10 / unit) {
        (whole @ 0..10, tenth) => format!("{whole}.{tenth} {name}"),
        (whole, _) => format!("{whole} {name}"),
    }
}

/// What a scan found in few columns: `2C 14H` for `2 critical, 14 high`.
pub(in crate::app) fn scanned(found: &str) -> String {
    let short = |part: &str| {
        let (count, severity) = part.split_once(' ')?;
        count.parse::<u32>().ok()?;
        Some(format!("{count}{}", severity.chars().next()?.to_ascii_uppercase()))
    };
    let parts: Option<Vec<String>> = found.split(", ").map(short).collect();
    parts.map_or_else(|| found.to_owned(), |parts| parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_an_image_runs_is_told_as_far_as_there_is_room() {
        let three = [("california/production/web", 6), ("ohio/production/web", 4), ("texas/production/web", 3)];
        let three = three.map(|(path, tasks)| (path.to_owned(), tasks));
        for (runs, width, text) in [
            (&three[..0], 20, ""),
            (&three[..1], 27, "california/production/web 6"),
            (&three[..], 40, "california/production/web 6, +2 more"),
            (&three[..], 60, "california/production/web 6, ohio/production/web 4, +1 more"),
            (&three[..], 90, "california/production/web 6, ohio/production/web 4, texas/production/web 3"),
            (&three[..], 32, "california/production/web 6, +2"),
            (&three[..], 30, "california/production/w… 6, +2"),
            (&three[..1], 20, "california/produc… 6"),
        ] {
            let listed = listed(runs, width);
            assert_eq!(listed, text, "{width}");
            assert!(listed.width() <= width, "{width}");
        }
    }

    #[test]
    fn what_a_scan_found_is_shortened_and_anything_else_is_not() {
        for (found, short) in
            [("2 critical, 14 high", "2C 14H"), ("1 low", "1L"), ("none found", "none found"), ("", "")]
        {
            assert_eq!(scanned(found), short);
        }
    }

    #[test]
    fn sizes_have_two_digits_and_a_unit() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (148_900_000, "148 MB"),
            (9_960_000_000, "9.9 GB"),
            (52_000_000_000, "52 GB"),
        ] {
            assert_eq!(size(bytes), text);
        }
    }
}
