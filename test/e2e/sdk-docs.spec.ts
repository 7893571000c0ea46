import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packSdk, run, typescriptBlocks, type PackedSdk } from '../support/programs/packed-sdk.js';
import { clientEnv } from '../support/programs/hokusai-env.js';
import { TEST_ADMIN_TOKEN } from '../support/systems/key-service.js';
import { startWholeSystem, type WholeSystem } from '../support/systems/whole-system.js';

/** Every example of docs/sdk.md, one after the other, with the packed SDK against a whole system. */

const examples = typescriptBlocks(await readFile('docs/sdk.md', 'utf8'));
/** What tells that the example of that place did its work. */
const SHOWN = [
  /^1 \{ w: \[ 1, 2 \] \}/m,
  /^shown once: hk_live_/m,
  /^[0-9a-f-]{36} \S+ null \d+$[^]*^allowed undefined$/m,
  /^700000 700000$[^]*^[0-9a-f]{32} 0\.0\d+/m,
  /^weights\.json 11$[^]*^[0-9a-f]{32} churn/m,
  /^\d+ SqlStore \d+\.\d+/m,
  /^0 true$/m,
];

let system: WholeSystem;
let sdk: PackedSdk;
let env: Record<string, string>;

beforeAll(async () => {
  [system, sdk] = await Promise.all([startWholeSystem(), packSdk()]);
  const { api_key: apiKey } = await system.newKey();
  env = { ...clientEnv(system, apiKey), PATH: process.env['PATH'] ?? '' };
  await writeFile(join(sdk.consumer, 'weights.bin'), Buffer.alloc(700_000, 7));
  await writeFile(join(sdk.consumer, 'train.log'), 'a line\n');
}, 300_000);
afterAll(async () => {
  await system?.close();
  await sdk?.remove();
});

it('has as many examples as are looked at here', () => {
  expect(examples).toHaveLength(SHOWN.length);
});

it.each(SHOWN.map((shown, index) => [index + 1, shown] as const))(
  'example %d works',
  async (number, shown) => {
    const file = join(sdk.consumer, `example${number}.mts`);
    const source = examples[number - 1] ?? '';
    await writeFile(file, source.replace('an admin token from a secret store', TEST_ADMIN_TOKEN));
    const { stdout } = await run(process.execPath, ['--no-warnings', file], { cwd: sdk.consumer, env });
    expect(stdout).toMatch(shown);
  },
);
