import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startTestGateway } from '../support/systems/gateway.js';
import { startKeyDatabases } from '../support/servers/key-databases.js';
import { startTestKeyService } from '../support/systems/key-service.js';
import { metricsOf } from '../support/lib/metrics.js';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/operations.md'), 'utf8');

/** Names in the first column of the table under a heading. */
const documented = (heading: string): string[] => {
  const section = PAGE.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const cells = [...section.matchAll(/^\| ([^|]+) \|/gm)].map((match) => match[1] as string);
  return cells
    .flatMap((cell) => [...cell.matchAll(/`([a-z0-9_]+)`/g)].map((match) => match[1] as string))
    .sort();
};

/** Names of a server's own metrics, without those of the process and the runtime. */
const served = async (url: string): Promise<string[]> => {
  const names = [...(await metricsOf({ url })).matchAll(/^# HELP (\S+)/gm)].map(
    (match) => match[1] as string,
  );
  return names.filter((name) => !/^(process|nodejs)_/.test(name)).sort();
};

/** Events of lines that are made without the logger. */
const MADE_BY_HAND = ['request', 'log_lines_dropped'];

/** Events that the sources log. */
const logged = (): string[] => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => /^(platform|gateway|key-service)\/.*\.ts$/.test(name) && !name.endsWith('.spec.ts'),
  );
  const events = files.flatMap((name) =>
    [
      ...readFileSync(join(ROOT, 'src', name), 'utf8').matchAll(
        /\blogger(?:\.(?:info|warn|error)|\[[^\]]+\])\(\s*'([a-z_]+)'/g,
      ),
    ].map((match) => match[1] as string),
  );
  return [...new Set([...events, ...MADE_BY_HAND])].sort();
};

describe('docs/operations.md', () => {
  it('lists the metrics of the gateway, all of them and nothing else', async () => {
    const gateway = await startTestGateway({
      REDIS_URL: 'redis://127.0.0.1:9',
      SESSION_SECRETS: 'a-secret-of-sessions-of-the-tests',
    });
    expect(documented('Metrics of the gateway')).toEqual(await served(gateway.url));
    await gateway.close();
  });

  it('lists the metrics of the key service, all of them and nothing else', async () => {
    const databases = await startKeyDatabases('sqlite');
    const service = await startTestKeyService({ DATABASE_URL: await databases.next() });
    expect(documented('Metrics of the key service')).toEqual(await served(service.url));
    await service.close();
    await databases.close();
  });

  it('lists every log event, and no other', () => {
    expect(documented('Log events')).toEqual(logged());
  });
});
