import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext } from 'playwright-core';

const PROGRAM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
/**
 * The same engine without the windows of a desktop browser, which nobody sees here: a page takes a fourth less of a
 * processor. Debian has it as a package of its own; elsewhere the whole browser does the same.
 */
const SHELL = ['/usr/bin/chromium-headless-shell'].find(existsSync) ?? PROGRAM;
// As root Chromium has no sandbox; the others keep it from calling home.
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Pages of one site in one context share a process, and the program that it has compiled.
  '--process-per-site',
];

/**
 * For pages that are left again soon, as those of the console: what V8's optimising compilers make of axe is thrown away
 * with each of them.
 */
const WITHOUT_OPTIMISING = '--js-flags=--no-opt --no-maglev';

export const hasChromium = (): boolean => PROGRAM !== undefined;

/** Starts Chromium; one for a file is enough, each test has its own context. */
export function startChromium({ optimises = true } = {}): Promise<Browser> {
  const args = optimises ? ARGUMENTS : [...ARGUMENTS, WITHOUT_OPTIMISING];
  return chromium.launch({ executablePath: existing(SHELL), args });
}

/** The whole browser with a profile that stays on disk, in a folder of its own; closing the context ends it. */
export function startChromiumWithProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { executablePath: existing(PROGRAM), args: ARGUMENTS });
}

function existing(program: string | undefined): string {
  if (program === undefined) throw new Error('no Chromium: install it (Debian: apt-get install chromium)');
  return program;
}
