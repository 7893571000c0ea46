import type { ServerResponse } from 'node:http';

const OWN = Symbol('own headers');
interface Holder {
  [OWN]?: string[];
}

/**
 * Adds a header to the answer, whichever part writes it. Unlike `setHeader` it allows a head that is written from one
 * flat list, as for proxied answers: Node is slow when it has to merge both kinds.
 *
 * Hot path: docs/decisions/0020-answers-leave-together.md.
 */
export function addOwnHeader(response: ServerResponse, name: string, value: string): void {
  const own = (response as Holder)[OWN];
  if (own) own.push(name, value);
  else response.setHeader(name, value);
}

/** The value of a header that `addOwnHeader` added, as long as the head is not written. */
export function ownHeader(response: ServerResponse, name: string): string | undefined {
  const own = (response as Holder)[OWN];
  if (!own) return undefined;
  const at = own.findIndex((part, index) => index % 2 === 0 && part === name);
  return at === -1 ? undefined : own[at + 1];
}

/** Prepares a response of a class whose `writeHead` calls `withOwnHeaders`. */
export function startOwnHeaders(response: ServerResponse, first: string[]): void {
  (response as Holder)[OWN] = first;
}

/**
 * The headers for `writeHead`: a flat list gains the own ones, in place; where headers were set one by one, the own
 * ones are set beside them unless the writer has set the same.
 */
export function withOwnHeaders<T>(response: ServerResponse, headers: T): T {
  const own = (response as Holder)[OWN];
  if (own === undefined) return headers;
  (response as Holder)[OWN] = undefined;
  if (Array.isArray(headers) && response.getHeaderNames().length === 0) {
    for (const part of own) headers.push(part);
    return headers;
  }
  for (let i = 0; i < own.length; i += 2)
    if (!response.hasHeader(own[i] as string)) response.setHeader(own[i] as string, own[i + 1] as string);
  return headers;
}
