use super::*;

/// Paths in the order of GetResources.
fn paths(rest: &Rest) -> Vec<String> {
    let list = rest.bench.ok(&format!("GET {}/resources", rest.path), "");
    list["item"].as_array().unwrap().iter().map(|resource| text(resource, "path")).collect()
}

#[test]
fn a_life() {
    let rest = Rest::new();
    let (bench, path, root) = (&rest.bench, &rest.path, &rest.root);
    let list = format!("GET {path}/resources");
    assert_eq!(bench.ok(&list, ""), json!({ "item": [{ "id": root, "path": "/" }] }));
    let said = bench.ask(&format!("POST {path}/resources/{root}"), r#"{"pathPart":"pets"}"#);
    let pets = said.json();
    let id = text(&pets, "id");
    let expected = json!({ "id": id, "parentId": root, "path": "/pets", "pathPart": "pets" });
    assert_eq!((said.status, &pets, id.len()), (201, &expected, 6));
    let sub = rest.resource(&id, "{id}");
    assert_eq!(paths(&rest), ["/", "/pets", "/pets/{id}"]);

    let line = format!("{path}/resources/{id}");
    let renamed = bench.ok(&format!("PATCH {line}"), &patch("replace", "/pathPart", "dogs"));
    assert_eq!(renamed, json!({ "id": id, "parentId": root, "path": "/dogs", "pathPart": "dogs" }));
    assert_eq!(bench.ok(&format!("GET {line}"), ""), renamed);
    assert_eq!(bench.ok(&format!("GET {path}/resources/{sub}"), "")["path"], "/dogs/{id}");

    bench.ok(&format!("PUT {path}/resources/{sub}/methods/GET"), r#"{"authorizationType":"NONE"}"#);
    let method = json!({ "apiKeyRequired": false, "authorizationType": "NONE", "httpMethod": "GET" });
    for (query, shown) in [("", json!({})), ("?embed=methods", method)] {
        let expected = json!({
            "id": sub, "parentId": id, "path": "/dogs/{id}", "pathPart": "{id}", "resourceMethods": { "GET": shown },
        });
        assert_eq!(bench.ok(&format!("GET {path}/resources/{sub}{query}"), ""), expected);
        assert_eq!(bench.ok(&format!("{list}{query}"), "")["item"][2], expected);
    }

    let said = bench.ask(&format!("DELETE {line}"), "");
    assert_eq!((said.status, said.body.as_str()), (202, ""));
    assert_eq!(paths(&rest), ["/"]);
    let gone = "404 NotFoundException Invalid Resource identifier specified";
    for line in [line, format!("{path}/resources/{sub}")] {
        for method in ["GET", "DELETE", "PATCH"] {
            bench.refused(&format!("{method} {line}"), "", gone);
        }
    }
}

#[test]
fn greedy_and_other_variables() {
    let rest = Rest::new();
    rest.resource(&rest.root, "{proxy+}");
    let parent = rest.resource(&rest.root, "parent");
    rest.resource(&parent, "{child+}");
    let child = rest.resource(&parent, "child");
    rest.resource(&child, "{proxy+}");
    assert_eq!(
        paths(&rest),
        ["/", "/parent", "/parent/child", "/parent/child/{proxy+}", "/parent/{child+}", "/{proxy+}"]
    );
}

#[test]
fn what_is_refused() {
    let rest = Rest::new();
    let proxy = rest.resource(&rest.root, "{proxy+}");
    let pets = rest.resource(&rest.root, "pets");
    let sub = rest.resource(&pets, "subpets");
    let low = rest.resource(&sub, "pets");
    let unknown = "404 NotFoundException Invalid Resource identifier specified";
    let letters = "400 BadRequestException Resource's path part only allow a-zA-Z0-9._-:, and curly braces at the \
                   beginning and the end and an optional plus sign before the closing brace.";
    rest.refuses(&[
        ("GET ~x/resources", "", "404 NotFoundException Invalid API identifier specified 000000000000:…"),
        ("GET ~x/resources/{root}", "", unknown),
        ("POST ~x/resources/{root}", r#"{"pathPart":"a"}"#, unknown),
        ("POST ~/resources/x", r#"{"pathPart":"a"}"#, unknown),
        ("PATCH ~/resources/x", "", unknown),
        ("DELETE ~/resources/x", "", unknown),
        ("DELETE ~/resources/{root}", "", "400 BadRequestException Root resource cannot be deleted."),
        ("POST ~/resources/{root}", "{}", letters),
        ("POST ~/resources/{root}", r#"{"pathPart":"a/b"}"#, letters),
        ("POST ~/resources/{root}", r#"{"pathPart":"a b"}"#, letters),
        ("POST ~/resources/{root}", r#"{"pathPart":"{a"}"#, letters),
        ("POST ~/resources/{root}", r#"{"pathPart":"{}"}"#, letters),
        ("POST ~/resources/{root}", r#"{"pathPart":"{+}"}"#, letters),
        ("POST ~/resources/{root}", r#"{"pathPart":"a{b}"}"#, letters),
        (
            "POST ~/resources/{root}",
            r#"{"pathPart":"pets"}"#,
            "409 ConflictException Another resource with the same parent already has this name: pets",
        ),
        (
            "POST ~/resources/{root}",
            r#"{"pathPart":"{id}"}"#,
            "400 BadRequestException A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed",
        ),
        ("PATCH ~/resources/{root}", &patch("replace", "/pathPart", "a"), "400 BadRequestException Root resource cannot update its pathPart."),
        ("PATCH ~/resources/{root}", &patch("replace", "/parentId", "a"), "400 BadRequestException Root resource cannot update its parentId."),
    ]);
    for body in [r#"{"pathPart":"a"}"#, r#"{"pathPart":"{a}"}"#] {
        rest.bench.refused(
            &format!("POST {}/resources/{proxy}", rest.path),
            body,
            "400 BadRequestException Cannot create a child of a resource with a greedy path variable: {proxy+}",
        );
    }
    for (id, operation, expected) in [
        (
            &pets,
            ("replace", "/invalid", "a"),
            "400 BadRequestException Invalid patch path  '/invalid' specified for op 'replace'. Must be one of: [/parentId, /pathPart]",
        ),
        (
            &pets,
            ("remove", "/pathPart", "a"),
            "400 BadRequestException Invalid patch path  '/pathPart' specified for op 'remove'. Please choose supported operations",
        ),
        (
            &pets,
            ("add", "/pathPart", "a"),
            "400 BadRequestException Invalid patch path  '/pathPart' specified for op 'add'. Please choose supported operations",
        ),
        (&pets, ("replace", "/parentId", "x"), unknown),
        (&pets, ("replace", "/pathPart", "a/b"), letters),
        (&pets, ("replace", "/parentId", &pets), "400 BadRequestException Resources cannot be cyclical."),
        (&pets, ("replace", "/parentId", &sub), "400 BadRequestException Resources cannot be cyclical."),
        (&pets, ("replace", "/parentId", &low), "400 BadRequestException Resources cannot be cyclical."),
        (
            &low,
            ("replace", "/parentId", &rest.root),
            "409 ConflictException Another resource with the same parent already has this name: pets",
        ),
    ] {
        let (op, path, value) = operation;
        rest.bench.refused(&format!("PATCH {}/resources/{id}", rest.path), &patch(op, path, value), expected);
    }
    // What moves takes along what lies under it; its own name is no obstacle.
    let line = format!("PATCH {}/resources/{sub}", rest.path);
    let moved = rest.bench.ok(&line, &patch("replace", "/parentId", &rest.root));
    assert_eq!(moved, json!({ "id": sub, "parentId": rest.root, "path": "/subpets", "pathPart": "subpets" }));
    assert_eq!(rest.bench.ok(&line, &patch("replace", "/pathPart", "subpets")), moved);
    assert_eq!(paths(&rest), ["/", "/pets", "/subpets", "/subpets/pets", "/{proxy+}"]);
    let both = patches(&[("replace", "/pathPart", "x"), ("replace", "/parentId", &pets)]);
    assert_eq!(rest.bench.ok(&line, &both)["path"], "/pets/x");
    assert_eq!(paths(&rest), ["/", "/pets", "/pets/x", "/pets/x/pets", "/{proxy+}"]);
}
