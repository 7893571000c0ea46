import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startProgram } from '../../support/programs/child-program.js';
import { tempDir, type TempDir } from '../../support/lib/temp-dir.js';

const DOCKER = fileURLToPath(new URL('../../../docker', import.meta.url));
const DIGEST = `sha256:${'5e'.repeat(32)}`;
/** Build arguments of the Dockerfile that name an image, with their tags. */
const NAMED = [...readFileSync(join(DOCKER, 'Dockerfile'), 'utf8').matchAll(/^ARG (\w+_IMAGE)=(.+)$/gm)].map(
  ([, name, image]) => `${name}=${image}`,
);

describe('docker/pin-bases.mjs', () => {
  let dir: TempDir;
  beforeEach(async () => {
    dir = await tempDir('bases');
  });
  afterEach(() => dir?.remove());

  /** @param script what stands for `docker` */
  async function pin(
    script: string,
  ): Promise<{ code: unknown; output: string; asked: string[]; file: string }> {
    const [docker, log, file] = ['docker', 'asked', 'bases.env'].map((name) => join(dir.path, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(log, '');
    writeFileSync(docker, `#!/bin/sh\necho "$*" >> ${log}\n${script}\n`);
    chmodSync(docker, 0o755);
    const program = startProgram(process.execPath, [join(DOCKER, 'pin-bases.mjs'), file], {
      env: { PATH: `${dir.path}:/usr/bin:/bin` },
    });
    const code = await program.exited;
    const asked = readFileSync(log, 'utf8').trim().split('\n');
    return { code, output: program.output(), asked, file };
  }

  it('writes each base image of the Dockerfile with the digest that the registry names', async () => {
    const { code, asked, file } = await pin(`echo ${DIGEST}`);
    expect(code).toBe(0);
    expect(NAMED.length).toBeGreaterThan(2);
    expect(readFileSync(file, 'utf8')).toBe(NAMED.map((line) => `${line}@${DIGEST}\n`).join(''));
    expect(asked).toEqual(
      NAMED.map((line) => `buildx imagetools inspect ${line.split('=')[1]} --format {{.Manifest.Digest}}`),
    );
  });

  it.each([
    ['the registry does not answer', 'echo "no such host" >&2; exit 1', /no such host/],
    ['the answer is no digest', 'echo latest', /this is no digest of node:.*: latest/],
  ])('writes nothing and says why where %s', async (_, script, reason) => {
    const { code, output, file } = await pin(script);
    expect(code).toBe(1);
    expect(output).toMatch(reason);
    expect(output).toMatch(/Nothing was written/);
    expect(existsSync(file)).toBe(false);
  });

  it('every image that the Dockerfile starts from can be named by a build argument', () => {
    const text = readFileSync(join(DOCKER, 'Dockerfile'), 'utf8');
    const stages = [...text.matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, name]) => name);
    for (const [, from = ''] of text.matchAll(/^FROM (\S+)/gm))
      expect(stages.includes(from) || NAMED.some((line) => `\${${line.split('=')[0]}}` === from)).toBe(true);
  });

  it('digests that are checked in are those of the tags in the Dockerfile', () => {
    const file = join(DOCKER, 'bases.env');
    const pinned = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : NAMED;
    expect(pinned.map((line) => line.replace(/@sha256:[0-9a-f]{64}$/, ''))).toEqual(NAMED);
  });
});
