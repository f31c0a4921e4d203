//! Which proxy Python's `requests` takes for an address (`requests/utils.py`, `urllib/request.py`). tornado takes none.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::pyurl::Split;

/// The variables that name proxies, by their names in lower case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProxyVariables(BTreeMap<String, String>);

impl ProxyVariables {
    /// Those among the given variables; a name in lower case wins over the same in capitals.
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> ProxyVariables {
        let mut found = BTreeMap::new();
        let mut variables: Vec<(&str, &str)> = variables.into_iter().collect();
        // Capitals sort first, so that lower case comes later and wins; also where it is empty, which takes it away.
        variables.sort_unstable();
        for (name, value) in variables {
            let lower = name.to_ascii_lowercase();
            if lower.ends_with("_proxy") {
                match value.is_empty() {
                    false => found.insert(lower, value.to_owned()),
                    true if name == lower => found.remove(&lower),
                    true => None,
                };
            }
        }
        ProxyVariables(found)
    }

    /// The proxy for an address (`select_proxy`), or `None` where it is asked directly.
    pub fn proxy_for(&self, url: &str) -> Option<String> {
        let split = Split::of(url);
        if self.bypassed(&split) {
            return None;
        }
        let variable = |name: &str| self.0.get(&format!("{name}_proxy"));
        let proxy = variable(&split.scheme).or_else(|| variable("all"))?;
        Some(if proxy.contains("://") { proxy.clone() } else { format!("http://{proxy}") })
    }

    /// `should_bypass_proxies`, then `urllib.request.proxy_bypass_environment`.
    fn bypassed(&self, split: &Split) -> bool {
        let Some(no_proxy) = self.0.get("no_proxy") else { return false };
        let host = split.host();
        if host.is_empty() || no_proxy.trim() == "*" {
            return true;
        }
        let port = split.netloc.rsplit_once(':').map(|(_, port)| port).filter(|port| port.parse::<u16>().is_ok());
        let with_port = port.map_or(host.clone(), |port| format!("{host}:{port}"));
        let entries = no_proxy.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let address: Option<Ipv4Addr> = host.parse().ok();
        entries.into_iter().any(|entry| match address {
            Some(address) if in_network(address, entry) => true,
            Some(_) => entry == host,
            None => {
                let entry = entry.to_ascii_lowercase();
                let bare = entry.trim_start_matches('.');
                host.ends_with(&entry) || with_port.ends_with(&entry) || host == bare
            }
        })
    }
}

/// Whether an address is in a network written as `10.0.0.0/8`.
fn in_network(address: Ipv4Addr, network: &str) -> bool {
    let Some((base, bits)) = network.split_once('/') else { return false };
    let (Ok(base), Ok(bits)) = (base.parse::<Ipv4Addr>(), bits.parse::<u32>()) else { return false };
    let Some(shift) = 32_u32.checked_sub(bits) else { return false };
    let mask = u32::MAX.checked_shl(shift).unwrap_or(0);
    u32::from(address) & mask == u32::from(base) & mask
}

#[cfg(test)]
mod tests {
    use super::*;

    // Expected values: requests 2.34.2 in the same environment.
    #[test]
    fn proxies_are_those_that_requests_would_use() {
        let variables = ProxyVariables::of([
            ("HTTPS_PROXY", "http://upper:1"),
            ("https_proxy", "http://lower:1"),
            ("ALL_PROXY", "all:2"),
            ("NO_PROXY", "localhost, .example.org,10.0.0.0/8, wiki.internal:8080"),
            ("PATH", "/bin"),
        ]);
        for (url, expected) in [
            ("https://meta.wikimedia.org/w/index.php", Some("http://lower:1")),
            ("http://meta.wikimedia.org/", Some("http://all:2")),
            ("https://localhost/", None),
            ("https://wiki.example.org/", None),
            ("https://example.org/", None),
            ("https://badexample.org/", Some("http://lower:1")),
            ("https://10.1.2.3/", None),
            ("https://11.1.2.3/", Some("http://lower:1")),
            ("https://wiki.internal:8080/", None),
            ("https://wiki.internal/", Some("http://lower:1")),
        ] {
            assert_eq!(variables.proxy_for(url).as_deref(), expected, "{url}");
        }
        assert_eq!(ProxyVariables::of([("HTTP_PROXY", "x:1"), ("http_proxy", "")]).proxy_for("http://h/"), None);
        assert_eq!(ProxyVariables::of([("http_proxy", "x:1"), ("no_proxy", "*")]).proxy_for("http://h/"), None);
    }
}
