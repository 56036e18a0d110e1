// The Node.js runtime of gatelet: loads a handler and calls it once per frame. Events come on descriptor 3,
// answers go to descriptor 4 (see `frames.rs` for their shape), and what the function prints goes to 1 and 2.
//
// CommonJS, since that starts faster than an ES module; both kinds of handlers can be loaded from it. What a
// function sees (context, errors, console) is what the Node.js runtime of AWS Lambda shows it.
'use strict';

const fs = require('fs');
const net = require('net');
const path = require('path');
const util = require('util');
const modules = require('./modules.cjs');

const EVENTS = 3;
const ANSWERS = 4;
const MAX_RESPONSE = 6291556;
const env = process.env;
const jsonLogs = String(env.AWS_LAMBDA_LOG_FORMAT).toUpperCase() === 'JSON';

/** The invocation that runs, and the id that log lines carry (it stays until the next one). */
let current = null;
let requestId;
/** What to do when the event loop has run empty while an invocation runs. */
let whenIdle = null;
let handler;
let streaming = false;
let socket;

// ---------------------------------------------------------------------------------------------- what is said

const READY = Buffer.from([2, 0, 0, 0, 0x6e, 0]);
const out = Buffer.allocUnsafe(64 * 1024);
const sleeper = new Int32Array(new SharedArrayBuffer(4));

function writeAll(fd, buffer, length) {
  for (let at = 0; at < length; ) {
    try {
      at += fs.writeSync(fd, buffer, at, length - at);
    } catch (error) {
      // Somebody made the pipe non-blocking, and it is full.
      if (error.code !== 'EAGAIN') throw error;
      Atomics.wait(sleeper, 0, 0, 1);
    }
  }
}

/** Writes a frame, and behind it that the next event may come. */
function say(kind, id, payload, next) {
  const head = 6 + id.length;
  const small = payload.length * 3 + head + READY.length <= out.length;
  const bytes = small ? null : Buffer.from(payload);
  if (bytes !== null && bytes.length > MAX_RESPONSE) {
    const errorMessage = `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE} bytes).`;
    return say('e', id, JSON.stringify({ errorMessage, errorType: 'Function.ResponseSizeTooLarge' }), next);
  }
  let length;
  if (!small) length = bytes.length;
  else if (typeof payload === 'string') length = out.write(payload, head, 'utf8');
  else length = payload.copy(out, head);
  out.writeUInt32LE(2 + id.length + length, 0);
  out[4] = kind.charCodeAt(0);
  out[5] = id.length;
  out.write(id, 6, 'latin1');
  if (small) {
    if (next) READY.copy(out, head + length);
    writeAll(ANSWERS, out, head + length + (next ? READY.length : 0));
  } else {
    writeAll(ANSWERS, out, head);
    writeAll(ANSWERS, bytes, bytes.length);
    if (next) writeAll(ANSWERS, READY, READY.length);
  }
}

function describe(error) {
  try {
    if (util.types.isNativeError(error) || (error && error.name && error.message && error.stack)) {
      return { errorType: error.name, errorMessage: error.message, trace: String(error.stack).split('\n') };
    }
    return { errorType: typeof error, errorMessage: error.toString(), trace: [] };
  } catch {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
    };
  }
}

function logError(title, error) {
  const whole = error instanceof Error ? error : new Error(error);
  const members = (_key, value) => {
    if (!(value instanceof Error)) return value;
    const { name, message, code, stack } = value;
    const shown = { errorType: name, errorMessage: message, code, ...value };
    if (typeof stack === 'string') shown.stack = stack.split('\n');
    return shown;
  };
  if (jsonLogs) return console.error(whole);
  let text;
  try {
    text = JSON.stringify(whole, members);
  } catch {
    text = JSON.stringify(describe(whole));
  }
  console.error(title, '\t' + text);
}

class RuntimeError extends Error {
  constructor(kind, message) {
    super(message);
    this.name = `Runtime.${kind}`;
    this.stack = `${this.name}: ${this.message}\n${String(this.stack).split('\n    at ').slice(1).map((line) => '    at ' + line).join('\n')}`;
  }
}

