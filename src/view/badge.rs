//! The toolbar badge of one tab.

use super::{risk, store, texts};
use crate::base::text;
use crate::wire::background::BadgeView;
use crate::wire::records::SessionHead;
use crate::wire::session::EndReason;
use crate::wire::signals::{Risk, RiskLevel};

/// Colours: readable under white text, and told apart by the text too.
const GREEN: &str = "#1b7a4b";
const AMBER: &str = "#a85b00";
const RED: &str = "#cc372d";
const GREY: &str = "#65707e";
const WHITE: &str = "#ffffff";

/// Characters of a tooltip.
const TITLE_CHARS: usize = 240;

/// The badge of a tab with this chat.
#[must_use]
pub fn of_chat(head: &SessionHead) -> BadgeView {
    match head.ended {
        None | Some((EndReason::Asked, _)) => live(&head.risk, !head.gaps.is_empty()),
        Some((reason, _)) => {
            let title = format!("SHIM: {} It is saved and can be resumed.", texts::ended(reason));
            view("end", RED, &title)
        }
    }
}

/// The badge of a watched chat of which only the risk is known.
#[must_use]
pub fn of(risk: &Risk) -> BadgeView {
    live(risk, false)
}

/// The badge of a tab whose site a person switched off.
#[must_use]
pub fn switched_off() -> BadgeView {
    view("off", GREY, "SHIM is switched off on this site. Nothing is saved.")
}

/// The badge of every tab while a person paused watching.
#[must_use]
pub fn paused() -> BadgeView {
    view("off", GREY, "SHIM: watching is paused. Nothing is saved.")
}

/// The badge of every tab while the store cannot be opened.
#[must_use]
pub fn unsaved() -> BadgeView {
    view("no", RED, "SHIM: nothing is saved. Click here to see why.")
}

/// The badge of a tab without a chat while SHIM is locked.
#[must_use]
pub fn locked() -> BadgeView {
    view("lock", AMBER, "SHIM is locked. Click here to unlock what was saved before.")
}

/// The badge of a tab without a chat.
#[must_use]
pub fn none() -> BadgeView {
    view("", GREY, "SHIM: no chat to save in this tab.")
}

/// The same, where room becomes short: that comes first, since a tooltip is cut at its end.
#[must_use]
pub fn with_little_room(badge: BadgeView) -> BadgeView {
    let title = format!("{} {}", store::TIGHT, badge.title);
    BadgeView { title: text::clip(&title, TITLE_CHARS), ..badge }
}

fn live(risk: &Risk, degraded: bool) -> BadgeView {
    let (text, color) = match risk.level {
        RiskLevel::Safe if degraded => ("?", AMBER),
        RiskLevel::Safe => ("ok", GREEN),
        RiskLevel::Warning => ("!", AMBER),
        RiskLevel::Danger => ("!!", RED),
    };
    let words = risk::words(risk);
    let mut title = format!("SHIM: saved as you go. Risk: {}", words.label.to_lowercase());
    if !words.reasons.is_empty() {
        title.push_str(": ");
        title.push_str(&words.reasons.join(", "));
    }
    title.push('.');
    if degraded {
        title.push(' ');
        title.push_str(texts::DEGRADED);
    }
    view(text, color, &title)
}

fn view(text: &str, color: &str, title: &str) -> BadgeView {
    BadgeView {
        text: text.to_owned(),
        color: color.to_owned(),
        text_color: WHITE.to_owned(),
        title: text::clip(title, TITLE_CHARS),
    }
}
