import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { say } from './say.mjs';

const POLL_MS = 500;

/**
 * Lets one preparation of this folder run at a time; a second one waits and then finds all done.
 * The lock of a preparation that was killed is taken over.
 */
export async function withLock(root, work) {
  const folder = join(root, '.cache');
  const file = join(folder, 'prepare.lock');
  mkdirSync(folder, { recursive: true });
  let told = false;
  while (!take(file)) {
    if (!told) say(`Waiting for another preparation of this folder … (if there is none, delete ${file})`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  try {
    await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (!holderIsGone(file)) return false;
  rmSync(file, { force: true });
  return false;
}

function holderIsGone(file) {
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH' || error.code === 'ENOENT';
  }
}
