use super::*;

#[test]
fn a_change_set_makes_a_stack_and_another_changes_it() {
    let bench = Bench::new();
    let mut template = http_api();
    let body = template.to_string();
    let of = |name: &'static str, kind: &'static str| {
        move |body: &str| {
            vec![
                ("StackName".to_owned(), "s".to_owned()),
                ("ChangeSetName".into(), name.into()),
                ("ChangeSetType".into(), kind.into()),
                ("TemplateBody".into(), body.to_owned()),
            ]
        }
    };
    let ask = |action: &str, members: Vec<(String, String)>| {
        let members: Vec<(&str, &str)> = members.iter().map(|(name, value)| (&**name, &**value)).collect();
        bench.ok(action, &members)
    };
    bench.ok("DeleteChangeSet", &[("StackName", "s"), ("ChangeSetName", "arn:aws:cloudformation:x")]);
    let made = ask("CreateChangeSet", of("one", "CREATE")(&body));
    let set = one(&made, "Id");
    assert_eq!(bench.status("s"), "REVIEW_IN_PROGRESS");
    let named = [("StackName", "s"), ("ChangeSetName", "one")];
    let shown = bench.ok("DescribeChangeSet", &named);
    assert_eq!(
        (one(&shown, "Status"), one(&shown, "ExecutionStatus")),
        ("CREATE_COMPLETE".into(), "AVAILABLE".into())
    );
    assert_eq!(all(&shown, "Action"), ["Add"; 6]);
    assert_eq!(one(&bench.ok("GetTemplate", &[("StackName", "s")]), "TemplateBody"), "{}");
    bench.ok("ExecuteChangeSet", &named);
    assert_eq!(bench.status("s"), "CREATE_COMPLETE");
    assert_eq!(
        bench.events("s")[..2],
        ["s REVIEW_IN_PROGRESS User Initiated", "s CREATE_IN_PROGRESS User Initiated"]
    );
    assert_eq!(
        one(&bench.ok("DescribeChangeSet", &[("ChangeSetName", &set)]), "ExecutionStatus"),
        "EXECUTE_COMPLETE"
    );
    assert_eq!(one(&bench.ok("GetTemplate", &[("StackName", "s")]), "TemplateBody"), body);

    ask("CreateChangeSet", of("none", "UPDATE")(&body));
    let none = [("StackName", "s"), ("ChangeSetName", "none")];
    let shown = bench.ok("DescribeChangeSet", &none);
    assert_eq!(one(&shown, "Status"), "FAILED");
    assert_eq!(
        one(&shown, "StatusReason"),
        "The submitted information didn't contain changes. Submit different information to create a change set."
    );
    let refusal = bench.refused("ExecuteChangeSet", &none);
    assert!(refusal.ends_with("cannot be executed in its current status of [FAILED]"), "{refusal}");
    bench.ok("DeleteChangeSet", &none);
    bench.ok("DeleteChangeSet", &none);

    let resources = &mut template["Resources"];
    resources["Api"]["Properties"]["Name"] = json!("b");
    resources["Permission"]["Properties"]["Action"] = json!("*");
    resources["New"] = json!({ "Type": "AWS::CDK::Metadata" });
    resources.as_object_mut().expect("an object").remove("Route");
    ask("CreateChangeSet", of("two", "UPDATE")(&template.to_string()));
    let shown = bench.ok("DescribeChangeSet", &[("StackName", "s"), ("ChangeSetName", "two")]);
    let actions: Vec<String> = shown
        .split("<ResourceChange>")
        .skip(1)
        .map(|change| {
            let replacement = all(change, "Replacement").pop().unwrap_or_default();
            format!("{} {} {replacement}", one(change, "LogicalResourceId"), one(change, "Action"))
        })
        .collect();
    assert_eq!(actions, ["Api Modify False", "New Add ", "Permission Modify True", "Route Remove "]);
    assert_eq!(all(&bench.ok("ListChangeSets", &[("StackName", "s")]), "ChangeSetName"), ["two"]);
    bench.ok("ExecuteChangeSet", &[("StackName", "s"), ("ChangeSetName", "two")]);
    assert_eq!(bench.status("s"), "UPDATE_COMPLETE");
}

#[test]
fn what_is_refused() {
    let bench = Bench::new();
    let create = |name: &str, stack: &str, kind: &str, body: &str| {
        bench.refused(
            "CreateChangeSet",
            &[("ChangeSetName", name), ("StackName", stack), ("ChangeSetType", kind), ("TemplateBody", body)],
        )
    };
    let unknown = r#"{"Resources":{"A":{"Type":"AWS::Foo::B"},"B":{"Type":"AWS::Foo::A"}}}"#;
    assert_eq!(
        create("c", "s", "CREATE", unknown),
        "ValidationError: Template format error: Unrecognized resource types: [AWS::Foo::A, AWS::Foo::B]"
    );
    assert!(bench.control.store().stacks.is_empty(), "nothing changes");
    let body = http_api().to_string();
    assert_eq!(create("c", "s", "UPDATE", &body), "ValidationError: Stack [s] does not exist");
    assert!(create("c_", "s", "CREATE", &body).contains("at 'changeSetName'"));
    assert!(create("c", "s_", "CREATE", &body).contains("at 'stackName'"));
    assert_eq!(
        create("c", "s", "CREATE", ""),
        "ValidationError: Either Template URL or Template Body must be specified."
    );
    bench.deploy("CreateStack", "s", &http_api());
    assert_eq!(
        create("c", "s", "CREATE", &body),
        "ValidationError: Stack [s] already exists and cannot be created again with the changeSet [c]."
    );
    for (members, expected) in [
        (
            &[("ChangeSetName", "c"), ("StackName", "s")][..],
            "ChangeSetNotFound: ChangeSet [c] does not exist",
        ),
        (&[("ChangeSetName", "c"), ("StackName", "t")], "ValidationError: Stack [t] does not exist"),
        (
            &[("ChangeSetName", "c")],
            "ValidationError: StackName must be specified if ChangeSetName is not specified as an ARN.",
        ),
    ] {
        assert_eq!(bench.refused("DescribeChangeSet", members), expected);
        assert_eq!(bench.refused("ExecuteChangeSet", members), expected);
    }
}
