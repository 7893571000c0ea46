import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, startProgram, type ChildProgram } from '../../test/support/programs/child-program.ts';
import { eventually } from '../../test/support/lib/eventually.ts';
import { PAUSE_IMAGE } from './images.ts';

/** Of the node, on a device that leads nowhere: an address of the cluster may not be a loopback one. */
export const NODE_ADDRESS = '10.123.0.1';
const API = 'https://127.0.0.1:26443';
const ETCD = 'http://127.0.0.1:23790';
/** Good in this network namespace alone, for as long as it lasts. */
const TOKEN = 'administrator-of-the-cluster';
const READY_TIMEOUT_MS = 180_000;

export interface Cluster {
  /** Runs `kubectl` and returns what it said. */
  kubectl(args: readonly string[], options?: { timeoutMs?: number; input?: string }): Promise<string>;
  readonly kubeconfig: string;
  /** Gives the node the images of an archive as Docker writes it. */
  load(archive: string): Promise<void>;
}

/**
 * Starts a Kubernetes of one node. Its network is that of the calling process, which must have one of its own; what it starts
 * ends with the process namespace.
 *
 * @param programs folder with the programs of Kubernetes
 * @param kubectl the command
 */
export async function startCluster(folder: string, programs: string, kubectl: string): Promise<Cluster> {
  const path = (name: string): string => join(folder, name);
  const kubeconfig = path('kubeconfig');
  for (const name of ['cni', 'logs', 'run']) mkdirSync(path(name), { recursive: true });
  for (const [name, content] of Object.entries(filesOf(folder))) writeFileSync(path(name), content);
  await makeNetwork();
  await runProgram('openssl', ['genrsa', '-out', path('accounts.key'), '2048']);
  await runProgram('openssl', ['rsa', '-in', path('accounts.key'), '-pubout', '-out', path('accounts.pub')]);

  const start = (command: string, args: readonly string[]): ChildProgram =>
    startProgram(command, args, { logFile: path(`logs/${command.split('/').at(-1) ?? ''}`) });
  const kubernetes = (name: string, ...args: string[]): ChildProgram => start(join(programs, name), args);
  const cluster: Cluster = {
    kubeconfig,
    kubectl: (args, options = {}) =>
      runProgram(kubectl, ['--kubeconfig', kubeconfig, ...args], { timeoutMs: 60_000, ...options }),
    async load(archive) {
      const args = ['-a', path('run/containerd.sock'), '-n', 'k8s.io', 'images', 'import', archive];
      await runProgram('ctr', args, { timeoutMs: 300_000 });
    },
  };

  start('etcd', [
    ...['--data-dir', path('etcd'), '--unsafe-no-fsync'],
    ...['--listen-client-urls', ETCD, '--advertise-client-urls', ETCD],
    ...['--listen-peer-urls', 'http://127.0.0.1:23800'],
  ]);
  const server = kubernetes(
    'kube-apiserver',
    ...[
      `--etcd-servers=${ETCD}`,
      `--token-auth-file=${path('tokens.csv')}`,
      '--authorization-mode=RBAC,Node',
    ],
    ...['--bind-address=127.0.0.1', '--secure-port=26443', `--advertise-address=${NODE_ADDRESS}`],
    // Nobody resolves the name of the node.
    '--kubelet-preferred-address-types=InternalIP',
    ...[`--cert-dir=${path('certificates')}`, '--service-cluster-ip-range=10.96.0.0/16'],
    ...[`--service-account-key-file=${path('accounts.pub')}`, '--service-account-issuer=https://cluster'],
    `--service-account-signing-key-file=${path('accounts.key')}`,
  );
  start('containerd', ['-c', path('containerd.toml')]);
  const isReady = (): Promise<boolean> =>
    cluster.kubectl(['get', '--raw', '/readyz']).then(
      () => true,
      () => false,
    );
  await eventually(isReady, {
    what: 'the API server',
    program: server,
    timeoutMs: READY_TIMEOUT_MS,
    intervalMs: 500,
  });
  const alone = [`--kubeconfig=${kubeconfig}`, '--leader-elect=false', '--secure-port=0'];
  kubernetes(
    'kube-controller-manager',
    ...alone,
    `--service-account-private-key-file=${path('accounts.key')}`,
  );
  kubernetes('kube-scheduler', ...alone);
  const kubelet = kubernetes(
    'kubelet',
    ...[`--config=${path('kubelet.yml')}`, `--kubeconfig=${kubeconfig}`, '--hostname-override=node'],
    ...[`--root-dir=${path('kubelet')}`, `--cert-dir=${path('kubelet/pki')}`, `--node-ip=${NODE_ADDRESS}`],
  );
  kubernetes('kube-proxy', `--config=${path('proxy.yml')}`);
  const nodeIsReady = async (): Promise<boolean> => / Ready /.test(await cluster.kubectl(['get', 'nodes']));
  await eventually(nodeIsReady, {
    what: 'the node',
    program: kubelet,
    timeoutMs: READY_TIMEOUT_MS,
    intervalMs: 500,
  });
  return cluster;
}

