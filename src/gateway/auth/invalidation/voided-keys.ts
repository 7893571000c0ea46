import { Injectable } from '@nestjs/common';
import { KeyStanding } from '../../principal/key-standing.js';
import { subjectOfDigest, subjectOfId, type Subject } from './tombstones.js';

/** Thousands of tombstones can come at once, and each round checks all requests under way. */
const COLLECT_MS = 20;

/** Reports which keys have new tombstones to the parts that serve requests, many keys at a time. */
@Injectable()
export class VoidedKeys {
  private collected = new Set<Subject>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly standing: KeyStanding) {}

  readonly add = (subject: Subject): void => {
    this.collected.add(subject);
    this.standing.announce();
    this.timer ??= setTimeout(this.tell, COLLECT_MS).unref();
  };

  private readonly tell = (): void => {
    const subjects = this.collected;
    this.collected = new Set();
    this.timer = undefined;
    this.standing.voided(
      ({ facts: { keyId }, subject }) =>
        subjects.has(subjectOfDigest(digestOf(subject))) ||
        (keyId !== null && subjects.has(subjectOfId(keyId))),
    );
  };
}

/** A principal with a key is known by `key:` and its digest. */
function digestOf(subject: string): string {
  return subject.slice(subject.indexOf(':') + 1);
}
