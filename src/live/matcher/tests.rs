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

/// As deep as a request line can ask, and with a choice at each step: neither the stack nor the time runs out.
#[test]
fn deep_paths() {
    let keys: Vec<_> = [
        format!("GET {}", "/a".repeat(5000)),
        format!("GET {}/b", "/{v}/a".repeat(1000)),
        format!("GET {}/b", "/a/{v}".repeat(1000)),
        "GET /{v}/{rest+}".to_owned(),
    ]
    .iter()
    .map(|text| key(text))
    .collect();
    let matcher = Matcher::new(&keys);
    assert_eq!(matcher.find("GET", &"/a".repeat(5000)), Some(0));
    assert_eq!(matcher.find("GET", &"/a".repeat(4999)), Some(3));
    assert_eq!(matcher.find("GET", &format!("{}/b", "/a".repeat(2000))), Some(2));
}

#[test]
fn a_greedy_match_by_a_literal_beats_one_by_a_variable() {
    for (routes, request, expected) in [
        (&["GET /a/{p+}", "GET /{v}/b/{p+}"][..], "GET /a/b/c", "GET /a/{p+}"),
        (&["GET /{v}/b/{p+}", "GET /{p+}"], "GET /a/b/c", "GET /{v}/b/{p+}"),
        (&["GET /a/x/{p+}", "GET /{v}/b/{p+}", "GET /{p+}"], "GET /a/b/c", "GET /{v}/b/{p+}"),
        (&["GET /a/{v}/{p+}", "GET /a/b/x", "GET /{w}/b/{p+}"], "GET /a/b/c", "GET /a/{v}/{p+}"),
    ] {
        check(routes, request, expected);
    }
}
