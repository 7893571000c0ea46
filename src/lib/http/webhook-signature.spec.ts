import { createHmac } from 'node:crypto';
import { webhookHeaders } from './webhook-signature.js';

it('signs id, time and body with every secret', () => {
  const headers = webhookHeaders({ id: 'n1', body: '{"a":1}', sentAtMs: 1_767_225_600_999 }, ['one', 'two']);
  const by = (secret: string): string =>
    createHmac('sha256', secret).update('n1.1767225600.{"a":1}').digest('base64');
  expect(headers).toEqual({
    'webhook-id': 'n1',
    'webhook-timestamp': '1767225600',
    'webhook-signature': `v1,${by('one')} v1,${by('two')}`,
  });
});
