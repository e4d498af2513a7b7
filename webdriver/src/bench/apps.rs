//! What SHIM reads of real chat applications against what the scripted model sent: by their tables,
//! and by the shape of their pages alone.

use super::{Bench, Figure, say};
use crate::apps::figures::{Figures, percent, table};
use crate::apps::play::{How, play, title};
use crate::apps::{Kind as App, scenes};
use crate::browser::{Done, Kind};

/// Of characters, in percent.
const TEXT_WRONG: f64 = 0.5;
/// Of roles, order, names and states of calls, by shape alone.
const STRUCTURE_WRONG: f64 = 5.0;
/// Of states, by shape alone.
const STATES_WRONG: f64 = 10.0;

/// Plays all scenes on all applications, twice. `SHIM_APPS_PLAYED` names the applications where not
/// all are wanted, `SHIM_APP_SCENES` the scenes, and `SHIM_APPS_BY` is `table` or `shape` where not
/// both are.
///
/// # Errors
/// When an application or the browser does not start.
pub async fn measure(kind: Kind, bench: &mut Bench) -> Done<()> {
    let named = |name| std::env::var(name).unwrap_or_default();
    let wanted = named("SHIM_APPS_PLAYED");
    let by_what = named("SHIM_APPS_BY");
    for (by_shape, name) in [(false, "table"), (true, "shape")] {
        if !by_what.is_empty() && by_what != name {
            continue;
        }
        let by = if by_shape { "by shape alone" } else { "by table" };
        let mut all = Vec::new();
        let how = How {
            browser: kind,
            by_shape,
            scenes: named("SHIM_APP_SCENES"),
            patience: scenes::LESS_PATIENCE,
        };
        for app in App::ALL {
            if !wanted.is_empty() && !wanted.split(',').any(|wanted| wanted == app.name()) {
                continue;
            }
            let stage = play(app, &how, &say).await?;
            let outcomes = stage.outcomes;
            eprintln!("{}", table(&title(app, &how), &outcomes));
            for wrong in outcomes.iter().flat_map(|outcome| &outcome.verdict.wrong) {
                eprintln!("- {wrong}");
            }
            add(kind, &format!("{}, {by}", app.name()), by_shape, &Figures::of(&outcomes), bench);
            all.extend(outcomes);
        }
        let sum = Figures::of(&all);
        eprintln!("all applications, {by}: {}\n", sum.line());
        add(kind, &format!("all applications, {by}"), by_shape, &sum, bench);
    }
    Ok(())
}

fn add(kind: Kind, who: &str, by_shape: bool, figures: &Figures, bench: &mut Bench) {
    let verdict = &figures.verdict;
    let goal = |by_table: f64, by_shape_alone: f64| {
        let goal = if by_shape { by_shape_alone } else { by_table };
        Some((goal, goal))
    };
    let (all, right) = verdict.structure();
    let rows = [
        (
            "characters not as sent",
            "%",
            100.0 - verdict.like.percent(),
            goal(TEXT_WRONG, TEXT_WRONG),
        ),
        (
            "code blocks not byte for byte",
            "",
            count(verdict.like.code - verdict.like.code_right),
            goal(0.0, 0.0),
        ),
        ("turns lost, doubled or made up", "", count(verdict.lost + verdict.extra), goal(0.0, 0.0)),
        (
            "roles, order, names and states of calls wrong",
            "%",
            100.0 - percent(right, all),
            goal(0.0, STRUCTURE_WRONG),
        ),
        (
            "states not known within 2 s",
            "%",
            100.0 - percent(figures.soon(), figures.events.len()),
            goal(0.0, STATES_WRONG),
        ),
    ];
    for (what, unit, value, goal) in rows {
        let what = format!("{who}: {what}");
        bench.add(Figure::new(&what, kind.name(), unit, vec![value]).goal(goal));
    }
    let known = figures.events.iter().flatten().map(|after| after.as_secs_f64() * 1000.0).collect();
    let what = format!("{who}: a state is known after");
    bench.add(Figure::new(&what, kind.name(), "ms", known));
}

#[expect(clippy::cast_precision_loss, reason = "some hundreds")]
fn count(many: usize) -> f64 {
    many as f64
}
