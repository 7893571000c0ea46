import type { Registry } from 'prom-client';

/** The values of a metric now by one of its labels, `''` if there is none; empty if there is no such metric. */
export async function valuesOf(registry: Registry, name: string, label = ''): Promise<Map<string, number>> {
  const found = await registry.getSingleMetric(name)?.get();
  return new Map(
    (found?.values ?? []).map(({ labels, value }) => [
      String((labels as Record<string, string | number | undefined>)[label] ?? ''),
      value,
    ]),
  );
}
