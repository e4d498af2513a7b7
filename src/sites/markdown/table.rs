//! Tables. A cell is one line; what Markdown cannot hold in one is flattened.

use super::inline::{Mode, Run};
use super::{DEPTH, is_block};
use crate::wire::page::{Element, Node};

/// Columns kept of a table.
const COLUMNS: usize = 200;

/// The lines of a table; none where it has no rows.
pub(super) fn lines(table: &Element, mode: Mode, depth: usize) -> Vec<String> {
    let mut rows = Vec::new();
    rows_of(table, &mut rows, depth);
    let marks = rows.first().map(|row| aligned(row)).unwrap_or_default();
    let cells: Vec<Vec<String>> = rows
        .into_iter()
        .filter(|row| !mode.drop.contains(&std::ptr::from_ref(*row).addr()))
        .map(|row| cells_of(row, mode, depth))
        .filter(|cells| !cells.is_empty())
        .collect();
    let columns = cells.iter().map(Vec::len).max().unwrap_or(0);
    let mut lines = Vec::with_capacity(cells.len() + 1);
    for (at, row) in cells.iter().enumerate() {
        let padded = (0..columns).map(|c| row.get(c).map_or("", String::as_str));
        lines.push(format!("| {} |", padded.collect::<Vec<_>>().join(" | ")));
        if at == 0 {
            let mark = |column| marks.get(column).copied().unwrap_or("---");
            let marks: Vec<&str> = (0..columns).map(mark).collect();
            lines.push(format!("| {} |", marks.join(" | ")));
        }
    }
    lines
}

/// The rows of this table and of no table inside it.
fn rows_of<'t>(element: &'t Element, rows: &mut Vec<&'t Element>, depth: usize) {
    if depth > DEPTH {
        return;
    }
    for child in &element.children {
        match child {
            Node::Element(child) if child.tag == "tr" => rows.push(child),
            Node::Element(child) if child.tag != "table" => rows_of(child, rows, depth + 1),
            _ => {}
        }
    }
}

/// The marks below a table's head: which side its columns keep to.
fn aligned(head: &Element) -> Vec<&'static str> {
    let cells = head.children.iter().filter_map(|child| match child {
        Node::Element(cell) if is_block(&cell.tag) => Some(cell),
        _ => None,
    });
    let mark = |cell: &Element| match cell.attr("align") {
        Some("left") => ":---",
        Some("right") => "---:",
        Some("center") => ":---:",
        _ => "---",
    };
    cells.take(COLUMNS).map(mark).collect()
}

fn cells_of(row: &Element, mode: Mode, depth: usize) -> Vec<String> {
    let cells = row.children.iter().filter_map(|child| match child {
        Node::Element(child) if is_block(&child.tag) => Some(child),
        _ => None,
    });
    let text = |cell: &Element| {
        let mut run = Run::default();
        run.children(cell, Mode { one_line: true, verbatim: false, ..mode }, depth);
        let text = run.text.trim().replace('\n', " ");
        escape_bars(&text)
    };
    cells.take(COLUMNS).map(text).collect()
}

/// A bar ends a cell, also inside code; one that is escaped already stays as it is.
fn escape_bars(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        if c == '|' && before != '\\' {
            out.push('\\');
        }
        out.push(c);
        before = c;
    }
    out
}
