import { Command } from 'commander';
import type { DeviceChoice, RuntimeOptions } from '../engine/runtime/index.js';
import { deviceOption } from './device-option.js';
import { pathName } from './path-name.js';

const help = `
The runtime is TensorFlow's own library, set up once a user: from the folder that MASKBENCH_TENSORFLOW names, else from
TensorFlow's wheel through pip, else from the archive of its C library. MASKBENCH_CACHE moves the cache. Runtimes for the
CPU and for CUDA lie side by side; each process uses one (--device, else MASKBENCH_DEVICE, else auto).

Examples:
  maskbench engine                     what runs the tensors here, and what could be better
  maskbench engine install             set the runtime up now (every command that needs it does so by itself)
  maskbench engine install --device cuda   the one for NVIDIA GPUs, with its CUDA libraries
  maskbench engine verify              compare every byte of it with its checksums

Exit codes:
  0   ready
  2   not set up, damaged, or cannot be set up here`;

interface Flags { readonly json?: true; readonly threads?: string; readonly device?: DeviceChoice }

/** `maskbench engine`: shows, installs and verifies the tensor runtime. */
export function engineCommand(): Command {
  const engine = new Command('engine')
    .description('show, install or verify the tensor runtime')
    .option('--json', 'print JSON')
    .option('--threads <n>', 'threads to open it with', '1')
    .addOption(deviceOption())
    .addHelpText('after', help)
    .action(async (flags: Flags) => {
      const { describeEngine, engineLines } = await import('../engine/describe.js');
      const { showProgress } = await import('./set-up-progress.js');
      const report = await describeEngine({ threads: Number(flags.threads), device: flags.device, onProgress: showProgress() });
      process.stdout.write(flags.json === true ? `${JSON.stringify(report, null, 2)}\n` : `${engineLines(report).join('\n')}\n`);
    });
  engine.addCommand(installCommand());
  engine.addCommand(verifyCommand());
  return engine;
}

function installCommand(): Command {
  return new Command('install')
    .description('set the runtime up')
    .addOption(deviceOption())
    .option('--again', 'even if it is there: download, unpack and build anew')
    .option('--folder <path>', "take TensorFlow's libraries from this folder (as MASKBENCH_TENSORFLOW does)", pathName)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExamples:\n  maskbench engine install --again\n  maskbench engine install --device cuda   TensorFlow for NVIDIA GPUs and its CUDA libraries (about 3 GB)\n\nExit codes: 0 ready, 2 it cannot be set up (the message says what was tried)')
    .action(async (flags: { readonly again?: true; readonly folder?: string; readonly device?: DeviceChoice; readonly json?: true }, command: Command) => {
      const { ensureRuntime } = await import('../engine/runtime/index.js');
      const { showProgress } = await import('./set-up-progress.js');
      const options: RuntimeOptions = { again: flags.again, folder: flags.folder, device: deviceOf(flags, command), onProgress: showProgress() };
      const runtime = await ensureRuntime(options);
      process.stdout.write(wantsJson(flags, command) ? `${JSON.stringify(runtime, null, 2)}\n` : `TensorFlow ${runtime.version} is ready (device ${runtime.device}): ${runtime.addon}\n`);
    });
}

function verifyCommand(): Command {
  return new Command('verify')
    .description('compare the runtime with its checksums')
    .addOption(deviceOption())
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  maskbench engine verify\n\nExit codes: 0 intact, 2 damaged or not there')
    .action(async (flags: { readonly device?: DeviceChoice; readonly json?: true }, command: Command) => {
      const { verifyRuntime } = await import('../engine/runtime/index.js');
      const { statusLines } = await import('../engine/describe.js');
      const status = await verifyRuntime({ device: deviceOf(flags, command) });
      process.stdout.write(wantsJson(flags, command) ? `${JSON.stringify(status, null, 2)}\n` : `${statusLines(status).join('\n')}\n`);
      if (status.state !== 'ready') process.exitCode = 2;
    });
}

/** `engine --device cpu verify` gives the option to the parent command. */
const deviceOf = (flags: { readonly device?: DeviceChoice }, command: Command): DeviceChoice | undefined => flags.device ?? command.parent?.opts<Flags>().device;

/** `engine --json verify` gives the flag to the parent command. */
const wantsJson = (flags: { readonly json?: true }, command: Command): boolean => flags.json === true || command.parent?.opts<Flags>().json === true;
