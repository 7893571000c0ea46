import type { FileInfoMessage } from '../mlflow/generated/run.types.js';
import type { FetchInit } from '../http/transport.types.js';
import { missing } from './mock-fault.js';
import type { MockStore } from './mock-store.js';

export const MOCK_ARTIFACTS_PATH = '/api/2.0/mlflow-artifacts/artifacts';

/** The artifact proxy of the in-memory MLflow. */
export async function answerArtifacts(
  store: MockStore,
  url: URL,
  path: string,
  init: FetchInit,
): Promise<Response> {
  const name = decodeURIComponent(path.slice(MOCK_ARTIFACTS_PATH.length).replace(/^\/+/, ''));
  if (name === '') return Response.json({ files: listFiles(store, '', url.searchParams.get('path') ?? '') });
  switch (init.method) {
    case 'PUT':
      store.files.set(name, {
        bytes: new Uint8Array(await new Response(init.body ?? '').arrayBuffer()),
        contentType: 'application/octet-stream',
      });
      return Response.json({});
    case 'DELETE':
      for (const one of store.files.keys())
        if (one === name || one.startsWith(`${name}/`)) store.files.delete(one);
      return Response.json({});
    default: {
      const file = store.files.get(name);
      if (!file) throw missing(name);
      return new Response(file.bytes, {
        headers: { 'content-type': file.contentType, 'content-length': String(file.bytes.byteLength) },
      });
    }
  }
}

/** What lies directly under a folder, sorted; paths are from that folder. */
export function listFiles(store: MockStore, root: string, folder: string): FileInfoMessage[] {
  const parts = [root, folder].filter((part) => part !== '');
  const prefix = parts.length === 0 ? '' : `${parts.join('/')}/`;
  const found = new Map<string, FileInfoMessage>();
  for (const [path, file] of store.files) {
    if (!path.startsWith(prefix)) continue;
    const [first = '', ...deeper] = path.slice(prefix.length).split('/');
    found.set(
      first,
      deeper.length > 0
        ? { path: first, is_dir: true }
        : { path: first, is_dir: false, file_size: file.bytes.byteLength },
    );
  }
  return [...found.values()].sort((a, b) => ((a.path ?? '') < (b.path ?? '') ? -1 : 1));
}
