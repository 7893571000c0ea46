/** Builds what a release publishes into dist-packages/: `npm run build:packages`. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPackages } from './packages/build.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const target = join(root, 'dist-packages');
await buildPackages(root, target);
console.log(`Built ${target}`);
