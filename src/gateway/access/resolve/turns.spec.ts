import { Turns } from './turns.js';

const never = new AbortController().signal;

/** Enters for one asker, and notes its name when it is its turn. */
function entering(turns: Turns<string>, order: string[]): (asker: string) => Promise<() => void> {
  return async (asker) => {
    const leave = await turns.enter(asker, never);
    order.push(asker);
    return leave;
  };
}

describe('Turns', () => {
  it('lets nobody have all, and serves those that wait in turn, one of each', async () => {
    const order: string[] = [];
    const enter = entering(new Turns<string>({ maxActive: 4, maxWaiting: 100, sharePercent: 50 }), order);
    const many = Array.from({ length: 10 }, () => enter('many'));
    const others = ['one', 'two', 'one'].map(enter);
    await Promise.all([many[0], many[1], others[0], others[1]]);
    expect(order).toEqual(['many', 'many', 'one', 'two']);
    for (const wait of [...many, ...others]) void wait.then((leave) => setImmediate(leave));
    await Promise.all([...many, ...others]);
    expect(order.slice(4, 6).sort()).toEqual(['many', 'one']);
    expect(order).toHaveLength(13);
  });

  it('refuses who has too much waiting, and keeps places for others', async () => {
    const turns = new Turns<string>({ maxActive: 2, maxWaiting: 4, sharePercent: 50 });
    const order: string[] = [];
    const enter = entering(turns, order);
    const waits = Array.from({ length: 3 }, () => enter('many'));
    await expect(enter('many')).rejects.toThrow('too many wait');
    const other = await enter('other');
    other();
    (await (waits[0] as Promise<() => void>))();
    await waits[1];
    expect(order).toEqual(['many', 'other', 'many']);
  });

  it('a wait that ends gives its place back', async () => {
    const turns = new Turns<string>({ maxActive: 1, maxWaiting: 1, sharePercent: 100 });
    const leave = await turns.enter('a', never);
    const ended = new AbortController();
    const wait = turns.enter('a', ended.signal);
    await expect(turns.enter('b', never)).rejects.toThrow('too many wait');
    ended.abort();
    await expect(wait).rejects.toThrow('no turn in time');
    const next = turns.enter('b', never);
    leave();
    (await next)();
    (await turns.enter('a', never))();
  });
});
