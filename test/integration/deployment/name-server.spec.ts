import { Resolver } from 'node:dns/promises';
import { startNameServer } from '../../../deploy/kubernetes/dns.js';

describe('the name server of the cluster of deploy:k8s', () => {
  const names: Record<string, string> = { 'redis.parts.svc.cluster.local': '10.96.0.17' };
  let resolver: Resolver;
  let close: () => void;

  beforeAll(async () => {
    const socket = await startNameServer('127.0.0.1', async (name) => names[name], 0);
    close = () => void socket.close();
    resolver = new Resolver({ timeout: 5000, tries: 1 });
    resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  });
  afterAll(() => close?.());

  it('knows the address of a Service, in whatever case it is asked', async () => {
    expect(await resolver.resolve4('redis.parts.svc.cluster.local')).toEqual(['10.96.0.17']);
    expect(await resolver.resolve4('Redis.Parts.svc.cluster.local')).toEqual(['10.96.0.17']);
  });

  it('has no IPv6 address of it, and says so without a delay', async () => {
    await expect(resolver.resolve6('redis.parts.svc.cluster.local')).rejects.toMatchObject({
      code: 'ENODATA',
    });
  });

  it('says of other names that there are none', async () => {
    await expect(resolver.resolve4('redis.cluster.local')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
});
