import { SetMetadata, type CustomDecorator } from '@nestjs/common';

export const ALSO_FOR_SERVICES = 'key-service:also-for-services';

/** Opens a route to callers with a token of `SERVICE_TOKENS`, besides admins. */
export function AlsoForServices(): CustomDecorator {
  return SetMetadata(ALSO_FOR_SERVICES, true);
}
