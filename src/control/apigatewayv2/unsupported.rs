//! The operations of API Gateway V2 that are not emulated yet: the service model's names, methods and paths, so
//! that the refusal can name what was asked.

/// Name, method and path.
pub const UNSUPPORTED: &[(&str, &str)] = &[
    ("CreateApiMapping", "POST /v2/domainnames/{domainName}/apimappings"),
    ("CreateDomainName", "POST /v2/domainnames"),
    ("CreateRoutingRule", "POST /v2/domainnames/{domainName}/routingrules"),
    ("DeleteApiMapping", "DELETE /v2/domainnames/{domainName}/apimappings/{apiMappingId}"),
    ("DeleteDomainName", "DELETE /v2/domainnames/{domainName}"),
    ("DeleteRoutingRule", "DELETE /v2/domainnames/{domainName}/routingrules/{routingRuleId}"),
    ("GetApiMapping", "GET /v2/domainnames/{domainName}/apimappings/{apiMappingId}"),
    ("GetApiMappings", "GET /v2/domainnames/{domainName}/apimappings"),
    ("GetDomainName", "GET /v2/domainnames/{domainName}"),
    ("GetDomainNames", "GET /v2/domainnames"),
    ("GetRoutingRule", "GET /v2/domainnames/{domainName}/routingrules/{routingRuleId}"),
    ("ListRoutingRules", "GET /v2/domainnames/{domainName}/routingrules"),
    ("PutRoutingRule", "PUT /v2/domainnames/{domainName}/routingrules/{routingRuleId}"),
    ("UpdateApiMapping", "PATCH /v2/domainnames/{domainName}/apimappings/{apiMappingId}"),
    ("UpdateDomainName", "PATCH /v2/domainnames/{domainName}"),
];
