//! Chats of sites' own exports, and the pages that open them later.

use super::*;
use crate::export::samples;
use crate::{eyes, pages};
use serde_json::Value;
use shim::background::Whole;
use shim::background::archive::Source;
use shim::sites;
use shim::wire::archive::{Imported, Merged, Piece};

/// The lines of the chats in an export.
fn lines(conversations: &Value) -> Vec<String> {
    let file = conversations.to_string();
    let mut source = Source::new(file.len() as u64, true);
    source.push(file.as_bytes()).unwrap();
    let chats = source.take();
    source.end().unwrap();
    chats
}

impl Bench {
    fn backfill(&mut self, conversation: &Value) -> Imported {
        let text = lines(&serde_json::json!([conversation])).remove(0);
        match self.ask(&Ask::Import(Piece { import: 7, number: 0, text, last: true })).pop() {
            Some(Answer::Imported(imported)) => imported,
            other => panic!("it is not imported: {other:?}"),
        }
    }

    /// A document opens a chat, and its engine says hello.
    fn opens(&mut self, port: u64, url: &str, account: &str) -> SessionId {
        let site = sites::for_url(url).unwrap();
        let chat = site.chat_of(url).unwrap();
        let account = AccountId(account.into());
        let session = SessionId::of(site.name, &account, &chat);
        self.connect(port, 7, shim::base::origin::of(url).unwrap());
        let document = format!("document {port}");
        let hello = Hello {
            document,
            site: site.name.into(),
            account,
            chat: Some(chat),
            url: url.into(),
            ..Hello::default()
        };
        self.say(port, ToBackground::Hello(hello));
        session
    }

    /// What it reads is told, as often as it opens.
    fn tells(&mut self, port: u64, session: &SessionId, turns: &[Turn]) {
        let read_at = Moment(self.now.0 + 1);
        let turns: Vec<Turn> = turns.iter().map(|turn| Turn { read_at, ..turn.clone() }).collect();
        self.now = Moment(self.now.0 + 2);
        let told = turns.clone();
        self.say(port, ToBackground::Turns { number: port, session: session.clone(), turns });
        let saved = self.told(port).into_iter().rev().find_map(|event| match event {
            SessionEvent::Saved { turns } => Some(turns),
            _ => None,
        });
        let saved = saved.expect("it is acknowledged");
        for turn in told {
            assert_eq!(saved.get(&turn.key), Some(&codec::turn_hash(&turn)), "{}", turn.key);
        }
    }

    fn leaves(&mut self, port: u64, session: &SessionId) {
        self.say(port, ToBackground::Bye { session: Some(session.clone()) });
        self.step(BackEvent::Disconnected { port: PortId(port) });
    }

    fn turns(&self, session: &SessionId) -> Vec<Turn> {
        let stores = vec![StoreName::Turns, StoreName::Streams];
        Whole::of(&self.store.query(&Query::OfSession(stores, session.clone()))).turns
    }

    fn sessions(&self) -> Vec<SessionId> {
        let records = self.store.query(&Query::All(StoreName::Sessions));
        records.iter().map(|record| codec::open::<SessionHead>(record).unwrap().id).collect()
    }

    /// Everything but heads, whose times change.
    fn members(&self) -> Vec<Stored> {
        let stores = [StoreName::Turns, StoreName::Checkpoints, StoreName::Streams];
        stores.iter().flat_map(|store| self.store.query(&Query::All(*store))).collect()
    }
}

fn texts(turns: &[Turn]) -> Vec<&str> {
    turns.iter().map(|turn| turn.markdown.as_str()).collect()
}

fn imported(new_chats: u32, turns: u32) -> Imported {
    Imported::Merged(Merged { new_chats, turns, ..Merged::default() })
}

fn found(key: &str, position: u32, role: Role, text: &str) -> Turn {
    Turn { found: true, ..turn(key, position, role, text) }
}

/// The turns of a saved page with its address, where they begin, and the conversation that its
/// site would export: as many turns above as the page says, then those of the page.
fn page(path: &str) -> (String, Vec<Turn>, Value) {
    let all = pages::saved();
    let (file, html) = all.iter().find(|(file, _)| file.ends_with(path)).expect("a saved page");
    let url = pages::expected(file)["url"].as_str().unwrap().to_owned();
    let turns = eyes::page(html, &url).changed;
    let chat = sites::for_url(&url).unwrap().chat_of(&url).unwrap();
    let first = turns[0].position;
    // Where a page tells no positions, they are counted from a high number on.
    let above = if first > 1_000 { 4 } else { first };
    let older = (0..above).map(|at| {
        let role = if at % 2 == 0 { Role::User } else { Role::Assistant };
        (role, format!("older-{at}"), format!("Said before, number {at}."))
    });
    let shown = turns.iter().enumerate().map(|(at, turn)| {
        let name = turn.key.as_str();
        let id = name.strip_suffix(":user").unwrap_or(name);
        let id = if turn.role == Role::User && !turn.key.is_place() {
            id.to_owned()
        } else {
            format!("m{at}")
        };
        (turn.role, id, turn.markdown.clone())
    });
    let said: Vec<_> = older.chain(shown).collect();
    let export = if url.contains("claude") { of_claude } else { of_chatgpt };
    (url, turns, export(&chat.0, &said))
}

