import type { Page } from '../../../platform/browser/page-response.js';
import { SCOPE_ADMIN, SCOPE_MLFLOW_ACCESS } from '../../../contracts/access/scopes.js';
import type { KeySpec } from '../../keys/key-issuer.js';
import { CONSOLE_KEYS } from '../frame/console-paths.js';
import { framed } from '../frame/frame.js';
import { minuteOf, spokenTime } from '../parts/moment.js';
import { LIMIT_WORDS, Rights } from './rights.js';

export interface KeySummary {
  readonly spec: KeySpec;
  /** The form as it was filled in, which the page carries on to the next step or back. */
  readonly form: URLSearchParams;
  readonly now: string;
}

/** Says what a key will open before it is made. */
export function keySummaryPage(admin: string, { spec, form, now }: KeySummary): Page {
  const warnings = warningsOf(spec);
  return framed({
    title: `Create ${spec.name}?`,
    place: 'new',
    admin,
    children: (
      <form method="post" action={`${CONSOLE_KEYS}/new`}>
        {[...form].map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        {warnings.length > 0 && (
          <div class="notice warn">
            {warnings.map((one) => (
              <p>{one}</p>
            ))}
          </div>
        )}
        <Facts spec={spec} now={now} />
        <Rights of={spec} />
        <h2>How much, and from where</h2>
        <Bounds spec={spec} />
        <div class="actions">
          <button>Create the key</button>
          <button class="plain" formaction={`${CONSOLE_KEYS}/new/form`}>
            Change something
          </button>
          <a href={CONSOLE_KEYS}>Cancel</a>
          <span class="hint">The key is shown once, on the next page.</span>
        </div>
      </form>
    ),
  });
}

/** Warnings about risky settings. */
function warningsOf({ scopes, grants, expiresAt }: KeySpec): string[] {
  const opensAll = scopes.includes(SCOPE_MLFLOW_ACCESS) && grants === null;
  return [
    ...(opensAll ? ['It opens all of MLflow: everything of every team.'] : []),
    ...(scopes.includes(SCOPE_ADMIN) ? ['It may manage MLflow itself.'] : []),
    ...(expiresAt === null ? ['It never ends: it works until somebody revokes it.'] : []),
  ];
}

function Facts({ spec, now }: { spec: KeySpec; now: string }) {
  const { userId, description, serviceIds, environment, expiresAt } = spec;
  const facts: readonly (readonly [string, string | null])[] = [
    ['Owner', userId ?? 'nobody'],
    ['Description', description],
    [serviceIds.length === 1 ? 'Service' : 'Services', serviceIds.join(', ')],
    ['Environment', environment],
    ['Ends', expiresAt === null ? 'never' : `${spokenTime(expiresAt, now)}, at ${minuteOf(expiresAt)}`],
  ];
  return <List of={facts} />;
}

function Bounds({ spec }: { spec: KeySpec }) {
  const { ratePerHour, burst, searchesPerMinute, writesPerMinute, allowedIps } = spec;
  const limits = [
    [LIMIT_WORDS.rate_limit_per_hour, ratePerHour],
    [LIMIT_WORDS.burst, burst],
    [LIMIT_WORDS.searches_per_minute, searchesPerMinute],
    [LIMIT_WORDS.writes_per_minute, writesPerMinute],
  ] as const;
  return (
    <List
      of={[
        ...limits.map(
          ([name, limit]) => [name, limit?.toLocaleString('en') ?? 'the gateway’s default'] as const,
        ),
        ['May be used from', allowedIps?.join(', ') ?? 'any address'],
      ]}
    />
  );
}

function List({ of: facts }: { of: readonly (readonly [name: string, value: string | null])[] }) {
  return (
    <dl>
      {facts.map(
        ([name, value]) =>
          value !== null && (
            <>
              <dt>{name}</dt>
              <dd>
                <bdi>{value}</bdi>
              </dd>
            </>
          ),
      )}
    </dl>
  );
}
