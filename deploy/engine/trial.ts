import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { runProgram } from '../../test/support/programs/child-program.ts';
import { workFolder } from '../../test/support/lib/temp-dir.ts';
import { removeCgroups } from './cgroups.ts';
import { startEngine, type DockerEngine } from './docker-engine.ts';
import { explainEngineFailure } from './engine-failure.ts';

/**
 * Starts an engine and one container with a network in it, before minutes go into images for nothing.
 *
 * @returns why that does not work, or undefined where it does
 */
export async function tryEngine(): Promise<string | undefined> {
  const folder = workFolder('engine-trial');
  try {
    const engine = await startEngine({ folder, networks: 'own' });
    try {
      return await runContainer(engine, folder);
    } finally {
      await engine.stop();
    }
  } catch (error) {
    return (error as Error).message;
  } finally {
    await removeCgroups(basename(folder));
    await runProgram('rm', ['-rf', folder]);
  }
}

/** The image is empty: the container borrows the programs of this machine. */
async function runContainer(engine: DockerEngine, folder: string): Promise<string | undefined> {
  const [empty, tar] = [join(folder, 'empty'), join(folder, 'empty.tar')];
  mkdirSync(empty);
  await runProgram('tar', ['-C', empty, '-cf', tar, '.']);
  await engine.docker(['import', tar, 'trial']);
  const programs = ['/usr', '/lib', '/lib64'].flatMap((path) => ['--volume', `${path}:${path}:ro`]);
  try {
    await engine.docker(['run', '--rm', '--memory', '64m', ...programs, 'trial', '/usr/bin/true']);
    return undefined;
  } catch (error) {
    return explainEngineFailure((error as Error).message);
  }
}
