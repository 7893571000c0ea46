import { webhookHeaders } from '../../lib/http/webhook-signature.js';

export interface SignedMessage {
  /** The same for every repetition. */
  id: string;
  /** JSON. */
  body: string;
  /** Unix milliseconds. */
  sentAtMs: number;
}

export interface WebhookReceiver {
  url: string;
  /** Each of them makes a signature. */
  secrets: readonly string[];
  /** Ends the attempt. */
  signal: AbortSignal;
}

/** Posts a message to a webhook. @throws where the answer is not 2xx, or does not come before the signal */
export async function postSigned(message: SignedMessage, receiver: WebhookReceiver): Promise<void> {
  const response = await fetch(receiver.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...webhookHeaders(message, receiver.secrets) },
    body: message.body,
    // A redirect is not followed: a message that is signed for one receiver must not go to another.
    redirect: 'error',
    signal: receiver.signal,
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
}
