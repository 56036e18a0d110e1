use super::*;

fn key(text: &str) -> RouteKey {
    match text.split_once(' ') {
        Some((method, path)) => RouteKey::Path { method: method.into(), path: path.into() },
        None => RouteKey::Default,
    }
}

fn check(routes: &[&str], request: &str, expected: &str) {
    let keys: Vec<_> = routes.iter().map(|text| key(text)).collect();
    let (method, path) = request.split_once(' ').unwrap();
    let found = Matcher::new(&keys).find(method, path);
    assert_eq!(found.map_or("-", |n| routes[n]), expected, "{request} among {routes:?}");
}

/// The developer guide's own example.
#[test]
fn the_guides_table() {
    let routes = ["$default", "ANY /{proxy+}", "GET /pets/{proxy+}", "GET /pets/dog/{id}", "GET /pets/dog/1"];
    for (request, expected) in [
        ("GET /pets/dog/1", "GET /pets/dog/1"),
        ("GET /pets/dog/2", "GET /pets/dog/{id}"),
        ("GET /pets/cat/1", "GET /pets/{proxy+}"),
        ("POST /test/5", "ANY /{proxy+}"),
        ("GET /", "$default"),
    ] {
        check(&routes, request, expected);
    }
}

#[test]
fn rules() {
    for (routes, request, expected) in [
        // Specificity of the path comes before that of the method.
        (&["GET /{proxy+}", "ANY /pets/{id}"][..], "GET /pets/1", "ANY /pets/{id}"),
        (&["ANY /x", "GET /x"], "GET /x", "GET /x"),
        (&["ANY /x", "GET /x"], "PUT /x", "ANY /x"),
        // A literal that doesn't have the method leaves it to the variable.
        (&["POST /a/b", "GET /a/{x}"], "GET /a/b", "GET /a/{x}"),
        (&["GET /a/{x}/c", "GET /{y}/b/d"], "GET /a/b/d", "GET /{y}/b/d"),
        (&["GET /a/{x}/c", "GET /{y}/b/c"], "GET /a/b/c", "GET /a/{x}/c"),
        // A full match comes before a greedy one.
        (&["GET /x/{p+}", "GET /{a}/{b}"], "GET /x/y", "GET /{a}/{b}"),
        (&["GET /a/{p+}", "GET /a/b/{p+}"], "GET /a/b/c/d", "GET /a/b/{p+}"),
        (&["GET /a/{p+}", "GET /a/b/{p+}"], "GET /a/b", "GET /a/{p+}"),
        (&["POST /a/b/{p+}", "GET /a/{p+}"], "GET /a/b/c", "GET /a/{p+}"),
        // Slashes.
        (&["GET /a"], "GET /a/", "-"),
        (&["GET /a/{id}"], "GET /a/", "-"),
        (&["GET /a/{p+}"], "GET /a", "-"),
        (&["GET /a/{p+}"], "GET /a/", "-"),
        (&["GET /a/{p+}"], "GET /a//", "-"),
        (&["GET /a/{p+}"], "GET /a/b/", "GET /a/{p+}"),
        (&["GET /a/{p+}"], "GET /a//b", "GET /a/{p+}"),
        (&["GET /a/b"], "GET /a//b", "-"),
        (&["GET /a/b"], "GET //a/b", "GET /a/b"),
        (&["GET /{p+}"], "GET /", "-"),
        (&["GET /", "GET /{p+}"], "GET /", "GET /"),
        (&["GET /"], "GET //", "GET /"),
        // Methods.
        (&["GET /a"], "HEAD /a", "-"),
        (&["GET /a"], "OPTIONS /a", "-"),
        (&["ANY /a"], "HEAD /a", "ANY /a"),
        (&["$default"], "POST /any/thing", "$default"),
        (&["$default", "GET /a"], "POST /a", "$default"),
        (&["$default"], "TRACE /", "-"),
        (&["GET /a"], "get /a", "-"),
        // Case and escapes.
        (&["GET /a"], "GET /A", "-"),
        (&["GET /a"], "GET /%61", "GET /a"),
        (&["GET /a b"], "GET /a%20b", "GET /a b"),
        (&["GET /a%20b"], "GET /a%20b", "GET /a%20b"),
        (&["GET /a/{x}"], "GET /a/b%2Fc", "GET /a/{x}"),
        (&["$default"], "OPTIONS *", "-"),
    ] {
        check(routes, request, expected);
    }
}

#[test]
fn values() {
    for (route, path, expected) in [
        ("GET /a/{x}/b/{y}", "/a/1/b/2", "x=1 y=2"),
        ("GET /{x}", "/a%20b", "x=a%20b"),
        ("GET /{x}/{rest+}", "/1/2/3/", "x=1 rest=2/3/"),
        ("GET /a/{p+}", "/a//b", "p=/b"),
        ("GET /a/{p+}", "//a/b", "p=b"),
        ("GET /a", "/a", ""),
        ("$default", "/a", ""),
    ] {
        let variables = Variables::of(&key(route));
        let shown: Vec<_> = variables.values(path).map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(shown.join(" "), expected, "{route} {path}");
    }
}

/// The rules as one would explain them: every route is tried, the best that matches is taken.
fn naive(routes: &[RouteKey], method: &str, path: &str) -> Option<usize> {
    let asked: Vec<_> = match path.trim_start_matches('/') {
        "" => vec![],
        rest => rest.split('/').collect(),
    };
    let rank = |key: &RouteKey| -> Option<(bool, Vec<u8>, bool)> {
        let RouteKey::Path { method: known, path } = key else { return None };
        if known != method && known != "ANY" {
            return None;
        }
        let mut kinds = vec![];
        let pattern: Vec<_> = path.split('/').filter(|s| !s.is_empty()).collect();
        let mut greedy = false;
        for (n, segment) in pattern.iter().enumerate() {
            if segment.ends_with("+}") {
                greedy = asked.get(n..)?.iter().any(|s| !s.is_empty());
                if !greedy {
                    return None;
                }
                kinds.push(2);
                break;
            }
            let asked = asked.get(n).filter(|s| !s.is_empty())?;
            if segment.starts_with('{') {
                kinds.push(1);
            } else if segment == asked || **segment == query::decode_path(asked) {
                kinds.push(0);
            } else {
                return None;
            }
        }
        (greedy || pattern.len() == asked.len()).then_some((greedy, kinds, known == "ANY"))
    };
    let best = routes.iter().enumerate().filter_map(|(n, key)| Some((rank(key)?, n))).min();
    best.map(|(_, n)| n).or_else(|| routes.iter().position(|key| *key == RouteKey::Default))
}

proptest::proptest! {
    #[test]
    fn agrees_with_the_naive_matcher(
        routes in proptest::collection::hash_set("(\\$default|(GET|PUT|ANY) (/|(/(a|b|\\{v\\})){1,4}|(/(a|b|\\{v\\})){0,3}/\\{g\\+\\}))", 0..12),
        requests in proptest::collection::vec("(GET|PUT) (/(a|b|c|%61|)){1,5}", 1..20),
    ) {
        let keys: Vec<_> = routes.iter().map(|text| key(text)).collect();
        let matcher = Matcher::new(&keys);
        for request in requests {
            let (method, path) = request.split_once(' ').unwrap();
            proptest::prop_assert_eq!(matcher.find(method, path), naive(&keys, method, path), "{} {:?}", request, routes);
        }
    }
}
