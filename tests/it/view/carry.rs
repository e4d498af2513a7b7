//! What is said of exports and imports.

use shim::base::Problem;
use shim::view::carry::{Carried, exported, exported_one, exporting, importing};
use shim::wire::archive::{Imported, Last, Merged, Skipped};

fn merged(new_chats: u32, turns: u32, checkpoints: u32, unfit: u32) -> Imported {
    Imported::Merged(Merged { new_chats, turns, checkpoints, unfit })
}

#[test]
fn an_export_tells_what_is_in_the_file_and_what_is_not() {
    let sums = Last { chats: 1, turns: 1_200, checkpoints: 3, check: 0 };
    let notice = exported(true, &sums, 0);
    assert_eq!(notice.text, "1 chat, 1,200 turns, 3 checkpoints: saved with your downloads.");
    assert!(!notice.warning);
    assert!(exported(true, &sums, 1).text.contains("One record does not open"));
    assert!(exported(true, &sums, 2).text.contains("2 records do not open"));
    assert!(exported(true, &sums, 2).warning);
    assert!(exported(false, &sums, 0).text.contains("Try again"));
    assert!(exported_one(true).text.contains("downloads"));
    assert!(exported_one(false).warning);
    assert_eq!(exporting(3, 10), "Exporting: 3 of 10 chats.");
    assert_eq!(importing(false, 65_536, 2 << 20), "Checking: 64 KB of 2.0 MB.");
    assert_eq!(importing(true, 0, 10), "Importing: 0 B of 10 B.");
}

#[test]
fn an_import_tells_what_is_new_and_why_something_is_not() {
    let mut carried = Carried::default();
    carried.checked(Skipped::default());
    carried.add(merged(0, 0, 0, 0));
    assert_eq!(carried.notice(None).text, "All of it was there already.");
    carried.add(merged(1, 20, 2, 0));
    carried.add(merged(0, 1, 0, 0));
    let notice = carried.notice(None);
    assert_eq!(notice.text, "Imported: 1 chat, 21 turns, 2 checkpoints (new).");
    assert!(!notice.warning);
    carried.add(merged(0, 0, 0, 2));
    assert!(carried.notice(None).text.contains("2 checkpoints left out"));
    carried.add(Imported::LeftOut("It is open in a tab.".into()));
    let notice = carried.notice(None);
    assert!(notice.text.ends_with("1 chat left as before. It is open in a tab."), "{notice:?}");
    assert!(notice.warning);
}

#[test]
fn an_import_that_ends_early_tells_whether_something_changed() {
    let problem = Problem::person("This archive is damaged.");
    let mut carried = Carried::default();
    let said = |carried: &Carried| carried.notice(Some(&problem)).text;
    assert_eq!(said(&carried), "This archive is damaged. Nothing was changed.");
    carried.checked(Skipped::default());
    assert_eq!(said(&carried), "This archive is damaged. Nothing was changed.");
    carried.add(merged(1, 2, 0, 0));
    assert!(said(&carried).contains("import the file again for the rest"));
    carried.stop();
    assert!(carried.notice(None).text.starts_with("Stopped. What was imported before stays"));
}

#[test]
fn an_export_that_was_imported_tells_what_is_left_out_of_it_and_why() {
    let mut carried = Carried::default();
    carried.checked(Skipped { empty: 2, twice: 1, ..Skipped::default() });
    carried.add(merged(1, 4, 0, 0));
    let notice = carried.notice(None);
    assert!(notice.text.contains("2 conversations left out: nothing is said there."));
    assert!(notice.text.contains("1 conversation left out: already in this export once."));
    assert!(!notice.warning, "nothing is missing");
    carried.checked(Skipped { unknown: 3, large: 1, ..Skipped::default() });
    let notice = carried.notice(None);
    assert!(notice.text.contains("3 conversations left out: built in a way that SHIM does not"));
    assert!(notice.text.contains("1 conversation left out: larger than a chat may be."));
    assert!(notice.warning);
}
