//! The services whose operations are named by an action: IAM, STS, SSM, ECR, KMS, EventBridge. A session is a list of
//! calls, each with what is said in answer.

use super::*;

/// Asks a service of the query protocol: `IAM Action=GetRole&RoleName=r`.
fn form(bench: &Bench, service: &str, body: &str) -> String {
    let version = if service == "sts" { "2011-06-15" } else { "2010-05-08" };
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    let said = bench.send(head, &format!("{body}&Version={version}"));
    match said.status {
        200 => {
            let action = body.split(['=', '&']).nth(1).unwrap_or_default();
            let (_, rest) = said.body.split_once(&format!("<{action}Result>")).expect("a result begins");
            rest.split_once(&format!("</{action}Result>")).expect("and ends").0.to_owned()
        }
        status => {
            let part = |name: &str| {
                let (_, rest) = said.body.split_once(&format!("<{name}>")).unwrap_or_default();
                rest.split_once("</").unwrap_or_default().0.to_owned()
            };
            format!("{status} {} {}", part("Code"), part("Message"))
        }
    }
}

/// Asks a service of the JSON protocol.
pub(super) fn json(bench: &Bench, target: &str, body: &str) -> String {
    let head = format!(
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: {target}\r\n"
    );
    let said = bench.send(&head, body);
    match said.status {
        200 => said.body,
        status => {
            let members = said.json();
            assert_eq!(members["__type"], said.header("x-amzn-errortype"));
            let message = members["message"].as_str().unwrap_or_default();
            format!("{status} {} {message}", said.header("x-amzn-errortype"))
        }
    }
}

/// Whether `found` is `expected`, where a `…` stands for anything.
fn fits(found: &str, expected: &str) -> bool {
    let mut pieces = expected.split('…');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = found.strip_prefix(first) else { return false };
    let mut last = None;
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
        last = Some(piece);
    }
    rest.is_empty() || last == Some("")
}

#[track_caller]
pub(super) fn session(ask: impl Fn(&str, &str) -> String, calls: &[(&str, &str, &str)]) {
    for (to, body, expected) in calls {
        let found = ask(to, body);
        assert!(fits(&found, expected), "{to} {body}\nexpected {expected}\nfound    {found}");
    }
}

const TRUST: &str = "%7B%22Version%22%3A%222012-10-17%22%7D";

