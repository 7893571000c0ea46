import { existsSync, readFileSync } from 'node:fs';

const OLDEST_NODE = [24, 9];

/**
 * Runs one of the servers from a command of npm's. Works on every Node that npm runs on, to say which one is needed.
 *
 * @param {string} command name of the command
 * @param {string} program folder below `dist/`
 * @param {string} usage what `--help` prints after the name
 */
export async function runServer(command, program, usage) {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const [first] = process.argv.slice(2);
  if (first === '--version') return void process.stdout.write(`${manifest.version}\n`);
  if (first === '--help') return void process.stdout.write(`Usage: ${command} ${usage}\n`);
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]))
    return fail(`${command} needs Node ${OLDEST_NODE.join('.')} or above; this is ${process.versions.node}.`);
  const main = new URL(`../dist/${program}/main.js`, import.meta.url);
  if (!existsSync(main)) return fail(`${command} is not built yet: run "npm run build" in its folder.`);
  await import(main.href);
}

function fail(sentence) {
  process.stderr.write(`Error: ${sentence}\n`);
  process.exitCode = 1;
}
