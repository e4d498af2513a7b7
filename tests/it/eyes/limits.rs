//! When a limit ends, from what a banner says.

use super::{AT, look, reader_of};
use shim::base::Moment;
use shim::wire::chat::{Banner, BannerClass};
use shim::wire::page::PageFlush;

/// Moments are told from 2027-01-15T08:00:00Z on, a Friday.
const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// The banner that a page of Claude shows with this in it, on a clock so far ahead of UTC.
fn banner(html: &str, zone_min: i32) -> Banner {
    let url = "https://claude.ai/chat/c0ffee00-1234-4abc-8def-0123456789ab";
    let (mut reader, plan) = reader_of(url);
    let page = format!("<div role=dialog><p id=rate-limit-risk-reversal>{html}</p></div>");
    let flush = PageFlush { zone_min: Some(zone_min), ..look(&plan, &page, url) };
    reader.read(AT, &flush).banners.remove(0)
}

/// How long after the moment of the test the limit ends.
fn wait(html: &str, zone_min: i32) -> Option<u64> {
    banner(html, zone_min).resets_at.map(|Moment(ms)| ms - AT.0)
}

#[test]
fn a_time_of_day_is_the_next_one_on_the_page_s_clock() {
    for (said, zone_min, wanted) in [
        ("You\u{2019}ve hit your limit. Limits will reset at 9:30 AM.", 0, 90 * MINUTE),
        ("Limits will reset at 9:30 AM. For more, explore our plans.", 60, 30 * MINUTE),
        ("Limits will reset at 9:30 AM.", 120, 23 * HOUR + 30 * MINUTE),
        ("Limits will reset at 1:00 AM", -480, HOUR),
        ("resets 9 PM", 0, 13 * HOUR),
        ("resets at 12:00 AM", 0, 16 * HOUR),
        ("resets at 12 p.m.", 0, 4 * HOUR),
        ("Try again after 8:00 a.m.", 0, 0),
        ("available again at 21:15", 0, 13 * HOUR + 15 * MINUTE),
        ("Das Limit endet um 21:15 Uhr", 0, 13 * HOUR + 15 * MINUTE),
        ("\u{c624}\u{d6c4} 9:30\u{c5d0} \u{c7ac}\u{c124}\u{c815}", 540, 4 * HOUR + 30 * MINUTE),
        ("resets at 9:30 AM UTC", 345, 90 * MINUTE),
        ("resets at 9:30 AM (UTC+2)", 0, 23 * HOUR + 30 * MINUTE),
        ("resets at 3:00 AM PST", 0, 3 * HOUR),
    ] {
        assert_eq!(wait(said, zone_min), Some(wanted), "{said}");
    }
}

#[test]
fn a_date_a_weekday_and_a_while_are_understood() {
    for (said, wanted) in [
        // 2027-05-09T19:55Z is 114 days, 11 hours and 55 minutes on.
        ("until it resets on May 9, 7:55 PM.", 114 * DAY + 11 * HOUR + 55 * MINUTE),
        ("resets on 9 May at 19:55", 114 * DAY + 11 * HOUR + 55 * MINUTE),
        ("resets January 20", 4 * DAY + 16 * HOUR),
        ("resets tomorrow at 7:00 AM", 23 * HOUR),
        ("resets Monday, 8:00 AM", 3 * DAY),
        ("resets Fri 7:59 AM", 7 * DAY - MINUTE),
        ("Resets in 3 hours 20 minutes", 200 * MINUTE),
        ("Please try again in 6m0s.", 6 * MINUTE),
        ("Please try again in 1.4s.", 2_000),
        ("Try again in 2 days and 4 hrs", 52 * HOUR),
        ("Limit. <time datetime=2027-01-15T12:30:00+02:00>at noon</time>", 150 * MINUTE),
        ("Limit. <time datetime=2027-01-15T08:00:09.250Z>soon</time>", 9_000),
    ] {
        assert_eq!(wait(said, 0), Some(wanted), "{said}");
    }
    // One that passed some days ago was just over; one long ago is next year's.
    let yesterday = banner("resets Jan 14", 0).resets_at;
    assert_eq!(yesterday, Some(Moment(AT.0 - 32 * HOUR)));
}

#[test]
fn what_is_not_certain_is_no_moment() {
    for said in [
        "You have hit your limit.",
        "Limits will reset soon.",
        "Limits will reset at 9:30 AM PT.",
        "It is 9:30 and you have hit your limit.",
        "resets at 25:00",
        "resets at 9:75 AM",
        "resets in 99999999999999999999 hours",
        "resets on May 99",
        "Limit. <time datetime=2027-99-99T99:99>then</time>",
        "\u{2019}\u{2019} \u{1f914}:::: 1:2:3:4 am",
    ] {
        assert_eq!(banner(said, 0).resets_at, None, "{said}");
    }
}

#[test]
fn without_the_page_s_zone_a_time_of_day_is_no_moment() {
    let url = "https://claude.ai/chat/c0ffee00-1234-4abc-8def-0123456789ab";
    let resets_at = |said: &str| {
        let (mut reader, plan) = reader_of(url);
        let page = format!("<div role=dialog><p id=rate-limit-risk-reversal>{said}</p></div>");
        let flush = PageFlush { zone_min: None, ..look(&plan, &page, url) };
        reader.read(AT, &flush).banners.remove(0).resets_at
    };
    assert_eq!(resets_at("Limits will reset at 9:30 AM."), None);
    let soon = Some(Moment(AT.0 + 90 * MINUTE));
    assert_eq!(resets_at("Limits will reset at 9:30 AM UTC."), soon);
    assert_eq!(resets_at("Try again in 90 minutes."), soon);
}

#[test]
fn a_limit_that_comes_near_says_how_much_is_left() {
    let ahead = |said: &str| {
        let url = "https://claude.ai/new";
        let (mut reader, plan) = reader_of(url);
        let page = format!("<div data-cds=ChatComposerNotices><div>{said}</div></div>");
        let banner = reader.read(AT, &look(&plan, &page, url)).banners.remove(0);
        (banner.class, banner.left_percent, banner.resets_at.is_some())
    };
    let near = BannerClass::LimitAhead;
    for (said, wanted) in [
        ("You\u{2019}ve used 90% of your session limit", (near, Some(10), false)),
        ("Approaching your limit: 5 % left, resets at 9:30 AM", (near, Some(5), true)),
        ("You are close to your limit. 300% remain", (near, None, false)),
        ("Approaching your limit", (near, None, false)),
    ] {
        assert_eq!(ahead(said), wanted, "{said}");
    }
}

#[test]
fn a_time_of_day_stays_the_one_it_was_first_seen_before() {
    let url = "https://claude.ai/chat/c0ffee00-1234-4abc-8def-0123456789ab";
    let (mut reader, plan) = reader_of(url);
    let page = "<div role=dialog><p id=rate-limit-risk-reversal>resets at 9:30 AM</p></div>";
    let first = reader.read(AT, &look(&plan, page, url)).banners.remove(0);
    let later = Moment(AT.0 + 5 * HOUR);
    let second = reader.read(later, &PageFlush::default()).banners.remove(0);
    assert_eq!(first, second);
}
