import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { FAULTS } from '../../src/cli/checks/faults.js';
import { CommandRunner } from '../../src/cli/command-context.js';
import { EXIT } from '../../src/cli/exit-codes.js';
import { buildProgram } from '../../src/cli/program.js';
import { SETTING_VARIABLES } from '../../src/cli/config/settings.js';
import { cliIo } from '../support/programs/hokusai.js';

let text: string;
beforeAll(async () => (text = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8')));

/** Cells of the table below a heading. */
function rows(heading: string): string[][] {
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = section.split('\n').filter((line) => /^\| (?!-)/.test(line));
  return lines.slice(1).map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
}

it('docs/cli.md lists every fault with its exit code, and no other', () => {
  const listed = Object.fromEntries(
    rows('Faults').map(([name, code]) => [name?.replaceAll('`', ''), Number(code)]),
  );
  expect(listed).toEqual(FAULTS);
});

it('docs/cli.md lists every exit code, and no other', () => {
  expect(rows('Exit codes').map(([code]) => Number(code))).toEqual(Object.values(EXIT));
});

it('docs/cli.md names every command, and every variable of a setting', () => {
  const io = cliIo();
  const leaves = (command: Command, words: string): string[] =>
    command.commands.length === 0
      ? [words]
      : command.commands.flatMap((child) => leaves(child, `${words} ${child.name()}`));
  const names = [
    ...leaves(buildProgram(io, new CommandRunner(io)), 'hokusai'),
    ...Object.values(SETTING_VARIABLES).flat(),
  ];
  expect(names.filter((name) => !text.includes(name))).toEqual([]);
});
