const END_OF_LOG = 2000;

/** How the log of an engine tells what it lacks, and what helps. The first that matches counts. */
const CAUSES: readonly [sign: RegExp, cause: string][] = [
  [
    /^mount: .*overlay|initializing graphdriver|mounting an overlay|failed to mount overlay/im,
    'It may not mount overlay file systems there. Its folder is on one itself, or the rights to mount are missing: set TMPDIR to a folder on ext4, xfs or tmpfs, and run as root with CAP_SYS_ADMIN.',
  ],
  [/iptables not found/i, 'It needs the program iptables: install the package iptables.'],
  [
    /NAT chain|iptables failed/i,
    'It cannot make rules of the packet filter. CAP_NET_ADMIN is missing, or the kernel has no tables for address translation: load them by `modprobe iptable_nat` or `modprobe nft_chain_nat`.',
  ],
  [
    /cgroup/i,
    'It finds no control groups that it may use: mount them below /sys/fs/cgroup, writable; in a container, that is --privileged.',
  ],
  [/rlimit/i, 'It may not set as many open files as containers ask for: raise `ulimit -Hn`.'],
  [/no space left/i, 'The disk is full: the run needs 4 GB in TMPDIR and 2 GB in .cache.'],
  [
    /operation not permitted|permission denied/i,
    'A right is missing: run as root; in a container, with --privileged.',
  ],
];

/**
 * Why a container engine does not work here, for people: its own last words, the likely cause, and what helps.
 *
 * @param log of the engine, or what a client was told
 */
export function explainEngineFailure(log: string): string {
  // What is in lines with a time is said at every start.
  const lastWords = log.replace(/^time=.*$/gm, '');
  const cause = CAUSES.find(([sign]) => sign.test(lastWords))?.[1];
  return [
    'dockerd does not work on this machine.',
    cause ?? 'The cause is none that this run knows; its own words follow.',
    `What it said at the end:\n${log.slice(-END_OF_LOG).trim()}`,
  ].join('\n');
}
