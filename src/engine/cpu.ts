import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { cpuName } from '../cpu-name.js';

/** Vector and matrix instructions that TensorFlow's kernels use, in order of age. */
const INSTRUCTIONS: readonly (readonly [flag: string, name: string])[] = [
  ['avx2', 'AVX2'], ['fma', 'FMA'], ['avx512f', 'AVX-512'], ['avx512_vnni', 'AVX512_VNNI'], ['avx512_bf16', 'AVX512_BF16'], ['amx_bf16', 'AMX_BF16'],
];

export interface Cpu {
  readonly model: string;
  /** Cores that this process may use. */
  readonly cores: number;
  readonly memoryBytes: number;
  /** Null where the platform does not tell. */
  readonly instructions: readonly string[] | null;
  /** Whether bf16 matrix products run natively. */
  readonly bf16: boolean | null;
}

export function describeCpu(cpuinfo = readCpuInfo()): Cpu {
  const flags = cpuinfo === null ? null : (/^flags\s*:\s*(.*)$/m.exec(cpuinfo)?.[1]?.split(' ') ?? null);
  const instructions = flags === null ? null : INSTRUCTIONS.filter(([flag]) => flags.includes(flag)).map(([, name]) => name);
  return {
    model: cpuName(),
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    instructions,
    bf16: flags === null ? null : flags.includes('avx512_bf16') || flags.includes('amx_bf16'),
  };
}

function readCpuInfo(): string | null {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return null;
  }
}
