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
const SEQUENCES: CollectionTag[] = ['Sub', 'Join', 'Not', 'Equals'].map((name) => ({
  tag: `!${name}`,
  collection: 'seq',
}));

export async function readTemplate(name: string): Promise<Template> {
  const text = await readFile(join(ECS_FOLDER, name), 'utf8');
  return { ...(parse(text, { customTags: [...SCALARS, ...SEQUENCES] }) as Template), text };
}

export const resourcesOf = (template: Template, type: string): [name: string, resource: Resource][] =>
  Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
