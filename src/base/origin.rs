//! Origins and match patterns, as browsers write them.

/// Scheme, host and port of an `http` or `https` URL. None: it is another kind of address.
#[must_use]
pub fn of(url: &str) -> Option<&str> {
    let scheme = ["https://", "http://"].into_iter().find(|scheme| url.starts_with(scheme))?;
    let rest = url.get(scheme.len()..)?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    url.get(..scheme.len() + end).filter(|_| end > 0)
}

/// Host and port of a URL; empty: it has none.
#[must_use]
pub fn authority(url: &str) -> &str {
    of(url).and_then(|origin| origin.split("//").nth(1)).unwrap_or_default()
}

/// Host of a URL, without its port.
#[must_use]
pub fn host(url: &str) -> &str {
    let authority = authority(url);
    // An IPv6 address has colons of its own, and stands in brackets.
    let port = authority.rfind(':').filter(|at| !authority[*at..].contains(']'));
    port.and_then(|at| authority.get(..at)).unwrap_or(authority)
}

/// The match pattern that covers all pages of a URL's scheme and host. It names no port: Firefox
/// knows none in a pattern. None: no pattern covers it.
/// <https://developer.mozilla.org/docs/Mozilla/Add-ons/WebExtensions/Match_patterns>
#[must_use]
pub fn pattern(url: &str) -> Option<String> {
    let (scheme, _) = of(url)?.split_once("://")?;
    Some(format!("{scheme}://{}/*", host(url)))
}

/// Whether a match pattern covers a URL, as far as its origin.
#[must_use]
pub fn covers(pattern: &str, url: &str) -> bool {
    let Some((scheme, _)) = url.split_once("://") else { return false };
    let Some((schemes, rest)) = pattern.split_once("://") else { return pattern == "<all_urls>" };
    let hosts = rest.split('/').next().unwrap_or_default();
    let host = host(url);
    let host_fits = match hosts.strip_prefix("*.") {
        Some(domain) => {
            host == domain || host.strip_suffix(domain).is_some_and(|sub| sub.ends_with('.'))
        }
        None => hosts == "*" || hosts == host || hosts == authority(url),
    };
    (schemes == "*" || schemes == scheme) && host_fits && !host.is_empty()
}
