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

async function has(command) {
  return (await run(command, ['--version'])).code === 0;
}

/** Installs a Debian package where that is possible without asking; says whether it was. */
export async function aptInstall(name) {
  const asRoot = await rootPrefix();
  if (!asRoot || !(await has('apt-get'))) return false;
  const [command, ...prefix] = [...asRoot, 'apt-get'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return slowly(`Installing ${name} with apt-get`, async () => {
    const install = [...prefix, 'install', '--yes', '--no-install-recommends', name];
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
