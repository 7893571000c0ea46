import type { GatewayLimits, GatewayLimitsResponse } from '../../../contracts/admin/gateway-state.js';
import { count } from '../parts/numbers.js';
import { Table } from '../parts/table.js';

/** What is left of the limits of a key now, as each gateway counts it. */
export function GatewayView({ name, of }: { name: string; of: GatewayLimitsResponse }) {
  return (
    <section id="gateways">
      <h2>
        What gateways count of <bdi>{name}</bdi>
      </h2>
      {of.gateways.length === 0 && (
        <p>
          No gateway is known: GATEWAY_INVALIDATE_URLS names those that are told of changes, and can be asked.
        </p>
      )}
      {of.gateways.map((gateway) => (
        <Gateway of={gateway} />
      ))}
    </section>
  );
}

function Gateway({ of: { gateway, fault, known, store, limits } }: { of: GatewayLimits }) {
  return (
    <Table
      label={`Limits at ${gateway}`}
      caption={
        <>
          {gateway}
          {fault === null
            ? store === 'redis'
              ? ', all replicas together'
              : ', this replica only'
            : `: ${fault}`}
        </>
      }
      headings={['Limit', 'Counts', 'Left', 'Of', 'Grows again']}
      rows={limits.map((limit) => (
        <tr>
          <th scope="row">{limit.name}</th>
          <td>{limit.counts === 'all' ? 'every request' : limit.counts}</td>
          <td>{limit.remaining === null ? 'not said' : count(limit.remaining)}</td>
          <td>{`${count(limit.limit)} in ${windowWords(limit.window_seconds)}`}</td>
          <td>{limit.reset_seconds === null ? '' : `in ${count(limit.reset_seconds)} s`}</td>
        </tr>
      ))}
      none={known ? 'It has no limits.' : 'It has not served the key lately.'}
    />
  );
}

function windowWords(seconds: number): string {
  if (seconds === 3600) return 'an hour';
  return seconds === 60 ? 'a minute' : `${count(seconds)} s`;
}
