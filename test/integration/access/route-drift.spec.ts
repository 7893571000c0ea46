import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { MLFLOW_VENVS } from '../../../scripts/prepare/python-venv.mjs';
import { familyOf } from '../../../src/gateway/mlflow-routes/route-families.js';
import type { RouteTable } from '../../../src/gateway/mlflow-routes/route-table.js';
import { pythonExecutable } from '../../support/programs/preloaded-python.js';
import { tempDir } from '../../support/lib/temp-dir.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const tables = join(root, 'src/gateway/mlflow-routes/tables');

describe.each(MLFLOW_VENVS)('the route table of %s', (venv) => {
  it('is what its own routers serve; a new route needs a class, and `npm run routes:generate`', async () => {
    const dir = await tempDir('route-table');
    try {
      await run(await pythonExecutable(`${venv}-venv`), [
        join(root, 'scripts/generate-route-table.py'),
        dir.path,
      ]);
      const [name = ''] = await readdir(dir.path);
      const served = await readFile(join(dir.path, name), 'utf8');
      const committed = await readFile(join(tables, name), 'utf8');
      const { routes } = JSON.parse(served) as RouteTable;
      const rows = routes.filter((row) => !committed.includes(JSON.stringify(row)));
      // What a person has to look at: a route that no rule knows, and one of which MLflow itself says nothing.
      expect({
        changed: rows,
        unclassified: rows.filter(({ path }) => familyOf(path) === undefined),
        withoutSecondOpinion: rows.filter(({ opinion }) => opinion === undefined),
      }).toEqual({ changed: [], unclassified: [], withoutSecondOpinion: [] });
      expect(served).toBe(committed);
    } finally {
      await dir.remove();
    }
  }, 120_000);
});
