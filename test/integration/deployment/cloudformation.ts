import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, type CollectionTag, type ScalarTag } from 'yaml';

export const ECS_FOLDER = fileURLToPath(new URL('../../../deploy/ecs', import.meta.url));

export interface Resource {
  Type: string;
  // What stands here depends on the type; each test says what it reads.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  Properties: any;
}

export interface Template {
  Parameters: Record<
    string,
    { Type: string; Default?: string | number; MinValue?: number; MaxValue?: number }
  >;
  Resources: Record<string, Resource>;
  /** As it stands in the file. */
  text: string;
}

/** `!Ref X` is read as `{ Ref: 'X' }`, and so the others. */
const SCALARS: ScalarTag[] = ['Ref', 'Sub', 'GetAtt'].map((name) => ({
  tag: `!${name}`,
  resolve: (text: string) => ({ [name]: text }),
}));
const SEQUENCES: CollectionTag[] = ['Sub', 'Join', 'Not', 'Equals', 'Contains'].map((name) => ({
  tag: `!${name}`,
  collection: 'seq',
}));
const IF: CollectionTag = {
  tag: '!If',
  collection: 'seq',
  resolve: (branches) => ({ If: branches.toJSON() as unknown }),
};

/** @param met names of the conditions that hold; the others do not */
export async function readTemplate(name: string, met: readonly string[] = []): Promise<Template> {
  const text = await readFile(join(ECS_FOLDER, name), 'utf8');
  const whole = parse(text, { customTags: [...SCALARS, ...SEQUENCES, IF] }) as Template;
  return { ...(chosen(whole, new Set(met)) as Template), text };
}

/** The value as CloudFormation would have it: of each `!If` one of the two, and nothing for `AWS::NoValue`. */
function chosen(value: unknown, met: ReadonlySet<string>): unknown {
  if (Array.isArray(value))
    return (value as unknown[]).map((one) => chosen(one, met)).filter((one) => one !== undefined);
  if (typeof value !== 'object' || value === null) return value;
  const { If: branches, Ref: ref } = value as { If?: [string, unknown, unknown]; Ref?: string };
  if (ref === 'AWS::NoValue') return undefined;
  if (branches) return chosen(branches[met.has(branches[0]) ? 1 : 2], met);
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, chosen(one, met)]));
}

export const resourcesOf = (template: Template, type: string): [name: string, resource: Resource][] =>
  Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
