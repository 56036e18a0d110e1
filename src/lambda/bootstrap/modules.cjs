// Where the Node.js runtime finds the packages that AWS's own brings along, and layers: for `require` by NODE_PATH, for
// `import` (which knows no NODE_PATH) by a hook. A function's own folder always comes first.
'use strict';

const fs = require('fs');
const Module = require('module');
const path = require('path');
const { pathToFileURL } = require('url');

/** What every installation of npm has in its global folder, and no function wants. */
const NO_PACKAGES = ['corepack', 'npm', 'npx', 'pnpm', 'yarn', '.package-lock.json'];

/** Where Debian, most others and Homebrew keep npm's global folder, whichever node runs. */
const USUAL = ['/usr/local/lib/node_modules', '/usr/lib/node_modules', '/opt/homebrew/lib/node_modules'];

/** The folders where `npm install --global` puts packages: that of this node, and the usual ones. */
function globalFolders() {
  const own = path.resolve(path.dirname(process.execPath), '../lib/node_modules');
  return [...new Set([own, ...USUAL])].filter(hasPackages);
}

function hasPackages(folder) {
  try {
    return fs.readdirSync(folder).some((name) => !NO_PACKAGES.includes(name));
  } catch {
    return false;
  }
}

/** Lets `require` find what the machine has, behind all that the function and its layers have. */
function extendRequire() {
  const folders = globalFolders();
  if (folders.length === 0) return;
  process.env.NODE_PATH = [process.env.NODE_PATH, ...folders].filter(Boolean).join(':');
  Module._initPaths();
}

/**
 * The folders of NODE_PATH that `import` does not see by itself. It looks for `node_modules` above a file and for nothing
 * else, so folders with another name are `require`'s alone.
 */
function importFolders(root) {
  const own = path.join(root, 'node_modules');
  const folders = (process.env.NODE_PATH ?? '').split(':').filter((folder) => folder.endsWith('/node_modules'));
  return folders.filter((folder) => folder !== own && hasPackages(folder));
}

/**
 * Lets `import` find the same. Newer versions of Node.js do so in this thread, for everything; older ones need a thread
 * of their own for it, so they do it only where the handler itself is an ES module.
 */
function extendImport(root, esModule) {
  const folders = importFolders(root);
  if (folders.length === 0) return;
  const parents = folders.map((folder) => pathToFileURL(path.join(path.dirname(folder), '_')).href);
  if (typeof Module.registerHooks === 'function') {
    Module.registerHooks({
      resolve(specifier, context, next) {
        try {
          return next(specifier, context);
        } catch (error) {
          if (error?.code !== 'ERR_MODULE_NOT_FOUND' || /^[./#]|^[a-z]+:/i.test(specifier)) throw error;
          for (const parentURL of parents) {
            try {
              return next(specifier, { ...context, parentURL });
            } catch {}
          }
          throw error;
        }
      },
    });
  } else if (esModule && typeof Module.register === 'function') {
    Module.register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, { data: parents });
  }
}

/** The same resolution, as the hooks' own thread runs it. */
const HOOKS = `
let parents = [];
export function initialize(data) { parents = data; }
export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND' || /^[./#]|^[a-z]+:/i.test(specifier)) throw error;
    for (const parentURL of parents) {
      try { return await next(specifier, { ...context, parentURL }); } catch {}
    }
    throw error;
  }
}`;

module.exports = { extendRequire, extendImport };
