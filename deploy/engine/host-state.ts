import { runProgram } from '../../test/support/child-program.ts';

/** Settings that container engines change, and that outlive them. */
const SYSCTLS = [
  'net.ipv4.ip_forward',
  'net.ipv4.conf.all.route_localnet',
  'vm.overcommit_memory',
  'kernel.panic',
];

/** Network devices, packet filter, settings and control groups of this machine: what an engine must leave as it was. */
export async function hostState(): Promise<string> {
  const said = await Promise.all([
    runProgram('ip', ['-brief', 'link']),
    runProgram('iptables-save', []).then(withoutCounters),
    runProgram('sysctl', SYSCTLS),
    runProgram('ip', ['netns']),
    runProgram('ls', ['-d', '/sys/fs/cgroup/memory', '/sys/fs/cgroup/memory/mlflow-gateway-*']).catch(
      () => '',
    ),
  ]);
  return said.join('\n');
}

function withoutCounters(rules: string): string {
  return rules.replace(/^#.*\n/gm, '').replace(/\[\d+:\d+\]/g, '');
}
