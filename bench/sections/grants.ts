import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { residentMb } from '../lib/process-stats.ts';
import { figure } from '../lib/readme.ts';
import { median } from '../lib/stats.ts';
import { GOOD_KEY, GRANTED_KEY, SCOPED_KEY, startBackend } from '../parts/backend.ts';
import { startGateway, type GatewayProcess } from '../parts/gateway.ts';
import { bearer, MOUNT } from '../peers/peer.ts';
import { byName, interleave, measuredRows, rateRatio, type Measured, type Target } from './rounds.ts';
import { CannotRun, type Figure, type Section } from './section.ts';

const RUN = '0123456789abcdef0123456789abcdef';
const READ = '/api/2.0/mlflow/runs/get?run_id=';
const LOG_BATCH = '/api/2.0/mlflow/runs/log-batch';
const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** Bodies in memory at once, as many as the gateway allows by default. */
const BODIES = 64;
const BODY_BYTES = 4_194_304;

function targetsOf({ url, child }: GatewayProcess): Target[] {
  const target = (
    name: string,
    label: string,
    key: string,
    path: string,
    more: Partial<Target> = {},
  ): Target => ({
    name,
    label,
    url: url + MOUNT + path,
    headers: bearer(key),
    pid: child.pid,
    ...more,
  });
  const batch = { script: script('log-batch.lua') };
  return [
    target('access', 'a run, mlflow:access', GOOD_KEY, READ + RUN),
    target('scope', 'a run, its scope alone', SCOPED_KEY, READ + RUN),
    target('warm', 'a run, grants, looked up before', GRANTED_KEY, READ + RUN),
    target('cold', 'a run, grants, each a new one', GRANTED_KEY, READ, {
      script: script('new-runs.lua'),
    }),
    target('batch', 'log-batch of 1,000, mlflow:access', GOOD_KEY, LOG_BATCH, batch),
    target('batch-grants', 'log-batch of 1,000, grants', GRANTED_KEY, LOG_BATCH, batch),
  ];
}

/** Resident memory while as many bodies as allowed are in memory, all but for their last bytes; MB. */
async function memoryOfBodies({ port, child }: GatewayProcess): Promise<{ before: number; during: number }> {
  const before = residentMb(child.pid);
  const head =
    `POST ${MOUNT}${LOG_BATCH} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ${GRANTED_KEY}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${BODY_BYTES}\r\n\r\n`;
  const part = Buffer.alloc(BODY_BYTES - 1, ' ');
  const sockets = await Promise.all(
    Array.from(
      { length: BODIES },
      () =>
        new Promise<Socket>((resolve, reject) => {
          const socket = connect(port, '127.0.0.1');
          socket.on('error', reject).write(head);
          socket.write(part, () => resolve(socket));
        }),
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const during = residentMb(child.pid);
  for (const socket of sockets) socket.destroy();
  return { before, during };
}

/** CPU time of a request over that of another in the same rounds, µs. */
function more(one: Measured | undefined, other: Measured | undefined): number {
  if (!one || !other) return NaN;
  return median(one.cpuUs.map((us, round) => us - (other.cpuUs[round] as number)));
}

export const grants: Section = {
  name: 'grants',
  title: 'Keys with narrower scopes and with grants',
  async run(options) {
    const backend = await startBackend();
    if (!backend.fast)
      throw new CannotRun('nginx is not installed: no upstream is fast enough to measure against');
    const gateway = await startGateway({ ...backend });
    try {
      const measured = await interleave(targetsOf(gateway), options);
      const of = (name: string): Measured | undefined => byName(measured, name);
      const rates = (what: string, one: string, other: string, atLeast?: number): Figure => {
        const value = rateRatio(of(one), of(other));
        return { what, value, shown: figure(value), ...(atLeast !== undefined && { goal: { atLeast } }) };
      };
      const costs = (what: string, one: string, other: string): Figure => {
        const value = more(of(one), of(other));
        return { what, value, shown: `${figure(value)} µs` };
      };
      const memory = await memoryOfBodies(gateway);
      const held = memory.during - memory.before;
      return {
        figures: [
          rates('requests/s by a scope alone, over mlflow:access', 'scope', 'access', 0.98),
          rates('requests/s with grants, looked up before, over mlflow:access', 'warm', 'access'),
          costs('CPU of that more', 'warm', 'access'),
          rates('requests/s with grants, each run a new one, over mlflow:access', 'cold', 'access'),
          rates('log-batch of 1,000 metrics with grants, over mlflow:access', 'batch-grants', 'batch'),
          costs('CPU of that more', 'batch-grants', 'batch'),
          {
            what: 'memory more with 256 MiB of bodies in hand',
            value: held,
            shown: `${figure(held)} MB`,
            goal: { atMost: 512 },
          },
        ],
        details: measuredRows(measured, 'access'),
        notes: [
          'a new run costs one look-up more at the upstream, which answers from memory here: MLflow takes 14 ms and more',
          'each of the 64 bodies is 4 MiB less its last byte, so that the gateway has to go on waiting',
        ],
      };
    } finally {
      await gateway.child.stop('SIGINT');
      await backend.stop();
    }
  },
};
