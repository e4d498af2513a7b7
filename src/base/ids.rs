//! Newtypes for every identity, so that one is never passed for another.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The identity as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// A chat as its site names it, read from the URL. Opaque.
    ChatId
}
text_id! {
    /// An account, as a hash of what the page shows of it: two accounts in one browser never mix.
    /// Empty where the site shows nothing.
    AccountId
}
text_id! {
    /// One turn as the page names it, or by its place where the page names none. Unique within a
    /// chat.
    TurnKey
}
text_id! {
    /// One saved chat: site, account and chat id. The same chat gets the same id after any restart.
    SessionId
}
text_id! {
    /// One resume of one crash.
    ResumeId
}

impl ChatId {
    /// What the id of a chat starts with that has no address and is called after its document.
    pub const UNNAMED: &str = "page-";

    /// Whether this chat has no address of its own.
    #[must_use]
    pub fn is_unnamed(&self) -> bool {
        self.0.starts_with(Self::UNNAMED)
    }
}

impl TurnKey {
    /// What the key of a turn starts with that is known by its place.
    pub const PLACE: char = '#';

    /// The key of a turn that is known by its place, counted from 0.
    #[must_use]
    pub fn of_place(place: u32) -> Self {
        Self(format!("{}{place}", Self::PLACE))
    }

    /// Whether this turn is known by its place: the same key means another turn in another chat.
    #[must_use]
    pub fn is_place(&self) -> bool {
        self.0.starts_with(Self::PLACE)
    }
}

impl SessionId {
    /// The identity of a chat. Comes from the conversation's own URL, never from chance, so that
    /// a restarted page, worker or browser finds what it had saved.
    #[must_use]
    pub fn of(site: &str, account: &AccountId, chat: &ChatId) -> Self {
        Self(format!("{site}/{account}/{chat}"))
    }

    /// The site's name, the part before the first slash.
    #[must_use]
    pub fn site(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }
}

/// A browser tab, numbered by the browser; valid until the browser closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TabId(pub i64);

/// One open connection of one document to the background, numbered by `background.js`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PortId(pub u64);
