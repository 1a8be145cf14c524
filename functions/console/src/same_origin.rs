//! Whether a form was sent from a page of the console.

use runtime::config::WebUrl;

/// Returns whether the headers of a POST say that it comes from a page of ours.
///
/// `Origin` decides (RFC 6454): browsers send it with every form, no script can change it, and pages of other sites and
/// sandboxed ones have another one or `null`. `Sec-Fetch-Site` says the same where browsers send it; a contradiction is
/// refused.
pub fn is_ours(url: &WebUrl, origin: Option<&str>, fetch_site: Option<&str>) -> bool {
    origin == Some(url.as_str()) && fetch_site.is_none_or(|site| site == "same-origin")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_page_of_this_very_origin_may_send_a_form() {
        let url = WebUrl::parse("https://ports.example.com").unwrap();
        let ours = Some("https://ports.example.com");
        for site in [None, Some("same-origin")] {
            assert!(is_ours(&url, ours, site), "{site:?}");
        }
        for site in ["same-site", "cross-site", "none", ""] {
            assert!(!is_ours(&url, ours, Some(site)), "{site}");
        }
        for origin in [
            "null",
            "",
            "http://ports.example.com",
            "https://ports.example.com:8443",
            "https://ports.example.com.evil.example",
            "https://evil.example",
            "https://PORTS.example.com",
            "https://ports.example.com/",
        ] {
            assert!(!is_ours(&url, Some(origin), Some("same-origin")), "{origin}");
        }
        assert!(!is_ours(&url, None, Some("same-origin")) && !is_ours(&url, None, None));
    }
}
