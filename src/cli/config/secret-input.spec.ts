import { Capture, cliIo } from '../../../test/support/programs/hokusai.js';
import { ask, confirm, readSecret } from './secret-input.js';

describe('readSecret', () => {
  it.each(['secret', 'secret\n', '  secret\r\n'])('takes one line of a pipe: %j', async (stdin) => {
    await expect(readSecret(cliIo({ stdin }), 'API key')).resolves.toBe('secret');
  });

  it.each([
    ['nothing', '', 'no API key'],
    ['blanks', ' \n', 'no API key'],
    ['two lines', 'one\ntwo\n', 'several lines'],
    ['a long file', 'x'.repeat(20_000), 'too long'],
  ])('refuses %s', async (_what, stdin, message) => {
    await expect(readSecret(cliIo({ stdin }), 'API key')).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(message),
    });
  });

  it('asks on a terminal, and shows nothing of what is typed', async () => {
    const [out, err] = [new Capture(), new Capture()];
    await expect(readSecret(cliIo({ typed: ['secret'] }, out, err), 'API key')).resolves.toBe('secret');
    expect(err.text).toBe('API key: \n');
    expect(out.text).toBe('');
  });
});

describe('confirm', () => {
  it.each(['y', 'Y', 'yes', ' YES '])('goes on after %j', async (answer) => {
    await expect(confirm(cliIo({ typed: [answer] }), 'Sure?', false)).resolves.toBeUndefined();
  });

  it.each(['n', '', 'yep', 'no'])('stops after %j', async (answer) => {
    await expect(confirm(cliIo({ typed: [answer] }), 'Sure?', false)).rejects.toMatchObject({ exitCode: 1 });
  });

  it('does not ask with --yes, and cannot ask without a terminal', async () => {
    await expect(confirm(cliIo(), 'Sure?', true)).resolves.toBeUndefined();
    await expect(confirm(cliIo({ stdin: 'y\n' }), 'Sure?', false)).rejects.toMatchObject({
      exitCode: 2,
      next: expect.stringContaining('--yes'),
    });
  });
});

describe('ask', () => {
  it('ends with exit code 130 on Ctrl-C', async () => {
    await expect(ask(cliIo({ typed: ['\u0003'] }), 'Name: ')).rejects.toMatchObject({ exitCode: 130 });
  });
});
