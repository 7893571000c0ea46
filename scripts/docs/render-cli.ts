import type { Command } from 'commander';

/** Every command with what its help says, as Markdown: what docs/cli-reference.md shows. */
export function renderCli(program: Command): string {
  return [
    '## Options of every command',
    '',
    ...optionTable(program),
    ...leavesOf(program, program.name()).flatMap(({ path, command }) => renderCommand(path, command)),
  ]
    .join('\n')
    .trimEnd();
}

function leavesOf(command: Command, path: string): { path: string; command: Command }[] {
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((child) => leavesOf(child, `${path} ${child.name()}`));
}

function renderCommand(path: string, command: Command): string[] {
  const lines = [`## ${path}`, '', command.description(), ''];
  lines.push('```text', `${path} ${command.usage()}`, '```', '');
  if (command.registeredArguments.length > 0)
    lines.push(
      '| argument | meaning |',
      '|---|---|',
      ...command.registeredArguments.map(
        (one) => `| \`${one.name()}\` | ${cell(one.description)}${one.required ? '' : ' (optional)'} |`,
      ),
      '',
    );
  if (command.options.length > 0) lines.push(...optionTable(command));
  return lines;
}

function optionTable(command: Command): string[] {
  const rows = command.options.map((option) => {
    const notes = [
      ...(option.mandatory ? ['required'] : []),
      ...(option.argChoices ? [`one of ${option.argChoices.map((one) => `\`${one}\``).join(', ')}`] : []),
      ...(option.defaultValue === undefined ? [] : [`default \`${String(option.defaultValue)}\``]),
    ];
    const more = notes.length > 0 ? ` (${notes.join('; ')})` : '';
    return `| \`${option.flags}\` | ${cell(option.description)}${more} |`;
  });
  return ['| option | meaning |', '|---|---|', ...rows, ''];
}

/** Text in a cell of a table, in which Markdown sees neither HTML nor another column. */
function cell(text: string): string {
  return text.replaceAll('<', '\\<').replaceAll('|', '\\|').replaceAll('*', '\\*');
}
