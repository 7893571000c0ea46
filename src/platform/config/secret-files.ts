import { readFileSync, statSync } from 'node:fs';

/** A longer file is a mistake and not a secret, such as a path to a log. */
const MAX_BYTES = 64 * 1024;

/** The variable that names the file of a secret, as Docker and Kubernetes mount them. */
export function fileVariable(name: string): string {
  return `${name}_FILE`;
}

/**
 * The value of a secret variable: its own, or that of the one line in the file that `<name>_FILE` names.
 *
 * @returns a problem in words, which names variables and never a value, instead of a value that cannot be had
 */
export function secretValue(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): { value?: string; problem?: string } {
  const value = env[name]?.trim() ?? '';
  const path = env[fileVariable(name)]?.trim() ?? '';
  if (path === '') return { value };
  if (value !== '')
    return { problem: `${name} and ${fileVariable(name)} are both set: leave one of them out` };
  try {
    return readSecret(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    return { problem: `${fileVariable(name)} names a file that cannot be read (${code})` };
  }

  function readSecret(file: string): { value?: string; problem?: string } {
    const facts = statSync(file);
    if (!facts.isFile()) return { problem: `${fileVariable(name)} must name a file` };
    const text = facts.size > MAX_BYTES ? '' : readFileSync(file, 'utf8').trim();
    if (text === '' || /[\r\n]/.test(text))
      return { problem: `${fileVariable(name)} must name a file with one line that is only the value` };
    return { value: text };
  }
}
