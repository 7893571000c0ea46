import { AuthServiceError } from './auth-service.error.js';
import type { Reply } from './auth-service.reply.js';
import { ContractNegotiator, type Contract } from './contract.negotiator.js';

const facts = {} as Extract<Reply, { kind: 'valid' }>['facts'];
const REPLIES = {
  yes: { kind: 'valid', facts, addressBound: false },
  no: { kind: 'refused', status: 200 },
  '401': { kind: 'refused', status: 401 },
  required: { kind: 'key-required' },
  '400': { kind: 'not-understood', status: 400 },
  '422': { kind: 'not-understood', status: 422 },
  '403': { kind: 'forbidden' },
  '404': new AuthServiceError('contract', '404'),
  '429': new AuthServiceError('throttled', '429'),
  '500': new AuthServiceError('server-error', '500'),
} as const satisfies Record<string, Reply | Error>;
type Name = keyof typeof REPLIES;

/** A service that answers the same under each contract, and what it was asked. */
function service(header: Name, body: Name): { asked: Contract[]; ask: (c: Contract) => Promise<Reply> } {
  const asked: Contract[] = [];
  return {
    asked,
    ask: async (contract) => {
      asked.push(contract);
      const reply = REPLIES[contract === 'header' ? header : body];
      if (reply instanceof Error) throw reply;
      return reply;
    },
  };
}

async function outcome(negotiator: ContractNegotiator, { ask }: ReturnType<typeof service>): Promise<string> {
  try {
    return (await negotiator.validate(ask)).kind;
  } catch (error) {
    return (error as AuthServiceError).fault;
  }
}

describe('until a contract has said yes', () => {
  it.each<[Name, Name, string, number, Contract | undefined]>([
    // header, body, outcome, calls, contract learned
    ['yes', '401', 'valid', 1, 'header'],
    ['no', 'yes', 'refused', 1, undefined],
    ['403', 'yes', 'forbidden', 1, undefined],
    ['required', 'yes', 'valid', 2, 'body'],
    ['400', 'yes', 'valid', 2, 'body'],
    ['422', 'yes', 'valid', 2, 'body'],
    ['401', 'yes', 'valid', 2, 'body'],
    ['401', '401', 'refused', 2, undefined],
    ['401', 'required', 'refused', 2, undefined],
    ['401', '400', 'refused', 2, undefined],
    ['401', '422', 'refused', 2, undefined],
    ['401', '404', 'refused', 2, undefined],
    ['401', 'no', 'refused', 2, undefined],
    ['401', '403', 'forbidden', 2, undefined],
    ['required', '401', 'refused', 2, undefined],
    ['400', '401', 'refused', 2, undefined],
    ['422', 'no', 'refused', 2, undefined],
    ['required', 'required', 'contract', 2, undefined],
    ['400', '422', 'contract', 2, undefined],
    ['422', '404', 'contract', 2, undefined],
    ['401', '500', 'server-error', 2, undefined],
    ['401', '429', 'throttled', 2, undefined],
    ['500', 'yes', 'server-error', 1, undefined],
    ['404', 'yes', 'contract', 1, undefined],
    ['429', 'yes', 'throttled', 1, undefined],
  ])('header %s, body %s: %s in %d calls', async (header, body, expected, calls, learned) => {
    const negotiator = new ContractNegotiator(undefined);
    const fake = service(header, body);
    expect(await outcome(negotiator, fake)).toBe(expected);
    expect(fake.asked).toHaveLength(calls);
    expect(negotiator.contract).toBe(learned);
  });
});

describe('the contract that first said yes', () => {
  async function learnt(contract: Contract): Promise<ContractNegotiator> {
    const negotiator = new ContractNegotiator(undefined);
    await negotiator.validate(service(contract === 'header' ? 'yes' : 'required', 'yes').ask);
    expect(negotiator.contract).toBe(contract);
    return negotiator;
  }

  it.each<[Contract, Name, string]>([
    ['header', 'yes', 'valid'],
    ['header', '401', 'refused'],
    ['header', 'no', 'refused'],
    ['header', '403', 'forbidden'],
    ['header', '500', 'server-error'],
    ['body', 'yes', 'valid'],
    ['body', '401', 'refused'],
    ['body', '404', 'contract'],
  ])('%s is used alone, one call a key: %s is %s', async (contract, answer, expected) => {
    const negotiator = await learnt(contract);
    const fake = service(answer, answer);
    expect(await outcome(negotiator, fake)).toBe(expected);
    expect(fake.asked).toEqual([contract]);
  });

  it.each<[Contract, Name]>([
    ['header', 'required'],
    ['header', '400'],
    ['header', '422'],
    ['body', 'required'],
    ['body', '400'],
    ['body', '422'],
  ])('%s gives way where it answers %s and the other says yes', async (contract, answer) => {
    const negotiator = await learnt(contract);
    const fake = contract === 'header' ? service(answer, 'yes') : service('yes', answer);
    expect(await outcome(negotiator, fake)).toBe('valid');
    expect(negotiator.contract).toBe(contract === 'header' ? 'body' : 'header');
    const next = service('yes', 'yes');
    await outcome(negotiator, next);
    expect(next.asked).toHaveLength(1);
  });

  it('is not lost by a key that no contract understands', async () => {
    const negotiator = await learnt('body');
    expect(await outcome(negotiator, service('required', '422'))).toBe('contract');
    expect(await outcome(negotiator, service('401', '422'))).toBe('refused');
    expect(negotiator.contract).toBe('body');
  });
});

describe('a fixed contract', () => {
  it.each<[Contract, Name, string]>([
    ['header', 'yes', 'valid'],
    ['body', 'yes', 'valid'],
    ['body', '401', 'refused'],
    ['body', 'required', 'contract'],
    ['header', 'required', 'contract'],
    ['header', '400', 'contract'],
    ['body', '422', 'contract'],
  ])('%s is never left: %s is %s', async (contract, answer, expected) => {
    const fake = service(answer, answer);
    expect(await outcome(new ContractNegotiator(contract), fake)).toBe(expected);
    expect(fake.asked).toEqual([contract]);
  });
});
