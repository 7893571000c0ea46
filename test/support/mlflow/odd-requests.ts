import { gzipSync } from 'node:zlib';

/** Two resources of one kind: what an attacker may use, and what it may not. */
export interface Pair {
  readonly own: string;
  readonly foreign: string;
}

/** A request in bytes; the name of a tag says afterwards which resource it reached. */
export interface OddRequest {
  /** Request line and headers below a mount, without credential, host and length. */
  readonly method: string;
  readonly path: string;
  readonly headers: readonly string[];
  readonly body: Buffer;
  readonly chunked: boolean;
}

/** What is written: to an experiment, a run, by one of several calls. */
export interface Target {
  readonly path: string;
  /** Members that name the resource, as MLflow spells them. */
  readonly names: readonly string[];
  readonly ids: Pair;
  /** Members beside it, with the tag. */
  tagMembers(key: string): readonly string[];
}

export type Pick = <Value>(values: readonly Value[]) => Value;

/** One in the form that the client sends in about a fifth of all cases, else odd in one to three ways. */
export function oddRequest(target: Target, key: string, random: () => number): OddRequest {
  const pick: Pick = (values) => values[Math.floor(random() * values.length)] as (typeof values)[number];
  const often = (chance: number): boolean => random() < chance;
  const id = (): string => (often(0.5) ? target.ids.own : target.ids.foreign);
  const members = [...target.tagMembers(key)];
  for (let i = often(0.5) ? 1 : 2; i > 0; i--) members.push(idMember(target, id(), pick, often));
  if (often(0.15)) members.push(pick(STRAY));
  shuffle(members, random);
  const text = `${often(0.05) ? ' \n' : ''}{${members.join(',')}}${often(0.05) ? pick(TRAILS) : ''}`;
  const coding = often(0.75) ? PLAIN : pick(CODINGS);
  return {
    method: often(0.94) ? 'POST' : pick(['GET', 'HEAD', 'PUT']),
    path: spelled(target.path, pick, often) + queryOf(target, id, pick, often),
    headers: [...(often(0.85) ? ['Content-Type: application/json'] : pick(TYPES)), ...coding.headers],
    body: coding.bytes(text),
    chunked: often(0.1),
  };
}

const STRAY = [
  '"tags":5',
  '"key":1',
  '"value":null',
  '"other":{"run_id":"x"}',
  '"key":["a"]',
  '"x":NaN',
  '"experiment_id":{}',
];
const TRAILS = [' {}', ',', '//', '\u0000', ' ', '\n'];
const TYPES = [
  ['Content-Type: application/json; charset=utf-8'],
  ['Content-Type: application/json;charset=utf-16'],
  ['Content-Type: text/plain'],
  ['Content-Type: APPLICATION/JSON'],
  ['Content-Type: application/vnd.api+json'],
  ['Content-Type: application/x-www-form-urlencoded'],
  ['Content-Type: application/json', 'Content-Type: text/plain'],
  ['Content-Type: application/json, text/plain'],
  [],
];

interface Coding {
  readonly headers: readonly string[];
  bytes(text: string): Buffer;
}
const PLAIN: Coding = { headers: [], bytes: (text) => Buffer.from(text) };
const CODINGS: readonly Coding[] = [
  { headers: [], bytes: (text) => Buffer.from(text, 'utf16le') },
  { headers: [], bytes: (text) => Buffer.from(text, 'utf16le').swap16() },
  { headers: [], bytes: (text) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]) },
  { headers: [], bytes: (text) => Buffer.from([...text].flatMap((c) => [c.charCodeAt(0) & 0xff, 0, 0, 0])) },
  { headers: [], bytes: (text) => Buffer.from(`\ufeff${text}`) },
  { headers: [], bytes: (text) => Buffer.from(JSON.stringify(text)) },
  { headers: [], bytes: (text) => Buffer.from(`[${text}]`) },
  {
    headers: [],
    bytes: (text) => Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff, 0x7d])]),
  },
  { headers: ['Content-Encoding: gzip'], bytes: (text) => gzipSync(text) },
  { headers: ['Content-Encoding: gzip'], bytes: (text) => Buffer.from(text) },
  { headers: ['Content-Encoding: identity'], bytes: (text) => Buffer.from(text) },
];

function idMember({ names }: Target, id: string, pick: Pick, often: (chance: number) => boolean): string {
  const name = pick(names);
  const spelling = often(0.7) ? name : pick([camel(name), escaped(name), name.toUpperCase(), ` ${name}`]);
  const value = often(0.8)
    ? `"${id}"`
    : pick([
        `" ${id}"`,
        `"${id} "`,
        `"0${id}"`,
        `"+${id}"`,
        id.replace(/[^0-9]/g, '') || '0',
        `["${id}"]`,
        'null',
        '""',
        `"${escaped(id)}"`,
        `{"a":"${id}"}`,
      ]);
  return `"${spelling}":${value}`;
}

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const escaped = (name: string): string =>
  `\\u${name.charCodeAt(0).toString(16).padStart(4, '0')}${name.slice(1)}`;

function spelled(path: string, pick: Pick, often: (chance: number) => boolean): string {
  if (often(0.85)) return path;
  const at = path.lastIndexOf('/');
  return pick([
    path.replace('/api/', '/ajax-api/'),
    `${path.slice(0, at)}//${path.slice(at + 1)}`,
    `${path.slice(0, at)}%2F${path.slice(at + 1)}`,
    `${path.slice(0, at + 1)}%${path.charCodeAt(at + 1).toString(16)}${path.slice(at + 2)}`,
    `${path}/`,
    path.toUpperCase(),
  ]);
}

function queryOf(target: Target, id: () => string, pick: Pick, often: (chance: number) => boolean): string {
  if (often(0.85)) return '';
  const name = pick(target.names);
  return pick([
    '?',
    '?&',
    `?${name}=${id()}`,
    `?${name}=${id()}&${name}=${id()}`,
    `?a;${name}=${id()}`,
    `?%${name.charCodeAt(0).toString(16)}${name.slice(1)}=${id()}`,
    `?${camel(name)}=${id()}`,
    `?${name}=+${id()}`,
  ]);
}

function shuffle(values: unknown[], random: () => number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [values[i], values[j]] = [values[j], values[i]];
  }
}

/** Head and body as they go over the wire. */
export function wire(
  request: OddRequest,
  mount: string,
  headers: readonly string[],
): { readonly head: string; readonly body: Buffer } {
  const { method, path, body, chunked } = request;
  const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${body.length}`;
  const chunks = [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')];
  const whole = body.length === 0 ? Buffer.from('0\r\n\r\n') : Buffer.concat(chunks);
  return {
    head: [
      `${method} ${mount}${path} HTTP/1.1`,
      'Host: localhost',
      ...headers,
      ...request.headers,
      framing,
    ].join('\r\n'),
    body: chunked ? whole : body,
  };
}
