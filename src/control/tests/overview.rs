use super::*;
use crate::control::overview::overview;

fn shown(bench: &Bench) -> String {
    overview(&bench.control.store(), &bench.control.context().settings, 4566)
}

#[test]
fn routes_are_shown_as_urls() {
    let (bench, api) = Bench::with_api();
    let id = api.rsplit_once('/').unwrap().1.to_owned();
    assert_eq!(shown(&bench), format!("HTTP API pets ({id})\n"), "what is not deployed is not there");
    for key in ["GET /pets/{id}", "$default", "ANY /a"] {
        bench.ok(&format!("POST {api}/routes"), &format!(r#"{{"routeKey":"{key}"}}"#));
    }
    for stage in ["$default", "dev"] {
        bench.ok(&format!("POST {api}/stages"), &format!(r#"{{"stageName":"{stage}","autoDeploy":true}}"#));
    }
    let base = format!("http://localhost:4566/_aws/execute-api/{id}");
    assert_eq!(
        shown(&bench),
        format!(
            "HTTP API pets ({id})\n  ANY     {base}/a\n  GET     {base}/pets/{{id}}\n  ANY     {base}/*\n\
            \x20 ANY     {base}/dev/a\n  GET     {base}/dev/pets/{{id}}\n  ANY     {base}/dev/*\n"
        )
    );
}

#[test]
fn sockets_are_shown_with_what_to_connect_to() {
    let (bench, api) = Bench::with_websocket();
    let id = api.rsplit_once('/').unwrap().1.to_owned();
    for key in ["say", "$connect"] {
        bench.ok(&format!("POST {api}/routes"), &format!(r#"{{"routeKey":"{key}"}}"#));
    }
    let stage = |name: &str| {
        bench.ok(&format!("POST {api}/stages"), &format!(r#"{{"stageName":"{name}","autoDeploy":true}}"#));
    };
    stage("dev");
    let head = format!("WebSocket API chat ({id})\n");
    let routes = "  routes  $connect, say\n";
    assert_eq!(shown(&bench), format!("{head}  connect ws://localhost:4510\n{routes}"));
    stage("prod");
    assert_eq!(
        shown(&bench),
        format!(
            "{head}  connect ws://localhost:4510/dev\n{routes}  connect ws://localhost:4510/prod\n{routes}"
        )
    );
}
