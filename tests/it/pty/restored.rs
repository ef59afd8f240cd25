//! The terminal comes back whole, however wharf ends.

use rustix::process::Signal;

use super::Terminal;

#[test]
fn the_terminal_comes_back_whole_after_a_signal() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut terminal = Terminal::wharf("--demo --demo-size 2x1", &[]);
        terminal.shows("texas");
        terminal.signal(signal);
        let (code, screen) = terminal.ends_whole();
        assert_eq!((code, screen.as_str()), (0, ""), "{signal:?}");
    }
}

/// The variable is looked at in debug builds only.
#[cfg(debug_assertions)]
#[test]
fn the_terminal_comes_back_whole_after_a_panic_which_says_where_and_no_more() {
    let mut terminal = Terminal::wharf("--demo --demo-size 2x1", &[("WHARF_PANIC", "1")]);
    terminal.shows("DEMO");
    let (code, screen) = terminal.ends_whole();
    assert_eq!(code, 101);
    assert!(screen.contains("wharf has a bug, at src/cli.rs:"), "{screen}");
}

#[test]
fn ctrl_z_hands_the_terminal_to_the_shell_and_fg_takes_it_again() {
    let mut terminal = Terminal::shell();
    terminal.shows("READY");
    let wharf = env!("CARGO_BIN_EXE_wharf");
    terminal.press_for(&format!("{wharf} --demo --demo-size 2x1\n"), "texas/production");
    terminal.press("\x1a");
    terminal.until("the shell's screen", |screen| Terminal::is_plain(screen) && screen.contents().contains("READY"));
    terminal.press_for("echo one$((1 + 1))three\n", "one2three");
    terminal.press("fg\n");
    terminal.until("the fleet", |screen| screen.alternate_screen() && screen.contents().contains("texas/production"));
    terminal.press("q");
    terminal
        .until("the shell's screen", |screen| Terminal::is_plain(screen) && screen.contents().contains("one2three"));
    terminal.press("exit\n");
    terminal.ends_whole();
}
