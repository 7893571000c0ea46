import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';

const running = new Set();

// A preparation that is stopped takes its commands with it: one that went on alone would meet the next one's.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.once(signal, () => {
    for (const child of running) child.kill(signal);
    Promise.all([...running].map((child) => new Promise((resolve) => child.once('close', resolve)))).then(
      () => process.kill(process.pid, signal),
    );
  });

/**
 * Runs a command without a shell and keeps what it says.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, logFile?: string}} [options] what it says is appended to `logFile` as it comes
 * @returns {Promise<{code: number, output: string}>} 127 where there is no such command
 */
export function run(command, args, { logFile, ...options } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk) => {
      output += chunk;
      if (logFile) appendFileSync(logFile, chunk);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    running.add(child);
    child.on('close', (code) => {
      running.delete(child);
      resolve({ code: code ?? 1, output });
    });
  });
}

/** The end of a command's output, where its reason stands. */
export function tail(output, lines = 12) {
  return output.trimEnd().split('\n').slice(-lines).join('\n');
}
