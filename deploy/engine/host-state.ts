import { basename } from 'node:path';
import { runProgram } from '../../test/support/child-program.ts';

/** Settings that container engines change, and that outlive them. */
const SYSCTLS = [
  'net.ipv4.ip_forward',
  'net.ipv4.conf.all.route_localnet',
  'vm.overcommit_memory',
  'kernel.panic',
];

/** Network devices, packet filter, settings and an engine's control groups on this machine: what it must leave as it was. */
export async function hostState(folder: string): Promise<string> {
  const said = await Promise.all([
    runProgram('ip', ['-brief', 'link']),
    runProgram('iptables-save', []).then(withoutCounters),
    runProgram('sysctl', SYSCTLS),
    runProgram('ip', ['netns']),
    runProgram('find', ['/sys/fs/cgroup', '-maxdepth', '2', '-name', basename(folder)]),
  ]);
  return said.join('\n');
}

function withoutCounters(rules: string): string {
  return rules.replace(/^#.*\n/gm, '').replace(/\[\d+:\d+\]/g, '');
}

/** Whether a run has left nothing behind; says what it did otherwise. @param before of `hostState` at its start */
export async function isAsBefore(folder: string, before: string): Promise<boolean> {
  const after = await hostState(folder);
  if (after === before) return true;
  console.error(`This machine is not as it was before the run.\nBefore:\n${before}\nAfter:\n${after}`);
  return false;
}
