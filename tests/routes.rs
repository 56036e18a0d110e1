//! The compiled route matchers against naive ones, on random routes and requests.

#[path = "../fuzz/src/rest_route.rs"]
mod rest_route;
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

proptest::proptest! {
    #[test]
    fn the_tree_of_resources_agrees_with_a_naive_one(
        methods in proptest::collection::vec(
            "(GET|PUT|OPTIONS|ANY) (/|(/(a|b|\\{v\\})){1,4}|(/(a|b|\\{v\\})){0,3}/\\{g\\+\\})", 0..12),
        requests in proptest::collection::vec("(GET|PUT|HEAD|LINK) (/(a|b|c|%61|)){0,5}", 1..20),
    ) {
        let methods = methods.iter().map(|line| line.split_once(' ').unwrap());
        let requests = requests.iter().map(|line| line.split_once(' ').unwrap());
        rest_route::check(methods, requests);
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

#[test]
fn rest_route_accepts_any_bytes() {
    rest_route::rest_route(b"GET /a\nANY /{x+}/b\nnonsense\n\nGET /a\nPUT \n \nGET x\n\xff");
    rest_route::rest_route(b"GET /a\nANY /{x+}/b\nGET {}\n /\n\nGET /a\nPUT \n \nGET x\nGET /\xce\xbb");
}
