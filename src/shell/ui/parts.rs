//! Small building blocks. Each of them is compiled once for all its uses: a closure of its own
//! at every place would double the size of the popup.

use super::desk::Desk;
use crate::view::list::{SessionRow, Standing};
use crate::view::risk::RiskWords;
use crate::wire::signals::RiskLevel;
use std::borrow::Cow;
use sycamore::prelude::*;
use wasm_bindgen::JsValue;

/// A value of the page that changes in place.
pub type Live<T> = ReadSignal<T>;
/// Text content that follows a value.
pub type LiveText = MaybeDyn<JsValue>;
/// An attribute that follows a value.
pub type LiveName = MaybeDyn<Option<Cow<'static, str>>>;

/// A value that is made anew when what it reads changes, and changes only where it differs.
pub fn follow<T: PartialEq + 'static>(value: impl Fn() -> T + 'static) -> Live<T> {
    let value: Box<dyn Fn() -> T> = Box::new(value);
    create_selector(value)
}

/// One view for each of these names, kept while its name is among them.
pub fn list(names: Live<Vec<String>>, view: impl Fn(String) -> View + 'static) -> View {
    let view: Box<dyn Fn(String) -> View> = Box::new(view);
    all(names, view)
}

fn all(names: Live<Vec<String>>, view: Box<dyn Fn(String) -> View>) -> View {
    view! { Keyed(list=names, view=view, key=Clone::clone) }
}

/// Text that follows a part of `value`. It becomes `textContent`: markup in it stays text.
pub fn text<T: 'static>(value: Live<T>, of: fn(&T) -> String) -> LiveText {
    MaybeDyn::from(move || JsValue::from_str(&value.with(of)))
}

/// A fixed word that follows a part of `value`, for an attribute.
pub fn name<T: 'static>(value: Live<T>, of: fn(&T) -> &'static str) -> LiveName {
    MaybeDyn::from(move || Some(Cow::Borrowed(value.with(of))))
}

/// A view that is drawn anew when what it reads changes.
pub fn drawn(draw: impl FnMut() -> View + 'static) -> View {
    let draw: Box<dyn FnMut() -> View> = Box::new(draw);
    View::from_dynamic(draw)
}

/// Lines of text, each as a paragraph of this class.
pub fn lines(class: &'static str, lines: Live<Vec<String>>) -> View {
    let line = move |text: String| view! { p(class=class, data-testid=class) { (text) } };
    drawn(move || lines.get_clone().into_iter().map(line).collect::<Vec<View>>().into())
}

/// A risk in words, as a small label.
pub fn risk<T: 'static>(value: Live<T>, of: fn(&T) -> &RiskWords) -> View {
    let label: LiveText =
        MaybeDyn::from(move || JsValue::from_str(value.with(|value| of(value).label)));
    let level: LiveName =
        MaybeDyn::from(move || Some(Cow::Borrowed(value.with(|value| level(of(value))))));
    view! { span(class="risk", data-testid="risk", data-level=level, prop:textContent=label) }
}

fn level(risk: &RiskWords) -> &'static str {
    match risk.level {
        RiskLevel::Safe => "safe",
        RiskLevel::Warning => "warning",
        RiskLevel::Danger => "danger",
    }
}

/// How a chat stands, for the look of it.
pub fn standing(row: &SessionRow) -> &'static str {
    match row.standing {
        Standing::Open => "open",
        Standing::Lost => "lost",
        Standing::Closed => "closed",
    }
}

/// One of several that a person picks from.
pub fn pick(
    hook: &'static str,
    label: &'static str,
    picked: Live<bool>,
    click: impl Fn() + 'static,
) -> View {
    let click: Box<dyn Fn()> = Box::new(click);
    let checked = name(picked, |picked| if *picked { "true" } else { "false" });
    view! {
        button(class="button choice", r#type="button", role="radio", data-testid=hook,
            aria-checked=checked, on:click=move |_| click()) { (label) }
    }
}

/// All of them.
pub fn picks(label: &'static str, all: Vec<View>) -> View {
    view! { div(class="buttons", role="radiogroup", aria-label=label) { (all) } }
}

/// A button that waits while something is being done. It stays focusable meanwhile.
pub fn button(
    desk: Desk,
    hook: &'static str,
    label: &'static str,
    click: impl Fn() + 'static,
) -> View {
    let click: Box<dyn Fn()> = Box::new(click);
    let class = format!("button {hook}");
    let waits: LiveName = MaybeDyn::from(move || desk.busy().then_some(Cow::Borrowed("true")));
    view! {
        button(r#type="button", class=class, data-testid=hook, aria-disabled=waits,
            on:click=move |_| click()) { (label) }
    }
}
