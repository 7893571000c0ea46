/** The part of a V8 CPU profile that is read here. */
export interface CpuProfile {
  nodes: readonly {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
  }[];
  samples: readonly number[];
  /** µs before each sample. */
  timeDeltas: readonly number[];
}

export interface SelfTime {
  /** Function and place, as a person looks for it. */
  name: string;
  ms: number;
  /** Of the time that was not idle. */
  share: number;
}

/** Self time by function, or by any other name of a node; idle time counts for nothing. */
export function selfTimes(
  profile: CpuProfile,
  nameOf: (frame: CpuProfile['nodes'][number]['callFrame']) => string = placeOf,
): SelfTime[] {
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map<string, number>();
  let busy = 0;
  profile.samples.forEach((id, index) => {
    const frame = names.get(id);
    if (!frame || frame.functionName === '(idle)') return;
    const ms = (profile.timeDeltas[index] ?? 0) / 1000;
    busy += ms;
    const name = nameOf(frame);
    times.set(name, (times.get(name) ?? 0) + ms);
  });
  return [...times].map(([name, ms]) => ({ name, ms, share: ms / busy })).sort((a, b) => b.ms - a.ms);
}

export function placeOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === '' ? name : `${name}  ${shortUrl(url)}:${lineNumber + 1}`;
}

/** The npm package, the room of our own code, or Node itself. */
export function packageOf({ functionName, url }: CpuProfile['nodes'][number]['callFrame']): string {
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)';
  const path = shortUrl(url);
  if (path.startsWith('node:')) return path.split('/').slice(0, 2).join('/').replace(/:\d+$/, '');
  return path
    .split('/')
    .slice(0, path.startsWith('@') || path.startsWith('dist/') ? 3 : 1)
    .join('/');
}

/** Another build of ours may lie in a folder of another name, such as `dist-before`. */
function shortUrl(url: string): string {
  return url
    .replace(/^file:\/\//, '')
    .replace(/^.*\/node_modules\//, '')
    .replace(/^\/.*\/dist[^/]*\//, 'dist/');
}