#[test]
fn roles() {
    let bench = Bench::new();
    let create = format!("Action=CreateRole&RoleName=r&Path=%2Fa%2F&AssumeRolePolicyDocument={TRUST}");
    session(
        |to, body| form(&bench, to, body),
        &[
            ("iam", "Action=GetRole&RoleName=r", "404 NoSuchEntity The role with name r cannot be found."),
            (
                "iam",
                "Action=CreateRole&RoleName=r",
                "400 ValidationError 1 validation error detected: Value null at 'assumeRolePolicyDocument'…",
            ),
            (
                "iam",
                "Action=CreateRole&RoleName=r%20s&AssumeRolePolicyDocument={}",
                r"400 ValidationError 1 validation error detected: Value 'r s' at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]+",
            ),
            (
                "iam",
                "Action=CreateRole&RoleName=r&AssumeRolePolicyDocument=x",
                "400 MalformedPolicyDocument This policy contains invalid Json",
            ),
            (
                "iam",
                "Action=CreateRole&RoleName=r&Path=a&AssumeRolePolicyDocument={}",
                "400 ValidationError 1 validation error detected: Value 'a' at 'path'…",
            ),
            (
                "iam",
                &create,
                "<Role><Path>/a/</Path><RoleName>r</RoleName><RoleId>AROA…</RoleId>\
                 <Arn>arn:aws:iam::000000000000:role/a/r</Arn><CreateDate>2020-04-08T19:05:45Z</CreateDate>\
                 <AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%7D</AssumeRolePolicyDocument>\
                 <MaxSessionDuration>3600</MaxSessionDuration></Role>",
            ),
            ("iam", &create, "409 EntityAlreadyExists Role with name r already exists."),
            ("iam", "Action=UpdateRole&RoleName=r&Description=d&MaxSessionDuration=7200", ""),
            ("iam", "Action=TagRole&RoleName=r&Tags.member.1.Key=k&Tags.member.1.Value=v", ""),
            (
                "iam",
                "Action=GetRole&RoleName=r",
                "…<Description>d</Description><MaxSessionDuration>7200</MaxSessionDuration>\
                 <Tags><member><Key>k</Key><Value>v</Value></member></Tags><RoleLastUsed></RoleLastUsed></Role>",
            ),
            ("iam", "Action=UntagRole&RoleName=r&TagKeys.member.1=k", ""),
            ("iam", "Action=ListRoleTags&RoleName=r", "<Tags></Tags><IsTruncated>false</IsTruncated>"),
            ("iam", "Action=PutRolePolicy&RoleName=r&PolicyName=p&PolicyDocument=%7B%22a%20b%22:1%7D", ""),
            (
                "iam",
                "Action=GetRolePolicy&RoleName=r&PolicyName=p",
                "<RoleName>r</RoleName><PolicyName>p</PolicyName><PolicyDocument>%7B%22a%20b%22%3A1%7D</PolicyDocument>",
            ),
            (
                "iam",
                "Action=GetRolePolicy&RoleName=r&PolicyName=q",
                "404 NoSuchEntity The role policy with name q cannot be found.",
            ),
            (
                "iam",
                "Action=ListRolePolicies&RoleName=r",
                "<PolicyNames><member>p</member></PolicyNames><IsTruncated>false</IsTruncated>",
            ),
            (
                "iam",
                "Action=DeleteRole&RoleName=r",
                "409 DeleteConflict Cannot delete entity, must delete policies first.",
            ),
            ("iam", "Action=DeleteRolePolicy&RoleName=r&PolicyName=p", ""),
            (
                "iam",
                "Action=ListInstanceProfilesForRole&RoleName=r",
                "<InstanceProfiles></InstanceProfiles><IsTruncated>false</IsTruncated>",
            ),
            ("iam", "Action=ListRoles&PathPrefix=%2Fb", "<Roles></Roles><IsTruncated>false</IsTruncated>"),
            ("iam", "Action=ListRoles&PathPrefix=%2Fa", "<Roles><member><Path>/a/</Path>…"),
            ("iam", "Action=DeleteRole&RoleName=r", ""),
            ("iam", "Action=ListRoles", "<Roles></Roles><IsTruncated>false</IsTruncated>"),
            ("iam", "Action=GetUser", "<User>…<Arn>arn:aws:iam::000000000000:root</Arn>…"),
            ("iam", "Action=CreateUser&UserName=u", "501 NotImplementedException …CreateUser of iam yet"),
        ],
    );
}

