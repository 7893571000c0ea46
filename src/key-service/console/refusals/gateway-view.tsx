import type { GatewayLimits, GatewayLimitsResponse } from '../../../contracts/gateway-state.js';
import { count } from '../parts/numbers.js';

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
    <div class="wide" tabIndex={0} role="region" aria-label={`Limits at ${gateway}`}>
      <table>
        <caption>
          {gateway}
          {fault === null
            ? store === 'redis'
              ? ', all replicas together'
              : ', this replica alone'
            : `: ${fault}`}
        </caption>
        <thead>
          <tr>
            {['Limit', 'Counts', 'Left', 'Of', 'Grows again'].map((head) => (
              <th scope="col">{head}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {limits.map((limit) => (
            <tr>
              <th scope="row">{limit.name}</th>
              <td>{limit.counts === 'all' ? 'every request' : limit.counts}</td>
              <td>{limit.remaining === null ? 'not said' : count(limit.remaining)}</td>
              <td>{`${count(limit.limit)} in ${windowWords(limit.window_seconds)}`}</td>
              <td>{limit.reset_seconds === null ? '' : `in ${count(limit.reset_seconds)} s`}</td>
            </tr>
          ))}
          {limits.length === 0 && (
            <tr>
              <td colSpan={5}>{known ? 'It has no limits.' : 'It has not served the key lately.'}</td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

function windowWords(seconds: number): string {
  if (seconds === 3600) return 'an hour';
  return seconds === 60 ? 'a minute' : `${count(seconds)} s`;
}
