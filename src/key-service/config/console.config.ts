import { Env } from '../../platform/config/env.js';
import { tooShort } from '../../platform/config/secret-rules.js';

const MIN_SECRET_LENGTH = 32;

/** The console for key administrators; off unless there is a secret. */
export class ConsoleConfig {
  @Env('CONSOLE_SESSION_SECRETS', {
    kind: 'list',
    secret: true,
    about:
      'Secrets of sessions in the console for key administrators, 32 characters or more each, the same on all replicas, separated by commas: the first seals, all open; unset: no console',
  })
  secrets: string[] = [];

  get enabled(): boolean {
    return this.secrets.length > 0;
  }

  check(): string[] {
    return tooShort('CONSOLE_SESSION_SECRETS', this.secrets, MIN_SECRET_LENGTH);
  }
}
