import { GOOD_KEY } from '../parts/backend.ts';

/** What a peer is given to stand in front of. */
export interface PeerContext {
  readonly upstreamUrl: string;
  readonly authUrl: string;
  readonly redisUrl?: string | undefined;
}

export interface RunningPeer {
  /** Its own address; the upstream lies under `MOUNT`. */
  readonly url: string;
  readonly pid: number;
  /** Where the upstream lies, if not under `MOUNT`. */
  readonly mount?: string;
  /** What a request needs to get in, where that is known only once the peer runs. */
  readonly headers?: Readonly<Record<string, string>>;
  stop(): Promise<unknown>;
}

/** One way to put keys in front of MLflow, as somebody would really set it up. */
export interface Peer {
  readonly name: string;
  /** For tables. */
  readonly label: string;
  /** What it does on each of the measured requests, and what it cannot. */
  readonly about: string;
  /** Programs without which it cannot run: names on the PATH or absolute paths. */
  readonly needs: readonly string[];
  /** Whether it needs Redis. */
  readonly redis?: boolean;
  /** Whether it refuses a bad key. */
  readonly checksKeys: boolean;
  /** What a request needs to get in; the key as a bearer unless given. */
  readonly headers?: Readonly<Record<string, string>>;
  start(context: PeerContext): Promise<RunningPeer>;
}

/** Where every peer mounts the upstream. */
export const MOUNT = '/api/mlflow';
/** The measured request: MLflow's own most frequent read. */
export const REQUEST_PATH = '/api/2.0/mlflow/experiments/search?max_results=1';

export const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

export const headersOf = (peer: Peer, running?: RunningPeer): Record<string, string> => ({
  ...(running?.headers ?? peer.headers ?? bearer(GOOD_KEY)),
});

/** Address of the measured request at a peer. */
export const requestUrl = ({ url, mount }: RunningPeer): string => url + (mount ?? MOUNT) + REQUEST_PATH;

/** `127.0.0.1:port` of a URL, as most configurations want it. */
export const hostOf = (url: string): string => new URL(url).host;
