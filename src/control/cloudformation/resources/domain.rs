//! Custom domain names of V1 and what they lead to: `AWS::ApiGateway::DomainName`, `BasePathMapping`.

use super::apigateway::FAMILY;
use super::{Calls, Keys, Patch, Replaces, Step, Tagging, Tags, Takes, Type, Update};

/// The types.
pub const TYPES: &[Type] = &[
    Type {
        attributes: &[
            ("DistributionDomainName", "{answer distributionDomainName}"),
            ("DistributionHostedZoneId", "{answer distributionHostedZoneId}"),
            ("DomainNameArn", "{answer domainNameArn}"),
            ("RegionalDomainName", "{answer regionalDomainName}"),
            ("RegionalHostedZoneId", "{answer regionalHostedZoneId}"),
        ],
        replaces: Replaces::These(&["DomainName"]),
        tags: Tags::List,
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateDomainName", &[]).takes(Takes::But(&[]))],
            update: Update::Steps(
                &[Step::new("UpdateDomainName", OF_DOMAIN).takes(Takes::Patches(&[
                    ("CertificateArn", Patch::Text("/certificateArn")),
                    ("EndpointConfiguration", ENDPOINTS),
                    ("MutualTlsAuthentication", MUTUAL_TLS),
                    (
                        "OwnershipVerificationCertificateArn",
                        Patch::Text("/ownershipVerificationCertificateArn"),
                    ),
                    ("RegionalCertificateArn", Patch::Text("/regionalCertificateArn")),
                    ("RoutingMode", Patch::TextOr("/routingMode", "BASE_PATH_MAPPING_ONLY")),
                    ("SecurityPolicy", Patch::TextOr("/securityPolicy", "TLS_1_2")),
                ]))],
                &[],
            ),
            delete: &[Step::new("DeleteDomainName", OF_DOMAIN)],
            tagging: Some(Tagging {
                tag: "TagResource",
                untag: "UntagResource",
                path: &[("resource_arn", "arn:aws:apigateway:{region}::/domainnames/{physical}")],
                adds: &[],
                member: "tags",
                keys: Keys::Query("tagKeys"),
            }),
        }),
        ..Type::new("AWS::ApiGateway::DomainName", "{answer domainName}")
    },
    Type {
        replaces: Replaces::These(&["BasePath", "DomainName"]),
        calls: Some(&Calls {
            family: &FAMILY,
            absent: None,
            create: &[Step::new("CreateBasePathMapping", &[("domain_name", "{property DomainName}")])
                .takes(Takes::But(&["DomainName", "Id"]))],
            update: Update::Steps(
                &[Step::new("UpdateBasePathMapping", BASE_PATH).takes(Takes::Patches(&[
                    ("RestApiId", Patch::Text("/restapiId")),
                    ("Stage", Patch::Text("/stage")),
                ]))],
                &[],
            ),
            delete: &[Step::new("DeleteBasePathMapping", BASE_PATH)],
            tagging: None,
        }),
        ..Type::new("AWS::ApiGateway::BasePathMapping", "{answer basePath}")
    },
];

const OF_DOMAIN: &[(&str, &str)] = &[("domain_name", "{physical}")];
const BASE_PATH: &[(&str, &str)] = &[("domain_name", "{property DomainName}"), ("base_path", "{physical}")];
const ENDPOINTS: Patch =
    Patch::Members("/endpointConfiguration", &[("IpAddressType", "ipAddressType"), ("Types", "types")]);
const MUTUAL_TLS: Patch = Patch::Members(
    "/mutualTlsAuthentication",
    &[("TruststoreUri", "truststoreUri"), ("TruststoreVersion", "truststoreVersion")],
);
