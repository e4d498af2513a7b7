//! The words everyone uses: cuts never split a character, estimates are stable.

use shim::base::chance::Chance;
use shim::base::order::{Set, sort_by};
use shim::base::text::{clip, common_prefix, crc32, hash, head, lower, one_line, tail, tokens};
use shim::base::{AccountId, Class, Moment, Problem, SessionId, Span, Steady};

/// One, two, three and four bytes, and a letter made of two characters.
const WIDE: &str = "aé漢😀e\u{301}";

#[test]
fn head_and_tail_count_characters() {
    assert_eq!(head(WIDE, 0), "");
    assert_eq!(head(WIDE, 2), "aé");
    assert_eq!(head(WIDE, 4), "aé漢😀");
    assert_eq!(head(WIDE, 99), WIDE);
    assert_eq!(tail(WIDE, 0), "");
    assert_eq!(tail(WIDE, 3), "😀e\u{301}");
    assert_eq!(tail(WIDE, 99), WIDE);
    assert_eq!((head("", 3), tail("", 3)), ("", ""));
}

#[test]
fn clip_marks_the_cut_and_keeps_the_count() {
    assert_eq!(clip("漢字漢字", 4), "漢字漢字");
    assert_eq!(clip("漢字漢字", 3), "漢字…");
    assert_eq!(clip("one two three", 5), "one…");
    assert_eq!(clip("abc", 1), "…");
    assert_eq!(clip("", 0), "");
}

#[test]
fn one_line_joins_every_white_space() {
    assert_eq!(one_line("  a\n\n\tb \u{3000} c\r\n"), "a b c");
    assert_eq!(one_line(" \n "), "");
}

#[test]
fn lower_case_is_the_standard_one_in_its_scripts() {
    let scripts = ['A'..='ķ', 'Ĺ'..='ŷ', 'Ź'..='ž', 'Α'..='ώ', 'Ѐ'..='ѿ', 'ぁ'..='ヿ', '一'..='龥'];
    for c in scripts.into_iter().flatten() {
        // One capital becomes two characters, and some rare Cyrillic letters are left out.
        if c == 'İ' || ('Ѡ'..='ѿ').contains(&c) {
            continue;
        }
        assert_eq!(lower(&c.to_string()), c.to_lowercase().to_string(), "{c}");
    }
    assert_eq!(lower("Délai DÉPASSÉ, ЛИМИТ, ΌΡΙΟ 漢"), "délai dépassé, лимит, Όριο 漢");
}

#[test]
fn equal_things_keep_their_order() {
    let mut chance = Chance::new(5);
    for count in [0, 1, 2, 30, 400] {
        let mut list: Vec<(u64, usize)> = (0..count).map(|at| (chance.below(9), at)).collect();
        let mut wanted = list.clone();
        wanted.sort_by_key(|pair| pair.0);
        sort_by(&mut list, |a, b| a.0.cmp(&b.0));
        assert_eq!(list, wanted);
    }
}

#[test]
fn a_set_holds_what_it_was_made_of() {
    let set: Set<u64> = [5, 3, 9, 3, 1].into_iter().collect();
    let held: Vec<u64> = (0..12).filter(|number| set.contains(number)).collect();
    assert_eq!(held, [1, 3, 5, 9]);
    assert!(!Set::default().contains(&0));
}

#[test]
fn a_common_prefix_ends_on_a_character_of_both() {
    assert_eq!(common_prefix("abc", "abd"), 2);
    assert_eq!(common_prefix("abc", "abc"), 3);
    assert_eq!(common_prefix("", "abc"), 0);
    // 漢 and 漣 share their first two bytes; 😀 and 😁 their first three.
    assert_eq!(common_prefix("x漢", "x漣"), 1);
    assert_eq!(common_prefix("😀", "😁"), 0);
}

#[test]
fn prefixes_of_random_texts_are_common_and_longest() {
    let mut chance = Chance::new(7);
    let letters: Vec<char> = "ab漢漣😀😁é".chars().collect();
    for _ in 0..500 {
        let mut text = || -> String {
            let length = chance.below(8);
            (0..length)
                .map(|_| letters[usize::try_from(chance.below(letters.len() as u64)).unwrap()])
                .collect()
        };
        let (a, b) = (text(), text());
        let same = common_prefix(&a, &b);
        assert_eq!(a[..same], b[..same]);
        assert_ne!(
            (a[same..].chars().next(), true),
            (b[same..].chars().next(), a[same..] != b[same..])
        );
    }
}

#[test]
fn tokens_of_wide_scripts_weigh_more() {
    assert_eq!(tokens(""), 0);
    assert_eq!(tokens("abcd"), 1);
    assert_eq!(tokens("abcde"), 2);
    assert_eq!(tokens("漢字漢"), 2);
    assert_eq!(tokens(&"word ".repeat(800)), 1_000);
}

#[test]
fn hash_and_checksum_are_the_published_functions() {
    // Values of draft-eastlake-fnv for 64 bits, and the check value of CRC-32.
    assert_eq!(hash(""), 0xcbf2_9ce4_8422_2325);
    assert_eq!(hash("foobar"), 0x8594_4171_f739_67e8);
    assert_eq!(crc32(&[b"123456789"]), 0xcbf4_3926);
    assert_eq!(crc32(&[b"1234", b"", b"56789"]), 0xcbf4_3926);
}

