import { MAX_UNREGISTERED } from '../../validation/unregistered-services.repository.js';
import { UNREGISTERED_KEPT_DAYS, type UnregisteredService } from '../../validation/unregistered-services.js';
import { CONSOLE_KEYS } from '../frame/console-paths.js';
import { count, counted } from '../parts/numbers.js';
import { Table } from '../parts/table.js';

/**
 * Separate from the refusals: the client's error text is the same in both cases, and only the operator of the service
 * can fix this one.
 */
export function Unregistered({ services }: { services: readonly UnregisteredService[] }) {
  return (
    <>
      <h2>Services that nobody registered</h2>
      <p class="hint">
        Good keys that were validated for a service which is not registered: a mistake in the settings of
        whoever asks, or a service that is still to be registered. The {MAX_UNREGISTERED} that were asked for
        last, for {UNREGISTERED_KEPT_DAYS} days.
      </p>
      <Table
        label="Services that nobody registered"
        caption={counted(services.length, 'service')}
        headings={['Service', { number: 'Validations' }, 'First (UTC)', 'Last (UTC)', 'Last key']}
        rows={services.map(({ serviceId, validations, firstAt, lastAt, lastKeyId }) => (
          <tr>
            <td>{serviceId ?? 'not an id of a service'}</td>
            <td class="number">{count(validations)}</td>
            <td class="time">{firstAt.slice(0, 16).replace('T', ' ')}</td>
            <td class="time">{lastAt.slice(0, 16).replace('T', ' ')}</td>
            <td>
              <a href={`${CONSOLE_KEYS}/${lastKeyId}`}>{lastKeyId.slice(0, 8)}…</a>
            </td>
          </tr>
        ))}
        none="None."
      />
    </>
  );
}
