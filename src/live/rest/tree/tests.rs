use super::*;

fn check(methods: &[&str], request: &str, expected: &str) {
    let mut tree = Tree::default();
    for (number, text) in methods.iter().enumerate() {
        let (method, path) = text.split_once(' ').unwrap();
        tree.insert(path, method, number as u32);
    }
    let (method, path) = request.split_once(' ').unwrap();
    let found = Verb::of(method).and_then(|verb| tree.find(verb, path));
    assert_eq!(found.map_or("-", |n| methods[n]), expected, "{request} among {methods:?}");
}

/// Two tables that users measured on AWS, each row with what served it.
#[test]
fn as_measured() {
    let tree = [
        "GET /users/{userId}",
        "PATCH /users/me",
        "GET /roles/{roleId}",
        "POST /roles/provision",
        "GET /things/real",
        "POST /things/{proxy+}",
    ];
    for (request, expected) in [
        ("GET /users/me", "GET /users/{userId}"),
        ("PATCH /users/me", "PATCH /users/me"),
        ("GET /users/abc123", "GET /users/{userId}"),
        ("POST /users/me", "-"),
        ("POST /roles/provision", "POST /roles/provision"),
        ("GET /roles/provision", "GET /roles/{roleId}"),
        ("GET /things/real", "GET /things/real"),
        ("POST /things/real", "POST /things/{proxy+}"),
    ] {
        check(&tree, request, expected);
    }
    let tree = ["ANY /{proxy+}", "GET /jobs/{operation_type}", "OPTIONS /cors_only"];
    for (request, expected) in [
        ("GET /jobs/reboot", "GET /jobs/{operation_type}"),
        ("GET /jobs", "ANY /{proxy+}"),
        ("POST /jobs", "ANY /{proxy+}"),
        ("POST /jobs/reboot", "ANY /{proxy+}"),
        ("GET /cors_only", "ANY /{proxy+}"),
        ("OPTIONS /cors_only", "OPTIONS /cors_only"),
    ] {
        check(&tree, request, expected);
    }
}

#[test]
fn rules() {
    for (methods, request, expected) in [
        // A more specific resource with ANY goes before a less specific one with the method itself.
        (&["GET /{proxy+}", "ANY /pets/{id}"][..], "GET /pets/1", "ANY /pets/{id}"),
        (&["ANY /x", "GET /x"], "GET /x", "GET /x"),
        (&["ANY /x", "GET /x"], "PUT /x", "ANY /x"),
        // Segment by segment, from the left.
        (&["GET /a/{x}/c", "GET /{y}/b/c"], "GET /a/b/c", "GET /a/{x}/c"),
        (&["GET /a/{x}/c", "GET /{y}/b/d"], "GET /a/b/d", "GET /{y}/b/d"),
        (&["GET /x/{p+}", "GET /{a}/y"], "GET /x/y", "GET /x/{p+}"),
        (&["GET /a/{p+}", "GET /a/b/{p+}"], "GET /a/b/c/d", "GET /a/b/{p+}"),
        (&["GET /a/{p+}", "GET /a/b/{p+}"], "GET /a/b", "GET /a/{p+}"),
        (&["POST /a/b/{p+}", "GET /a/{p+}"], "GET /a/b/c", "GET /a/{p+}"),
        (&["GET /a/b/c/d/e", "GET /a/b/{p+}", "GET /{p+}"], "GET /a/b/c/d/x", "GET /a/b/{p+}"),
        (&["GET /a/b/c/d/e", "PUT /a/b/{p+}", "GET /{p+}"], "GET /a/b/c/d/x", "GET /{p+}"),
        // Two kinds of variables under one parent, which AWS would not allow.
        (&["GET /{id}", "GET /{p+}"], "GET /x", "GET /{id}"),
        (&["GET /{id}", "GET /{p+}"], "GET /x/y", "GET /{p+}"),
        // Slashes: those at the ends do not count.
        (&["GET /"], "GET ", "GET /"),
        (&["GET /"], "GET /", "GET /"),
        (&["GET /"], "GET //", "GET /"),
        (&["GET /a"], "GET /a/", "GET /a"),
        (&["GET /a"], "GET //a//", "GET /a"),
        (&["GET /a/{id}"], "GET /a/", "-"),
        (&["GET /a/{p+}"], "GET /a", "-"),
        (&["GET /a/{p+}"], "GET /a/", "-"),
        (&["GET /a/{p+}"], "GET /a//b", "GET /a/{p+}"),
        (&["GET /a/b"], "GET /a//b", "-"),
        (&["GET /a/{x}/b"], "GET /a//b", "-"),
        (&["GET /{p+}"], "GET /", "-"),
        (&["GET /{p+}"], "GET ", "-"),
        // Methods.
        (&["GET /a"], "HEAD /a", "-"),
        (&["GET /a"], "OPTIONS /a", "-"),
        (&["ANY /a"], "HEAD /a", "ANY /a"),
        (&["ANY /a"], "TRACE /a", "-"),
        (&["ANY /a"], "ANY /a", "-"),
        (&["GET /a"], "get /a", "-"),
        // Case and escapes.
        (&["GET /a"], "GET /A", "-"),
        (&["GET /a"], "GET /%61", "GET /a"),
        (&["GET /a/{x}"], "GET /a/b%2Fc", "GET /a/{x}"),
        (&[], "GET /", "-"),
    ] {
        check(methods, request, expected);
    }
}

/// As deep as a request line can ask, and with a choice at each step: the time does not run out.
#[test]
fn deep_paths() {
    let mut tree = Tree::default();
    for (number, path) in
        ["/a".repeat(5000), format!("{}/b", "/{v}/a".repeat(1000)), format!("{}/b", "/a/{v}".repeat(1000))]
            .iter()
            .enumerate()
    {
        tree.insert(path, "GET", number as u32);
    }
    tree.insert("/{v}/{rest+}", "GET", 3);
    let find = |path: &str| tree.find(Verb::of("GET").unwrap(), path);
    assert_eq!(find(&"/a".repeat(5000)), Some(0));
    assert_eq!(find(&"/a".repeat(4999)), Some(3));
    assert_eq!(find(&format!("{}/b", "/a".repeat(2000))), Some(2));
}
