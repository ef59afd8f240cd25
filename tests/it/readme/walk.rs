//! The walk through the demo: each screen in the README is what the console shows at 80 x 24.

use std::path::PathBuf;
use std::time::Duration;

use wharf::app::Size;

use super::{README, blocks};
use crate::shots::{Session, text};

/// One screen of the walk.
struct Step {
    /// What is pressed after the screen before it.
    keys: &'static str,
    /// Which of its rows the README shows: from, and up to.
    rows: &'static [(usize, usize)],
}

/// Every `text` block of the README, in order.
const WALK: [Step; 6] = [
    Step { keys: "", rows: &[(0, 10), (22, 24)] },
    Step { keys: "enter enter", rows: &[(0, 15)] },
    Step { keys: "e G", rows: &[(0, 2), (11, 18)] },
    Step { keys: "esc l / e r r o r enter", rows: &[(0, 2), (8, 12), (22, 24)] },
    Step { keys: "esc esc esc esc / s a n d b o x enter enter S + 1 enter", rows: &[(0, 8), (22, 23)] },
    Step { keys: "y", rows: &[(1, 6)] },
];

/// In place of rows that are left out.
const GAP: &str = " ⋮\n";
const RENEW: &str = "renew them with WHARF_SHOTS=write cargo test --test it readme, and look at what has changed";

#[tokio::test(start_paused = true)]
async fn the_screens_of_the_walk_are_what_the_console_shows() {
    let keys = WALK.map(|step| step.keys);
    // The seed and the context's name of `wharf --demo`.
    let session = Session {
        size: Size { width: 80, height: 24 },
        seed: 1,
        label: "demo us-east-1",
        between: Duration::from_secs(1),
        after: Duration::from_secs(10),
    };
    let screens = session.frames(&keys).await;
    let shown = WALK.iter().zip(&screens).map(|(step, frame)| excerpt(&text(frame), step.rows));
    let shown: Vec<String> = shown.collect();
    if std::env::var_os("WHARF_SHOTS").is_some_and(|what| what == "write") {
        renew(&shown);
        return;
    }
    let stale: Vec<&String> =
        shown.iter().filter(|screen| !blocks("text", README).contains(&screen.as_str())).collect();
    assert!(
        stale.is_empty() && blocks("text", README).len() == WALK.len(),
        "{RENEW}:\n{}",
        screens.iter().map(text).collect::<String>()
    );
}

/// Those rows of a screen, with a mark between rows that are not neighbours.
fn excerpt(screen: &str, rows: &[(usize, usize)]) -> String {
    let lines: Vec<String> = screen.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    rows.iter().map(|(from, to)| lines[*from..*to].concat()).collect::<Vec<_>>().join(GAP)
}

/// Puts `screens` in place of the README's `text` blocks.
fn renew(screens: &[String]) {
    let path: PathBuf = [env!("CARGO_MANIFEST_DIR"), "README.md"].iter().collect();
    let readme = std::fs::read_to_string(&path).unwrap();
    let mut parts = readme.split("```text\n");
    let mut renewed = vec![parts.next().unwrap().to_owned()];
    let mut screens = screens.iter();
    for part in parts {
        let (_, rest) = part.split_once("```").unwrap();
        renewed.push(format!("{}```{rest}", screens.next().expect("more `text` blocks than steps")));
    }
    assert_eq!(screens.next(), None, "fewer `text` blocks than steps");
    std::fs::write(path, renewed.join("```text\n")).unwrap();
}
