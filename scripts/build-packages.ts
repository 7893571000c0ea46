/** Builds what a release publishes into dist-packages/: `npm run build:packages [-- <output folder>]`. */
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPackages } from './packages/build.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const target = resolve(process.argv[2] ?? join(root, 'dist-packages'));
await buildPackages(root, target);
console.log(`Built ${target}`);
