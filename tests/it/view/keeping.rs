//! How long things are kept, as a person sets and reads it; and sites that are forgotten.

use super::{NOW, before, head};
use shim::base::Span;
use shim::base::limits::{KEEP_COUNT, KEEP_DAYS, KEEP_MB};
use shim::view::keeping::{fields, read, words};
use shim::view::popup::{Knows, page};
use shim::view::store::forget_words;
use shim::wire::keeping::Keeping;
use shim::wire::records::SessionHead;
use std::collections::BTreeSet;
use std::sync::Arc;

fn wrote(fields: [&str; 4]) -> Result<Keeping, String> {
    read(&fields.map(str::to_owned))
}

#[test]
fn what_is_shown_can_be_put_in_again() {
    let other = Keeping { days: 7, count: 0, bytes: 10 << 20, chat_days: 90 };
    for keep in [Keeping::default(), other, Keeping { days: 0, bytes: 0, ..other }] {
        assert_eq!(read(&fields(keep).map(|value| value.to_string())), Ok(keep));
    }
    assert_eq!(wrote([" 1 ", "2", "3", "4"]).unwrap().bytes, 3 << 20);
}

#[test]
fn what_is_no_number_or_too_high_is_refused_by_its_name() {
    for bad in ["", "-1", "1.5", "many", "99999999999999999999"] {
        assert!(wrote(["1", bad, "1", "1"]).unwrap_err().contains("“Checkpoints of one chat”"));
    }
    let most = [KEEP_DAYS.into(), KEEP_COUNT.into(), KEEP_MB, KEEP_DAYS.into()];
    assert!(read(&most.map(|most: u64| most.to_string())).is_ok());
    for place in 0..4 {
        let mut over = most;
        over[place] += 1;
        assert!(read(&over.map(|value| value.to_string())).is_err());
    }
}

#[test]
fn every_limit_and_its_absence_has_words() {
    let all = words(Keeping { days: 7, count: 9, bytes: 10 << 20, chat_days: 90 });
    let none = words(Keeping { days: 0, count: 0, bytes: 0, chat_days: 0 });
    let both: BTreeSet<&String> = all.iter().chain(&none).collect();
    assert_eq!(both.len(), 9, "one line is the same: {both:?}");
    let said = all.join(" ");
    for part in ["after 7 days", "Beyond 9 checkpoints", "more than 10.0 MB", "used for 90 days"] {
        assert!(said.contains(part), "{said}");
    }
    assert!(none.join(" ").contains("No whole chat goes by itself."));
}

fn knows(heads: Vec<SessionHead>) -> Knows {
    Knows { now: NOW, heads: Some(Arc::new(heads)), ..Knows::default() }
}

#[test]
fn sites_are_listed_with_what_they_hold_and_self_hosted_ones_by_their_place() {
    let of = |id: &str| SessionHead { stored_bytes: 1_024, ..head(id, Span(0)) };
    let mut gone = of("grok/a/1");
    gone.deleted_at = Some(NOW);
    let all = ["claude/b/1", "openwebui@a:1/x/1", "openwebui@b:1/x/1", "claude/a/1"].map(of);
    let lines = page(&knows([all.to_vec(), vec![gone]].concat())).store.sites;
    let told: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
    let open = ["Open WebUI on a:1: 1 chat, 1 KB", "Open WebUI on b:1: 1 chat, 1 KB"];
    assert_eq!(told, ["Claude: 2 chats, 2 KB", open[0], open[1]]);
    let said = forget_words(&lines[0]);
    assert!(said.contains("Claude: 2 chats") && said.contains("settings for the site stay"));
}

#[test]
fn a_site_that_was_forgotten_is_one_line_with_one_way_back() {
    let gone = |id: &str, ago| {
        let deleted_at = Some(before(Span::seconds(ago)));
        SessionHead { deleted_at, ..head(id, Span(0)) }
    };
    let all = vec![
        gone("claude/a/1", 2),
        gone("claude/b/2", 2),
        gone("claude/a/3", 4),
        gone("grok/a/1", 2),
    ];
    let deleted = page(&knows(all)).deleted;
    let sites: Vec<_> = deleted.iter().map(|one| one.site.as_deref()).collect();
    assert_eq!(sites, [Some("claude"), None, None]);
    assert_eq!(deleted[0].text, "Forgot 2 chats of Claude.");
    assert!(deleted[1].text.starts_with("Deleted “"));
}
