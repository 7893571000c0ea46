import { fail, pass, type Check } from '../checks/check.js';
import type { VerifyContext } from './verify-context.js';

/** A mount of the gateway, below any path of a proxy in front. */
const MOUNT = /^(.*?(?:\/api)?\/mlflow)(?:\/|$)/;
/** The mount with a path of MLflow's REST API behind it, which the client adds by itself. */
const MOUNT_AND_API = /^(.*?(?:\/api)?\/mlflow)\/(?:ajax-)?api\/\d/;

/** Faults that the address itself shows, before anything is sent: it was copied from a browser or from an API call. */
export const trackingUri: Check<VerifyContext> = {
  name: 'tracking-uri',
  title: 'Tracking URI',
  async run(context) {
    const expected = 'an address that ends in /api/mlflow, without a query and without #';
    const copied = copiedFrom(new URL(context.trackingUri));
    if (!copied) return pass(context.trackingUri, expected);
    const { seen, right } = copied;
    return fail('bad-prefix', seen, expected, `Set MLFLOW_TRACKING_URI=${right}: the client adds the rest.`);
  },
};

function copiedFrom({ origin, pathname, search, hash }: URL): { seen: string; right: string } | undefined {
  const api = MOUNT_AND_API.exec(pathname)?.[1];
  if (api !== undefined)
    return { seen: `the address goes on after ${api} with a path of the API`, right: origin + api };
  if (!search && !hash) return undefined;
  const mount = MOUNT.exec(pathname)?.[1] ?? '/api/mlflow';
  const what = hash ? 'a # part, as the address line of a browser has it' : 'a query';
  return { seen: `the address has ${what}`, right: origin + mount };
}
