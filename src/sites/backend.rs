//! What the servers behind chat applications say when they refuse: an application that people
//! host themselves hands their words on, in English, whatever language it speaks itself.

use super::Text;
use super::form::ending;
use crate::wire::chat::BannerClass::{Full, Limit, Retryable};

/// First match wins.
pub(super) const TEXTS: &[Text] = &[
    ending(&["maximum context length"], Full),
    ending(&["context", "length", "exceed"], Full),
    ending(&["exceed", "context size"], Full),
    ending(&["prompt is too long"], Full),
    ending(&["rate limit"], Limit),
    ending(&["too many requests"], Limit),
    ending(&["quota"], Limit),
    ending(&["error code: 429"], Limit),
    ending(&["overloaded"], Retryable),
    ending(&["server had an error"], Retryable),
    ending(&["internal server error"], Retryable),
    ending(&["bad gateway"], Retryable),
    ending(&["service unavailable"], Retryable),
    ending(&["timed out"], Retryable),
    ending(&["connection error"], Retryable),
    ending(&["network error"], Retryable),
    ending(&["payload is not completed"], Retryable),
];
