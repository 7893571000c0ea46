import { ConfigurationError } from '../errors.js';
import type { HttpTransport } from '../http/http-transport.js';
import type { CallOptions, TransportRequest } from '../http/transport.types.js';

/** Calls of key management: each needs an admin token, and is refused without one before anything is sent. */
export class Management {
  constructor(
    readonly transport: HttpTransport,
    private readonly hasAdminToken: boolean,
  ) {}

  /** @throws ConfigurationError without an admin token */
  async ask<T>(request: TransportRequest, options?: CallOptions): Promise<T> {
    this.requireAdminToken();
    return this.transport.json<T>(request, options);
  }

  requireAdminToken(): void {
    if (!this.hasAdminToken)
      throw new ConfigurationError(['HOKUSAI_ADMIN_TOKEN (or adminToken) must be set for key management']);
  }
}
