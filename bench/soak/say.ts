/** Progress, beside the report on standard output. */
export const say = (text: string): void => void process.stderr.write(`${text}\n`);
