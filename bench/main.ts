import { join } from 'node:path';
import { availableParallelism, loadavg } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { MaskbenchError, UsageError } from '../src/errors.js';
import { writeFileAtomic } from '../src/files.js';
import { didYouMean } from '../src/nearest.js';
import { describeMachine } from './machine.js';
import { chooseDevice, deviceChoices, deviceOfEnvironment, type DeviceChoice } from '../src/engine/runtime/index.js';
import { leftOutOn, parts, type Found, type Part } from './parts/index.js';
import { findPython, PYTHON_ADVICE, PYTHON_VARIABLE } from './python.js';
import { renderBench } from './report.js';
import type { BenchResult } from './results.js';
import type { Session } from './session.js';

interface Options {
  readonly only?: readonly string[];
  readonly rounds?: number;
  readonly seconds?: number;
  readonly quick?: boolean;
  readonly python?: string;
  readonly name?: string;
  readonly device?: DeviceChoice;
}

const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('A number above 0 is needed.');
  return value;
};
const whole = (text: string): number => {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A whole number of at least 1 is needed.');
  return Number(text);
};

/** Parts whose names were given, or begin with what was given; all without a filter. */
function chosen(only: readonly string[] | undefined): readonly Part[] {
  if (only === undefined) return parts;
  const matches = (part: Part, wanted: string): boolean => part.name === wanted || part.name.startsWith(`${wanted}/`);
  const beginnings = new Set(parts.flatMap(({ name }) => name.split('/').map((_, i, words) => words.slice(0, i + 1).join('/'))));
  const unknown = only.find((wanted) => !beginnings.has(wanted));
  if (unknown !== undefined) throw new UsageError(`the bench has no part "${unknown}"${didYouMean(unknown, beginnings)}`, { where: '--only', fix: `Parts: ${[...beginnings].join(', ')}.` });
  return parts.filter((part) => only.some((wanted) => matches(part, wanted)));
}

async function bench(options: Options): Promise<void> {
  const load = loadavg();
  const wanted = chosen(options.only);
  const { device } = await chooseDevice(options.device ?? deviceOfEnvironment());
  const python = await findPython(options.python ?? process.env[PYTHON_VARIABLE]);
  if ('absent' in python) process.stderr.write(`${python.absent}\n${PYTHON_ADVICE}\n`);
  const versions: Record<string, string> = {};
  const session: Session = {
    rounds: options.rounds ?? (options.quick ? 2 : 7),
    seconds: options.seconds ?? (options.quick ? 0.2 : 2),
    cores: availableParallelism(),
    device,
    python, versions,
    others: [],
    progress: (text) => void process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${text}` : `${text}\n`),
  };
  const found: Found = { partsLeftOut: [], speed: [], methods: [], loader: [], layouts: [], layoutsLeftOut: [], switches: null, peakMemory: null, flatMemory: null, profiles: [] };
  const result = (): BenchResult => ({
    schema: 2, name: options.name ?? new Date().toISOString().slice(0, 10), machine: describeMachine(load, versions, session.others),
    settings: { rounds: session.rounds, seconds: session.seconds, device }, ...found,
  });
  for (const part of wanted) {
    const reason = leftOutOn(part, device);
    try {
      if (reason === null) await part.run(session, found);
      else found.partsLeftOut = [...found.partsLeftOut, { name: part.name, reason }];
    } catch (error) {
      process.stderr.write(`${part.name} failed: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    }
    if (options.quick !== true || options.name !== undefined) await write(result());
  }
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  process.stdout.write(renderBench(result()));
}

/** Written after every part, so that a long run that is interrupted leaves what it has. */
async function write(result: BenchResult): Promise<void> {
  const path = join('bench', 'results', result.name);
  await writeFileAtomic(`${path}.json`, `${JSON.stringify(result, null, 1)}\n`);
  await writeFileAtomic(`${path}.md`, renderBench(result));
}

const command = new Command('npm run bench --')
  .description('Measures this machine: the engine\'s steps beside PyTorch\'s, in turns. Prints Markdown and writes bench/results/. See bench/NOTES.md.')
  .option('--only <parts>', 'parts to run, by name or beginning: speed/quick,memory', (text: string) => text.split(','))
  .option('--rounds <n>', 'turns of every contestant (7; 2 with --quick)', whole)
  .option('--seconds <s>', 'least time of a turn (2; 0.2 with --quick)', positive)
  .addOption(new Option('--device <name>', 'what everything is measured on (else MASKBENCH_DEVICE, else auto); auto: cuda where an NVIDIA GPU is, else cpu').choices(deviceChoices))
  .option('--python <path>', `Python with torch and numpy, else that of ${PYTHON_VARIABLE}`)
  .option('--name <name>', 'name of the result files (the date)')
  .option('--quick', 'only to see that everything works: short turns, and no files without --name');

try {
  await bench(command.parse().opts<Options>());
} catch (error) {
  process.stderr.write(`${error instanceof MaskbenchError ? error.describe() : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = error instanceof MaskbenchError ? error.exitCode : 70;
}
