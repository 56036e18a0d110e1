"""Layers: published, listed, and what functions find of them."""

import io
import json
import urllib.parse
import zipfile


import aws
import harness
from aws import refused, zipped


def publish(world, files, modes=None, **more):
    name = more.pop("LayerName", None) or aws.unique("layer")
    return world.functions.publish_layer_version(
        LayerName=name, Content={"ZipFile": zipped(files, modes)}, **more)


def test_the_life_of_a_layer(world):
    functions, name = world.functions, aws.unique("layer")
    made = publish(world, {"a.txt": "1"}, LayerName=name, Description="d", CompatibleRuntimes=["python3.12"])
    assert made["LayerVersionArn"] == f"arn:aws:lambda:us-east-1:000000000000:layer:{name}:1"
    got = functions.get_layer_version(LayerName=name, VersionNumber=1)
    assert (got["Description"], got["CompatibleRuntimes"]) == ("d", ["python3.12"])
    assert functions.get_layer_version_by_arn(Arn=made["LayerVersionArn"])["Version"] == 1
    package = world.gatelet.request("GET", urllib.parse.urlsplit(got["Content"]["Location"]).path).body
    assert zipfile.ZipFile(io.BytesIO(package)).namelist() == ["a.txt"]
    publish(world, {"a.txt": "2"}, LayerName=name)
    assert [one["Version"] for one in functions.list_layer_versions(LayerName=name)["LayerVersions"]] == [2, 1]
    layers = {one["LayerName"]: one for one in functions.list_layers()["Layers"]}
    assert layers[name]["LatestMatchingVersion"]["Version"] == 2
    functions.delete_layer_version(LayerName=name, VersionNumber=2)
    assert refused(functions.get_layer_version, LayerName=name, VersionNumber=2)[:2] == (
        404, "ResourceNotFoundException")


def test_node_finds_modules_in_layers(world):
    lower = publish(world, {"nodejs/node_modules/shared/index.js": "module.exports = 'lower'",
                            "nodejs/node_modules/own/index.js": "module.exports = 'own'"})
    upper = publish(world, {"nodejs/node_modules/shared/index.js": "module.exports = 'upper'",
                            "bin/tool": "#!/bin/sh\necho from the layer"}, {"bin/tool": 0o100755})
    name = aws.unique("layered")
    world.function(
        """
        exports.handler = async () => [require('shared'), require('own'),
          require('child_process').execSync('tool').toString()];
        """, name=name, Layers=[lower["LayerVersionArn"], upper["LayerVersionArn"]])
    assert world.invoke(name)[0] == ["upper", "own", "from the layer\n"]
    configuration = world.functions.get_function_configuration(FunctionName=name)
    assert [one["Arn"] for one in configuration["Layers"]] == [lower["LayerVersionArn"], upper["LayerVersionArn"]]
    world.functions.update_function_configuration(FunctionName=name, Layers=[lower["LayerVersionArn"]])
    world.functions.update_function_code(
        FunctionName=name, ZipFile=zipped({"index.js": "exports.handler = async () => require('shared')"}))
    assert world.invoke(name)[0] == "lower"


def test_python_finds_packages_in_layers(world):
    layer = publish(world, {"python/one.py": "VALUE = 1",
                            "python/lib/python3.12/site-packages/two.py": "VALUE = 2"})
    name = aws.unique("layered")
    world.function("import one, two\ndef handler(event, context):\n    return [one.VALUE, two.VALUE]\n",
                   "python3.12", name=name, Layers=[layer["LayerVersionArn"]])
    assert world.invoke(name)[0] == [1, 2]


def test_a_runtime_in_a_layer(world):
    layer = publish(world, {"bootstrap": aws.SPEAKER}, {"bootstrap": 0o100755})
    name = aws.unique("runtime")
    world.function({"any.txt": "x"}, "provided.al2023", name=name, Layers=[layer["LayerVersionArn"]])
    answer, _ = world.invoke(name, {"headers": aws.raw_header({"from": "a layer"})})
    assert answer == {"from": "a layer"}


def test_a_wrapper_in_a_layer(world):
    layer = publish(world, {"wrap": "#!/bin/sh\nexport WRAPPED=yes\nexec \"$@\"\n"}, {"wrap": 0o100755})
    name = aws.unique("wrapped")
    world.function("exports.handler = async () => process.env.WRAPPED", name=name,
                   Layers=[layer["LayerVersionArn"]], Environment={"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrap"}})
    assert world.invoke(name)[0] == "yes"


def test_a_hot_reloaded_layer(world, tmp_path):
    module = tmp_path / "nodejs/node_modules/shared/index.js"
    module.parent.mkdir(parents=True)
    module.write_text("module.exports = 1")
    layer = world.functions.publish_layer_version(
        LayerName=aws.unique("hot"), Content={"S3Bucket": "hot-reload", "S3Key": str(tmp_path)})
    name = aws.unique("layered")
    world.function("const n = require('shared'); exports.handler = async () => n", name=name,
                   Layers=[layer["LayerVersionArn"]])
    assert world.invoke(name)[0] == 1
    module.write_text("module.exports = 2 // edited")
    harness.wait_until(lambda: world.invoke(name)[0] == 2, "the edit")


def test_what_is_refused(world):
    layer = publish(world, {"a": "1"})["LayerVersionArn"]
    create = {"Runtime": "nodejs20.x", "Role": aws.ROLE, "Handler": "index.handler",
              "Code": {"ZipFile": zipped({"index.js": "1"})}}
    status, code, message = refused(
        world.functions.create_function, FunctionName=aws.unique("f"), Layers=[layer + "9"], **create)
    assert (status, code) == (400, "InvalidParameterValueException") and message.startswith(
        f"Layer version {layer}9 does not exist.")
    status, code, _ = refused(
        world.functions.create_function, FunctionName=aws.unique("f"), Layers=["nothing"], **create)
    assert (status, code) == (400, "ValidationException")


def test_the_cli(world, tmp_path):
    package = tmp_path / "layer.zip"
    package.write_bytes(zipped({"python/cli_layer.py": "VALUE = 'cli'"}))
    out, _, _ = world.awscli("lambda", "publish-layer-version", "--layer-name", aws.unique("cli"),
                             "--zip-file", f"fileb://{package}")
    name = aws.unique("layered")
    world.function("import cli_layer\ndef handler(event, context):\n    return cli_layer.VALUE\n", "python3.12",
                   name=name, Layers=[out["LayerVersionArn"]])
    assert world.invoke(name)[0] == "cli"
    out, _, _ = world.awscli("lambda", "list-layers", program="awslocal")
    assert json.dumps(out).count("LatestMatchingVersion") > 0


def test_a_layer_from_s3(world):
    s3, bucket = world.client("s3"), aws.unique("layers")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="layer.zip", Body=zipped({"python/from_s3.py": "VALUE = 's3'"}))
    layer = world.functions.publish_layer_version(
        LayerName=aws.unique("layer"), Content={"S3Bucket": bucket, "S3Key": "layer.zip"})
    name = aws.unique("layered")
    world.function("import from_s3\ndef handler(event, context):\n    return from_s3.VALUE\n", "python3.12",
                   name=name, Layers=[layer["LayerVersionArn"]])
    assert world.invoke(name)[0] == "s3"
