// The function behind bare_function.rs: reads frames from stdin, calls a trivial handler, writes frames to stdout.
import { readSync, writeSync } from "node:fs";

const handler = async (event) => ({ statusCode: 200, body: event.rawPath });

/** Reads exactly `length` bytes; ends the process when the other side is gone. */
function read(length) {
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; ) {
    const n = readSync(0, bytes, at, length - at, null);
    if (n === 0) process.exit(0);
    at += n;
  }
  return bytes;
}

for (;;) {
  const event = JSON.parse(read(read(4).readUInt32BE()).toString());
  const payload = Buffer.from(JSON.stringify(await handler(event)));
  const frame = Buffer.allocUnsafe(4 + payload.length);
  frame.writeUInt32BE(payload.length);
  payload.copy(frame, 4);
  for (let at = 0; at < frame.length; ) at += writeSync(1, frame, at);
}
