/**
 * Run as a program (`node probe.js THREADS`): opens the engine and prints its EngineInfo as JSON. A process of its own, so
 * that what TensorFlow writes to stderr as it loads can be kept apart, and a library that crashes on this CPU is an error.
 */
import { openEngine } from './index.js';

const { info } = await openEngine({ threads: Number(process.argv[2]) });
process.stdout.write(JSON.stringify(info));
