//! Plans that change: items given up, taken over by a tool, and reported done in prose.

use super::{call, model, read, user};
use shim::wire::chat::Turn;

/// The open and the done items after these turns of the model.
fn steps(answers: Vec<Turn>) -> (Vec<String>, Vec<String>) {
    let mut turns = vec![user("Ship the release of the gatehouse service.")];
    turns.extend(answers);
    let task = read(&turns, "").task;
    (task.next_steps, task.completed_steps)
}

fn plan() -> Turn {
    let list = "- [ ] Write the notes\n- [ ] Tag the commit\n- [ ] Publish the crate\n\
                - [ ] Tell the users";
    model(&format!("The plan:\n\n{list}"), vec![])
}

const ALL: [&str; 4] = ["Write the notes", "Tag the commit", "Publish the crate", "Tell the users"];

#[test]
fn an_item_whose_box_is_struck_is_no_longer_to_do() {
    assert_eq!(steps(vec![plan()]), (ALL.map(str::to_owned).to_vec(), vec![]));
    let news = model("- [x] Write the notes\n- [-] Tell the users\n- [-] Never heard of", vec![]);
    let (open, done) = steps(vec![plan(), news]);
    assert_eq!((open, done), (vec![ALL[1].into(), ALL[2].into()], vec![ALL[0].into()]));
}

#[test]
fn steps_reported_by_number_are_done_where_nothing_hedges_it() {
    for (said, done) in [
        ("Steps 1 and 3 are complete.", vec![0, 2]),
        ("Steps 1-3 are done.", vec![0, 1, 2]),
        ("Steps 2 to 4 are finished.", vec![1, 2, 3]),
        ("Step 2 is in place.", vec![1]),
        ("Step 2 is not done.", vec![]),
        ("Once step 2 is done I publish.", vec![]),
        ("Step 9 is done.", vec![]),
        ("Step two is done.", vec![]),
    ] {
        let (open, found) = steps(vec![plan(), model(said, vec![])]);
        let wanted: Vec<&str> = done.iter().map(|at| ALL[*at]).collect();
        assert_eq!(found, wanted, "{said}");
        assert_eq!(open.len(), ALL.len() - wanted.len(), "{said}");
    }
}

#[test]
fn steps_reported_by_name_are_done_and_a_new_name_is_added() {
    let (open, done) = steps(vec![plan(), model("Done: tag the commit.", vec![])]);
    assert_eq!((open.len(), done), (3, vec![ALL[1].to_owned()]));
    let (open, done) = steps(vec![plan(), model("Completed: moved the docs page", vec![])]);
    assert_eq!((open.len(), done), (4, vec!["moved the docs page".to_owned()]), "once");
}

#[test]
fn a_tools_new_list_gives_up_what_it_does_not_name() {
    let todo = |items: &[(&str, &str)]| {
        let items: Vec<String> = items
            .iter()
            .map(|(text, status)| format!(r#"{{"content":"{text}","status":"{status}"}}"#))
            .collect();
        let args = format!(r#"{{"todos":[{}]}}"#, items.join(","));
        model("", vec![call("TodoWrite", &args, "ok")])
    };
    let first = todo(&[("Read", "completed"), ("Fix", "in_progress"), ("Guess", "pending")]);
    let second = todo(&[("Fix", "completed"), ("Check", "pending")]);
    let (open, done) = steps(vec![first, second]);
    assert_eq!((open, done), (vec!["Check".into()], vec!["Read".into(), "Fix".into()]));
}

#[test]
fn items_kept_by_number_are_updated_finished_and_deleted() {
    let made = |text: &str, number: u32| {
        let args = format!(r#"{{"subject":"{text}"}}"#);
        call("TaskCreate", &args, &format!("Task #{number} created"))
    };
    let update = |number: u32, status: &str| {
        let args = format!(r#"{{"taskId":"{number}","status":"{status}"}}"#);
        call("TaskUpdate", &args, "ok")
    };
    let create = model("", vec![made("Notes", 11), made("Tag", 12), made("Publish", 13)]);
    let change = vec![update(12, "in_progress"), update(13, "deleted"), update(99, "completed")];
    let (open, done) = steps(vec![create.clone(), model("", change)]);
    assert_eq!((open.len(), done.len()), (2, 0), "{open:?}");
    assert!(!open.contains(&"Publish".to_owned()), "{open:?}");
    let finish = vec![update(11, "completed"), update(12, "completed"), update(12, "completed")];
    let (open, done) = steps(vec![create, model("", finish)]);
    assert_eq!((open, done), (vec!["Publish".into()], vec!["Notes".into(), "Tag".into()]));
}
