"""Custom domain names: the control plane's errors, and where requests go."""

import json

import pytest

import aws
import harness
import sockets
from aws import refused

BAD, MISSING, CONFLICT = (400, "BadRequestException"), (404, "NotFoundException"), (409, "ConflictException")
CONFIGURATION = [{"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/x", "EndpointType": "REGIONAL"}]


class Domain:
    def __init__(self, world, **more):
        self.world = world
        self.name = f"{aws.unique('api')}.example.com"
        self.made = world.apis.create_domain_name(
            DomainName=self.name, **{"DomainNameConfigurations": CONFIGURATION, **more})

    def map(self, api, stage, key=None):
        more = {} if key is None else {"ApiMappingKey": key}
        return self.world.apis.create_api_mapping(DomainName=self.name, ApiId=api, Stage=stage, **more)["ApiMappingId"]

    def call(self, path="/", method="GET", **headers):
        named = {"Host": f"{self.name}:{self.world.gatelet.port}", **headers}
        return self.world.gatelet.request(method, path, named)


@pytest.fixture
def domain(world):
    return Domain(world)


@pytest.fixture(scope="module")
def http(world, node_echo):
    api = world.http_api(stage="$default")
    api.stage("prod")
    api.route("$default", api.function_integration(node_echo))
    return api


@pytest.fixture(scope="module")
def rest(world, node_echo):
    api = world.rest_api()
    for key in ["ANY /", "ANY /{proxy+}"]:
        api.function(key, node_echo)
    api.deploy("dev")
    return api


# ---- the control plane ----------------------------------------------------------------------------------------


def test_a_domain(world):
    domain = Domain(world, Tags={"a": "b"})
    made = domain.made
    del made["ResponseMetadata"]
    configuration = made["DomainNameConfigurations"][0]
    assert configuration.pop("ApiGatewayDomainName").startswith("d-")
    configuration.pop("CertificateUploadDate")
    assert made == {
        "ApiMappingSelectionExpression": "$request.basepath",
        "DomainName": domain.name,
        "DomainNameArn": f"arn:aws:apigateway:us-east-1::/domainnames/{domain.name}",
        "DomainNameConfigurations": [{
            "CertificateArn": CONFIGURATION[0]["CertificateArn"], "DomainNameStatus": "AVAILABLE",
            "EndpointType": "REGIONAL", "HostedZoneId": "Z1UJRXOUMOOFQ8", "IpAddressType": "ipv4",
            "SecurityPolicy": "TLS_1_2",
        }],
        "RoutingMode": "API_MAPPING_ONLY",
        "Tags": {"a": "b"},
    }
    apis = world.apis
    apis.tag_resource(ResourceArn=made["DomainNameArn"], Tags={"c": "d"})
    assert apis.get_tags(ResourceArn=made["DomainNameArn"])["Tags"] == {"a": "b", "c": "d"}
    updated = apis.update_domain_name(DomainName=domain.name, RoutingMode="ROUTING_RULE_ONLY", DomainNameConfigurations=[
        {"IpAddressType": "dualstack"}])
    assert updated["RoutingMode"] == "ROUTING_RULE_ONLY"
    assert updated["DomainNameConfigurations"][0]["IpAddressType"] == "dualstack"
    assert updated["DomainNameConfigurations"][0]["CertificateArn"] == CONFIGURATION[0]["CertificateArn"]
    assert domain.name in [item["DomainName"] for item in apis.get_domain_names()["Items"]]
    apis.delete_domain_name(DomainName=domain.name)
    assert refused(apis.get_domain_name, DomainName=domain.name) == (
        *MISSING, "Invalid domain name identifier specified")


def test_what_no_domain_can_be(world, domain):
    create = world.apis.create_domain_name
    for wrong, message in [
        ({"DomainName": domain.name, "DomainNameConfigurations": CONFIGURATION},
         "The domain name you provided already exists."),
        ({"DomainName": domain.name.upper(), "DomainNameConfigurations": CONFIGURATION},
         "The domain name you provided already exists."),
        ({"DomainName": "new.example.com"}, "Invalid input. Expected one domain name configuration"),
        ({"DomainName": "new.example.com", "DomainNameConfigurations": []},
         "Invalid input. Expected one domain name configuration"),
        ({"DomainName": "new.example.com", "DomainNameConfigurations": [{"EndpointType": "EDGE"}]},
         "EDGE endpoint type is not supported for APIGatewayV2 domainName"),
    ]:
        assert refused(create, **wrong) == (*BAD, message)
    for name in ["localhost", "127.0.0.1", "a..b", "-a.b", "a b.c", "localhost.localstack.cloud",
                 "x.execute-api.localhost.localstack.cloud", "*.*.com", "é.com"]:
        status, code, _ = refused(create, DomainName=name, DomainNameConfigurations=CONFIGURATION)
        assert (status, code) == BAD, name
    coerced = create(DomainName=f"{aws.unique('x')}.example.com", DomainNameConfigurations=[{"EndpointType": "PRIVATE"}])
    assert coerced["DomainNameConfigurations"][0]["EndpointType"] == "REGIONAL"


