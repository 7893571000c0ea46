// Links the built ES modules in a context without Node's globals and runs a story in it. Prints what was seen.
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createContext, SourceTextModule } from 'node:vm';

const built = process.argv[2];
const WEB = [
  'fetch',
  'URL',
  'URLSearchParams',
  'Response',
  'Headers',
  'Blob',
  'ReadableStream',
  'AbortController',
];
const MORE = [
  'AbortSignal',
  'TextEncoder',
  'TextDecoder',
  'setTimeout',
  'clearTimeout',
  'crypto',
  'performance',
];
const warnings = [];
const context = createContext(Object.fromEntries([...WEB, ...MORE].map((name) => [name, globalThis[name]])));
// Typed arrays and errors must be of the realm of the bodies that carry them.
Object.assign(context, { Uint8Array, Error, seen: {}, console: { warn: (text) => warnings.push(text) } });

const modules = new Map();
function load(path) {
  if (!modules.has(path))
    modules.set(path, new SourceTextModule(readFileSync(path, 'utf8'), { context, identifier: path }));
  return modules.get(path);
}

const entry = new SourceTextModule(
  `import { createMock, MlflowClient } from '${join(built, 'esm/sdk/index.js')}';
   const { experiments } = createMock();
   const run = await experiments.runs.start('0');
   await experiments.artifacts.upload(run, 'a.txt', 'hello');
   seen.text = await (await experiments.artifacts.download(run, 'a.txt')).text();
   try { new MlflowClient(); } catch (error) { seen.named = error.name; }`,
  { context, identifier: join(built, 'entry.js') },
);
await entry.link((specifier, from) => load(resolve(dirname(from.identifier), specifier)));
await entry.evaluate();
console.log(JSON.stringify({ ...context.seen, warned: warnings.length }));
