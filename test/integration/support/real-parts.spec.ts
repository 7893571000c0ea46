import pg from 'pg';
import { createClient } from 'redis';
import { eventually } from '../../support/lib/eventually.js';
import { sharedMlflow } from '../../support/mlflow/mlflow-server.js';
import { startPostgresServer } from '../../support/servers/postgres-server.js';
import { runPython } from '../../support/programs/python-client.js';
import { startRedisServer } from '../../support/servers/redis-server.js';

describe('the real parts that tests run on', () => {
  it('offers one MLflow to the whole run', async () => {
    const [one, two] = await Promise.all([sharedMlflow(), sharedMlflow()]);
    expect(one.url).toBe(two.url);
    const version = await (await fetch(`${one.url}/version`)).text();
    const client = await runPython('import mlflow, json; print(json.dumps(mlflow.__version__))');
    expect(client.json<string>()).toBe(version);
  }, 240_000);

  it('gives a Redis that can be paused, stopped and brought back on its port', async () => {
    const redis = await startRedisServer({ password: 'a password' });
    const client = createClient({ url: redis.url, disableOfflineQueue: true });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.set('a', '1');

      redis.pause();
      const answer = client.get('a');
      await expect(
        Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 100, 'silence'))]),
      ).resolves.toBe('silence');
      redis.resume();
      await expect(answer).resolves.toBe('1');

      await redis.kill();
      await redis.start();
      await expect(eventually(async () => (await client.ping()) === 'PONG')).resolves.toBe(true);
      await expect(client.get('a')).resolves.toBeNull();
    } finally {
      if (client.isOpen) await client.disconnect();
      await redis.close();
    }
  });

  it('gives a PostgreSQL with empty databases, for which one needs the password', async () => {
    const server = await startPostgresServer();
    const settings = async (url: string): Promise<unknown> => {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      const { rows } = await client.query(
        `select current_setting('fsync') as fsync, current_setting('server_encoding') as encoding,
                (select count(*)::int from pg_tables where schemaname = 'public') as tables`,
      );
      await client.end();
      return rows[0];
    };
    try {
      const [one, two] = [await server.newDatabase(), await server.newDatabase()];
      expect(one).not.toBe(two);
      await expect(settings(two)).resolves.toEqual({ fsync: 'on', encoding: 'UTF8', tables: 0 });
      await expect(settings(one.replace(/:[0-9a-f]+@/, ':wrong@'))).rejects.toThrow(
        /password authentication/,
      );
    } finally {
      await server.close();
    }
  });
});
