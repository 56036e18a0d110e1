//! VPC links of API Gateway V2. Here they are names: what is behind one is wherever `--vpc-link` says.

use std::collections::BTreeMap;

use super::Owner;

/// VPC links by id.
pub type VpcLinks = BTreeMap<String, VpcLink>;

/// A VPC link. Subnets and security groups never change.
#[derive(Clone, Debug, PartialEq)]
pub struct VpcLink {
    /// `vpcLinkId`
    pub id: String,
    /// Whose it is.
    pub owner: Owner,
    /// `name`
    pub name: String,
    /// `subnetIds`
    pub subnet_ids: Vec<String>,
    /// `securityGroupIds`
    pub security_group_ids: Vec<String>,
    /// `tags`
    pub tags: BTreeMap<String, String>,
    /// Seconds since 1970.
    pub created: u64,
}
