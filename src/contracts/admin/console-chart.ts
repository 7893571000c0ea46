/** A chart of the console, from the page to the script that draws it: JSON in `data-chart`. */
export interface ConsoleChart {
  /** Start of the first period, milliseconds since 1970. */
  fromMs: number;
  periodMs: number;
  /** Stacked upon each other, the lowest first. */
  series: ConsoleChartSeries[];
}

export interface ConsoleChartSeries {
  name: string;
  /** Class whose `fill` is the colour: the style sheet knows light and dark. */
  colour: string;
  /** A number for each period. */
  points: number[];
}
