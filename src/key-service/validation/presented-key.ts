import type { ValidateKeyFields } from './validate.fields.js';

export interface Presented {
  /** Undefined where neither place holds a key. */
  key: string | undefined;
  /** Two places hold different ones. */
  conflict: boolean;
}

/**
 * The key of a validation: in the header, in the body, or in the body with a service token in the header.
 *
 * @param bearer token of the `Authorization` header
 */
export function presentedKey(
  bearer: string | undefined,
  { api_key: inBody }: Pick<ValidateKeyFields, 'api_key'>,
  bearerIsService: boolean,
): Presented {
  const fromHeader = bearerIsService ? undefined : bearer;
  const fromBody = inBody === undefined || inBody === null || inBody === '' ? undefined : inBody;
  return {
    key: fromHeader ?? fromBody,
    conflict: fromHeader !== undefined && fromBody !== undefined && fromHeader !== fromBody,
  };
}