def test_what_no_mapping_can_be(world, domain, http):
    def create(**more):
        return refused(world.apis.create_api_mapping, **{
            "DomainName": domain.name, "ApiId": http.id, "Stage": "prod", **more})

    start = "API mapping key should not start with a '/' or have consecutive '/'s."
    end = "API mapping key should not end with a '/'."
    for key, message in [
        ("/", end), ("a/", end), ("/a/", end), ("/a", start), ("a//b", start),
        ("a b", "An API mapping key may contain only letters, numbers and one of $-_.+!*'(), characters."),
        ("a" * 301, "ApiMapping key length must be under 300 characters."),
    ]:
        assert create(ApiMappingKey=key) == (*BAD, message), key
    assert create(ApiId="nope") == (*BAD, "Invalid API identifier specified: nope")
    assert create(Stage="nope") == (*BAD, "Invalid stage identifier specified")
    assert create(DomainName="nope.example.com") == (*MISSING, "Invalid domain name identifier specified")
    domain.map(http.id, "prod", "a" * 300)
    domain.map(http.id, "prod", " ")
    message = "ApiMapping key already exists for this domain name"
    for key in ["", None]:
        assert create(**({} if key is None else {"ApiMappingKey": key})) == (*CONFLICT, message)
    speaker = sockets.Api(world)
    speaker.route("$default", speaker.integration(kind="MOCK"))
    status, code, _ = create(ApiId=speaker.stage().id, Stage="dev", ApiMappingKey="ws")
    assert (status, code) == BAD


def test_a_mapping_keeps_its_id(world, domain, http):
    names = {"DomainName": domain.name, "ApiMappingId": domain.map(http.id, "prod", "a")}
    other = domain.map(http.id, "prod", "b")
    updated = world.apis.update_api_mapping(**names, ApiId=http.id, ApiMappingKey="c/d", Stage="$default")
    del updated["ResponseMetadata"]
    expected = {"ApiId": http.id, "ApiMappingId": names["ApiMappingId"], "ApiMappingKey": "c/d", "Stage": "$default"}
    assert updated == expected
    assert expected in world.apis.get_api_mappings(DomainName=domain.name)["Items"]
    assert refused(world.apis.update_api_mapping, **names, ApiId=http.id, ApiMappingKey="b")[:2] == CONFLICT
    assert refused(world.apis.update_api_mapping, **names, ApiId=http.id, ApiMappingKey=" ")[:2] == BAD
    world.apis.delete_api_mapping(**names)
    assert refused(world.apis.get_api_mapping, **names) == (
        *MISSING, f"Unable to find ApiMapping with ID {names['ApiMappingId']}")
    assert [item["ApiMappingId"] for item in world.apis.get_api_mappings(DomainName=domain.name)["Items"]] == [other]


def test_what_is_mapped_stays(world, domain, node_echo):
    api = world.http_api(stage="prod")
    mapping = domain.map(api.id, "prod")
    assert refused(world.apis.delete_api, ApiId=api.id) == (
        *BAD,
        f"Deleting API {api.id} failed. Please remove all API mappings for the API from your custom domain names.")
    assert refused(world.apis.delete_stage, ApiId=api.id, StageName="prod")[:2] == BAD
    world.apis.delete_api_mapping(DomainName=domain.name, ApiMappingId=mapping)
    world.apis.delete_stage(ApiId=api.id, StageName="prod")
    world.apis.delete_api(ApiId=api.id)


def test_owners_see_nothing_of_each_other(world, domain):
    other = aws.World(world.gatelet, region="eu-west-1")
    assert refused(other.apis.get_domain_name, DomainName=domain.name)[:2] == MISSING
    assert refused(other.apis.create_domain_name, DomainName=domain.name,
                   DomainNameConfigurations=CONFIGURATION)[:2] == BAD


# ---- the data plane -------------------------------------------------------------------------------------------


