import { AuthServiceError } from './auth-service.error.js';
import type { Reply, Validation } from './auth-service.reply.js';

/** Where a validation call has the key. */
export type Contract = 'header' | 'body';

/** One call under one contract. */
export type Ask = (contract: Contract) => Promise<Reply>;

/**
 * Finds out which of the two contracts an auth service uses, and keeps the first one under which a key was valid. A
 * refusal proves nothing, because a service that looks for the key in another place refuses too.
 */
export class ContractNegotiator {
  private learned: Contract | undefined = undefined;

  /** @param fixed the configured contract; undefined finds it out */
  constructor(private readonly fixed: Contract | undefined) {}

  /** The contract in use, where it is known. */
  get contract(): Contract | undefined {
    return this.fixed ?? this.learned;
  }

  /** @throws AuthServiceError where no contract gets a verdict */
  async validate(ask: Ask): Promise<Validation> {
    if (this.fixed) return verdictOf(await ask(this.fixed));
    const first = this.learned ?? 'header';
    const reply = await ask(first);
    if (!this.mayBeMisunderstood(reply)) return this.learn(first, reply);
    const second = first === 'header' ? 'body' : 'header';
    const other = await askAfter(reply, second, ask);
    if (isVerdict(other) && other.kind !== 'refused') return this.learn(second, other);
    if (other.kind === 'refused' || reply.kind === 'refused') return { kind: 'refused' };
    throw misunderstood(other);
  }

  /** Until a key was valid under a contract, a refusal may also mean that the service looked in another place. */
  private mayBeMisunderstood(reply: Reply): boolean {
    if (!isVerdict(reply)) return true;
    return this.learned === undefined && reply.kind === 'refused' && reply.status === 401;
  }

  private learn(contract: Contract, reply: Reply): Validation {
    if (reply.kind === 'valid') this.learned = contract;
    return verdictOf(reply);
  }
}

/** If the status rules the second contract out, the first answer stands. */
async function askAfter(first: Reply, contract: Contract, ask: Ask): Promise<Reply> {
  try {
    return await ask(contract);
  } catch (error) {
    const settled = error instanceof AuthServiceError && error.fault === 'contract';
    if (settled && first.kind === 'refused') return first;
    throw error;
  }
}

function isVerdict(reply: Reply): reply is Extract<Reply, Validation> {
  return reply.kind === 'valid' || reply.kind === 'refused' || reply.kind === 'forbidden';
}

function verdictOf(reply: Reply): Validation {
  if (isVerdict(reply)) return reply;
  throw misunderstood(reply);
}

function misunderstood(reply: Reply): AuthServiceError {
  return new AuthServiceError(
    'contract',
    reply.kind === 'not-understood' ? String(reply.status) : reply.kind,
  );
}
