import { fail, type Check } from '../checks/check.js';
import { ProbeError } from '../checks/http-probe.js';
import type { DoctorContext, Target } from './doctor-context.js';
import { judgeSkew } from './network.checks.js';
import { askRedis } from './ask-redis.js';

/** Redis as the gateway needs it: reachable, the password right, scripts and publishing allowed, its clock right. */
export function redisCheck({ url }: Target): Check<DoctorContext> {
  return {
    name: 'redis-ping',
    title: 'Redis: PING, scripts, publish, clock',
    async run({ timeoutMs }) {
      const expected = 'PONG, EVAL and PUBLISH allowed, clock within 3 s';
      const startedMs = performance.now();
      let answers;
      try {
        const commands = [
          ['PING'],
          ['EVAL', 'return 1', '0'],
          ['PUBLISH', 'hokusai-doctor', 'ping'],
          ['TIME'],
        ];
        answers = await askRedis(url, commands, timeoutMs);
      } catch (error) {
        if (!(error instanceof ProbeError)) throw error;
        return fail('redis-down', error.message, expected, 'Start Redis, or correct REDIS_URL.');
      }
      const tookMs = performance.now() - startedMs;
      const refused = answers.flatMap((answer) => ('refused' in answer ? [answer.refused] : []))[0];
      if (refused !== undefined)
        return fail('redis-refused', refused.slice(0, 160), expected, todoFor(refused));
      const [pong, , , time] = answers.map((answer) => ('value' in answer ? answer.value : undefined));
      if (pong !== 'PONG')
        return fail('redis-down', 'something that is not Redis answers', expected, 'Correct REDIS_URL.');
      const [seconds, micros] = (time as string[]).map(Number);
      const redisMs = (seconds ?? 0) * 1000 + (micros ?? 0) / 1000;
      return judgeSkew(redisMs - (Date.now() - tookMs / 2), `PONG in ${tookMs.toFixed(1)} ms`, expected);
    },
  };
}

function todoFor(message: string): string {
  if (/^(WRONGPASS|NOAUTH|ERR (invalid password|AUTH|Client sent AUTH))/i.test(message))
    return 'Correct user and password in REDIS_URL.';
  if (/^NOPERM/.test(message))
    return 'Allow the user of REDIS_URL the commands EVAL, EVALSHA, PUBLISH, SUBSCRIBE and TIME.';
  if (/^ERR unknown command/i.test(message))
    return 'Name the port of Redis itself in REDIS_URL: a Sentinel, and some proxies, know no scripts.';
  if (/^LOADING/.test(message)) return 'Redis is reading its data: repeat in a moment.';
  if (/^(MISCONF|OOM|READONLY)/.test(message))
    return 'Redis takes no writes: look at its disk, its memory, its role.';
  return "Look at Redis's log.";
}
