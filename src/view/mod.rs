//! Stand-in.
/// Draws.
pub fn draw(state: &crate::app::State, frame: &mut ratatui::Frame<'_>) {
    let text: String = state.board.order(&crate::app::View::Fleet).len().to_string();
    frame.render_widget(ratatui::text::Line::from(text), frame.area());
}
