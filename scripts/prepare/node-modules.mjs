import { existsSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { prepareLog, seeLog, whenLate } from './log.mjs';
import { run, tail } from './run.mjs';
import { Complaint, slowly } from './say.mjs';

const NODE_MAJOR = 24;
// Of all that npm can say, its requests are what shows where it hangs.
const CI = ['ci', '--no-audit', '--no-fund', '--loglevel=http'];

/** Runs `npm ci` unless what is installed is what package-lock.json says, with the project's own Node. */
export async function installNodeModules(root) {
  if (!isInstalled(root))
    await slowly('Installing npm packages (about a minute)', () => npmCi(root), whenLate(root, 120));
  if (await hasOwnNode(root)) return;
  // npm versions differ in which install scripts they run unasked; this one brings the Node binary.
  await slowly(
    `Installing Node ${NODE_MAJOR} into node_modules`,
    () => npm(root, ['rebuild', 'node']),
    whenLate(root, 60),
  );
  if (await hasOwnNode(root)) return;
  throw new Complaint(
    `npm did not install Node ${NODE_MAJOR} into node_modules: this platform may have no such package. ` +
      `Install Node ${NODE_MAJOR} or above yourself, and run again.`,
  );
}

/**
 * Whether npm's own record of node_modules has every package of the lock file at its version, and its folder is there.
 * npm writes the record last, so an interrupted installation has none; a record alone can outlive a folder.
 */
export function isInstalled(root) {
  const record = readJson(join(root, 'node_modules', '.package-lock.json'));
  const lock = readJson(join(root, 'package-lock.json'));
  if (!record || !lock) return false;
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (path === '') return true;
    const installed = record.packages?.[path];
    if (!installed) return wanted.optional === true;
    if (installed.version !== wanted.version || installed.integrity !== wanted.integrity) return false;
    return readJson(join(root, path, 'package.json'))?.version === wanted.version;
  });
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Installs what the lock file of a folder says; `root` is the checkout, which keeps the log. */
export async function npmCi(root, folder = root) {
  rmSync(join(folder, 'node_modules', '.package-lock.json'), { force: true });
  try {
    await npm(root, CI, folder);
  } catch (error) {
    // What an installation left that was cut off can be in npm's way; nothing else is worth a second try.
    if (!/ENOTEMPTY|EEXIST/.test(error.message)) throw error;
    rmSync(join(folder, 'node_modules'), { recursive: true, force: true, maxRetries: 5, retryDelay: 1000 });
    await npm(root, CI, folder);
  }
}

/** Runs npm in a folder; a fault is a complaint with what npm gave as its reason. */
export async function npm(root, args, folder = root) {
  // npm must not run on the Node that it is about to replace.
  const own = join(root, 'node_modules', '.bin');
  const path = (process.env.PATH ?? '').split(delimiter).filter((entry) => entry !== own);
  const env = { ...process.env, PATH: path.join(delimiter) };
  const { npm_execpath: npmCli, npm_node_execpath: npmNode } = process.env;
  const outside = npmCli && npmNode && !npmNode.startsWith(join(root, 'node_modules'));
  const [command, ...first] = outside ? [npmNode, npmCli] : ['npm'];
  const { code, output } = await run(command, [...first, ...args], {
    cwd: folder,
    env,
    logFile: prepareLog(root),
  });
  if (code === 0) return;
  const errors = output.split('\n').filter((line) => /^npm error (?! *at )/.test(line));
  const reason = errors.slice(0, 8).join('\n') || tail(output);
  throw new Complaint(`npm ${args[0]} failed:\n${reason}\n${seeLog(root)}`);
}

async function hasOwnNode(root) {
  const binary = join(root, 'node_modules', '.bin', 'node');
  if (existsSync(binary)) {
    const { code, output } = await run(binary, ['--version']);
    if (code === 0 && major(output) >= NODE_MAJOR) return true;
  }
  return major(process.version) >= NODE_MAJOR && !process.execPath.startsWith(join(root, 'node_modules'));
}

function major(version) {
  return Number(/^v(\d+)/.exec(version.trim())?.[1] ?? 0);
}
