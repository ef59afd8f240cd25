//! What a person sees who types.

use super::Terminal;

const ESC: &str = "\x1b";
const CTRL_R: &str = "\x12";

#[test]
fn the_fleet_is_painted_and_keys_lead_down_and_back() {
    let mut terminal = Terminal::wharf("--demo --demo-size 5x3", &[]);
    terminal.shows("california/production");
    terminal.shows("FAILING");
    terminal.press_for("\r", "STATE      SERVICE");
    terminal.press_for("\r", "TASKS BY ZONE");
    terminal.press_for("e", "> explain");
    terminal.press_for(ESC, "TASKS BY ZONE");
    terminal.press_for("d", "> describe");
    terminal.press_for(ESC, "TASKS BY ZONE");
    terminal.press_for(ESC, "STATE      SERVICE");
    terminal.press_for("q", "TENANT/ENVIRONMENT");
    terminal.press("\x03");
    assert_eq!(terminal.ends_whole().0, 0);
}

#[test]
fn rows_are_filtered_and_errors_and_help_are_at_hand() {
    let mut terminal = Terminal::wharf("--demo --demo-size 5x3", &[]);
    terminal.shows("california/staging");
    terminal.press_for("/", "enter keep");
    terminal.press("texas");
    terminal.hides("california/staging");
    terminal.press_for("\r", "/ texas");
    terminal.press_for(ESC, "california/staging");
    terminal.press_for("!", "no errors");
    terminal.press_for("q", "TENANT/ENVIRONMENT");
    terminal.press_for("?", "KEYS");
    terminal.press_for(ESC, "TENANT/ENVIRONMENT");
    terminal.press_for(CTRL_R, "reading from AWS again");
    terminal.press("\x03");
    assert_eq!(terminal.ends_whole().0, 0);
}

#[test]
fn an_aws_that_lets_us_down_is_told_on_the_screen_and_never_stops_the_console() {
    for (fault, word) in [("denied", "AccessDenied"), ("expired", "ExpiredToken")] {
        let mut terminal = Terminal::wharf(&format!("--demo --demo-fault {fault}"), &[]);
        terminal.shows("errors (");
        terminal.press_for("!", word);
        terminal.press("\x03");
        assert_eq!(terminal.ends_whole().0, 0);
    }
}

#[test]
fn a_console_that_waits_for_aws_still_answers_every_key() {
    let mut terminal = Terminal::wharf("--demo --demo-fault silent", &[]);
    terminal.shows("DEMO");
    terminal.press_for("?", "KEYS");
    terminal.press_for(ESC, " fleet ");
    terminal.press("q");
    assert_eq!(terminal.ends_whole().0, 0);
}

#[test]
fn the_screen_follows_the_size_of_the_terminal() {
    let mut terminal = Terminal::wharf("--demo --demo-size 5x3", &[]);
    terminal.shows("california/production");
    terminal.resize(59, 14);
    terminal.shows("60");
    terminal.resize(120, 40);
    terminal.shows("california/production");
    terminal.until("the footer in the last row", |screen| {
        screen.rows(0, 120).nth(39).is_some_and(|row| row.contains("? help"))
    });
    assert_eq!(terminal.rows().len(), 40);
    terminal.press("q");
    assert_eq!(terminal.ends_whole().0, 0);
}

#[test]
fn no_color_is_honoured() {
    let mut terminal = Terminal::wharf("--demo --demo-size 5x3", &[("NO_COLOR", "1")]);
    terminal.shows("FAILING");
    terminal.until("a frame without colours", |screen| {
        let cells = (0..24).flat_map(|row| (0..80).map(move |column| (row, column)));
        cells
            .filter_map(|(row, column)| screen.cell(row, column))
            .all(|cell| cell.fgcolor() == vt100::Color::Default && cell.bgcolor() == vt100::Color::Default)
    });
    terminal.press("q");
    assert_eq!(terminal.ends_whole().0, 0);
}
