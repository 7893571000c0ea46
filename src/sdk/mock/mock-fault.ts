/** An error answer of the in-memory MLflow, with the status and code that the real one has. */
export class MockFault extends Error {
  override readonly name = 'MockFault';
  constructor(
    readonly status: number,
    readonly errorCode: string,
    message: string,
  ) {
    super(message);
  }
}

export function missing(what: string): MockFault {
  return new MockFault(404, 'RESOURCE_DOES_NOT_EXIST', `${what} not found`);
}

export function invalid(message: string): MockFault {
  return new MockFault(400, 'INVALID_PARAMETER_VALUE', message);
}

export function taken(what: string): MockFault {
  return new MockFault(400, 'RESOURCE_ALREADY_EXISTS', `${what} already exists`);
}

/** @throws MockFault where a required member of a request is absent */
export function required(value: string | undefined, name: string): string {
  if (value === undefined || value === '') throw invalid(`Missing value for required parameter '${name}'.`);
  return value;
}
