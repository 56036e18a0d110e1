use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::control::cloudformation::evaluate::Evaluator;
use crate::control::cloudformation::parameter;
use crate::control::cloudformation::plan::Seen;
use crate::control::cloudformation::setting::Setting;
use crate::control::cloudformation::short_tags::TAGS;
use crate::control::cloudformation::template::Template;
use crate::control::yaml;

/// The outputs of a stack with these, and a resource that is only there; or why there is none.
#[track_caller]
fn check(template: &str, expected: &str) {
    let bench = Bench::new();
    let (status, body) = bench.ask("CreateStack", &[("StackName", "s"), ("TemplateBody", template)]);
    let found = if status == 200 { bench.outputs("s").join("\n") } else { one(&body, "Message") };
    assert_eq!(found, expected, "{template}");
}

const HEAD: &str = "
Parameters:
  P: {Type: String, Default: p}
  L: {Type: CommaDelimitedList, Default: 'a, b'}
  N: {Type: Number, Default: 3}
Mappings:
  M: {k: {v: mapped, l: [1, 2]}, us-east-1: {v: here}}
Conditions:
  Yes: !Equals [!Ref P, p]
  No: !Not [!Condition Yes]
  Both: !And [!Condition Yes, !Not [!Condition No]]
  Any: !Or [!Condition No, !Equals [a, b]]
Resources:
  R: {Type: AWS::CDK::Metadata, Properties: {A: !Ref P}}
  Rule: {Type: AWS::Events::Rule, Properties: {Name: rule, ScheduleExpression: rate(1 minute)}}
  Never: {Type: AWS::CDK::Metadata, Condition: No}
Outputs:
  O:
    Value: ";

#[test]
fn functions() {
    for (value, expected) in [
        ("!Ref P", "p"),
        ("!Ref L", "a,b"),
        ("!Ref N", "3"),
        ("!Ref Rule", "rule"),
        ("!Ref AWS::Region", "us-east-1"),
        ("!Ref AWS::AccountId", "000000000000"),
        ("!Ref AWS::Partition", "aws"),
        ("!Ref AWS::StackName", "s"),
        ("!Ref AWS::URLSuffix", "localhost.localstack.cloud:4566"),
        ("!GetAtt Rule.Arn", "arn:aws:events:us-east-1:000000000000:rule/rule"),
        ("!Join ['-', [a, !Ref P, 1, true]]", "a-p-1-true"),
        ("!Join ['', !Ref L]", "ab"),
        ("!Join [',', [a, !Ref AWS::NoValue, b]]", "a,b"),
        (
            "!Sub '${P}-${AWS::Region}-${Rule}-${Rule.Arn}'",
            "p-us-east-1-rule-arn:aws:events:us-east-1:000000000000:rule/rule",
        ),
        ("!Sub ['${P}${x}${!y}', {x: !Ref N}]", "p3${y}"),
        ("!Sub ['${P}', {P: own}]", "own"),
        ("!If [Yes, a, b]", "a"),
        ("!If [No, a, !If [Both, c, d]]", "c"),
        ("!If [Any, a, b]", "b"),
        ("!If [Yes, a, !Ref Nowhere]", "a"),
        ("!Select [1, !Ref L]", "b"),
        ("!Select ['0', [x]]", "x"),
        ("!Select [2, !Split ['/', 'a/b/c']]", "c"),
        ("!FindInMap [M, k, v]", "mapped"),
        ("!FindInMap [M, !Ref AWS::Region, v]", "here"),
        ("!Join ['+', !FindInMap [M, k, l]]", "1+2"),
        ("{Fn::Base64: !Sub 'x${P}'}", "eHA="),
        ("!Select [0, !GetAZs '']", "us-east-1a"),
        ("12", "12"),
    ] {
        check(&format!("{HEAD}{value}\n"), &format!("O={expected}"));
    }
}

