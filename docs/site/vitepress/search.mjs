/** Words that say nothing of what is looked for. */
const STOP_WORDS =
  'a all an and are as at be by can do does for from get happen happens has have how i if in into is it its me my no not of on or our so that the their then there this to was we what when where which who why will with you your';

/**
 * How the site's search reads pages and questions, as MiniSearch takes it. `processTerm` is sent to the browser as text: it can
 * use nothing from outside itself.
 */
export const miniSearch = {
  options: {
    processTerm: new Function(
      'term',
      `const word = term.toLowerCase(); return ${JSON.stringify(STOP_WORDS.split(' '))}.includes(word) ? null : word;`,
    ),
  },
  searchOptions: {
    /** Pages for those who change the project, and lists of calls, come behind those that explain. */
    boostDocument: new Function(
      'id',
      'return /^[/](?:contributing|style|changelog|benchmarks|architecture|releasing|http-api|cli-reference|configuration)/.test(id) ? 0.3 : 1;',
    ),
    boost: { title: 4, titles: 2, text: 1 },
    fuzzy: 0.2,
    prefix: true,
  },
};
