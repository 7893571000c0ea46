import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { readForm } from './form-body.js';

function request(body: string, contentType?: string): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  if (contentType !== undefined) message.headers['content-type'] = contentType;
  message.push(Buffer.from(body));
  message.push(null);
  return message;
}

it.each([
  'application/x-www-form-urlencoded',
  'Application/X-WWW-Form-Urlencoded; charset=UTF-8',
  'application/x-www-form-urlencoded ;x=y',
])('an HTML form as %s is read', async (type) => {
  expect([...(await readForm(request('a=1&b=%C3%BC+x', type), 100))]).toEqual([
    ['a', '1'],
    ['b', 'ü x'],
  ]);
});

it.each([undefined, '', 'text/plain', 'application/json', 'application/x-www-form-urlencoded-2'])(
  'a body of type %j is refused as a form',
  async (type) => {
    await expect(readForm(request('a=1', type), 100)).rejects.toMatchObject({
      problem: 'unsupported-media-type',
    });
  },
);

it('a form of more bytes than asked for is refused', async () => {
  const form = request('a=12', 'application/x-www-form-urlencoded');
  await expect(readForm(form, 3)).rejects.toMatchObject({ problem: 'payload-too-large' });
});
