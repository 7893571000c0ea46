import { Env } from '../../platform/config/env.js';
import { tooShort } from '../../platform/config/secret-rules.js';
import { hasCredentials, isHttpUrl } from '../../platform/config/url-rules.js';

/** Who is warned of keys that end soon or are not used, besides the log. */
export class NoticesConfig {
  @Env('KEY_NOTICE_WEBHOOK_URL', {
    about:
      'Where warnings of keys that end in 14, 7 and 1 days, or were not used for 90, are posted; unset: they are only in the log',
  })
  webhookUrl: string | undefined = undefined;

  @Env('KEY_NOTICE_WEBHOOK_SECRETS', {
    kind: 'list',
    secret: true,
    about:
      'Secrets that these posts are signed with, separated by commas, each of 16 characters or more; all of them sign, so that one can be exchanged',
  })
  webhookSecrets: string[] = [];

  check(): string[] {
    const problems = tooShort('KEY_NOTICE_WEBHOOK_SECRETS', this.webhookSecrets);
    if (this.webhookUrl === undefined) return problems;
    if (!isHttpUrl(this.webhookUrl) || hasCredentials(this.webhookUrl))
      problems.push('KEY_NOTICE_WEBHOOK_URL must be an http:// or https:// URL without a user or password');
    if (this.webhookSecrets.length === 0)
      problems.push('KEY_NOTICE_WEBHOOK_SECRETS is required where KEY_NOTICE_WEBHOOK_URL is set');
    return problems;
  }
}
