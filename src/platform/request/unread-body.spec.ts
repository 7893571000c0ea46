import { jest } from '@jest/globals';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { drainUnreadBody } from './unread-body.js';

let request: IncomingMessage;
beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  request = new IncomingMessage(new Socket());
});
afterEach(() => jest.useRealTimers());

const readable = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('what is left of an upload is read and dropped', async () => {
  drainUnreadBody(request);
  for (let n = 0; n < 100; n++) request.push(Buffer.alloc(100_000));
  await readable();
  expect(request.readableLength).toBe(0);
  expect(request.socket.destroyed).toBe(false);
});

it('an upload that does not end costs its connection after five seconds', () => {
  drainUnreadBody(request);
  jest.advanceTimersByTime(4999);
  expect(request.socket.destroyed).toBe(false);
  jest.advanceTimersByTime(1);
  expect(request.socket.destroyed).toBe(true);
});

it('an upload that ends in time leaves its connection to the next request', () => {
  drainUnreadBody(request);
  request.emit('close');
  jest.advanceTimersByTime(60_000);
  expect(request.socket.destroyed).toBe(false);
});

it('a request that was read to its end, or is gone, is left alone', () => {
  const read = Object.assign(new IncomingMessage(new Socket()), { complete: true });
  const gone = new IncomingMessage(new Socket()).destroy();
  for (const over of [read, gone]) drainUnreadBody(over);
  expect([read.readableFlowing, gone.readableFlowing, jest.getTimerCount()]).toEqual([null, null, 0]);
});
