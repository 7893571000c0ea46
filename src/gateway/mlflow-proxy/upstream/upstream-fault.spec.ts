import { errors } from 'undici';
import {
  classifyFault,
  ClientGoneError,
  ClientStalledError,
  mayRepeat,
  type AttemptState,
  type FaultKind,
} from './upstream-fault.js';

const coded = (code: string): Error => Object.assign(new Error('x'), { code });

describe('classifyFault', () => {
  it.each<[Error, FaultKind, string | undefined]>([
    [coded('ECONNREFUSED'), 'connect', 'mlflow-unreachable'],
    [coded('EHOSTUNREACH'), 'connect', 'mlflow-unreachable'],
    [coded('ENETUNREACH'), 'connect', 'mlflow-unreachable'],
    [coded('ENOTFOUND'), 'dns', 'mlflow-unreachable'],
    [coded('EAI_AGAIN'), 'dns', 'mlflow-unreachable'],
    [coded('CERT_HAS_EXPIRED'), 'tls', 'mlflow-unreachable'],
    [coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'tls', 'mlflow-unreachable'],
    [coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'tls', 'mlflow-unreachable'],
    [coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'tls', 'mlflow-unreachable'],
    [coded('EPROTO'), 'tls', 'mlflow-unreachable'],
    [coded('ECONNRESET'), 'reset', 'mlflow-unreachable'],
    [coded('EPIPE'), 'reset', 'mlflow-unreachable'],
    [new errors.SocketError('other side closed'), 'reset', 'mlflow-unreachable'],
    [coded('HPE_INVALID_CONSTANT'), 'protocol', 'mlflow-unreachable'],
    [new errors.HTTPParserError('unsaid'), 'protocol', 'mlflow-unreachable'],
    [new errors.HeadersOverflowError(), 'protocol', 'mlflow-unreachable'],
    [new errors.ResponseContentLengthMismatchError(), 'protocol', 'mlflow-unreachable'],
    [new errors.ConnectTimeoutError(), 'connect_timeout', 'mlflow-timeout'],
    [coded('ETIMEDOUT'), 'connect_timeout', 'mlflow-timeout'],
    [new errors.HeadersTimeoutError(), 'headers_timeout', 'mlflow-timeout'],
    [new errors.BodyTimeoutError(), 'body_timeout', 'mlflow-timeout'],
    [new errors.RequestContentLengthMismatchError(), 'request_body', 'bad-request'],
    [new errors.InvalidArgumentError(), 'request_invalid', 'bad-request'],
    [new errors.NotSupportedError(), 'request_invalid', 'bad-request'],
    [new ClientStalledError(), 'client_stalled', 'request-timeout'],
    [new ClientGoneError(), 'client_gone', undefined],
    [new errors.ClientDestroyedError(), 'other', 'mlflow-unreachable'],
    [new Error('anything'), 'other', 'mlflow-unreachable'],
  ])('%p is %s and answered with %s', (error, kind, problem) => {
    expect(classifyFault(error)).toMatchObject({ kind, problem });
  });

  it('counts anything but an error as a fault of its own', () => {
    expect(classifyFault(undefined)).toEqual({
      kind: 'other',
      problem: 'mlflow-unreachable',
      code: undefined,
    });
  });
});

describe('mayRepeat', () => {
  const base: AttemptState = {
    method: 'GET',
    hasBody: false,
    sent: true,
    reused: true,
    answered: false,
    attempts: 1,
  };
  it.each<[string, FaultKind, Partial<AttemptState>, boolean]>([
    [
      'a write that found no connection',
      'connect',
      { method: 'POST', hasBody: true, sent: false, reused: false },
      true,
    ],
    ['a read that found no connection', 'connect', { sent: false }, true],
    [
      'a write whose connection broke before it was handed over',
      'reset',
      { method: 'POST', sent: false },
      true,
    ],
    ['a read on a dropped pooled connection', 'reset', {}, true],
    ['a HEAD on a dropped pooled connection', 'reset', { method: 'HEAD' }, true],
    ['a read on a fresh connection', 'reset', { reused: false }, false],
    ['a read with a body', 'reset', { hasBody: true }, false],
    ['a read that was answered in part', 'reset', { answered: true }, false],
    ['a read for the second time', 'reset', { attempts: 2 }, false],
    ['a connection refused twice', 'connect', { sent: false, attempts: 2 }, false],
    ['a sent write', 'reset', { method: 'POST' }, false],
    ['a sent write with a body', 'reset', { method: 'PUT', hasBody: true }, false],
    ['a sent DELETE', 'reset', { method: 'DELETE' }, false],
    ['a slow connection', 'connect_timeout', { sent: false }, false],
    ['a slow answer', 'headers_timeout', {}, false],
    ['a broken answer', 'protocol', {}, false],
    ['a client that left', 'client_gone', { sent: false }, false],
  ])('%s', (_title, kind, state, expected) => {
    expect(mayRepeat(kind, { ...base, ...state })).toBe(expected);
  });
});
