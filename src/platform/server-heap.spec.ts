import { execFileSync } from 'node:child_process';
import { SERVER_HEAP_FLAGS } from './server-heap.js';

describe('SERVER_HEAP_FLAGS', () => {
  it('are known to this version of V8, which would silently accept unknown ones', () => {
    const known = execFileSync(process.execPath, ['--v8-options'], { encoding: 'utf8' });
    for (const flag of SERVER_HEAP_FLAGS)
      expect(known).toContain(`  ${flag.replace('--no-', '--').replace(/=.*/, '')} (`);
  });
});
