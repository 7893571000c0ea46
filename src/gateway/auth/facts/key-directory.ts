import { Inject, Injectable } from '@nestjs/common';
import { UnknownKeyGate, type Blocked } from '../failed-auth/unknown-key.gate.js';
import { AuthMetrics, type LookupResult } from '../auth.metrics.js';
import type { KeyQuestion } from '../auth-service/auth-service.client.js';
import { AuthServiceError } from '../auth-service/auth-service.error.js';
import { KeyValidator } from '../auth-service/key-validator.js';
import { KeyCache, type CacheFinding, type CacheSubject } from './key-cache.js';
import type { KeyEntry } from './key-entry.js';
import { KnownKeys, type KnownKey } from './known-keys.js';

/** What was found out about a key. */
export type KeyFinding =
  | { readonly kind: 'valid'; readonly known: KnownKey; readonly cache: LookupResult }
  | { readonly kind: 'refused'; readonly cache: 'negative' | 'miss' }
  | { readonly kind: 'forbidden' }
  | Blocked;

/** A finding, and the only address it is valid for, if there is one. */
type FlightResult = (KeyFinding | { readonly kind: 'superseded' }) & { readonly onlyFor?: string };

/** How often a call is repeated because a tombstone came while it ran, before giving up. */
const MAX_ROUNDS = 4;

/** Finds the facts of keys: from memory at once, otherwise with one look-up in flight per key. */
@Injectable()
export class KeyDirectory {
  private readonly flights = new Map<string, Promise<FlightResult>>();

  constructor(
    private readonly known: KnownKeys,
    private readonly cache: KeyCache,
    @Inject(KeyValidator) private readonly validator: Pick<KeyValidator, 'validate' | 'away'>,
    @Inject(UnknownKeyGate) private readonly gate: Pick<UnknownKeyGate, 'run' | 'waiting'>,
    private readonly metrics: AuthMetrics,
  ) {}

  /** Look-ups under way. */
  get inFlight(): number {
    return this.flights.size;
  }

  /** Keys never seen valid that wait for their turn. */
  get unknownWaiting(): number {
    return this.gate.waiting;
  }

  /** A valid key from memory; its facts are fetched again in the background when they are due. */
  peek(question: KeyQuestion): KnownKey | undefined {
    const known = this.known.find(question.key, question.clientIp);
    if (!known) return undefined;
    if (known.cache === 'fresh') this.metrics.freshHits++;
    else {
      this.metrics.lookups.inc({ result: 'stale' });
      this.refresh(question, known);
    }
    return known;
  }

  /** @throws AuthServiceError where there is no verdict and no stale facts that may be used instead */
  async find(question: KeyQuestion): Promise<KeyFinding> {
    try {
      const finding = await this.findForAddress(question);
      if ('cache' in finding) {
        this.metrics.lookups.inc({ result: finding.cache });
        if (finding.cache === 'stale' && finding.kind === 'valid') this.refresh(question, finding.known);
      } else this.metrics.lookups.inc({ result: 'miss' });
      return finding;
    } catch (error) {
      this.metrics.lookups.inc({ result: 'miss' });
      throw error;
    }
  }

