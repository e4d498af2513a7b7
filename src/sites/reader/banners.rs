//! The site's own messages: attribute signals first, English texts second, prose never.

use super::resets;
use super::table::gather;
use crate::base::order::sort_by;
use crate::base::{Moment, text};
use crate::sites::css::Selector;
use crate::sites::{Site, Text};
use crate::wire::chat::{Banner, BannerClass, TurnState};
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
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) banner: Banner,
    pub(super) ends_turn: bool,
}

/// When and where a banner is read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Clock {
    pub(super) at: Moment,
    pub(super) zone_min: Option<i32>,
}

/// How the answer ended that these banners say has ended: with an error, or as a person wished.
pub(super) fn ended(all: &[Known]) -> Option<TurnState> {
    let first = all.iter().filter(|known| known.ends_turn).map(|known| known.banner.class).min()?;
    Some(if first <= BannerClass::Limit { TurnState::Dropped } else { TurnState::Stopped })
}

/// Banners, most serious first, each said once.
pub(super) fn ordered(mut all: Vec<Known>) -> Vec<Known> {
    let rank = |known: &Known| (known.banner.class, known.banner.text.is_empty());
    sort_by(&mut all, |a, b| rank(a).cmp(&rank(b)));
    let mut kept: Vec<Known> = Vec::new();
    for known in all {
        // A banner's frame and its inner element both match: the same words count once.
        let room = kept.len() < COUNT;
        let said = kept.iter_mut().find(|k| {
            k.banner.text.contains(&known.banner.text)
                || (known.banner.text.contains(&k.banner.text) && !k.banner.text.is_empty())
        });
        match said {
            Some(k) => k.ends_turn |= known.ends_turn,
            None if room => kept.push(known),
            None => {}
        }
    }
    kept
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

    /// The banners of one slot.
    pub(super) fn read(&self, view: &SlotView, clock: Clock) -> Vec<Known> {
        let elements = view.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        });
        elements.filter_map(|element| self.one(element, clock)).collect()
    }

    /// What one element says.
    pub(super) fn one(&self, element: &Element, clock: Clock) -> Option<Known> {
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
            .or_else(|| signal(true).filter(|_| !line.is_empty()).map(from_signal))
            .unwrap_or((BannerClass::Unknown, String::new(), false));
        let must_be_known = self.only_known.as_ref().is_some_and(|css| css.matches(element));
        if class == BannerClass::Unknown && (must_be_known || line.is_empty()) {
            return None;
        }
        let ends_turn = ends_turn || by_text.is_some_and(|text| text.ends_turn);
        let banner = Banner {
            class,
            text: text::clip(&line, TEXT_CHARS),
            signal,
            resets_at: match class {
                BannerClass::Limit | BannerClass::LimitAhead => resets_at(element, &line, clock),
                _ => None,
            },
            left_percent: match class {
                BannerClass::LimitAhead => resets::left_percent(&line),
                _ => None,
            },
        };
        Some(Known { banner, ends_turn })
    }

    fn by_text(&self, line: &str) -> Option<&'static Text> {
        let plain = text::lower(&line.replace(['\u{2018}', '\u{2019}'], "'"));
        let mut texts = self.site.banners.texts.iter();
        texts.find(|text| text.all.iter().all(|part| plain.contains(part)))
    }
}

/// When a limit ends: by a moment that the page holds for machines, else by what it says.
fn resets_at(element: &Element, line: &str, clock: Clock) -> Option<Moment> {
    let stamp = Selector::parse("time[datetime]")
        .ok()
        .and_then(|css| resets::stamp(css.find_first(element)?.attr("datetime")?));
    stamp.or_else(|| resets::moment(line, clock.at, clock.zone_min))
}

/// Buttons and pictures are no part of what a banner says.
fn is_control(element: &Element) -> bool {
    matches!(element.tag.as_str(), "button" | "svg" | "input" | "select")
        || element.attr("role") == Some("button")
}
