import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../start/program.ts';

/** What is signed: the checksums of all files, in the form of `sha256sum`. */
export const CHECKSUMS = 'SHA256SUMS';
/** Keeps a signature of a release from being taken for one of something else, and the other way round. */
export const NAMESPACE = 'mlflow-gateway-release';

/** Writes the checksums of all files of a folder, but of those of an earlier call. */
export function writeChecksums(folder: string): void {
  const lines = readdirSync(folder)
    .filter((name) => !name.startsWith(CHECKSUMS))
    .sort()
    .map((name) => {
      const sum = createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex');
      return `${sum}  ${name}\n`;
    });
  writeFileSync(join(folder, CHECKSUMS), lines.join(''));
}

/**
 * Signs the checksums by OpenSSH's `ssh-keygen -Y sign` (SSHSIG), into `SHA256SUMS.sig`.
 *
 * @param keyFile private key, or a public one whose private half the agent or a security key has
 */
export async function sign(folder: string, keyFile: string): Promise<void> {
  const file = join(folder, CHECKSUMS);
  // It asks before it writes over an earlier one.
  await runProgram('rm', ['-f', `${file}.sig`]);
  await runProgram('ssh-keygen', ['-q', '-Y', 'sign', '-f', keyFile, '-n', NAMESPACE, file], {
    env: process.env,
  });
}

/**
 * Checks signature and checksums as a user does.
 *
 * @param signersFile OpenSSH's list of allowed signers: a line `release <public key>`
 * @throws Error where either does not hold
 */
export async function verify(folder: string, signersFile: string): Promise<void> {
  const file = join(folder, CHECKSUMS);
  const names = ['-f', signersFile, '-I', 'release', '-n', NAMESPACE, '-s', `${file}.sig`];
  await runProgram('ssh-keygen', ['-Y', 'verify', ...names], { input: readFileSync(file, 'utf8') });
  await runProgram('sha256sum', ['--check', '--strict', CHECKSUMS], { cwd: folder });
}
