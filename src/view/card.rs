//! The card in a chat's page.

use super::{amount, texts};
use crate::base::{Moment, text};
use crate::wire::card::{CardButton, CardKind, CardState};
use crate::wire::page::{ButtonView, CardView};
use crate::wire::session::About;

/// Characters of a chat's title on a card.
const TITLE_CHARS: usize = 60;

/// A card, ready to draw.
#[must_use]
pub fn describe(card: &CardState, now: Moment) -> CardView {
    let about = &card.about;
    let title = text::clip(texts::title(&about.title).as_str(), TITLE_CHARS);
    let (title, last_line, buttons) = match card.kind {
        CardKind::Placed => (
            format!("Restored: {title}"),
            "Nothing was sent. Look at the text below, then send it.",
            [CardButton::Send, CardButton::Edit, CardButton::Undo, CardButton::NotThis].as_slice(),
        ),
        CardKind::Offered => (
            format!("Carry on: {title}"),
            "SHIM can put what the new chat must know into the message box, unsent.",
            [CardButton::Place, CardButton::NotThis].as_slice(),
        ),
        CardKind::Failed => (
            format!("Not restored: {title}"),
            "The text could not be put into the message box exactly, so nothing was sent. \
             Open SHIM in the toolbar, choose that chat there and press \"Copy prompt\".",
            [].as_slice(),
        ),
        CardKind::Heavy => (
            "This page is about to fail".to_owned(),
            "SHIM can carry it on in a fresh chat, where the page is light again.",
            [CardButton::Fresh].as_slice(),
        ),
    };
    let past = [texts::ended(about.reason).to_owned(), saved(about, now)];
    // A chat that goes on has no end to tell of.
    let past = past.into_iter().filter(|_| card.kind != CardKind::Heavy);
    CardView {
        title,
        lines: past.chain([last_line.to_owned()]).collect(),
        buttons: buttons.iter().map(|&button| button_view(button)).collect(),
        close: texts::CLOSE.to_owned(),
        warning: matches!(card.kind, CardKind::Failed | CardKind::Heavy),
    }
}

/// How much is saved, and how old the last of it is where that is known.
fn saved(about: &About, now: Moment) -> String {
    let turns = amount::count(about.turns.into(), "turn");
    let verb = if about.turns == 1 { "is" } else { "are" };
    if about.saved_at == Moment::default() {
        return format!("{turns} {verb} saved.");
    }
    format!("{turns} {verb} saved, the last {}.", amount::ago(about.saved_at, now))
}

fn button_view(button: CardButton) -> ButtonView {
    let label = match button {
        CardButton::Send => "Send",
        CardButton::Edit => "Edit",
        CardButton::Undo => "Undo",
        CardButton::NotThis => "Not this one",
        CardButton::Place => "Place",
        CardButton::Fresh => texts::RESUME,
        CardButton::Close => texts::CLOSE,
    };
    ButtonView { button, label: label.to_owned() }
}