#[test]
fn managed_policies() {
    let bench = Bench::new();
    let arn = "arn:aws:iam::000000000000:policy/p";
    session(
        |_, body| form(&bench, "iam", &body.replace("ARN", arn)),
        &[
            ("", &format!("Action=CreateRole&RoleName=r&AssumeRolePolicyDocument={TRUST}"), "…"),
            (
                "",
                "Action=AttachRolePolicy&RoleName=r&PolicyArn=ARN",
                "404 NoSuchEntity Policy arn:aws:iam::000000000000:policy/p does not exist or is not attachable.",
            ),
            (
                "",
                "Action=CreatePolicy&PolicyName=p&PolicyDocument={}",
                "<Policy><PolicyName>p</PolicyName><PolicyId>ANPA…</PolicyId>\
                 <Arn>arn:aws:iam::000000000000:policy/p</Arn><Path>/</Path><DefaultVersionId>v1</DefaultVersionId>\
                 <AttachmentCount>0</AttachmentCount>…",
            ),
            (
                "",
                "Action=CreatePolicy&PolicyName=p&Path=/x/&PolicyDocument={}",
                "409 EntityAlreadyExists A policy called p already exists. Duplicate names are not allowed.",
            ),
            ("", "Action=AttachRolePolicy&RoleName=r&PolicyArn=ARN", ""),
            ("", "Action=AttachRolePolicy&RoleName=r&PolicyArn=ARN", ""),
            (
                "",
                "Action=AttachRolePolicy&RoleName=r&PolicyArn=arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
                "",
            ),
            (
                "",
                "Action=ListAttachedRolePolicies&RoleName=r",
                "<AttachedPolicies><member><PolicyName>p</PolicyName><PolicyArn>arn:aws:iam::000000000000:policy/p\
                 </PolicyArn></member><member><PolicyName>AWSLambdaBasicExecutionRole</PolicyName>…",
            ),
            ("", "Action=GetPolicy&PolicyArn=ARN", "…<AttachmentCount>1</AttachmentCount>…"),
            ("", "Action=ListPolicies&OnlyAttached=true", "<Policies><member>…</member></Policies>…"),
            (
                "",
                "Action=DeletePolicy&PolicyArn=ARN",
                "409 DeleteConflict Cannot delete a policy attached to entities.",
            ),
            (
                "",
                "Action=DeleteRole&RoleName=r",
                "409 DeleteConflict Cannot delete entity, must detach all policies first.",
            ),
            (
                "",
                "Action=CreatePolicyVersion&PolicyArn=ARN&PolicyDocument={}&SetAsDefault=true",
                "<PolicyVersion><VersionId>v2</VersionId><IsDefaultVersion>true</IsDefaultVersion>…",
            ),
            (
                "",
                "Action=ListPolicyVersions&PolicyArn=ARN",
                "<Versions><member><VersionId>v2…<VersionId>v1…<IsTruncated>false</IsTruncated>",
            ),
            (
                "",
                "Action=GetPolicyVersion&PolicyArn=ARN&VersionId=v1",
                "<PolicyVersion><Document>%7B%7D</Document><VersionId>v1</VersionId><IsDefaultVersion>false…",
            ),
            (
                "",
                "Action=GetPolicyVersion&PolicyArn=ARN&VersionId=v9",
                "404 NoSuchEntity Policy arn:aws:iam::000000000000:policy/p version v9 does not exist…",
            ),
            (
                "",
                "Action=DeletePolicyVersion&PolicyArn=ARN&VersionId=v2",
                "409 DeleteConflict Cannot delete the default version of a policy.",
            ),
            ("", "Action=DetachRolePolicy&RoleName=r&PolicyArn=ARN", ""),
            (
                "",
                "Action=DetachRolePolicy&RoleName=r&PolicyArn=ARN",
                "404 NoSuchEntity Policy arn:aws:iam::000000000000:policy/p was not found.",
            ),
            ("", "Action=DeletePolicy&PolicyArn=ARN", "409 DeleteConflict This policy has more than one…"),
            ("", "Action=DeletePolicyVersion&PolicyArn=ARN&VersionId=v1", ""),
            ("", "Action=DeletePolicy&PolicyArn=ARN", ""),
            ("", "Action=GetPolicy&PolicyArn=ARN", "404 NoSuchEntity Policy …p was not found."),
            ("", "Action=GetPolicy&PolicyArn=arn:aws:iam::aws:policy/X", "404 NoSuchEntity …AWS's managed…"),
        ],
    );
}

#[test]
fn pages_of_roles() {
    let bench = Bench::new();
    for name in ["c", "a", "b"] {
        let body = format!("Action=CreateRole&RoleName={name}&AssumeRolePolicyDocument={TRUST}");
        form(&bench, "iam", &body);
    }
    let first = form(&bench, "iam", "Action=ListRoles&MaxItems=2");
    assert!(first.ends_with("<IsTruncated>true</IsTruncated><Marker>b</Marker>"), "{first}");
    let rest = form(&bench, "iam", "Action=ListRoles&MaxItems=2&Marker=b");
    assert!(rest.contains("<RoleName>c<") && rest.ends_with("<IsTruncated>false</IsTruncated>"), "{rest}");
    let said = form(&bench, "iam", "Action=ListRoles&MaxItems=0");
    assert!(said.starts_with("400 ValidationError"), "{said}");
}

