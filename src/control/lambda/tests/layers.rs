//! Layers, and functions that have some.

use super::*;

const LAYERS: &str = "/2018-10-31/layers";
const LAYER: &str = "arn:aws:lambda:us-east-1:000000000000:layer:l";

fn content(code: &str) -> Value {
    json!({ "Content": { "ZipFile": zip(code) }, "CompatibleRuntimes": ["nodejs20.x"] })
}

#[test]
fn a_layer_from_its_first_version_to_its_end() {
    let lambda = Lambda::empty();
    let publish = format!("POST {LAYERS}/l/versions");
    let made =
        lambda.said(&publish, &but(content("1"), json!({ "Description": "d", "LicenseInfo": "MIT" })), 201);
    has(
        &made,
        json!({
            "LayerArn": LAYER, "LayerVersionArn": format!("{LAYER}:1"), "Version": 1, "Description": "d",
            "LicenseInfo": "MIT", "CompatibleRuntimes": ["nodejs20.x"],
            "CreatedDate": "2025-04-14T22:13:56.573+0000",
        }),
    );
    assert_eq!(made["Content"]["CodeSize"], STANDARD.decode(zip("1")).unwrap().len());
    assert_eq!(lambda.said(&format!("GET {LAYERS}/l/versions/1"), &Value::Null, 200), made);
    let by_arn = format!("GET {LAYERS}?find=LayerVersion&Arn={LAYER}:1");
    assert_eq!(lambda.said(&by_arn, &Value::Null, 200), made);
    let location = made["Content"]["Location"].as_str().unwrap();
    let path = &location[location.find("/_gatelet").unwrap()..];
    let Turn::Later(later) = lambda.turn(&format!("GET {path}"), "", b"") else {
        panic!("it reads the disk")
    };
    assert_eq!(later.run(&lambda.control).response.body, STANDARD.decode(zip("1")).unwrap());

    has(&lambda.said(&publish, &content("2"), 201), json!({ "Version": 2 }));
    let versions = lambda.said(&format!("GET {LAYERS}/l/versions"), &Value::Null, 200);
    let numbers = |list: &Value| {
        list["LayerVersions"].as_array().unwrap().iter().map(|one| one["Version"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&versions), [2, 1]);
    let page = lambda.said(&format!("GET {LAYERS}/l/versions?MaxItems=1"), &Value::Null, 200);
    assert_eq!((numbers(&page), &page["NextMarker"]), (vec![2.into()], &"2".into()));
    let page = lambda.said(&format!("GET {LAYERS}/l/versions?Marker=2"), &Value::Null, 200);
    assert_eq!((numbers(&page), page.get("NextMarker")), (vec![1.into()], None));
    let all = lambda.said(&format!("GET {LAYERS}?CompatibleRuntime=nodejs20.x"), &Value::Null, 200);
    has(&all["Layers"][0], json!({ "LayerName": "l", "LayerArn": LAYER }));
    assert_eq!(all["Layers"][0]["LatestMatchingVersion"]["Version"], 2);
    let none = lambda.said(&format!("GET {LAYERS}?CompatibleRuntime=python3.12"), &Value::Null, 200);
    assert_eq!(none, json!({ "Layers": [] }));

    for version in [2, 2, 1] {
        assert_eq!(lambda.answered(&format!("DELETE {LAYERS}/l/versions/{version}"), b"").status, 204);
    }
    lambda.disk.empty_bin();
    assert_eq!(lambda.disk.folders(), 0);
    assert_eq!(lambda.said(&format!("GET {LAYERS}"), &Value::Null, 200), json!({ "Layers": [] }));
    has(&lambda.said(&publish, &content("3"), 201), json!({ "Version": 3 }));
}

#[test]
fn what_is_no_layer() {
    let lambda = Lambda::empty();
    let missing = "404 resourcenotfoundexception: The resource you requested does not exist.";
    for (line, body, expected) in [
        (format!("GET {LAYERS}/l/versions/1"), Value::Null, missing),
        (format!("GET {LAYERS}?find=LayerVersion&Arn={LAYER}:1"), Value::Null, missing),
        (
            format!("GET {LAYERS}?find=LayerVersion&Arn=x"),
            Value::Null,
            "400 validationexception: 1 validation error",
        ),
        (
            format!("GET {LAYERS}/l/versions/x"),
            Value::Null,
            "400 invalidparametervalueexception: x is not the",
        ),
        (
            format!("GET {LAYERS}/a%20b/versions/1"),
            Value::Null,
            "400 validationexception: 1 validation error",
        ),
        (
            format!("POST {LAYERS}/l/versions"),
            json!({}),
            "400 validationexception: 1 validation error detected: Value null at 'content'",
        ),
        (
            format!("POST {LAYERS}/l/versions"),
            json!({ "Content": {} }),
            "400 invalidparametervalueexception: Please",
        ),
        (
            format!("POST {LAYERS}/l/versions"),
            json!({ "Content": { "ZipFile": "AAAA" } }),
            "400 invalidparametervalueexception: Could not unzip uploaded file.",
        ),
        (format!("GET {LAYERS}/l/versions/1/policy"), Value::Null, "501 notimplementedexception: "),
    ] {
        let found = lambda.refused(&line, &body);
        assert!(found.starts_with(expected), "{line}\nexpected {expected}\nfound    {found}");
    }
    assert_eq!(
        lambda.said(&format!("GET {LAYERS}/l/versions"), &Value::Null, 200),
        json!({ "LayerVersions": [] })
    );
}

#[test]
fn functions_have_layers() {
    let lambda = Lambda::empty();
    for (layer, code) in [("l", "1"), ("l", "2"), ("m", "3")] {
        lambda.said(&format!("POST {LAYERS}/{layer}/versions"), &content(code), 201);
    }
    let arn = |layer: &str, version: u32| format!("{}{layer}:{version}", &LAYER[..LAYER.len() - 1]);
    let made = lambda.made(&but(function("f"), json!({ "Layers": [arn("l", 1), arn("m", 1)] })));
    let shown: Vec<&Value> = made["Layers"].as_array().unwrap().iter().map(|layer| &layer["Arn"]).collect();
    assert_eq!(shown, [&Value::from(arn("l", 1)), &arn("m", 1).into()]);

    // A version that a function has stays with it.
    lambda.answered(&format!("DELETE {LAYERS}/l/versions/1"), b"");
    lambda.disk.empty_bin();
    assert_eq!(lambda.disk.folders(), 4);
    let line = format!("PUT {FUNCTIONS}/f/configuration");
    for (layers, expected) in [
        (json!(["x"]), "400 validationexception: 1 validation error detected: Value '[x]' at 'layers'"),
        (
            json!([arn("l", 1)]),
            "400 invalidparametervalueexception: Layer version arn:aws:lambda:us-east-1:000000000000:layer:l:1 does not exist.",
        ),
        (
            json!([arn("l", 2), arn("l", 1)]),
            "400 invalidparametervalueexception: Two different versions of the same layer",
        ),
        (
            json!([arn("a", 1), arn("b", 1), arn("c", 1), arn("d", 1), arn("e", 1), arn("f", 1)]),
            "400 invalidparametervalueexception: Cannot reference more than 5 layers.",
        ),
    ] {
        let found = lambda.refused(&line, &json!({ "Layers": layers }));
        assert!(found.starts_with(expected), "{layers}\nexpected {expected}\nfound    {found}");
    }
    let kept = lambda.said(&line, &json!({ "Timeout": 5 }), 200);
    assert_eq!(kept["Layers"], made["Layers"]);
    let none = lambda.said(&line, &json!({ "Layers": [] }), 200);
    assert_eq!(none.get("Layers"), None);
    lambda.live.publish(Live::empty(Arc::default()));
    lambda.disk.empty_bin();
    assert_eq!(lambda.disk.folders(), 3, "the deleted version is gone with the last function that had it");
}
