import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext } from 'playwright-core';

const PROGRAM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
// As root Chromium has no sandbox; the others keep it from calling home.
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const hasChromium = (): boolean => PROGRAM !== undefined;

/** Starts Chromium; one for a file is enough, each test has its own context. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: program(), args: ARGUMENTS });
}

/** The same with a profile that stays on disk, in a folder of its own; closing the context ends it. */
export function startChromiumWithProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { executablePath: program(), args: ARGUMENTS });
}

function program(): string {
  if (PROGRAM === undefined) throw new Error('no Chromium: install it (Debian: apt-get install chromium)');
  return PROGRAM;
}
