//! A person points at what SHIM misreads in a page that nobody listed, in a real browser.
//!
//! `cargo xtask test` runs them once a browser and sets what they need; `SHIM_BROWSER` names it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that panics is a test that fails, which is what it is for"
)]

#[path = "pointing/pages.rs"]
mod pages;
mod shared;

use pages::{CHAT, IN_THERE, NESTED};
use serde_json::json;
use shared::kind;
use shim::base::origin;
use shim::view::{pointing, texts};
use shim::wire::point::Part;
use shim::wire::rows::SiteRows;
use shim::wire::ui::{Answer, Ask, Status};
use shim_webdriver::browser::{Browser, Done, Kind, Options, until};
use shim_webdriver::stored::Held;
use thirtyfour::{By, Key, WindowHandle};

/// A host that no table names.
const HOST: &str = "beans.example.org";
const PAGE: &str = "http://beans.example.org/";
const PATTERN: &str = "http://beans.example.org/*";
/// What a page may say of its scripts: this one forbids WebAssembly.
const STRICT: &str = "script-src 'unsafe-inline'";

/// The browser on the chat, with the place given.
struct Chat {
    browser: Browser,
    tab: WindowHandle,
}

impl Chat {
    /// `dark`: the page has a dark ground.
    async fn start(csp: Option<&'static str>, dark: bool) -> Done<Self> {
        let ground = if dark { "background: #16181c; color: #eee;" } else { "" };
        Self::on(CHAT.replace("BODY", ground), csp).await
    }

    /// On this page.
    async fn on(page: String, csp: Option<&'static str>) -> Done<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let app = axum::Router::new().fallback(move || async move {
            let mut answer =
                axum::response::IntoResponse::into_response(axum::response::Html(page));
            if let Some(csp) = csp {
                let value = axum::http::HeaderValue::from_static(csp);
                answer.headers_mut().insert("content-security-policy", value);
            }
            answer
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        let mut how = Options::from_env(kind(), port)?;
        how.hosts.push((HOST.to_owned(), port));
        how.granted.push(PATTERN.to_owned());
        let browser = Browser::start(&how).await?;
        let tab = browser.open(PAGE).await?;
        Ok(Self { browser, tab })
    }

    async fn say(&self, text: &str) -> Done<()> {
        self.browser.show(&self.tab).await?;
        let driver = &self.browser.driver;
        driver.find(By::Css(".entry-text")).await?.send_keys(text).await?;
        driver.find(By::Css(".arrow-up")).await?.click().await?;
        until("the answer in the page", async || {
            let answers = driver.find_all(By::Css(".f4g5h6 p")).await?;
            let Some(last) = answers.last() else { return Ok(None) };
            let wanted = format!("You said: {text} That is all.");
            Ok((last.text().await? == wanted).then_some(()))
        })
        .await
    }

    /// The popup as it opens over the chat's tab, with what it says of the page's rows unfolded.
    async fn popup(&self) -> Done<()> {
        let browser = &self.browser;
        let script = "const [url, done] = arguments; chrome.tabs.query({ url }) \
            .then(([{ id }]) => done(id), (why) => done(String(why)));";
        let tab = browser.in_inspector(script, vec![PATTERN.into()]).await?;
        browser.show_inspector().await?;
        let address = format!("{}popup.html?tab={tab}&url={PAGE}", browser.pages);
        until("the popup", async || {
            browser.driver.goto(address.as_str()).await?;
            Ok((browser.driver.current_url().await?.as_str() == address).then_some(()))
        })
        .await?;
        self.click("[data-testid=rows] > summary").await
    }