async function makeNetwork(): Promise<void> {
  const ip = (words: string): Promise<string> => runProgram('ip', words.split(' '));
  await ip('link set lo up');
  await ip('link add node type bridge');
  await ip(`address add ${NODE_ADDRESS}/24 dev node`);
  await ip('link set node up');
  // Kubernetes wants a way out, and there is nobody behind it.
  await ip('route add default via 10.123.0.254 dev node');
}

/** JSON is YAML, too. */
function filesOf(folder: string): Record<string, string> {
  const kubeconfig = join(folder, 'kubeconfig');
  const socket = join(folder, 'run/containerd.sock');
  const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
  return {
    'tokens.csv': `${TOKEN},admin,admin,system:masters\n`,
    'resolv.conf': `nameserver ${NODE_ADDRESS}\n`,
    kubeconfig: json({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'one', cluster: { server: API, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'admin', user: { token: TOKEN } }],
      contexts: [{ name: 'one', context: { cluster: 'one', user: 'admin' } }],
      'current-context': 'one',
    }),
    'cni/pods.conflist': json({
      cniVersion: '0.4.0',
      name: 'pods',
      plugins: [
        {
          type: 'bridge',
          bridge: 'pods0',
          isGateway: true,
          // A pod may reach itself through a Service.
          hairpinMode: true,
          ipam: {
            type: 'host-local',
            dataDir: join(folder, 'run/addresses'),
            ranges: [[{ subnet: '10.244.0.0/24' }]],
            routes: [{ dst: '0.0.0.0/0' }],
          },
        },
      ],
    }),
    'kubelet.yml': json({
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      address: NODE_ADDRESS,
      port: 22250,
      healthzPort: 0,
      cgroupDriver: 'cgroupfs',
      failCgroupV1: false,
      failSwapOn: false,
      enforceNodeAllocatable: [],
      localStorageCapacityIsolation: false,
      oomScoreAdj: 0,
      authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
      authorization: { mode: 'AlwaysAllow' },
      containerRuntimeEndpoint: `unix://${socket}`,
      clusterDNS: [NODE_ADDRESS],
      clusterDomain: 'cluster.local',
      resolvConf: join(folder, 'resolv.conf'),
      evictionHard: { 'nodefs.available': '1%', 'imagefs.available': '1%', 'memory.available': '10Mi' },
    }),
    'proxy.yml': json({
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      mode: 'iptables',
      clientConnection: { kubeconfig },
      hostnameOverride: 'node',
      clusterCIDR: '10.244.0.0/16',
      conntrack: { maxPerCore: 0 },
      // Load goes to a port of the node on loopback.
      nodePortAddresses: ['127.0.0.0/8'],
    }),
    'containerd.toml': `version = 2
root = "${folder}/containerd"
state = "${folder}/run/containerd"
[grpc]
address = "${socket}"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "${PAUSE_IMAGE}"
restrict_oom_score_adj = true
disable_apparmor = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "${folder}/cni"
`,
  };
}
