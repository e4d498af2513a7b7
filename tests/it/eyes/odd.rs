//! Addresses, accounts, composers, and looks that no page would give.

use super::super::pages;
use super::{AT, CHATGPT, CLAUDE, look, page, reader_of, site_of};
use shim::base::{Moment, chance::Chance};
use shim::sites::{self, reader::Reader};
use shim::wire::chat::TurnState;
use shim::wire::page::{FillMethod, Node, PageFlush};

#[test]
fn addresses_name_sites_chats_and_private_modes() {
    let site = |url| sites::for_url(url).map(|site| site.name);
    assert_eq!(site("https://claude.ai/new"), Some("claude"));
    assert_eq!(site("https://CHATGPT.com:8443"), Some("chatgpt"));
    for url in [
        "",
        "claude.ai",
        "file:///claude.ai",
        "https://claude.ai.evil.org/",
        "https://a@b",
        "https://evil.org/claude.ai",
    ] {
        assert_eq!(site(url), None, "{url}");
    }
    assert_eq!(sites::by_name("claude").unwrap().matches(), ["https://claude.ai/*"]);
    let chat = |url: &str| sites::for_url(url).unwrap().chat_of(url).map(|chat| chat.0);
    let id = "99999999-8888-4777-8666-555555555555";
    for path in ["/c/ID", "/c/ID?a=b#c", "/g/g-p-1/c/ID", "/c/ID/"] {
        let url = format!("https://chatgpt.com{}", path.replace("ID", id));
        assert_eq!(chat(&url).as_deref(), Some(id), "{path}");
    }
    for path in
        ["", "/", "/c/", "/c/local-12345678", "/g/g-p-1/project", "/c/a<b>cdefghi", "/x/c/ID"]
    {
        let url = format!("https://chatgpt.com{}", path.replace("ID", id));
        assert_eq!(chat(&url), None, "{path}");
    }
    let private = |url| page("<form data-chatgpt-composer><textarea></textarea></form>", url);
    assert!(private("https://chatgpt.com/").fresh);
    let hidden = private("https://chatgpt.com/?model=x&temporary-chat=true");
    assert!(hidden.private && !hidden.fresh);
    assert!(page("", "https://claude.ai/new?incognito").private);
}

#[test]
fn accounts_are_told_apart_and_never_named() {
    let (mut reader, _) = reader_of(CLAUDE);
    let mut see = |account: Option<&str>| {
        let account = account.map(str::to_owned);
        reader.read(AT, &PageFlush { account, ..PageFlush::default() }).account.0
    };
    assert_eq!(see(None), "");
    let one = see(Some("org-1"));
    assert_eq!((one.len(), one.contains("org")), (16, false));
    assert_eq!(see(None), one, "nothing said is nothing changed");
    assert_ne!(see(Some("org-2")), one);
    assert_eq!(see(Some("")), "");
}

#[test]
fn the_composer_is_read_line_by_line() {
    for (html, wanted) in [
        ("<p><br></p>", ""),
        ("<p>a</p><p>b<br></p><p></p><p>c</p>", "a\nb\n\nc"),
        ("a<div>b</div><div><br></div><div>c</div>", "a\nb\n\nc"),
        ("<p>a<br>b<br><br class=ProseMirror-trailingBreak></p>", "a\nb\n"),
        ("\n <p>a  b</p>\n <ul><li>c</li><li>d</li></ul>\n", "a  b\nc\nd"),
        ("<p><span>a</span><b>b</b></p>", "ab"),
    ] {
        let html = format!("<div data-testid=chat-input contenteditable>{html}</div>");
        assert_eq!(page(&html, CLAUDE).composer.text, wanted, "{html}");
    }
    let field = "<form data-chatgpt-composer><textarea>a\nb</textarea></form>";
    let composer = page(field, CHATGPT).composer;
    assert_eq!((composer.text.as_str(), composer.method), ("a\nb", Some(FillMethod::Value)));
}

/// Looks that no page would give: numbers that repeat, orders of nothing, trees of anything.
#[test]
fn odd_looks_are_read_without_a_panic() {
    for (path, html) in pages::saved() {
        let url = pages::expected(&path)["url"].as_str().unwrap().to_owned();
        let site = site_of(&html, &url);
        let whole = look(&site.plan(), &html, &url);
        for seed in 0..12 {
            let mut chance = Chance::new(seed);
            let mut reader = Reader::new(site);
            for step in 0..6 {
                let mut flush = whole.clone();
                flush.url = [url.as_str(), site.fresh_url, "", "x:", CHATGPT][at(&mut chance, 5)]
                    .to_owned();
                flush.order = chance
                    .percent(70)
                    .then(|| (0..chance.below(9)).map(|_| chance.below(6)).collect());
                flush.turns =
                    flush.turns.into_iter().map(|(_, tree)| (chance.below(6), tree)).collect();
                for (_, tree) in &mut flush.turns {
                    spoil(tree, &mut chance);
                }
                for view in flush.slots.values_mut() {
                    view.rank = at(&mut chance, 4);
                    view.nodes.iter_mut().for_each(|node| spoil(node, &mut chance));
                }
                let reading = reader.read(Moment(step * chance.below(9_000)), &flush);
                assert!(reading.mounted.len() <= 18, "an element is one exchange at most");
            }
        }
    }
}

fn at(chance: &mut Chance, below: u64) -> usize {
    usize::try_from(chance.below(below)).unwrap()
}

/// Changes, moves and removes things in a tree.
fn spoil(node: &mut Node, chance: &mut Chance) {
    let Node::Element(element) = node else { return };
    if chance.percent(5) {
        *node = Node::Text("x".to_owned());
        return;
    }
    if chance.percent(5) {
        element.tag = ["p", "li", "table", "button", "", "pre"][at(chance, 6)].to_owned();
    }
    for (_, value) in &mut element.attrs {
        if chance.percent(95) {
            continue;
        }
        *value = ["", "-1", "4294967295", "99999999999", "busy", "é"][at(chance, 6)].to_owned();
    }
    if chance.percent(5) && !element.children.is_empty() {
        element.children.remove(0);
    }
    element.children.iter_mut().for_each(|child| spoil(child, chance));
}

#[test]
fn an_answer_that_a_page_takes_back_is_kept_and_was_cut_short() {
    let url = "http://192.168.0.7:8080/#/chat/6f0c1d2e-3a4b-4c5d-8e6f-7a8b9c0d1e2f";
    let busy = include_str!("../../pages/llamacpp-2026-11/busy.html");
    let answer = busy.find("<div><div role=\"group\" aria-label=\"Assistant").unwrap();
    let rest = busy.find("<div class=\"conversation-chat-form\"").unwrap();
    let gone = format!("{}{}", &busy[..answer], &busy[rest..]);
    let site = site_of(busy, url);
    let mut reader = Reader::new(site);
    let streaming = reader.read(AT, &look(&site.plan(), busy, url)).changed.pop().unwrap();
    assert_eq!(streaming.state, TurnState::Streaming);
    let kept = reader.read(AT, &look(&site.plan(), &gone, url)).changed.pop().unwrap();
    assert_eq!((&kept.key, &kept.markdown), (&streaming.key, &streaming.markdown));
    assert_eq!(kept.state, TurnState::Vanished);
}
