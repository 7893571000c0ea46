import { explainEngineFailure } from '../../../deploy/engine/engine-failure.js';

/** The last words of dockerd 20.10 on machines that lack one thing each. */
const LAST_WORDS: readonly [lacking: string, words: string, helps: RegExp][] = [
  [
    'a file system that carries overlay mounts',
    'failed to start daemon: error initializing graphdriver: driver not supported',
    /set TMPDIR to a folder on ext4/,
  ],
  [
    'control groups',
    "failed to start daemon: Devices cgroup isn't mounted",
    /mount them below \/sys\/fs\/cgroup/,
  ],
  [
    'iptables',
    'failed to start daemon: Error initializing network controller: error obtaining controller instance: failed to create NAT chain DOCKER: Iptables not found',
    /install the package iptables/,
  ],
  [
    'the right to change networks',
    'failed to start daemon: Error initializing network controller: error obtaining controller instance: failed to create NAT chain DOCKER: iptables failed: iptables -t nat -N DOCKER: iptables v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)\n (exit status 4)',
    /CAP_NET_ADMIN is missing/,
  ],
  [
    'open files',
    'OCI runtime create failed: runc create failed: unable to start container process: error during container init: error setting rlimits for ready process: error setting rlimit type 7: operation not permitted: unknown.',
    /raise `ulimit -Hn`/,
  ],
];

describe('a container engine that does not start', () => {
  it.each(LAST_WORDS)('without %s it is said why and what helps, beside its own words', (_, words, helps) => {
    const said = explainEngineFailure(
      `time="…" level=info msg="Starting up, cgroup overlay rlimit"\n${words}\n`,
    );
    expect(said).toMatch(helps);
    expect(said).toContain(words);
  });

  it('an unknown cause is not guessed at, and a long log is cut at its beginning', () => {
    const said = explainEngineFailure(`${'x'.repeat(10_000)}\nfailed to start daemon: something new`);
    expect(said).toMatch(/none that this run knows/);
    expect(said).toMatch(/x\nfailed to start daemon: something new$/);
    expect(said.length).toBeLessThan(2500);
  });
});
