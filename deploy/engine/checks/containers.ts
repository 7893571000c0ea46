import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { containers, inspect } from '../system.ts';
import type { Check } from './check.ts';

interface Container {
  Config: { Env: string[]; Cmd: string[] | null };
  HostConfig: {
    ReadonlyRootfs: boolean;
    CapDrop: string[];
    CapAdd: string[] | null;
    SecurityOpt: string[];
    Memory: number;
    LogConfig: { Type: string; Config: Record<string, string> };
    PortBindings: Record<string, { HostIp: string }[]>;
  };
}

export const CONTAINER_CHECKS: readonly Check[] = [
  {
    title:
      'every container runs without root, capabilities and a writable file system, with bounds on memory and log',
    async run(system) {
      for (const [name, id] of await containers(system)) {
        const { HostConfig } = await inspect<Container>(system, id);
        assert.equal(HostConfig.ReadonlyRootfs, true, name);
        assert.deepEqual([HostConfig.CapDrop, HostConfig.CapAdd ?? []], [['ALL'], []], name);
        assert.ok(HostConfig.SecurityOpt.includes('no-new-privileges:true'), name);
        assert.ok(HostConfig.Memory >= 256 * 1024 ** 2, name);
        assert.ok(HostConfig.LogConfig.Config['max-size'] && HostConfig.LogConfig.Config['max-file'], name);
        const processes = (await system.engine.docker(['top', id, '-eo', 'pid,uid']))
          .trim()
          .split('\n')
          .slice(1);
        const users = processes.map((line) => line.trim().split(/\s+/)[1]);
        assert.ok(users.length > 0 && users.every((uid) => uid !== '0'), `${name} runs as ${users.join()}`);
      }
    },
  },
  {
    title: 'what is published is published on loopback alone',
    async run(system) {
      for (const [name, id] of await containers(system)) {
        const { HostConfig } = await inspect<Container>(system, id);
        for (const bindings of Object.values(HostConfig.PortBindings))
          for (const { HostIp } of bindings) assert.equal(HostIp, '127.0.0.1', name);
      }
    },
  },
  {
    title: 'no secret stands in a container’s environment, arguments or log',
    async run(system) {
      const secrets = readdirSync(join(system.folder, 'checkout/docker/secrets')).map((name) =>
        system.secret(name),
      );
      for (const [name, id] of await containers(system)) {
        const { Config } = await inspect<Container>(system, id);
        const processes = await system.engine.docker(['top', id, '-eo', 'pid,args']);
        const log = await system.compose(['logs', '--no-log-prefix', name]);
        const seen = [...Config.Env, ...(Config.Cmd ?? []), processes, log].join('\n');
        for (const secret of [...secrets, system.apiKey])
          assert.ok(!seen.includes(secret), `${name} shows a secret`);
      }
    },
  },
  {
    title: 'each container gets the secrets that it names and no other',
    async run(system) {
      const services = await containers(system);
      const list = async (name: string): Promise<string[]> =>
        (await system.engine.docker(['exec', services.get(name) ?? '', 'ls', '/run/secrets']))
          .trim()
          .split('\n');
      assert.ok(!(await list('gateway')).includes('key-pepper'));
      assert.ok(!(await list('gateway')).includes('admin-token'));
      assert.deepEqual(await list('redis'), ['redis-password']);
      assert.deepEqual(await list('database'), ['database-password']);
      await assert.rejects(list('mlflow'));
    },
  },
];
