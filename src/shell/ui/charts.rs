//! Drawings and tables of what was measured.

use super::desk::Desk;
use super::parts::{self, Live, LiveName, drawn};
use crate::view::chart::{Chart, SIDE};
use crate::view::metrics::{Board, GroupRow, MetricLine};
use crate::view::texts;
use std::borrow::Cow;
use sycamore::prelude::*;

/// Risk and context of the chosen chat over its session.
pub fn course(desk: Desk) -> View {
    let chart = desk.part(|page| page.detail.as_ref().and_then(|detail| detail.chart.clone()));
    let there = parts::follow(move || chart.with(Option::is_some));
    let chart = parts::follow(move || chart.get_clone().unwrap_or_default());
    drawn(move || if there.get() { drawing(chart) } else { View::new() })
}

fn drawing(chart: Live<Chart>) -> View {
    let path = |class: &'static str, of: fn(&Chart) -> String| {
        let d: LiveName = MaybeDyn::from(move || Some(Cow::Owned(chart.with(of))));
        view! { path(class=class, d=d) }
    };
    let lines: Vec<View> = vec![
        path("danger", |chart| chart.danger.clone()),
        path("warning", |chart| chart.warning.clone()),
        path("saved", |chart| chart.saved.clone()),
        path("failed", |chart| chart.failed.clone()),
        path("carried", |chart| chart.carried_on.clone()),
        path("context", |chart| chart.context.clone()),
        path("risk-line", |chart| chart.risk.clone()),
    ];
    let told: LiveName = MaybeDyn::from(move || Some(Cow::Owned(chart.with(|c| c.told.clone()))));
    let (from, to) = (
        parts::text(chart, |chart| chart.from.clone()),
        parts::text(chart, |chart| chart.to.clone()),
    );
    let key = |class: &'static str, word: &'static str| {
        view! { span(class="key", data-key=class) { (word) } }
    };
    let keys: Vec<View> = texts::CHART_KEYS.map(|(class, word)| key(class, word)).into();
    let side = format!("0 0 {SIDE} {SIDE}");
    view! {
        h3 { (texts::COURSE) }
        div(class="chart", data-testid="chart") {
            div(role="img", aria-label=told) {
                svg(viewBox=side, preserveAspectRatio="none") { (lines) }
            }
            div(class="span", aria-hidden="true") {
                span(prop:textContent=from)
                span(prop:textContent=to)
            }
            p(class="keys", aria-hidden="true") { (keys) }
        }
    }
}

/// What all chats add up to.
pub fn board(desk: Desk) -> View {
    let board = desk.part(|page| page.board.clone());
    drawn(move || match board.get_clone() {
        None => view! { p(class="quiet") { (texts::READING) } },
        Some(board) => tables(board),
    })
}

fn tables(board: Board) -> View {
    let all: Vec<View> = board.all.into_iter().map(line).collect();
    let columns = board.columns;
    let filled = board.groups.into_iter().filter(|(_, rows)| !rows.is_empty());
    let groups: Vec<View> = filled.map(|(heading, rows)| group(heading, &columns, rows)).collect();
    view! {
        section(class="board", data-testid="board") {
            h2 { (texts::HOW_IT_GOES) }
            table(class="all") { tbody { (all) } }
            (groups)
        }
    }
}

fn line(line: MetricLine) -> View {
    let (value, samples) = (line.value, line.samples);
    view! {
        tr {
            th(scope="row") { (line.name) }
            td(class="value") { (value) }
            td(class="quiet") { (samples) }
            td(class="quiet") { (line.better) }
        }
    }
}

fn group(heading: &'static str, columns: &[&'static str], rows: Vec<GroupRow>) -> View {
    let column = |word: &&'static str| {
        let word = *word;
        view! { th(scope="col") { (word) } }
    };
    let heads: Vec<View> = columns.iter().map(column).collect();
    let cell = |value: String| view! { td { (value) } };
    let row = |(name, values): (String, Vec<String>)| {
        let cells: Vec<View> = values.into_iter().map(cell).collect();
        view! { tr { th(scope="row") { (name) } (cells) } }
    };
    let rows: Vec<View> = rows.into_iter().map(row).collect();
    view! {
        div(class="scroll", role="region", tabindex="0", aria-label=heading) {
            table(class="groups") {
                thead { tr { th(scope="col") { (heading) } (heads) } }
                tbody { (rows) }
            }
        }
    }
}
