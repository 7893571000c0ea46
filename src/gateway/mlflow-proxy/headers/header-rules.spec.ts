import { ruleByName } from './header-rules.js';

describe('ruleByName', () => {
  it('gives every spelling of a name the same rule and asks once for each spelling', () => {
    const asked: string[] = [];
    const ruleOf = ruleByName((name) => asked.push(name) && name.length);
    expect(['Host', 'HOST', 'host', 'Host'].map(ruleOf)).toEqual([4, 4, 4, 4]);
    expect(asked).toEqual(['host', 'host', 'host']);
  });

  it('remembers a bounded number of names, and none that is long', () => {
    let asked = 0;
    const ruleOf = ruleByName(() => ++asked);
    for (let i = 0; i < 2000; i++) ruleOf(`x-invented-${i}`);
    asked = 0;
    for (let i = 0; i < 2000; i++) ruleOf(`x-invented-${i}`);
    expect(asked).toBe(1000);
    asked = 0;
    const fresh = ruleByName(() => ++asked);
    for (let i = 0; i < 3; i++) fresh('x'.repeat(65));
    expect(asked).toBe(3);
  });
});
