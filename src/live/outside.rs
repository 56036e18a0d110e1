//! [`Outside`]: where that is which apis need and gatelet does not have: services of AWS by their endpoints, and what
//! is behind VPC links by its ARN.

use std::collections::BTreeMap;

use super::uri::Backend;
use crate::base::map::map_of;
use crate::model::Settings;
use crate::model::service::Service;

/// See the module.
#[derive(Default)]
pub struct Outside {
    services: BTreeMap<Service, Backend>,
    links: BTreeMap<String, Backend>,
}

impl Outside {
    /// What the settings name. What is no URL, which `config` lets nobody say, is as if it were not named.
    pub fn new(settings: &Settings) -> Self {
        let services = settings.services.endpoints.iter();
        let links = settings.vpc_links.iter();
        Self {
            services: map_of(services.filter_map(|(service, url)| Some((*service, Backend::parse(url)?)))),
            links: map_of(links.filter_map(|(arn, url)| Some((arn.clone(), Backend::parse(url)?)))),
        }
    }

    /// Where a service is. `None`: nobody said.
    pub fn service(&self, service: Service) -> Option<&Backend> {
        self.services.get(&service)
    }

    /// Where a listener or a service behind a VPC link is. `None`: nobody said.
    pub fn behind(&self, arn: &str) -> Option<&Backend> {
        self.links.get(arn)
    }
}
