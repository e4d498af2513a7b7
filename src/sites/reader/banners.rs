//! The site's own messages: attribute signals first, English texts second, prose never.

use super::table::gather;
use crate::base::order::sort_by;
use crate::base::text;
use crate::sites::css::Selector;
use crate::sites::{Site, Text};
use crate::wire::chat::{Banner, BannerClass};
use crate::wire::page::{Element, Node, SlotView};

/// Characters kept of a banner's text.
const TEXT_CHARS: usize = 300;
/// Banners kept; pages show one or two.
const COUNT: usize = 12;

/// The compiled half of a site's banner table.
#[derive(Debug)]
pub(super) struct Rules {
    site: &'static Site,
    signals: Vec<(Selector, &'static crate::sites::Signal)>,
    only_known: Option<Selector>,
}

/// A banner, and whether it says that the answer it stands at has ended.
pub(super) struct Known {
    pub(super) banner: Banner,
    pub(super) ends_turn: bool,
}

impl Rules {
    pub(super) fn of(site: &'static Site) -> Self {
        let signals = site.banners.signals.iter();
        Self {
            site,
            signals: signals
                .filter_map(|signal| Some((Selector::parse(signal.css).ok()?, signal)))
                .collect(),
            only_known: Selector::parse(site.banners.only_known).ok(),
        }
    }

    /// The banners now shown, most serious first, each said once.
    pub(super) fn read(&self, view: &SlotView) -> Vec<Known> {
        let elements = view.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        });
        let mut all: Vec<Known> = elements.filter_map(|element| self.one(element)).collect();
        let rank = |known: &Known| (known.banner.class, known.banner.text.is_empty());
        sort_by(&mut all, |a, b| rank(a).cmp(&rank(b)));
        let mut kept: Vec<Known> = Vec::new();
        for known in all {
            // A banner's frame and its inner element both match: the same words count once.
            let said = kept.iter().any(|k| {
                k.banner.text.contains(&known.banner.text)
                    || (known.banner.text.contains(&k.banner.text) && !k.banner.text.is_empty())
            });
            if !said && kept.len() < COUNT {
                kept.push(known);
            }
        }
        kept
    }

    fn one(&self, element: &Element) -> Option<Known> {
        let mut raw = String::new();
        gather(element, &mut raw, &is_control);
        let line = text::one_line(&raw);
        let signal = |weak: bool| {
            self.signals.iter().find(|(css, s)| s.weak == weak && css.find_first(element).is_some())
        };
        let by_text = self.by_text(&line);
        let from_signal = |(_, signal): &(Selector, &crate::sites::Signal)| {
            (signal.class, signal.css.to_owned(), signal.ends_turn)
        };
        let from_text = |text: &'static Text| (text.class, text.all.join(" … "), text.ends_turn);
        let (class, signal, ends_turn) = signal(false)
            .map(from_signal)
            .or_else(|| by_text.map(from_text))
            .or_else(|| signal(true).map(from_signal))
            .unwrap_or((BannerClass::Unknown, String::new(), false));
        let must_be_known = self.only_known.as_ref().is_some_and(|css| css.matches(element));
        if class == BannerClass::Unknown && (must_be_known || line.is_empty()) {
            return None;
        }
        let ends_turn = ends_turn || by_text.is_some_and(|text| text.ends_turn);
        let banner = Banner { class, text: text::clip(&line, TEXT_CHARS), signal };
        Some(Known { banner, ends_turn })
    }

    fn by_text(&self, line: &str) -> Option<&'static Text> {
        let plain = text::lower(&line.replace(['\u{2018}', '\u{2019}'], "'"));
        let mut texts = self.site.banners.texts.iter();
        texts.find(|text| text.all.iter().all(|part| plain.contains(part)))
    }
}

/// Buttons and pictures are no part of what a banner says.
fn is_control(element: &Element) -> bool {
    matches!(element.tag.as_str(), "button" | "svg" | "input" | "select")
        || element.attr("role") == Some("button")
}
