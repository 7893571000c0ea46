/** Processes end with the first of them, and mounts are nobody else's. */
const NAMESPACES = [
  ...['--pid', '--fork', '--kill-child', '--mount', '--mount-proc', '--propagation', 'private'],
];
/** Folders that engines and a kubelet write to whatever their settings say. */
const WRITTEN = ['/opt', '/run', '/var/lib', '/var/log'];
/** What is written there goes to a folder of the run. The rest is as it is, so that every program is still found. */
const KEEP_WRITES_HERE = `
set -e
for path in ${WRITTEN.join(' ')}; do
  mkdir -p "$0/written$path/upper" "$0/written$path/work"
  mount -t overlay overlay -o "lowerdir=$path,upperdir=$0/written$path/upper,workdir=$0/written$path/work" "$path"
done
exec "$@"`;

/**
 * A command that runs another one in namespaces of its own: processes, mounts and control groups end with it, and what it writes
 * outside `folder` is in there.
 *
 * @param network whether it has a network namespace, too, in which nothing is up
 */
export function inNamespaces(
  folder: string,
  command: readonly string[],
  network: boolean,
): [command: string, ...args: string[]] {
  return [
    'unshare',
    ...(network ? ['--net'] : []),
    ...NAMESPACES,
    ...['sh', '-c', KEEP_WRITES_HERE, folder],
    ...command,
  ];
}
