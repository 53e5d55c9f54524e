import { expect, it } from 'vitest';
import { adamwUpdate } from '../../src/engine/trace/adamw.js';
import { variableNames } from '../../src/engine/trace/variables.js';

const param = (name: string, decay: boolean) => ({ name, shape: [1], value: new Float32Array(1), trainable: true, decay, lrScale: 1 });

it('orders every update after the read of its parameter, whatever its gradient depends on', () => {
  const { nodes } = adamwUpdate('train/adamw', { kind: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, [param('w', true), param('b', false)], ['constant', 'constant']);
  const inputsOf = new Map(nodes.map(({ name, inputs }) => [name, inputs.map((input) => input.replace(/^\^/, ''))]));
  const before = (name: string): readonly string[] => [name, ...(inputsOf.get(name) ?? []).flatMap(before)];
  const updates = nodes.filter(({ op }) => op === 'ResourceApplyAdam');
  expect(updates).toHaveLength(2);
  for (const { name } of updates) expect(before(name)).toContain(variableNames.read(name.split('/').at(-1)!));
});
