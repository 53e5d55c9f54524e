import type { Cpu } from '../engine/cpu.js';
import { oneDnnEnabled } from '../engine/onednn.js';
import { checkPrecision } from '../engine/precision.js';
import { chooseDevice, DEVICE_VARIABLE, deviceMeant, suiteDevice, type DeviceChoice, type GpuSearch } from '../engine/runtime/index.js';
import { EngineError } from '../errors.js';
import type { ResolvedSuite } from '../suite/resolved.js';
import { parseYaml } from '../suite/yaml.js';

export interface Asked {
  readonly file: string;
  /** What the file holds. */
  readonly text: string;
  readonly suite: Pick<ResolvedSuite, 'engine'>;
  /** The option --device, which goes before the suite. */
  readonly device?: DeviceChoice | undefined;
}

/** What there is, for tests; default: this machine. */
export interface MachineFacts { readonly findGpus?: () => Promise<GpuSearch>; readonly cpu?: Cpu }

/**
 * Whether this machine has what a suite's `engine` asks for: before anything is set up, and once instead of in every job.
 * EngineError, with the place in the file (or the option or variable that goes before it), for a GPU that is not there and
 * for bf16 on a processor that has not its instructions.
 */
export async function checkMachine(asked: Asked, facts: MachineFacts = {}): Promise<void> {
  const { file, text, suite: { engine }, device } = asked;
  const choice = deviceMeant(engine.device, device);
  if (choice !== 'cuda' && engine.precision === 'f32') return;
  const inSuite = (error: EngineError, key: keyof ResolvedSuite['engine']): EngineError => {
    const { line, column } = parseYaml(text, file).locate(['engine', key], 'value');
    return reworded(error, `engine.${key}: ${error.message}`, `${file}:${line}:${column}`);
  };
  const chosen = await chooseDevice(choice, facts.findGpus).catch((error: unknown) => {
    if (!(error instanceof EngineError)) throw error;
    if (device !== undefined) throw reworded(error, error.message, `--device ${device}`);
    throw suiteDevice(engine.device) === undefined ? reworded(error, error.message, `${DEVICE_VARIABLE}=${choice}`) : inSuite(error, 'device');
  });
  try {
    checkPrecision(engine.precision, { mode: 'traced', device: chosen.device, oneDnn: oneDnnEnabled() }, facts.cpu);
  } catch (error) {
    throw error instanceof EngineError ? inSuite(error, 'precision') : error;
  }
}

const reworded = (error: EngineError, message: string, where: string): EngineError =>
  new EngineError(message, { where, cause: error, ...(error.fix === undefined ? {} : { fix: error.fix }) });
