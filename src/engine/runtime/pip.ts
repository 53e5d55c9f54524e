import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EngineError } from '../../errors.js';
import { lastLines, runCommand } from './command.js';
import { PYTHON_VERSION } from './platform.js';

/** Downloads wheels through the user's own pip, which knows the user's index, proxy and certificates. */

interface Pip { readonly program: string; readonly prefix: readonly string[] }

const PIPS: readonly Pip[] = [
  { program: 'python3', prefix: ['-m', 'pip'] },
  { program: 'python', prefix: ['-m', 'pip'] },
  { program: 'pip3', prefix: [] },
  { program: 'pip', prefix: [] },
];

const spoken = ({ program, prefix }: Pip): string => [program, ...prefix].join(' ');

export interface DownloadOptions {
  /** Platform tags to accept. */
  readonly tags: readonly string[];
  /** Where wheels go; those that an earlier, interrupted set-up finished are used again. */
  readonly folder: string;
  readonly log: string;
  /** Bytes that have arrived so far. */
  readonly onBytes: (bytes: number) => void;
}

/** Nothing came of the download. The message lists what was tried. */
export class DownloadError extends EngineError {
  constructor(readonly tried: readonly string[], log: string) {
    super(`this could not be downloaded: ${tried.join('; ')}`, { where: 'engine set-up', fix: `Log: ${log}` });
  }
}

/** A name as wheels write it. */
const normalised = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '_');

/** Whether a wheel's file (`project-version-tags.whl`) is of a requirement (`nvidia-cublas-cu12<13.0,>=12.5`, `tensorflow==2.21.0`). */
function fits(requirement: string, file: string): boolean {
  const [project, version] = file.split('-') as [string, string];
  const name = /^[\w.-]+/.exec(requirement)![0];
  const exact = /==([\w.+]+)$/.exec(requirement)?.[1];
  return normalised(name) === normalised(project) && (exact === undefined || exact === version);
}

const wheelsIn = async (folder: string): Promise<readonly string[]> => (await readdir(folder)).filter((name) => name.endsWith('.whl'));

/** Wheels of the requirements, in their order, without what those require. DownloadError with what was tried. */
export async function downloadWheels(requirements: readonly string[], options: DownloadOptions): Promise<readonly string[]> {
  const { folder } = options;
  await mkdir(folder, { recursive: true });
  const missing = await missingFrom(folder, requirements);
  if (missing.length > 0) await download(missing, options);
  const files = await wheelsIn(folder);
  return requirements.map((requirement) => join(folder, files.find((file) => fits(requirement, file))!));
}

async function missingFrom(folder: string, requirements: readonly string[]): Promise<readonly string[]> {
  const files = await wheelsIn(folder);
  return requirements.filter((requirement) => !files.some((file) => fits(requirement, file)));
}

async function download(requirements: readonly string[], { tags, folder, log, onBytes }: DownloadOptions): Promise<void> {
  const temporary = resolve(folder, 'tmp');
  const arrived = join(temporary, 'arrived');
  const tried: string[] = [];
  for (const pip of PIPS) {
    // `-m` imports from where it is started before anything else: not from the user's folder, which may hold a pip.py
    if ((await runCommand(pip.program, [...pip.prefix, '--version'], { folder, log })).code !== 0) {
      tried.push(`${spoken(pip)}: not there`);
      continue;
    }
    await rm(temporary, { recursive: true, force: true });
    await mkdir(arrived, { recursive: true });
    const stop = watchSize(temporary, onBytes);
    const args = [
      ...pip.prefix, 'download', ...requirements, '--no-deps', '--only-binary=:all:', '--python-version', PYTHON_VERSION, '--implementation', 'cp',
      ...tags.flatMap((tag) => ['--platform', tag]), '--dest', arrived, '--progress-bar', 'off', '--no-input', '--disable-pip-version-check',
    ];
    // pip keeps what it has not finished in TMPDIR: there it can be measured, and a killed set-up leaves nothing elsewhere
    const { code } = await runCommand(pip.program, args, { folder, log, environment: { ...process.env, TMPDIR: temporary } });
    stop();
    // pip copies into its target: only after a rename is a wheel that is seen in the folder a whole one
    if (code === 0) for (const name of await wheelsIn(arrived)) await rename(join(arrived, name), join(folder, name));
    const missing = await missingFrom(folder, requirements);
    if (missing.length === 0) return;
    const reason = (await lastLines(log, 2, /error|refused|denied|No space/i)).map((line) => line.trim()).join(' / ');
    tried.push(`${spoken(pip)} download ${missing.join(' ')} (${tags[0]!}${tags.length > 1 ? ', ...' : ''}): ${reason || `ended with code ${code}`}`);
    break; // the others are the same pip under another name
  }
  throw new DownloadError(tried, log);
}

/** Calls back four times a second with the size of everything below a folder. Returns the function that ends it. */
function watchSize(folder: string, report: (bytes: number) => void): () => void {
  const measure = async (): Promise<void> => {
    const names = await readdir(folder, { recursive: true, encoding: 'utf8' }).catch(() => []);
    const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).then((entry) => (entry.isFile() ? entry.size : 0), () => 0)));
    report(sizes.reduce((sum, size) => sum + size, 0));
  };
  const timer = setInterval(() => void measure(), 250);
  return () => clearInterval(timer);
}
