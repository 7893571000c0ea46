/** Bundles the script and the style of the console into dist/console/; part of `npm run build`. */
import { fileURLToPath } from 'node:url';
import { buildConsole } from './console/build.ts';

await buildConsole(fileURLToPath(new URL('..', import.meta.url)));
