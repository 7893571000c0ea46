import { readFileSync } from 'node:fs';
import { get, request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { startProgram, type ChildProgram } from '../../support/programs/child-program.js';
import { eventually, START_INTERVAL_MS } from '../../support/lib/eventually.js';
import { startFakeAuthService, type FakeAuthService } from '../../support/servers/fake-auth-service.js';
import { freePort } from '../../support/programs/free-port.js';
import { packedPrograms } from '../../support/programs/packed-programs.js';
import { isFullRun } from '../../support/run/full-run.js';
import { startRecordingUpstream, type RecordingUpstream } from '../../support/servers/recording-upstream.js';
import { seededRandom } from '../../support/lib/random.js';

const MIB = 1024 * 1024;
/** Far above the growth allowed: a gateway that kept it would exceed that at once. */
const SIZE = (isFullRun ? 2048 : 256) * MIB;
const MAX_GROWTH = 64 * MIB;
const KEY = 'hk_test_0123456789abcdef0123456789abcdef';
const AUTH = { authorization: `Bearer ${KEY}` };

/** A long stream of noise that costs nothing to make; its blocks come in an order that a checksum notices. */
function noise(bytes: number): Readable {
  const blocks = Array.from({ length: 8 }, (_unused, i) => {
    const next = seededRandom(i + 1);
    return Buffer.from(Float64Array.from({ length: MIB / 8 }, next).buffer);
  });
  let left = bytes / MIB;
  return new Readable({
    highWaterMark: 4 * MIB,
    read() {
      this.push(left === 0 ? null : (blocks[(left-- * 5) % 8] as Buffer));
    },
  });
}

async function checksum(stream: Readable): Promise<{ bytes: number; crc: number }> {
  let bytes = 0;
  let crc = 0;
  for await (const chunk of stream) {
    bytes += (chunk as Buffer).length;
    crc = crc32(chunk as Buffer, crc);
  }
  return { bytes, crc };
}

/** Resident memory of a process, in bytes. */
function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

describe(`an artifact of ${SIZE / MIB} MiB`, () => {
  let upstream: RecordingUpstream;
  let auth: FakeAuthService;
  let gateway: ChildProgram;
  let url: string;

  beforeAll(async () => {
    upstream = await startRecordingUpstream();
    auth = await startFakeAuthService();
    auth.know(KEY);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    gateway = startProgram(process.execPath, [join(await packedPrograms(), 'gateway/main.js')], {
      env: {
        HOST: '127.0.0.1',
        PORT: String(port),
        MLFLOW_SERVER_URL: upstream.url,
        HOKUSAI_AUTH_SERVICE_URL: auth.url,
        DRAIN_DELAY_SECONDS: '0',
      },
    });
    await eventually(async () => (await fetch(`${url}/health/ready`)).ok, {
      timeoutMs: 20_000,
      intervalMs: START_INTERVAL_MS,
    });
  });
  afterAll(async () => {
    await gateway?.stop('SIGKILL');
    await auth?.close();
    await upstream?.close();
  });

  /** Runs a transfer after a small one of its kind, watching the gateway's memory. */
  async function growthDuring(transfer: (bytes: number) => Promise<void>): Promise<number> {
    await transfer(64 * MIB);
    const before = residentBytes(gateway.pid);
    let peak = before;
    const timer = setInterval(() => (peak = Math.max(peak, residentBytes(gateway.pid))), 50);
    await transfer(SIZE);
    clearInterval(timer);
    return peak - before;
  }

  it('comes down whole with flat memory', async () => {
    const growth = await growthDuring(async (bytes) => {
      upstream.raw((_request, response) => {
        response.writeHead(200, { 'content-length': bytes });
        return pipeline(noise(bytes), response);
      });
      const answer = await new Promise<IncomingMessage>((resolve, reject) => {
        get(`${url}/api/mlflow/api/2.0/mlflow-artifacts/artifacts/big`, { headers: AUTH }, resolve).on(
          'error',
          reject,
        );
      });
      expect(answer.statusCode).toBe(200);
      expect(await checksum(answer)).toEqual(await expected(bytes));
    });
    expect(growth).toBeLessThan(MAX_GROWTH);
  }, 180_000);

  it('goes up whole with flat memory', async () => {
    const growth = await growthDuring(async (bytes) => {
      let received: { bytes: number; crc: number } | undefined;
      upstream.raw(async (incoming, response) => {
        received = await checksum(incoming);
        response.end('{}');
      });
      const sent = request(`${url}/api/mlflow/api/2.0/mlflow-artifacts/artifacts/big`, {
        method: 'PUT',
        headers: { ...AUTH, 'content-length': bytes },
      });
      const answered = new Promise<IncomingMessage>((resolve) => sent.on('response', resolve));
      await pipeline(noise(bytes), sent);
      expect((await answered).resume().statusCode).toBe(200);
      expect(received).toEqual(await expected(bytes));
    });
    expect(growth).toBeLessThan(MAX_GROWTH);
  }, 180_000);
});

const known = new Map<number, { bytes: number; crc: number }>();
async function expected(bytes: number): Promise<{ bytes: number; crc: number }> {
  const sum = known.get(bytes) ?? (await checksum(noise(bytes)));
  known.set(bytes, sum);
  return sum;
}
