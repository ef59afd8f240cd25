//! What a person does who changes something, and what happens to one who types too fast.

use super::Terminal;

const ESC: &str = "\x1b";

/// The real console on the demo, with one environment's row in sight.
fn console() -> Terminal {
    let mut terminal = Terminal::wharf("--demo --demo-size 5x3", &[]);
    terminal.shows("texas/production");
    terminal.press_for("/", "enter keep");
    terminal.press("texas/production");
    terminal.hides("california/staging");
    terminal.press_for("\r", "/ texas/production");
    terminal
}

#[test]
fn a_count_is_asked_for_spelt_out_confirmed_watched_and_taken_back() {
    let mut terminal = console();
    terminal.press_for("\r", "STATE      SERVICE");
    terminal.press_for("S", "How many tasks?");
    terminal.press("+1");
    terminal.press("\r");
    terminal.shows("2 > 3 tasks");
    terminal.shows("y carries it out");
    terminal.press_for("y", "DONE  scale texas/production");
    terminal.shows("stable");
    terminal.press_for("U", "3 > 2 tasks");
    terminal.shows("type texas/production, then enter");
    terminal.press_for("texas\r", "not confirmed");
    terminal.press_for("/production\r", "DONE  undo: scale texas/production");
    terminal.press_for(ESC, "UNDONE  scale texas/production");
    terminal.press_for("p", "2 plans, the newest first");
    terminal.press("\x03");
    assert_eq!(terminal.ends_whole().0, 0);
}

#[test]
fn what_is_typed_ahead_pasted_or_held_confirms_nothing() {
    let mut terminal = console();
    terminal.press("Ry");
    terminal.shows("y carries it out");
    terminal.press_for("\x1b[200~y\x1b[201~", "the pasted text was ignored: it is not run as commands");
    terminal.press_for("\r", "enter does not confirm a plan");
    terminal.press("?");
    terminal.hides("y carries it out");
    terminal.press_for(ESC, "y carries it out");
    terminal.press_for(ESC, "nothing was changed");
    terminal.press_for("p", "no plans");
    terminal.press_for("q", "/ texas/production");
    terminal.press_for("R", "y carries it out");
    // Another key in between: nobody holds this one.
    terminal.press("j");
    terminal.press_for("y", "DONE  redeploy 3 services of texas/production");
    terminal.press("\x03");
    assert_eq!(terminal.ends_whole().0, 0);
}

#[test]
fn in_read_only_nothing_is_proposed() {
    let mut terminal = Terminal::wharf("--demo --demo-size 5x3 --read-only", &[]);
    terminal.shows("READ ONLY");
    terminal.shows("texas/production");
    for key in ["R", "S", "U"] {
        terminal.press_for(key, "nothing can be changed");
        terminal.press_for("?", "KEYS");
        terminal.press_for(ESC, "TENANT/ENVIRONMENT");
    }
    terminal.press("q");
    assert_eq!(terminal.ends_whole().0, 0);
}
