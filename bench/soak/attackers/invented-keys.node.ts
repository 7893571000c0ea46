/** Presents keys that nobody has ever seen, each from another IPv6 /64. */
import { randomBytes } from 'node:crypto';
import { Agent, get } from 'node:http';
import { readOrders, Tally } from './orders.ts';

const { url, perSecond, sites, atOnce, forMs } = readOrders<{
  url: string;
  perSecond: number;
  /** How many /48 networks the attacker has. */
  sites: number;
  /** Most requests under way. */
  atOnce: number;
}>();

const TICK_MS = 20;
const tally = new Tally();
const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
let underWay = 0;
let sent = 0;

function present(n: number): void {
  const [site, subnet] = [(n % sites).toString(16), (Math.floor(n / sites) & 0xffff).toString(16)];
  underWay += 1;
  const over = (name: string): void => {
    underWay -= 1;
    tally.add(name);
  };
  get(url, {
    agent,
    headers: {
      authorization: `Bearer hk_live_${randomBytes(24).toString('hex')}`,
      'x-forwarded-for': `2001:db8:${site}:${subnet}::1`,
    },
  })
    .on('response', (response) => {
      response.resume();
      response.on('close', () => over(`answered ${response.statusCode}`));
    })
    .on('error', () => over('broken'));
}

const startMs = performance.now();
setInterval(() => {
  const due = (perSecond * (performance.now() - startMs)) / 1000;
  // What could not be sent in time is not sent at once later.
  for (let n = 0; n < (perSecond * TICK_MS) / 500 && sent < due && underWay < atOnce; n += 1)
    present((sent += 1));
  tally.most('under way at most', underWay);
}, TICK_MS);

setTimeout(() => {
  tally.add('sent', sent);
  tally.report();
}, forMs);