    async fn click(&self, css: &str) -> Done<()> {
        until(&format!("{css} to click on"), async || {
            for element in self.browser.driver.find_all(By::Css(css)).await? {
                if element.is_displayed().await? {
                    element.click().await?;
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
        .await
    }

    async fn notice(&self, wanted: &str) -> Done<()> {
        until(&format!("the notice {wanted:?}"), async || {
            let notice = self.browser.driver.find(By::Css("[data-testid=notice] p")).await?;
            let said = notice.text().await?;
            if said.contains(wanted) { Ok(Some(())) } else { Err(said.into()) }
        })
        .await
    }

    /// Chooses in the popup what to point at, and goes to the page.
    async fn choose(&self, part: Part) -> Done<()> {
        self.popup().await?;
        self.click(&format!("[data-testid=point][data-part={}]", part.slot())).await?;
        self.notice(texts::POINT_NOW).await?;
        self.browser.show(&self.tab).await?;
        self.told(&pointing::ask(part).text).await
    }

    async fn told(&self, wanted: &str) -> Done<()> {
        until(&format!("the page to say {wanted:?}"), async || {
            let said = self.browser.pointing().await?.unwrap_or_default();
            if said.contains(wanted) { Ok(Some(())) } else { Err(said.into()) }
        })
        .await
    }

    /// A real click of the pointer, on whatever lies there.
    async fn point_at(&self, css: &str) -> Done<()> {
        let driver = &self.browser.driver;
        let element = driver.find(By::Css(css)).await?;
        Ok(driver.action_chain().move_to_element_center(&element).click().perform().await?)
    }

    /// How many presses and clicks of a person reached the page.
    async fn clicks(&self) -> Done<u64> {
        let count = self.browser.driver.execute("return document.clicks;", Vec::new()).await?;
        Ok(count.json().as_u64().unwrap())
    }

    async fn status(&self) -> Done<Status> {
        match self.browser.ask(&Ask::Status).await? {
            Answer::Status(status) => Ok(*status),
            other => Err(format!("{other:?}").into()),
        }
    }

    async fn rows(&self) -> Done<Option<SiteRows>> {
        Ok(self.status().await?.settings.rows.get(origin::of(PAGE).unwrap()).cloned())
    }

    /// Waits until the turns of a chat are stored that was read by the table of this name.
    async fn stored(&self, table: &str, wanted: &[(&str, &str)]) -> Done<()> {
        let label = format!("{table}@{HOST}");
        until(&format!("the turns of {label}"), async || {
            let held = Held::of(&self.browser.dump().await?);
            let session =
                held.sessions.iter().find(|session| session.head["site"] == label.as_str());
            let turns = session.map(|session| &session.turns[..]).unwrap_or_default();
            let turns: Vec<_> = turns.iter().map(|held| &held.turn).collect();
            let said: Vec<_> =
                turns.iter().map(|turn| (json!(turn.role), turn.markdown.trim())).collect();
            let whole = said.len() == wanted.len();
            let right = said
                .iter()
                .zip(wanted)
                .all(|(is, should)| is.0 == json!(should.0) && is.1 == should.1);
            if whole && right { Ok(Some(())) } else { Err(format!("{said:?}").into()) }
        })
        .await
    }
}

const FIRST: &str = "How long do I soak beans?";
const SECOND: &str = "And lentils?";

fn answer(text: &str) -> String {
    format!("You said: {text} That is all.")
}

/// Points at a message of each side, and sees that all of both are stored then.
async fn point_at_both(chat: &Chat) -> Done<()> {
    chat.say(FIRST).await?;
    // By its shape the notes are the chat.
    let notes = (1..5)
        .flat_map(|n| [("user", format!("Note {n}")), ("assistant", format!("Filed under {n}"))]);
    let notes: Vec<_> = notes.collect();
    let notes: Vec<_> = notes.iter().map(|(role, text)| (*role, &**text)).collect();
    chat.stored("shape", &notes).await?;
    chat.choose(Part::User).await?;
    let before = chat.clicks().await?;
    chat.point_at(".c1d2e3 p").await?;
    chat.told("Click on one of the answers").await?;
    chat.point_at(".f4g5h6 p").await?;
    chat.told(&pointing::understood(Part::Assistant, (1, 1)).text).await?;
    assert_eq!(chat.clicks().await?, before, "no click of pointing reaches the page");
    chat.browser.end_pointing().await?;
    assert_eq!(chat.browser.pointing().await?, None);
    chat.say(SECOND).await?;
    let (first, second) = (answer(FIRST), answer(SECOND));
    let wanted = [("user", FIRST), ("assistant", &first), ("user", SECOND), ("assistant", &second)];
    chat.stored("pointed", &wanted).await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_points_at_a_message_of_each_side_has_the_chat_read_right() -> Done<()> {
    let chat = Chat::start(None, false).await?;
    point_at_both(&chat).await?;
    assert!(chat.rows().await?.is_some_and(|rows| rows.by_hand));
    // The field and what sends are pointed at as well, and Escape leaves it.
    chat.choose(Part::Send).await?;
    chat.point_at(".arrow-up").await?;
    chat.told(&pointing::understood(Part::Send, (0, 0)).text).await?;
    let rows = chat.rows().await?.expect("rows");
    assert_eq!(rows.row("send").unwrap().css, ["[class~=\"arrow-up\"]"]);
    chat.choose(Part::Composer).await?;
    chat.browser.driver.action_chain().send_keys(Key::Escape).perform().await?;
    until("the pointing to end", async || {
        Ok(chat.browser.pointing().await?.is_none().then_some(()))
    })
    .await?;
    assert_eq!(chat.rows().await?, Some(rows));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_where_the_engine_runs_in_the_background() -> Done<()> {
    let chat = Chat::start(Some(STRICT), true).await?;
    point_at_both(&chat).await?;
    let refused = !chat.status().await?.settings.refused.is_empty();
    assert_eq!(refused, kind() == Kind::Chromium, "only Chromium asks the page's policy");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_can_neither_point_nor_end_it() -> Done<()> {
    let chat = Chat::start(None, false).await?;
    chat.say(FIRST).await?;
    until("rows by shape", async || Ok(chat.rows().await?.map(drop))).await?;
    let before = chat.rows().await?;
    chat.choose(Part::User).await?;
    let forge = "const host = document.querySelector('shim-pick'); \
        for (const at of [host, document.body, document.querySelector('.c1d2e3 p'), window]) { \
          for (const type of ['pointerdown', 'mousedown', 'mouseup', 'click']) { \
            at.dispatchEvent(new MouseEvent(type, { bubbles: true, composed: true, detail: 1, \
              clientX: 600, clientY: 60 })); } \
          at.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })); } \
        host.click(); return host.shadowRoot === null;";
    let closed = chat.browser.driver.execute(forge, Vec::new()).await?;
    assert_eq!(closed.json(), &json!(true));
    // It still waits for a person, who then decides.
    chat.told(&pointing::ask(Part::User).text).await?;
    assert_eq!(chat.rows().await?, before);
    chat.point_at(".c1d2e3 p").await?;
    chat.told("Click on one of the answers").await
}

const TEXT: &str = "[data-testid=rows-text]";

/// Writes into the box with the rows, as a person who pastes there does.
async fn paste(chat: &Chat, text: &str) -> Done<()> {
    let script = "const [css, text] = arguments, box = document.querySelector(css); \
        box.value = text; box.dispatchEvent(new Event('input', { bubbles: true }));";
    chat.browser.driver.execute(script, vec![TEXT.into(), text.into()]).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_copied_changed_put_in_and_taken_away() -> Done<()> {
    let chat = Chat::start(None, false).await?;
    chat.say(FIRST).await?;
    until("rows by shape", async || Ok(chat.rows().await?.map(drop))).await?;
    let by_shape = chat.rows().await?.expect("rows");
    chat.popup().await?;
    chat.click("[data-testid=rows-as-text]").await?;
    let text = until("the rows as text", async || {
        let field = chat.browser.driver.find(By::Css(TEXT)).await?;
        Ok(field.prop("value").await?.filter(|text| !text.is_empty()))
    })
    .await?;
    assert_eq!(serde_json::from_str::<SiteRows>(&text)?, by_shape, "what is shown is what is used");
    for (bad, why) in [("{", "no rows"), ("{\"name\":\"mine\"}", "add a row \"turn\"")] {
        paste(&chat, bad).await?;
        chat.click("[data-testid=rows-use]").await?;
        chat.notice(why).await?;
        assert_eq!(chat.rows().await?.as_ref(), Some(&by_shape));
    }
    let good = json!({ "name": "mine", "keyless": true, "rows": [
        { "slot": "turn", "css": [".b7f0aa, .d9e1bb"], "scope": "page", "expect": "many" },
        { "slot": "composer", "css": [".entry-text"], "scope": "page", "expect": "one" },
        { "slot": "user", "css": [".c1d2e3"] }, { "slot": "user_text", "css": ["p"] },
        { "slot": "assistant", "css": [".f4g5h6"] }, { "slot": "prose", "css": ["p"] },
    ] });
    paste(&chat, &good.to_string()).await?;
    chat.click("[data-testid=rows-use]").await?;
    chat.notice(texts::ROWS_USED).await?;
    let said = answer(FIRST);
    chat.stored("mine", &[("user", FIRST), ("assistant", &said)]).await?;
    chat.click("[data-testid=rows-forget]").await?;
    chat.notice(texts::ROWS_GONE).await?;
    until("the shape to be looked at again", async || {
        Ok((chat.rows().await?.as_ref() == Some(&by_shape)).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_person_that_fit_no_more_are_told_and_looked_at_anew_by_a_click() -> Done<()> {
    let chat = Chat::start(None, false).await?;
    chat.say(FIRST).await?;
    until("rows by shape", async || Ok(chat.rows().await?.map(drop))).await?;
    let by_shape = chat.rows().await?.expect("rows");
    let stale = json!({ "name": "mine", "rows": [
        { "slot": "turn", "css": [".once"], "scope": "page", "expect": "many" },
        { "slot": "user", "css": [".asks"] }, { "slot": "assistant", "css": [".tells"] },
    ] });
    chat.popup().await?;
    chat.click("[data-testid=rows-as-text]").await?;
    paste(&chat, &stale.to_string()).await?;
    chat.click("[data-testid=rows-use]").await?;
    chat.notice(texts::ROWS_USED).await?;
    chat.say(SECOND).await?;
    until("the misfit to be noted", async || {
        Ok((chat.status().await?.settings.misfit.len() == 1).then_some(()))
    })
    .await?;
    assert!(chat.rows().await?.is_some_and(|rows| rows.by_hand), "never replaced silently");
    chat.popup().await?;
    let said = chat.browser.driver.find(By::Css("[data-testid=rows] > p")).await?.text().await?;
    assert_eq!(said, texts::ROWS_MISFIT);
    chat.click("[data-testid=rows-anew]").await?;
    chat.notice(texts::ROWS_GONE).await?;
    until("the shape to be looked at again", async || {
        let rows = chat.rows().await?;
        Ok(rows.filter(|rows| !rows.by_hand && rows.rows == by_shape.rows).map(drop))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_scrolls_in_a_shadow_root_in_a_frame_can_be_pointed_at() -> Done<()> {
    let chat = Chat::on(NESTED.to_owned(), None).await?;
    let driver = &chat.browser.driver;
    let there = async |css: &str| -> Done<(i64, i64, i64)> {
        let found = driver.execute(IN_THERE, vec![css.into()]).await?;
        Ok(serde_json::from_value(found.json().clone())?)
    };
    chat.choose(Part::User).await?;
    let (x, y, before) = there(".b7f0aa p").await?;
    chat.browser.turn_wheel((x, y), 150).await?;
    until("the list to be scrolled", async || {
        let (.., now) = there(".b7f0aa p").await?;
        Ok((now > before).then_some(()))
    })
    .await?;
    let (x, y, _) = there(".b7f0aa p").await?;
    driver.action_chain().move_to(x, y).click().perform().await?;
    chat.told(&pointing::ask(Part::Assistant).text).await?;
    // The background may end while a person thinks.
    chat.browser.kill_worker().await?;
    chat.browser.show(&chat.tab).await?;
    let (x, y, _) = there(".d9e1bb p").await?;
    driver.action_chain().move_to(x, y).click().perform().await?;
    chat.told(&pointing::understood(Part::Assistant, (8, 8)).text).await?;
    let rows = chat.rows().await?.expect("rows");
    assert!(rows.by_hand);
    Ok(())
}
