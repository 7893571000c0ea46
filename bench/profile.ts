import { startRedisServer } from '../test/support/servers/redis-server.ts';
import { freePort } from './lib/poll.ts';
import { inspect } from './lib/inspector.ts';
import { figure } from './lib/readme.ts';
import { packageOf, selfTimes, type SelfTime } from './lib/profile.ts';
import { wrk } from './lib/wrk.ts';
import { GOOD_KEY, startBackend } from './parts/backend.ts';
import { startGateway } from './parts/gateway.ts';
import { bearer, MOUNT, REQUEST_PATH } from './peers/peer.ts';

const TOP = 40;
const WARM_UP_SECONDS = 3;
const SAMPLING_US = 200;

/** Runs the gateway under load with V8's profiler on, warm, and prints where its time went. */
export async function profileGateway({ seconds, redis }: { seconds: number; redis: boolean }): Promise<void> {
  const [backend, store, port] = [
    await startBackend(),
    redis ? await startRedisServer() : undefined,
    await freePort(),
  ];
  const { url, child } = await startGateway({
    ...backend,
    ...(store && { redisUrl: store.url }),
    nodeArgs: [`--inspect=127.0.0.1:${port}`],
  });
  const request = { url: url + MOUNT + REQUEST_PATH, headers: bearer(GOOD_KEY) };
  await wrk({ ...request, seconds: WARM_UP_SECONDS });
  const inspector = await inspect(port, SAMPLING_US);
  await inspector.start();
  const run = await wrk({ ...request, seconds });
  const profile = await inspector.stop();
  inspector.close();
  await child.stop('SIGINT');
  await Promise.all([backend.stop(), store?.close()]);

  const print = (title: string, times: readonly SelfTime[]): void => {
    console.log(`\n${title}\n  share   µs a request`);
    for (const { name, ms, share } of times)
      console.log(
        `${(share * 100).toFixed(1).padStart(6)} %  ${figure((ms * 1000) / run.requests).padStart(6)}  ${name}`,
      );
  };
  console.log(
    `${figure(run.requestsPerSecond)} requests/s under the profiler, ${figure(run.failed)} refused`,
  );
  print('Self time by package', selfTimes(profile, packageOf).slice(0, TOP / 2));
  print('Self time by function', selfTimes(profile).slice(0, TOP));
}
