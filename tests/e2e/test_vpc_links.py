"""VPC links: made, listed, and gone by; and what is behind them is where `--vpc-link` says."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import aws
import harness

LISTENER = "arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/app/shop/1/2"
SERVICE = "arn:aws:servicediscovery:us-east-1:000000000000:service/srv-abc"
UNNAMED = "arn:aws:elasticloadbalancing:us-east-1:000000000000:listener/net/other/3/4"


class Inside:
    """What is behind a load balancer: it answers with what it was asked."""

    def __init__(self, name):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                answer = json.dumps({"name": name, "method": self.command, "path": self.path,
                                     "host": self.headers["host"], "body": body.decode()}).encode()
                self.send_response(201)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture(scope="module")
def linked():
    shop, found = Inside("shop"), Inside("found")
    flags = ["--vpc-link", f"{LISTENER}={shop.url}", "--vpc-link", f"{SERVICE}={found.url}/"]
    with harness.Gatelet(flags) as process:
        yield aws.World(process)
    shop.server.shutdown()
    found.server.shutdown()


def link(world, name="link"):
    return world.apis.create_vpc_link(Name=aws.unique(name), SubnetIds=["subnet-1", "subnet-2"],
                                      SecurityGroupIds=["sg-1"], Tags={"team": "a"})


def test_a_link_lives_and_goes(world):
    made = link(world)
    assert (made["VpcLinkStatus"], made["VpcLinkVersion"]) == ("PENDING", "V2")
    found = world.apis.get_vpc_link(VpcLinkId=made["VpcLinkId"])
    assert found["VpcLinkStatus"] == "AVAILABLE" and found["VpcLinkStatusMessage"] == "VPC link is ready to route traffic"
    assert (found["SubnetIds"], found["SecurityGroupIds"]) == (["subnet-1", "subnet-2"], ["sg-1"])
    assert found["CreatedDate"] == made["CreatedDate"]
    renamed = world.apis.update_vpc_link(VpcLinkId=made["VpcLinkId"], Name="renamed")
    assert (renamed["Name"], renamed["SubnetIds"]) == ("renamed", ["subnet-1", "subnet-2"])
    arn = f"arn:aws:apigateway:us-east-1::/vpclinks/{made['VpcLinkId']}"
    world.apis.tag_resource(ResourceArn=arn, Tags={"more": "b"})
    assert world.apis.get_tags(ResourceArn=arn)["Tags"] == {"team": "a", "more": "b"}
    world.apis.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert world.apis.get_vpc_link(VpcLinkId=made["VpcLinkId"])["Tags"] == {"more": "b"}
    listed = [item["VpcLinkId"] for item in world.apis.get_vpc_links()["Items"]]
    assert made["VpcLinkId"] in listed
    answer = world.apis.delete_vpc_link(VpcLinkId=made["VpcLinkId"])
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    status, code, message = aws.refused(world.apis.get_vpc_link, VpcLinkId=made["VpcLinkId"])
    assert (status, code) == (404, "NotFoundException") and made["VpcLinkId"] in message


def test_links_come_in_pages(linked):
    made = {link(linked)["VpcLinkId"] for _ in range(3)}
    first = linked.apis.get_vpc_links(MaxResults="2")
    rest = linked.apis.get_vpc_links(MaxResults="2", NextToken=first["NextToken"])
    assert len(first["Items"]) == 2
    assert made <= {item["VpcLinkId"] for item in first["Items"] + rest["Items"]}


def private(api, link_id, uri, **more):
    return api.world.apis.create_integration(
        ApiId=api.id, IntegrationType="HTTP_PROXY", IntegrationMethod="ANY", PayloadFormatVersion="1.0",
        ConnectionType="VPC_LINK", ConnectionId=link_id, IntegrationUri=uri, **more)["IntegrationId"]


def test_private_integrations_reach_what_is_behind(linked):
    link_id = link(linked)["VpcLinkId"]
    api = linked.http_api(stage="test").stage("$default")
    api.route("ANY /shop/{proxy+}", private(api, link_id, LISTENER))
    api.route("GET /found", private(
        api, link_id, SERVICE + "?stage=green", RequestParameters={"overwrite:path": "/stripped$request.path"}))
    api.route("GET /unnamed", private(api, link_id, UNNAMED))

    # The stage is part of the path, the client's Host stays, the query goes along.
    asked = api.call("POST", "/test/shop/a%20b?x=1&y=%2F", {"Host": api.host}, b"text")
    assert asked.status == 201, asked.text
    assert asked.json() == {"name": "shop", "method": "POST", "path": "/test/shop/a%20b?x=1&y=%2F",
                            "host": api.host, "body": "text"}
    assert api.call("GET", "/shop/c").json()["path"] == "/shop/c"
    assert api.call("GET", f"/_aws/execute-api/{api.id}/test/shop/d", {"Host": "localhost"}).json()["path"] == "/test/shop/d"
    found = api.call("GET", "/test/found").json()
    assert (found["name"], found["path"]) == ("found", "/stripped$request.path")

    unnamed = api.call("GET", "/unnamed")
    assert unnamed.status == 501
    assert UNNAMED in unnamed.json()["message"] and "--vpc-link" in unnamed.json()["message"]

    status, code, message = aws.refused(linked.apis.delete_vpc_link, VpcLinkId=link_id)
    assert status == 400 and "Integrations with Ids" in message


def test_what_is_refused(world):
    api = world.http_api()
    link_id = link(world)["VpcLinkId"]
    create = lambda **members: aws.refused(
        world.apis.create_integration, ApiId=api.id, IntegrationType="HTTP_PROXY", ConnectionType="VPC_LINK",
        PayloadFormatVersion="1.0", IntegrationMethod="ANY", **members)
    for members, expected in [
        ({"ConnectionId": "nope", "IntegrationUri": LISTENER}, "Invalid VpcLink identifier specified nope"),
        ({"IntegrationUri": LISTENER}, "connectionId is required"),
        ({"ConnectionId": link_id, "IntegrationUri": "http://example.com"}, "valid ELB listener ARN"),
    ]:
        status, code, message = create(**members)
        assert (status, code) == (400, "BadRequestException") and expected in message, members
    status, _, message = aws.refused(
        world.apis.create_integration, ApiId=api.id, IntegrationType="HTTP_PROXY", IntegrationMethod="GET",
        IntegrationUri="http://example.com", ConnectionId=link_id)
    assert status == 400 and "connectionType" in message


def stack(stacks, name):
    return stacks.describe_stacks(StackName=name)["Stacks"][0]


def test_cloudformation_makes_links(linked):
    template = {"Resources": {
        "Link": {"Type": "AWS::ApiGatewayV2::VpcLink",
                 "Properties": {"Name": "made", "SubnetIds": ["subnet-1"], "Tags": {"a": "b"}}},
        "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "linked", "ProtocolType": "HTTP"}},
        "Integration": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {
            "ApiId": {"Ref": "Api"}, "IntegrationType": "HTTP_PROXY", "IntegrationMethod": "ANY",
            "PayloadFormatVersion": "1.0", "ConnectionType": "VPC_LINK", "ConnectionId": {"Ref": "Link"},
            "IntegrationUri": LISTENER}},
        "Route": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {
            "ApiId": {"Ref": "Api"}, "RouteKey": "$default",
            "Target": {"Fn::Join": ["/", ["integrations", {"Ref": "Integration"}]]}}},
        "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {
            "ApiId": {"Ref": "Api"}, "StageName": "$default", "AutoDeploy": True}},
    }, "Outputs": {"Link": {"Value": {"Ref": "Link"}}, "Api": {"Value": {"Ref": "Api"}}}}
    stacks = linked.client("cloudformation")
    name = aws.unique("links")
    stacks.create_stack(StackName=name, TemplateBody=json.dumps(template))
    harness.wait_until(lambda: "IN_PROGRESS" not in stack(stacks, name)["StackStatus"], "the stack is done")
    assert stack(stacks, name)["StackStatus"] == "CREATE_COMPLETE", [
        event.get("ResourceStatusReason") for event in stacks.describe_stack_events(StackName=name)["StackEvents"]]
    outputs = {o["OutputKey"]: o["OutputValue"] for o in stack(stacks, name)["Outputs"]}
    found = linked.apis.get_vpc_link(VpcLinkId=outputs["Link"])
    assert (found["Name"], found["Tags"]["a"]) == ("made", "b")
    answer = linked.gatelet.request("GET", f"/_aws/execute-api/{outputs['Api']}/anything")
    assert answer.json()["path"] == "/anything"
    template["Resources"]["Link"]["Properties"]["Name"] = "changed"
    stacks.update_stack(StackName=name, TemplateBody=json.dumps(template))
    stacks.get_waiter("stack_update_complete").wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    assert linked.apis.get_vpc_link(VpcLinkId=outputs["Link"])["Name"] == "changed"
    stacks.delete_stack(StackName=name)
    stacks.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    assert aws.refused(linked.apis.get_vpc_link, VpcLinkId=outputs["Link"])[0] == 404
