/** A segment of a template: text, a parameter with perhaps text behind it, or all that is left of the path. */
export type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter'; readonly suffix: string }
  | { readonly kind: 'tail' };

const PARAMETER = /^\{\w+(:path)?\}(.*)$/;

/** Segments of a template, without the empty one before its first slash. */
export function segmentsOf(template: string): Segment[] {
  return template
    .slice(1)
    .split('/')
    .map((text): Segment => {
      const parameter = PARAMETER.exec(text);
      if (!parameter) return { kind: 'literal', text };
      return parameter[1] ? { kind: 'tail' } : { kind: 'parameter', suffix: parameter[2] ?? '' };
    });
}

/** Whether there is a path that both take. */
export function overlap(one: readonly Segment[], other: readonly Segment[]): boolean {
  const [first, ...rest] = one;
  const [second, ...others] = other;
  if (first?.kind === 'tail' || second?.kind === 'tail') {
    const [tail, tailRest, whole] = first?.kind === 'tail' ? [first, rest, other] : [second, others, one];
    if (tail === undefined) return false;
    // A tail takes any number of segments of the other one.
    return Array.from({ length: whole.length + 1 }, (_, taken) => whole.slice(taken)).some((left) =>
      overlap(tailRest, left),
    );
  }
  if (first === undefined || second === undefined) return first === second;
  return segmentsMeet(first, second) && overlap(rest, others);
}

function segmentsMeet(
  one: Exclude<Segment, { kind: 'tail' }>,
  other: Exclude<Segment, { kind: 'tail' }>,
): boolean {
  if (one.kind === 'literal' && other.kind === 'literal') return one.text === other.text;
  if (one.kind === 'parameter' && other.kind === 'parameter')
    return one.suffix.endsWith(other.suffix) || other.suffix.endsWith(one.suffix);
  const [text, suffix] =
    one.kind === 'literal'
      ? [one.text, (other as { suffix: string }).suffix]
      : [(other as { text: string }).text, one.suffix];
  return text.length > suffix.length && text.endsWith(suffix);
}

/** The expression that FastAPI makes of a template; its dot takes all but a line feed. */
export function toExpression(template: string): RegExp {
  const source = template
    .split(/(\{\w+(?::path)?\})/)
    .map((part) => {
      if (!part.startsWith('{')) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      return part.endsWith(':path}') ? '[^\\n]*' : '[^/]+';
    })
    .join('');
  return new RegExp(`^${source}\\n?$`);
}
