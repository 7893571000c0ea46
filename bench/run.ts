/** `npm run bench`: measures the gateway beside its peers and writes README.md. See USAGE for options. */
import { parseBenchArguments, USAGE, type BenchArguments } from './lib/arguments.ts';
import { cleanUpAtExit } from './lib/children.ts';
import { table, writeSection } from './lib/readme.ts';
import { versionLine } from './lib/versions.ts';
import { profileGateway } from './profile.ts';
import { SECTIONS } from './sections/all.ts';
import { CannotRun, figureRows, type Section, type SectionResult } from './sections/section.ts';

/** What README.md says of one section. */
function described(result: SectionResult, args: BenchArguments, versions: string): string {
  const date = new Date().toISOString().slice(0, 10);
  return [
    table(figureRows(result.figures)),
    table(result.details),
    result.notes.map((note) => `- ${note}`).join('\n'),
    `Measured on ${date}, ${args.rounds} rounds of ${args.seconds} s: ${versions}.`,
  ]
    .filter((block) => block !== '')
    .join('\n\n');
}

/** @returns whether the section could be measured */
async function runSection(section: Section, args: BenchArguments, versions: string): Promise<boolean> {
  process.stderr.write(`${section.title}\n`);
  try {
    const content = described(await section.run(args), args, versions);
    console.log(`## ${section.title}\n\n${content}\n`);
    if (args.write) await writeSection(section.name, content);
    return true;
  } catch (error) {
    const reason = error instanceof CannotRun ? error.message : ((error as Error).stack ?? String(error));
    process.stderr.write(`  not measured: ${reason}\n`);
    return false;
  }
}

async function main(args: BenchArguments): Promise<number> {
  if (args.profile) {
    await profileGateway(args);
    return 0;
  }
  const unknown = args.only.filter((name) => !SECTIONS.some((section) => section.name === name));
  if (unknown.length > 0) throw new TypeError(`there is no section ${unknown.join(', ')}`);
  const versions = await versionLine();
  const startedMs = performance.now();
  let failed = 0;
  for (const section of SECTIONS) {
    if (args.only.length > 0 && !args.only.includes(section.name)) continue;
    if (performance.now() - startedMs > args.maxMinutes * 60_000) {
      process.stderr.write(`${section.title}: left out, ${args.maxMinutes} minutes are over\n`);
      failed += 1;
    } else if (!(await runSection(section, args, versions))) failed += 1;
  }
  return failed === 0 ? 0 : 1;
}

cleanUpAtExit();
try {
  process.exit(await main(parseBenchArguments(process.argv.slice(2))));
} catch (error) {
  process.stderr.write(
    error instanceof TypeError ? `${error.message}\n${USAGE}\n` : `${String((error as Error).stack)}\n`,
  );
  process.exit(2);
}
