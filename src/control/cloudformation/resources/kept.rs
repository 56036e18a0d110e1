//! Types that are only kept: they have no effect here, and answer `Ref` and `Fn::GetAtt`.

use super::{Naming, Type};

/// The types.
pub const TYPES: &[Type] = &[
    Type::new("AWS::ApiGateway::Account", "{physical}"),
    Type::new("AWS::CDK::Metadata", "{physical}"),
    Type::new(
        "AWS::CertificateManager::Certificate",
        "arn:aws:acm:{region}:{account}:certificate/{physical}",
    ),
    Type::new("AWS::CloudFormation::WaitConditionHandle", "{physical}"),
    Type {
        attributes: &[("Arn", "arn:aws:cloudwatch:{region}:{account}:alarm:{physical}")],
        ..named("AWS::CloudWatch::Alarm", "AlarmName", 255)
    },
    named("AWS::CloudWatch::Dashboard", "DashboardName", 255),
    Type {
        attributes: &[("Arn", "arn:aws:iam::{account}:instance-profile{property Path|/}{physical}")],
        ..named("AWS::IAM::InstanceProfile", "InstanceProfileName", 128)
    },
    named("AWS::Logs::MetricFilter", "FilterName", 255),
    named("AWS::Logs::SubscriptionFilter", "FilterName", 255),
    Type::new("AWS::Route53::RecordSet", "{property Name}"),
    Type::new("AWS::Route53::RecordSetGroup", "{physical}"),
    Type {
        attributes: &[("Arn", "arn:aws:wafv2:{region}:{account}:regional/webacl/{physical}/{physical}")],
        ..named("AWS::WAFv2::WebACL", "Name", 128)
    },
    Type::new("AWS::WAFv2::WebACLAssociation", "{physical}"),
];

/// A type that a property names.
const fn named(name: &'static str, property: &'static str, most: usize) -> Type {
    Type { naming: Some(Naming { property, most, lower: false }), ..Type::new(name, "{physical}") }
}
