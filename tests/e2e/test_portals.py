"""Portals, portal products and their pages: real state, ids and ARNs; nothing serves them."""

import json
import re

import pytest

import aws

COLORS = {name: "#112233" for name in [
    "AccentColor", "BackgroundColor", "ErrorValidationColor", "HeaderColor", "NavigationColor", "TextColor"]}
CONTENT = {"DisplayName": "Pets", "Description": "all of them", "Theme": {"CustomColors": COLORS}}
ID = re.compile(r"[a-z0-9]{10,30}")


@pytest.fixture
def apis(world):
    return world.apis


def portal(apis, **more):
    return apis.create_portal(**{"Authorization": {"None": {}}, "EndpointConfiguration": {"None": {}},
                                 "PortalContent": CONTENT, **more})


def gone(call, **names):
    status, code, _ = aws.refused(call, **names)
    assert (status, code) == (404, "NotFoundException")


def test_a_portal_is_published_previewed_disabled(apis):
    product = apis.create_portal_product(DisplayName="Pets")["PortalProductArn"]
    made = portal(apis, Tags={"a": "b"}, IncludedPortalProductArns=[product],
                  EndpointConfiguration={"AcmManaged": {"CertificateArn": "arn:aws:acm:us-east-1:1:certificate/x",
                                                        "DomainName": "pets.example.com"}})
    name = {"PortalId": made["PortalId"]}
    assert ID.fullmatch(made["PortalId"])
    assert made["PortalArn"] == f"arn:aws:apigateway:us-east-1:{aws.ACCOUNT}:/portals/{made['PortalId']}"
    assert "PublishStatus" not in made and "Preview" not in made
    assert made["EndpointConfiguration"]["DomainName"] == "pets.example.com"
    assert made["EndpointConfiguration"]["PortalDefaultDomainName"].startswith(made["PortalId"])
    assert made["PortalContent"] == CONTENT and made["IncludedPortalProductArns"] == [product]
    assert apis.preview_portal(**name)["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert apis.publish_portal(**name, Description="first")["ResponseMetadata"]["HTTPStatusCode"] == 202
    found = apis.get_portal(**name)
    assert (found["PublishStatus"], found["LastPublishedDescription"]) == ("PUBLISHED", "first")
    assert found["Preview"]["PreviewStatus"] == "PREVIEW_READY" and found["Preview"]["PreviewUrl"]
    updated = apis.update_portal(**name, Authorization={"CognitoConfig": {
        "AppClientId": "c", "UserPoolArn": "arn:aws:cognito-idp:us-east-1:1:userpool/x", "UserPoolDomain": "https://pets.auth.example.com"}})
    assert updated["Authorization"]["CognitoConfig"]["AppClientId"] == "c" and updated["PortalContent"] == CONTENT
    apis.disable_portal(**name)
    assert apis.get_portal(**name)["PublishStatus"] == "DISABLED"
    assert made["PortalId"] in [item["PortalId"] for item in apis.list_portals()["Items"]]
    arn = made["PortalArn"]
    apis.tag_resource(ResourceArn=arn, Tags={"c": "d"})
    assert apis.get_tags(ResourceArn=arn)["Tags"] == apis.get_portal(**name)["Tags"] == {"a": "b", "c": "d"}
    apis.delete_portal(**name)
    for call in (apis.get_portal, apis.publish_portal, apis.preview_portal, apis.disable_portal, apis.update_portal):
        gone(call, **name)


def test_portals_come_in_pages(apis):
    made = [portal(apis)["PortalId"] for _ in range(3)]
    seen, token = [], None
    while True:
        page = apis.list_portals(MaxResults="2", **({"NextToken": token} if token else {}))
        assert len(page["Items"]) <= 2
        seen += [item["PortalId"] for item in page["Items"]]
        token = page.get("NextToken")
        if not token:
            break
    assert set(made) <= set(seen) and len(seen) == len(set(seen))


def test_what_no_portal_is(world):
    client = world.client("apigatewayv2", validate=False)
    sound = {"Authorization": {"None": {}}, "EndpointConfiguration": {"None": {}}, "PortalContent": CONTENT}
    for change, expected in [
        ({"Authorization": {}}, "authorization must have exactly one of [cognitoConfig, none]"),
        ({"PortalContent": {**CONTENT, "DisplayName": "ab"}}, "portalContent.displayName must have between 3 and 255"),
        ({"PortalContent": {"DisplayName": "abc"}}, "portalContent.theme is required"),
        ({"PortalContent": {**CONTENT, "Theme": {"CustomColors": {"TextColor": "x"}}}},
         "portalContent.theme.customColors.accentColor is required"),
        ({"IncludedPortalProductArns": ["short"]}, "Invalid ARN"),
        ({"IncludedPortalProductArns": [f"arn:aws:apigateway:us-east-1:{aws.ACCOUNT}:/portalproducts/none"]},
         "Invalid PortalProduct identifier"),
    ]:
        status, code, message = aws.refused(client.create_portal, **{**sound, **change})
        assert (status, code) == (400, "BadRequestException") and expected in message, (change, message)
    status, _, message = aws.refused(client.create_portal, Authorization={"None": {}}, PortalContent=CONTENT)
    assert status == 400 and message == "endpointConfiguration is required"


def test_products_pages_and_policies(apis, world):
    made = apis.create_portal_product(DisplayName="Pets", Description="d", Tags={"a": "b"})
    product = {"PortalProductId": made["PortalProductId"]}
    assert made["PortalProductArn"].endswith(f":/portalproducts/{made['PortalProductId']}")

    text = apis.create_product_page(**product, DisplayContent={"Title": "Hello", "Body": "# Hi"})
    assert text["ProductPageArn"] == f"{made['PortalProductArn']}/productpages/{text['ProductPageId']}"
    page = {**product, "ProductPageId": text["ProductPageId"]}
    apis.update_product_page(**page, DisplayContent={"Title": "Welcome", "Body": "# Hi"})
    assert apis.get_product_page(**page)["DisplayContent"] == {"Title": "Welcome", "Body": "# Hi"}
    [listed] = apis.list_product_pages(**product)["Items"]
    assert (listed["PageTitle"], "DisplayContent" in listed) == ("Welcome", False)

    rest = world.rest.create_rest_api(name=aws.unique("pets"))["id"]
    parts = {"RestApiId": rest, "Stage": "prod", "Path": "/pets", "Method": "GET"}
    identifier = {"IdentifierParts": parts}
    end = apis.create_product_rest_endpoint_page(**product, RestEndpointIdentifier=identifier)
    assert (end["Status"], end["TryItState"]) == ("AVAILABLE", "ENABLED")
    assert end["DisplayContent"]["Endpoint"].endswith("/prod/pets") and rest in end["DisplayContent"]["Endpoint"]
    endpoint = {**product, "ProductRestEndpointPageId": end["ProductRestEndpointPageId"]}
    overrides = {"Overrides": {"OperationName": "ListPets", "Endpoint": "https://pets.example.com"}}
    apis.update_product_rest_endpoint_page(**endpoint, DisplayContent=overrides, TryItState="DISABLED")
    found = apis.get_product_rest_endpoint_page(**endpoint, IncludeRawDisplayContent="true")
    assert found["DisplayContent"] == {"OperationName": "ListPets", "Endpoint": "https://pets.example.com"}
    assert (found["RestEndpointIdentifier"], found["TryItState"]) == (identifier, "DISABLED")
    assert json.loads(found["RawDisplayContent"])["overrides"]["operationName"] == "ListPets"
    [listed] = apis.list_product_rest_endpoint_pages(**product)["Items"]
    assert (listed["OperationName"], listed["Endpoint"]) == ("ListPets", "https://pets.example.com")
    gone(apis.create_product_rest_endpoint_page, **product,
         RestEndpointIdentifier={"IdentifierParts": {**parts, "RestApiId": "nope"}})

    order = {"OverviewPageArn": text["ProductPageArn"], "ProductPageArns": [text["ProductPageArn"]],
             "Contents": [{"SectionName": "All", "ProductRestEndpointPageArns": [end["ProductRestEndpointPageArn"]]}]}
    apis.update_portal_product(**product, DisplayOrder=order)
    found = apis.get_portal_product(**product)
    assert (found["DisplayOrder"], found["DisplayName"], found["Tags"]) == (order, "Pets", {"a": "b"})
    summaries = {item["PortalProductId"]: item for item in apis.list_portal_products()["Items"]}
    assert summaries[made["PortalProductId"]]["Description"] == "d"
    assert apis.list_portal_products(ResourceOwner="OTHER_ACCOUNTS")["Items"] == []

    gone(apis.get_portal_product_sharing_policy, **product)
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    apis.put_portal_product_sharing_policy(**product, PolicyDocument=policy)
    assert apis.get_portal_product_sharing_policy(**product)["PolicyDocument"] == policy
    apis.delete_portal_product_sharing_policy(**product)
    gone(apis.delete_portal_product_sharing_policy, **product)

    apis.delete_product_page(**page)
    gone(apis.get_product_page, **page)
    apis.delete_product_rest_endpoint_page(**endpoint)
    gone(apis.delete_product_rest_endpoint_page, **endpoint)
    apis.delete_portal_product(**product)
    gone(apis.list_product_pages, **product)


def test_accounts_see_nothing_of_each_other(apis, world):
    product = apis.create_portal_product(DisplayName="mine")["PortalProductId"]
    other = world.client("apigatewayv2", key="111122223333")
    gone(other.get_portal_product, PortalProductId=product)
    assert product not in [item["PortalProductId"] for item in other.list_portal_products()["Items"]]


def test_a_models_template(apis):
    api = apis.create_api(Name=aws.unique("chat"), ProtocolType="WEBSOCKET",
                          RouteSelectionExpression="$request.body.action")["ApiId"]
    schema = {"type": "object", "properties": {"id": {"type": "integer"}, "tags": {
        "type": "array", "items": {"type": "string"}}}}
    model = apis.create_model(ApiId=api, Name="Message", Schema=json.dumps(schema), ContentType="application/json")
    value = apis.get_model_template(ApiId=api, ModelId=model["ModelId"])["Value"]
    assert value.startswith("#set($inputRoot = $input.path('$'))\n{")
    assert '"id" : 42' in value and '#foreach($elem in $inputRoot.tags)' in value
    gone(apis.get_model_template, ApiId=api, ModelId="none")
