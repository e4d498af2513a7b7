//! What the tables of many sites share: marks, addresses, places, files, refusals.

use super::{AT, look, page, site_of};
use shim::sites::{self, Evidence, reader::Reader};
use shim::wire::chat::{CallState, Place, ToolCall};
use shim::wire::page::PageFlush;

#[test]
fn an_application_that_people_host_themselves_is_known_by_its_marks() {
    for (html, name) in [
        ("<div id=chat-input-container><div id=chat-input></div></div>", "openwebui"),
        ("<div id=message-composer><textarea id=chat-input></textarea></div>", "chainlit"),
        (
            "<div data-slot=sidebar-inset><div class=conversation-chat-form>\
             <div data-slot=input-area></div></div></div>",
            "llamacpp",
        ),
        (
            "<div class=aui-thread-root><textarea class=aui-composer-input></textarea></div>",
            "assistantui",
        ),
    ] {
        assert_eq!(site_of(html, "http://192.168.0.7:8080/").name, name);
        assert!(sites::for_marks(&look(&sites::marks_plan(), html, "")).is_some());
        assert_eq!(site_of(html, "https://claude.ai/new").name, "claude", "an address goes first");
    }
    let none = look(&sites::marks_plan(), "<textarea id=chat-input></textarea>", "");
    assert!(sites::for_marks(&none).is_none());
    assert!(sites::for_marks(&PageFlush::default()).is_none());
    let words = serde_json::to_string(&look(&sites::marks_plan(), SECRET, "")).unwrap();
    assert!(!words.contains("secret"), "nothing that stands there is told: {words}");
}

#[test]
fn a_chat_s_link_has_nothing_of_query_and_fragment_but_the_chat() {
    let link = |name: &str, url: &str| sites::by_name(name).unwrap().address_of(url);
    let chat = "0f3c9f1e-1234-4abc-8def-0123456789ab";
    let in_fragment = format!("http://a:8080/?new_chat=true&q=secret#/chat/{chat}/more?x=secret");
    assert_eq!(link("llamacpp", &in_fragment), format!("http://a:8080/#/chat/{chat}"));
    assert_eq!(link("llamacpp", "http://a:8080/?q=secret#/settings/secret"), "http://a:8080/");
    let in_path = format!("https://claude.ai/chat/{chat}?q=secret#secret");
    assert_eq!(link("claude", &in_path), format!("https://claude.ai/chat/{chat}"));
    assert_eq!(link("openwebui", "http://a/c/?q=secret#/chat/secret-secret"), "http://a/c/");
}

const SECRET: &str = "<div id=message-composer><textarea id=chat-input>secret</textarea></div>";

#[test]
fn a_site_has_hosts_or_marks_and_is_granted_only_where_it_is_listed() {
    for site in sites::ALL {
        assert_ne!(site.hosts.is_empty(), site.marks.is_empty(), "{}", site.name);
        assert!(!site.granted || !site.hosts.is_empty(), "{}", site.name);
    }
    let granted = sites::ALL.iter().filter(|site| site.granted);
    let hosts: Vec<String> = granted.flat_map(|site| site.matches()).collect();
    let manifest = include_str!("../../../manifest.json");
    let manifest: serde_json::Value = serde_json::from_str(manifest).unwrap();
    assert_eq!(manifest["host_permissions"], serde_json::json!(hosts));
}

#[test]
fn addresses_name_chats_in_paths_fragments_and_parameters() {
    let id = "6f0c1d2e-3a4b-4c5d-8e6f-7a8b9c0d1e2f";
    let chat = |site: &str, url: &str| {
        let url = url.replace('$', id);
        sites::by_name(site).unwrap().chat_of(&url).map(|chat| chat.0)
    };
    for (site, url) in [
        ("openwebui", "http://a:3000/c/$"),
        ("llamacpp", "http://a:8080/#/chat/$"),
        ("llamacpp", "http://a:8080/?x=1#/chat/$"),
        ("chainlit", "http://a/thread/$"),
        ("assistantui", "http://a/?b=1&threadId=$"),
        ("gemini", "https://gemini.google.com/u/1/app/$"),
        ("gemini", "https://gemini.google.com/gem/beans/$"),
        ("grok", "https://grok.com/project/beans/c/$"),
        ("deepseek", "https://chat.deepseek.com/a/chat/s/$"),
    ] {
        assert_eq!(chat(site, url).as_deref(), Some(id), "{url}");
    }
    for (site, url) in [
        ("llamacpp", "http://a:8080/#/settings/chat"),
        ("llamacpp", "http://a:8080/chat/$"),
        ("assistantui", "http://a/?threadId=__LOCALID_abc"),
        ("aistudio", "https://aistudio.google.com/prompts/new_chat"),
        ("openwebui", "http://a:3000/c/local:$"),
    ] {
        assert_eq!(chat(site, url), None, "{url}");
    }
}

