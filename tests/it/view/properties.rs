//! Whatever the size and whatever is in the fleet, a frame is drawn and changes nothing.

use proptest::prelude::*;
use ratatui::layout::Rect;
use wharf::app::{Message, Size, update};

use super::paint::frame;
use super::scenes::{five, hostile};
use crate::app::App;
use wharf::text::clean;

/// Keys that lead to every screen.
const WALKS: [&str; 24] = [
    "l",
    "enter enter l k",
    "enter enter enter l / a enter",
    "R",
    "* R",
    "* S + 1 enter",
    "enter S",
    "enter enter R",
    "space j space S",
    "S 7 enter p",
    "",
    "enter",
    "enter enter",
    "enter enter enter",
    "e",
    "enter e",
    "enter enter d",
    "enter enter d d",
    "!",
    "?",
    "/",
    "G enter",
    "g",
    "G enter enter G",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn a_frame_of_any_size_is_drawn_and_nothing_in_it_acts_on_the_terminal(
        (width, height) in (1_u16..=200, 1_u16..=60),
        (told_width, told_height) in (1_u16..=200, 1_u16..=60),
        (walk, typed, seconds) in (0..WALKS.len(), ".{0,12}", 0_u64..4_000),
    ) {
        let (mut services, mut tasks) = hostile();
        let (more, theirs) = five();
        services.extend(more);
        tasks.extend(theirs);
        let mut app = App::new();
        app.read_all(&services, &tasks);
        app.press(WALKS[walk]);
        app.read_all(&services, &tasks);
        update(&mut app.state, Message::Pasted(typed));
        app.wait(seconds);
        // The terminal's size may be news to the app by the time a frame is drawn.
        for told in [Size { width, height }, Size { width: told_width, height: told_height }] {
            update(&mut app.state, Message::Resized(told));
            let drawn = frame(&app.state, width, height);
            prop_assert_eq!(drawn.area, Rect { x: 0, y: 0, width, height });
            for cell in &drawn.content {
                prop_assert!(clean(cell.symbol()) == cell.symbol(), "{:?}", cell.symbol());
            }
        }
    }
}