/** Says why the process cannot go on, to whoever it concerns, and ends it. */
function giveUp(title, error, code) {
  logError(title, error);
  const text = JSON.stringify(describe(error));
  if (handler === undefined) say('i', '', text, false);
  else if (current !== null) say('e', current, text, false);
  process.exit(code);
}

// -------------------------------------------------------------------------------------------------- console

function patchConsole() {
  const levels = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
  const least = Math.max(0, levels.indexOf(String(env.AWS_LAMBDA_LOG_LEVEL).toUpperCase()));
  const errors = (_key, value) =>
    value instanceof Error
      ? {
          errorType: value.constructor?.name ?? 'UnknownError',
          errorMessage: value.message,
          stackTrace: String(value.stack).split('\n'),
          ...value,
        }
      : value;
  const format = (timestamp, level, values) => {
    if (!jsonLogs) return `${timestamp}\t${requestId}\t${level}\t${util.format(...values)}\n`;
    const entry = { timestamp, level, requestId };
    try {
      entry.message = values.length === 1 ? values[0] : util.format(...values);
      return JSON.stringify(entry, errors) + '\n';
    } catch {
      entry.message = util.format(...values);
      return JSON.stringify(entry) + '\n';
    }
  };
  for (const [name, level] of Object.entries({
    trace: 'TRACE',
    debug: 'DEBUG',
    info: 'INFO',
    log: 'INFO',
    warn: 'WARN',
    error: 'ERROR',
    fatal: 'FATAL',
  })) {
    console[name] =
      levels.indexOf(level) < least
        ? () => {}
        : (...values) => {
            const line = Buffer.from(format(new Date().toISOString(), level, values));
            writeAll(1, line, line.length);
          };
  }
}

// ------------------------------------------------------------------------------------------ loading a handler

const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');

function isModuleFolder(folder) {
  for (;;) {
    if (folder.endsWith('/node_modules')) return false;
    try {
      return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')).type === 'module';
    } catch (error) {
      if (error.code !== 'ENOENT') return false;
    }
    const above = path.dirname(folder);
    if (above === folder) return false;
    folder = above;
  }
}

async function loadModule(root, folder, name) {
  const file = path.resolve(root, folder, name);
  const esModules = isModuleFolder(path.dirname(file));
  const typescript = parseInt(process.versions.node, 10) >= 24;
  const kinds = [
    ['', false],
    ['.js', esModules],
    ['.mjs', true],
    ['.cjs', false],
    ...(typescript ? [['.ts', esModules], ['.mts', true], ['.cts', false]] : []),
  ];
  for (const [extension, esModule] of kinds) {
    const whole = file + extension;
    if (!fs.statSync(whole, { throwIfNoEntry: false })?.isFile()) continue;
    modules.extendImport(root, esModule);
    return esModule ? await import(require('url').pathToFileURL(whole).href) : require(whole);
  }
  return require(require.resolve(name, { paths: [root, path.resolve(root, folder)] }));
}

/** What a user can do about a package that is not there; AWS's runtime brings its SDK along, and we do not. */
function hint(error, module) {
  const [, name] = /Cannot find (?:module|package) '([^']+)'/.exec(error.message) ?? [];
  if (name === undefined || name === module || /^[./]/.test(name)) return '';
  const parts = name.split('/');
  const wanted = name.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
  const why = /^(@aws-sdk|@smithy|aws-sdk)/.test(name)
    ? `AWS's Node.js runtime contains '${wanted}'; gatelet runs the Node.js of this machine, which does not. `
    : '';
  return `\n${why}Install it with the function's code (npm install ${wanted}), for all functions of this machine (npm install --global ${wanted}), or publish it as a layer.`;
}

