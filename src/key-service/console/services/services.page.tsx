import type { ServiceResource } from '../../../contracts/admin/services.js';
import type { Page } from '../../../platform/browser/page-response.js';
import { CONSOLE_KEYS, CONSOLE_SERVICES } from '../frame/console-paths.js';
import { Problem, TextField, type FormState } from '../parts/form-parts.js';
import { framed } from '../frame/frame.js';
import { minuteOf } from '../parts/moment.js';
import { Table } from '../parts/table.js';

/** The services that keys may be for, and a form for another one. */
export function servicesPage(admin: string, services: readonly ServiceResource[], state: FormState): Page {
  return framed({
    title: 'Services',
    place: 'services',
    admin,
    status: state.problem?.status ?? 200,
    children: (
      <>
        <Problem problem={state.problem} />
        <p>A key is for one service or several, and is refused by all others.</p>
        <Table
          label="Services"
          caption={services.length === 1 ? '1 service' : `${services.length} services`}
          headings={[
            'Service',
            'Description',
            { number: 'Active keys' },
            { number: 'All keys' },
            'Registered',
            undefined,
          ]}
          rows={services.map((service) => (
            <Row of={service} />
          ))}
        />
        <h2>Register a service</h2>
        <form class="fields" method="post" action={CONSOLE_SERVICES}>
          <div class="pair">
            <TextField
              name="service_id"
              label="Id"
              state={state}
              required
              max={100}
              hint="Letters, digits, dots, dashes and underscores; as callers send it."
            />
            <TextField name="description" label="Description" state={state} />
          </div>
          <div>
            <button>Register</button>
          </div>
        </form>
      </>
    ),
  });
}

function Row({ of: service }: { of: ServiceResource }) {
  const { service_id: id } = service;
  return (
    <tr>
      <th scope="row">{id}</th>
      <td>
        <bdi>{service.description ?? '–'}</bdi>
      </td>
      <td class="number">
        <a href={`${CONSOLE_KEYS}?${new URLSearchParams({ service_id: id, status: 'active' }).toString()}`}>
          {service.active_keys}
        </a>
      </td>
      <td class="number">{service.keys}</td>
      <td>
        {minuteOf(service.created_at)}
        <br />
        <span class="hint">
          by <bdi>{service.created_by.replace(/^admin:/, '')}</bdi>
        </span>
      </td>
      <td>
        {service.active_keys === 0 && (
          <form method="post" action={`${CONSOLE_SERVICES}/${id}/remove`}>
            <button class="plain" aria-label={`Remove ${id}`}>
              Remove
            </button>
          </form>
        )}
      </td>
    </tr>
  );
}
