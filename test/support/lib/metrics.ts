/** The text of `/metrics` of a running server. */
export async function metricsOf({ url }: { readonly url: string }): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}

/** Value of a series of a running server, such as `redis_up` or `calls_total{outcome="valid"}`; 0 before its first. */
export async function metricOf(server: { readonly url: string }, series: string): Promise<number> {
  const line = (await metricsOf(server)).split('\n').find((text) => text.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 0);
}
