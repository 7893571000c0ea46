/** A `#` after white space, or at the start before white space: shells and most env files read it as a comment. */
const COMMENT = /\s#|^#(?:\s|$)/;

/**
 * What an env file left around a value, in words that follow the variable's name, never with the value. Docker's
 * `--env-file` passes on quotes and comments, and a secret with quotes is another secret.
 */
export function leftoverProblem(raw: string): string | undefined {
  if (COMMENT.test(raw))
    return 'has a comment after its value: some env files pass it on, so write comments on lines of their own';
  return [raw, ...raw.split(',')].some((part) => isQuoted(part.trim()))
    ? 'has quotes around its value: some env files pass them on, so write it without'
    : undefined;
}

function isQuoted(text: string): boolean {
  return text.length > 1 && /^["'`]/.test(text) && text.endsWith(text[0] as string);
}
