import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workFolder } from '../../test/support/temp-dir.js';
import { MutantCheckout } from './checkout.js';

/** @param compiler program in place of tsc */
function checkoutWith(compiler: string): MutantCheckout {
  const root = workFolder('checkout');
  for (const folder of ['.cache', 'dist', 'node_modules/typescript/bin'])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'node_modules/.package-lock.json'), '{}');
  writeFileSync(join(root, 'node_modules/typescript/bin/tsc'), compiler);
  return new MutantCheckout(root);
}

describe('a run of a tool on a mutant', () => {
  it.each([
    ['process.exit(1)', true],
    ['process.exit(0)', false],
  ])('that ends with %s: failed is %s', async (compiler, failed) => {
    expect(await checkoutWith(compiler).compilerFails()).toBe(failed);
  });

  it('is no discovery where it failed because packages were being installed', async () => {
    const npm = `require('node:fs').rmSync('node_modules/.package-lock.json'); process.exit(1)`;
    await expect(checkoutWith(npm).compilerFails()).rejects.toThrow('node_modules was installed again');
  });
});