def test_where_requests_go(world, domain, http, rest):
    domain.map(http.id, "prod", "orders/v2/items")
    domain.map(rest.id, "dev", "orders")
    for path, api, raw in [
        ("/orders/v2/items/5?a=b", http.id, "/prod/5"),
        ("/orders/v2/items", http.id, "/prod/"),
        ("/orders/v2/itemsx", rest.id, "/orders/v2/itemsx"),
        ("/orders/x", rest.id, "/orders/x"),
    ]:
        event = domain.call(path).json()
        context = event["requestContext"]
        assert (context["apiId"], event.get("rawPath", event.get("path"))) == (api, raw), path
        assert context["domainName"].split(":")[0] == domain.name
        assert context["domainPrefix"] == domain.name.split(".")[0]
        if api == rest.id:
            assert context["path"] == raw and event["pathParameters"] == {"proxy": raw.removeprefix("/orders/")}
    for path in ["/other", "/", "/orderz", "/ping", "/restapis/x/dev/_user_request_/", "/v2/apis"]:
        answer = domain.call(path)
        assert (answer.status, answer.text) == (404, '{"message":"Not Found"}'), path
    root = domain.map(http.id, "$default")
    assert domain.call("/other/x").json()["rawPath"] == "/other/x"
    assert domain.call("/sping").status == 404, "reserved for the service"
    world.apis.delete_api_mapping(DomainName=domain.name, ApiMappingId=root)
    assert domain.call("/other/x").status == 404, "at once"


def test_any_label(world, http):
    base = f"{aws.unique('w')}.example.org"
    world.apis.create_domain_name(DomainName=f"*.{base}", DomainNameConfigurations=CONFIGURATION)
    world.apis.create_api_mapping(DomainName=f"*.{base}", ApiId=http.id, Stage="prod")
    for host, status in [(f"a.{base}", 200), (f"A.{base.upper()}:1", 200), (f"a.b.{base}", 404), (base, 404)]:
        assert world.gatelet.request("GET", "/x", {"Host": host}).status == status, host


def test_disabled_endpoints(world, domain, node_echo):
    api = world.http_api(stage="prod", DisableExecuteApiEndpoint=True)
    api.route("$default", api.function_integration(node_echo))
    rest = world.rest_api(disableExecuteApiEndpoint=True).function("GET /x", node_echo)
    rest.deploy("dev")
    domain.map(api.id, "prod", "http")
    domain.map(rest.id, "dev", "rest")
    answer = api.call(path="/prod/x")
    assert (answer.status, answer.text) == (404, '{"message":"Not Found"}')
    assert rest.call(path="/dev/x").status == 403
    assert domain.call("/http/x").json()["rawPath"] == "/prod/x"
    assert domain.call("/rest/x").json()["path"] == "/rest/x"
    world.apis.update_api(ApiId=api.id, DisableExecuteApiEndpoint=False)
    assert api.call(path="/prod/x").status == 200, "auto-deployed"


def test_websockets(world):
    recorder = sockets.Recorder(world)
    api = sockets.Api(world)
    integration = api.integration(recorder.arn)
    for key in ["$connect", "$disconnect"]:
        api.route(key, integration)
    api.route("$default", integration, replies=True)
    api.stage()
    domain = Domain(world)
    domain.map(api.id, "dev", "chat")
    port = world.gatelet.port
    with sockets.connect(f"ws://{domain.name}:{port}/chat", port) as client:
        assert sockets.ask(client, "{}") == "{}"
        event = [event for event in recorder.all() if event["requestContext"]["eventType"] == "MESSAGE"][-1]
        assert event["requestContext"]["domainName"].split(":")[0] == domain.name
        connection = event["requestContext"]["connectionId"]
        pushed = world.gatelet.request(
            "POST", f"/chat/@connections/{connection}", {"Host": f"{domain.name}:{port}"}, "hello")
        assert pushed.status == 200
        assert client.recv(timeout=harness.PATIENCE) == "hello"
    recorder.wait(connection)
    assert sockets.refused(sockets.connect, f"ws://{domain.name}:{port}/other", port).status_code == 403


# ---- routing rules --------------------------------------------------------------------------------------------


def rule(rest, priority, *conditions, strip=False):
    action = {"InvokeApi": {"ApiId": rest.id, "Stage": "dev", "StripBasePath": strip}}
    return {"Priority": priority, "Conditions": list(conditions), "Actions": [action]}


def headers(**globs):
    return {"MatchHeaders": {"AnyOf": [{"Header": name, "ValueGlob": glob} for name, glob in globs.items()]}}


