import { newMembers } from './members.js';

it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'x'])(
  'an object without members has no %s, and takes it as any other',
  (name) => {
    const members = newMembers<number>();
    expect(name in members).toBe(false);
    members[name] = 1;
    expect(Object.keys(members)).toEqual([name]);
    expect(JSON.stringify(members)).toBe(`{"${name}":1}`);
  },
);
