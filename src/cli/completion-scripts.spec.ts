import { execFileSync, spawnSync } from 'node:child_process';
import { Capture, cliIo } from '../../test/support/programs/hokusai.js';
import { CommandRunner } from './command-context.js';
import { completionScript } from './completion-scripts.js';
import { buildProgram } from './program.js';

const io = cliIo({}, new Capture(), new Capture());
const program = buildProgram(io, new CommandRunner(io));

/** What bash offers for the last word of a line. */
function offered(...words: string[]): string[] {
  const script = `${completionScript(program, 'bash')}
COMP_WORDS=(hokusai ${words.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${words.length}
_hokusai
printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
}

describe('bash', () => {
  it('offers the commands', () => {
    expect(offered('')).toEqual(
      expect.arrayContaining(['auth', 'configure', 'verify', 'doctor', 'completion', '--json']),
    );
    expect(offered('ver')).toEqual(['verify']);
  });

  it('offers the commands of auth', () => {
    const commands = ['create-key', 'list-keys', 'show-key', 'revoke-key', 'rotate-key', 'validate', 'usage'];
    expect(offered('auth', '')).toEqual(expect.arrayContaining(commands));
    expect(offered('auth', 'rotate')).toEqual(['rotate-key']);
  });

  it('offers the values of an argument that has fixed ones', () => {
    expect(offered('completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
  });

  it('offers the options of the command that was typed, also behind options', () => {
    expect(offered('--json', 'auth', 'create-key', '--na')).toEqual(['--name']);
    expect(offered('auth', 'create-key', '--name', 'x', '--expi')).toEqual(['--expires-in-days']);
    expect(offered('auth', 'list-keys', '--rate')).toEqual(['']);
  });

  it('offers the values of an option that has fixed ones', () => {
    expect(offered('auth', 'create-key', '--environment', '')).toEqual([
      'production',
      'staging',
      'development',
    ]);
  });
});

/** `it` where a shell is there to be asked itself; in CI it has to be. */
const itWith = (shell: string): jest.It =>
  spawnSync(shell, ['-c', 'exit 0'], { stdio: 'ignore' }).status === 0 || process.env['CI'] ? it : it.skip;

describe('fish', () => {
  itWith('fish')('itself offers commands, values and options', () => {
    const offers = (line: string): string =>
      execFileSync(
        'fish',
        ['--no-config', '-c', `${completionScript(program, 'fish')}\ncomplete -C '${line}'`],
        {
          encoding: 'utf8',
        },
      );
    expect(offers('hokusai auth cr')).toMatch(/^create-key\t/);
    expect(offers('hokusai auth create-key --environment s')).toMatch(/^staging\t/);
    expect(offers('hokusai --profile x verify --max')).toMatch(/^--max-latency\t/);
  });
});

describe('zsh', () => {
  itWith('zsh')('itself loads the script, also where completion was not set up yet', () => {
    const input = `${completionScript(program, 'zsh')}\nprint -r -- "$_comps[hokusai]"\n`;
    expect(execFileSync('zsh', ['-f', '-s'], { encoding: 'utf8', input })).toBe('_hokusai\n');
  });
});

describe('all shells', () => {
  it.each(['bash', 'zsh', 'fish'] as const)('know every command and option in %s', (shell) => {
    const script = completionScript(program, shell);
    for (const word of ['auth', 'create-key', 'expires-in-days', 'overlap', 'staging', 'redis-url'])
      expect(script).toContain(word);
  });

  it('quote texts for fish', () => {
    expect(completionScript(program, 'fish')).toContain("gateway\\'s");
  });
});
