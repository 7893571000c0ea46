import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

export interface Closure {
  /** Built files that are reached, by their paths below `dist/`. */
  readonly files: readonly string[];
  /** Packages that they import. */
  readonly packages: readonly string[];
}

/**
 * @param dist folder of the build
 * @param entries files where it begins, by their paths below it
 */
export function closureOf(dist: string, entries: readonly string[]): Closure {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    if (!file.endsWith('.js')) return;
    for (const wanted of importsOf(readFileSync(join(dist, file), 'utf8')))
      if (wanted.startsWith('.')) visit(relative(dist, join(dist, dirname(file), wanted)));
      else if (!wanted.startsWith('node:')) packages.add(packageOf(wanted));
  };
  entries.forEach(visit);
  return { files: [...files].sort(), packages: [...packages].sort() };
}

/** What a module imports and re-exports, also when it runs, as it is written there. */
function importsOf(source: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const wanted =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : undefined;
    if (wanted !== undefined && ts.isStringLiteral(wanted)) found.push(wanted.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('module.js', source, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS));
  return found;
}

/** `@scope/name` of `@scope/name/path`. */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
