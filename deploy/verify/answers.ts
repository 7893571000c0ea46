/** What a deployment must answer from outside, whatever stands in front of the gateway. */
export interface AnswerCheck {
  readonly title: string;
  /** @returns what is wrong and what to do, or undefined */
  run(url: string, apiKey: string): Promise<string | undefined>;
}

const SEARCH = '/api/mlflow/api/2.0/mlflow/experiments/search?max_results=1';
const TIMEOUT_MS = 10_000;
/** They tell of the programs and their versions. */
const TELLTALE = ['x-powered-by', 'x-aspnet-version'];

const ask = (url: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });

export const ANSWER_CHECKS: readonly AnswerCheck[] = [
  {
    title: '/health answers 200 without a key',
    async run(url) {
      const { status } = await ask(`${url}/health`);
      return status === 200 ? undefined : `it answers ${status}: forward /health to the gateway`;
    },
  },
  {
    title: 'MLflow is refused without a key, with a challenge',
    async run(url) {
      const answer = await ask(url + SEARCH);
      if (answer.status !== 401) return `it answers ${answer.status}: does the address lead to the gateway?`;
      return answer.headers.has('www-authenticate')
        ? undefined
        : 'WWW-Authenticate is missing: something in front takes it away';
    },
  },
  {
    title: 'MLflow answers with a key, and the answer names request and limits',
    async run(url, apiKey) {
      const { status, headers } = await ask(url + SEARCH, { authorization: `Bearer ${apiKey}` });
      if (status !== 200) return `it answers ${status}: "hokusai verify" says why`;
      for (const name of ['x-request-id', 'ratelimit', 'ratelimit-policy'])
        if (!headers.has(name)) return `${name} is missing: something in front takes it away`;
      const shown = TELLTALE.filter((name) => headers.has(name));
      return shown.length === 0
        ? undefined
        : `${shown.join(', ')} tells of the programs behind: take it away`;
    },
  },
  {
    title: '/metrics, /internal and /health/detailed cannot be reached from outside',
    async run(url) {
      for (const path of ['/metrics', '/internal/keys/invalidate', '/health/detailed']) {
        const { status } = await ask(url + path);
        if (![401, 403, 404, 405].includes(status)) return `${path} answers ${status}: do not forward it`;
      }
      return undefined;
    },
  },
  {
    title: 'plain HTTP leads to HTTPS, and forwards nothing',
    async run(url) {
      if (!url.startsWith('https:')) return undefined;
      const plain = new URL(url.replace(/^https/, 'http'));
      if (plain.port !== '') return undefined;
      const status = await ask(plain.href).then(
        (answer) => answer.status,
        () => 0,
      );
      return status === 0 || (status >= 300 && status < 500)
        ? undefined
        : `http:// answers ${status}: redirect it to https://`;
    },
  },
];
