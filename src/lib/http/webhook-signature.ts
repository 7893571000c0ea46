import { createHmac } from 'node:crypto';

/**
 * Headers by which a receiver knows who sent a webhook, and a repetition of it, as Standard Webhooks has them
 * (https://www.standardwebhooks.com): HMAC-SHA-256 over id, time and body, one signature for each secret.
 *
 * @param sentAtMs Unix milliseconds
 */
export function webhookHeaders(
  { id, body, sentAtMs }: { id: string; body: string; sentAtMs: number },
  secrets: readonly string[],
): Record<string, string> {
  const seconds = String(Math.floor(sentAtMs / 1000));
  const signatures = secrets.map(
    (secret) => `v1,${createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64')}`,
  );
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures.join(' ') };
}
