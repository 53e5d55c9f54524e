import { mkdir, rm } from 'node:fs/promises';
import { EngineError } from '../../errors.js';
import { isObject } from '../../files.js';
import { cacheError } from './cache-error.js';
import { lastLines, runCommand } from './command.js';
import { DAMAGED, EXTRACT_SCRIPT } from './extract-script.js';
import type { Manifest } from './manifest.js';
import { downloadWheels } from './pip.js';
import type { Wheel } from './platform.js';
import type { OnProgress } from './progress.js';

const PYTHONS = ['python3', 'python'];

/** What to take out of a wheel. */
export interface Extraction {
  /** Members by name; each must be there. */
  readonly members: readonly string[];
  /** Members by pattern (Python's `re.search` on the name), as many as there are. Null: none. */
  readonly pattern: string | null;
  /** Folder of C headers in the wheel, and those to start from: they are taken with everything that they include. */
  readonly include: string;
  readonly headers: readonly string[];
  /** Beginning of names that is left out where they are written to. */
  readonly strip: string;
}

/** Size and hash of what was unpacked (headers left out), and the wheel's `Requires-Dist` lines. */
export interface Extracted { readonly files: Manifest['files']; readonly requires: readonly string[] }

/** A line of the script; null for any other, which a `python3` that is a wrapper may print. */
function messageIn(line: string): { readonly done: number; readonly total: number } | Extracted | null {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) && ('files' in value || 'done' in value) ? (value as unknown as Extracted) : null;
  } catch {
    return null;
  }
}

/** Unpacks part of a wheel into `target`. EngineError where that fails; a wheel that is damaged is removed, so that it is not used again. */
export async function extractWheel(file: string, extraction: Extraction, target: string, log: string, onProgress: OnProgress): Promise<Extracted> {
  await mkdir(target, { recursive: true });
  for (const python of PYTHONS) {
    let extracted: Extracted | null = null;
    const onLine = (line: string): void => {
      const message = messageIn(line);
      if (message === null) return;
      if ('files' in message) extracted = message;
      else onProgress({ phase: 'extract', ...message });
    };
    // -I: no module of the folder that this is started in
    const { code } = await runCommand(python, ['-I', '-c', EXTRACT_SCRIPT, file, target, JSON.stringify(extraction)], { log, onLine });
    if (code === null) continue;
    if (code === 0 && extracted !== null) return extracted;
    const problem = `TensorFlow's wheel could not be unpacked: ${(await lastLines(log, 1)).join('').trim()}`;
    if (code !== DAMAGED) throw cacheError(problem);
    await rm(file, { force: true });
    throw new EngineError(problem, { where: file, fix: `Run \`maskbench engine install\` again (the download is repeated). Log: ${log}` });
  }
  throw new EngineError(`Python is needed to unpack the wheel; tried ${PYTHONS.join(', ')}`, { where: 'engine set-up', fix: 'Install Python 3.' });
}

/** The libraries, and what they need of CUDA, in the layout of an installed package: `tensorflow/` beside `nvidia/`. */
const NVIDIA_FILES = String.raw`^nvidia/[^/]+/(lib/[^/]+\.so[^/]*|bin/ptxas|nvvm/libdevice/[^/]+)$`;

/** Requirements of one of a wheel's extras, without their markers: `nvidia-cublas-cu12<13.0,>=12.5.3.2`. */
export const requirementsOf = (requires: readonly string[], extra: string): readonly string[] =>
  requires.filter((line) => new RegExp(`;.*\\bextra\\s*==\\s*["']${extra}["']`).test(line)).map((line) => line.split(';')[0]!.replace(/[\s()]/g, ''));

export interface WheelInstall { readonly files: Manifest['files']; readonly source: string }

/** Downloads and unpacks a platform's wheel, and the wheels of its extra, into `target`. DownloadError, EngineError. */
export async function installWheel(wheel: Wheel, downloads: string, target: string, headers: readonly string[], log: string, onProgress: OnProgress): Promise<WheelInstall> {
  const options = { tags: wheel.tags, folder: downloads, log };
  const [file] = await downloadWheels([`${wheel.project}==${wheel.version}`], {
    ...options, onBytes: (bytes) => onProgress({ phase: 'download', done: Math.min(bytes, wheel.bytes || bytes), total: wheel.bytes }),
  });
  onProgress({ phase: 'download', done: wheel.bytes, total: wheel.bytes });
  const own: Extraction = {
    members: wheel.libraries.map((name) => `tensorflow/${name}`), pattern: null,
    include: 'tensorflow/include/', headers, strip: wheel.extra === null ? 'tensorflow/' : '',
  };
  const { files, requires } = await extractWheel(file!, own, target, log, onProgress);
  if (wheel.extra === null) return { files, source: nameOf(file!) };
  const requirements = requirementsOf(requires, wheel.extra);
  if (requirements.length === 0) throw new EngineError(`the wheel names no requirements of its extra ${wheel.extra}`, { where: file!, fix: 'Set MASKBENCH_TENSORFLOW to an installed tensorflow package with its CUDA libraries.' });
  const parts = await downloadWheels(requirements, { ...options, onBytes: (bytes) => onProgress({ phase: 'download-cuda', done: bytes, total: 0 }) });
  const all = { ...files };
  for (const part of parts) {
    const taken = await extractWheel(part, { members: [], pattern: NVIDIA_FILES, include: '', headers: [], strip: '' }, target, log, onProgress);
    Object.assign(all, taken.files);
  }
  return { files: all, source: [file!, ...parts].map(nameOf).join(', ') };
}

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
