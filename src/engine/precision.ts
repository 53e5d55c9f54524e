import { EngineError } from '../errors.js';
import type { EngineInfo, Precision } from './contract.js';
import { describeCpu, type Cpu } from './cpu.js';

/** Why bf16 products are not to be had here, or null. Without the instructions they are emulated, slower than f32. */
export function bf16Problem({ mode, device, oneDnn }: Pick<EngineInfo, 'mode' | 'device' | 'oneDnn'>, { model, bf16 }: Pick<Cpu, 'model' | 'bf16'>): string | null {
  if (mode === 'eager') return 'the eager engine computes in f32 only';
  if (device !== 'cpu') return null;
  if (bf16 !== true) return `${model} ${bf16 === null ? 'does not tell whether it has' : 'has neither'} AVX512_BF16 nor AMX_BF16`;
  if (!oneDnn) return 'oneDNN is turned off (TF_ENABLE_ONEDNN_OPTS), and only its products are faster in bf16';
  return null;
}

/** EngineError where bf16 is asked for and not to be had: never computed slowly, and never in another precision than was asked for. */
export function checkPrecision(precision: Precision, engine: Pick<EngineInfo, 'mode' | 'device' | 'oneDnn'>, cpu = describeCpu()): void {
  const problem = precision === 'bf16' ? bf16Problem(engine, cpu) : null;
  if (problem === null) return;
  throw new EngineError(`precision bf16 cannot be used: ${problem}`, { fix: 'Use `precision: f32`, or another machine. `maskbench engine` shows what this one has.' });
}
