//! The site's own messages, in a person's words.

use shim::view::banner;
use shim::wire::chat::BannerClass;

#[test]
fn a_message_of_the_site_is_told_with_its_meaning() {
    use BannerClass::{Fatal, Full, Limit, Progress, Retryable, Unknown};
    let hit = "You’ve hit your limit for Claude messages. Limits will reset at 9:30 AM.";
    let more = "You’ve hit your limit. It resets on May 9, 7:55 PM. For more, see our Pro plan.";
    let again = "You've reached our limits of messages. Please try again after 10:15.";
    let endless = format!("Limits reset at {}", "9".repeat(50));
    for (class, said, open, closed) in [
        (Full, "As long as it\nmay be", "Context full: “As long as it may be”", true),
        (Full, "", "Context full", true),
        (Fatal, "Not found", "This chat cannot go on: “Not found”", true),
        (Limit, hit, "Usage limit, resets at 9:30 AM", true),
        (Limit, more, "Usage limit, resets on May 9, 7:55 PM", true),
        (Limit, again, "Usage limit, resets at 10:15", true),
        (Limit, "Try again later", "Usage limit: “Try again later”", true),
        (Limit, &endless, &format!("Usage limit: “{endless}”"), true),
        (Retryable, "Network error", "The site reported an error: “Network error”", true),
        (Progress, "Retrying in 3 s", "The site says: “Retrying in 3 s”", false),
        (Unknown, "Hello", "The site says: “Hello”", false),
        (Unknown, "", "", false),
    ] {
        let told = banner::reason(class, said, true);
        assert_eq!(told.as_deref().unwrap_or_default(), open);
        let told = banner::reason(class, said, false);
        assert_eq!(told, closed.then(|| format!("{open} (when it was last open)")));
    }
    assert!(banner::reason(Limit, &"x".repeat(10_000), true).unwrap().chars().count() < 190);
}