#[test]
fn mistakes() {
    for (value, expected) in [
        ("!Ref Nowhere", "Unresolved resource dependencies [Nowhere] in the Outputs block of the template"),
        ("!Ref Never", "Unresolved resource dependencies [Never] in the Outputs block of the template"),
        ("!GetAtt R.Foo", "Template error: resource R does not support attribute type Foo in Fn::GetAtt"),
        ("!FindInMap [M, C, v]", "Template error: Unable to get mapping for M::C::v"),
        ("!Select [7, !Ref L]", "Template error: Fn::Select cannot select nonexistent value at index 7"),
        ("!Sub '${L}'", "Template error: variable L in Fn::Sub expression does not resolve to a string"),
        ("!ImportValue x", "No export named x found."),
        (
            "!If [Nope, a, b]",
            "Template format error: Unresolved condition dependency Nope in the Resources block of the template",
        ),
        ("", "[/Outputs/O/Value] 'null' values are not allowed in templates"),
    ] {
        check(&format!("{HEAD}{value}\n"), expected);
    }
    for (template, expected) in [
        ("[", "Template format error: YAML not well-formed. (line 2, column 1)"),
        ("{\"a\"", "Template format error: JSON not well-formed. (line 1, column 4)"),
        ("text", "Template format error: unsupported structure."),
        ("Foo: 1", "Invalid template property or properties [Foo]"),
        ("Resources: {}", "Template format error: At least one Resources member must be defined."),
        ("Resources: {A: 1}", "Template format error: Any Resources member must be an object."),
        (
            "Resources: {A: {}}",
            "Template format error: [/Resources/A] Every Resources object must contain a Type member.",
        ),
        ("Resources: {a-b: {Type: X}}", "Template format error: Resource name a-b is non alphanumeric."),
        (
            "Resources: {A: {Type: AWS::CDK::Metadata, Invalid: 1}}",
            "Invalid template resource property 'Invalid'",
        ),
        (
            "Resources: {A: {Type: AWS::CDK::Metadata, DependsOn: B}}",
            "Template format error: Unresolved resource dependencies [B] in the Resources block of the template",
        ),
        (
            "Resources: {A: {Type: AWS::CDK::Metadata, Properties: {B: !Ref B, C: !Sub '${C.D}'}}}",
            "Template format error: Unresolved resource dependencies [B, C] in the Resources block of the template",
        ),
        (
            "Resources: {A: {Type: AWS::CDK::Metadata, Properties: {B: !Ref B}}, B: {Type: AWS::CDK::Metadata, DependsOn: [A]}}",
            "Circular dependency between resources: [A, B]",
        ),
        (
            "Parameters: {P: {Type: String}}\nResources: {A: {Type: AWS::CDK::Metadata}}",
            "Parameters: [P] must have values",
        ),
        (
            "Parameters: {P: {Type: Foo}}\nResources: {A: {Type: AWS::CDK::Metadata}}",
            "Template format error: Unrecognized parameter type: Foo (P)",
        ),
        (
            "Mappings: {A: 1}\nResources: {A: {Type: AWS::CDK::Metadata}}",
            "Template format error: Every Mappings member A must be a map",
        ),
        (
            "Mappings: {A: {b: {c: {}}}}\nResources: {A: {Type: AWS::CDK::Metadata}}",
            "Template format error: Every Mappings attribute must be a String or a List.",
        ),
        (
            "Conditions: {A: !Equals [1]}\nResources: {A: {Type: AWS::CDK::Metadata}}",
            "Template error: every Fn::Equals object requires a list of 2 string parameters.",
        ),
        (
            "Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}\nResources: {A: {Type: AWS::CDK::Metadata}}",
            "Template format error: Circular dependency between conditions: A asks for itself",
        ),
        (
            "Resources: {A: {Type: AWS::CloudFormation::Stack}}",
            "gatelet does not support nested stacks yet: AWS::CloudFormation::Stack",
        ),
        (
            "Resources: {A: {Type: Custom::X}}",
            "Missing required field: ServiceToken of the custom resource A",
        ),
        (
            "Resources: {A: {Type: AWS::Serverless::Function}}",
            "Template format error: Unrecognized resource types: [AWS::Serverless::Function]",
        ),
        (
            "Transform: Mine\nResources: {A: {Type: AWS::CDK::Metadata}}",
            "gatelet does not support the transform Mine yet: deploy a template in which it is already applied",
        ),
        (
            "Resources: {A: {Type: AWS::IAM::Policy, Properties: {Users: [a]}}}",
            "gatelet does not support the property Users of AWS::IAM::Policy yet (resource A)",
        ),
    ] {
        check(template, expected);
    }
}

