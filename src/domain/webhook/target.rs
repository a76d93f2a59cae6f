//! Where a webhook may go: addresses that the operator's list of origins permits.
//!
//! Names are not looked up here; that a name leads to a public machine is checked when it is connected to.

use url::Url;

/// The longest address, in bytes.
const URL_BYTES_MAX: usize = 2000;

/// An address that a webhook can be sent to, if the operator permits it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target(Url);

impl Target {
    /// Reads an address as browsers do (the WHATWG URL standard). The error says what it must be.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.len() > URL_BYTES_MAX {
            return Err("must have at most 2000 bytes");
        }
        let url = Url::parse(text).map_err(|_| "must be an absolute http or https URL")?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err("must be an absolute http or https URL");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not carry a name or a password");
        }
        if url.fragment().is_some() {
            return Err("must not have a fragment");
        }
        Ok(Self(url))
    }

    /// The address in its one spelling.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Scheme, host and port, without the port where it is the scheme's own.
    fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }
}

/// The origins that webhooks may go to; empty means that there are no webhooks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowList {
    origins: Vec<String>,
    any_https: bool,
}

impl AllowList {
    /// Reads origins such as `https://hooks.example.com`, or `*` for any https host. The error names the wrong one.
    pub fn parse(entries: &[String]) -> Result<Self, String> {
        let mut list = Self::default();
        for entry in entries {
            if entry == "*" {
                list.any_https = true;
                continue;
            }
            let target = Target::parse(entry).map_err(|what| format!("`{entry}` {what}, or `*`"))?;
            if target.0.path() != "/" || target.0.query().is_some() {
                return Err(format!("`{entry}` must be an origin, without a path: {}", target.origin()));
            }
            list.origins.push(target.origin());
        }
        Ok(list)
    }

    /// Whether there are no webhooks at all.
    pub fn is_off(&self) -> bool {
        !self.any_https && self.origins.is_empty()
    }

    /// Whether a webhook may go there.
    pub fn permits(&self, target: &Target) -> bool {
        (self.any_https && target.0.scheme() == "https") || self.origins.contains(&target.origin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[&str]) -> AllowList {
        AllowList::parse(&entries.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn only_listed_origins_are_permitted() {
        let allow = list(&["https://hooks.example.com", "http://127.0.0.1:9000", "https://Bücher.example:8443/"]);
        for (url, good) in [
            ("https://hooks.example.com/a?b=c", true),
            ("https://HOOKS.example.com:443/a", true),
            ("http://hooks.example.com/", false),
            ("https://hooks.example.com:444/", false),
            ("https://hooks.example.com.evil.example/", false),
            ("https://hooks.example.com@evil.example/", false),
            ("https://evil.example/https://hooks.example.com/", false),
            ("http://127.0.0.1:9000/x", true),
            ("http://127.1:9000/x", true),
            ("http://2130706433:9000/x", true),
            ("http://127.0.0.1/x", false),
            ("http://localhost:9000/x", false),
            ("https://xn--bcher-kva.example:8443/", true),
        ] {
            assert_eq!(Target::parse(url).is_ok_and(|target| allow.permits(&target)), good, "{url}");
        }
        let any = list(&["*"]);
        assert!(any.permits(&Target::parse("https://a.example/").unwrap()));
        assert!(!any.permits(&Target::parse("http://a.example/").unwrap()), "the star is for https");
        assert!(list(&[]).is_off() && !any.is_off());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for bad in
            ["", "hooks", "//a.example", "ftp://a.example", "file:///etc/passwd", "javascript:alert(1)", "https://"]
        {
            assert!(Target::parse(bad).is_err(), "{bad}");
        }
        for bad in ["https://u:p@a.example/", "https://u@a.example/", "https://a.example/#x"] {
            assert!(Target::parse(bad).unwrap_err().starts_with("must not"), "{bad}");
        }
        assert!(Target::parse(&format!("https://a.example/{}", "x".repeat(2000))).is_err());
        for bad in ["https://a.example/path", "https://a.example/?q", "everything", "ftp://a.example"] {
            let wrong = AllowList::parse(&[bad.to_owned()]).unwrap_err();
            assert!(wrong.contains(bad), "{wrong}");
        }
    }
}