#[test]
fn chance_repeats_and_stays_in_bounds() {
    // First value of SplitMix64 for seed 1234567, from the reference implementation.
    assert_eq!(Chance::new(1_234_567).bits(), 6_457_827_717_110_365_317);
    let draws = |seed| {
        let mut chance = Chance::new(seed);
        (0..100).map(|_| chance.below(10)).collect::<Vec<_>>()
    };
    assert_eq!(draws(1), draws(1));
    assert_ne!(draws(1), draws(2));
    assert!(draws(1).iter().all(|&draw| draw < 10));
    let mut chance = Chance::new(3);
    assert_eq!(chance.below(0), 0);
    assert!(!chance.percent(0) && chance.percent(100));
    let hits = (0..10_000).filter(|_| chance.percent(30)).count();
    assert!((2_700..3_300).contains(&hits), "{hits}");
}

/// Case 28: 10:00 to 10:05 is 300,000 ms; a clock that went back gives no negative time.
#[test]
fn time_passed_saturates() {
    let ten = Moment(1_768_471_200_000);
    assert_eq!(ten.after(Span::minutes(5)).since(ten), Span(300_000));
    assert_eq!(ten.since(ten.after(Span::hours(1))), Span(0));
    assert_eq!(Moment(u64::MAX).after(Span(1)), Moment(u64::MAX));
    assert_eq!(Span::seconds(119).as_minutes(), 1);
}

#[test]
fn a_session_is_named_by_its_chat() {
    let id = SessionId::of("claude", &AccountId::from("a1"), &"chat-9".into());
    assert_eq!(id.as_str(), "claude/a1/chat-9");
    assert_eq!(id.site(), "claude");
    assert_eq!(SessionId::default().site(), "");
}

#[test]
fn a_problem_says_what_comes_next_and_reads_as_its_words() {
    for (problem, class) in [
        (Problem::retry("Busy."), Class::Retry),
        (Problem::skip("Bad."), Class::Skip),
        (Problem::person("Full."), Class::Person),
    ] {
        assert_eq!(problem.class, class);
        assert_eq!(problem.to_string(), problem.text);
    }
}

#[test]
fn a_steady_clock_goes_on_where_the_shown_one_goes_back() {
    let mut clock = Steady::default();
    assert_eq!(clock.now(Moment(1_000)), Moment(1_000));
    let before = clock;
    assert_eq!(clock.now(Moment(1_500)), Moment(1_500));
    assert!(!clock.is_behind(before));
    // Set back by 400 ms: no time has passed, and then it passes as before.
    assert_eq!(clock.now(Moment(1_100)), Moment(1_500));
    assert!(clock.is_behind(before));
    assert_eq!(clock.now(Moment(1_150)), Moment(1_550));
    assert_eq!(clock.shown(Moment(1_600)), Moment(1_200));
    // Forward again: that may be hours of sleep.
    assert_eq!(clock.now(Moment(9_000)), Moment(9_400));
    assert_eq!(clock.now(Moment(0)), Moment(9_400));
}

#[test]
fn a_moment_ahead_is_within_nothing() {
    let hour = Span::hours(1);
    assert!(Moment(10).is_within(hour, Moment(10)));
    assert!(Moment(3_600_009).is_within(hour, Moment(10)));
    assert!(!Moment(3_600_010).is_within(hour, Moment(10)));
    assert!(!Moment(9).is_within(hour, Moment(10)));
}

#[test]
fn a_growing_wait_has_an_end() {
    assert_eq!(Span(500).doubled(Span(1_500)), Span(1_000));
    assert_eq!(Span(1_000).doubled(Span(1_500)), Span(1_500));
    assert_eq!(Span(u64::MAX).doubled(Span(u64::MAX)), Span(u64::MAX));
}

#[test]
fn an_origin_is_told_and_covered_as_browsers_do() {
    use shim::base::origin::{authority, covers, host, of, pattern};
    let url = "http://localhost:8080/c/1?q=https://claude.ai/#x";
    assert_eq!(of(url), Some("http://localhost:8080"));
    assert_eq!((authority(url), host(url)), ("localhost:8080", "localhost"));
    assert_eq!(pattern(url).as_deref(), Some("http://localhost/*"));
    assert_eq!(of("https://claude.ai?x"), Some("https://claude.ai"));
    assert_eq!(host("http://[::1]:8080/x"), "[::1]");
    for none in ["", "https", "https://", "ftp://host/", "file:///home", "about:blank"] {
        assert!(of(none).is_none_or(|origin| host(origin).is_empty()), "{none}");
        assert!(!covers("http://localhost/*", none), "{none}");
    }
    for (pattern, fits) in [
        ("http://localhost/*", true),
        ("http://localhost:8080/*", true),
        ("*://localhost/*", true),
        ("*://*/*", true),
        ("<all_urls>", true),
        ("https://localhost/*", false),
        ("http://localhost:9090/*", false),
        ("http://host/*", false),
        ("http://*.localhost/*", true),
        ("http://*.host/*", false),
        ("", false),
    ] {
        assert_eq!(covers(pattern, url), fits, "{pattern}");
    }
    assert!(covers("https://*.example.org/*", "https://a.b.example.org/"));
    assert!(!covers("https://*.example.org/*", "https://badexample.org/"));
}
