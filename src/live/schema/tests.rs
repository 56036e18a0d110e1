//! Schemas: what fits, what is none, what is said, and that none takes long.

use proptest::prelude::*;
use serde_json::json;

use super::*;

#[test]
fn what_fits() {
    let object = r##"{"$schema":"http://json-schema.org/draft-04/schema#","title":"m","type":"object",
        "properties":{"action":{"type":"string","pattern":"^(?!x)[a-z]+$"},"n":{"type":"integer","minimum":1,"exclusiveMinimum":true},
        "at":{"$ref":"#/definitions/at"}},"required":["action"],
        "definitions":{"at":{"type":"array","items":{"type":"number"}}}}"##;
    let tree = r##"{"id":"http://a/tree","type":"object","properties":{"v":{"$ref":"#v"},"next":{"$ref":"http://a/tree#"}},
        "additionalProperties":false,"definitions":{"v":{"id":"#v","enum":[1,[1,{"a":2}],null]}}}"##;
    let of =
        r##"{"oneOf":[{"type":"integer"},{"minimum":2}],"anyOf":[{"not":{"multipleOf":5}},{"maximum":5}]}"##;
    let list = r##"{"items":[{"type":"string"}],"additionalItems":{"type":"null"},"minItems":1,"maxItems":3,"uniqueItems":true}"##;
    let map = r##"{"patternProperties":{"^x-":{"type":"string"}},"properties":{"x-n":{"minLength":2},"a":{}},
        "additionalProperties":{"type":"boolean"},"minProperties":1,"maxProperties":3,
        "dependencies":{"a":["x-n"],"b":{"required":["a"]}}}"##;
    for (schema, fitting, others) in [
        ("{}", vec![json!(null), json!([])], vec![]),
        (
            object,
            vec![
                json!({ "action": "join" }),
                json!({ "action": "join", "n": 2, "at": [1, 2.5], "more": {} }),
            ],
            vec![
                json!({}),
                json!({ "action": 5 }),
                json!({ "action": "xjoin" }),
                json!({ "action": "join", "n": 1 }),
                json!({ "action": "join", "n": 1.5 }),
                json!({ "action": "join", "at": ["1"] }),
                json!("join"),
            ],
        ),
        (
            tree,
            vec![json!({ "next": { "next": { "v": [1.0, { "a": 2 }] } } }), json!({ "v": 1.0 })],
            vec![
                json!({ "next": { "next": { "v": [1] } } }),
                json!({ "next": { "x": 1 } }),
                json!({ "v": false }),
            ],
        ),
        (of, vec![json!(1), json!(3.5), json!(-5)], vec![json!(2), json!(1.5), json!(10.0)]),
        (
            list,
            vec![json!(["a"]), json!(["a", null]), json!("a")],
            vec![
                json!([]),
                json!(["a", null, null]),
                json!([1]),
                json!(["a", 1]),
                json!(["a", "b", "c", "d"]),
            ],
        ),
        (
            map,
            vec![json!({ "x-n": "ab", "a": 1 }), json!({ "c": true }), json!(5)],
            vec![
                json!({}),
                json!({ "x-n": "a" }),
                json!({ "x-n": 1 }),
                json!({ "x-m": 1 }),
                json!({ "c": 1 }),
                json!({ "a": 1 }),
                json!({ "b": true }),
                json!({ "c": true, "d": true, "e": true, "f": true }),
            ],
        ),
        (r#"{"enum":["a"]}"#, vec![json!("a")], vec![json!("b"), json!(null)]),
        // No schema is spelled in there.
        (
            r##"{"enum":[{"id":"a","$ref":"#/x","pattern":"^(?=a)b"}]}"##,
            vec![json!({ "id": "a", "$ref": "#/x", "pattern": "^(?=a)b" })],
            vec![json!({})],
        ),
        (
            r##"{"properties":{"$ref":{"$ref":"#/a b~1~0%25/0"},"enum":{"$ref":"#enum"},"id":{"enum":[1]}},
            "a b/~%":[{"type":"null"}],"definitions":{"b":{"id":"#enum","type":"string"}}}"##,
            vec![json!({ "$ref": null, "enum": "a", "id": 1 })],
            vec![json!({ "$ref": 1 }), json!({ "enum": 1 }), json!({ "id": 2 })],
        ),
        (
            r#"{"items":{"$schema":"http://json-schema.org/draft-07/schema#","const":1,"type":"integer"}}"#,
            vec![json!([2])],
            vec![json!([1.0])],
        ),
        (
            r#"{"pattern":"^(?=.*[A-Z])(?=.*\\d)(?!admin).{8,}$","allOf":[{"maxLength":9}]}"#,
            vec![json!("Passw0rd"), json!(1), json!([])],
            vec![json!("password1"), json!("Passw0r"), json!("adminP0rd"), json!("Passw0rd10")],
        ),
        (r#"{"multipleOf":0.01}"#, vec![json!(19.99), json!(0.07)], vec![json!(0.075)]),
        (r#"{"format":"ipv4"}"#, vec![json!("1.2.3.4"), json!(1)], vec![json!("1.2.3")]),
        (r#"{"maxLength":1}"#, vec![json!("\u{1F4A9}")], vec![json!("ab")]),
        (r#"{"type":["number","null"]}"#, vec![json!(1), json!(1.5), json!(null)], vec![json!("1")]),
        (r#"{"type":"integer"}"#, vec![json!(1), json!(u64::MAX)], vec![json!(1.0), json!(true)]),
        (r#"{"uniqueItems":true}"#, vec![json!([1, "1", true, [1], { "a": 1 }])], vec![json!([1, 1.0])]),
        (
            r#"{"$schema":"http://json-schema.org/draft-07/schema#","const":1,"if":{"type":"string"},"then":false}"#,
            vec![json!(2), json!("a")],
            vec![],
        ),
    ] {
        let schema = Schema::parse(schema).unwrap_or_else(|error| panic!("{schema}: {error}"));
        for (values, fits) in [(fitting, true), (others, false)] {
            for value in values {
                assert_eq!(schema.fits(&value), fits, "{schema:?} {value}");
                assert_eq!(schema.complaint(&value).is_none(), fits, "{schema:?} {value}");
            }
        }
    }
}

#[test]
fn what_is_no_schema() {
    let deep = format!("{}true{}", r#"{"not":"#.repeat(100_000), "}".repeat(100_000));
    for (schema, why) in [
        ("", "it is no JSON: EOF"),
        ("5", "it is no JSON object"),
        ("true", "it is no JSON object"),
        (&deep, "it is no JSON: recursion limit"),
        (
            r#"{"type":"thing"}"#,
            "\"thing\" is not valid under any of the schemas listed in the 'anyOf' keyword, at /type",
        ),
        (r#"{"type":[]}"#, "[] is not valid under any of the schemas"),
        (r#"{"minLength":-1}"#, "-1 is less than the minimum of 0, at /minLength"),
        (r#"{"minLength":"1"}"#, "\"1\" is not of type \"integer\", at /minLength"),
        (r#"{"required":[]}"#, "[] has less than 1 item, at /required"),
        (
            r#"{"properties":{"a":{"required":true}}}"#,
            "true is not of type \"array\", at /properties/a/required",
        ),
        (r#"{"multipleOf":0}"#, "0 is less than or equal to the minimum of 0, at /multipleOf"),
        (r#"{"exclusiveMinimum":true}"#, "\"minimum\" is a required property"),
        (r#"{"minimum":1,"exclusiveMinimum":1}"#, "1 is not of type \"boolean\", at /exclusiveMinimum"),
        (r#"{"pattern":"("}"#, "pattern: ( is no regular expression"),
        (r#"{"patternProperties":{"(":{}}}"#, "patternProperties: ( is no regular expression"),
        (r#"{"patternProperties":{"^(?!a)b":{}}}"#, "patternProperties: ^(?!a)b is no regular expression"),
        (
            r#"{"pattern":"^(?!(a)\\1)b"}"#,
            r"pattern: ^(?:(a)\1) is no regular expression, or it looks around",
        ),
        (r#"{"pattern":"a{1000}{1000}{1000}"}"#, "pattern: a{1000}{1000}{1000} is too large, or all"),
        (r#"{"items":[]}"#, "[] is not valid under any of the schemas"),
        (r#"{"items":true}"#, "true is not valid under any of the schemas"),
        (r#"{"allOf":{}}"#, "{} is not of type \"array\", at /allOf"),
        (
            r#"{"definitions":{"a":{"type":1}}}"#,
            "1 is not valid under any of the schemas listed in the 'anyOf' keyword, at /definitions/a/type",
        ),
        (r##"{"$ref":"#/definitions/a"}"##, "$ref: #/definitions/a leads nowhere"),
        (r##"{"$ref":"#/title","title":"a"}"##, "$ref: #/title leads nowhere"),
        (r#"{"$ref":"http://example.com/schema"}"#, "$ref: http://example.com/schema leads nowhere"),
        (r#"{"$ref":"file:///etc/passwd"}"#, "$ref: file:///etc/passwd leads nowhere"),
        (r##"{"$ref":"#"}"##, "it refers to itself"),
        (r##"{"allOf":[{"anyOf":[{"not":{"$ref":"#"}}]}]}"##, "it refers to itself"),
        (r##"{"dependencies":{"a":{"$ref":"#"}}}"##, "it refers to itself"),
    ] {
        let error = Schema::parse(schema).expect_err(schema);
        assert!(error.starts_with(why), "{error}\n{why}");
    }
}

#[test]
fn what_is_wrong_is_said_in_the_words_of_aws() {
    let schema = r#"{"type":"object","required":["id","price"],"additionalProperties":false,"properties":{
        "id":{"type":["integer","string"]},"price":{"type":"number","minimum":0,"maximum":10,"exclusiveMaximum":true},
        "tags":{"type":"array","minItems":1,"items":{"enum":["a","b"]}},"name":{"maxLength":3,"pattern":"^[a-z]*$"}}}"#;
    for (value, expected) in [
        (
            json!([]),
            r#"[instance type (array) does not match any allowed primitive type (allowed: ["object"])]"#,
        ),
        (json!({}), r#"[object has missing required properties (["id","price"])]"#),
        (
            json!({ "id": null, "price": 10 }),
            "[instance type (null) does not match any allowed primitive type (allowed: [\"integer\",\"string\"]), \
             numeric instance is not strictly lower than the required maximum 10]",
        ),
        (
            json!({ "id": 1, "price": -1, "x": 1 }),
            "[numeric instance is lower than the required minimum (minimum: 0, found: -1), \
             object instance has properties which are not allowed by the schema: [\"x\"]]",
        ),
        (
            json!({ "id": 1, "price": 1, "tags": [] }),
            "[array is too short: must have at least 1 elements but instance has 0 elements]",
        ),
        (
            json!({ "id": 1, "price": 1, "tags": ["a", "c"], "name": "A\"AA" }),
            "[string \"A\\\"AA\" is too long (length: 4, maximum allowed: 3), \
             ECMA 262 regex \"^[a-z]*$\" does not match input string \"A\\\"AA\", \
             instance value (\"c\") not found in enum (possible values: [\"a\",\"b\"])]",
        ),
    ] {
        let schema = Schema::parse(schema).unwrap();
        assert_eq!(schema.complaint(&value).as_deref(), Some(expected));
    }
    let looks_ahead = Schema::parse(r#"{"pattern":"^(?=.*b)(?!a).{3}$"}"#).unwrap();
    for text in ["ccc", "abc"] {
        let expected =
            format!("[ECMA 262 regex \"^(?=.*b)(?!a).{{3}}$\" does not match input string \"{text}\"]");
        assert_eq!(looks_ahead.complaint(&json!(text)), Some(expected));
    }
    let many = json!({ "id": 1, "price": 1, "tags": vec!["x".repeat(1000); 1000] });
    let said = Schema::parse(schema).unwrap().complaint(&many).unwrap();
    assert!(said.len() < 2_000, "{}", said.len());
}

#[test]
fn schemas_refer_to_others() {
    let other = |name: &str| match name {
        "http://models/Pet" => {
            Some(json!({ "properties": { "owner": { "$ref": "http://models/Owner#/definitions/o" } } }))
        }
        "http://models/Owner" => Some(json!({ "definitions": {
            "o": { "required": ["name"], "properties": { "pets": { "items": { "$ref": "http://models/Pet" } } } }
        } })),
        name => name.strip_prefix("http://next/").map(|_| json!({ "$ref": format!("{name}x") })),
    };
    let schema = Schema::parse_among(r#"{"items":{"$ref":"http://models/Pet"}}"#, other).unwrap();
    let owner = |owner: Value| json!([{ "owner": owner }]);
    assert!(schema.fits(&owner(json!({ "name": "a", "pets": [{ "owner": { "name": "b" } }] }))));
    assert!(!schema.fits(&owner(json!({ "name": "a", "pets": [{ "owner": {} }] }))));
    let endless = Schema::parse_among(r#"{"$ref":"http://next/"}"#, other).unwrap_err();
    assert_eq!(endless, "it refers to more than 100 others");
    let unknown = Schema::parse_among(r#"{"$ref":"http://models/Tree"}"#, other).unwrap_err();
    assert_eq!(unknown, "$ref: http://models/Tree leads nowhere");
}

/// Definitions that each hold the next twice, by `inner`, where `NEXT` is the next.
fn doubling(levels: usize, inner: &str, last: &str) -> String {
    let mut definitions: Vec<String> = (0..levels)
        .map(|level| {
            let next = format!(r##"{{"$ref":"#/definitions/d{}"}}"##, level + 1);
            format!(r#""d{level}":{}"#, inner.replace("NEXT", &next))
        })
        .collect();
    definitions.push(format!(r#""d{levels}":{last}"#));
    format!(r##"{{"allOf":[{{"$ref":"#/definitions/d0"}}],"definitions":{{{}}}}}"##, definitions.join(","))
}

#[test]
fn what_doubles_is_refused_or_gives_up() {
    for inner in [r#"{"allOf":[NEXT,NEXT]}"#, r#"{"anyOf":[NEXT,NEXT]}"#, r#"{"not":{"oneOf":[NEXT,NEXT]}}"#]
    {
        let error = Schema::parse(&doubling(60, inner, r#"{"type":"string"}"#)).unwrap_err();
        assert!(error.starts_with("it holds"), "{error}");
        assert!(Schema::parse(&doubling(8, inner, "{}")).is_ok(), "{inner}");
    }
    let chain = Schema::parse(&doubling(100, "NEXT", "{}")).unwrap_err();
    assert_eq!(chain, "it holds schemas more than 64 deep against the same value");
    // Each level of the value is looked at twice as often as the one above it.
    let nested = |levels: usize, open: &str, close: &str, last: &str| -> Value {
        serde_json::from_str(&format!("{}{last}{}", open.repeat(levels), close.repeat(levels))).unwrap()
    };
    let twice = r#"{"allOf":[{"properties":{"a":NEXT}},{"properties":{"a":NEXT}}]}"#;
    let schema = Schema::parse(&doubling(100, twice, r#"{"type":"string"}"#)).unwrap();
    let value = nested(100, r#"{"a":"#, "}", "5");
    assert_eq!(schema.complaint(&value).unwrap(), "[instance takes more than 4000000 steps to validate]");
    assert!(!schema.fits(&value));
    assert!(schema.fits(&nested(10, r#"{"a":"#, "}", "5")));
    let itself = r##"{"anyOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}],"not":{"type":"number"}}"##;
    let schema = Schema::parse(itself).unwrap();
    assert!(!schema.fits(&nested(120, "[", "]", "5")));
    assert!(schema.fits(&nested(10, "[", "]", "\"\"")));
    // No verdict is no yes, whoever turns it about.
    let schema = Schema::parse(&format!(r#"{{"not":{itself}}}"#)).unwrap();
    assert!(!schema.fits(&nested(120, "[", "]", "5")));
}

#[test]
fn what_is_deep_or_large_is_no_harm() {
    let schema = Schema::parse(r##"{"items":{"allOf":[{"anyOf":[{"$ref":"#"}]}]}}"##).unwrap();
    let deep = |levels: usize| {
        serde_json::from_str::<Value>(&format!("{}{}", "[".repeat(levels), "]".repeat(levels)))
    };
    assert!(schema.fits(&deep(120).unwrap()));
    assert!(deep(128).is_err(), "deeper than any value is read");
    let schema = Schema::parse(&doubling(60, "NEXT", r##"{"items":{"$ref":"#"}}"##)).unwrap();
    assert_eq!(
        schema.complaint(&deep(120).unwrap()).unwrap(),
        "[instance and schema are nested more than 512 levels deep]"
    );
    let in_place = format!("{}NEXT{}", r#"{"anyOf":["#.repeat(40), "]}".repeat(40));
    let schema = Schema::parse(&doubling(1, &in_place, r##"{"items":{"$ref":"#"}}"##)).unwrap();
    assert!(schema.fits(&deep(8).unwrap()));
    assert!(!schema.fits(&deep(13).unwrap()));
    let long = Value::from(vec![json!("a".repeat(100)); 1_280]);
    let unique: Value = (0..60_000).collect::<Vec<_>>().into();
    let twice: Value = (0..60_000).chain([0]).collect::<Vec<_>>().into();
    let lists: Value = (0..10_000).map(|n| json!([[n], {}])).collect();
    for (schema, value, fits) in [
        (r#"{"items":{"pattern":"^a+$"}}"#, &long, true),
        (r#"{"items":{"pattern":"^(a|aa)+$"}}"#, &long, true),
        (r#"{"items":{"pattern":"^(?=(a|aa)+$)b"}}"#, &long, false),
        (r#"{"uniqueItems":true}"#, &unique, true),
        (r#"{"uniqueItems":true}"#, &twice, false),
        (r#"{"uniqueItems":true,"items":{"uniqueItems":true}}"#, &lists, true),
        (r#"{"items":{"enum":["b","c","d","e"]}}"#, &long, false),
    ] {
        assert_eq!(Schema::parse(schema).unwrap().fits(value), fits, "{schema}");
    }
    // Many patterns, each within its limits.
    let patterns: Vec<_> = (0..1000).map(|n| format!(r#""\\p{{L}}{{400}}{n}":{{}}"#)).collect();
    let error = Schema::parse(&format!(r#"{{"patternProperties":{{{}}}}}"#, patterns.join(","))).unwrap_err();
    assert!(error.contains("too large"), "{error}");
}

/// Half of what the main thread has, on which the reactor runs; a test has 2 MB.
#[test]
fn what_nests_needs_little_of_the_stack() {
    let items = |levels: usize| format!("{}NEXT{}", r#"{"items":"#.repeat(levels), "}".repeat(levels));
    let members = r#"{"additionalProperties":{"properties":{"a":"#;
    let members = |levels: usize| format!("{}NEXT{}", members.repeat(levels / 3), "}}}".repeat(levels / 3));
    let work = move || {
        for (levels, fits) in [(45, true), (48, false)] {
            for nested in [items(levels), members(levels)] {
                let schema = Schema::parse(&doubling(30, &nested, r#"{"type":"null"}"#));
                assert_eq!(schema.is_ok(), fits, "{nested}");
            }
        }
        let tree = Schema::parse(r##"{"type":"array","items":{"allOf":[{"$ref":"#"}]}}"##).unwrap();
        let deep = serde_json::from_str(&format!("{}5{}", "[".repeat(126), "]".repeat(126))).unwrap();
        assert!(tree.complaint(&deep).unwrap().starts_with("[instance type (integer)"));
    };
    std::thread::Builder::new().stack_size(4 << 20).spawn(work).unwrap().join().unwrap();
}

/// Schemas of all keywords.
fn schemas() -> impl Strategy<Value = Value> {
    let types = ["array", "boolean", "integer", "null", "number", "object", "string"];
    let leaf = prop_oneof![
        Just(json!({})),
        prop::sample::subsequence(types.to_vec(), 1..4).prop_map(|types| json!({ "type": types })),
        values().prop_map(|value| json!({ "enum": [value, "b"] })),
        (-3..4i64, any::<bool>()).prop_map(|(n, is)| json!({ "minimum": n, "exclusiveMinimum": is })),
        (-3..4i64, any::<bool>()).prop_map(|(n, is)| json!({ "maximum": n, "exclusiveMaximum": is })),
        prop::sample::select(vec![json!(1), json!(2), json!(0.5), json!(0.1)])
            .prop_map(|of| json!({ "multipleOf": of })),
        (0..3u64, 0..3u64).prop_map(|(least, most)| json!({ "minLength": least, "maxLength": most })),
        (0..3u64, 0..3u64).prop_map(|(least, most)| json!({ "minItems": least, "maxItems": most })),
        (0..3u64, 0..3u64).prop_map(|(least, most)| json!({ "minProperties": least, "maxProperties": most })),
        Just(json!({ "uniqueItems": true })),
        prop::sample::select(vec!["^a", "b$", "^[ab]{2}$", "^\\d"])
            .prop_map(|text| json!({ "pattern": text })),
        prop::collection::btree_set("[a-c]", 1..3).prop_map(|names| json!({ "required": names })),
        Just(json!({ "dependencies": { "a": ["b"], "b": { "minProperties": 3 } } })),
        Just(json!({ "$ref": "#/definitions/d" })),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let some = || prop::collection::vec(inner.clone(), 1..4);
        let rest = || prop_oneof![any::<bool>().prop_map(Value::from), inner.clone()];
        let named = || prop::collection::btree_map("[a-c]", inner.clone(), 0..3);
        prop_oneof![
            some().prop_map(|all| json!({ "allOf": all })),
            some().prop_map(|any| json!({ "anyOf": any })),
            some().prop_map(|one| json!({ "oneOf": one })),
            inner.clone().prop_map(|not| json!({ "not": not })),
            inner.clone().prop_map(|items| json!({ "items": items })),
            (some(), rest()).prop_map(|(items, rest)| json!({ "items": items, "additionalItems": rest })),
            (named(), rest(), inner.clone()).prop_map(|(named, rest, of)| {
                json!({ "properties": named, "additionalProperties": rest, "patternProperties": { "^[bc]": of } })
            }),
            (named(), rest()).prop_map(|(named, rest)| json!({ "properties": named, "additionalProperties": rest })),
        ]
    })
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-4..5i64).prop_map(Value::from),
        prop::sample::select(vec![0.5, 1.5, -0.3, 0.30000000000000004, 1e300]).prop_map(Value::from),
        "[ab1]{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn the_library_is_told_what_is_meant(schema in schemas(), value in values(), definition in values()) {
        let mut schema = schema;
        schema["definitions"] = json!({ "d": { "properties": { "a": { "$ref": "#/definitions/d" }, "b": { "enum": [definition] } } } });
        let ours = Schema::parse(&schema.to_string()).unwrap();
        let theirs = jsonschema::options().with_draft(jsonschema::Draft::Draft4).build(&schema).unwrap();
        prop_assert_eq!(ours.fits(&value), theirs.is_valid(&value), "{} {}", schema, value);
        prop_assert_eq!(ours.complaint(&value).is_none(), ours.fits(&value), "{} {}", schema, value);
    }

    #[test]
    fn any_text_is_a_schema_or_none(text in r##"(\{|\}|"type"|"not"|"\$ref"|"#"|:|,|\[|\]|1|"allOf"|"items"){0,12}"##) {
        if let Ok(schema) = Schema::parse(&text) {
            let _ = schema.complaint(&json!([[1]]));
        }
    }
}
