import { once } from 'node:events';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { BodyCollector, type BodyBounds } from './body-collector.js';

const BOUNDS: BodyBounds = { maxBytes: 10, idleTimeoutMs: 60_000, windowMs: 0, minBytesPerWindow: 0 };

let collector: BodyCollector;
let release: () => void;
let received: number;

beforeEach(() => {
  collector = new BodyCollector(15, 100);
  received = 0;
});

function collect(request: IncomingMessage, subject = 'key:a'): Promise<Buffer> {
  return collector.collect(request, BOUNDS, {
    subject,
    over: (free) => (release = free),
    received: (bytes) => (received += bytes),
  });
}

function requestOf(announced?: number): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  if (announced !== undefined) request.headers['content-length'] = String(announced);
  return request;
}

function ended(body: string, announced?: number): IncomingMessage {
  const request = requestOf(announced);
  request.push(Buffer.from(body));
  request.push(null);
  return request;
}

describe('a body that is read whole', () => {
  it('counts as being in memory until its answer is over', async () => {
    expect((await collect(ended('0123456789'))).toString()).toBe('0123456789');
    expect({ received, held: collector.bytes }).toEqual({ received: 10, held: 10 });
    release();
    expect(collector.bytes).toBe(0);
  });

  it('is refused where it is longer than allowed, announced or not', async () => {
    expect(() => collect(requestOf(11))).toThrow(expect.objectContaining({ problem: 'request-too-large' }));
    await expect(collect(ended('0123456789a'))).rejects.toMatchObject({ problem: 'request-too-large' });
  });

  it('is refused if there is no room beside the others, and then takes none', async () => {
    await collect(ended('0123456789'));
    expect(() => collect(requestOf(6))).toThrow(expect.objectContaining({ problem: 'overloaded' }));
    await expect(collect(ended('012345'))).rejects.toMatchObject({ problem: 'overloaded' });
    expect((await collect(ended('01234'))).length).toBe(5);
  });

  it('is refused where its key has its share already, and others find room', async () => {
    collector = new BodyCollector(15, 50);
    await collect(ended('01234'));
    expect(() => collect(requestOf(5))).toThrow(expect.objectContaining({ problem: 'key-overloaded' }));
    await expect(collect(ended('56789'))).rejects.toMatchObject({ problem: 'key-overloaded' });
    expect((await collect(ended('01234'), 'key:b')).length).toBe(5);
    release();
    expect(collector.bytes).toBe(5);
  });

  it('fails at once where its client was gone before, and where it goes', async () => {
    const gone = requestOf();
    gone.destroy();
    await once(gone, 'close');
    await expect(collect(gone)).rejects.toMatchObject({ reason: 'client_gone' });
    const going = requestOf();
    const reading = collect(going);
    going.destroy();
    await expect(reading).rejects.toMatchObject({ reason: 'client_gone' });
  });
});
