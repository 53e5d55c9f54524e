import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { EngineError } from '../../errors.js';
import { lastLines, runCommand } from './command.js';
import { EXTRACT_SCRIPT } from './extract-script.js';
import type { Manifest } from './manifest.js';
import { PYTHON_VERSION, type Wheel } from './platform.js';
import type { OnProgress } from './progress.js';

interface Pip { readonly program: string; readonly prefix: readonly string[] }

const PIPS: readonly Pip[] = [
  { program: 'python3', prefix: ['-m', 'pip'] },
  { program: 'python', prefix: ['-m', 'pip'] },
  { program: 'pip3', prefix: [] },
  { program: 'pip', prefix: [] },
];
const PYTHONS = ['python3', 'python'];

const spoken = ({ program, prefix }: Pip): string => [program, ...prefix].join(' ');

/** The ways out that every failure of the download names. */
export const waysOut = (wheel: Wheel): string => [
  'Ways out:',
  `  - install Python 3 with pip, or let pip reach an index that has ${wheel.project} ${wheel.version} (pip config, PIP_INDEX_URL, PIP_FIND_LINKS), and run \`maskbench engine install\` again;`,
  '  - set MASKBENCH_TENSORFLOW to the folder of an installed tensorflow package (the one with libtensorflow_cc.so.2 and include/);',
  "  - or to a folder with TensorFlow's C library (libtensorflow-cpu-linux-x86_64.tar.gz from tensorflow.org/install/lang_c, 2.18 is the newest), unpacked.",
].join('\n  ');

/**
 * Downloads the wheel through the user's own pip, which knows the user's index, proxy and certificates. A wheel that an
 * earlier, interrupted set-up finished downloading into `folder` is used again.
 */
export async function downloadWheel(wheel: Wheel, folder: string, log: string, onProgress: OnProgress): Promise<string> {
  await mkdir(folder, { recursive: true });
  const earlier = await findWheel(folder);
  if (earlier !== null) return earlier;
  const temporary = join(folder, 'tmp');
  const arrived = join(temporary, 'arrived');
  const tried: string[] = [];
  for (const pip of PIPS) {
    if ((await runCommand(pip.program, [...pip.prefix, '--version'], { log })).code !== 0) {
      tried.push(`${spoken(pip)}: not there`);
      continue;
    }
    await rm(temporary, { recursive: true, force: true });
    await mkdir(arrived, { recursive: true });
    const stop = watchSize(temporary, (bytes) => onProgress({ phase: 'download', done: Math.min(bytes, wheel.bytes || bytes), total: wheel.bytes }));
    const args = [
      ...pip.prefix, 'download', `${wheel.project}==${wheel.version}`, '--no-deps', '--only-binary=:all:', '--python-version', PYTHON_VERSION, '--implementation', 'cp',
      ...wheel.tags.flatMap((tag) => ['--platform', tag]), '--dest', arrived, '--progress-bar', 'off', '--no-input', '--disable-pip-version-check',
    ];
    // pip keeps what it has not finished in TMPDIR: there it can be measured, and a killed set-up leaves nothing elsewhere
    const { code } = await runCommand(pip.program, args, { log, environment: { ...process.env, TMPDIR: temporary } });
    stop();
    const whole = code === 0 ? await findWheel(arrived) : null;
    if (whole !== null) {
      const file = join(folder, basename(whole));
      await rename(whole, file); // pip copies into its target: only now is a wheel that is seen here a whole one
      onProgress({ phase: 'download', done: wheel.bytes, total: wheel.bytes });
      return file;
    }
    const reason = (await lastLines(log, 2, /error|refused|denied|No space/i)).map((line) => line.trim()).join(' / ');
    tried.push(`${spoken(pip)} download ${wheel.project}==${wheel.version} (${wheel.tags.join(', ')}): ${reason || `ended with code ${code}`}`);
    break; // the others are the same pip under another name
  }
  throw new EngineError(`TensorFlow's runtime could not be downloaded. Tried:\n    - ${tried.join('\n    - ')}`, { where: 'engine set-up', fix: `Log: ${log}\n  ${waysOut(wheel)}` });
}

async function findWheel(folder: string): Promise<string | null> {
  const name = (await readdir(folder)).find((file) => file.endsWith('.whl'));
  return name === undefined ? null : join(folder, name);
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

/** Unpacks libraries and headers into `target`; returns what the manifest says of the libraries. */
export async function extractWheel(wheel: Wheel, file: string, target: string, headers: readonly string[], log: string, onProgress: OnProgress): Promise<Manifest['files']> {
  await mkdir(target, { recursive: true });
  for (const python of PYTHONS) {
    let files: Manifest['files'] | null = null;
    const onLine = (line: string): void => {
      const message = JSON.parse(line) as { done?: number; total?: number; files?: Manifest['files'] };
      if (message.files !== undefined) files = message.files;
      else onProgress({ phase: 'extract', done: message.done ?? 0, total: message.total ?? 0 });
    };
    const { code } = await runCommand(python, ['-c', EXTRACT_SCRIPT, file, target, wheel.libraries.join(','), headers.join(',')], { log, onLine });
    if (code === null) continue;
    if (code === 0 && files !== null) return files;
    await rm(file, { force: true }); // a damaged wheel must not be used again
    throw new EngineError(`TensorFlow's wheel could not be unpacked: ${(await lastLines(log, 1)).join('').trim()}`, { where: file, fix: `Run \`maskbench engine install\` again (the download is repeated). Log: ${log}` });
  }
  throw new EngineError(`Python is needed to unpack the wheel; tried ${PYTHONS.join(', ')}`, { where: 'engine set-up', fix: 'Install Python 3.' });
}
