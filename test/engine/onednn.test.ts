import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { testDevice } from './device.js';

const engine = new URL('../../dist/engine/index.js', import.meta.url).href;
const script = `const { info } = await (await import(${JSON.stringify(engine)})).openEngine({ threads: 1, device: ${JSON.stringify(testDevice)} }); console.log(info.oneDnn);`;

it.runIf(process.arch === 'x64').each([['unset', undefined, true], ['empty', '', true], ['1', '1', true], ['0', '0', false], ['false', 'false', false]])(
  'what results say of oneDNN is what TensorFlow says as it loads, on any processor: TF_ENABLE_ONEDNN_OPTS %s', (_, value, on) => {
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8', env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '0', TF_ENABLE_ONEDNN_OPTS: value },
    });
    expect({ said: stderr.includes('oneDNN custom operations are on'), result: stdout.trim() }).toEqual({ said: on, result: String(on) });
  });
