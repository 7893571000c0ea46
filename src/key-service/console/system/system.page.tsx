import type { ComponentChildren } from 'preact';
import type { PendingInvalidations } from '../../../contracts/admin/gateway-state.js';
import type { Page } from '../../../platform/browser/page-response.js';
import type { TokenHolder } from '../../admin-auth/caller-tokens.js';
import { CONSOLE_AUDIT } from '../frame/console-paths.js';
import { framed } from '../frame/frame.js';
import { spokenTime } from '../parts/moment.js';
import { bytes, count, counted } from '../parts/numbers.js';
import { Table } from '../parts/table.js';
import type { SystemFacts } from './system-facts.js';

const ENGINES = { sqlite: 'SQLite', postgres: 'PostgreSQL' };

export interface SystemView {
  readonly facts: SystemFacts;
  readonly holders: readonly TokenHolder[];
  readonly now: string;
}

/** The program itself: what waits, what was dropped, what runs, and who may sign in. */
export function systemPage(admin: string, { facts, holders, now }: SystemView): Page {
  const { database, usage, build } = facts;
  return framed({
    title: 'System',
    place: 'system',
    admin,
    children: (
      <>
        <h2>Gateways</h2>
        <Gateways of={facts.gateways} now={now} />
        <div class="columns">
          <Facts
            title="Usage reports, this replica since its start"
            rows={[
              ['Wait to be written', `${count(usage.waiting)} of ${count(usage.limit)} at most`],
              ['Written', count(usage.written)],
              ['Dropped for want of room', <Alarm value={usage.dropped} />],
              ['Of unknown keys', count(usage.unknownKeys)],
            ]}
          />
          <Facts
            title="Warnings"
            rows={[['Not accepted by the webhook yet', <Alarm value={facts.noticesPending} />]]}
          />
          <Facts
            title="Database"
            rows={[
              ['Engine', `${ENGINES[database.engine]} ${database.version}`],
              ['Size', bytes(database.sizeBytes)],
              ['Schema', `number ${database.schema}`],
            ]}
          />
          <Facts
            title="What is kept"
            rows={[
              [
                'Usage and refusals',
                facts.retentionDays === 0 ? 'for good' : counted(facts.retentionDays, 'day'),
              ],
              ['Audit log', <a href={CONSOLE_AUDIT}>for good</a>],
            ]}
          />
          <Facts
            title="Version"
            rows={[
              ['Key service', build.version],
              ['Commit', <code>{build.commit}</code>],
              ['Node.js', facts.node],
            ]}
          />
        </div>
        <h2>Who has an admin token</h2>
        <Holders of={holders} />
      </>
    ),
  });
}

function Gateways({ of, now }: { of: readonly PendingInvalidations[]; now: string }) {
  if (of.length === 0)
    return (
      <p class="notice warn">
        No gateway is told of changes: it hears of a revoked key only when what it has cached ends. Name them
        in GATEWAY_INVALIDATE_URLS.
      </p>
    );
  return (
    <Table
      label="Gateways"
      caption={`${counted(of.length, 'gateway')} told of changes`}
      headings={['Gateway', 'State', 'Changes not received yet', 'Of them ended keys', 'Oldest', 'Attempts']}
      rows={of.map(({ gateway, pending, revocations, oldest_at: oldest, attempts }) => (
        <tr>
          <th scope="row">{gateway}</th>
          <td>{pending === 0 ? 'Knows everything' : <span class="bad">Behind</span>}</td>
          <td>{count(pending)}</td>
          <td>{count(revocations)}</td>
          <td>{oldest === null ? '' : spokenTime(oldest, now)}</td>
          <td>{count(attempts)}</td>
        </tr>
      ))}
    />
  );
}

function Facts({ title, rows }: { title: string; rows: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <section class="card">
      <h2>{title}</h2>
      <dl>
        {rows.map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
      </dl>
    </section>
  );
}

/** A number that should be 0. */
function Alarm({ value }: { value: number }) {
  return value === 0 ? <>none</> : <strong class="bad">{count(value)}</strong>;
}

function Holders({ of }: { of: readonly TokenHolder[] }) {
  return (
    <Table
      label="Admin tokens"
      caption={`${counted(of.length, 'token')}; the tokens themselves are shown nowhere`}
      headings={['Name', 'Fingerprint']}
      rows={of.map(({ name, fingerprint }) => (
        <tr>
          <td>{name === fingerprint ? <em>no name</em> : <bdi>{name}</bdi>}</td>
          <td>
            <code>{fingerprint}</code>
          </td>
        </tr>
      ))}
    />
  );
}
