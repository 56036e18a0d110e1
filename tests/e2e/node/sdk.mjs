// What a program with the AWS SDK for JavaScript v3 does; prints what it saw as JSON.
import {
  ApiGatewayV2Client, CreateApiCommand, DeleteApiCommand, GetApiCommand,
} from "@aws-sdk/client-apigatewayv2";
import {
  CreateFunctionCommand, InvokeCommand, LambdaClient, ListEventSourceMappingsCommand, waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { deflateRawSync } from "node:zlib";

const settings = {
  endpoint: process.argv[2], region: "us-east-1", maxAttempts: 1,
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
};
const apis = new ApiGatewayV2Client(settings);
const functions = new LambdaClient(settings);
const failure = (error) => ({ name: error.name, status: error.$metadata?.httpStatusCode, message: error.message });

const created = await apis.send(new CreateApiCommand({ Name: "js", ProtocolType: "HTTP" }));
const missing = await apis.send(new GetApiCommand({ ApiId: "nosuch" })).catch(failure);
const unsupported = await functions.send(new ListEventSourceMappingsCommand({})).catch(failure);
await apis.send(new DeleteApiCommand({ ApiId: created.ApiId }));

const FunctionName = `js-${process.pid}`;
const code = "exports.handler = async (event) => { if (event.fail) throw new Error('no'); return { hello: event.name } }";
await functions.send(new CreateFunctionCommand({
  FunctionName, Runtime: "nodejs20.x", Handler: "index.handler", Role: "arn:aws:iam::000000000000:role/any",
  Code: { ZipFile: zip("index.js", Buffer.from(code)) },
}));
const waited = await waitUntilFunctionActiveV2({ client: functions, maxWaitTime: 10 }, { FunctionName });
const invoke = (event) => functions.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
const invoked = await invoke({ name: "javascript" });
const thrown = await invoke({ fail: true });

console.log(JSON.stringify({
  created, isDate: created.CreatedDate instanceof Date, missing, unsupported, waited: waited.state,
  invoked: JSON.parse(Buffer.from(invoked.Payload).toString()), thrown: thrown.FunctionError,
}));

// A zip of one file.
function zip(name, content) {
  const packed = deflateRawSync(content);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(crc32(content), 10);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(content.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, Buffer.from(name), packed]);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE((0o100644 << 16) >>> 0, 6);
  const central = Buffer.concat([Buffer.from("PK\x01\x02"), Buffer.from([20, 3]), common, rest, Buffer.from(name)]);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
