"""CORS, as a browser sees it: pages of one origin ask APIs of another."""

import json

import pytest

import aws
import browser

# It would let in others, and says what pages may see only if the gateway exposes it.
CODE = """exports.handler = async (event) => ({
  statusCode: 200,
  headers: {"x-id": "1", "x-hidden": "2", "access-control-allow-origin": "https://elsewhere.example"},
  cookies: ["session=7; Path=/"],
  body: JSON.stringify({method: event.requestContext.http.method, cookies: event.cookies ?? [],
                        own: event.headers["x-own"] ?? null}),
});"""
# A name below that of the APIs, so that both are of one site, as cookies see it.
PAGE = "page.execute-api.localhost"
OTHER = "other.execute-api.localhost"


@pytest.fixture(scope="module")
def site():
    browser.program()
    site = browser.Site()
    yield site
    site.close()


@pytest.fixture(scope="module")
def function(world):
    return world.function(CODE, name="cors")


def url(api, path):
    return f"http://{api.id}.execute-api.localhost:{api.world.gatelet.port}{path}"


def configured(world, site, function, **cors):
    api = world.http_api(CorsConfiguration={"AllowOrigins": [site.origin(PAGE)], **cors})
    integration = api.function_integration(function)
    for key in ["GET /items", "PUT /items", "DELETE /items"]:
        api.route(key, integration)
    return api


def body(answer):
    return json.loads(answer["text"])


def test_a_page_reads_what_is_exposed(world, site, function):
    api = configured(world, site, function, ExposeHeaders=["x-id"])
    answer = site.run(PAGE, f"return ask('{url(api, '/items')}')")
    assert answer["status"] == 200 and body(answer)["method"] == "GET"
    assert answer["headers"]["x-id"] == "1" and "x-hidden" not in answer["headers"]


def test_a_page_of_another_origin_reads_nothing(world, site, function):
    api = configured(world, site, function)
    assert site.run(OTHER, f"return ask('{url(api, '/items')}')") == {"refused": "TypeError"}


def test_preflights(world, site, function):
    api = configured(world, site, function, AllowMethods=["GET", "PUT"], AllowHeaders=["x-own"], MaxAge=60)
    said = site.run(PAGE, f"""
      const url = '{url(api, '/items')}';
      return [await ask(url, {{method: "PUT", headers: {{"x-own": "mine"}}, body: "x"}}),
              await ask(url, {{method: "DELETE"}}),
              await ask(url, {{headers: {{"x-foreign": "1"}}}})];""")
    assert said[0]["status"] == 200 and body(said[0]) == {"method": "PUT", "own": "mine", "cookies": []}
    assert said[1:] == [{"refused": "TypeError"}] * 2, "neither the method nor the header is on the list"
    assert site.run(OTHER, f"return ask('{url(api, '/items')}', {{method: 'PUT'}})") == {"refused": "TypeError"}


def test_credentials(world, site, function):
    with_cookies = """
      await ask(url, {credentials: "include"});
      return ask(url, {credentials: "include"});"""
    allowed = configured(world, site, function, AllowCredentials=True)
    answer = site.run(PAGE, f"const url = '{url(allowed, '/items')}';{with_cookies}")
    assert body(answer)["cookies"] == ["session=7"]
    for refusing in [configured(world, site, function),
                     configured(world, site, function, AllowOrigins=["*"])]:
        assert site.run(PAGE, f"const url = '{url(refusing, '/items')}';{with_cookies}") == {"refused": "TypeError"}


@pytest.mark.parametrize("origins, lets_in", [(["*"], True), (["http://*"], True), (["https://*"], False)])
def test_origins_by_kind(world, site, function, origins, lets_in):
    api = configured(world, site, function, AllowOrigins=origins, AllowMethods=["*"], AllowHeaders=["*"])
    said = site.run(PAGE, f"return ask('{url(api, '/items')}', {{method: 'PUT', headers: {{'x-own': 'mine'}}}})")
    assert said.get("status") == (200 if lets_in else None), said


def test_a_page_may_know_why_it_fails(world, site, function):
    api = configured(world, site, function)
    api.route("GET /limited", api.function_integration(function))
    api.route("GET /gone", api.function_integration("arn:aws:lambda:us-east-1:000000000000:function:gone"))
    world.apis.update_stage(ApiId=api.id, StageName="$default", RouteSettings={
        "GET /limited": {"ThrottlingRateLimit": 0, "ThrottlingBurstLimit": 0}})
    said = site.run(PAGE, f"""
      const answers = [];
      for (const path of ["/nothing", "/limited", "/gone"]) answers.push(await ask('{url(api, '')}' + path));
      return answers;""")
    assert [(answer["status"], body(answer)["message"]) for answer in said] == [
        (404, "Not Found"), (429, "Too Many Requests"), (500, "Internal Server Error")]


def test_preflights_that_a_route_takes(world, site, function):
    api = world.http_api(CorsConfiguration={"AllowOrigins": [site.origin(PAGE)], "AllowMethods": ["PUT"]})
    api.route("$default", api.function_integration(function))
    assert site.run(PAGE, f"return ask('{url(api, '/any')}', {{method: 'PUT'}})")["status"] == 200
    api.route("OPTIONS /{proxy+}", api.function_integration(world.function("exports.handler = async () => ({statusCode: 405})")))
    assert site.run(PAGE, f"return ask('{url(api, '/any')}', {{method: 'PUT'}})") == {"refused": "TypeError"}


