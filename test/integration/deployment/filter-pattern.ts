type Line = Readonly<Record<string, unknown>>;
type Test = (line: Line) => boolean;

const TOKEN = /\s*(\(|\)|&&|\|\||\$\.\w+\s*=\s*(?:"[^"]*"|\d+))/y;
const COMPARISON = /^\$\.(\w+)\s*=\s*(.+)$/;

/**
 * CloudWatch's filter pattern for JSON lines, as far as the templates use it: fields that equal a text or a number, `&&`,
 * `||` and parentheses; `&&` binds closer.
 *
 * @throws Error for what is no such pattern
 */
export function filterPattern(pattern: string): Test {
  const text = /^\{(.*)\}$/s.exec(pattern)?.[1]?.trim();
  if (text === undefined) throw new Error(`no pattern for JSON: ${pattern}`);
  const tokens = tokensOf(text);
  const test = anyOf(tokens);
  if (tokens.length > 0) throw new Error(`too much: ${tokens.join(' ')}`);
  return test;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) throw new Error(`not understood: ${text.slice(at)}`);
    tokens.push(token);
  }
  return tokens;
}

function anyOf(tokens: string[]): Test {
  const tests = [allOf(tokens)];
  while (tokens[0] === '||' && tokens.shift()) tests.push(allOf(tokens));
  return (line) => tests.some((test) => test(line));
}

function allOf(tokens: string[]): Test {
  const tests = [one(tokens)];
  while (tokens[0] === '&&' && tokens.shift()) tests.push(one(tokens));
  return (line) => tests.every((test) => test(line));
}

function one(tokens: string[]): Test {
  const token = tokens.shift() ?? '';
  if (token === '(') {
    const test = anyOf(tokens);
    if (tokens.shift() !== ')') throw new Error('a parenthesis is missing');
    return test;
  }
  const [, name = '', value = ''] = COMPARISON.exec(token) ?? [];
  if (name === '') throw new Error(`no comparison: ${token}`);
  const wanted: unknown = JSON.parse(value);
  return (line) => line[name] === wanted;
}
