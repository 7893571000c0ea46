#!/usr/bin/env node
/**
 * Writes `bases.env` beside this file, or to the path given: each base image of the Dockerfile, with the digest that
 * its tag has in the registry now. Builds with these arguments can be repeated. Asks by `docker buildx`.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const target = process.argv[2] ?? here('bases.env');
const bases = [...readFileSync(here('Dockerfile'), 'utf8').matchAll(/^ARG (\w+_IMAGE)=(\S+)$/gm)];

/** @throws Error where the registry does not say */
function digestOf(image) {
  const args = ['buildx', 'imagetools', 'inspect', image, '--format', '{{.Manifest.Digest}}'];
  const digest = execFileSync('docker', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new Error(`this is no digest of ${image}: ${digest}`);
  return digest;
}

try {
  const lines = bases.map(([, name, image]) => `${name}=${image}@${digestOf(image)}\n`);
  writeFileSync(target, lines.join(''));
} catch (error) {
  process.stderr.write(
    `${error.message}\nNothing was written. It needs Docker with buildx, and a way to the registry.\n`,
  );
  process.exit(1);
}
