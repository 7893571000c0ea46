import { existsSync } from 'node:fs';
import { run } from './run.mjs';
import { Complaint, slowly } from './say.mjs';

/** The tests run against a real redis-server; it comes from the system's package manager. */
export async function requireRedis() {
  if (await has('redis-server')) return;
  await aptInstall('redis-server');
  if (await has('redis-server')) return;
  throw new Complaint(
    'The tests need redis-server: install it (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis) and run again.',
  );
}

/** What single tests need beside it, with what makes each say that it is there; Debian's packages have the same names. */
const TESTED_PROGRAMS = [
  ['nginx', '-v'],
  ['haproxy', '-v'],
  ['pgbouncer', '--version'],
  ['caddy', 'version'],
  ['wrk', '-v'],
  ['chromium', '--version'],
  ['chromium-headless-shell', '--version'],
  ['curl', '--version'],
  ['openssl', 'version'],
  ['zsh', '--version'],
  ['fish', '--version'],
  ['prometheus', '--version'],
];
/** Fonts by which pages look the same everywhere: no program, so it is known by the folder that Debian gives it. */
const TESTED_FOLDERS = [['fonts-liberation', '/usr/share/fonts/truetype/liberation']];

/**
 * For CI, where no test is left out. Elsewhere a test is skipped that needs what is not there: some of these
 * packages start servers, which nobody expects of a test.
 */
export async function requireTestedPrograms() {
  const missing = [];
  for (const [program, question] of TESTED_PROGRAMS)
    if ((await run(program, [question])).code === 127) missing.push(program);
  for (const [name, folder] of TESTED_FOLDERS) if (!existsSync(folder)) missing.push(name);
  if (missing.length === 0 || (await aptInstall(...missing))) return;
  throw new Complaint(`In CI no test is left out: install ${missing.join(', ')} and run again.`);
}

async function has(command) {
  return (await run(command, ['--version'])).code === 0;
}

/** Installs Debian packages where that is possible without asking; says whether it was. */
export async function aptInstall(...names) {
  const asRoot = await rootPrefix();
  if (!asRoot || !(await has('apt-get'))) return false;
  const [command, ...prefix] = [...asRoot, 'apt-get'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return slowly(`Installing ${names.join(', ')} with apt-get`, async () => {
    const install = [...prefix, 'install', '--yes', '--no-install-recommends', ...names];
    if ((await run(command, install, { env })).code === 0) return true;
    await run(command, [...prefix, 'update'], { env });
    return (await run(command, install, { env })).code === 0;
  });
}

/** How to run something as root without a question: directly, by sudo, or not at all. */
async function rootPrefix() {
  if (process.getuid?.() === 0) return [];
  return (await run('sudo', ['-n', 'true'])).code === 0 ? ['sudo', '-n'] : undefined;
}