#[test]
fn a_transform_of_nothing_is_none() {
    check(
        "Transform: AWS::Serverless-2016-10-31\nResources: {A: {Type: AWS::CDK::Metadata}}\nOutputs: {O: {Value: x}}",
        "O=x",
    );
}

#[test]
fn bombs() {
    // Each level doubles what the one below builds.
    let mut text = "!Sub xxxxxxxxxxxxxxxx".to_owned();
    for _ in 0..40 {
        text = format!("!Sub ['${{a}}${{a}}', {{a: {text}}}]");
    }
    check(&format!("{HEAD}{text}\n"), "Template error: its functions build more than 8000000 bytes");
    let resources = (0..501).map(|n| format!("  R{n}: {{Type: AWS::CDK::Metadata}}\n")).collect::<String>();
    check(
        &format!("Resources:\n{resources}"),
        "Template format error: Number of resources, 501, is greater than maximum allowed, 500",
    );
    let long = format!("Description: {}\nResources: {{}}", "x".repeat(1_000_000));
    check(&long, "Template may not exceed 1000000 bytes in size.");
    let chain: String = (0..5000).map(|n| format!("  C{n:05}: !Not [!Condition C{:05}]\n", n + 1)).collect();
    check(
        &format!(
            "Conditions:\n{chain}  C05000: !Equals [1, 1]\nResources: {{A: {{Type: AWS::CDK::Metadata}}}}"
        ),
        "Template format error: Conditions ask for each other over more than 100 steps",
    );
}

#[test]
fn parameters() {
    let bench = Bench::new();
    let template = "
Parameters:
  A: {Type: String, AllowedValues: [x, y], Default: x}
  B: {Type: Number, MinValue: 2, Default: 2}
  C: {Type: String, NoEcho: true, MinLength: 2}
  D: {Type: String, AllowedPattern: '[a-z]+', ConstraintDescription: lower case, Default: d}
Resources: {R: {Type: AWS::CDK::Metadata}}
Outputs: {O: {Value: !Sub '${A}${B}${C}${D}'}}";
    let ask = |action: &str, parameters: &[(&str, &str)]| {
        let mut members =
            vec![("StackName".to_owned(), "s".to_owned()), ("TemplateBody".into(), template.into())];
        for (n, (key, value)) in parameters.iter().enumerate() {
            let prefix = format!("Parameters.member.{}", n + 1);
            members.push((format!("{prefix}.ParameterKey"), (*key).to_owned()));
            members.push(match *value {
                "<previous>" => (format!("{prefix}.UsePreviousValue"), "true".into()),
                value => (format!("{prefix}.ParameterValue"), value.to_owned()),
            });
        }
        let members: Vec<(&str, &str)> = members.iter().map(|(name, value)| (&**name, &**value)).collect();
        let (status, body) = bench.ask(action, &members);
        if status == 200 { bench.outputs("s").join(" ") } else { one(&body, "Message") }
    };
    for (parameters, expected) in [
        (&[][..], "Parameters: [C] must have values"),
        (&[("C", "cc"), ("X", "x")], "Parameters: [X] do not exist in the template"),
        (&[("C", "cc"), ("A", "z")], "Parameter 'A' must be one of AllowedValues: [x, y]"),
        (&[("C", "cc"), ("B", "z")], "Parameter 'B' must be a number."),
        (&[("C", "cc"), ("B", "1")], "Parameter 'B' must be a number not less than 2"),
        (&[("C", "c")], "Parameter 'C' must contain at least 2 characters"),
        (&[("C", "cc"), ("D", "D")], "Parameter D failed to satisfy constraint: lower case"),
        (&[("C", "cc"), ("A", "y")], "O=y2ccd"),
    ] {
        assert_eq!(ask("CreateStack", parameters), expected, "{parameters:?}");
    }
    let shown = bench.ok("DescribeStacks", &[("StackName", "s")]);
    assert_eq!(all(&shown, "ParameterValue"), ["y", "2", "****", "d"]);
    assert_eq!(ask("UpdateStack", &[("A", "<previous>"), ("C", "<previous>"), ("D", "e")]), "O=y2cce");
    assert_eq!(ask("UpdateStack", &[("C", "<previous>")]), "O=x2ccd");
    let summary = bench.ok("GetTemplateSummary", &[("StackName", "s")]);
    assert_eq!(all(&summary, "ParameterKey"), ["A", "B", "C", "D"]);
    let valid = bench.ok("ValidateTemplate", &[("TemplateBody", template)]);
    assert_eq!(all(&valid, "NoEcho"), ["false", "false", "true", "false"]);
}

