import { parseArgs } from 'node:util';

export interface VerifyArguments {
  url: string;
  requestsPerSecond: number;
  connections: number;
  seconds: number;
  leadSeconds: number;
  settleSeconds: number;
  uploadMegabytes: number;
  uploadSeconds: number;
  maxLost: number;
  slowPath: string | undefined;
  drainCommand: string | undefined;
}

export const USAGE = `Usage: HOKUSAI_API_KEY=<key> npm run verify:deployment -- --url https://registry.example [options]

Checks what a deployment answers, then loads it, and counts every request that is lost meanwhile. With --drain-command
the load goes on while that command restarts, replaces or kills something.

  --url <url>               the gateway as clients reach it, without /api/mlflow
  --drain-command <line>    run by the shell while the load goes on, until it ends
  --lead-seconds <n>        how long the load goes on before it (5)
  --settle-seconds <n>      how long the load goes on after it (10)
  --seconds <n>             length of the load without such a command, and the longest with one (30, at most 3600)
  --rate <n>                searches per second (50, at most 1000)
  --connections <n>         connections kept open (32, at most 256)
  --upload-megabytes <n>    size of the artifact that is uploaded every second; 0: none (1, at most 100)
  --upload-seconds <n>      time that each takes (4)
  --slow-path <path>        a path that answers slowly, called twice a second
  --max-lost <n>            lost requests that are no failure (0)

Exit codes: 0 all checks passed and no more than --max-lost requests were lost; 1 otherwise; 2 wrong options.`;

const OPTIONS = {
  url: { type: 'string' },
  'drain-command': { type: 'string' },
  'lead-seconds': { type: 'string', default: '5' },
  'settle-seconds': { type: 'string', default: '10' },
  seconds: { type: 'string', default: '30' },
  rate: { type: 'string', default: '50' },
  connections: { type: 'string', default: '32' },
  'upload-megabytes': { type: 'string', default: '1' },
  'upload-seconds': { type: 'string', default: '4' },
  'slow-path': { type: 'string' },
  'max-lost': { type: 'string', default: '0' },
} as const;

/** @throws Error with a sentence for whoever typed the options */
export function parseVerifyArguments(args: readonly string[]): VerifyArguments {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const number = (name: keyof typeof values, most: number): number => {
    const value = Number(values[name]);
    if (!Number.isFinite(value) || value < 0 || value > most)
      throw new Error(`--${name} must be a number from 0 to ${most}`);
    return value;
  };
  const url = values.url?.replace(/\/+$/, '') ?? '';
  if (!URL.canParse(url) || !/^https?:\/\/[^/?#]+$/.test(url))
    throw new Error('--url must be the address of the gateway alone, such as https://registry.example');
  return {
    url,
    requestsPerSecond: number('rate', 1000),
    connections: Math.max(1, number('connections', 256)),
    seconds: number('seconds', 3600),
    leadSeconds: number('lead-seconds', 600),
    settleSeconds: number('settle-seconds', 600),
    uploadMegabytes: number('upload-megabytes', 100),
    uploadSeconds: number('upload-seconds', 60),
    maxLost: number('max-lost', 1e9),
    slowPath: values['slow-path'],
    drainCommand: values['drain-command'],
  };
}
