/** `npm run verify:deployment`: does a deployment lose requests while it is rolled, drained or killed? USAGE says how. */
import { spawn } from 'node:child_process';
import { ANSWER_CHECKS } from './answers.ts';
import { parseVerifyArguments, USAGE, type VerifyArguments } from './arguments.ts';
import { removeUploads, startLoad, type LoadReport } from './load.ts';

const SHOWN_LOSSES = 10;

const sleep = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** @returns whether every answer was right */
async function checkAnswers(url: string, apiKey: string): Promise<boolean> {
  let good = true;
  for (const { title, run } of ANSWER_CHECKS) {
    const wrong = await run(url, apiKey).catch((error: Error) => `no answer: ${describe(error)}`);
    console.log(wrong === undefined ? `✓ ${title}` : `✗ ${title}: ${wrong}`);
    good &&= wrong === undefined;
  }
  return good;
}

function describe(error: Error): string {
  return ((error.cause ?? error) as Error).message;
}

/** @returns the exit code of the command, or undefined where the time was up before its end */
function runDrain(line: string, seconds: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    // The key is nothing that such a command needs.
    const { HOKUSAI_API_KEY: _key, ...env } = process.env;
    const child = spawn(line, { shell: true, stdio: 'inherit', env });
    const timer = setTimeout(() => {
      child.kill();
      resolve(undefined);
    }, seconds * 1000);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve(code ?? 1);
    });
  });
}

/** @returns what was lost, and whether the command could do its work */
async function underLoad(
  args: VerifyArguments,
  apiKey: string,
): Promise<{ report: LoadReport; done: boolean }> {
  const load = startLoad({
    url: args.url,
    apiKeys: [apiKey],
    requestsPerSecond: args.requestsPerSecond,
    connections: args.connections,
    uploadBytes: args.uploadMegabytes * 1e6,
    uploadSeconds: args.uploadSeconds,
    slowPath: args.slowPath,
  });
  let code: number | undefined = 0;
  if (args.drainCommand === undefined) await sleep(args.seconds);
  else {
    await sleep(args.leadSeconds);
    code = await runDrain(args.drainCommand, args.seconds);
    await sleep(args.settleSeconds);
  }
  const report = await load.stop();
  await removeUploads(args.url, apiKey, report.uploads);
  if (code !== 0)
    console.log(`✗ the drain command ${code === undefined ? 'took too long' : `ended with ${code}`}`);
  return { report, done: code === 0 };
}

function tell({ sent, lost, p95Ms }: LoadReport): void {
  const all = sent.search + sent.upload + sent.slow;
  console.log(
    `${lost.length} of ${all} requests lost; 95 % of searches were answered within ${Math.round(p95Ms)} ms`,
  );
  for (const { kind, afterMs, what } of lost.slice(0, SHOWN_LOSSES))
    console.log(`  ${(afterMs / 1000).toFixed(1)} s: ${kind}: ${what}`);
}

async function main(): Promise<number> {
  let args: VerifyArguments;
  try {
    args = parseVerifyArguments(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  const apiKey = process.env['HOKUSAI_API_KEY'] ?? '';
  if (apiKey === '') {
    console.error(
      `HOKUSAI_API_KEY is not set: a key that may search experiments and write artifacts\n\n${USAGE}`,
    );
    return 2;
  }
  if (!(await checkAnswers(args.url, apiKey))) return 1;
  const { report, done } = await underLoad(args, apiKey);
  tell(report);
  return done && report.lost.length <= args.maxLost ? 0 : 1;
}

process.exitCode = await main();
