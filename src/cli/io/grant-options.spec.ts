import { Command } from 'commander';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tempDir } from '../../../test/support/lib/temp-dir.js';
import { addGrantOptions, grantsOf, type GrantOptions } from './grant-options.js';

async function parse(...args: string[]): Promise<unknown> {
  const command = addGrantOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  command.parse(args, { from: 'user' });
  return grantsOf(command.opts<GrantOptions>());
}

describe('options for grants', () => {
  it('become grants in the form of the API', async () => {
    expect(
      await parse(
        ...['--experiment', '12:write', '--experiment', 'team-a/*:manage', '--model', 'a:b, c:read'],
        ...['--prompt', '*:read', '--endpoint', 'gpt-*', '--endpoint', 'x:invoke', '--workspace', 'team-a'],
      ),
    ).toEqual({
      experiments: [
        { id: '12', level: 'write' },
        { name: 'team-a/*', level: 'manage' },
      ],
      models: [{ name: 'a:b, c', level: 'read' }],
      prompts: [{ name: '*', level: 'read' }],
      endpoints: [
        { name: 'gpt-*', level: 'invoke' },
        { name: 'x', level: 'invoke' },
      ],
      workspaces: ['team-a'],
    });
    expect(await parse()).toBeUndefined();
  });

  it.each([['team-a/*'], ['team-a/*:'], [':read'], ['x:READ'], ['x:invoke'], ['']])(
    'need a level: %j is none',
    async (text) => {
      await expect(parse('--experiment', text)).rejects.toThrow(/must end in a level/);
    },
  );

  it('may be read from a file, but not together with other options', async () => {
    const dir = await tempDir('grants');
    const file = join(dir.path, 'grants.json');
    await writeFile(file, '{"models": [{"name": "x", "level": "read"}]}');
    expect(await parse('--grants', file)).toEqual({ models: [{ name: 'x', level: 'read' }] });
    await expect(parse('--grants', file, '--model', 'x:read')).rejects.toThrow(/one or the other/);
    await writeFile(file, '{');
    await expect(parse('--grants', file)).rejects.toThrow(/is not JSON/);
    await dir.remove();
    await expect(parse('--grants', file)).rejects.toThrow(/cannot be read/);
  });
});
