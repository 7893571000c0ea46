import type { GatewayLimitsResponse } from '../../../src/contracts/admin/gateway-state.js';
import type { RefusalSummaryResponse } from '../../../src/contracts/usage/refusals.js';
import { RefusalReporter } from '../../../src/gateway/usage/refusal.reporter.js';
import { generateKey } from '../../../src/lib/keys/key-format.js';
import { startWholeSystem, type WholeSystem } from '../../support/systems/whole-system.js';

describe('refusals and limits, from the gateway to the administrator', () => {
  let system: WholeSystem;

  beforeAll(async () => {
    system = await startWholeSystem();
  });

  afterAll(() => system?.close());

  const ask = async (key: string | undefined): Promise<number> => {
    const response = await fetch(`${system.gateway.url}/mlflow/health`, {
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
    });
    await response.arrayBuffer();
    return response.status;
  };

  it('a refused key is shown by reason, address and prefix, and never as a whole', async () => {
    const invented = generateKey('production');
    expect([await ask(invented), await ask(invented), await ask(undefined)]).toEqual([401, 401, 401]);
    const { api_key: key, key_id: keyId } = await system.newKey();
    await ask(key);
    await system.keyService.call('DELETE', `/keys/${keyId}`);
    await system.gateway.app.get(RefusalReporter, { strict: false }).flush();
    const { body } = await system.keyService.call<RefusalSummaryResponse>('GET', '/refusals/summary');
    expect(body.reasons).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ reason: 'refused', count: 2 }),
        expect.objectContaining({ reason: 'missing', count: 1 }),
      ]),
    );
    expect(body.networks).toMatchObject([{ network: '127.0.0.1' }]);
    expect(body.prefixes).toMatchObject([{ key_prefix: invented.slice(0, 12), count: 2 }]);
    expect(JSON.stringify(body)).not.toContain(invented.slice(0, 14));
  });

  it('what is left of a key’s limits is what its gateway counts', async () => {
    const { api_key: key, key_id: keyId } = await system.newKey();
    const limits = async () =>
      (await system.keyService.call<GatewayLimitsResponse>('GET', `/keys/${keyId}/limits`)).body;
    expect(await limits()).toMatchObject({ key_id: keyId, gateways: [{ known: false, fault: null }] });
    for (let n = 0; n < 3; n++) await ask(key);
    const { gateways } = await limits();
    expect(gateways).toMatchObject([{ known: true, fault: null }]);
    const hour = gateways[0]?.limits.find(({ name }) => name === 'hour');
    expect((hour?.limit ?? 0) - (hour?.remaining ?? 0)).toBe(3);
    // Looking counts nothing.
    expect((await limits()).gateways[0]?.limits).toMatchObject([{ remaining: hour?.remaining }, {}]);
  });
});
