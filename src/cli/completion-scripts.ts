import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** One command in the form that completion needs. */
interface Place {
  /** Path of the command, such as `auth/create-key`; empty for the program. */
  readonly path: string;
  /** Commands, and fixed values of the argument. */
  readonly words: readonly { name: string; about: string }[];
  readonly options: readonly Option[];
}

/** A script that completes commands, options and the options' fixed values; it calls nothing while it runs. */
export function completionScript(program: Command, shell: Shell): string {
  const places = placesOf(program);
  switch (shell) {
    case 'bash':
      return bashScript(places);
    case 'zsh':
      return zshScript(places);
    case 'fish':
      return fishScript(places);
    default:
      return shell satisfies never;
  }
}

function placesOf(program: Command): Place[] {
  const places: Place[] = [];
  const visit = (command: Command, path: string): void => {
    const commands = command.commands.filter((child) => child.name() !== 'help');
    places.push({
      path,
      words: [
        ...commands.map((child) => ({ name: child.name(), about: child.summary() })),
        ...command.registeredArguments.flatMap(({ argChoices = [], description }) =>
          argChoices.map((name) => ({ name, about: description })),
        ),
      ],
      options: command === program ? program.options : [...command.options, ...program.options],
    });
    for (const child of commands) visit(child, path === '' ? child.name() : `${path}/${child.name()}`);
  };
  visit(program, '');
  return places;
}

function longOf(option: Option): string {
  return option.long ?? option.flags;
}

/** Cases of a shell `case`: which path a word leads to. */
function pathCases(places: readonly Place[]): string {
  const paths = places.filter(({ path }) => path !== '').map(({ path }) => `"${path}"`);
  return paths.join('|');
}

function valueCases(places: readonly Place[], reply: (values: string) => string): string {
  return places
    .flatMap(({ path, options }) =>
      options
        .filter((option) => option.argChoices)
        .map(
          (option) =>
            `    "${path}:${longOf(option)}") ${reply(option.argChoices?.join(' ') ?? '')}; return ;;`,
        ),
    )
    .join('\n');
}

function wordCases(places: readonly Place[], reply: (words: string) => string): string {
  return places
    .map(({ path, words, options }) => {
      const all = [...words.map(({ name }) => name), ...options.map(longOf), '--help'];
      return `    "${path}") ${reply(all.join(' '))} ;;`;
    })
    .join('\n');
}

function bashScript(places: readonly Place[]): string {
  const reply = (words: string): string => `COMPREPLY=($(compgen -W "${words}" -- "$current"))`;
  return `# hokusai completion for bash. Load it with: source <(hokusai completion bash)
_hokusai() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" path="" word next
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    next="\${path:+$path/}$word"
    case "$next" in
    ${pathCases(places)}) path="$next" ;;
    esac
  done
  case "$path:$previous" in
${valueCases(places, reply)}
  esac
  case "$path" in
${wordCases(places, reply)}
  esac
}
complete -o default -F _hokusai hokusai
`;
}

function zshScript(places: readonly Place[]): string {
  const reply = (words: string): string => `compadd -- ${words}`;
  return `#compdef hokusai
# hokusai completion for zsh. Load it with: source <(hokusai completion zsh)
_hokusai() {
  local previous="\${words[CURRENT-1]}" path_="" word next
  for word in "\${(@)words[2,CURRENT-1]}"; do
    next="\${path_:+$path_/}$word"
    case "$next" in
    ${pathCases(places)}) path_="$next" ;;
    esac
  done
  case "$path_:$previous" in
${valueCases(places, reply)}
  esac
  case "$path_" in
${wordCases(places, reply)}
  esac
}
# A start-up file may have no completion yet.
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _hokusai hokusai
`;
}

function fishScript(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, words, options }) => {
    const here = `complete -c hokusai -f -n 'test (__hokusai_path) = "${path}"'`;
    return [
      ...words.map(({ name, about }) => `${here} -a ${name} -d ${quoted(about)}`),
      ...options.map((option) => {
        const value = option.required || option.optional ? ' -r' : '';
        const choices = option.argChoices ? ` -a ${quoted(option.argChoices.join(' '))}` : '';
        return `${here} -l ${longOf(option).replace(/^--/, '')}${value}${choices} -d ${quoted(option.description)}`;
      }),
    ];
  });
  return `# hokusai completion for fish. Load it with: hokusai completion fish | source
function __hokusai_path
  set -l path ""
  for word in (commandline -opc)[2..-1]
    set -l next (test -n "$path"; and echo "$path/$word"; or echo $word)
    switch $next
      case ${places
        .filter(({ path }) => path !== '')
        .map(({ path }) => path)
        .join(' ')}
        set path $next
    end
  end
  echo $path
end
${lines.join('\n')}
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
