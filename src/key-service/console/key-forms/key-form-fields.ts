import { hash } from 'node:crypto';
import type { Grants } from '../../../contracts/access/grants.js';
import type { KeyResource } from '../../../contracts/keys/key-management.js';
import type { FieldProblem } from '../../../contracts/errors/problem.js';
import { DEFAULT_SCOPES } from '../../../contracts/access/scopes.js';
import { CreateKeyFields, UpdateKeyFields } from '../../keys/keys.fields.js';
import { invalidFields, parseFields } from '../../request-fields/parse-fields.js';
import { entriesOf, GRANT_KINDS, linesOf } from './grants-text.js';

export const LIMITS = ['rate_limit_per_hour', 'burst', 'searches_per_minute', 'writes_per_minute'] as const;

/** What a form for a new key begins with: 90 days, and the scopes of a key whose creator names none. */
export function valuesOfNewKey(id: string): URLSearchParams {
  const values = new URLSearchParams({ id, service_id: 'ml-platform', expires_in_days: '90' });
  for (const scope of DEFAULT_SCOPES) values.append('scopes', scope);
  return values;
}

/** A key as the fields of its form. */
export function valuesOf(key: KeyResource): URLSearchParams {
  const values = new URLSearchParams({
    ...{ name: key.name, description: key.description ?? '', user_id: key.user_id ?? '' },
    expires_at: key.expires_at?.slice(0, 19) ?? '',
    allowed_ips: key.allowed_ips?.join('\n') ?? '',
    grants: key.grants === null ? 'any' : 'named',
  });
  for (const name of LIMITS) values.set(name, key[name]?.toString() ?? '');
  for (const id of key.service_ids) values.append('service_ids', id);
  for (const scope of key.scopes) values.append('scopes', scope);
  for (const kind of GRANT_KINDS) values.set(`grant_${kind}`, linesOf(kind, key.grants ?? {}).join('\n'));
  return values;
}

/** Identifies the state of a key, to notice that somebody else made a change while a form was open. */
export function versionOf(key: KeyResource): string {
  return hash('sha256', valuesOf(key).toString(), 'base64url').slice(0, 22);
}

/** @throws ProblemError 400 `invalid-fields` */
export function fieldsOfNewKey(form: URLSearchParams): CreateKeyFields {
  const { services, ...common } = readCommon(form);
  const main = text(form, 'service_id');
  const day = text(form, 'expires_on');
  const days = text(form, 'expires_in_days');
  if (common.scopes.length === 0)
    throw invalidFields([
      { field: 'scopes', message: 'must have one at least: without a scope the key opens nothing' },
    ]);
  return parseFields(
    {
      ...common,
      service_id: main,
      service_ids: [...new Set([main, ...services])],
      environment: text(form, 'environment'),
      ...(day !== '' && { expires_at: `${day}T23:59:59Z` }),
      ...(day === '' && days !== '' && { expires_in_days: Number(days) }),
    },
    CreateKeyFields,
  );
}

/** What a form changes of a key. @throws ProblemError 400 `invalid-fields` */
export function fieldsOfEdit(form: URLSearchParams, key: KeyResource): UpdateKeyFields {
  const wanted = readEdit(form);
  const present = readEdit(valuesOf(key));
  const changed = Object.entries(wanted).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(present[name as keyof typeof present]),
  );
  if (wanted.expires_at === null && changed.some(([name]) => name === 'expires_at'))
    throw invalidFields([
      { field: 'expires_at', message: 'must not be empty: the end of a key can be changed, not removed' },
    ]);
  return parseFields(Object.fromEntries(changed), UpdateKeyFields);
}

function readEdit(form: URLSearchParams) {
  const { services, ...common } = readCommon(form);
  const end = text(form, 'expires_at');
  // A browser leaves out seconds that are zero.
  const withSeconds = end.length === 16 ? `${end}:00` : end;
  return { ...common, service_ids: services, expires_at: end === '' ? null : `${withSeconds}Z` };
}

function readCommon(form: URLSearchParams) {
  const addresses =
    form
      .get('allowed_ips')
      ?.split(/[\s,]+/)
      .filter((one) => one !== '') ?? [];
  return {
    name: text(form, 'name'),
    description: text(form, 'description') || null,
    user_id: text(form, 'user_id') || null,
    services: form.getAll('service_ids').sort(),
    // Sorted, because the form has another order.
    scopes: form.getAll('scopes').sort(),
    allowed_ips: addresses.length === 0 ? null : addresses,
    grants: form.get('grants') === 'named' ? grantsIn(form) : null,
    ...(Object.fromEntries(LIMITS.map((name) => [name, limit(text(form, name))])) as Record<
      (typeof LIMITS)[number],
      number | null
    >),
  };
}

function grantsIn(form: URLSearchParams): Grants {
  const problems: FieldProblem[] = [];
  const grants: Record<string, unknown[]> = {};
  for (const kind of GRANT_KINDS) {
    const field = `grant_${kind}`;
    const entries = entriesOf(kind, form.get(field) ?? '', (problem) => problems.push({ field, ...problem }));
    if (entries.length > 0) grants[kind] = entries;
  }
  if (problems.length > 0) throw invalidFields(problems);
  // Checked later, together with the other fields.
  return grants;
}

function limit(digits: string): number | null {
  return digits === '' ? null : Number(digits);
}

function text(form: URLSearchParams, name: string): string {
  return form.get(name)?.trim() ?? '';
}
