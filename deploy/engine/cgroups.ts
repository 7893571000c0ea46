import { runProgram } from '../../test/support/programs/child-program.ts';
import { eventually } from '../../test/support/lib/eventually.ts';

const ROOT = '/sys/fs/cgroup';
/** What was in them was killed, and needs a moment to be gone. */
const EMPTY_WITHIN_MS = 20_000;

/** Paths of the control groups of a name at the top: one for each controller, or with version 2 one for all. */
export async function cgroupsNamed(name: string): Promise<string[]> {
  const found = await runProgram('find', [ROOT, '-maxdepth', '2', '-name', name]);
  return found.split('\n').filter((path) => path !== '');
}

/** Empty control groups outlive an engine or a kubelet that was killed. */
export async function removeCgroups(name: string): Promise<void> {
  const areGone = async (): Promise<boolean> => {
    for (const path of await cgroupsNamed(name))
      await runProgram('find', [path, '-depth', '-type', 'd', '-delete']).catch(() => '');
    return (await cgroupsNamed(name)).length === 0;
  };
  await eventually(areGone, { timeoutMs: EMPTY_WITHIN_MS, intervalMs: 200 }).catch(() => false);
}
