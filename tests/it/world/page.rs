//! A chat page of the simulator: it makes the trees that the eyes would send of claude.ai.

use shim::wire::page::{Element, Node, PageFlush, SlotView};
use std::collections::BTreeMap;

/// One exchange on the page.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub id: String,
    pub user: String,
    pub answer: String,
    pub done: bool,
    /// This page sent the message, and is told the answer as it comes.
    pub mine: bool,
}

/// A page as a person sees it.
#[derive(Clone, Debug, Default)]
pub struct Page {
    pub chat: Option<String>,
    pub exchanges: Vec<Exchange>,
    pub composer: String,
    pub seq: u64,
    /// Each turn as it was last told, by its number: its key, its length, whether it had ended.
    pub told: BTreeMap<u64, (String, usize, bool)>,
}

impl Page {
    /// A message is sent: a fresh chat gets its URL now.
    pub fn send(&mut self, text: String, id: String) {
        self.chat.get_or_insert_with(|| format!("00000000-0000-4000-8000-{id:0>12}"));
        self.composer.clear();
        self.exchanges.push(Exchange {
            id,
            user: text,
            answer: String::new(),
            done: false,
            mine: true,
        });
    }

    pub fn streaming(&mut self) -> Option<&mut Exchange> {
        self.exchanges.last_mut().filter(|exchange| !exchange.done)
    }

    /// What the eyes send: everything at a first look, then what changed.
    pub fn flush(&mut self) -> PageFlush {
        self.seq += 1;
        let mut order = Vec::new();
        let mut turns = Vec::new();
        for (at, exchange) in self.exchanges.iter().enumerate() {
            let number = at as u64 * 2 + 1;
            let asked = (exchange.id.clone(), exchange.user.len(), true);
            order.push(number);
            if self.told.insert(number, asked.clone()) != Some(asked) {
                turns.push((number, row(at * 2, user(exchange))));
            }
            if !exchange.answer.is_empty() || exchange.done {
                let answered = (exchange.id.clone(), exchange.answer.len(), exchange.done);
                order.push(number + 1);
                if self.told.insert(number + 1, answered.clone()) != Some(answered) {
                    turns.push((number + 1, row(at * 2 + 1, assistant(exchange))));
                }
            }
        }
        PageFlush {
            seq: self.seq,
            url: self.url(),
            title: "A simulated chat - Claude".into(),
            hidden: false,
            zone_min: Some(0),
            account: None,
            slots: self.slots(),
            order: Some(order),
            turns,
            stopped: false,
        }
    }

    pub fn url(&self) -> String {
        let path = self.chat.as_ref().map_or("new".into(), |chat| format!("chat/{chat}"));
        format!("https://claude.ai/{path}")
    }

    /// The eyes forget what they told: somebody new listens.
    pub fn forget(&mut self) {
        self.told.clear();
    }

    fn slots(&mut self) -> BTreeMap<String, SlotView> {
        let composer = element(
            "div",
            &[("data-testid", "chat-input"), ("contenteditable", "true"), (":kind", "blocks")],
            self.composer
                .split('\n')
                .map(|line| element("p", &[], vec![Node::Text(line.to_owned())]))
                .collect(),
        );
        let busy = self.streaming().is_some();
        let stop = element("button", &[("data-testid", "chat-input-stop")], vec![]);
        let send = element("button", &[("data-testid", "chat-input-send")], vec![]);
        let one = |node: Node| SlotView { rank: 0, nodes: vec![node] };
        let mut slots = BTreeMap::from([("composer".to_owned(), one(composer))]);
        slots.insert("stop".into(), if busy { one(stop) } else { SlotView::default() });
        slots.insert("send".into(), if busy { SlotView::default() } else { one(send) });
        slots
    }
}

fn element(tag: &str, attrs: &[(&str, &str)], children: Vec<Node>) -> Node {
    let attrs = attrs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    Node::Element(Element { tag: tag.into(), attrs, children })
}

fn row(index: usize, child: Node) -> Node {
    let (role, index) =
        (if index.is_multiple_of(2) { "human" } else { "assistant" }, index.to_string());
    let attrs = [
        ("data-testid", "transcript-row"),
        ("data-perf-row", role),
        ("data-index", index.as_str()),
    ];
    element("div", &attrs, vec![element("div", &[("role", "article")], vec![child])])
}

fn user(exchange: &Exchange) -> Node {
    let lines = exchange.user.split('\n');
    let text = lines.map(|l| element("p", &[], vec![Node::Text(l.to_owned())])).collect();
    let message = element("div", &[("data-testid", "user-message")], text);
    let attrs = [("data-cds", "UserMessage"), ("data-turn-key", exchange.id.as_str())];
    element("div", &attrs, vec![message])
}

fn assistant(exchange: &Exchange) -> Node {
    let paragraph = element("p", &[], vec![Node::Text(exchange.answer.clone())]);
    let prose = element("div", &[("data-perf-reply-text", "")], vec![paragraph]);
    let key = format!("{}-hub-reply", exchange.id);
    let streaming = if exchange.done { "false" } else { "true" };
    let attrs = [
        ("data-testid", "assistant-message"),
        ("data-cds", "AssistantMessage"),
        ("data-turn-key", key.as_str()),
        ("data-is-streaming", streaming),
    ];
    element("div", &attrs, vec![prose])
}