def test_without_a_configuration_the_function_decides(world, site):
    lets_in = "exports.handler = async () => ({statusCode: 200, headers: {'access-control-allow-origin': '*'}, body: '1'})"
    api = world.http_api()
    api.route("GET /items", api.function_integration(world.function(lets_in)))
    said = site.run(PAGE, f"const url = '{url(api, '/items')}'; return [await ask(url), await ask(url, {{method: 'PUT'}})]")
    assert said[0]["text"] == "1" and said[1] == {"refused": "TypeError"}


def test_a_change_takes_effect_with_a_deployment(world, site, function):
    api = world.http_api(auto_deploy=False, CorsConfiguration={"AllowOrigins": [site.origin(PAGE)]})
    api.route("GET /items", api.function_integration(function))
    deploy = lambda: world.apis.create_deployment(ApiId=api.id, StageName="$default")
    ask = lambda: site.run(PAGE, f"return ask('{url(api, '/items')}')").get("status")
    deploy()
    assert ask() == 200
    world.apis.delete_cors_configuration(ApiId=api.id)
    assert "CorsConfiguration" not in world.apis.get_api(ApiId=api.id)
    assert ask() == 200, "what is deployed says so still"
    deploy()
    assert ask() is None


def test_function_urls(world, site):
    world.functions.create_function(
        FunctionName="cors-url", Runtime="nodejs20.x", Role=aws.ROLE, Handler="index.handler",
        Code={"ZipFile": aws.zipped({"index.js": CODE})})
    made = world.functions.create_function_url_config(FunctionName="cors-url", AuthType="NONE", Cors={
        "AllowOrigins": [site.origin(PAGE)], "AllowMethods": ["GET", "PUT"], "AllowHeaders": ["x-own"],
        "ExposeHeaders": ["x-id"]})
    identity = made["FunctionUrl"].split("//")[1].split(".")[0]
    there = f"http://{identity}.lambda-url.us-east-1.localhost:{world.gatelet.port}/"
    script = f"return ask('{there}', {{method: 'PUT', headers: {{'x-own': 'mine'}}}})"
    answer = site.run(PAGE, script)
    assert body(answer)["own"] == "mine" and answer["headers"]["x-id"] == "1"
    assert site.run(OTHER, script) == {"refused": "TypeError"}


def stack_of(origin, function):
    """A stack with an API that lets pages of this origin in; `None`: of none. One of its routes takes nothing."""
    cors = {"CorsConfiguration": {"AllowOrigins": [origin], "AllowMethods": ["GET", "PUT"], "MaxAge": "60"}} if origin else {}
    return json.dumps({"Resources": {
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "stack", "ProtocolType": "HTTP", **cors}},
        "Integration": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {
            "ApiId": {"Ref": "Api"}, "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0",
            "IntegrationUri": function}},
        **{name: {"Type": "AWS::ApiGatewayV2::Route", "Properties": {
            "ApiId": {"Ref": "Api"}, "RouteKey": key, "Target": {"Fn::Sub": "integrations/${Integration}"}}}
            for name, key in [("Items", "GET /items"), ("Limited", "GET /limited")]},
        "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "DependsOn": ["Items", "Limited"], "Properties": {
            "ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": True,
            "RouteSettings": {"GET /limited": {"ThrottlingRateLimit": "0", "ThrottlingBurstLimit": 0}}}},
    }})


def test_a_stack(world, function):
    stacks = world.client("cloudformation")

    def preflight(origin):
        (api,) = [one["PhysicalResourceId"] for one in stacks.describe_stack_resources(StackName="cors")["StackResources"]
                  if one["LogicalResourceId"] == "Api"]
        ask = lambda method, path, more: world.gatelet.request(
            method, f"/_aws/execute-api/{api}{path}", {"Origin": origin, **more})
        assert ask("GET", "/limited", {}).status == 429
        answer = ask("OPTIONS", "/items", {"Access-Control-Request-Method": "PUT"})
        return answer.status, {name.lower(): answer[name] for name in answer.names() if "access" in name.lower()}

    stacks.create_stack(StackName="cors", TemplateBody=stack_of("https://a.example", function))
    stacks.get_waiter("stack_create_complete").wait(StackName="cors", WaiterConfig={"Delay": 1})
    listed = {"access-control-allow-methods": "GET,PUT", "access-control-max-age": "60"}
    assert preflight("https://a.example") == (204, {"access-control-allow-origin": "https://a.example", **listed})
    assert preflight("https://b.example") == (204, {})
    for origin, expected in [("https://b.example", (204, {"access-control-allow-origin": "https://b.example", **listed})),
                             (None, (404, {}))]:
        stacks.update_stack(StackName="cors", TemplateBody=stack_of(origin, function))
        stacks.get_waiter("stack_update_complete").wait(StackName="cors", WaiterConfig={"Delay": 1})
        assert preflight("https://b.example") == expected
    stacks.delete_stack(StackName="cors")
