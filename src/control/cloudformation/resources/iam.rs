//! Roles and policies: `AWS::IAM::…`. They are real to IAM, and refuse nobody anything.

use super::{Calls, Family, Keys, Naming, Replaces, Step, Tagging, Tags, Takes, Type, Update, When};

const FAMILY: Family = Family {
    documents: &["AssumeRolePolicyDocument", "PolicyDocument"],
    tags: Tags::List,
    ..Family::new("iam")
};

const ROLE: (&str, &str) = ("RoleName", "{physical}");
const OF_EACH_ROLE: &[(&str, &str)] = &[("RoleName", "{item}"), ("PolicyArn", "{physical}")];

/// The types.
pub const TYPES: &[Type] = &[
    Type {
        naming: Some(Naming { property: "RoleName", most: 64, lower: false }),
        attributes: &[("Arn", "{answer Arn}"), ("RoleId", "{answer RoleId}")],
        replaces: Replaces::These(&["Path", "RoleName"]),
        tags: Tags::List,
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[
                Step::new("CreateRole", &[]).takes(Takes::But(&["ManagedPolicyArns", "Policies"])),
                Step::new("PutRolePolicy", &[])
                    .when(When::Added("Policies"))
                    .takes(Takes::Item(&[]))
                    .adds(&[ROLE]),
                Step::new("AttachRolePolicy", &[])
                    .when(When::Added("ManagedPolicyArns"))
                    .adds(&[ROLE, ("PolicyArn", "{item}")]),
            ],
            update: Update::Steps(
                &[
                    Step::new("UpdateAssumeRolePolicy", &[])
                        .when(When::Changed(&["AssumeRolePolicyDocument"]))
                        .adds(&[ROLE, ("PolicyDocument", "{property AssumeRolePolicyDocument}")]),
                    Step::new("UpdateRole", &[])
                        .when(When::Changed(&["Description", "MaxSessionDuration"]))
                        .takes(Takes::Changed)
                        .adds(&[ROLE]),
                    Step::new("PutRolePermissionsBoundary", &[])
                        .when(When::Changed(&["PermissionsBoundary"]))
                        .takes(Takes::Changed)
                        .adds(&[ROLE]),
                    Step::new("DeleteRolePermissionsBoundary", &[])
                        .when(When::Gone("PermissionsBoundary"))
                        .adds(&[ROLE]),
                    Step::new("DeleteRolePolicy", &[])
                        .when(When::Removed("Policies"))
                        .adds(&[ROLE, ("PolicyName", "{item PolicyName}")]),
                    Step::new("PutRolePolicy", &[])
                        .when(When::Added("Policies"))
                        .takes(Takes::Item(&[]))
                        .adds(&[ROLE]),
                    Step::new("DetachRolePolicy", &[])
                        .when(When::Removed("ManagedPolicyArns"))
                        .adds(&[ROLE, ("PolicyArn", "{item}")]),
                    Step::new("AttachRolePolicy", &[])
                        .when(When::Added("ManagedPolicyArns"))
                        .adds(&[ROLE, ("PolicyArn", "{item}")]),
                ],
                &[("Description", "\"\""), ("MaxSessionDuration", "3600")],
            ),
            delete: &[
                Step::new("DeleteRolePolicy", &[])
                    .when(When::Added("Policies"))
                    .adds(&[ROLE, ("PolicyName", "{item PolicyName}")]),
                Step::new("DetachRolePolicy", &[])
                    .when(When::Added("ManagedPolicyArns"))
                    .adds(&[ROLE, ("PolicyArn", "{item}")]),
                Step::new("DeleteRole", &[]).adds(&[ROLE]),
            ],
            tagging: Some(Tagging {
                tag: "TagRole",
                untag: "UntagRole",
                path: &[],
                adds: &[ROLE],
                member: "Tags",
                keys: Keys::Member("TagKeys"),
            }),
        }),
        ..Type::new("AWS::IAM::Role", "{property RoleName}")
    },
    Type {
        unsupported: &["Groups", "Users"],
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("PutRolePolicy", &[])
                .when(When::Added("Roles"))
                .takes(Takes::Only(&["PolicyDocument", "PolicyName"]))
                .adds(&[("RoleName", "{item}")])],
            update: Update::Again,
            delete: &[Step::new("DeleteRolePolicy", &[])
                .when(When::Added("Roles"))
                .takes(Takes::Only(&["PolicyName"]))
                .adds(&[("RoleName", "{item}")])],
            tagging: None,
        }),
        ..Type::new("AWS::IAM::Policy", "{physical}")
    },
    Type {
        naming: Some(Naming { property: "ManagedPolicyName", most: 128, lower: false }),
        attributes: &[
            ("DefaultVersionId", "{answer DefaultVersionId,VersionId}"),
            ("PolicyArn", "{physical}"),
        ],
        replaces: Replaces::These(&["Description", "ManagedPolicyName", "Path"]),
        unsupported: &["Groups", "Users"],
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[
                Step::new("CreatePolicy", &[])
                    .takes(Takes::Only(&["Description", "Path", "PolicyDocument"]))
                    .adds(&[("PolicyName", "{property ManagedPolicyName}")]),
                Step::new("AttachRolePolicy", &[]).when(When::Added("Roles")).adds(OF_EACH_ROLE),
            ],
            update: Update::Steps(
                &[
                    Step::new("CreatePolicyVersion", &[])
                        .when(When::Changed(&["PolicyDocument"]))
                        .takes(Takes::Changed)
                        .adds(&[("PolicyArn", "{physical}"), ("SetAsDefault", "true")]),
                    // A policy has at most five versions, and nobody asks for former ones.
                    Step::new("DeletePolicyVersion", &[])
                        .when(When::Changed(&["PolicyDocument"]))
                        .adds(&[("PolicyArn", "{physical}"), ("VersionId", "{attribute DefaultVersionId}")]),
                    Step::new("DetachRolePolicy", &[]).when(When::Removed("Roles")).adds(OF_EACH_ROLE),
                    Step::new("AttachRolePolicy", &[]).when(When::Added("Roles")).adds(OF_EACH_ROLE),
                ],
                &[],
            ),
            delete: &[
                Step::new("DetachRolePolicy", &[]).when(When::Added("Roles")).adds(OF_EACH_ROLE),
                Step::new("DeletePolicy", &[]).adds(&[("PolicyArn", "{physical}")]),
            ],
            tagging: None,
        }),
        ..Type::new("AWS::IAM::ManagedPolicy", "{answer Arn}")
    },
];
