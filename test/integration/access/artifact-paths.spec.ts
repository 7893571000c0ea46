import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { MLFLOW_VENVS } from '../../../scripts/prepare/python-venv.mjs';
import { isBelow, readArtifactPath } from '../../../src/gateway/access/reading/artifact-path.js';
import { pythonExecutable } from '../../support/programs/preloaded-python.js';
import { seededRandom } from '../../support/lib/random.js';

const ROOT = join(import.meta.dirname, '../../..');
const SEED = 20261126;
const PATHS = 20_000;

const PIECES = [
  ...['1', '2', '02', '12', 'a', 'r', 'artifacts', 'm-1', 'workspaces', 'team-a', 'file:', 'http:', 'models'],
  ...['/', '/', '/', '/', '//', '.', '..', '\\', '#', '?', ';', ':', '%', '@', '&', '=', '+', ' ', '~'],
  ...['%2e', '%2f', '%5c', '%23', '%09', '%0a', '%20', '%00', '%31', '%32', '%25', '%252e', '%252f', '%2532'],
  ...[
    '\t',
    '\n',
    '\r',
    '\v',
    '\f',
    '\u0085',
    '\u00a0',
    '\u2028',
    '\ufeff',
    'é',
    '２',
    '%c3%a9',
    '%ff',
    '%c0%ae',
  ],
];

/** Paths near those that a client sends, and others made of what a parser may stumble on. */
function paths(): string[] {
  const random = seededRandom(SEED);
  const pick = (): string => PIECES[Math.floor(random() * PIECES.length)] as string;
  const some = (most: number): string => Array.from({ length: Math.floor(random() * most) }, pick).join('');
  const encoded = (path: string, share: number): string =>
    path.replace(/[\s\S]/g, (c) => (random() < share ? encodeURIComponent(c).replace(/^[./]$/, '%2e') : c));
  return Array.from({ length: PATHS }, () => {
    const path = random() < 0.6 ? `${some(3)}1/${some(8)}` : some(10);
    return random() < 0.3 ? encoded(encoded(path, 0.5), 0.5) : path;
  });
}

async function placesOf(venv: string, all: readonly string[]): Promise<(string | null)[]> {
  const child = spawn(
    await pythonExecutable(`${venv}-venv`),
    [join(ROOT, 'test/support/mlflow/mlflow_artifact_paths.py')],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  child.stdin.end(JSON.stringify(all));
  return JSON.parse(await text(child.stdout)) as (string | null)[];
}

describe.each(MLFLOW_VENVS)('artifacts of %s', (venv) => {
  it('are where the gateway expects them, however a path is spelled', async () => {
    const all = paths();
    const places = await placesOf(venv, all);
    const wrong: unknown[] = [];
    let compared = 0;
    all.forEach((path, index) => {
      const place = places[index] ?? null;
      const read = readArtifactPath(path);
      if (place === null || 'fault' in read) return;
      compared += 1;
      const same =
        read.kind === 'experiment'
          ? isBelow(
              place,
              read.workspace === undefined
                ? read.experimentId
                : `workspaces/${read.workspace}/${read.experimentId}`,
            )
          : read.kind === 'elsewhere'
            ? place === read.path
            : place === (read.workspace === undefined ? '.' : `workspaces/${read.workspace}`);
      if (!same) wrong.push({ path, mlflow: place, gateway: read });
    });
    console.log(`${venv}: ${compared} of ${PATHS} paths read alike, the others refused by one of both`);
    expect(wrong.slice(0, 20)).toEqual([]);
    expect(compared).toBeGreaterThan(1000);
  }, 120_000);
});
