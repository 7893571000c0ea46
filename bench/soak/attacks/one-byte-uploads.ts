import { ATTACK_SHARE, type Attack } from './attack.ts';
import { addressOf, served } from './asking.ts';
import { UPLOAD_RATE_WINDOW_SECONDS } from './attack-stage.ts';

/** As many as slots and places in the queue by default, and some more. */
const OPEN = 2080;
/** Of the attacker: one address alone would have a share of its key's share. */
const ADDRESSES = ['203.0.113.1', '203.0.113.2', '203.0.113.3', '203.0.113.4'];

/** One key holds uploads open, within its limits; another key asks as always. */
export const oneByteUploads: Attack = {
  name: 'one-byte uploads by one key',
  victim: 'a request of another key',
  async prepare({ gateways: [gateway], victims }, { watchedMs }) {
    const attackSeconds = (watchedMs * ATTACK_SHARE) / 1000;
    const [attacker, ...others] = await victims('uploads', 5);
    let turn = 0;
    return {
      victim: () => {
        turn += 1;
        return served(gateway.url, others[turn % others.length]!, addressOf(turn));
      },
      pace: { workers: 4, pauseMs: 20 },
      promised: { leastRate: 0.1, mostP99Ms: 2000 },
      attacker: 'one-byte-uploads',
      orders: { port: gateway.port, key: attacker!.api_key, open: OPEN, addresses: ADDRESSES },
      judge: (deeds) => [
        ...((deeds['opened'] ?? 0) < OPEN ? [`only ${deeds['opened'] ?? 0} uploads were opened`] : []),
        ...(deeds['answered 429'] ? [] : ['no upload was refused for the share of its key']),
        ...(deeds['answered 408'] || attackSeconds < 2 * UPLOAD_RATE_WINDOW_SECONDS
          ? []
          : ['no upload was ended for its rate']),
      ],
    };
  },
};
