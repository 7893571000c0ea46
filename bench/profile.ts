import { readdirSync, readFileSync } from 'node:fs';
import { workFolder } from './lib/children.ts';
import { figure } from './lib/readme.ts';
import { packageOf, selfTimes, type CpuProfile, type SelfTime } from './lib/profile.ts';
import { wrk } from './lib/wrk.ts';
import { GOOD_KEY, startBackend } from './parts/backend.ts';
import { startGateway } from './parts/gateway.ts';
import { startRedis } from './parts/redis.ts';
import { bearer, MOUNT, REQUEST_PATH } from './peers/peer.ts';

const TOP = 40;

/** Runs the gateway under load with V8's profiler on, and prints where its time went. */
export async function profileGateway({ seconds, redis }: { seconds: number; redis: boolean }): Promise<void> {
  const [backend, store, dir] = [
    await startBackend(),
    redis ? await startRedis() : undefined,
    workFolder('profile'),
  ];
  const { url, child } = await startGateway({
    ...backend,
    ...(store && { redisUrl: store.url }),
    nodeArgs: ['--cpu-prof', `--cpu-prof-dir=${dir}`, '--cpu-prof-interval=500'],
  });
  const run = await wrk({ url: url + MOUNT + REQUEST_PATH, headers: bearer(GOOD_KEY), seconds });
  await child.stop('SIGINT', 60_000);
  await Promise.all([backend.stop(), store?.stop()]);
  const file = readdirSync(dir).find((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error(`the gateway left no profile: ${child.tail()}`);
  const profile = JSON.parse(readFileSync(`${dir}/${file}`, 'utf8')) as CpuProfile;
  const perRequest = (ms: number): string => figure((ms * 1000) / run.requests);
  const print = (title: string, times: readonly SelfTime[]): void => {
    console.log(`\n${title}\n  share   µs a request`);
    for (const { name, ms, share } of times)
      console.log(`${(share * 100).toFixed(1).padStart(6)} %  ${perRequest(ms).padStart(6)}  ${name}`);
  };
  console.log(
    `${figure(run.requestsPerSecond)} requests/s under the profiler, ${figure(run.failed)} refused`,
  );
  print('Self time by package', selfTimes(profile, packageOf).slice(0, TOP / 2));
  print('Self time by function', selfTimes(profile).slice(0, TOP));
}
