import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { runProgram } from '../../test/support/programs/child-program.ts';
import { eventually } from '../../test/support/lib/eventually.ts';
import { cgroupsNamed } from './cgroups.ts';

/** Settings that container engines and a kubelet change, and that outlive them. */
const SYSCTLS = [
  ...['net.ipv4.ip_forward', 'net.ipv4.conf.all.route_localnet'],
  ...['vm.overcommit_memory', 'kernel.panic', 'kernel.panic_on_oops'],
];
/** What they make outside the folder of a run where nothing keeps them from it. */
const WRITTEN = [
  ...['/opt/containerd', '/run/containerd', '/run/containerd/s', '/run/docker', '/run/netns', '/run/runc'],
  ...['/var/lib/cni', '/var/lib/kubelet', '/var/log/containers', '/var/log/pods'],
];
/** A process that was killed needs a moment to be gone. */
const GONE_WITHIN_MS = 10_000;

/** Network devices, packet filter, settings, and what engines and a kubelet make on this machine. */
export async function hostState(): Promise<string> {
  const said = await Promise.all([
    sayingOf('ip', '-brief', 'link'),
    sayingOf('iptables-save').then(withoutCounters),
    sayingOf('sysctl', ...SYSCTLS),
    ...WRITTEN.filter((path) => existsSync(path)).map((path) => sayingOf('find', path, '-maxdepth', '1')),
    cgroupsNamed('kubepods').then((paths) => paths.join('\n')),
  ]);
  return said.join('\n');
}

/** Nothing of a program that is not there: without it nothing was changed by it, either. */
const sayingOf = (command: string, ...args: string[]): Promise<string> =>
  runProgram(command, args).catch(() => '');

function withoutCounters(rules: string): string {
  return rules.replace(/^#.*\n/gm, '').replace(/\[\d+:\d+\]/g, '');
}

/**
 * Whether a run has left nothing behind; says what it did otherwise.
 *
 * @param folder of the run: no file, process, mount or control group of it may be there
 * @param before of `hostState` at its start
 */
export async function isAsBefore(folder: string, before: string): Promise<boolean> {
  const nothingLeft = async (): Promise<boolean> => (await leftBehind(folder)) === '';
  await eventually(nothingLeft, { timeoutMs: GONE_WITHIN_MS, intervalMs: 200 }).catch(() => false);
  const left = await leftBehind(folder);
  if (left !== '') console.error(`The run has left behind:\n${left}`);
  const after = await hostState();
  if (after !== before)
    console.error(`This machine is not as it was before the run.\nBefore:\n${before}\nAfter:\n${after}`);
  return left === '' && after === before;
}

/** Files, processes, mounts and control groups that have the name of the folder; one a line. */
async function leftBehind(folder: string): Promise<string> {
  const name = basename(folder);
  const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  return [
    ...(existsSync(folder) ? [folder] : []),
    ...processesNaming(name),
    ...mounts.filter((line) => line.includes(name)),
    ...(await cgroupsNamed(name)),
  ].join('\n');
}

function processesNaming(name: string): string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => `${pid} ${argumentsOf(pid)}`)
    .filter((line) => line.includes(name));
}

function argumentsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}