fn of_claude(chat: &str, said: &[(Role, String, String)]) -> Value {
    let mut parent = samples::ROOT.to_owned();
    let messages = said.iter().map(|(role, id, text)| {
        let sender = if *role == Role::User { "human" } else { "assistant" };
        let message = samples::message(id, &parent, sender, samples::blocks(text));
        parent.clone_from(id);
        message
    });
    samples::claude(chat, messages.collect())
}

fn of_chatgpt(chat: &str, said: &[(Role, String, String)]) -> Value {
    let mut parent = "client-created-root".to_owned();
    let nodes = said.iter().map(|(role, id, text)| {
        let role = if *role == Role::User { "user" } else { "assistant" };
        let node = samples::node(id, &parent, role, samples::words(text));
        parent.clone_from(id);
        node
    });
    samples::chatgpt(chat, nodes.collect())
}

const PAGES: [&str; 4] = [
    "claude-hub-2026-10/long.html",
    "claude-2026-07/long.html",
    "chatgpt-turnkey-2026-09/long.html",
    "chatgpt-2026-07/long.html",
];

#[test]
fn a_chat_of_an_export_that_is_opened_goes_on_without_a_doubled_turn() {
    for path in PAGES {
        let (url, shown, export) = page(path);
        let mut bench = Bench::new(&[]);
        let Imported::Merged(merged) = bench.backfill(&export) else { panic!("{path}") };
        let before = usize::try_from(merged.turns).unwrap();
        assert!(before >= shown.len() && shown.len() > 3, "{path}: {before}, {}", shown.len());
        let account = if url.contains("claude") { "a" } else { "" };
        let session = bench.opens(1, &url, account);
        bench.tells(1, &session, &shown);
        assert_eq!(bench.turns(&session).len(), before, "{path}");
        assert_eq!(bench.sessions(), std::slice::from_ref(&session), "{path}");
        assert_eq!(bench.head(&session).turn_count, merged.turns, "{path}");
        // A new exchange follows all of them.
        let last = shown.last().unwrap();
        let next = |more: u32, role| {
            let place = if last.key.is_place() { "#" } else { "new" };
            let position = last.position + more;
            turn(&format!("{place}{position}"), position, role, "And then?")
        };
        let new = [next(1, Role::User), next(2, Role::Assistant)];
        bench.say(
            1,
            ToBackground::Turns { number: 9, session: session.clone(), turns: new.to_vec() },
        );
        let turns = bench.turns(&session);
        assert_eq!(turns.len(), before + 2, "{path}");
        assert_eq!(texts(&turns)[before..], ["And then?", "And then?"], "{path}");
        bench.leaves(1, &session);
        // Nor when another document opens it, in a worker that began anew, once it is packed.
        let mut bench = bench.restarted();
        (0..6).for_each(|_| bench.wake());
        let session = bench.opens(3, &url, account);
        bench.tells(3, &session, &shown);
        assert_eq!(bench.turns(&session).len(), before + 2, "{path}");
    }
}

#[test]
fn what_an_export_tells_of_a_turn_stays_where_its_page_shows_less() {
    let (url, export) =
        (format!("https://chatgpt.com/c/{}", samples::CHAT), samples::chatgpt_long());
    for keyless in [true, false] {
        let mut bench = Bench::new(&[]);
        assert_eq!(bench.backfill(&export), imported(1, 4));
        let before = bench.members();
        let session = bench.opens(1, &url, "");
        let key = |key: &'static str, place: &'static str| if keyless { place } else { key };
        let first = if keyless { 0 } else { 900_000 };
        let shown = [
            found(key("u1:user", "#0"), first, Role::User, "How does one build a bridge of oak?"),
            found(key("u1:assistant", "#1"), first + 1, Role::Assistant, "With **42 beams** [x]."),
        ];
        bench.tells(1, &session, &shown);
        assert_eq!(bench.members(), before, "its call and its result are there");
        // Its page knows what is stored, by its own names, and looks at nothing again.
        let known = bench.told(1).into_iter().find_map(|event| match event {
            SessionEvent::Known(known) => Some(known.turns),
            _ => None,
        });
        assert!(shown.iter().all(|turn| known.as_ref().unwrap().contains_key(&turn.key)));
    }
}

