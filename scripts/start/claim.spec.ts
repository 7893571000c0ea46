import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimDataDir } from './claim.ts';

describe('the claim on a data folder', () => {
  let dir: string;

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'claim-'));
  });

  afterEach(() => rmSync(dir, { recursive: true }));

  it('is refused while another holds it, with what to do', () => {
    const release = claimDataDir(dir);
    expect(() => claimDataDir(dir)).toThrow(`Another "npm start" uses the data folder ${dir}`);
    expect(() => claimDataDir(dir)).toThrow('DATA_DIR');
    release();
    claimDataDir(dir)();
  });
});