#[test]
fn assumed_roles() {
    let bench = Bench::new();
    let ask = |account: &str| {
        let arn = format!("arn:aws:iam::{account}:role/x/cdk");
        form(
            &bench,
            "sts",
            &format!("Action=AssumeRole&RoleArn={arn}&RoleSessionName=s1&DurationSeconds=900"),
        )
    };
    let said = ask("000000000000");
    let expected = "<Credentials><AccessKeyId>ASIA…</AccessKeyId><SecretAccessKey>…</SecretAccessKey>\
                    <SessionToken>…</SessionToken><Expiration>2020-04-08T19:20:45Z</Expiration></Credentials>\
                    <AssumedRoleUser><AssumedRoleId>AROA…:s1</AssumedRoleId>\
                    <Arn>arn:aws:sts::000000000000:assumed-role/cdk/s1</Arn></AssumedRoleUser>…";
    assert!(fits(&said, expected), "{said}");
    // The key of another account's role leads there.
    assert!(ask("111111111111").starts_with("<Credentials><AccessKeyId>111111111111</AccessKeyId>"));
    for (body, expected) in [
        ("Action=AssumeRole", "400 ValidationError 2 validation errors detected: …"),
        ("Action=AssumeRole&RoleArn=arn:aws:iam::1:role/longer&RoleSessionName=ss", "400 ValidationError …"),
        ("Action=GetSessionToken", "501 NotImplementedException …"),
    ] {
        let said = form(&bench, "sts", body);
        assert!(fits(&said, expected), "{said}");
    }
}