#[test]
fn the_place_of_a_chat_is_its_project_and_its_branch() {
    let place = |project: &str, branch: &str| Place {
        project: project.to_owned(),
        branch: branch.to_owned(),
    };
    let id = "6f0c1d2e-3a4b-4c5d-8e6f-7a8b9c0d1e2f";
    let url = format!("https://chatgpt.com/g/g-p-123-beans/c/{id}");
    assert_eq!(page("", &url).place, place("g-p-123-beans", ""));
    let header = "<div data-testid=chat-header><a href=/project/1><span>My beans</span></a></div>";
    assert_eq!(page(header, super::CLAUDE).place, place("My beans", ""));
    let branch = "<div class=aui-thread-root><div class=aui-assistant-message-root \
                  data-role=assistant><div class=aui-md data-status=complete>a</div>\
                  <span class=aui-branch-picker-state>2/3</span></div>\
                  <textarea class=aui-composer-input></textarea></div>";
    assert_eq!(page(branch, "http://a/").place, place("", "2/3"));
}

/// The one call that a page of llama.cpp shows with this result.
fn call(result: &str) -> ToolCall {
    let html = format!(
        "<div data-slot=sidebar-inset><div class=conversation-chat-form>\
         <div data-slot=input-area><textarea></textarea></div></div>\
         <div role=main><div role=group><div class=agentic-content>\
         <div data-slot=collapsible><button data-slot=collapsible-trigger>\
         <span class=font-mono>find</span></button><div class=pt-3>\
         <div class=code-preview-wrapper><pre>{{}}</pre></div></div><div class=pt-3>\
         <div class=overflow-auto><div class=whitespace-pre-wrap>{result}</div></div></div>\
         </div></div></div></div></div>"
    );
    let site = sites::by_name("llamacpp").unwrap();
    let flush = look(&site.plan(), &html, "http://a/");
    Reader::new(site).read(AT, &flush).changed.remove(0).calls.remove(0)
}

#[test]
fn a_result_says_that_its_call_failed_or_was_refused() {
    assert_eq!(call("page 8").state, CallState::Done);
    let failed = call("Error: no such book");
    assert_eq!((failed.state, failed.error.as_str()), (CallState::Failed, "Error: no such book"));
    assert_eq!(failed.result, "");
    let refused = call("Error: Tool execution was denied by the user.");
    assert_eq!(refused.state, CallState::Refused);
    assert!(refused.ended_at.is_some());
    let long = "denied by the user ".repeat(20);
    assert_eq!(call(&long).state, CallState::Done, "a long text only speaks of it");
}

/// A table that was only begun is no table: each has what a reader cannot do without.
fn lacking(site: &sites::Site) -> Vec<&'static str> {
    let needed = ["turn", "composer", "send", "stop", "banner", "user", "user_text", "assistant"];
    let has = |slot: &str| site.rows.iter().any(|row| row.slot == slot && !row.css.is_empty());
    let mut lacking: Vec<_> = needed.into_iter().filter(|slot| !has(slot)).collect();
    lacking.extend((!has("prose")).then_some("prose"));
    lacking.extend(site.generations.is_empty().then_some("a generation"));
    lacking.extend(site.urls.chats.is_empty().then_some("the address of a chat"));
    let begun = |row: &sites::Row| {
        let todo = row.css.iter().any(|(css, _)| css.contains("FILL"));
        let why = match row.evidence {
            Evidence::Confirmed(why) | Evidence::Unconfirmed(sites::Why::Published(why)) => why,
            Evidence::Unconfirmed(sites::Why::Guess(why)) => why,
        };
        todo || why.is_empty() || why.contains("FILL")
    };
    lacking.extend(site.rows.iter().any(begun).then_some("a row without FILL"));
    lacking
}

#[test]
fn a_table_that_was_only_begun_is_refused() {
    let begun = include_str!("../../../xtask/src/new_site.txt");
    let why = Evidence::Unconfirmed(sites::Why::Guess("FILL: who saw it, and where"));
    assert!(begun.contains("FILL: who saw it, and where"), "the rule knows how a table begins");
    let claude = sites::by_name("claude").unwrap();
    let turn = sites::Row {
        slot: "turn",
        css: &[("[data-a]", "2026-10 hub")],
        attr: "",
        expect: sites::Expect::Many,
        scope: sites::Scope::Page,
        evidence: why,
    };
    let rows: &'static [sites::Row] = vec![turn].leak();
    let site = sites::Site { rows, ..*claude };
    let said = lacking(&site);
    for slot in ["composer", "prose", "a row without FILL"] {
        assert!(said.contains(&slot), "{slot}: {said:?}");
    }
    assert!(!said.contains(&"turn"));
    for slot in ["turn", "composer", "send", "stop", "banner", "user", "assistant", "prose"] {
        assert!(begun.contains(&format!("row(\"{slot}\"")), "a new table begins without {slot}");
    }
}

#[test]
fn every_table_is_complete() {
    for site in sites::ALL {
        assert_eq!(lacking(site), [""; 0], "{}", site.name);
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pages");
        let mut pages: Vec<String> = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.starts_with(&format!("{}-", site.name)) {
                let files = std::fs::read_dir(path).unwrap();
                pages.extend(files.map(|f| f.unwrap().file_name().to_string_lossy().into_owned()));
            }
        }
        for page in ["new-chat.html", "long.html", "busy.html", "limit.html"] {
            assert!(pages.iter().any(|name| name == page), "{} has no {page}", site.name);
        }
    }
}
