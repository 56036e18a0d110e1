//! A custom domain name, compiled: which api and stage a request to it is for.

use std::sync::Arc;

use super::host::{Address, StageForm, without_port};
use crate::model::domain::{self, Rule, Target, Truststore};

/// A custom domain name.
#[derive(Debug)]
pub struct Domain {
    /// Who must have signed the certificates of its clients; `None`: they need none.
    pub truststore: Option<Arc<Truststore>>,
    /// By priority; none unless the domain's mode asks for them.
    rules: Vec<Rule>,
    /// The longest key first; none unless the domain's mode asks for them.
    mappings: Vec<(String, Target)>,
}

/// AWS: paths of custom domain names that are for its own health checks.
const RESERVED: [&str; 2] = ["/ping", "/sping"];

impl Domain {
    /// Compiles a domain.
    pub fn new(domain: &domain::Domain) -> Self {
        let (by_rules, by_mappings) = match domain.routing {
            domain::Routing::Mappings => (false, true),
            domain::Routing::Rules => (true, false),
            domain::Routing::Both => (true, true),
        };
        let mut rules: Vec<_> = domain.rules.values().filter(|_| by_rules).cloned().collect();
        rules.sort_by_key(|rule| rule.priority);
        let mappings = domain.mappings.values().filter(|_| by_mappings);
        let mut mappings: Vec<_> =
            mappings.map(|mapping| (mapping.key.clone(), mapping.target.clone())).collect();
        mappings.sort_by_key(|(key, _)| std::cmp::Reverse(key.len()));
        let truststore = domain.mutual_tls.as_ref().map(|mutual| Arc::clone(&mutual.truststore));
        Self { truststore, rules, mappings }
    }

    /// Where a request with this path and these headers goes. `None`: nowhere.
    pub fn address<'a, H: Iterator<Item = (&'a str, &'a [u8])>>(
        &'a self,
        path: &'a str,
        headers: impl Fn() -> H,
    ) -> Option<Address<'a>> {
        if RESERVED.contains(&path) {
            return None;
        }
        let to = |target: &'a Target, path| Address {
            api: &target.api,
            stage: target.stage.as_deref().map_or(StageForm::Unstaged, StageForm::Mapped),
            path,
        };
        for rule in &self.rules {
            if let Some(rest) = judge(rule, path, &headers) {
                return Some(to(&rule.target, rest));
            }
        }
        let (target, rest) =
            self.mappings.iter().find_map(|(key, target)| Some((target, behind(key, path)?)))?;
        Some(to(target, rest))
    }
}

/// The path that is left for the api, if a rule's conditions hold.
fn judge<'a, H: Iterator<Item = (&'a str, &'a [u8])>>(
    rule: &Rule,
    path: &'a str,
    headers: impl Fn() -> H,
) -> Option<&'a str> {
    let rest = match &rule.base_paths {
        Some(any) => any.iter().filter_map(|key| behind(key, path)).min_by_key(|rest| rest.len())?,
        None => path,
    };
    let holds = |any: &Vec<domain::HeaderMatch>| {
        headers().any(|(name, value)| {
            any.iter().any(|wanted| wanted.name.eq_ignore_ascii_case(name) && wanted.fits(value))
        })
    };
    rule.headers.iter().all(holds).then_some(if rule.strip_base_path { rest } else { path })
}

/// What follows `key` in a path that begins with it, segment by segment: empty, or from a slash on.
fn behind<'a>(key: &str, path: &'a str) -> Option<&'a str> {
    if key.is_empty() {
        return Some(path);
    }
    let rest = path.strip_prefix('/')?.strip_prefix(key)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// A host as domains are looked up by: in lower case, without a port and a dot at its end.
pub fn spelled(host: &str) -> String {
    without_port(host).trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_key_that_is_whole_segments() {
        let mapping =
            |(key, api): (&str, &str)| (key.to_owned(), Target { api: api.into(), stage: Some("s".into()) });
        let keys =
            [("orders/v2/items/categories", "a"), ("orders/v2/items", "b"), ("orders", "c"), ("", "d")];
        let domain = Domain { truststore: None, rules: Vec::new(), mappings: keys.map(mapping).into() };
        let bare = Domain {
            truststore: None,
            rules: Vec::new(),
            mappings: keys[..3].iter().copied().map(mapping).collect(),
        };
        for (path, expected) in [
            ("/orders/v2/items/categories/5", "a /5"),
            ("/orders/v2/items/categoriesx", "b /categoriesx"),
            ("/orders/v2/items", "b "),
            ("/orders/v2/", "c /v2/"),
            ("/order", "d /order"),
            ("/Orders", "d /Orders"),
            ("//orders", "d //orders"),
            ("/", "d /"),
            ("/ping", "-"),
        ] {
            let shown = |found: Option<Address<'_>>| {
                found.map_or("-".to_owned(), |found| format!("{} {}", found.api, found.path))
            };
            assert_eq!(shown(domain.address(path, std::iter::empty)), expected, "{path}");
            let without = if expected.starts_with('d') { "-" } else { expected };
            assert_eq!(shown(bare.address(path, std::iter::empty)), without, "{path}");
        }
    }
}
