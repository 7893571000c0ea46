/**
 * `npm run deploy:k8s`: installs the chart in a Kubernetes of one node and rolls, upgrades and takes back what it has
 * installed, under load. Networks and packet filter rules are those of a network namespace that ends with the run.
 *
 * Exit codes: 0 all promises hold, or no cluster can be started here; 1 one is broken.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { helmFolder, HELMS, installHelm } from '../../scripts/prepare/helm.mjs';
import { runProgram, startProgram } from '../../test/support/programs/child-program.ts';
import { removeCgroups } from '../engine/cgroups.ts';
import { runCleanly } from '../engine/clean-run.ts';
import { inNamespaces } from '../engine/namespaces.ts';
import { whyNoEngine } from '../engine/requirements.ts';
import { buildImages } from './images.ts';
import { kubernetesPrograms } from './programs.ts';

const ROOT = join(import.meta.dirname, '../..');
/** The kubelet sets them for the whole machine. */
const SYSCTLS = ['vm.overcommit_memory', 'kernel.panic', 'kernel.panic_on_oops'];

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  console.log(`${what}: ${((performance.now() - start) / 1000).toFixed(0)} s`);
  return result;
}

async function whyNoCluster(): Promise<string | undefined> {
  const engine = await whyNoEngine();
  if (engine !== undefined) return engine;
  if (process.arch !== 'x64') return 'it needs x64';
  const missing: string[] = [];
  for (const program of ['etcd', 'containerd', 'ctr', 'runc', 'conntrack', 'openssl'])
    if ((await startProgram('which', [program]).exited) !== 0) missing.push(program);
  if (!existsSync('/usr/lib/cni/bridge')) missing.push('the package containernetworking-plugins');
  return missing.length > 0 ? `it needs ${missing.join(', ')}` : undefined;
}

async function main(): Promise<number> {
  const reason = await whyNoCluster();
  if (reason !== undefined) {
    console.log(`The chart was not installed, as no cluster can be started here: ${reason}`);
    return 0;
  }
  await installHelm(ROOT);
  const settings = (await runProgram('sysctl', ['--values', ...SYSCTLS])).trim().split('\n');
  return runCleanly({
    name: 'kubernetes',
    work: installAndCheck,
    async cleanUp() {
      for (const [n, name] of SYSCTLS.entries()) await runProgram('sysctl', ['-q', `${name}=${settings[n]}`]);
      await removeCgroups('kubepods');
    },
  });
}

async function installAndCheck(folder: string): Promise<number> {
  const cache = join(ROOT, '.cache/kubernetes');
  const programs = await timed('Kubernetes', () => kubernetesPrograms(folder, cache));
  const archive = await timed('the images', () => buildImages(folder));
  const tools = helmFolder(ROOT, HELMS.at(-1)?.version ?? '');
  const script = join(import.meta.dirname, 'inside.ts');
  const checks = [process.execPath, script, folder, programs, tools, archive];
  const [command, ...args] = inNamespaces(folder, checks, true);
  const program = startProgram(command, args, {
    detached: true,
    stdio: ['pipe', 'inherit', 'inherit'],
    env: process.env,
  });
  return (await program.exited) === 0 ? 0 : 1;
}

const started = performance.now();
process.exitCode = await main();
console.log(`${((performance.now() - started) / 1000).toFixed(0)} s in all`);
