/** For bundles of Nest and of what it stands on, made by esbuild. */

/** Nest asks for them by name; they are not installed. */
export const ABSENT = ['@nestjs/microservices*', '@nestjs/websockets*', 'class-transformer/storage'];

/** What packages that are no ES modules expect to find. */
export const COMMONJS_NAMES = `
import { createRequire as bundledRequire } from 'node:module';
const require = bundledRequire(import.meta.url);
const __filename = import.meta.filename;
const __dirname = import.meta.dirname;`;
