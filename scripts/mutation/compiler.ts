import { statSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A name that is no longer used is a trace of the change, and no test: whoever makes it by mistake takes the name away. */
const MORE_OPTIONS: ts.CompilerOptions = { noUnusedLocals: false, noUnusedParameters: false };

/**
 * Compiles one folder again and again. It stays in memory with what it knows of every file: a change of one takes a
 * second, where a compiler that begins anew takes most of a minute on a busy machine.
 */
export class Compiler {
  private readonly project: ts.ParsedCommandLine;
  private readonly parsed = new Map<string, { version: string; file: ts.SourceFile | undefined }>();
  private last: ts.SemanticDiagnosticsBuilderProgram | undefined;

  /** @param folder has a tsconfig.json */
  constructor(folder: string) {
    const path = join(folder, 'tsconfig.json');
    const { config, error } = ts.readConfigFile(path, (file) => ts.sys.readFile(file));
    if (error) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'));
    this.project = ts.parseJsonConfigFileContent(config, ts.sys, folder, MORE_OPTIONS);
  }

  /** Whether it refuses the sources as they are now. */
  fails(): boolean {
    const { fileNames, options, errors } = this.project;
    const host = ts.createIncrementalCompilerHost(options);
    const parse = host.getSourceFile.bind(host);
    host.getSourceFile = (name, ...rest) => {
      const { mtimeMs, size } = statSync(name, { throwIfNoEntry: false }) ?? { mtimeMs: 0, size: 0 };
      const version = `${mtimeMs} ${size}`;
      const known = this.parsed.get(name);
      if (known?.version === version) return known.file;
      const file = parse(name, ...rest);
      this.parsed.set(name, { version, file });
      return file;
    };
    this.last = ts.createSemanticDiagnosticsBuilderProgram(fileNames, options, host, this.last, errors);
    return (
      [
        ...this.last.getConfigFileParsingDiagnostics(),
        ...this.last.getOptionsDiagnostics(),
        ...this.last.getGlobalDiagnostics(),
        ...this.last.getSyntacticDiagnostics(),
        ...this.last.getSemanticDiagnostics(),
      ].length > 0
    );
  }
}
