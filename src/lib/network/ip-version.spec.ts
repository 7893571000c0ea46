import { isIP } from 'node:net';
import { seededRandom } from '../../../test/support/lib/random.js';
import { isFullRun } from '../../../test/support/run/full-run.js';
import { ipVersion } from './ip-version.js';

const TEXTS = isFullRun ? 200_000 : 80_000;

it.each([
  ['192.0.2.1', 4],
  ['0.0.0.0', 4],
  ['255.255.255.255', 4],
  ['::', 6],
  ['::1', 6],
  ['1::', 6],
  ['2001:db8::1', 6],
  ['2001:DB8:0:0:8:800:200C:417A', 6],
  ['1:2:3:4:5:6:7::', 6],
  ['::ffff:192.0.2.1', 6],
  ['1:2:3:4:5:6:192.0.2.1', 6],
  ['', 0],
  [':', 0],
  [':::', 0],
  ['1::2::3', 0],
  ['1:2:3:4:5:6:7:8:9', 0],
  ['1:2:3:4:5:6:7', 0],
  ['1:2:3:4:5:6:7:192.0.2.1', 0],
  ['12345::', 0],
  ['::192.0.2', 0],
  ['192.0.2.1::', 0],
  ['256.0.0.1', 0],
  ['01.0.0.1', 0],
  ['192.0.2.1\n', 0],
  ['fe80::1%eth0', 0],
])('%j is %d', (text, version) => expect(ipVersion(text)).toBe(version));

it('no text is judged otherwise than by Node, zones aside', () => {
  const random = seededRandom(20_261_126);
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] as string;
  const pieces = ['::', ':', '.', '0', '1', '255', '256', 'ffff', 'db8', '10', 'g', '192.0.2.1', '00', '/'];
  for (let n = 0; n < TEXTS; n++) {
    const text = Array.from({ length: 1 + Math.floor(random() * 12) }, () => pick(pieces)).join('');
    if (ipVersion(text) !== isIP(text)) throw new Error(`${text}: ${ipVersion(text)}, Node: ${isIP(text)}`);
  }
  const part = (): string => pick(['0', '1', 'db8', 'ffff', 'ABCD']);
  for (let n = 0; n < TEXTS; n++) {
    const length = 1 + Math.floor(random() * 9);
    const groups = Array.from({ length }, part);
    if (random() < 0.5) groups[Math.floor(random() * length)] = '';
    if (random() < 0.2) groups.push('192.0.2.1');
    const text = (random() < 0.1 ? ':' : '') + groups.join(':') + (random() < 0.1 ? ':' : '');
    if (ipVersion(text) !== isIP(text)) throw new Error(`${text}: ${ipVersion(text)}, Node: ${isIP(text)}`);
  }
});
