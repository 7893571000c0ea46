import { SetMetadata, type CustomDecorator } from '@nestjs/common';

export const PUBLIC_REASON = 'platform:public-reason';

/**
 * Opens a route to callers without an API key. Every route that lacks this word is closed.
 *
 * @param reason why the route may be open, or what guards it instead
 */
export function Public(reason: string): CustomDecorator {
  return SetMetadata(PUBLIC_REASON, reason);
}
