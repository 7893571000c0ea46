import type { ComponentChild, ComponentChildren } from 'preact';

/** Of a column; undefined for a column of links, which needs none. */
type Heading = string | { readonly number: ComponentChildren } | undefined;

interface TableProps {
  /** Name of the region, for screen readers. */
  readonly label: string;
  readonly caption?: ComponentChildren;
  /** Style of the table, where it is not the common one. */
  readonly kind?: 'sums' | 'numbers';
  readonly headings: readonly Heading[];
  readonly rows: readonly ComponentChild[];
  /** Shown if there are no rows. */
  readonly none?: string;
}

/** A table that scrolls by itself in a narrow window, by keyboard too. */
export function Table({ label, caption, kind, headings, rows, none }: TableProps) {
  return (
    <div class="wide" tabIndex={0} role="region" aria-label={label}>
      <table class={kind}>
        {caption !== undefined && <caption>{caption}</caption>}
        <thead>
          <tr>{headings.map(headingCell)}</tr>
        </thead>
        <tbody>
          {rows}
          {none !== undefined && rows.length === 0 && (
            <tr>
              <td colSpan={headings.length}>{none}</td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}

function headingCell(heading: Heading) {
  if (heading === undefined) return <td />;
  if (typeof heading === 'string') return <th scope="col">{heading}</th>;
  return (
    <th scope="col" class="number">
      {heading.number}
    </th>
  );
}