def test_routing_rules(world, rest, http):
    domain = Domain(world, RoutingMode="ROUTING_RULE_THEN_API_MAPPING")
    domain.map(http.id, "prod", "app")
    names = {"DomainName": domain.name}
    paths = {"MatchBasePaths": {"AnyOf": ["app", "app/v2"]}}
    made = world.apis.create_routing_rule(**names, **rule(rest, 10, headers(version="beta*"), paths, strip=True))
    del made["ResponseMetadata"]
    assert made.pop("RoutingRuleArn") == (
        f"arn:aws:apigateway:us-east-1:000000000000:/domainnames/{domain.name}/routingrules/{made['RoutingRuleId']}")
    assert {**rule(rest, 10, headers(version="beta*"), paths, strip=True), "RoutingRuleId": made["RoutingRuleId"]} == made

    def goes(path, **sent):
        event = domain.call(path, **sent).json()
        return event["requestContext"]["apiId"], event.get("rawPath") or event["pathParameters"] and event[
            "pathParameters"]["proxy"]

    assert goes("/app/v2/x", Version="beta-2") == (rest.id, "x")
    assert goes("/app/v2/x", Version="Beta-2") == (http.id, "/prod/v2/x"), "values are case-sensitive"
    assert goes("/app/v2/x") == (http.id, "/prod/v2/x")
    world.apis.create_routing_rule(**names, **rule(rest, 5, headers(a="*x*", b="y"), headers(c="*")))
    assert goes("/any/where", A="1x2", C="") == (rest.id, "any/where")
    assert goes("/app/z", A="12", C="1") == (http.id, "/prod/z")
    assert domain.call("/nowhere", Version="beta").status == 404
    # The lowest priority is asked first; a rule without conditions takes all.
    put = world.apis.put_routing_rule(**names, RoutingRuleId=made["RoutingRuleId"], **rule(rest, 1))
    assert (put["Priority"], put["Conditions"]) == (1, [])
    assert goes("/app/z")[0] == rest.id
    listed = world.apis.list_routing_rules(**names)["RoutingRules"]
    assert sorted(each["Priority"] for each in listed) == [1, 5]
    world.apis.delete_routing_rule(**names, RoutingRuleId=made["RoutingRuleId"])
    assert goes("/app/z") == (http.id, "/prod/z")
    world.apis.update_domain_name(**names, RoutingMode="ROUTING_RULE_ONLY")
    assert domain.call("/app/z").status == 404


def test_what_no_rule_can_be(world, rest, http, domain):
    names = {"DomainName": domain.name}
    world.apis.create_routing_rule(**names, **rule(rest, 1))
    create = lambda **more: refused(world.client("apigatewayv2", validate=False).create_routing_rule, **names, **more)
    assert create(**rule(rest, 1))[:2] == CONFLICT
    for wrong in [
        rule(rest, 0), rule(rest, 1_000_001), {**rule(rest, 2), "Actions": []},
        {**rule(rest, 2), "Actions": rule(rest, 2)["Actions"] * 2},
        rule(rest, 2, headers(a="a*b")), rule(rest, 2, headers(a="x"), headers(b="x"), headers(c="x")),
        rule(rest, 2, {"MatchBasePaths": {"AnyOf": ["a"]}}, {"MatchBasePaths": {"AnyOf": ["b"]}}),
        rule(rest, 2, {"MatchBasePaths": {"AnyOf": ["/a"]}}), rule(rest, 2, {"MatchBasePaths": {"AnyOf": []}}),
        rule(rest, 2, {}),
        {**rule(rest, 2), "Actions": [{"InvokeApi": {"ApiId": http.id, "Stage": "prod"}}]},
        {**rule(rest, 2), "Actions": [{"InvokeApi": {"ApiId": rest.id, "Stage": "nope"}}]},
    ]:
        assert create(**wrong)[:2] == BAD, wrong
    assert len(world.apis.list_routing_rules(**names)["RoutingRules"]) == 1


