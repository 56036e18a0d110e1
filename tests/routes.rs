//! The compiled route matcher against a naive one, on random routes and requests.

#[path = "../fuzz/src/route.rs"]
mod route;

const KEYS: &str =
    "(\\$default|(GET|PUT|ANY) (/|(/(a|b|%61|\\{v\\})){1,4}|(/(a|b|\\{v\\})){0,3}/\\{g\\+\\}))";

proptest::proptest! {
    #[test]
    fn agrees_with_the_naive_matcher(
        keys in proptest::collection::vec(KEYS, 0..12),
        requests in proptest::collection::vec("(GET|PUT|TRACE) (/(a|b|c|%61|)){1,5}", 1..20),
    ) {
        // Of two variables in one path the second needs a name of its own.
        let keys: Vec<_> = keys.iter().map(|key| numbered(key)).collect();
        let requests = requests.iter().map(|request| request.split_once(' ').unwrap());
        route::check(keys.iter().map(String::as_str), requests);
    }
}

fn numbered(key: &str) -> String {
    key.split("{v}").enumerate().fold(String::new(), |text, (n, part)| match n {
        0 => part.to_owned(),
        _ => format!("{text}{{v{n}}}{part}"),
    })
}

#[test]
fn route_accepts_any_bytes() {
    route::route(b"GET /a\nANY /{x+}\n$default\nnonsense\n\nGET /a\nPUT /b/c\nGET x\n\xff");
    route::route(b"GET /a\nANY /{x+}\n\nGET /a\nPUT /b/c\nGET x");
}
