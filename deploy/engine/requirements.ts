import { readFileSync } from 'node:fs';
import { aptInstall } from '../../scripts/prepare/system-packages.mjs';
import { startProgram } from '../../test/support/programs/child-program.ts';
import { tryEngine } from './trial.ts';

/** Program → how it says that it is there, and Debian's package. */
const PROGRAMS: readonly [program: string, question: string, debianPackage: string][] = [
  ['dockerd', '--version', 'docker.io'],
  ['docker', '--version', 'docker.io'],
  ['debootstrap', '--version', 'debootstrap'],
  ['iptables-save', '--version', 'iptables'],
  ['ip', '-V', 'iproute2'],
  ['unshare', '--version', 'util-linux'],
  ['go', 'version', ''],
];

/** @returns why no engine can be started here, or undefined where one can */
export async function whyNoEngine(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'it needs Linux';
  if (process.getuid?.() !== 0) return 'it needs root, to start an engine of its own';
  if (!isDebian())
    return 'it makes its base images from Debian packages, as no registry is asked, and needs Debian 12';
  const missing = await missingPrograms();
  if (missing.length > 0) return `it needs ${missing.join(', ')}`;
  const namespaces = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc', 'true'];
  if (!(await works('unshare', namespaces))) return 'it may not make namespaces here';
  return tryEngine();
}

/** Missing ones are installed in CI alone: the engine's package starts an engine, which nobody expects of a test. */
async function missingPrograms(): Promise<string[]> {
  const missing = async (): Promise<typeof PROGRAMS> => {
    const there = await Promise.all(PROGRAMS.map(([program, question]) => works(program, [question])));
    return PROGRAMS.filter((_program, index) => !there[index]);
  };
  const packages = new Set((await missing()).map(([, , name]) => name).filter((name) => name !== ''));
  if (packages.size > 0 && process.env['CI']) await aptInstall(...packages);
  return (await missing()).map(([program]) => program);
}

function isDebian(): boolean {
  try {
    return /^VERSION_CODENAME=bookworm$/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

async function works(command: string, args: string[]): Promise<boolean> {
  return (await startProgram(command, args).exited) === 0;
}
