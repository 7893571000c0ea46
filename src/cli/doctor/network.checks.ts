import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { fail, pass, skip, warn, type Check, type Finding } from '../checks/check.js';
import { ProbeError } from '../checks/http-probe.js';
import type { FaultName } from '../checks/faults.js';
import { DAY_MS } from '../io/durations.js';
import { at, hostOf, type DoctorContext, type Target } from './doctor-context.js';

const CERTIFICATE_WARNING_DAYS = 21;
/** `Date` has whole seconds and the answer takes some time, so smaller differences cannot be measured. */
const SKEW_NOTICEABLE_MS = 3000;
/** Above this, expiry times of keys and rate-limit resets are visibly wrong. */
const SKEW_HARMFUL_MS = 30_000;

/** DNS, TLS and clock of one service, where they apply to its URL. */
export function networkChecks(target: Target): Check<DoctorContext>[] {
  const secure = target.url.protocol === 'https:' || target.url.protocol === 'rediss:';
  return [
    dnsCheck(target),
    ...(secure ? [tlsCheck(target)] : []),
    ...(target.name === 'redis' ? [] : [clockCheck(target)]),
  ];
}

function dnsCheck({ name, title, url }: Target): Check<DoctorContext> {
  return {
    name: `${name}-dns`,
    title: `${title}: DNS`,
    async run() {
      const host = hostOf(url);
      const expected = `addresses for ${host}`;
      if (isIP(host)) return skip(`${host} is an address itself`, expected);
      try {
        const addresses = await lookup(host, { all: true });
        return pass(addresses.map(({ address }) => address).join(', '), expected);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        return fail(
          'dns-failing',
          `${host}: ${code}`,
          expected,
          'Check the name, and the resolver of this machine.',
        );
      }
    },
  };
}

function tlsCheck({ name, title, url }: Target): Check<DoctorContext> {
  return {
    name: `${name}-tls`,
    title: `${title}: TLS`,
    async run({ timeoutMs }) {
      const host = hostOf(url);
      const expected = `a trusted certificate for ${host}, valid for more than ${CERTIFICATE_WARNING_DAYS} days`;
      const port = Number(url.port || (url.protocol === 'rediss:' ? 6379 : 443));
      try {
        const { problem, protocol, certificate } = await handshake(host, port, timeoutMs);
        return judgeCertificate(problem, protocol, certificate, expected);
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        return fail('tls-failing', code ?? message, expected, 'Check that the port speaks TLS.');
      }
    },
  };
}

interface Handshake {
  problem: string | undefined;
  protocol: string;
  certificate: DetailedPeerCertificate;
}

function handshake(host: string, port: number, timeoutMs: number): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    const servername = isIP(host) ? {} : { servername: host };
    // The certificate is read even if it is not trusted; nothing is sent over this connection.
    const socket: TLSSocket = connect({ host, port, ...servername, rejectUnauthorized: false }, () => {
      const problem = socket.authorized ? undefined : String(socket.authorizationError);
      resolve({
        problem,
        protocol: socket.getProtocol() ?? 'unknown',
        certificate: socket.getPeerCertificate(true),
      });
      socket.destroy();
    });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no handshake within ${timeoutMs} ms`)));
    socket.on('error', reject);
  });
}

function judgeCertificate(
  problem: string | undefined,
  protocol: string,
  certificate: DetailedPeerCertificate,
  expected: string,
): Finding {
  const days = Math.floor((Date.parse(certificate.valid_to) - Date.now()) / DAY_MS);
  const seen = `${protocol}, ends in ${days} days (${certificate.valid_to})`;
  if (problem !== undefined)
    return fail(
      'tls-failing',
      `${problem}; ${seen}`,
      expected,
      'Install a certificate for this name, or tell clients of your own authority by NODE_EXTRA_CA_CERTS and ' +
        'REQUESTS_CA_BUNDLE.',
    );
  return days < CERTIFICATE_WARNING_DAYS
    ? warn(seen, expected, 'Renew the certificate.', 'tls-failing')
    : pass(seen, expected);
}

const REACH: Readonly<Record<Exclude<Target['name'], 'redis'>, readonly [FaultName, string]>> = {
  gateway: ['gateway-unreachable', 'Check MLFLOW_TRACKING_URI and that the gateway runs.'],
  'auth-service': [
    'auth-service-unreachable',
    'Check HOKUSAI_AUTH_SERVICE_URL and that the auth service runs.',
  ],
  mlflow: ['mlflow-unreachable', 'Check MLFLOW_SERVER_URL and that MLflow runs.'],
};

/** Whether it answers, and how far its clock is from this one. */
function clockCheck(target: Target): Check<DoctorContext> {
  return {
    name: `${target.name}-clock`,
    title: `${target.title}: connection and clock`,
    async run({ probe }) {
      const expected = `an answer, its clock within ${SKEW_NOTICEABLE_MS / 1000} s of this one`;
      try {
        const sentMs = Date.now();
        const answer = await probe.send(at(target, target.probePath));
        const dateMs = Date.parse(answer.headers.date ?? '');
        if (Number.isNaN(dateMs)) return pass(`${answer.status}, without a Date`, expected);
        // `Date` is rounded down to the second, so the middle of that second is the best estimate.
        return judgeSkew(dateMs + 500 - (sentMs + answer.durationMs / 2), String(answer.status), expected);
      } catch (error) {
        if (!(error instanceof ProbeError)) throw error;
        const [fault, todo] = REACH[target.name as keyof typeof REACH];
        return fail(fault, error.message, expected, todo);
      }
    },
  };
}

/** @param skewMs positive where the other clock is ahead */
export function judgeSkew(skewMs: number, what: string, expected: string): Finding {
  const seconds = (Math.abs(skewMs) / 1000).toFixed(1);
  const seen = `${what}, clock ${seconds} s ${skewMs < 0 ? 'behind' : 'ahead'}`;
  const todo = 'Let both machines take their time from NTP: expiry of keys and rate limits depend on it.';
  if (Math.abs(skewMs) > SKEW_HARMFUL_MS) return fail('clock-skew', seen, expected, todo);
  return Math.abs(skewMs) > SKEW_NOTICEABLE_MS
    ? warn(seen, expected, todo, 'clock-skew')
    : pass(seen, expected);
}