#[test]
fn parameters() {
    let bench = Bench::new();
    session(
        |to, body| json(&bench, &format!("AmazonSSM.{to}"), body),
        &[
            ("GetParameter", r#"{"Name":"/a/b"}"#, "400 ParameterNotFound Parameter /a/b not found."),
            (
                "PutParameter",
                r#"{"Name":"/a/b","Value":"1"}"#,
                "400 ValidationException A parameter type is…",
            ),
            ("PutParameter", r#"{"Name":"a/b","Value":"1","Type":"String"}"#, "400 ValidationException …"),
            ("PutParameter", r#"{"Name":"/a/b","Type":"String"}"#, "400 ValidationException …at 'value'…"),
            ("PutParameter", r#"{"Name":"/a/b","Value":"1","Type":"x"}"#, "400 ValidationException …"),
            (
                "PutParameter",
                r#"{"Name":"/a/b","Value":"1","Type":"String","Tags":[{"Key":"k","Value":"v"}]}"#,
                r#"{"Tier":"Standard","Version":1}"#,
            ),
            (
                "PutParameter",
                r#"{"Name":"/a/b","Value":"2"}"#,
                "400 ParameterAlreadyExists The parameter already exists.…",
            ),
            (
                "PutParameter",
                r#"{"Name":"/a/b","Value":"2","Overwrite":true}"#,
                r#"{"Tier":"Standard","Version":2}"#,
            ),
            (
                "GetParameter",
                r#"{"Name":"/a/b"}"#,
                r#"{"Parameter":{"ARN":"arn:aws:ssm:us-east-1:000000000000:parameter/a/b","DataType":"text","LastModifiedDate":1586372745.0,"Name":"/a/b","Type":"String","Value":"2","Version":2}}"#,
            ),
            (
                "GetParameter",
                r#"{"Name":"/a/b:1"}"#,
                r#"…"Selector":":1","Type":"String","Value":"1","Version":1}}"#,
            ),
            (
                "GetParameter",
                r#"{"Name":"/a/b:9"}"#,
                "400 ParameterVersionNotFound Systems Manager could not find version 9 of /a/b. Verify the version and try again.",
            ),
            (
                "GetParameter",
                r#"{"Name":"arn:aws:ssm:us-east-1:000000000000:parameter/a/b"}"#,
                r#"…"Value":"2"…"#,
            ),
            (
                "PutParameter",
                r#"{"Name":"s","Value":"secret","Type":"SecureString"}"#,
                r#"{"Tier":"Standard","Version":1}"#,
            ),
            ("GetParameter", r#"{"Name":"s"}"#, r#"…"Value":"kms:alias/aws/ssm:secret"…"#),
            ("GetParameter", r#"{"Name":"s","WithDecryption":true}"#, r#"…"Value":"secret"…"#),
            (
                "GetParameters",
                r#"{"Names":["s","none"],"WithDecryption":true}"#,
                r#"{"InvalidParameters":["none"],"Parameters":[{…"Name":"s"…}]}"#,
            ),
            ("PutParameter", r#"{"Name":"/a/c/d","Value":"x","Type":"StringList"}"#, "…"),
            ("GetParametersByPath", r#"{"Path":"/a"}"#, r#"{"Parameters":[{…"Name":"/a/b"…"Version":2}]}"#),
            (
                "GetParametersByPath",
                r#"{"Path":"/a/","Recursive":true}"#,
                r#"{"Parameters":[{…"Name":"/a/b"…"Name":"/a/c/d"…}]}"#,
            ),
            (
                "GetParametersByPath",
                r#"{"Path":"/","Recursive":true,"MaxResults":1}"#,
                r#"{"NextToken":"L2EvYg","Parameters":[{…"Name":"/a/b"…}]}"#,
            ),
            (
                "GetParametersByPath",
                r#"{"Path":"/","Recursive":true,"NextToken":"L2EvYg"}"#,
                r#"{"Parameters":[{…"Name":"/a/c/d"…}]}"#,
            ),
            ("GetParametersByPath", r#"{"Path":"/","NextToken":"?"}"#, "400 InvalidNextToken …"),
            ("GetParametersByPath", r#"{"Path":"a"}"#, "400 ValidationException …"),
            (
                "DescribeParameters",
                r#"{"ParameterFilters":[{"Key":"Name","Option":"Contains","Values":["c"]}]}"#,
                r#"{"Parameters":[{"ARN":"arn:aws:ssm:us-east-1:000000000000:parameter/a/c/d"…}]}"#,
            ),
            (
                "DescribeParameters",
                r#"{"Filters":[{"Key":"Type","Values":["SecureString"]}]}"#,
                r#"{"Parameters":[{…"KeyId":"alias/aws/ssm"…"Name":"s"…}]}"#,
            ),
            ("DescribeParameters", r#"{"ParameterFilters":[{"Key":"Label"}]}"#, "400 InvalidFilterKey …"),
            (
                "DescribeParameters",
                r#"{"ParameterFilters":[{"Key":"Tier","Option":"Contains"}]}"#,
                "400 InvalidFilterOption …",
            ),
            (
                "GetParameterHistory",
                r#"{"Name":"/a/b"}"#,
                r#"{"Parameters":[{…"Value":"1","Version":1},{…"Value":"2","Version":2}]}"#,
            ),
            (
                "ListTagsForResource",
                r#"{"ResourceType":"Parameter","ResourceId":"/a/b"}"#,
                r#"{"TagList":[{"Key":"k","Value":"v"}]}"#,
            ),
            (
                "AddTagsToResource",
                r#"{"ResourceType":"Parameter","ResourceId":"s","Tags":[{"Key":"k","Value":"v"}]}"#,
                "{}",
            ),
            (
                "RemoveTagsFromResource",
                r#"{"ResourceType":"Parameter","ResourceId":"s","TagKeys":["k"]}"#,
                "{}",
            ),
            ("ListTagsForResource", r#"{"ResourceType":"Parameter","ResourceId":"s"}"#, r#"{"TagList":[]}"#),
            (
                "ListTagsForResource",
                r#"{"ResourceType":"Document","ResourceId":"s"}"#,
                "400 InvalidResourceId …",
            ),
            ("DeleteParameter", r#"{"Name":"s"}"#, "{}"),
            ("DeleteParameter", r#"{"Name":"s"}"#, "400 ParameterNotFound Parameter s not found."),
            (
                "DeleteParameters",
                r#"{"Names":["s","/a/b"]}"#,
                r#"{"DeletedParameters":["/a/b"],"InvalidParameters":["s"]}"#,
            ),
            ("SendCommand", "{}", "501 NotImplementedException …SendCommand of ssm yet"),
            ("Nothing", "{}", "400 InvalidAction …"),
        ],
    );
}

#[test]
fn repositories() {
    let bench = Bench::new();
    session(
        |to, body| json(&bench, &format!("AmazonEC2ContainerRegistry_V20150921.{to}"), body),
        &[
            (
                "DescribeRepositories",
                r#"{"repositoryNames":["a/b"]}"#,
                "400 RepositoryNotFoundException The repository with name 'a/b' does not exist in the registry with id '000000000000'",
            ),
            ("CreateRepository", r#"{"repositoryName":"A"}"#, "400 InvalidParameterException …"),
            (
                "CreateRepository",
                r#"{"repositoryName":"a/b","imageScanningConfiguration":{"scanOnPush":true}}"#,
                r#"{"repository":{"createdAt":1586372745,"encryptionConfiguration":{"encryptionType":"AES256"},"imageScanningConfiguration":{"scanOnPush":true},"imageTagMutability":"MUTABLE","registryId":"000000000000","repositoryArn":"arn:aws:ecr:us-east-1:000000000000:repository/a/b","repositoryName":"a/b","repositoryUri":"000000000000.dkr.ecr.us-east-1.amazonaws.com/a/b"}}"#,
            ),
            ("CreateRepository", r#"{"repositoryName":"a/b"}"#, "400 RepositoryAlreadyExistsException …"),
            ("DescribeRepositories", "{}", r#"{"repositories":[{…"repositoryName":"a/b"…}]}"#),
            ("DeleteRepository", r#"{"repositoryName":"a/b","force":true}"#, r#"{"repository":{…}}"#),
            ("DeleteRepository", r#"{"repositoryName":"a/b"}"#, "400 RepositoryNotFoundException …"),
            ("PutImage", "{}", "501 NotImplementedException …"),
        ],
    );
}

#[test]
fn keys() {
    let bench = Bench::new();
    let made = json(&bench, "TrentService.CreateKey", r#"{"Description":"d"}"#);
    let id = text(&serde_json::from_str::<Value>(&made).unwrap()["KeyMetadata"], "KeyId");
    session(
        |to, body| json(&bench, &format!("TrentService.{to}"), &body.replace("ID", &id)).replace(&id, "ID"),
        &[
            (
                "DescribeKey",
                r#"{"KeyId":"ID"}"#,
                r#"{"KeyMetadata":{"AWSAccountId":"000000000000","Arn":"arn:aws:kms:us-east-1:000000000000:key/ID"…"KeyState":"Enabled","KeyUsage":"ENCRYPT_DECRYPT"…}}"#,
            ),
            ("DescribeKey", r#"{"KeyId":"arn:aws:kms:us-east-1:000000000000:key/ID"}"#, "…\"KeyId\":\"ID\"…"),
            (
                "DescribeKey",
                r#"{"KeyId":"x"}"#,
                "400 NotFoundException Key 'arn:aws:kms:us-east-1:000000000000:key/x' does not exist",
            ),
            (
                "DescribeKey",
                r#"{"KeyId":"alias/a"}"#,
                "400 NotFoundException Alias arn:aws:kms:us-east-1:000000000000:alias/a is not found.",
            ),
            ("CreateAlias", r#"{"AliasName":"a","TargetKeyId":"ID"}"#, "400 ValidationException …"),
            ("CreateAlias", r#"{"AliasName":"alias/a","TargetKeyId":"x"}"#, "400 NotFoundException …"),
            ("CreateAlias", r#"{"AliasName":"alias/a","TargetKeyId":"ID"}"#, ""),
            (
                "CreateAlias",
                r#"{"AliasName":"alias/a","TargetKeyId":"ID"}"#,
                "400 AlreadyExistsException An alias with the name arn:aws:kms:us-east-1:000000000000:alias/a already exists",
            ),
            ("DescribeKey", r#"{"KeyId":"alias/a"}"#, "…\"KeyId\":\"ID\"…"),
            (
                "ListAliases",
                r#"{"KeyId":"ID"}"#,
                r#"{"Aliases":[{…"AliasName":"alias/a"…}],"Truncated":false}"#,
            ),
            (
                "ListKeys",
                r#"{"Limit":1}"#,
                r#"{"Keys":[{"KeyArn":"arn:aws:kms:us-east-1:000000000000:key/ID","KeyId":"ID"}],"Truncated":false}"#,
            ),
            ("ScheduleKeyDeletion", r#"{"KeyId":"ID","PendingWindowInDays":1}"#, "400 ValidationException …"),
            (
                "ScheduleKeyDeletion",
                r#"{"KeyId":"ID","PendingWindowInDays":7}"#,
                r#"{"DeletionDate":1586977545.0,"KeyId":"arn:aws:kms:us-east-1:000000000000:key/ID","KeyState":"PendingDeletion","PendingWindowInDays":7}"#,
            ),
            ("ScheduleKeyDeletion", r#"{"KeyId":"ID"}"#, "400 KMSInvalidStateException …"),
            ("DescribeKey", r#"{"KeyId":"ID"}"#, r#"…"Enabled":false…"KeyState":"PendingDeletion"…"#),
            ("DeleteAlias", r#"{"AliasName":"alias/a"}"#, ""),
            ("DeleteAlias", r#"{"AliasName":"alias/a"}"#, "400 NotFoundException …"),
            (
                "Encrypt",
                "{}",
                "501 NotImplementedException gatelet does not support the operation Encrypt of kms yet",
            ),
        ],
    );
}

#[test]
fn rules() {
    let bench = Bench::new();
    session(
        |to, body| json(&bench, &format!("AWSEvents.{to}"), body),
        &[
            (
                "DescribeRule",
                r#"{"Name":"r"}"#,
                "400 ResourceNotFoundException Rule r does not exist on EventBus default.",
            ),
            ("PutRule", r#"{"Name":"r"}"#, "400 ValidationException Parameter(s) EventPattern or…"),
            ("PutRule", r#"{"Name":"r","ScheduleExpression":"x"}"#, "400 ValidationException …"),
            ("PutRule", r#"{"Name":"r","EventPattern":"x"}"#, "400 InvalidEventPatternException …"),
            (
                "PutRule",
                r#"{"Name":"r","ScheduleExpression":"rate(5 minutes)"}"#,
                r#"{"RuleArn":"arn:aws:events:us-east-1:000000000000:rule/r"}"#,
            ),
            (
                "PutTargets",
                r#"{"Rule":"r","Targets":[{"Id":"1","Arn":"arn:aws:lambda:x","Input":"{}"}]}"#,
                r#"{"FailedEntries":[],"FailedEntryCount":0}"#,
            ),
            ("PutTargets", r#"{"Rule":"r","Targets":[{"Id":"1","Arn":"x"}]}"#, "400 ValidationException …"),
            (
                "PutRule",
                r#"{"Name":"r","EventPattern":"{\"source\":[\"x\"]}","State":"DISABLED","ScheduleExpression":""}"#,
                "…",
            ),
            (
                "DescribeRule",
                r#"{"Name":"r"}"#,
                r#"{"Arn":"arn:aws:events:us-east-1:000000000000:rule/r","CreatedBy":"000000000000","EventBusName":"default","EventPattern":"{\"source\":[\"x\"]}","Name":"r","State":"DISABLED"}"#,
            ),
            ("EnableRule", r#"{"Name":"r"}"#, ""),
            ("ListRules", r#"{"NamePrefix":"r"}"#, r#"{"Rules":[{…"State":"ENABLED"}]}"#),
            ("ListRules", r#"{"EventBusName":"other"}"#, r#"{"Rules":[]}"#),
            (
                "ListTargetsByRule",
                r#"{"Rule":"r"}"#,
                r#"{"Targets":[{"Arn":"arn:aws:lambda:x","Id":"1","Input":"{}"}]}"#,
            ),
            (
                "DeleteRule",
                r#"{"Name":"r"}"#,
                "400 ValidationException Rule can't be deleted since it has targets.",
            ),
            (
                "RemoveTargets",
                r#"{"Rule":"r","Ids":["1","2"]}"#,
                r#"{"FailedEntries":[],"FailedEntryCount":0}"#,
            ),
            ("DeleteRule", r#"{"Name":"r"}"#, ""),
            ("DeleteRule", r#"{"Name":"r"}"#, ""),
            ("PutEvents", "{}", "501 NotImplementedException …"),
        ],
    );
}

#[test]
fn accounts_and_regions_are_apart() {
    let bench = Bench::new();
    let ask = |key: &str, region: &str| {
        let head = format!(
            "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\n\
             X-Amz-Target: AmazonSSM.PutParameter\r\nAuthorization: AWS4-HMAC-SHA256 \
             Credential={key}/20200408/{region}/ssm/aws4_request, Signature=0\r\n"
        );
        bench.send(&head, r#"{"Name":"p","Value":"1","Type":"String"}"#).status
    };
    assert_eq!(
        [ask("test", "us-east-1"), ask("test", "eu-west-1"), ask("111111111111", "us-east-1")],
        [200; 3]
    );
    assert_eq!(ask("test", "us-east-1"), 400);
}