  private async findForAddress(question: KeyQuestion): Promise<KeyFinding> {
    const subject = this.cache.subject(question.key, question.clientIp);
    let flight = subject.digest;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const result = await this.shareFlight(flight, question, subject);
      // The result was valid only for another address: from now on each address has its own look-up.
      if (result.onlyFor !== undefined && result.onlyFor !== question.clientIp) flight = subject.oneName;
      else if (result.kind !== 'superseded') return result;
    }
    throw new AuthServiceError('superseded');
  }

  private shareFlight(flight: string, question: KeyQuestion, subject: CacheSubject): Promise<FlightResult> {
    const existing = this.flights.get(flight);
    if (existing) {
      this.metrics.joins.inc();
      return existing;
    }
    return this.track(flight, this.readCaches(question, subject, { fresh: false }));
  }

  private refresh(question: KeyQuestion, { digest, entry }: KnownKey): void {
    const subject = this.cache.subject(question.key, question.clientIp);
    const flight = entry.addressBound ? subject.oneName : digest;
    if (this.flights.has(flight)) return;
    // A failure is counted and logged where it happens; the next request tries again.
    this.track(flight, this.readCaches(question, subject, { fresh: true })).catch(() => undefined);
  }

  private track(flight: string, flightResult: Promise<FlightResult>): Promise<FlightResult> {
    const tracked = flightResult.finally(() => this.flights.delete(flight));
    this.flights.set(flight, tracked);
    return tracked;
  }

  private async readCaches(
    question: KeyQuestion,
    subject: CacheSubject,
    wanted: { fresh: boolean },
  ): Promise<FlightResult> {
    const found = await this.cache.find(subject, wanted);
    if (found.kind === 'entry') return this.valid(question, subject, found.entry, found.cache);
    if (found.kind === 'refused') return { kind: 'refused', cache: 'negative', onlyFor: question.clientIp };
    const standIn = this.standInAtOnce(subject, found.stale);
    if (standIn) {
      this.askServiceInBackground(question, subject, found);
      return this.valid(question, subject, standIn, 'stale_if_error');
    }
    return found.knownOnce
      ? this.askService(question, subject, found)
      : this.askServiceWithinLimit(question, subject, found);
  }

  /** While calls are failing, a request with usable facts does not wait for the next one to fail. */
  private standInAtOnce({ digest }: CacheSubject, stale: KeyEntry | undefined): KeyEntry | undefined {
    return stale && this.validator.away && this.cache.validity.standsIn(stale, digest) ? stale : undefined;
  }

  /** One call per key: later requests use its answer, and a good answer ends the outage. */
  private askServiceInBackground(
    question: KeyQuestion,
    subject: CacheSubject,
    found: Extract<CacheFinding, { kind: 'unknown' }>,
  ): void {
    const flight = `background:${subject.oneName}`;
    if (this.flights.has(flight)) return;
    this.track(flight, this.askService(question, subject, found)).catch(() => undefined);
  }

  private async askServiceWithinLimit(
    question: KeyQuestion,
    subject: CacheSubject,
    found: Extract<CacheFinding, { kind: 'unknown' }>,
  ): Promise<FlightResult> {
    const { clientIp } = question;
    const result = await this.gate.run(clientIp, () =>
      this.askService({ ...question, neverValid: true }, subject, found),
    );
    return result.kind === 'blocked' ? { ...result, onlyFor: clientIp } : result;
  }

  private async askService(
    question: KeyQuestion,
    subject: CacheSubject,
    { stale, redisUs }: Extract<CacheFinding, { kind: 'unknown' }>,
  ): Promise<FlightResult> {
    const start = this.cache.startCall(redisUs);
    const onlyFor = question.clientIp;
    try {
      const validation = await this.validator.validate(question);
      if (validation.kind === 'valid') {
        const entry = await this.cache.remember(subject, validation, start);
        return entry ? this.valid(question, subject, entry, 'miss') : { kind: 'superseded' };
      }
      this.known.drop(question.key, question.clientIp);
      if (validation.kind === 'forbidden') {
        await this.cache.forget(subject);
        return { kind: 'forbidden', onlyFor };
      }
      const holds = await this.cache.rememberRefusal(subject, start);
      return holds ? { kind: 'refused', cache: 'miss', onlyFor } : { kind: 'superseded' };
    } catch (error) {
      // Checked again, because a tombstone may have come while the call failed.
      if (!stale || !this.cache.validity.standsIn(stale, subject.digest)) throw error;
      return this.valid(question, subject, stale, 'stale_if_error');
    }
  }

  private valid(
    { key, clientIp }: KeyQuestion,
    { digest }: CacheSubject,
    entry: KeyEntry,
    cache: LookupResult,
  ): FlightResult {
    const known = this.known.set(key, clientIp, digest, entry);
    return { kind: 'valid', known, cache, ...(entry.addressBound && { onlyFor: clientIp }) };
  }
}
