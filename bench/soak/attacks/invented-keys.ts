import { MOUNT } from '../../peers/peer.ts';
import { mostSamples, type Attack } from './attack.ts';
import { addressOf, served } from './asking.ts';

/** About 5 Mbit a second. */
const PER_SECOND = 2000;
/** Networks of /48, of each of which every /64 is used in turn. */
const SITES = 64;
const AT_ONCE = 4000;
const PACE = { workers: 2, pauseMs: 50 };

/** A flood of keys that nobody has seen holds up no right key that is used for the first time. */
export const inventedKeys: Attack = {
  name: 'never-seen keys from rotating IPv6 /64s',
  victim: 'first use of a right key',
  async prepare({ gateways: [gateway], victims }, options) {
    const unused = await victims('first-use', mostSamples(PACE, options));
    let used = 0;
    return {
      victim: async () => {
        const next = unused[used];
        used += 1;
        return next && served(gateway.url, next, addressOf(used));
      },
      pace: PACE,
      // Well within the 5 s after which a key that waits is told to come again; the rate follows from it.
      promised: { leastRate: 0.02, mostP99Ms: 3000 },
      attacker: 'invented-keys',
      orders: {
        url: `${gateway.url}${MOUNT}/api/2.0/mlflow/experiments/search`,
        perSecond: PER_SECOND,
        sites: SITES,
        atOnce: AT_ONCE,
      },
      judge: (deeds) => [
        ...(deeds['answered 200'] ? [`${deeds['answered 200']} invented keys got in`] : []),
        ...((deeds['answered 401'] ?? 0) < 100
          ? [`only ${deeds['answered 401'] ?? 0} invented keys were asked about`]
          : []),
      ],
    };
  },
};
