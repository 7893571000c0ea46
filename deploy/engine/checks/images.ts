import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../checkout.ts';
import { inspect, type System } from '../system.ts';
import type { Check } from './check.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SERVERS = [`mlflow-gateway:${version()}`, `mlflow-gateway-key-service:${version()}`];
const BASE = 'debian:bookworm-slim';
/** Node and what the servers need of npm's packages; Node itself is 130 MB of it. */
const MAX_OWN_BYTES = 230e6;
/** 220 are needed today: whoever brings many more has looked at them. */
const MAX_PACKAGES = 230;

interface Image {
  Size: number;
  Config: {
    User: string;
    Env: string[];
    Labels: Record<string, string>;
    Healthcheck?: { Test: string[] };
    StopSignal: string;
  };
}

const inContainer = (system: System, image: string, script: string): Promise<string> =>
  system.engine.docker([
    'run',
    '--rm',
    '--user',
    '0',
    '--network',
    'none',
    '--entrypoint',
    'node',
    image,
    '-e',
    script,
  ]);

/** Prints `name@version` of every npm package below /app. */
const PACKAGES = `
  const { globSync, readFileSync } = require('node:fs');
  const found = globSync('/app/node_modules/**/package.json')
    .filter((path) => /node_modules\\/(@[^/]+\\/)?[^/]+\\/package.json$/.test(path))
    .map((path) => JSON.parse(readFileSync(path, 'utf8')))
    .filter(({ name, version }) => name && version);
  console.log(JSON.stringify([...new Set(found.map(({ name, version }) => name + '@' + version))]));`;

/** Prints files of package managers, anywhere but in what the servers need of npm's packages. */
const MANAGERS = `
  const { globSync } = require('node:fs');
  const places = ['/usr', '/opt', '/root', '/home', '/app/*', '/app'].map((place) => place + '/**/{npm,npx,yarn,corepack}*');
  const found = globSync(places, { exclude: (name) => name.startsWith('/app/node_modules') });
  process.stdout.write(found.join('\\n'));`;

export const IMAGE_CHECKS: readonly Check[] = [
  {
    title: 'the images of both servers run as user 1000, know their health and say what they are',
    async run(system) {
      const { license } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { license: string };
      for (const image of SERVERS) {
        const { Config } = await inspect<Image>(system, image);
        assert.equal(Config.User, '1000:1000');
        assert.equal(Config.StopSignal, 'SIGTERM');
        assert.match(Config.Healthcheck?.Test.join(' ') ?? '', /health\/live/);
        assert.equal(Config.Labels['org.opencontainers.image.version'], version());
        assert.equal(Config.Labels['org.opencontainers.image.licenses'], license);
        assert.equal(Config.Labels['org.opencontainers.image.revision'], 'engine-test');
        assert.ok(Config.Labels['org.opencontainers.image.title']);
      }
    },
  },
  {
    title: 'they hold no package manager, and of npm’s packages what the lock file says and nothing else',
    async run(system) {
      const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
        packages: Record<string, { version?: string; dev?: boolean }>;
      };
      const locked = Object.entries(packages)
        .filter(([path, { dev }]) => path !== '' && dev !== true)
        .map(([path, { version }]) => `${path.split('node_modules/').at(-1)}@${version}`);
      for (const image of SERVERS) {
        const found = JSON.parse(await inContainer(system, image, PACKAGES)) as string[];
        assert.ok(found.length > 50 && found.length <= MAX_PACKAGES, `${found.length} packages`);
        assert.deepEqual(
          found.filter((one) => !locked.includes(one)),
          [],
        );
        assert.equal(await inContainer(system, image, MANAGERS), '');
      }
    },
  },
  {
    title: `they add at most ${MAX_OWN_BYTES / 1e6} MB to their base, and no secret to their history`,
    async run(system) {
      const base = await inspect<Image>(system, BASE);
      for (const image of SERVERS) {
        const { Size, Config } = await inspect<Image>(system, image);
        const own = Size - base.Size;
        console.log(`    ${image}: ${(own / 1e6).toFixed(0)} MB on its base`);
        assert.ok(own < MAX_OWN_BYTES, `${own} bytes`);
        const history = await system.engine.docker([
          'history',
          '--no-trunc',
          '--format',
          '{{.CreatedBy}}',
          image,
        ]);
        assert.doesNotMatch(history + Config.Env.join('\n'), /(TOKEN|SECRET|PASSWORD|PEPPER)\w*=/);
      }
    },
  },
];
