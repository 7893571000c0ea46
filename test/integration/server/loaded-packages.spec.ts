import { fileURLToPath } from 'node:url';
import { startProgram } from '../../support/programs/child-program.js';

const GATEWAY = new URL('../../../dist/gateway/gateway.app.js', import.meta.url).href;
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Packages that a gateway has loaded when it has started. */
async function loaded(env: Record<string, string>): Promise<Set<string>> {
  const script = `import 'reflect-metadata';
    import { createRequire } from 'node:module';
    const { startGateway } = await import(${JSON.stringify(GATEWAY)});
    await startGateway(process.env);
    console.log('loaded: ' + Object.keys(createRequire(import.meta.url).cache).join(' '));
    process.exit(0);`;
  const program = startProgram(process.execPath, ['--input-type=module', '-e', script], {
    cwd: ROOT,
    env: {
      HOST: '127.0.0.1',
      PORT: '0',
      MLFLOW_SERVER_URL: 'http://127.0.0.1:9',
      HOKUSAI_AUTH_SERVICE_URL: 'http://127.0.0.1:9',
      CACHE_HMAC_SECRET: 'a-secret-of-this-test',
      ...env,
    },
  });
  await expect(program.exited).resolves.toBe(0);
  const files = /^loaded: (.*)$/m.exec(program.output())?.[1]?.split(' ') ?? [];
  return new Set(files.map((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? file));
}

it('a gateway without Redis loads no client of it', async () => {
  const plain = await loaded({});
  const shared = await loaded({ REDIS_URL: 'redis://127.0.0.1:9' });
  expect(plain).toContain('express');
  for (const optional of ['redis', '@redis/client', 'cache-manager-redis-yet'])
    expect([optional, plain.has(optional), shared.has(optional)]).toEqual([optional, false, true]);
});
