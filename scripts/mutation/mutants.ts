import ts from 'typescript';

/** One small change of a source text that some test should notice. */
export interface Mutant {
  /** Path from the root of the checkout. */
  readonly file: string;
  /** Where the changed text begins and ends, in characters. */
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** The whole line in which it begins, without indentation. */
  readonly lineText: string;
  readonly before: string;
  readonly after: string;
}

type Change = readonly [node: ts.Node, after: string];

const TOKENS: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, '==='],
  [ts.SyntaxKind.LessThanToken, '<='],
  [ts.SyntaxKind.LessThanEqualsToken, '<'],
  [ts.SyntaxKind.GreaterThanToken, '>='],
  [ts.SyntaxKind.GreaterThanEqualsToken, '>'],
  [ts.SyntaxKind.AmpersandAmpersandToken, '||'],
  [ts.SyntaxKind.BarBarToken, '&&'],
  [ts.SyntaxKind.PlusToken, '-'],
  [ts.SyntaxKind.MinusToken, '+'],
  [ts.SyntaxKind.AsteriskToken, '/'],
  [ts.SyntaxKind.SlashToken, '*'],
  [ts.SyntaxKind.PlusEqualsToken, '-='],
  [ts.SyntaxKind.MinusEqualsToken, '+='],
]);

/** All mutants of one source, in the order of the text: operators, conditions, literals and calls that are left out. */
export function mutantsOf(file: string, source: string): Mutant[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const lines = source.split('\n');
  const found: Mutant[] = [];
  const visit = (node: ts.Node): void => {
    // Types are the compiler's to check, and a decorator is a declaration: what it declares is tested as a whole.
    if (ts.isTypeNode(node) || ts.isDecorator(node) || ts.isImportDeclaration(node)) return;
    for (const [changed, after] of changesOf(node)) {
      const start = changed.getStart(tree);
      const before = source.slice(start, changed.end);
      const line = tree.getLineAndCharacterOfPosition(start).line + 1;
      const lineText = (lines[line - 1] as string).trim();
      found.push({ file, start, end: changed.end, line, lineText, before, after });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found.sort((one, other) => one.start - other.start || one.after.localeCompare(other.after));
}

/** The source with the change made. */
export function mutated(source: string, { start, end, after }: Mutant): string {
  return source.slice(0, start) + after + source.slice(end);
}

function changesOf(node: ts.Node): readonly Change[] {
  if (ts.isBinaryExpression(node)) {
    const { operatorToken, left, right } = node;
    // A sum of texts has no minus.
    if (operatorToken.kind === ts.SyntaxKind.PlusToken && [left, right].some(isText)) return [];
    if (operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) return [[node, left.getText()]];
    const after = TOKENS.get(operatorToken.kind);
    return after === undefined ? [] : [[operatorToken, after]];
  }
  if (ts.isIfStatement(node))
    return [
      [node.expression, 'true'],
      [node.expression, 'false'],
    ];
  if (ts.isConditionalExpression(node)) return [[node.condition, `!(${node.condition.getText()})`]];
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.ExclamationToken)
    return [[node, node.operand.getText()]];
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [[node, 'false']];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [[node, 'true']];
  if (ts.isNumericLiteral(node)) return [[node, `(${node.getText()} + 1)`]];
  if (ts.isExpressionStatement(node) && isCall(node.expression)) return [[node, ';']];
  return [];
}

const isText = (node: ts.Node): boolean => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);

function isCall(node: ts.Expression): boolean {
  if (ts.isAwaitExpression(node) || ts.isVoidExpression(node)) return isCall(node.expression);
  return ts.isCallExpression(node) && node.expression.kind !== ts.SyntaxKind.SuperKeyword;
}
