import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const { waiting, computing } = JSON.parse(readFileSync(new URL('long-specs.json', import.meta.url), 'utf8'));
const pathsOf = (specs) => specs.map((spec) => join(root, spec));

/** Paths of the test files that mostly wait for clocks and programs, such as a rolling restart. */
export const WAITING_SPECS = new Set(pathsOf(waiting));

/** Paths of the files that take longest, the longest of each lane first. */
export const LONG_SPECS = [...WAITING_SPECS, ...pathsOf(computing)];

/** A variable that is set for the workers while both lanes run. */
export const LANES_BESIDE = 'TEST_LANES_BESIDE';
