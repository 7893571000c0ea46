import { packageOf, selfTimes, type CpuProfile } from './profile.ts';

const frame = (functionName: string, url = '', lineNumber = 0) => ({ functionName, url, lineNumber });
const PROFILE: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame('(idle)') },
    { id: 2, callFrame: frame('dispatch', 'file:///srv/node_modules/undici/lib/client.js', 41) },
    { id: 3, callFrame: frame('', 'file:///srv/dist/gateway/auth/api-key.guard.js', 9) },
    { id: 4, callFrame: frame('dispatch', 'file:///srv/node_modules/undici/lib/client.js', 41) },
  ],
  samples: [1, 2, 3, 4],
  timeDeltas: [90_000, 3000, 2000, 5000],
};

describe('the reader of CPU profiles', () => {
  it('adds up self time by function, longest first, and leaves idle time out', () => {
    expect(selfTimes(PROFILE)).toEqual([
      { name: 'dispatch  undici/lib/client.js:42', ms: 8, share: 0.8 },
      { name: '(anonymous)  dist/gateway/auth/api-key.guard.js:10', ms: 2, share: 0.2 },
    ]);
  });

  it('groups by package, by room of our own code and by part of Node', () => {
    expect(selfTimes(PROFILE, packageOf).map(({ name }) => name)).toEqual(['undici', 'dist/gateway/auth']);
    expect(packageOf(frame('x', 'file:///srv/node_modules/@nestjs/core/router/a.js'))).toBe(
      '@nestjs/core/router',
    );
    expect(packageOf(frame('x', 'node:internal/streams/readable'))).toBe('node:internal/streams');
    expect(packageOf(frame('(garbage collector)'))).toBe('(garbage collector)');
    expect(packageOf(frame('writev'))).toBe('(native)');
  });
});
