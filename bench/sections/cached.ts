import { figure } from '../lib/readme.ts';
import { median } from '../lib/stats.ts';
import { PEERS } from '../peers/all.ts';
import { gatewaySession, gatewaySessionsOn, gatewayTwin } from '../peers/gateway/peer.ts';
import { byName, interleave, measuredRows, rateRatio } from './rounds.ts';
import { startPeers } from './running-peers.ts';
import type { BenchOptions, Figure, Section, SectionResult } from './section.ts';

/** The gateway with something more is measured in sections of its own. */
const inOwnSection = (name: string): boolean => name.startsWith('gateway-');

async function measure(names: readonly string[] | undefined, options: BenchOptions): Promise<SectionResult> {
  const wanted = PEERS.filter(
    ({ name }) =>
      (names ? names.includes(name) : !inOwnSection(name)) &&
      (options.peers.length === 0 || options.peers.includes(name)),
  );
  const peers = await startPeers(wanted);
  try {
    const measured = await interleave(peers.targets, options);
    const over = (one: string, other: string, what: string, atLeast?: number): Figure[] => {
      const value = rateRatio(byName(measured, one), byName(measured, other));
      if (Number.isNaN(value)) return [];
      return [{ what, value, shown: figure(value), ...(atLeast !== undefined && { goal: { atLeast } }) }];
    };
    return {
      figures: [
        ...over('gateway', 'nginx', 'requests/s over nginx, cached key, everything on', 0.4),
        ...over('gateway-redis', 'nginx', 'requests/s over nginx, limits shared through Redis', 0.3),
        ...over(
          'nginx-authz',
          'nginx',
          'requests/s of nginx with decisions of this gateway over nginx with its own',
          0.85,
        ),
        ...over('gateway', 'caddy', 'requests/s over Caddy `forward_auth`', 4),
        ...over('gateway', 'fastapi', 'requests/s over FastAPI + httpx + Redis', 40),
        ...over('gateway', 'fastapi-shared', 'requests/s over the same with one httpx client', 40),
        ...over('gateway', 'haproxy', 'requests/s over HAProxy, which checks less'),
        ...over('gateway', 'node-undici', 'requests/s over Node and undici alone'),
        ...over('gateway', 'plain-hpm', 'requests/s over plain http-proxy-middleware'),
      ],
      details: measuredRows(measured, 'nginx'),
      notes: [...wanted.map(({ label, about }) => `${label}: ${about}`), ...peers.absent],
    };
  } finally {
    await peers.stop();
  }
}

export const cached: Section = {
  name: 'cached',
  title: 'Requests a second with a cached key',
  run: (options) => measure(undefined, options),
};

export const redis: Section = {
  name: 'redis',
  title: 'The same with limits shared through Redis',
  run: (options) => measure(['gateway-redis', 'nginx'], options),
};

/** What a session costs, and what a key in a header costs more where sessions are possible. */
async function measureSession(options: BenchOptions): Promise<SectionResult> {
  const compared = [gatewaySession, gatewaySessionsOn, gatewayTwin];
  const names = ['gateway', ...compared.map(({ name }) => name)];
  const peers = await startPeers([...PEERS.filter(({ name }) => names.includes(name)), gatewayTwin]);
  try {
    const measured = await interleave(peers.targets, options);
    const [key, session, sessionsOn, twin] = names.map((name) => byName(measured, name));
    const notes = [...compared.map(({ label, about }) => `${label}: ${about}`), ...peers.absent];
    if (!key || !session || !sessionsOn || !twin)
      return { figures: [], details: measuredRows(measured, 'gateway'), notes };
    const cpuOver = (one: typeof key): number =>
      median(one.cpuUs.map((us, round) => us - (key.cpuUs[round] as number)));
    const [ofSession, ofKey, ofTwin] = [cpuOver(session), cpuOver(sessionsOn), cpuOver(twin)];
    const onePercent = median(key.cpuUs) / 100;
    return {
      figures: [
        {
          what: 'CPU µs of a session over those of a key in a header',
          value: ofSession,
          shown: figure(ofSession),
          goal: { atMost: 5 },
        },
        {
          what: 'CPU µs of a key in a header with sessions on, over those without',
          value: ofKey,
          shown: figure(ofKey),
          goal: { atMost: Number(figure(onePercent)) },
        },
        {
          what: 'the same of two equal gateways, without sessions: what the figure above cannot tell from chance',
          value: ofTwin,
          shown: figure(ofTwin),
        },
      ],
      details: measuredRows(measured, 'gateway'),
      notes,
    };
  } finally {
    await peers.stop();
  }
}

export const session: Section = {
  name: 'session',
  title: "A browser's session with a cached key",
  run: measureSession,
};