#[test]
fn another_turn_in_its_place_and_clearly_more_of_it_replace_what_an_export_told() {
    let (url, export) =
        (format!("https://chatgpt.com/c/{}", samples::CHAT), samples::chatgpt_long());
    let mut bench = Bench::new(&[]);
    bench.backfill(&export);
    let session = bench.opens(1, &url, "");
    let long = format!("With 42 beams. {}", "And nails. ".repeat(20));
    let shown = [
        found("#1", 1, Role::Assistant, &long),
        found("#2", 2, Role::User, "No."),
        found("#3", 3, Role::Assistant, "Why?"),
    ];
    bench.tells(1, &session, &shown);
    let asked = "How does one build a bridge of oak?";
    assert_eq!(texts(&bench.turns(&session)), [asked, long.as_str(), "No.", "Why?"]);
    // By its name it keeps its place, wherever its page counts it.
    let grown_text = format!("Why? {long}");
    let grown = found("u2:assistant", 900_000, Role::Assistant, &grown_text);
    let number = 8;
    bench.say(1, ToBackground::Turns { number, session: session.clone(), turns: vec![grown] });
    assert!(texts(&bench.turns(&session))[3].starts_with("Why? With"));
    assert_eq!(bench.turns(&session)[3].position, 3);
    // Where its name tells that it is another turn, both stay.
    let edited = found("u9:user", 900_000, Role::User, "Perhaps.");
    bench.say(1, ToBackground::Turns { number: 9, session: session.clone(), turns: vec![edited] });
    assert_eq!(texts(&bench.turns(&session))[2..], ["No.", grown_text.as_str(), "Perhaps."]);
}

#[test]
fn the_same_export_again_changes_nothing_also_after_its_page_was_open() {
    for (url, export, account) in [
        (format!("https://chatgpt.com/c/{}", samples::CHAT), samples::chatgpt_long(), ""),
        (format!("https://claude.ai/chat/{}", samples::CLAUDE_CHAT), samples::claude_long(), "a"),
    ] {
        let mut bench = Bench::new(&[]);
        assert_eq!(bench.backfill(&export), imported(1, 4));
        assert_eq!(bench.backfill(&export), imported(0, 0));
        let session = bench.opens(1, &url, account);
        match bench.backfill(&export) {
            Imported::LeftOut(why) => assert!(why.contains("open in a tab"), "{why}"),
            other => panic!("{other:?}"),
        }
        bench.tells(1, &session, &[found("#2", 2, Role::User, "No.")]);
        bench.leaves(1, &session);
        (0..6).for_each(|_| bench.wake());
        let before = bench.members();
        assert_eq!(bench.backfill(&export), imported(0, 0));
        assert_eq!((bench.members(), bench.sessions()), (before, vec![session]));
    }
}

#[test]
fn a_chat_that_was_saved_before_gets_what_is_missing_and_keeps_what_its_page_told() {
    for path in PAGES {
        let (url, shown, export) = page(path);
        let account = if url.contains("claude") { "a" } else { "" };
        let mut bench = Bench::new(&[]);
        let session = bench.opens(1, &url, account);
        bench.tells(1, &session, &shown);
        bench.leaves(1, &session);
        let Imported::Merged(merged) = bench.backfill(&export) else { panic!("{path}") };
        let turns = bench.turns(&session);
        assert_eq!(turns.len(), shown.len() + merged.turns as usize, "{path}");
        assert_eq!((merged.new_chats, bench.sessions().len()), (0, 1), "{path}");
        let last: Vec<&str> = texts(&turns)[merged.turns as usize..].to_vec();
        assert_eq!(last, texts(&shown), "{path}");
        assert_eq!(bench.backfill(&export), imported(0, 0), "{path}");
    }
}

#[test]
fn a_chat_of_claude_moves_to_its_account_in_one_commit_or_waits() {
    let url = format!("https://claude.ai/chat/{}", samples::CLAUDE_CHAT);
    let mut bench = Bench::new(&[]);
    bench.backfill(&samples::claude_long());
    let old = bench.sessions().remove(0);
    let before = bench.turns(&old);
    bench.refused = Some("the disk is full");
    let session = bench.opens(1, &url, "a");
    assert_eq!((bench.sessions(), bench.turns(&old)), (vec![old.clone()], before.clone()));
    bench.refused = None;
    let hello = |document: &str| {
        let chat = Some(samples::CLAUDE_CHAT);
        ToBackground::Hello(Hello { url: url.clone(), ..super::hello(document, chat) })
    };
    bench.say(1, hello("document 1"));
    assert_eq!(bench.sessions(), std::slice::from_ref(&session));
    assert_eq!((bench.turns(&session), bench.turns(&old)), (before, Vec::new()));
    let head = bench.head(&session);
    assert_eq!((head.title.as_str(), head.turn_count), ("The bridge", 4));
    assert_eq!(head.started_at, Moment(1_774_767_994_084));
    assert!(head.live.is_some());
    // A second account that opens it is told nothing of the first one's.
    let other = bench.opens(2, &url, "b");
    assert_eq!((bench.turns(&other), bench.turns(&session).len()), (Vec::new(), 4));
}

#[test]
fn a_chat_of_an_export_can_be_resumed_though_no_page_was_ever_open() {
    let mut bench = Bench::new(&[]);
    bench.backfill(&samples::claude_long());
    let session = bench.sessions().remove(0);
    match &bench.ask(&Ask::Prompt { session, checkpoint: None })[..] {
        [Answer::Text(text)] => assert!(text.contains("It has a `main`."), "{text}"),
        other => panic!("no prompt: {other:?}"),
    }
    bench.open(1, 7, None);
    assert!(bench.prompts(1).is_empty(), "it offers itself to nobody");
}
