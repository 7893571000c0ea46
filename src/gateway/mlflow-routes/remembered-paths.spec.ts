import { parseTarget, type RequestTarget } from '../../lib/http/request-target.js';
import { RememberedPaths } from './remembered-paths.js';

const target = (url: string): RequestTarget => parseTarget(url) as RequestTarget;

let decided: string[];
let paths: RememberedPaths<string>;

beforeEach(() => {
  decided = [];
  paths = new RememberedPaths((method, { path }) => {
    decided.push(`${method} ${path}`);
    return `${method} of ${path}`;
  });
});

describe('what is decided about a path', () => {
  it('is decided once for all queries of the path', () => {
    for (const url of ['/a/b', '/a/b?x=1', '/a/b?y=2'])
      expect(paths.of('GET', target(url))).toBe('GET of /a/b');
    expect(decided).toEqual(['GET /a/b']);
  });

  it('is decided for each method and each spelling', () => {
    expect(paths.of('GET', target('/a/b'))).toBe('GET of /a/b');
    expect(paths.of('POST', target('/a/b'))).toBe('POST of /a/b');
    expect(paths.of('GET', target('/a//b'))).toBe('GET of /a/b');
    expect(paths.of('GET', target('/a/%62'))).toBe('GET of /a/b');
    expect(decided).toHaveLength(4);
  });

  it('stays known while others come and go, and is decided again once 1,000 others were asked since', () => {
    const others = (from: number, count: number): void => {
      for (let i = from; i < from + count; i++) paths.of('GET', target(`/other/${i}`));
    };
    paths.of('GET', target('/a'));
    others(0, 499);
    paths.of('GET', target('/a'));
    expect(decided.filter((one) => one === 'GET /a')).toHaveLength(1);
    others(500, 1001);
    paths.of('GET', target('/a'));
    expect(decided.filter((one) => one === 'GET /a')).toHaveLength(2);
  });

  it('is not kept for paths longer than those of MLflow', () => {
    const long = target(`/${'a'.repeat(300)}`);
    paths.of('GET', long);
    paths.of('GET', long);
    expect(decided).toHaveLength(2);
  });
});
