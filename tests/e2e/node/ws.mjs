// What a program with the `ws` package sees; prints it as JSON.
import WebSocket from "ws";

const url = process.argv[2];
const answer = (value) => `?answer=${encodeURIComponent(JSON.stringify(value))}`;
const accepts = answer({ statusCode: 200, headers: { "Sec-WebSocket-Protocol": "b" } });
const once = (socket, name) => new Promise((resolve) => socket.once(name, (...values) => resolve(values)));

// One connection, as a browser's would be.
const socket = new WebSocket(url + accepts, ["a", "b"]);
await once(socket, "open");
const { protocol, extensions } = socket;
socket.send("héllo");
const echo = String((await once(socket, "message"))[0]);
socket.ping("!");
const pong = String((await once(socket, "pong"))[0]);
socket.close(1000);
const [close] = await once(socket, "close");

// One that $connect refuses.
const shut = new WebSocket(url + answer({ statusCode: 401 }));
let opened = false;
shut.on("open", () => { opened = true; });
shut.on("error", () => {});
const [, response] = await once(shut, "unexpected-response");

// One that gets no subprotocol although it wants one.
const unwanted = new WebSocket(url, ["a"]);
const [error] = await once(unwanted, "error");

// Messages that close it.
async function ended(data) {
  const socket = new WebSocket(url);
  await once(socket, "open");
  socket.send(data);
  return (await once(socket, "close"))[0];
}

console.log(JSON.stringify({
  protocol, extensions, echo, pong, close, refused: { status: response.statusCode, opened },
  unwanted: error.message, binary: await ended(Buffer.from("binary")), large: await ended("x".repeat(32769)),
}));
process.exit(0);
