import { IsIn, IsInt, Max, Min } from 'class-validator';
import { Env } from '../../platform/config/env.js';
import { tooShort } from '../../platform/config/secret-rules.js';

const MIN_SECRET_LENGTH = 32;

/** MLflow's own UI in a browser, signed in by key; off unless there is a secret. */
export class SessionConfig {
  @Env('SESSION_SECRETS', {
    kind: 'list',
    secret: true,
    about:
      'Secrets of browser sessions, 32 characters or more each, the same on all replicas, separated by commas: the first seals, all open; unset: no sign-in by browser',
  })
  secrets: string[] = [];

  @Env('SESSION_HOURS', {
    kind: 'integer',
    unit: 'hours',
    about: "Longest life of a browser session; it never outlives its key, and use doesn't prolong it",
  })
  @IsInt()
  @Min(1)
  @Max(168)
  hours = 12;

  @Env('SESSION_COOKIE_PATH', {
    about:
      '/ binds the cookie of a session to the host name; /mlflow keeps it from other applications on that name, at the price that sibling hosts could plant one',
  })
  @IsIn(['/', '/mlflow'])
  cookiePath: '/' | '/mlflow' = '/';

  @Env('UI_CONTENT_SECURITY_POLICY', {
    about:
      "Content security policy of MLflow's UI in a session: compatible, strict (MLflow 3.17 on, without scripts in HTML previews), off, or a policy of your own",
  })
  contentSecurityPolicy = 'compatible';

  @Env('UI_SESSION_SCRIPT', {
    kind: 'boolean',
    about: "Add a script to MLflow's UI that says when a session has ended and makes its Logout sign out",
  })
  sessionScript = true;

  /** Whether browsers can sign in. */
  get enabled(): boolean {
    return this.secrets.length > 0;
  }

  check(): string[] {
    const problems = tooShort('SESSION_SECRETS', this.secrets, MIN_SECRET_LENGTH);
    if (!isPolicy(this.contentSecurityPolicy))
      problems.push(
        'UI_CONTENT_SECURITY_POLICY must be compatible, strict, off, or a policy such as "default-src \'self\'"',
      );
    return problems;
  }
}

const NAMED = new Set(['compatible', 'strict', 'off']);

/**
 * A custom policy has only characters that a header can carry, and begins with a directive; a misspelt name does not.
 */
function isPolicy(text: string): boolean {
  return NAMED.has(text) || /^[a-z]+-[a-z-]+ [\x20-\x7e]+$/.test(text);
}