/// Values with functions in them, of a template with these parameters and conditions.
fn values() -> impl Strategy<Value = Value> {
    let names = prop_oneof![
        Just("P"),
        Just("L"),
        Just("R"),
        Just("Rule"),
        Just("AWS::Region"),
        Just("AWS::NoValue"),
        Just("Nowhere"),
        Just("Rule.Arn"),
        Just("x")
    ];
    let leaf = prop_oneof![
        "[a-z${}!,./-]{0,8}".prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        names.clone().prop_map(|name| json!({ "Ref": name })),
        names.prop_map(|name| json!({ "Fn::Sub": format!("${{{name}}}-${{!{name}}}") })),
        Just(json!({ "Fn::GetAtt": ["Rule", "Arn"] })),
        Just(json!({ "Fn::FindInMap": ["M", "k", "v"] })),
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let list = proptest::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            list.clone().prop_map(Value::from),
            proptest::collection::btree_map("[A-C]", inner.clone(), 0..3).prop_map(|map| json!(map)),
            (inner.clone(), list.clone()).prop_map(|(with, list)| json!({ "Fn::Join": [with, list] })),
            (inner.clone(), list.clone()).prop_map(|(at, list)| json!({ "Fn::Select": [at, list] })),
            (inner.clone(), inner.clone()).prop_map(|(with, text)| json!({ "Fn::Split": [with, text] })),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| json!({ "Fn::If": ["Yes", a, b] })),
            inner.clone().prop_map(|x| json!({ "Fn::Sub": ["${x}${x}", { "x": x }] })),
            inner.prop_map(|x| json!({ "Fn::Base64": x })),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever a value is, it evaluates or is refused; what it comes to has no functions, and comes to itself.
    #[test]
    fn any_value_evaluates_to_what_evaluates_to_itself(value in values()) {
        let template = Template::parse(&format!("{HEAD}x\n")).expect("a good template");
        let parameters = parameter::values(&template, &[], &[], |_| unreachable!()).expect("they have defaults");
        let parameters = parameter::references(&template, &parameters);
        let pseudo = BTreeMap::from([("AWS::Region", json!("us-east-1"))]);
        let setting = Setting::new(&template, &parameters, &pseudo).expect("good conditions");
        let seen = Seen { resources: &BTreeMap::new(), fresh: &BTreeSet::new(), exports: &BTreeMap::new() };
        if let Ok(Some(once)) = Evaluator::new(&setting, &seen).value(&value) {
            let twice = Evaluator::new(&setting, &seen).value(&once).expect("there is nothing to do");
            prop_assert_eq!(twice, Some(once));
        }
    }

    /// JSON is YAML: both ways of reading a template come to the same tree.
    #[test]
    fn json_is_yaml(value in values()) {
        let text = value.to_string();
        prop_assert_eq!(yaml::parse(&text, TAGS), Ok(value), "{}", text);
    }
}
