import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../../support/programs/child-program.js';
import { copyPostgresPrograms, postgresUser } from '../../support/servers/postgres-programs.js';
import { tempDir, type TempDir } from '../../support/lib/temp-dir.js';

/** Only root runs PostgreSQL as somebody else, who may not get at what root has. */
const asRoot = postgresUser() ? it : it.skip;

describe('the programs of PostgreSQL', () => {
  let closed: TempDir;
  let unreachable: string;

  beforeAll(async () => {
    const { folder: installed } = await copyPostgresPrograms();
    closed = await tempDir('closed');
    unreachable = join(closed.path, 'native');
    await symlink(installed, unreachable);
  });
  afterAll(() => closed?.remove());

  asRoot('run from a copy where a folder of mode 700 is above them', async () => {
    const { folder, remove } = await copyPostgresPrograms(unreachable);
    try {
      expect(folder).not.toBe(unreachable);
      const options = { ...postgresUser(), cwd: '/' };
      await expect(runProgram(join(folder, 'bin/postgres'), ['--version'], options)).resolves.toContain(
        'PostgreSQL',
      );
    } finally {
      await remove();
    }
  });

  asRoot('that cannot run from a copy either are an error that says what to do', async () => {
    const temporary = await tempDir('closed-temporary');
    const support = fileURLToPath(new URL('../../support/servers/postgres-programs.ts', import.meta.url));
    const script = `import { copyPostgresPrograms } from ${JSON.stringify(support)};
      await copyPostgresPrograms(process.argv[1]).catch((error) => console.log(error.message));`;
    const args = ['--input-type=module', '-e', script, unreachable];
    const said = await runProgram(process.execPath, args, { env: { TMPDIR: temporary.path } });
    await temporary.remove();
    expect(said).toMatch(
      /Run the tests as another user, or set TMPDIR to a folder that every user can enter .+ EACCES/,
    );
  });
});