def test_cloudformation(world, http):
    stacks, name = world.client("cloudformation"), f"{aws.unique('cf')}.example.com"
    template = {"Resources": {
        "Domain": {"Type": "AWS::ApiGatewayV2::DomainName", "Properties": {
            "DomainName": name, "DomainNameConfigurations": [{"CertificateArn": "arn:aws:acm:x", "EndpointType": "REGIONAL"}],
            "Tags": {"a": "b"}}},
        "Mapping": {"Type": "AWS::ApiGatewayV2::ApiMapping", "Properties": {
            "DomainName": {"Ref": "Domain"}, "ApiId": http.id, "Stage": "prod", "ApiMappingKey": "one"}},
    }, "Outputs": {"Name": {"Value": {"Fn::GetAtt": ["Domain", "RegionalDomainName"]}}}}
    stack = aws.unique("domains")

    def call(path):
        return world.gatelet.request("GET", path, {"Host": name}).status

    stacks.create_stack(StackName=stack, TemplateBody=json.dumps(template))
    stacks.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    outputs = stacks.describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
    assert outputs[0]["OutputValue"].startswith("d-")
    assert (call("/one/x"), call("/two/x")) == (200, 404)
    template["Resources"]["Mapping"]["Properties"]["ApiMappingKey"] = "two"
    stacks.update_stack(StackName=stack, TemplateBody=json.dumps(template))
    stacks.get_waiter("stack_update_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    assert (call("/one/x"), call("/two/x")) == (404, 200)
    stacks.delete_stack(StackName=stack)
    stacks.get_waiter("stack_delete_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})
    assert refused(world.apis.get_domain_name, DomainName=name)[:2] == MISSING


# ---- V1 ---------------------------------------------------------------------------------------------------------


def test_v1_makes_what_v2_sees_and_requests_find(world, rest):
    v1, name = world.rest, f"{aws.unique('v1')}.example.com"
    made = v1.create_domain_name(domainName=name, regionalCertificateArn=CONFIGURATION[0]["CertificateArn"],
                                 endpointConfiguration={"types": ["REGIONAL"]}, securityPolicy="TLS_1_2")
    v2 = world.apis.get_domain_name(DomainName=name)["DomainNameConfigurations"][0]
    assert made["regionalDomainName"] == v2["ApiGatewayDomainName"]
    assert made["certificateUploadDate"] == v2["CertificateUploadDate"]
    v1.create_base_path_mapping(domainName=name, basePath="shop", restApiId=rest.id, stage="dev")
    v1.create_base_path_mapping(domainName=name, restApiId=rest.id)

    def call(path):
        return world.gatelet.request("GET", path, {"Host": f"{name}:{world.gatelet.port}"})

    event = call("/shop/a/b").json()
    assert (event["path"], event["resource"], event["requestContext"]["stage"]) == ("/shop/a/b", "/{proxy+}", "dev")
    assert event["requestContext"]["domainName"].split(":")[0] == name
    event = call("/dev/a").json()  # the mapping names no stage: the path does
    assert (event["requestContext"]["stage"], event["pathParameters"]) == ("dev", {"proxy": "a"})
    assert call("/nope/a").status in (403, 404)
    mappings = v1.get_base_path_mappings(domainName=name)["items"]
    assert [mapping["basePath"] for mapping in mappings] == ["(none)", "shop"]
    replace = [{"op": "replace", "path": "/basePath", "value": "store"}]
    assert v1.update_base_path_mapping(domainName=name, basePath="shop", patchOperations=replace)["basePath"] == "store"
    assert call("/store/a").json()["requestContext"]["stage"] == "dev"
    v1.delete_base_path_mapping(domainName=name, basePath="(none)")
    assert call("/dev/a").status in (403, 404)
    assert refused(v1.get_base_path_mapping, domainName=name, basePath="(none)")[:2] == MISSING
    assert name in [item["domainName"] for item in v1.get_domain_names()["items"]]
    v1.delete_domain_name(domainName=name)
    assert refused(world.apis.get_domain_name, DomainName=name)[:2] == MISSING


def test_the_base_path_that_matched_is_in_access_logs(world, domain, http, rest):
    logs, group = world.client("logs"), aws.unique("/base-path/")
    logs.create_log_group(logGroupName=group)
    log = {"DestinationArn": f"arn:aws:logs:us-east-1:000000000000:log-group:{group}",
           "Format": "$context.requestId $context.apiId <$context.customDomain.basePathMatched>"}
    world.apis.update_stage(ApiId=http.id, StageName="prod", AccessLogSettings=log)
    world.rest.update_stage(restApiId=rest.id, stageName="dev", patchOperations=[
        {"op": "replace", "path": "/accessLogSettings/destinationArn", "value": log["DestinationArn"]},
        {"op": "replace", "path": "/accessLogSettings/format", "value": log["Format"]}])
    domain.map(http.id, "prod", "v1/orders")
    domain.map(rest.id, "dev", "old")
    domain.map(http.id, "prod")
    for path in ["/v1/orders/1", "/old/x", "/any"]:
        assert domain.call(path).status == 200, path

    def lines():
        events = logs.filter_log_events(logGroupName=group)["events"]
        found = sorted(event["message"].split(" ", 1)[1] for event in events)
        return len(found) == 3 and found

    found = harness.wait_until(lines, "three lines")
    assert found == sorted([f"{http.id} <v1/orders>", f"{rest.id} <old>", f"{http.id} <->"])
