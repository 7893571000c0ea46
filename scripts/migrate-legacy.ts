/** Imports keys of the earlier system: `npm run migrate:legacy -- --help`. Needs a build. */
import { existsSync } from 'node:fs';

const COMMAND = new URL('../dist/key-service/legacy-import/legacy-import.command.js', import.meta.url);

if (!existsSync(COMMAND)) {
  process.stderr.write('There is no build yet: run "npm run build" first.\n');
  process.exit(1);
}
const { runLegacyImport } = (await import(COMMAND.href)) as {
  runLegacyImport: (
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    streams: { out: (text: string) => void; err: (text: string) => void },
  ) => Promise<number>;
};
process.exitCode = await runLegacyImport(process.argv.slice(2), process.env, {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
