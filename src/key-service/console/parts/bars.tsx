const WIDTH = 4;
const HEIGHT = 24;

/** Requests hour by hour as a row of bars; one path, because a list has many of them. */
export function Bars({ points }: { points: readonly number[] | undefined }) {
  const requests = points?.reduce((sum, one) => sum + one, 0) ?? 0;
  if (!points || requests === 0) return <span class="hint">none</span>;
  const highest = Math.max(...points);
  const path = points.map((count, index) => (count === 0 ? '' : bar(index, count / highest))).join('');
  return (
    <svg
      class="bars"
      viewBox={`0 0 ${points.length * WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${requests} requests in ${points.length} hours`}
    >
      <path d={path} />
    </svg>
  );
}

/** At least one unit high, so that a single request is visible next to thousands. */
function bar(index: number, share: number): string {
  const height = Math.max(1, Math.round(share * HEIGHT));
  return `M${index * WIDTH} ${HEIGHT}v-${height}h${WIDTH - 1}v${height}z`;
}
