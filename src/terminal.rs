//! The terminal: taken over, and given back whole whatever happens.

use std::io::{self, Stdout, Write, stdout};
use std::panic;

use crossterm::event::{
    DisableBracketedPaste, EnableBracketedPaste, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers,
};
use crossterm::terminal::{self, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{cursor, execute};
use jiff::Timestamp;
use ratatui::backend::CrosstermBackend;

use crate::app::{Chord, Key, Message, Modifier, Size};

/// The terminal while it is ours. Dropped, it is given back.
pub struct Terminal {
    /// Where frames are drawn.
    pub screen: ratatui::Terminal<CrosstermBackend<Stdout>>,
}

impl Terminal {
    /// Takes the terminal over, and sees to it that a panic gives it back before it speaks.
    ///
    /// # Errors
    ///
    /// The standard output is not a terminal, or it refuses.
    pub fn take() -> io::Result<Self> {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            restore();
            hook(panic);
        }));
        enter()?;
        let screen = ratatui::Terminal::new(CrosstermBackend::new(stdout())).inspect_err(|_| restore())?;
        Ok(Self { screen })
    }

    /// Takes the terminal again after the shell has had it.
    ///
    /// # Errors
    ///
    /// The terminal refuses.
    pub fn retake(&mut self) -> io::Result<()> {
        enter()?;
        self.screen.clear()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore();
    }
}

fn enter() -> io::Result<()> {
    terminal::enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide).inspect_err(|_| restore())
}

/// Undoes all that [`Terminal::take`] did; harmless when it is undone already.
pub fn restore() {
    let mut out = stdout();
    // When even this fails, the error can be shown nowhere.
    let _ = execute!(out, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
    let _ = out.flush();
    let _ = terminal::disable_raw_mode();
}

/// What `event`, read at `at`, means to the app; nothing for what it has no use for (mouse, focus, key releases).
pub fn message(event: Event, at: Timestamp) -> Option<Message> {
    match event {
        Event::Key(key) if key.kind == KeyEventKind::Repeat => chord(key).map(|chord| Message::Held(chord, at)),
        Event::Key(key) => chord(key).map(|chord| Message::Pressed(chord, at)),
        Event::Paste(text) => Some(Message::Pasted(text)),
        Event::Resize(width, height) => Some(Message::Resized(Size { width, height })),
        Event::FocusGained | Event::FocusLost | Event::Mouse(_) => None,
    }
}

fn chord(event: KeyEvent) -> Option<Chord> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let modifier = match event.modifiers {
        modifiers if modifiers.contains(KeyModifiers::CONTROL) => Modifier::Ctrl,
        modifiers if modifiers.contains(KeyModifiers::ALT) => Modifier::Alt,
        _ => Modifier::None,
    };
    Some(Chord { key: key(event.code, modifier)?, modifier })
}

fn key(code: KeyCode, modifier: Modifier) -> Option<Key> {
    Some(match code {
        KeyCode::Char(c) if modifier == Modifier::Ctrl => Key::Char(c.to_ascii_lowercase()),
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Delete => Key::Delete,
        KeyCode::Insert => Key::Insert,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::F(number) => Key::F(number),
        _ => return None,
    })
}