async function load(root, name) {
  if (name.includes('..')) {
    throw new RuntimeError(
      'MalformedHandlerName',
      `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const base = path.basename(name);
  const dot = base.indexOf('.');
  if (dot < 0) throw new RuntimeError('MalformedHandlerName', 'Bad handler');
  const folder = name.substring(0, name.indexOf(base));
  const module = base.substring(0, dot);
  let found;
  try {
    found = await loadModule(root, folder, module);
  } catch (error) {
    if (error instanceof SyntaxError) throw new RuntimeError('UserCodeSyntaxError', String(error));
    if (error?.code === 'MODULE_NOT_FOUND') throw new RuntimeError('ImportModuleError', String(error) + hint(error, module));
    if (error?.code === 'ERR_MODULE_NOT_FOUND') error.message += hint(error, module);
    throw error;
  }
  for (const key of base.substring(dot + 1).split('.')) found = found && found[key];
  if (!found) throw new RuntimeError('HandlerNotFound', `${name} is undefined or not exported`);
  if (typeof found !== 'function') throw new RuntimeError('HandlerNotFound', `${name} is not a function`);
  return found;
}

// ------------------------------------------------------------------------------------------- calling a handler

/** The invocation is over: from now on only the next event keeps the process alive. */
function answer(kind, id, payload) {
  if (current !== id) return;
  current = null;
  whenIdle = null;
  socket.ref();
  say(kind, id, payload, true);
}

function succeed(id, result) {
  let payload;
  try {
    // What JSON does not know (a function, say) is null, like undefined.
    payload = JSON.stringify(result) ?? 'null';
  } catch {
    return fail(id, new Error('Unable to stringify response body'));
  }
  answer('r', id, payload);
}

function fail(id, error) {
  if (current !== id) return;
  logError('Invoke Error', error);
  answer('e', id, JSON.stringify(describe(error)));
}

const environment = {
  functionVersion: env.AWS_LAMBDA_FUNCTION_VERSION,
  functionName: env.AWS_LAMBDA_FUNCTION_NAME,
  memoryLimitInMB: env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  logGroupName: env.AWS_LAMBDA_LOG_GROUP_NAME,
  logStreamName: env.AWS_LAMBDA_LOG_STREAM_NAME,
};

/** How CloudFormation's events begin. */
const CUSTOM_RESOURCE = '{"RequestType":"';

function invoke(head, event) {
  const [id, deadline, invokedFunctionArn, traceId, ...rest] = head.split('\n');
  const clientContext = rest.join('\n');
  current = requestId = id;
  if (traceId === '') delete env._X_AMZN_TRACE_ID;
  else env._X_AMZN_TRACE_ID = traceId;
  // An invocation whose work has run out is over, whether it has said so or not.
  socket.unref();
  if (event.startsWith(CUSTOM_RESOURCE)) require('./callback.cjs').answerHere(JSON.parse(event).ResponseURL);

  const context = { callbackWaitsForEmptyEventLoop: true };
  let finished = false;
  const done = (error, result) => {
    if (finished) return;
    finished = true;
    if (error !== undefined && error !== null) fail(id, error);
    else succeed(id, result);
  };
  context.succeed = (result) => done(null, result);
  context.fail = (error) => done(error ?? 'handled');
  context.done = done;
  Object.assign(context, environment);
  context.clientContext = clientContext === '' ? undefined : JSON.parse(clientContext);
  context.identity = undefined;
  context.invokedFunctionArn = invokedFunctionArn;
  context.awsRequestId = id;
  context.getRemainingTimeInMillis = () => deadline - Date.now();

  if (streaming) return stream(id, event, context);
  const callback = (error, result) => {
    if (finished) return;
    if ((error !== undefined && error !== null) || !context.callbackWaitsForEmptyEventLoop) return done(error, result);
    finished = true;
    whenIdle = () => succeed(id, result);
  };
  whenIdle = () => {
    finished = true;
    if (handler.constructor?.name !== 'AsyncFunction') return succeed(id, null);
    fail(id, new RuntimeError('NodeJsExit', 'The Lambda runtime client detected an unexpected Node.js exit. ' +
      'This is most commonly caused by a Promise that was never settled. For more information, see ' +
      'https://nodejs.org/docs/latest/api/process.html#process_exit_codes'));
  };
  try {
    const result = handler(JSON.parse(event), context, callback);
    if (result && typeof result.then === 'function') result.then(context.succeed, context.fail);
  } catch (error) {
    done(error);
  }
}

/** A handler made by `awslambda.streamifyResponse`: its stream is gathered, and answered as a whole. */
function stream(id, event, context) {
  const pieces = [];
  const response = new (require('stream').Writable)({
    decodeStrings: true,
    write(piece, _encoding, next) {
      pieces.push(piece);
      next();
    },
  });
  const write = response.write.bind(response);
  response.setContentType = () => {};
  response.write = (piece, ...rest) => {
    const first = response._onBeforeFirstWrite;
    response._onBeforeFirstWrite = undefined;
    if (typeof first === 'function') first(write);
    if (typeof piece !== 'string' && !(piece instanceof Uint8Array)) piece = JSON.stringify(piece);
    return write(piece, ...rest);
  };
  response.on('error', (error) => fail(id, error));
  whenIdle = () => fail(id, new Error('Response stream is not finished.'));
  try {
    const result = handler(JSON.parse(event), response, context);
    if (typeof result?.then !== 'function') return fail(id, 'Streaming does not support non-async handlers.');
    const finish = () => answer('r', id, Buffer.concat(pieces));
    result.then(
      () => (response.writableFinished ? finish() : response.on('finish', finish)),
      (error) => fail(id, error),
    );
  } catch (error) {
    fail(id, error);
  }
}

// ------------------------------------------------------------------------------------------------- listening

/** An event that did not come in one piece, and how much of it is there. */
let partial = null;
let have = 0;

function take(frame) {
  const head = 8 + frame.readUInt32LE(0);
  const end = head + frame.readUInt32LE(4);
  invoke(frame.toString('utf8', 8, head), frame.toString('utf8', head, end));
}

function receive(length, buffer) {
  if (partial === null) {
    if (length >= 8 && 8 + buffer.readUInt32LE(0) + buffer.readUInt32LE(4) === length) return take(buffer);
    partial = Buffer.allocUnsafe(8);
    have = 0;
  }
  for (let at = 0; at < length; ) {
    const copied = buffer.copy(partial, have, at, length);
    at += copied;
    have += copied;
    if (have < partial.length) continue;
    if (have === 8) {
      const whole = Buffer.allocUnsafe(8 + partial.readUInt32LE(0) + partial.readUInt32LE(4));
      partial.copy(whole);
      partial = whole;
      if (whole.length > 8) continue;
    }
    const frame = partial;
    partial = null;
    return take(frame);
  }
}

function listen() {
  socket = new net.Socket({
    fd: EVENTS,
    readable: true,
    writable: false,
    onread: {
      buffer: Buffer.allocUnsafe(64 * 1024),
      callback(length, buffer) {
        receive(length, buffer);
        return true;
      },
    },
  });
  socket.on('error', () => process.exit(0));
  // Whoever gave us work is gone.
  socket.on('end', () => process.exit(0));
  socket.resume();
  process.on('beforeExit', () => {
    const then = whenIdle;
    whenIdle = null;
    if (then !== null) then();
  });
  writeAll(ANSWERS, READY, READY.length);
}

patchConsole();
modules.extendRequire();
globalThis.awslambda = {
  streamifyResponse(wrapped) {
    wrapped[STREAMING] = 'response';
    return wrapped;
  },
  HttpResponseStream: {
    from(response, prelude) {
      response.setContentType('application/vnd.awslambda.http-integration-response');
      response._onBeforeFirstWrite = (write) => {
        write(JSON.stringify(prelude));
        write(new Uint8Array(8));
      };
      return response;
    },
  },
};
process.on('uncaughtException', (error) => giveUp('Uncaught Exception', error, 129));
process.on('unhandledRejection', (reason) => {
  const error = new RuntimeError('UnhandledPromiseRejection', String(reason));
  error.reason = reason;
  giveUp('Unhandled Promise Rejection', error, 128);
});
load(env.LAMBDA_TASK_ROOT, env._HANDLER).then(
  (found) => {
    handler = found;
    streaming = found[STREAMING] === 'response';
    listen();
  },
  (error) => giveUp('Uncaught Exception', error, 129),
);
